package deploy

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Questions are those of docs/runbook.md with their queries of Logs Insights.
func (b *Bundle) Questions() (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(b.Template.Dir(), "docs", "runbook.md"))
	if err != nil {
		return nil, err
	}
	_, asked, _ := strings.Cut(string(text), "\n## How to ask\n")
	asked, _, _ = strings.Cut(asked, "\n## ")
	all := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| (.+\\?) \\| `(.+)` \\|$").FindAllStringSubmatch(asked, -1) {
		all[row[1]] = strings.ReplaceAll(row[2], `\|`, "|") // a bar ends a cell
	}
	return all, nil
}

// queries says that the runbook's questions are saved in Logs Insights, each with the
// runbook's query, and that nothing is saved there that the runbook does not explain.
func queries(c *check) error {
	questions, err := c.Questions()
	if err != nil {
		return err
	}
	err = each(c, "AWS::Logs::QueryDefinition", func(id string, q struct {
		Name  string `yaml:"Name"`
		Query string `yaml:"QueryString"`
	}) {
		name, in := strings.CutPrefix(q.Name, StackName+"/")
		query, asked := questions[name]
		c.want(in, "question", id, "it is not in the folder of the stack")
		c.want(asked, "question", id, "the runbook does not ask %q", name)
		c.want(!asked || q.Query == query, "question", id, "the runbook asks by another query: %s", query)
		delete(questions, name)
	})
	for name := range questions {
		c.want(false, "question", "template", "the runbook's %q is not saved", name)
	}
	return err
}
