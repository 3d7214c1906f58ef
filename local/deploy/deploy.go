// Package deploy holds template.yaml to what an operator relies on and what no
// other check sees: queues that fit their functions, routes that are open by
// mistake, state that a deletion would take along, alarms that can never go off.
// A rule is a function that reads the evaluated template and says what it finds;
// what the rules are for is in their comments. Faults that a template may have are
// seeded one by one in the tests, so that no rule can stop working unseen.
package deploy

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"fulcrum/local/aws"
	"fulcrum/local/template"
)

// Bundle is a template with its parameters chosen, and everything in it evaluated.
type Bundle struct {
	Template  *template.Template
	Resources []template.Resource
	Wiring    template.Wiring
	// Values are names and ARNs as AWS would form them.
	Values template.Values
	// Size is the template's, in bytes.
	Size int

	parameters map[string]string
}

// StackName is the name that the stack has while it is looked at.
const StackName = "fulcrum"

// Read evaluates the template at path. Anything in it that cannot be evaluated, as
// a reference to what these parameters leave out, is a *template.Error.
func Read(path string, parameters map[string]string) (*Bundle, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	read, err := template.Read(path)
	if err != nil {
		return nil, err
	}
	stack, err := template.NewStack(read, template.Settings{StackName: StackName, Region: aws.Region, Account: aws.Account, Parameters: parameters})
	if err != nil {
		return nil, err
	}
	b := &Bundle{Template: read, Values: stack.Values(), Size: len(text), parameters: chosen(read, parameters)}
	if b.Resources, err = stack.Resources(b.Values); err != nil {
		return nil, err
	}
	if b.Wiring, err = stack.Wiring(b.Values); err != nil {
		return nil, err
	}
	return b, nil
}

// chosen are the values of all parameters: those given, else their defaults.
func chosen(t *template.Template, given map[string]string) map[string]string {
	all := map[string]string{}
	for name, p := range t.Section("Parameters") {
		if fields, ok := p.(map[string]any); ok {
			all[name] = fmt.Sprint(fields["Default"])
		}
	}
	maps.Copy(all, given)
	return all
}

// Finding is something that is wrong with the template.
type Finding struct {
	// Rule is what is broken, in a word or two.
	Rule string
	// At is the logical id of the resource.
	At     string
	Reason string
}

// String is one line.
func (f Finding) String() string { return f.Rule + ": " + f.At + ": " + f.Reason }

// Findings are those of all rules, in the order of the rules.
func (b *Bundle) Findings() ([]Finding, error) {
	c := &check{Bundle: b}
	for _, rule := range []func(*check) error{
		queues, queuePolicies, sources, functions, circles, logs, routes, gateway, tables, secrets, keys, roles, alarms, schedules, asynchronous, queries, parameters, limits, retained,
	} {
		if err := rule(c); err != nil {
			return nil, err
		}
	}
	return c.found, nil
}

// check gathers what the rules find.
type check struct {
	*Bundle
	found []Finding
}

// want notes a finding unless it holds.
func (c *check) want(holds bool, rule, at, format string, args ...any) {
	if !holds {
		c.found = append(c.found, Finding{rule, at, fmt.Sprintf(format, args...)})
	}
}

// of are the resources of a type.
func (c *check) of(typ string) []template.Resource {
	return slices.DeleteFunc(slices.Clone(c.Resources), func(r template.Resource) bool { return r.Type != typ })
}

// each decodes the properties of every resource of a type and hands them on.
func each[T any](c *check, typ string, do func(id string, p T)) error {
	for _, r := range c.of(typ) {
		var p T
		if err := r.Decode(&p); err != nil {
			return err
		}
		do(r.ID, p)
	}
	return nil
}

// idOf is the resource that has the value, which is what Ref or GetAtt give of it.
func (c *check) idOf(value string) string {
	for id, attributes := range c.Values {
		for _, v := range attributes {
			if v == value {
				return id
			}
		}
	}
	return ""
}

// one is a value that may be written alone or as a list.
type one[T any] []T

// UnmarshalYAML reads both.
func (o *one[T]) UnmarshalYAML(decode func(any) error) error {
	var list []T
	if decode(&list) == nil {
		*o = list
		return nil
	}
	var single T
	if err := decode(&single); err != nil {
		return err
	}
	*o = []T{single}
	return nil
}

// statement is one of a policy.
type statement struct {
	Effect      string                    `yaml:"Effect"`
	Principal   any                       `yaml:"Principal"`
	Action      one[string]               `yaml:"Action"`
	NotAction   one[string]               `yaml:"NotAction"`
	Resource    one[string]               `yaml:"Resource"`
	NotResource one[string]               `yaml:"NotResource"`
	Condition   map[string]map[string]any `yaml:"Condition"`
}

// policy is a policy document.
type policy struct {
	Statement one[statement] `yaml:"Statement"`
}

// deniesPlain reports whether a policy denies everything that does not come by TLS.
func (p policy) deniesPlain(actions ...string) bool {
	return slices.ContainsFunc(p.Statement, func(s statement) bool {
		return s.Effect == "Deny" && fmt.Sprint(s.Principal) == "*" && slices.Contains(actions, strings.Join(s.Action, " ")) &&
			fmt.Sprint(s.Condition["Bool"]["aws:SecureTransport"]) == "false"
	})
}
