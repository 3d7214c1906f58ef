package conformance

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// D04: Developer Guide, "Condition expressions", preventing overwrites of an
// existing item.
func TestD04FirstConditionalPutWins(t *testing.T) {
	everywhere(t, "dynamodb", "D04", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p s")
		claim := func(n string) error {
			_, err := b.PutItem(b.ctx, &dynamodb.PutItemInput{TableName: &name, Item: item(`{"p": "a", "s": "b", "n": ` + n + `}`), ConditionExpression: aws.String("attribute_not_exists(p)")})
			return err
		}
		b.ok(claim("1"))
		failed := as[*types.ConditionalCheckFailedException](t, claim("2"))
		b.want("message", failed.ErrorMessage(), "The conditional request failed")
		b.holds(name, `{"p": "a", "s": "b"}`, `{"p": "a", "s": "b", "n": 1}`)
	})
}

// D05: API reference, ReturnValuesOnConditionCheckFailure of PutItem,
// UpdateItem and DeleteItem; checked against AWS by ScyllaDB
// (test_returnvalues.py).
func TestD05FailedConditionReturnsTheItem(t *testing.T) {
	everywhere(t, "dynamodb", "D05", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		b.put(name, `{"p": "a", "n": 1}`)
		fail := func(key string, all types.ReturnValuesOnConditionCheckFailure) map[string]error {
			condition, values := aws.String("n = :n"), item(`{":n": 2}`)
			_, put := b.PutItem(b.ctx, &dynamodb.PutItemInput{TableName: &name, Item: item(key), ConditionExpression: condition, ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: all})
			_, update := b.UpdateItem(b.ctx, &dynamodb.UpdateItemInput{TableName: &name, Key: item(key), UpdateExpression: aws.String("SET x = :n"), ConditionExpression: condition, ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: all})
			_, remove := b.DeleteItem(b.ctx, &dynamodb.DeleteItemInput{TableName: &name, Key: item(key), ConditionExpression: condition, ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: all})
			return map[string]error{"put": put, "update": update, "delete": remove}
		}
		for action, err := range fail(`{"p": "a"}`, types.ReturnValuesOnConditionCheckFailureAllOld) {
			b.want(action, show(as[*types.ConditionalCheckFailedException](t, err).Item), same(`{"p": "a", "n": 1}`))
		}
		for action, err := range fail(`{"p": "a"}`, types.ReturnValuesOnConditionCheckFailureNone) {
			b.want(action+" without asking", show(as[*types.ConditionalCheckFailedException](t, err).Item), "")
		}
		for action, err := range fail(`{"p": "not there"}`, types.ReturnValuesOnConditionCheckFailureAllOld) {
			b.want(action+" of no item", show(as[*types.ConditionalCheckFailedException](t, err).Item), "")
		}
	})
}

// holdsTrue asks the endpoint whether a condition is true of an item.
func (b *bench) holdsTrue(table, key, condition, values string, names map[string]string) bool {
	b.t.Helper()
	in := &dynamodb.UpdateItemInput{TableName: &table, Key: item(key), ConditionExpression: &condition, ExpressionAttributeNames: names}
	if values != "" {
		in.ExpressionAttributeValues = item(values)
	}
	_, err := b.UpdateItem(b.ctx, in)
	if failed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &failed) {
		return false
	}
	if err != nil {
		b.t.Errorf("%s: %v", condition, err)
	}
	return true
}

