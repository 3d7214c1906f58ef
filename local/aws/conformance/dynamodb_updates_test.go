package conformance

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// update updates an item and answers what is returned, as JSON.
func (b *bench) update(table, key, expression, values string, returned types.ReturnValue) (string, error) {
	in := &dynamodb.UpdateItemInput{TableName: &table, Key: item(key), ReturnValues: returned}
	if expression != "" {
		in.UpdateExpression = &expression
	}
	if values != "" {
		in.ExpressionAttributeValues = item(values)
	}
	out, err := b.UpdateItem(b.ctx, in)
	if err != nil {
		return "", err
	}
	return show(out.Attributes), nil
}

// D07: Developer Guide, "Update expressions"; places in lists, sets and nested
// paths are checked against AWS by ScyllaDB (test_update_expression.py).
func TestD07UpdateExpressions(t *testing.T) {
	const before = `{"p": "a", "n": 5, "s": "x", "l": [1, 2, 3, 4], "m": {"a": 1, "b": {"c": "d"}}, "ss": {"$SS": ["a", "b"]}, "ns": {"$NS": [1, 2]}}`
	tests := map[string]struct{ expression, values, want string }{
		"SET puts and replaces":                          {`SET n = :v, q = :w`, `{":v": "six", ":w": true}`, `"n": "six", "q": true`},
		"SET copies the item as it was":                  {`SET s = n, n = s`, ``, `"s": 5, "n": "x"`},
		"if_not_exists keeps":                            {`SET n = if_not_exists(n, :v)`, `{":v": 0}`, `"n": 5`},
		"if_not_exists begins":                           {`SET q = if_not_exists(q, :v) + :w`, `{":v": 0, ":w": 7}`, `"q": 7`},
		"if_not_exists of another attribute":             {`SET q = if_not_exists(nope, n)`, ``, `"q": 5`},
		"plus and minus":                                 {`SET n = n + :v, q = :v - n`, `{":v": 0.1}`, `"n": 5.1, "q": -4.9`},
		"list_append behind":                             {`SET l = list_append(l, :v)`, `{":v": [5]}`, `"l": [1, 2, 3, 4, 5]`},
		"list_append before":                             {`SET l = list_append(:v, l)`, `{":v": [0]}`, `"l": [0, 1, 2, 3, 4]`},
		"list_append to what is not there":               {`SET q = list_append(if_not_exists(q, :e), :v)`, `{":e": [], ":v": [1]}`, `"q": [1]`},
		"SET of a place":                                 {`SET l[1] = :v`, `{":v": "two"}`, `"l": [1, "two", 3, 4]`},
		"SET behind the end appends in order":            {`SET l[9] = :v, l[7] = :w`, `{":v": "nine", ":w": "seven"}`, `"l": [1, 2, 3, 4, "seven", "nine"]`},
		"SET of a nested name":                           {`SET m.b.e = :v, m.a = :v`, `{":v": 0}`, `"m": {"a": 0, "b": {"c": "d", "e": 0}}`},
		"REMOVE of a place moves the rest":               {`REMOVE l[0], l[2]`, ``, `"l": [2, 4]`},
		"places are those before the update":             {`REMOVE l[0] SET l[2] = :v`, `{":v": "three"}`, `"l": [2, "three", 4]`},
		"REMOVE behind the end does nothing":             {`REMOVE l[7], nope`, ``, `"l": [1, 2, 3, 4]`},
		"REMOVE of a nested name":                        {`REMOVE m.b.c, s`, ``, `"m": {"a": 1, "b": {}}, "s": null`},
		"SET and REMOVE read what REMOVE takes":          {`REMOVE s SET q = s`, ``, `"q": "x", "s": null`},
		"ADD of a number":                                {`ADD n :v`, `{":v": -7}`, `"n": -2`},
		"ADD of a number that is not there":              {`ADD q :v`, `{":v": 3}`, `"q": 3`},
		"ADD to a set":                                   {`ADD ss :v`, `{":v": {"$SS": ["b", "c"]}}`, `"ss": {"$SS": ["a", "b", "c"]}`},
		"ADD of a set that is not there":                 {`ADD q :v`, `{":v": {"$NS": [3]}}`, `"q": {"$NS": [3]}`},
		"DELETE from a set":                              {`DELETE ns :v`, `{":v": {"$NS": [2.0, 9]}}`, `"ns": {"$NS": [1]}`},
		"DELETE of all members deletes the set":          {`DELETE ss :v`, `{":v": {"$SS": ["a", "b"]}}`, `"ss": null`},
		"DELETE from what is not there":                  {`DELETE q :v`, `{":v": {"$SS": ["a"]}}`, `"n": 5`},
		"all clauses at once":                            {`SET q = n ADD n :v REMOVE s DELETE ss :w`, `{":v": 1, ":w": {"$SS": ["a"]}}`, `"q": 5, "n": 6, "s": null, "ss": {"$SS": ["b"]}`},
		"clauses may be small and in parentheses":        {`set n = (n + :v), q = (:v)`, `{":v": 1}`, `"n": 6, "q": 1`},
		"a sum of an attribute with itself":              {`SET n = n + n`, ``, `"n": 10`},
		"numbers keep all digits when they are added":    {`SET n = n + :v`, `{":v": 10000000000000000000000000000000}`, `"n": 10000000000000000000000000000005`},
		"a set of numbers takes equal numbers only once": {`ADD ns :v`, `{":v": {"$NS": ["2.0", "3"]}}`, `"ns": {"$NS": [1, 2, 3]}`},
	}
	everywhere(t, "dynamodb", "D07", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		for sentence, tt := range tests {
			b.put(name, before)
			got, err := b.update(name, `{"p": "a"}`, tt.expression, tt.values, types.ReturnValueAllNew)
			if err != nil {
				t.Errorf("%s: %v", sentence, err)
				continue
			}
			b.want(sentence, got, changed(before, tt.want))
			b.holds(name, `{"p": "a"}`, changed(before, tt.want))
		}
	})
}

