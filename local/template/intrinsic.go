package template

import (
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

func (r *resolver) ref(arg *yaml.Node) (*yaml.Node, error) {
	if arg.Kind != yaml.ScalarNode {
		return nil, r.errorf(arg, "Ref takes a name")
	}
	if arg.Value == "AWS::NoValue" {
		return nil, nil
	}
	if value, ok := r.params[arg.Value]; ok {
		return value, nil
	}
	value, err := r.named(arg, arg.Value)
	if err != nil {
		return nil, err
	}
	return scalar(arg, value), nil
}

// named is what ${name} gives in a Sub: a pseudo parameter, a parameter, or a
// resource, with an attribute behind a dot.
func (r *resolver) named(at *yaml.Node, name string) (string, error) {
	if strings.HasPrefix(name, "AWS::") {
		value, ok := r.pseudo(name)
		if !ok {
			return "", r.errorf(at, "there is no pseudo parameter %s here", name)
		}
		return value, nil
	}
	if value, ok := r.params[name]; ok {
		if value.Kind != yaml.ScalarNode {
			return "", r.errorf(at, "parameter %s is a list; a string is needed here", name)
		}
		return value.Value, nil
	}
	id, attribute, _ := strings.Cut(name, ".")
	return r.attribute(at, id, attribute)
}

func (r *resolver) pseudo(name string) (string, bool) {
	value, ok := map[string]string{
		"AWS::Region":    r.settings.Region,
		"AWS::AccountId": r.settings.Account,
		"AWS::StackName": r.settings.StackName,
		"AWS::StackId":   r.arn("cloudformation", "stack/"+r.settings.StackName+"/local"),
		"AWS::Partition": "aws",
		"AWS::URLSuffix": "amazonaws.com",
	}[name]
	return value, ok
}

func (r *resolver) attribute(at *yaml.Node, id, attribute string) (string, error) {
	if _, ok := r.resources[id]; !ok {
		if _, ok := r.absent[id]; ok {
			return "", r.errorf(at, "resource %s is not there: its condition is false", id)
		}
		return "", r.errorf(at, "there is no parameter or resource %s", id)
	}
	value, ok := r.lookup(id, attribute)
	if !ok {
		return "", r.errorf(at, "%s has no attribute %s here", id, attribute)
	}
	return value, nil
}

func (r *resolver) getAtt(arg *yaml.Node) (*yaml.Node, error) {
	id, attribute, ok := strings.Cut(arg.Value, ".")
	if arg.Kind == yaml.SequenceNode && len(arg.Content) == 2 {
		id, ok = arg.Content[0].Value, true
		var err error
		if attribute, err = r.text(arg.Content[1]); err != nil {
			return nil, err
		}
	}
	if !ok || attribute == "" {
		return nil, r.errorf(arg, "GetAtt takes a resource and its attribute")
	}
	value, err := r.attribute(arg, id, attribute)
	if err != nil {
		return nil, err
	}
	return scalar(arg, value), nil
}

func (r *resolver) sub(arg *yaml.Node) (*yaml.Node, error) {
	text, own := arg, map[string]string{}
	if arg.Kind == yaml.SequenceNode {
		args, err := r.args(arg, "Sub", 2)
		if err != nil {
			return nil, err
		}
		text = args[0]
		for name, value := range pairs(args[1]) {
			if own[name.Value], err = r.text(value); err != nil {
				return nil, err
			}
		}
	}
	if text.Kind != yaml.ScalarNode {
		return nil, r.errorf(arg, "Sub takes a string, or a string and a mapping")
	}
	value, err := r.expand(text, own)
	if err != nil {
		return nil, err
	}
	return scalar(text, value), nil
}

// expand replaces ${name}; ${!name} stands for the text ${name}.
func (r *resolver) expand(text *yaml.Node, own map[string]string) (string, error) {
	var first error
	out := regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllStringFunc(text.Value, func(found string) string {
		name := strings.TrimSpace(found[2 : len(found)-1])
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			return "${" + literal + "}"
		}
		if value, ok := own[name]; ok {
			return value
		}
		value, err := r.named(text, name)
		if err != nil && first == nil {
			first = err
		}
		return value
	})
	return out, first
}

func (r *resolver) join(arg *yaml.Node) (*yaml.Node, error) {
	args, err := r.args(arg, "Join", 2)
	if err != nil {
		return nil, err
	}
	items, err := r.list(args[1])
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(items))
	for i, item := range items {
		if texts[i], err = r.text(item); err != nil {
			return nil, err
		}
	}
	return scalar(arg, strings.Join(texts, args[0].Value)), nil
}

func (r *resolver) pick(arg *yaml.Node) (*yaml.Node, error) {
	args, err := r.args(arg, "Select", 2)
	if err != nil {
		return nil, err
	}
	text, err := r.text(args[0])
	if err != nil {
		return nil, err
	}
	items, err := r.list(args[1])
	if err != nil {
		return nil, err
	}
	index, err := strconv.Atoi(text)
	if err != nil || index < 0 || index >= len(items) {
		return nil, r.errorf(arg, "Select has no item %s", text)
	}
	return items[index], nil
}

func (r *resolver) split(arg *yaml.Node) (*yaml.Node, error) {
	args, err := r.args(arg, "Split", 2)
	if err != nil {
		return nil, err
	}
	text, err := r.text(args[1])
	if err != nil {
		return nil, err
	}
	out := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: arg.Line}
	for item := range strings.SplitSeq(text, args[0].Value) {
		out.Content = append(out.Content, scalar(arg, item))
	}
	return out, nil
}

func (r *resolver) findInMap(arg *yaml.Node) (*yaml.Node, error) {
	args, err := r.args(arg, "FindInMap", 3)
	if err != nil {
		return nil, err
	}
	at := r.top["Mappings"]
	for _, key := range args {
		name, err := r.text(key)
		if err != nil {
			return nil, err
		}
		if at = member(at, name); at == nil {
			return nil, r.errorf(key, "Mappings has no %s", name)
		}
	}
	return r.node(at)
}
