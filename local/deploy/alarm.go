package deploy

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

type alarm struct {
	Description string      `yaml:"AlarmDescription"`
	Namespace   string      `yaml:"Namespace"`
	Metric      string      `yaml:"MetricName"`
	Dimensions  []dimension `yaml:"Dimensions"`
	Metrics     []struct {
		Stat struct {
			Metric struct {
				Namespace  string      `yaml:"Namespace"`
				Name       string      `yaml:"MetricName"`
				Dimensions []dimension `yaml:"Dimensions"`
			} `yaml:"Metric"`
		} `yaml:"MetricStat"`
		Expression string `yaml:"Expression"`
	} `yaml:"Metrics"`
	Period    int      `yaml:"Period"`
	Threshold float64  `yaml:"Threshold"`
	Missing   string   `yaml:"TreatMissingData"`
	Actions   []string `yaml:"AlarmActions"`
	Compares  string   `yaml:"ComparisonOperator"`
}

type dimension struct {
	Name  string `yaml:"Name"`
	Value string `yaml:"Value"`
}

func (a alarm) dimension(name string) string {
	for _, d := range a.Dimensions {
		if d.Name == name {
			return d.Value
		}
	}
	return ""
}

// dimensions are those by which AWS publishes the metrics of a namespace. With any
// other an alarm never goes off, and nothing says so. CloudWatch user guide, "AWS
// services that publish CloudWatch metrics".
func dimensions() map[string]string {
	return map[string]string{"AWS/SQS": "QueueName", "AWS/Lambda": "FunctionName", "AWS/ApiGateway": "ApiId", "AWS/DynamoDB": "TableName", "Fulcrum": "FunctionName"}
}

// alarms says that each alarm can go off, that somebody hears it, that the runbook
// has an entry for it, which its description names, and that there is one about
// each function.
func alarms(c *check) error {
	watched := map[string]bool{}
	err := each(c, "AWS::CloudWatch::Alarm", func(id string, a alarm) {
		for _, d := range a.failures() {
			watched[c.idOf(d.Value)] = true
		}
		c.want(len(a.Actions) > 0 && c.idOf(a.Actions[0]) == "Alarms", "alarm heard", id, "it tells nobody")
		c.want(a.Period%60 == 0, "alarm period", id, "CloudWatch has the metrics of AWS by the minute, and it looks every %d s", a.Period)
		c.want(slices.Contains(comparisons(), a.Compares), "alarm comparison", id, "CloudWatch cannot compare by %q", a.Compares)
		c.want(a.Missing != "", "alarm data", id, "what missing data mean is left to chance")
		c.measures(id, a.Namespace, a.Dimensions, len(a.Metrics) == 0)
		for _, m := range a.Metrics {
			c.measures(id, m.Stat.Metric.Namespace, m.Stat.Metric.Dimensions, m.Expression == "")
		}
		entry := regexp.MustCompile(`docs/runbook\.md#([a-z-]+)$`).FindStringSubmatch(a.Description)
		c.want(entry != nil, "alarm runbook", id, "its description names no entry of the runbook")
		if entry != nil {
			c.want(slices.Contains(c.Runbook(), entry[1]), "alarm runbook", id, "the runbook has no entry %s", entry[1])
		}
	})
	for _, f := range c.Wiring.Functions {
		c.want(watched[f.ID], "alarm function", f.ID, "no alarm goes off when it fails")
	}
	return err
}

// comparisons are CloudWatch's, besides those of anomalies.
func comparisons() []string {
	return []string{"GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"}
}

// failures are the functions whose errors an alarm counts.
func (a alarm) failures() []dimension {
	const lambda, errors = "AWS/Lambda", "Errors"
	var all []dimension
	if a.Namespace == lambda && a.Metric == errors {
		all = append(all, a.Dimensions...)
	}
	for _, m := range a.Metrics {
		if m.Stat.Metric.Namespace == lambda && m.Stat.Metric.Name == errors {
			all = append(all, m.Stat.Metric.Dimensions...)
		}
	}
	return all
}

func (c *check) measures(id, namespace string, by []dimension, needed bool) {
	want, known := dimensions()[namespace]
	if !needed || !known {
		c.want(!needed || strings.HasPrefix(namespace, "Fulcrum"), "alarm metric", id, "nothing is known of the namespace %q", namespace)
		return
	}
	c.want(len(by) == 1 && by[0].Name == want && c.idOf(by[0].Value) != "", "alarm metric", id,
		"%s has no metric by %v; it would never go off", namespace, by)
}

// Runbook are the entries of docs/runbook.md for alarms, as links name them.
func (b *Bundle) Runbook() []string {
	text, err := os.ReadFile(filepath.Join(b.Template.Dir(), "docs", "runbook.md"))
	if err != nil {
		return nil
	}
	_, alarms, _ := strings.Cut(string(text), "\n## Alarms\n")
	alarms, _, _ = strings.Cut(alarms, "\n## ")
	var entries []string
	for _, heading := range regexp.MustCompile(`(?m)^### (.+)$`).FindAllStringSubmatch(alarms, -1) {
		entries = append(entries, strings.ReplaceAll(strings.ToLower(heading[1]), " ", "-"))
	}
	return entries
}
