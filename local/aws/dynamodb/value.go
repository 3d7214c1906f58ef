package dynamodb

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// value is what an attribute holds. Values never change once made, so items,
// indexes and answers share them.
type value interface {
	// kind is the name of the type as DynamoDB has it ("S", "NS").
	kind() string
}

type (
	text     string // S
	binary   string // B
	boolean  bool   // BOOL
	null     struct{}
	list     []value
	document map[string]value // M, and an item
)

// set is SS, NS or BS. Its members are sorted and of one kind.
type set struct {
	of      string // the members' kind
	members []value
}

func (text) kind() string     { return "S" }
func (number) kind() string   { return "N" }
func (binary) kind() string   { return "B" }
func (boolean) kind() string  { return "BOOL" }
func (null) kind() string     { return "NULL" }
func (list) kind() string     { return "L" }
func (document) kind() string { return "M" }
func (s set) kind() string    { return s.of + "S" }

// newSet sorts the members and reports whether one was there twice.
func newSet(of string, members []value) (s set, twice bool) {
	slices.SortFunc(members, order)
	distinct := slices.CompactFunc(slices.Clone(members), equal)
	return set{of, distinct}, len(distinct) < len(members)
}

func (s set) has(v value) bool {
	_, found := slices.BinarySearchFunc(s.members, v, order)
	return found && v.kind() == s.of
}

func (s set) union(o set) set {
	all, _ := newSet(s.of, slices.Concat(s.members, o.members))
	return all
}

func (s set) without(o set) set {
	return set{s.of, slices.DeleteFunc(slices.Clone(s.members), o.has)}
}

// compare orders two values of one kind, which must be S, N or B; ok is false
// for all others.
func compare(a, b value) (order int, ok bool) {
	switch a := a.(type) {
	case text:
		b, ok := b.(text)
		return strings.Compare(string(a), string(b)), ok
	case binary:
		b, ok := b.(binary)
		return strings.Compare(string(a), string(b)), ok
	case number:
		b, ok := b.(number)
		return a.compare(b), ok
	}
	return 0, false
}

func order(a, b value) int {
	n, _ := compare(a, b)
	return n
}

// equal compares sets without regard to order, lists and maps in depth. Nothing
// equals an attribute that is not there, not even another one.
func equal(a, b value) bool {
	if a == nil || b == nil || a.kind() != b.kind() {
		return false
	}
	switch a := a.(type) {
	case list:
		return slices.EqualFunc(a, b.(list), equal)
	case set:
		return slices.EqualFunc(a.members, b.(set).members, equal)
	case document:
		return equalDocuments(a, b.(document))
	}
	return a == b
}

func equalDocuments(a, b document) bool {
	if len(a) != len(b) {
		return false
	}
	for name, v := range a {
		if !equal(v, b[name]) {
			return false
		}
	}
	return true
}

// sizeOf is how many bytes a value counts for, by "DynamoDB item sizes and
// formats" in the developer guide.
func sizeOf(v value) int {
	switch v := v.(type) {
	case text:
		return len(v)
	case binary:
		return len(v)
	case number:
		return v.size()
	case set:
		return sumOf(v.members)
	case list:
		return 3 + len(v) + sumOf(v)
	case document:
		return 3 + len(v) + itemSize(v)
	}
	return 1
}

func sumOf(values []value) int {
	sum := 0
	for _, v := range values {
		sum += sizeOf(v)
	}
	return sum
}

// itemSize is the size of an item: its names and values, no overhead.
func itemSize(item document) int {
	sum := 0
	for name, v := range item {
		sum += len(name) + sizeOf(v)
	}
	return sum
}

// lengthOf is what the function size() of a condition answers; ok is false for
// kinds that have no length. DynamoDB counts a string in UTF-16 units.
func lengthOf(v value) (n int, ok bool) {
	switch v := v.(type) {
	case text:
		return utf16Length(string(v)), true
	case binary:
		return len(v), true
	case set:
		return len(v.members), true
	case list:
		return len(v), true
	case document:
		return len(v), true
	}
	return 0, false
}

func utf16Length(s string) int {
	units := utf8.RuneCountInString(s)
	for _, r := range s {
		if r > 0xFFFF {
			units++
		}
	}
	return units
}
