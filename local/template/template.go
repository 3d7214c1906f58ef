// Package template reads a SAM template and says what has to run: functions,
// the routes, queues and clocks that call them, and the queues, tables and
// secrets they use. It evaluates parameters, mappings, conditions, Globals and
// the intrinsic functions as CloudFormation does, over YAML nodes, so that every
// problem names the file and the line.
//
// A template is read in three steps, because Ref and GetAtt have their values
// only when the resources exist:
//
//	t, err := template.Read("template.yaml")
//	stack, err := template.NewStack(t, template.Settings{StackName: "fulcrum", …})
//	values := …  // stack.Values(), or those of the provisioner
//	wiring, err := stack.Wiring(values)
//
// Sources: the CloudFormation user guide, "Template anatomy" and "Intrinsic
// function reference"; the SAM developer guide, "Globals section" and "AWS SAM
// resources and properties".
package template

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Template is a template as it was written.
type Template struct {
	path, dir string
	// top are the sections that are mappings: Metadata, Parameters, Mappings,
	// Conditions, Globals, Resources, Outputs.
	top map[string]*yaml.Node
}

// Error is a problem at one line of a template.
type Error struct {
	File   string
	Line   int
	Reason string
}

// Error is one line, as compilers write it: file:line: reason.
func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason) }

// Read reads the template at path. Folders that it names are below the folder
// in which it lies. A template that is not YAML, repeats a key, or has no
// resources is an *Error.
func Read(path string) (*Template, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	t := &Template{path: path, dir: filepath.Dir(path), top: map[string]*yaml.Node{}}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, t.yamlError(err)
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, &Error{path, 1, "not a template: no mapping at the top"}
	}
	if err := t.checkKeys(doc.Content[0]); err != nil {
		return nil, err
	}
	for _, name := range []string{"Metadata", "Parameters", "Mappings", "Conditions", "Globals", "Resources", "Outputs"} {
		section := member(doc.Content[0], name)
		if section != nil && section.Kind != yaml.MappingNode {
			return nil, t.errorf(section, "%s is not a mapping", name)
		}
		t.top[name] = section
	}
	if t.top["Resources"] == nil {
		return nil, &Error{path, 1, "not a template: no Resources"}
	}
	return t, nil
}

func (t *Template) errorf(n *yaml.Node, format string, args ...any) error {
	return &Error{t.path, n.Line, fmt.Sprintf(format, args...)}
}

// yamlError takes the line out of what package yaml says.
func (t *Template) yamlError(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	var wrong *yaml.TypeError
	if errors.As(err, &wrong) && len(wrong.Errors) > 0 {
		text = wrong.Errors[0]
	}
	found := regexp.MustCompile(`(?s)^line (\d+): (.*)$`).FindStringSubmatch(text)
	if found == nil {
		return &Error{t.path, 1, text}
	}
	line, convErr := strconv.Atoi(found[1])
	if convErr != nil {
		return &Error{t.path, 1, text}
	}
	return &Error{t.path, line, found[2]}
}

// checkKeys refuses a key that stands twice in one mapping, and merge keys,
// which CloudFormation does not have.
func (t *Template) checkKeys(n *yaml.Node) error {
	seen := map[string]bool{}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if child.Tag == "!!merge" {
				return t.errorf(child, "CloudFormation has no merge keys (<<)")
			}
			if seen[child.Value] {
				return t.errorf(child, "%s is there twice", child.Value)
			}
			seen[child.Value] = true
		}
		if err := t.checkKeys(child); err != nil {
			return err
		}
	}
	return nil
}

// member is the value of a key of a mapping, or nil.
func member(n *yaml.Node, key string) *yaml.Node {
	for k, v := range pairs(n) {
		if k.Value == key {
			return v
		}
	}
	return nil
}

// pairs are the keys and values of a mapping, in the order of the file. Anything
// else has none.
func pairs(n *yaml.Node) func(yield func(k, v *yaml.Node) bool) {
	return func(yield func(k, v *yaml.Node) bool) {
		if n = target(n); n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], target(n.Content[i+1])) {
				return
			}
		}
	}
}

// target is what an alias stands for; other nodes stand for themselves.
func target(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}
