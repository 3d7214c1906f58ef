package dynamodb

import (
	"maps"
	"slices"
	"strings"
)

// keyConditions are the conditions of a KeyConditionExpression by attribute.
type keyConditions map[string]keyCondition

// keyCondition compares a key attribute with one value, or two for BETWEEN. Its
// operator is a comparator, "BETWEEN" or "begins_with".
type keyCondition struct {
	operator string
	values   []value
}

// keyConditions parses the conditions, which have the grammar of any condition
// and less meaning.
func (r *references) keyConditions(e expression) keyConditions {
	all := keyConditions{}
	c := r.condition(e)
	if r.problem == nil {
		if err := all.collect(c); err != nil {
			r.problem = err
		}
	}
	return all
}

func (k keyConditions) collect(c condition) error {
	switch c := c.(type) {
	case both:
		return first(k.collect(c.left), k.collect(c.right))
	case either:
		return unusable("OR")
	case negation:
		return unusable("NOT")
	case among:
		return unusable("IN")
	case comparison:
		return k.compare(c)
	case between:
		return k.add("BETWEEN", c.operand, c.low, c.high)
	}
	return k.test(c.(test).call)
}

func unusable(operator string) error {
	return invalid("Invalid operator used in KeyConditionExpression: %s", operator)
}

func (k keyConditions) compare(c comparison) error {
	if c.operator == "<>" {
		return unusable("<>")
	}
	if _, turned := c.right.(path); turned {
		if _, both := c.left.(path); !both {
			mirrored := map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
			return k.add(mirrored[c.operator], c.right, c.left)
		}
	}
	return k.add(c.operator, c.left, c.right)
}

func (k keyConditions) test(c *call) error {
	if c.function != "begins_with" {
		return unusable(c.function)
	}
	return k.add(c.function, c.operands[0], c.operands[1])
}

// add takes a condition in whose first operand the key attribute must be.
func (k keyConditions) add(operator string, key operand, operands ...operand) error {
	values, err := literals(append([]operand{key}, operands...))
	if err != nil {
		return err
	}
	name, ok := key.(path)
	if !ok {
		if len(values) == len(operands)+1 {
			return invalid("Invalid condition in KeyConditionExpression: No key attribute specified")
		}
		return invalid("Invalid condition in KeyConditionExpression: %s operator must have the key attribute as its first operand", operator)
	}
	switch {
	case len(values) < len(operands):
		return invalid("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
	case k[name[0].name].operator != "":
		return invalid("KeyConditionExpressions must only contain one condition per key")
	}
	k[name[0].name] = keyCondition{operator: operator, values: values}
	return nil
}

// literals are the values among the operands. Functions and ways into an
// attribute cannot be there.
func literals(operands []operand) ([]value, error) {
	var values []value
	for _, o := range operands {
		switch o := o.(type) {
		case *call:
			return nil, invalid("KeyConditionExpressions cannot contain nested operations")
		case path:
			if len(o) > 1 {
				return nil, invalid("KeyConditionExpressions cannot have conditions on nested attributes")
			}
		case literal:
			values = append(values, o.value)
		}
	}
	return values, nil
}

// span is the run of keys that meet the conditions on a schema: the partition
// key must be given, and nothing but the sort key besides.
func (k keyConditions) span(s schema) (span, error) {
	if err := k.check(s); err != nil {
		return span{}, err
	}
	prefix := s.partition(k[s[0].name].values[0])
	if len(k) == 1 {
		return span{prefix, behind(prefix)}, nil
	}
	return k[s[1].name].within(prefix), nil
}

func (k keyConditions) check(s schema) error {
	if len(k) > 2 {
		return invalid("Conditions can be of length 1 or 2 only")
	}
	for i, p := range s {
		c, given := k[p.name]
		switch {
		case !given && (i == 0 || len(k) > 1):
			return invalid("Query condition missed key schema element: %s", p.name)
		case given && i == 0 && c.operator != "=":
			return invalid("Query key condition not supported")
		case slices.ContainsFunc(c.values, func(v value) bool { return v.kind() != p.kind }):
			return invalid("One or more parameter values were invalid: Condition parameter type does not match schema type")
		}
	}
	if len(k) > len(s) {
		return invalid("Query key condition not supported")
	}
	return k.checkEmpty(s)
}

func (k keyConditions) checkEmpty(s schema) error {
	for _, name := range slices.Sorted(maps.Keys(k)) {
		if what := emptiness(k[name].values[0]); what != "" && k[name].operator == "=" {
			return invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", what, name)
		}
	}
	return nil
}

// within is the part of a partition whose sort keys meet the condition. prefix
// is how the keys of the partition begin.
func (c keyCondition) within(prefix string) span {
	low := prefix + encodePart(c.values[0])
	switch c.operator {
	case "=":
		return span{low, behind(low)}
	case "<":
		return span{prefix, low}
	case "<=":
		return span{prefix, behind(low)}
	case ">":
		return span{behind(low), behind(prefix)}
	case ">=":
		return span{low, behind(prefix)}
	case "BETWEEN":
		return span{low, behind(prefix + encodePart(c.values[1]))}
	}
	begin := strings.TrimSuffix(low, partEnd)
	return span{begin, behind(begin)}
}
