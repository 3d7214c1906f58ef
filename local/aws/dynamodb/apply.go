package dynamodb

import (
	"cmp"
	"maps"
	"slices"
)

// gap stands where a list has lost a member, until all changes are made: the
// places in the paths are those of the list before the update.
type gap struct{}

func (gap) kind() string { return "" }

// apply makes the changed item. All operands are read from the item as it was.
func (u update) apply(old document) (document, error) {
	fresh, gaps := old, false
	for _, c := range u.ordered() {
		what, err := c.effect(old)
		if err != nil {
			return nil, err
		}
		if fresh, err = c.path.edit(fresh, what); err != nil {
			return nil, err
		}
		gaps = gaps || what == nil && c.path[len(c.path)-1].inList
	}
	if gaps {
		fresh = closeGaps(fresh).(document)
	}
	return fresh, nil
}

// ordered sorts the changes by their place in a list: what is set behind a
// list's end is appended in the order of the places.
func (u update) ordered() update {
	return slices.SortedStableFunc(slices.Values(u), func(a, b change) int {
		return cmp.Compare(a.path[len(a.path)-1].place, b.path[len(b.path)-1].place)
	})
}

// effect is what a change puts at its path; nil takes the attribute away.
func (c change) effect(old document) (value, error) {
	switch c.clause {
	case "SET":
		return compute(c.operand, old)
	case "ADD":
		return sumUp(c.path.in(old), c.value)
	case "DELETE":
		return takeOut(c.path.in(old), c.value)
	}
	return nil, nil
}

// compute is an operand's value. What is not in the item is an error here.
func compute(o operand, item document) (value, error) {
	switch o := o.(type) {
	case arithmetic:
		return o.compute(item)
	case *call:
		return o.compute(item)
	}
	v := resolve(o, item)
	if v == nil {
		return nil, invalid("The provided expression refers to an attribute that does not exist in the item")
	}
	return v, nil
}

func (a arithmetic) compute(item document) (value, error) {
	left, err := computeAs[number](a.left, item)
	if err != nil {
		return nil, err
	}
	right, err := computeAs[number](a.right, item)
	if err != nil {
		return nil, err
	}
	if a.operator == "-" {
		return left.minus(right)
	}
	return left.plus(right)
}

func (c *call) compute(item document) (value, error) {
	if c.function == "if_not_exists" {
		// DynamoDB wants the second operand to be there even if the first is.
		otherwise, err := compute(c.operands[1], item)
		if v := resolve(c.operands[0], item); v != nil && err == nil {
			return v, nil
		}
		return otherwise, err
	}
	head, err := computeAs[list](c.operands[0], item)
	if err != nil {
		return nil, err
	}
	tail, err := computeAs[list](c.operands[1], item)
	return slices.Concat(head, tail), err
}

func computeAs[V value](o operand, item document) (V, error) {
	v, err := compute(o, item)
	wanted, ok := v.(V)
	if err == nil && !ok {
		err = wrongOperand()
	}
	return wanted, err
}

func wrongOperand() error {
	return invalid("An operand in the update expression has an incorrect data type")
}

// sumUp adds a number or the members of a set to what is there.
func sumUp(old, more value) (value, error) {
	if old == nil {
		return more, nil
	}
	if old.kind() != more.kind() {
		return nil, wrongOperand()
	}
	if n, ok := old.(number); ok {
		return n.plus(more.(number))
	}
	return old.(set).union(more.(set)), nil
}

// takeOut removes members from a set, and the set with its last member.
func takeOut(old, less value) (value, error) {
	if old == nil {
		return nil, nil
	}
	if old.kind() != less.kind() {
		return nil, wrongOperand()
	}
	left := old.(set).without(less.(set))
	if len(left.members) == 0 {
		return nil, nil
	}
	return left, nil
}

// edit is the item with v at the path. It copies the way there and shares the
// rest.
func (p path) edit(item document, v value) (document, error) {
	edited, err := p.put(item, v)
	if err != nil {
		return nil, err
	}
	return edited.(document), nil
}

func (p path) put(in, v value) (value, error) {
	if len(p) == 0 {
		return v, nil
	}
	if p[0].inList {
		in, ok := in.(list)
		if !ok {
			return nil, wrongPath()
		}
		return p.putInList(in, v)
	}
	old, ok := in.(document)
	if !ok {
		return nil, wrongPath()
	}
	child, err := p[1:].put(old[p[0].name], v)
	if err != nil {
		return nil, err
	}
	fresh := maps.Clone(old)
	if child == nil {
		delete(fresh, p[0].name)
	} else {
		fresh[p[0].name] = child
	}
	return fresh, nil
}

func (p path) putInList(old list, v value) (value, error) {
	place := p[0].place
	if place >= len(old) {
		if len(p) > 1 {
			return nil, wrongPath()
		}
		if v == nil {
			return old, nil
		}
		return append(slices.Clone(old), v), nil
	}
	child, err := p[1:].put(old[place], v)
	if err != nil {
		return nil, err
	}
	if child == nil {
		child = gap{}
	}
	fresh := slices.Clone(old)
	fresh[place] = child
	return fresh, nil
}

func wrongPath() error {
	return invalid("The document path provided in the update expression is invalid for update")
}

func closeGaps(v value) value {
	switch v := v.(type) {
	case document:
		whole := make(document, len(v))
		for name, child := range v {
			whole[name] = closeGaps(child)
		}
		return whole
	case list:
		whole := make(list, 0, len(v))
		for _, child := range v {
			if child != (gap{}) {
				whole = append(whole, closeGaps(child))
			}
		}
		return whole
	}
	return v
}
