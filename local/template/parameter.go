package template

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Settings are what is chosen when a stack is made of a template.
type Settings struct {
	StackName string
	Region    string
	Account   string
	// Parameters override the defaults of the template's parameters.
	Parameters map[string]string
}

// parameter is one entry of the section Parameters.
type parameter struct {
	Type                  string   `yaml:"Type"`
	Default               *string  `yaml:"Default"`
	AllowedValues         []string `yaml:"AllowedValues"`
	AllowedPattern        string   `yaml:"AllowedPattern"`
	ConstraintDescription string   `yaml:"ConstraintDescription"`
	MinLength             *int     `yaml:"MinLength"`
	MaxLength             *int     `yaml:"MaxLength"`
	MinValue              *float64 `yaml:"MinValue"`
	MaxValue              *float64 `yaml:"MaxValue"`
}

// parameters are the values of all parameters, as nodes that Ref gives: a
// string, or a sequence for the list types.
func (t *Template) parameters(overrides map[string]string) (map[string]*yaml.Node, error) {
	values := map[string]*yaml.Node{}
	for name, node := range pairs(t.top["Parameters"]) {
		var p parameter
		if err := node.Decode(&p); err != nil {
			return nil, t.yamlError(err)
		}
		value, given := overrides[name.Value]
		if !given && p.Default == nil {
			return nil, t.errorf(name, "parameter %s has no default and was given no value", name.Value)
		}
		if !given {
			value = *p.Default
		}
		if err := p.check(value); err != nil {
			return nil, t.errorf(name, "parameter %s: %s", name.Value, err)
		}
		values[name.Value] = p.node(name, value)
	}
	for _, name := range slices.Sorted(maps.Keys(overrides)) {
		if values[name] == nil {
			return nil, &Error{t.path, 1, "there is no parameter " + name}
		}
	}
	return values, nil
}

// check applies the constraints of a parameter to its value, or to each of the
// values of a list. Source: CloudFormation user guide, "Parameters".
func (p *parameter) check(value string) error {
	if strings.HasPrefix(p.Type, "AWS::SSM::") {
		return fmt.Errorf("type %s is not supported here: there is no Parameter Store", p.Type)
	}
	for _, one := range p.split(value) {
		if err := p.checkOne(one); err != nil {
			if p.ConstraintDescription != "" {
				return fmt.Errorf("%q: %s", one, p.ConstraintDescription)
			}
			return err
		}
	}
	return nil
}

func (p *parameter) checkOne(value string) error {
	if len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, value) {
		return fmt.Errorf("%q is none of its allowed values %s", value, strings.Join(p.AllowedValues, ", "))
	}
	if p.AllowedPattern != "" {
		pattern, err := regexp.Compile("^(?:" + p.AllowedPattern + ")$")
		if err != nil {
			return fmt.Errorf("AllowedPattern cannot be read: %w", err)
		}
		if !pattern.MatchString(value) {
			return fmt.Errorf("%q does not match %s", value, p.AllowedPattern)
		}
	}
	if p.MinLength != nil && len(value) < *p.MinLength || p.MaxLength != nil && len(value) > *p.MaxLength {
		return fmt.Errorf("%q is shorter or longer than allowed", value)
	}
	return p.checkNumber(value)
}

func (p *parameter) checkNumber(value string) error {
	if p.Type != "Number" && p.Type != "List<Number>" {
		return nil
	}
	number, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return fmt.Errorf("%q is not a number", value)
	}
	if p.MinValue != nil && number < *p.MinValue || p.MaxValue != nil && number > *p.MaxValue {
		return fmt.Errorf("%s is smaller or larger than allowed", value)
	}
	return nil
}

func (p *parameter) isList() bool {
	return p.Type == "CommaDelimitedList" || strings.HasPrefix(p.Type, "List<")
}

// split is the value's items; a value that is no list is its only item.
func (p *parameter) split(value string) []string {
	if !p.isList() {
		return []string{value}
	}
	var items []string
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

func (p *parameter) node(at *yaml.Node, value string) *yaml.Node {
	if !p.isList() {
		return scalar(at, value)
	}
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: at.Line}
	for _, item := range p.split(value) {
		list.Content = append(list.Content, scalar(at, item))
	}
	return list
}
