package dynamodb

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzExpression reads any text as each kind of expression. Nothing may panic;
// what is refused is refused in DynamoDB's words; what is accepted must mean the
// same when read again, and leaves the item it is tried on alone.
func FuzzExpression(f *testing.F) {
	for _, src := range []string{
		"id = :abc AND NOT (num BETWEEN :one AND :two OR size(li) > :one)",
		"attribute_type(#id, :typeS) or contains(ss, :a) and begins_with(bin, :bin)",
		"num IN (:one, three, size(ma.deep.k))",
		"SET num = if_not_exists(gone, :one) + :two, li = list_append(:list, li) REMOVE li[0], ma.x ADD ns :ns DELETE ss :ss_a",
		"SET li[2][0] = (num - :half), ma.deep.li[7] = ma.x",
		"ma.deep.k, li[2][0], #id",
	} {
		f.Add(src)
	}
	all := attributes(f, dictionary)
	whole := item(f, sample)
	before := string(whole.append(nil))
	f.Fuzz(func(t *testing.T, src string) {
		if !utf8.ValidString(src) || strings.Contains(src, "#undefined") {
			return // JSON has no such text
		}
		tryCondition(t, src, all, whole)
		tryUpdate(t, src, all, whole)
		tryProjection(t, src, whole)
		if after := string(whole.append(nil)); after != before {
			t.Errorf("%s has changed the item to %s", src, after)
		}
	})
}

// accept reads an expression, and reports whether it was accepted.
func accept(t *testing.T, parameter, src string, all map[string]attribute, read func(*references, expression)) bool {
	refs := refer(t, src, all)
	read(refs, expression{parameter, &src})
	err := refs.err()
	if err != nil && !strings.HasPrefix(message(err), "Invalid "+parameter+": ") && !strings.Contains(message(err), "unused in expressions") {
		t.Errorf("%q is refused with %v", src, err)
	}
	return err == nil
}

// tryCondition holds that NOT (c) is true where c is not.
func tryCondition(t *testing.T, src string, all map[string]attribute, whole document) {
	var c, opposite condition
	if !accept(t, "ConditionExpression", src, all, func(r *references, e expression) { c = r.condition(e) }) {
		return
	}
	holds := c.holds(whole)
	c.holds(nil)
	pathsOf(c)
	negated := "NOT (" + src + ")"
	if accept(t, "ConditionExpression", negated, all, func(r *references, e expression) { opposite = r.condition(e) }) && opposite.holds(whole) == holds {
		t.Errorf("%q and its opposite are both %v", src, holds)
	}
}

// tryUpdate holds that an updated item is one that could be put.
func tryUpdate(t *testing.T, src string, all map[string]attribute, whole document) {
	var u update
	if !accept(t, "UpdateExpression", src, all, func(r *references, e expression) { u = r.update(e) }) {
		return
	}
	fresh, err := u.apply(whole)
	if err != nil {
		return
	}
	for _, p := range u.paths() {
		if p[0].name == "" {
			t.Errorf("%q changes an attribute of no name", src)
		}
	}
	again, err := readItem(attributes(t, string(fresh.append(nil))))
	if err != nil && !strings.Contains(err.Error(), "Nesting") || err == nil && !equal(again, fresh) {
		t.Errorf("%q makes %s, which reads back as %v (%v)", src, fresh.append(nil), again, err)
	}
}

// tryProjection holds that a projection has nothing that the item has not.
func tryProjection(t *testing.T, src string, whole document) {
	var p projection
	if !accept(t, "ProjectionExpression", src, nil, func(r *references, e expression) { p = r.projection(e) }) {
		return
	}
	for name, v := range p.of(whole) {
		if sizeOf(v) > sizeOf(whole[name]) {
			t.Errorf("%q makes more of %s than there is: %v", src, name, v)
		}
	}
}