// D06: Developer Guide, "Condition and filter expressions, operators, and
// functions"; the answers on each kind are checked against AWS by ScyllaDB
// (test_condition_expression.py).
func TestD06Conditions(t *testing.T) {
	const thing = `{"p": "a", "s": "hello", "n": 5, "b": {"$B": "aGVsbG8="}, "t": true, "z": null,
		"l": ["x", 7, ["deep"]], "m": {"k": {"q": [1, {"w": "in"}]}},
		"ss": {"$SS": ["x", "y"]}, "ns": {"$NS": [1, 2.5]}, "bs": {"$BS": ["AQ==", "Ag=="]}}`
	tests := map[string]struct {
		condition, values string
		want              bool
	}{
		"an attribute exists":                           {`attribute_exists(s)`, ``, true},
		"a nested attribute exists":                     {`attribute_exists(m.k.q[1].w)`, ``, true},
		"a place behind the end of a list does not":     {`attribute_exists(l[3])`, ``, false},
		"a missing attribute does not exist":            {`attribute_not_exists(nope.a)`, ``, true},
		"a null attribute exists":                       {`attribute_exists(z)`, ``, true},
		"the type of a list":                            {`attribute_type(l, :t)`, `{":t": "L"}`, true},
		"the type of a null":                            {`attribute_type(z, :t)`, `{":t": "NULL"}`, true},
		"not the type of a set":                         {`attribute_type(ss, :t)`, `{":t": "S"}`, false},
		"a text begins with a text":                     {`begins_with(s, :v)`, `{":v": "hel"}`, true},
		"a binary begins with a binary":                 {`begins_with(b, :v)`, `{":v": {"$B": "aGVs"}}`, true},
		"a number begins with nothing":                  {`begins_with(n, :v)`, `{":v": "5"}`, false},
		"a text contains a text":                        {`contains(s, :v)`, `{":v": "ell"}`, true},
		"a set of texts contains a text":                {`contains(ss, :v)`, `{":v": "y"}`, true},
		"a set of texts does not contain a part":        {`contains(ss, :v)`, `{":v": "xy"}`, false},
		"a set of numbers contains a number":            {`contains(ns, :v)`, `{":v": 2.50}`, true},
		"a set of binaries contains a binary":           {`contains(bs, :v)`, `{":v": {"$B": "Ag=="}}`, true},
		"a list contains a number":                      {`contains(l, :v)`, `{":v": 7}`, true},
		"a list contains a list":                        {`contains(l, :v)`, `{":v": ["deep"]}`, true},
		"a list does not contain another kind":          {`contains(l, :v)`, `{":v": "7"}`, false},
		"the size of a text":                            {`size(s) = :v`, `{":v": 5}`, true},
		"the size of a binary":                          {`size(b) = :v`, `{":v": 5}`, true},
		"the size of a list":                            {`size(l) >= :v`, `{":v": 3}`, true},
		"the size of a map":                             {`size(m.k) < :v`, `{":v": 2}`, true},
		"the size of a set":                             {`size(ss) <> :v`, `{":v": 3}`, true},
		"a number has no size":                          {`size(n) < :v`, `{":v": 100}`, false},
		"BETWEEN holds its bounds":                      {`n BETWEEN :a AND :b`, `{":a": 5, ":b": 5.0}`, true},
		"BETWEEN of texts":                              {`s BETWEEN :a AND :b`, `{":a": "h", ":b": "hf"}`, true},
		"BETWEEN of another kind":                       {`n BETWEEN :a AND :b`, `{":a": "1", ":b": "9"}`, false},
		"IN finds one of several":                       {`s IN (:a, :b, :c)`, `{":a": 1, ":b": "x", ":c": "hello"}`, true},
		"IN finds none":                                 {`s IN (:a, :b)`, `{":a": "hell", ":b": "HELLO"}`, false},
		"AND goes before OR":                            {`n = :v OR n = :w AND n = :w`, `{":v": 5, ":w": 6}`, true},
		"NOT goes before AND":                           {`NOT n = :w AND n = :v`, `{":v": 5, ":w": 6}`, true},
		"parentheses go before all":                     {`NOT (n = :w OR n = :v)`, `{":v": 5, ":w": 6}`, false},
		"keywords may be small":                         {`not n = :w and (n = :v or n between :w and :w)`, `{":v": 5, ":w": 6}`, true},
		"a value may stand first":                       {`:v < n`, `{":v": 4}`, true},
		"two attributes are compared":                   {`n > ns`, ``, false},
		"a nested attribute is compared":                {`m.k.q[0] <= n`, ``, true},
		"numbers are compared by value":                 {`n = :v`, `{":v": 5.00}`, true},
		"maps are compared in depth":                    {`m = :v`, `{":v": {"k": {"q": [1, {"w": "in"}]}}}`, true},
		"sets are compared without order":               {`ss = :v`, `{":v": {"$SS": ["y", "x"]}}`, true},
		"a list has an order":                           {`l = :v`, `{":v": [7, "x", ["deep"]]}`, false},
		"different kinds are not equal":                 {`n <> :v`, `{":v": "5"}`, true},
		"different kinds are not in order":              {`n < :v`, `{":v": "9"}`, false},
		"a boolean equals a boolean":                    {`t = :v`, `{":v": true}`, true},
		"functions need no names beside":                {`attribute_not_exists(nope) AND contains(s, :v) AND size(l) = :n`, `{":v": "o", ":n": 3}`, true},
		"a comparison needs no blanks":                  {`n=:v AND s<>:w`, `{":v": 5, ":w": "x"}`, true},
		"a missing attribute is not equal to a missing": {`nope = nope2`, ``, false},
	}
	everywhere(t, "dynamodb", "D06", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		b.put(name, thing)
		for sentence, tt := range tests {
			if got := b.holdsTrue(name, `{"p": "a"}`, tt.condition, tt.values, nil); got != tt.want {
				t.Errorf("%s: %s with %s is %v", sentence, tt.condition, tt.values, got)
			}
		}
	})
}

// D52: Developer Guide, "Condition and filter expressions"; that a missing
// attribute is never equal, less or greater, and always unequal, is checked
// against AWS by ScyllaDB (test_condition_expression.py, …_two_unset).
func TestD52MissingAndNull(t *testing.T) {
	tests := map[string]struct {
		condition, values string
		want              bool
	}{
		"a missing attribute is not less":       {`nope < :v`, `{":v": 1}`, false},
		"nor greater":                           {`nope > :v`, `{":v": 1}`, false},
		"nor between":                           {`nope BETWEEN :v AND :v`, `{":v": 1}`, false},
		"nor equal":                             {`nope = :v`, `{":v": 1}`, false},
		"nor equal to null":                     {`nope = :v`, `{":v": null}`, false},
		"it is unequal":                         {`nope <> :v`, `{":v": 1}`, true},
		"it is in no list":                      {`nope IN (:v)`, `{":v": null}`, false},
		"a null equals null":                    {`z = :v`, `{":v": null}`, true},
		"a null does not equal a text":          {`z = :v`, `{":v": "null"}`, false},
		"a null is not less than a number":      {`z < :v`, `{":v": 1}`, false},
		"a path through a null leads nowhere":   {`attribute_exists(z.a)`, ``, false},
		"a path through a number leads nowhere": {`n.a = :v`, `{":v": 1}`, false},
	}
	everywhere(t, "dynamodb", "D52", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		b.put(name, `{"p": "a", "n": 1, "z": null}`)
		for sentence, tt := range tests {
			if got := b.holdsTrue(name, `{"p": "a"}`, tt.condition, tt.values, nil); got != tt.want {
				t.Errorf("%s: %s is %v", sentence, tt.condition, got)
			}
		}
		b.holds(name, `{"p": "a"}`, `{"p": "a", "n": 1, "z": null}`)
	})
}
