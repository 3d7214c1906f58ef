package dynamodb

import (
	"strconv"
	"strings"
)

func (c either) holds(item document) bool   { return c.left.holds(item) || c.right.holds(item) }
func (c both) holds(item document) bool     { return c.left.holds(item) && c.right.holds(item) }
func (c negation) holds(item document) bool { return !c.of.holds(item) }

// holds of a comparison is false, but for <>, where a side is missing or the
// kinds differ.
func (c comparison) holds(item document) bool {
	left, right := resolve(c.left, item), resolve(c.right, item)
	switch c.operator {
	case "=":
		return equal(left, right)
	case "<>":
		return !equal(left, right)
	}
	n, ok := compare(left, right)
	return ok && ordered(c.operator, n)
}

// ordered reports whether an order of n is what the operator wants.
func ordered(operator string, n int) bool {
	switch operator {
	case "<":
		return n < 0
	case "<=":
		return n <= 0
	case ">":
		return n > 0
	}
	return n >= 0
}

func (c between) holds(item document) bool {
	v := resolve(c.operand, item)
	low, comparable := compare(v, resolve(c.low, item))
	high, alsoComparable := compare(v, resolve(c.high, item))
	return comparable && alsoComparable && low >= 0 && high <= 0
}

func (c among) holds(item document) bool {
	v := resolve(c.operand, item)
	for _, o := range c.values {
		if equal(v, resolve(o, item)) {
			return true
		}
	}
	return false
}

func (c test) holds(item document) bool {
	first := resolve(c.call.operands[0], item)
	switch c.call.function {
	case "attribute_exists":
		return first != nil
	case "attribute_not_exists":
		return first == nil
	}
	second := resolve(c.call.operands[1], item)
	if first == nil || second == nil {
		return false
	}
	switch c.call.function {
	case "attribute_type":
		return text(first.kind()) == second
	case "begins_with":
		return beginsWith(first, second)
	}
	return contains(first, second)
}

func beginsWith(v, prefix value) bool {
	switch v := v.(type) {
	case text:
		p, ok := prefix.(text)
		return ok && strings.HasPrefix(string(v), string(p))
	case binary:
		p, ok := prefix.(binary)
		return ok && strings.HasPrefix(string(v), string(p))
	}
	return false
}

// contains looks for a part of a text or binary, or for a member of a set or
// list, which may be of any kind.
func contains(v, part value) bool {
	switch v := v.(type) {
	case text:
		p, ok := part.(text)
		return ok && strings.Contains(string(v), string(p))
	case binary:
		p, ok := part.(binary)
		return ok && strings.Contains(string(v), string(p))
	case set:
		return v.has(part)
	case list:
		for _, member := range v {
			if equal(member, part) {
				return true
			}
		}
	}
	return false
}

// resolve is an operand's value for an item; nil where there is none.
func resolve(o operand, item document) value {
	switch o := o.(type) {
	case path:
		return o.in(item)
	case literal:
		return o.value
	case *call:
		if n, ok := lengthOf(resolve(o.operands[0], item)); ok {
			digits := strconv.Itoa(n)
			return newNumber(false, digits, len(digits))
		}
	}
	return nil
}
