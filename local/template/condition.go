package template

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// isCondition tells the functions that give true or false. Condition names a
// condition.
func (r *resolver) isCondition(name string) bool {
	return slices.Contains([]string{"Equals", "Not", "And", "Or", "Condition"}, name)
}

// choose is If: a condition's name, what it gives if it holds, and if not.
func (r *resolver) choose(arg *yaml.Node) (*yaml.Node, error) {
	args, err := r.args(arg, "If", 3)
	if err != nil {
		return nil, err
	}
	holds, err := r.condition(args[0], args[0].Value)
	if err != nil {
		return nil, err
	}
	if holds {
		return r.node(args[1])
	}
	return r.node(args[2])
}

// condition reports whether a condition of the section Conditions holds.
func (r *resolver) condition(at *yaml.Node, name string) (bool, error) {
	if holds, ok := r.conditions[name]; ok {
		return holds, nil
	}
	if slices.Contains(r.evaluating, name) {
		return false, r.errorf(at, "condition %s depends on itself", name)
	}
	node := member(r.top["Conditions"], name)
	if node == nil {
		return false, r.errorf(at, "there is no condition %s", name)
	}
	r.evaluating = append(r.evaluating, name)
	holds, err := r.holds(node)
	r.evaluating = r.evaluating[:len(r.evaluating)-1]
	if err == nil {
		r.conditions[name] = holds
	}
	return holds, err
}

// holds evaluates a node that must be a condition function.
func (r *resolver) holds(n *yaml.Node) (bool, error) {
	n = target(n)
	name, arg := intrinsic(n)
	if named := member(n, "Condition"); name == "" && named != nil {
		name, arg = "Condition", named
	}
	if !r.isCondition(name) {
		return false, r.errorf(n, "a condition is needed here: Equals, Not, And, Or or Condition")
	}
	return r.function(name, arg)
}

func (r *resolver) function(name string, arg *yaml.Node) (bool, error) {
	switch name {
	case "Condition":
		return r.condition(arg, arg.Value)
	case "Equals":
		return r.equals(arg)
	case "Not":
		args, err := r.args(arg, name, 1)
		if err != nil {
			return false, err
		}
		holds, err := r.holds(args[0])
		return !holds, err
	}
	if arg.Kind != yaml.SequenceNode || len(arg.Content) < 2 || len(arg.Content) > 10 {
		return false, r.errorf(arg, "%s takes a list of 2 to 10", name)
	}
	for _, part := range arg.Content {
		holds, err := r.holds(part)
		if err != nil {
			return false, err
		}
		if holds == (name == "Or") {
			return holds, nil
		}
	}
	return name == "And", nil
}

func (r *resolver) equals(arg *yaml.Node) (bool, error) {
	args, err := r.args(arg, "Equals", 2)
	if err != nil {
		return false, err
	}
	left, err := r.text(args[0])
	if err != nil {
		return false, err
	}
	right, err := r.text(args[1])
	return left == right, err
}
