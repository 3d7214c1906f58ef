package dynamodb

import (
	"fmt"
	"strings"
)

// path leads to an attribute, or into one: a.b[0].
type path []step

// step is a name, or a place in a list.
type step struct {
	name   string
	place  int
	inList bool
}

// String is the path as DynamoDB has it in its messages: [a, b, [0]].
func (p path) String() string {
	steps := convert(p, func(s step) string {
		if s.inList {
			return fmt.Sprintf("[%d]", s.place)
		}
		return s.name
	})
	return "[" + strings.Join(steps, ", ") + "]"
}

// in is what the path leads to in an item, or nil.
func (p path) in(item document) value {
	var v value = item
	for _, s := range p {
		if v = s.in(v); v == nil {
			return nil
		}
	}
	return v
}

func (s step) in(v value) value {
	switch v := v.(type) {
	case document:
		if s.inList {
			return nil
		}
		return v[s.name]
	case list:
		if s.inList && s.place < len(v) {
			return v[s.place]
		}
	}
	return nil
}

// clash is the reason why two paths may not stand in one expression, or empty.
// Of each pair the earlier one is named first.
func clash(paths []path) string {
	for i, b := range paths {
		for _, a := range paths[:i] {
			if how := a.clash(b); how != "" {
				return fmt.Sprintf("Two document paths %s with each other; must remove or rewrite one of these paths; path one: %v, path two: %v", how, a, b)
			}
		}
	}
	return ""
}

func (p path) clash(o path) string {
	for i := range min(len(p), len(o)) {
		if p[i].inList != o[i].inList {
			return "conflict"
		}
		if p[i] != o[i] {
			return ""
		}
	}
	return "overlap"
}
