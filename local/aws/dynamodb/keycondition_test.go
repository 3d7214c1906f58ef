package dynamodb

import (
	"slices"
	"strings"
	"testing"
)

// TestKeyConditionsFindTheirItems tries each condition on a partition of the
// sort keys 1, 2, 10 and 20 between two other partitions.
func TestKeyConditionsFindTheirItems(t *testing.T) {
	tests := map[string]struct {
		condition string
		numbers   string // that are found
	}{
		"a partition":                {"p = :abc", "1 2 10 20"},
		"with the value first":       {":abc = p", "1 2 10 20"},
		"equal":                      {"p = :abc AND s = :two", "2"},
		"less":                       {"p = :abc AND s < :ten", "1 2"},
		"less or equal":              {"p = :abc AND s <= :ten", "1 2 10"},
		"greater":                    {"p = :abc AND s > :two", "10 20"},
		"greater or equal":           {"s >= :two AND p = :abc", "2 10 20"},
		"the value first":            {"p = :abc AND :two < s", "10 20"},
		"the value first, and equal": {"p = :abc AND :two >= s", "1 2"},
		"between":                    {"p = :abc AND s BETWEEN :two AND :ten", "2 10"},
		"between, around nothing":    {"p = :abc AND s BETWEEN :three AND :four", ""},
		"in parentheses":             {"(p = :abc) AND (s = :one)", "1"},
		"by other names":             {"#p = :abc AND #s > :ten", "20"},
		"of a partition that is not": {"p = :b", ""},
	}
	all := attributes(t, strings.Replace(dictionary, "{", `{":ten":{"N":"10"},":four":{"N":"4"},`, 1))
	s := schema{{"p", "S"}, {"s", "N"}}
	var items tree
	for _, p := range []string{"abb", "abc", "abd"} {
		for _, n := range []string{"1", "2", "10", "20"} {
			x := document{"p": text(p), "s": num(t, n)}
			items = items.put(s.encode(x), newRecord(x))
		}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			refs := refer(t, tt.condition, all)
			conditions := refs.keyConditions(expression{"KeyConditionExpression", &tt.condition})
			run, err := conditions.span(s)
			if err := first(refs.err(), err); err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, r := range items.records(run, false) {
				found = append(found, r.item["s"].(number).String())
			}
			if got := strings.Join(found, " "); got != tt.numbers {
				t.Errorf("%s finds %s, want %s", tt.condition, got, tt.numbers)
			}
		})
	}
}

func TestBeginningsOfSortKeys(t *testing.T) {
	s := schema{{"p", "S"}, {"s", "S"}}
	keys := []string{"", "a", "ab", "ab\x00", "abc", "ac", "b"}
	var items tree
	for _, k := range keys {
		x := document{"p": text("p"), "s": text(k)}
		items = items.put(s.encode(x), newRecord(x))
	}
	for _, prefix := range keys {
		want := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return !strings.HasPrefix(k, prefix) })
		c := keyCondition{operator: "begins_with", values: []value{text(prefix)}}
		var got []string
		for _, r := range items.records(c.within(s.partition(text("p"))), false) {
			got = append(got, string(r.item["s"].(text)))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q begins %q, want %q", prefix, got, want)
		}
	}
}

func TestKeyConditionsThatAreRefused(t *testing.T) {
	const (
		unusable = "Invalid operator used in KeyConditionExpression: "
		broken   = "Invalid condition in KeyConditionExpression: "
	)
	tests := map[string]struct{ condition, problem string }{
		"or":                          {"p = :a OR s = :one", unusable + "OR"},
		"not":                         {"NOT p = :a", unusable + "NOT"},
		"unequal":                     {"p <> :a", unusable + "<>"},
		"in":                          {"p IN (:a)", unusable + "IN"},
		"contains":                    {"contains(p, :a)", unusable + "contains"},
		"exists":                      {"attribute_exists(p)", unusable + "attribute_exists"},
		"a size":                      {"p = :a AND size(s) = :one", "KeyConditionExpressions cannot contain nested operations"},
		"a way into an attribute":     {"p = :a AND s.x = :one", "KeyConditionExpressions cannot have conditions on nested attributes"},
		"two attributes":              {"p = s", broken + "Multiple attribute names used in one condition"},
		"no attribute":                {":a = :b", broken + "No key attribute specified"},
		"an attribute behind":         {"p = :a AND :one BETWEEN s AND :two", broken + "BETWEEN operator must have the key attribute as its first operand"},
		"one key twice":               {"p = :a AND p = :b", "KeyConditionExpressions must only contain one condition per key"},
		"three conditions":            {"p = :a AND s = :one AND x = :one", "Conditions can be of length 1 or 2 only"},
		"no partition key":            {"s = :one", "Query condition missed key schema element: p"},
		"an attribute that is no key": {"p = :a AND x = :one", "Query condition missed key schema element: s"},
		"partitions from one on":      {"p > :a", "Query key condition not supported"},
		"a partition's beginning":     {"begins_with(p, :a)", "Query key condition not supported"},
		"another kind":                {"p = :one", "One or more parameter values were invalid: Condition parameter type does not match schema type"},
		"the sort key's other kind":   {"p = :a AND s = :a", "One or more parameter values were invalid: Condition parameter type does not match schema type"},
		"an empty text":               {"p = :empty", "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: p"},
		"what cannot be read":         {"p = ", `Invalid KeyConditionExpression: Syntax error; token: "<EOF>", near: "= "`},
		"what is not defined":         {"p = :undefined", "Invalid KeyConditionExpression: An expression attribute value used in expression is not defined; attribute value: :undefined"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			refs := refer(t, tt.condition, attributes(t, dictionary))
			conditions := refs.keyConditions(expression{"KeyConditionExpression", &tt.condition})
			err := refs.err()
			if err == nil {
				_, err = conditions.span(schema{{"p", "S"}, {"s", "N"}})
			}
			if err == nil || message(err) != tt.problem {
				t.Errorf("%s\ngot  %v\nwant %s", tt.condition, err, tt.problem)
			}
		})
	}
}

func TestATableWithoutASortKeyHasNoConditionOnIt(t *testing.T) {
	for _, src := range []string{"p = :a AND s = :one", "p = :a AND s > :one"} {
		refs := refer(t, src, attributes(t, dictionary))
		conditions := refs.keyConditions(expression{"KeyConditionExpression", &src})
		if _, err := conditions.span(schema{{"p", "S"}}); err == nil || message(err) != "Query key condition not supported" {
			t.Errorf("%s: got %v", src, err)
		}
	}
}
