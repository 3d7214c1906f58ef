package template

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// lookup gives the value of an attribute of a resource; the attribute "" is what
// Ref gives.
type lookup func(id, attribute string) (string, bool)

// resolver evaluates nodes: what comes out has no intrinsic functions left. A
// nil node stands for AWS::NoValue.
type resolver struct {
	*Stack
	lookup lookup
}

func (r *resolver) node(n *yaml.Node) (*yaml.Node, error) {
	n = target(n)
	if name, arg := intrinsic(n); name != "" {
		return r.call(name, arg)
	}
	if n.Kind == yaml.ScalarNode {
		return scalar(n, n.Value), nil
	}
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Line: n.Line}
	if n.Kind == yaml.MappingNode {
		return out, r.mapping(n, out)
	}
	for _, item := range n.Content {
		value, err := r.node(item)
		if err != nil {
			return nil, err
		}
		if value != nil {
			out.Content = append(out.Content, value)
		}
	}
	return out, nil
}

func (r *resolver) mapping(in, out *yaml.Node) error {
	for key, value := range pairs(in) {
		value, err := r.node(value)
		if err != nil {
			return err
		}
		if value != nil {
			out.Content = append(out.Content, key, value)
		}
	}
	return nil
}

// intrinsic is the name and the argument of an intrinsic function, in its short
// form (!Sub x) or its long one ({"Fn::Sub": x}). The name has no "Fn::". It is
// empty for any other node.
func intrinsic(n *yaml.Node) (name string, arg *yaml.Node) {
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		bare := *n
		bare.Tag = map[yaml.Kind]string{yaml.ScalarNode: "!!str", yaml.SequenceNode: "!!seq", yaml.MappingNode: "!!map"}[n.Kind]
		return n.Tag[1:], &bare
	}
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		return "", nil
	}
	key := n.Content[0].Value
	if name, ok := strings.CutPrefix(key, "Fn::"); ok {
		return name, target(n.Content[1])
	}
	if key == "Ref" {
		return key, target(n.Content[1])
	}
	return "", nil
}

func (r *resolver) call(name string, arg *yaml.Node) (*yaml.Node, error) {
	switch name {
	case "Ref":
		return r.ref(arg)
	case "GetAtt":
		return r.getAtt(arg)
	case "Sub":
		return r.sub(arg)
	case "If":
		return r.choose(arg)
	case "Join":
		return r.join(arg)
	case "Select":
		return r.pick(arg)
	case "Split":
		return r.split(arg)
	case "FindInMap":
		return r.findInMap(arg)
	}
	return nil, r.errorf(arg, "the function %s is not supported here", name)
}

// text resolves a node that must give a string.
func (r *resolver) text(n *yaml.Node) (string, error) {
	value, err := r.node(n)
	if err != nil {
		return "", err
	}
	if value == nil || value.Kind != yaml.ScalarNode {
		return "", r.errorf(n, "a string is needed here")
	}
	return value.Value, nil
}

// list resolves a node that must give a sequence.
func (r *resolver) list(n *yaml.Node) ([]*yaml.Node, error) {
	value, err := r.node(n)
	if err != nil {
		return nil, err
	}
	if value == nil || value.Kind != yaml.SequenceNode {
		return nil, r.errorf(n, "a list is needed here")
	}
	return value.Content, nil
}

// args are the arguments of a function that takes count of them.
func (r *resolver) args(n *yaml.Node, function string, count int) ([]*yaml.Node, error) {
	if n.Kind != yaml.SequenceNode || len(n.Content) != count {
		return nil, r.errorf(n, "%s takes a list of %d", function, count)
	}
	return n.Content, nil
}

// scalar is a node that decodes into a string, and into a number or a bool where
// it looks like one: CloudFormation does not tell "30" from 30.
func scalar(at *yaml.Node, value string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Line: at.Line}
	if _, err := strconv.Atoi(value); err == nil {
		n.Tag = "!!int"
	} else if value == "true" || value == "false" {
		n.Tag = "!!bool"
	}
	return n
}

// decode resolves a node and decodes it into v.
func (r *resolver) decode(n *yaml.Node, v any) error {
	value, err := r.node(n)
	if err != nil || value == nil {
		return err
	}
	if err := value.Decode(v); err != nil {
		return r.yamlError(err)
	}
	return nil
}