// changed is an item with some attributes replaced; null takes one away.
func changed(before, changes string) string {
	out := item(before)
	for name, v := range item("{" + changes + "}") {
		if out[name] = v; plain(v) == nil {
			delete(out, name)
		}
	}
	return show(out)
}

// D08: API reference, ReturnValues of UpdateItem, PutItem and DeleteItem;
// nested paths are checked against AWS by ScyllaDB (test_returnvalues.py).
func TestD08ReturnValues(t *testing.T) {
	const before = `{"p": "a", "n": 1, "s": "x", "m": {"a": [1, 2, 3], "b": "c"}}`
	tests := map[string]struct {
		expression string
		returned   types.ReturnValue
		want       string
	}{
		"UPDATED_NEW of what changed":              {`SET n = n + :one, q = :one`, types.ReturnValueUpdatedNew, `{"n": 2, "q": 1}`},
		"UPDATED_NEW of a nested path":             {`SET m.a[1] = :one, m.d = :one`, types.ReturnValueUpdatedNew, `{"m": {"a": [1], "d": 1}}`},
		"UPDATED_NEW without what was removed":     {`SET n = :one REMOVE s`, types.ReturnValueUpdatedNew, `{"n": 1}`},
		"UPDATED_NEW of nothing but removal":       {`REMOVE s`, types.ReturnValueUpdatedNew, ``},
		"UPDATED_OLD of what changed":              {`SET n = :one, q = :one REMOVE s`, types.ReturnValueUpdatedOld, `{"n": 1, "s": "x"}`},
		"UPDATED_OLD of a nested path":             {`SET m.a[1] = :one`, types.ReturnValueUpdatedOld, `{"m": {"a": [2]}}`},
		"UPDATED_OLD of what was not there":        {`SET q = :one`, types.ReturnValueUpdatedOld, ``},
		"UPDATED_OLD of what is set to what it is": {`SET n = :one`, types.ReturnValueUpdatedOld, `{"n": 1}`},
		"ALL_OLD": {`SET n = :one REMOVE s, m`, types.ReturnValueAllOld, before},
		"ALL_NEW": {`SET n = n + :one REMOVE s, m`, types.ReturnValueAllNew, `{"p": "a", "n": 2}`},
		"NONE":    {`SET n = :one`, types.ReturnValueNone, ``},
	}
	everywhere(t, "dynamodb", "D08", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		for sentence, tt := range tests {
			b.put(name, before)
			values := `{":one": 1}`
			if tt.expression == `REMOVE s` {
				values = ""
			}
			got, err := b.update(name, `{"p": "a"}`, tt.expression, values, tt.returned)
			b.ok(err)
			b.want(sentence, got, same(tt.want))
		}
		old := types.ReturnValueAllOld
		put, err := b.PutItem(b.ctx, &dynamodb.PutItemInput{TableName: &name, Item: item(`{"p": "b", "n": 1}`), ReturnValues: old})
		b.ok(err)
		b.want("first put", show(put.Attributes), "")
		put, err = b.PutItem(b.ctx, &dynamodb.PutItemInput{TableName: &name, Item: item(`{"p": "b", "n": 2}`), ReturnValues: old})
		b.ok(err)
		b.want("second put", show(put.Attributes), `{"n":1,"p":"b"}`)
		gone, err := b.DeleteItem(b.ctx, &dynamodb.DeleteItemInput{TableName: &name, Key: item(`{"p": "b"}`), ReturnValues: old})
		b.ok(err)
		b.want("delete", show(gone.Attributes), `{"n":2,"p":"b"}`)
		gone, err = b.DeleteItem(b.ctx, &dynamodb.DeleteItemInput{TableName: &name, Key: item(`{"p": "b"}`), ReturnValues: old})
		b.ok(err)
		b.want("delete of nothing", show(gone.Attributes), "")
		_, err = b.PutItem(b.ctx, &dynamodb.PutItemInput{TableName: &name, Item: item(`{"p": "b"}`), ReturnValues: types.ReturnValueAllNew})
		b.invalid(err, "value")
	})
}

// D09: API reference, UpdateItem ("edits an existing item's attributes, or adds
// a new item"); what makes no item is checked against AWS by ScyllaDB
// (test_item.py, test_update_item_non_existent).
func TestD09UpsertAndWhatCannotBeUpdated(t *testing.T) {
	everywhere(t, "dynamodb", "D09", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p s")
		key := func(s string) string { return `{"p": "a", "s": "` + s + `"}` }
		must := func(s, expression, values string) {
			t.Helper()
			_, err := b.update(name, key(s), expression, values, "")
			b.ok(err)
		}
		must("bare", "", "")
		b.holds(name, key("bare"), key("bare"))
		must("new", "SET n = :v", `{":v": 1}`)
		b.holds(name, key("new"), `{"p": "a", "s": "new", "n": 1}`)
		must("removed", "REMOVE n", "")
		b.holds(name, key("removed"), "")
		must("emptied", "DELETE n :v", `{":v": {"$SS": ["x"]}}`)
		b.holds(name, key("emptied"), "")

		wrong := map[string]struct{ expression, values, hint string }{
			"the partition key":               {"SET p = :v", `{":v": "b"}`, "This attribute is part of the key"},
			"the sort key":                    {"REMOVE s", ``, "This attribute is part of the key"},
			"a name in what is not there":     {"SET m.a = :v", `{":v": 1}`, "The document path provided in the update expression is invalid for update"},
			"a name in a number":              {"SET n.a = :v", `{":v": 1}`, "The document path provided in the update expression is invalid for update"},
			"a place in a number":             {"REMOVE n[0]", ``, "The document path provided in the update expression is invalid for update"},
			"the sum of a missing attribute":  {"SET q = q + :v", `{":v": 1}`, "The provided expression refers to an attribute that does not exist in the item"},
			"the sum of a text":               {"SET q = t + :v", `{":v": 1}`, "An operand in the update expression has an incorrect data type"},
			"the addition of a set to number": {"ADD n :v", `{":v": {"$NS": [1]}}`, "An operand in the update expression has an incorrect data type"},
		}
		b.put(name, `{"p": "a", "s": "here", "n": 1, "t": "x"}`)
		for sentence, tt := range wrong {
			_, err := b.update(name, key("here"), tt.expression, tt.values, "")
			t.Log(sentence)
			b.invalid(err, tt.hint)
		}
		b.holds(name, key("here"), `{"p": "a", "s": "here", "n": 1, "t": "x"}`)
	})
}

// D39: Developer Guide, "Working with items", atomic counters.
func TestD39CountersLoseNothing(t *testing.T) {
	everywhere(t, "dynamodb", "D39", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		together64(t, func(int) error {
			for range 20 {
				if _, err := b.update(name, `{"p": "a"}`, "ADD n :one", `{":one": 1}`, ""); err != nil {
					return err
				}
			}
			return nil
		})
		b.holds(name, `{"p": "a"}`, `{"p": "a", "n": 1280}`)
	})
}

// D53: a call must run once. The item is 20 KB and returned whole, which over
// loopback is an answer of several segments: the case in which net/http cut the
// connection under the SDK, and the SDK repeated a call that had been applied.
// It passes by boot.WholeBody (aws-sdk-go-v2 issues 1825 and 2737).
func TestD53LargeAnswersAreNotAskedForTwice(t *testing.T) {
	everywhere(t, "dynamodb", "D53", func(t *testing.T, e endpoint) {
		const calls = 3000
		b := newBench(t, e)
		name := b.table("p")
		_, err := b.PutItem(b.ctx, &dynamodb.PutItemInput{TableName: &name, Item: map[string]types.AttributeValue{
			"p": &types.AttributeValueMemberS{Value: "a"}, "fill": &types.AttributeValueMemberB{Value: make([]byte, 20<<10)},
		}})
		b.ok(err)
		in := &dynamodb.UpdateItemInput{
			TableName: &name, Key: item(`{"p": "a"}`), UpdateExpression: aws.String("ADD n :one"),
			ExpressionAttributeValues: item(`{":one": 1}`), ReturnValues: types.ReturnValueAllNew,
		}
		var last *dynamodb.UpdateItemOutput
		for range calls {
			last, err = b.UpdateItem(b.ctx, in)
			b.ok(err)
		}
		b.want("counter", jsonOf(plain(last.Attributes["n"])), "3000")
	})
}
