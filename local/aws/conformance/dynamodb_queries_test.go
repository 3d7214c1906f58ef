package conformance

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// ask makes a query of the text of its condition and its values.
func ask(table, condition, values string) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{TableName: &table, KeyConditionExpression: &condition, ExpressionAttributeValues: item(values)}
}

// found is the attribute of each item of a query, all pages together.
func (b *bench) found(in *dynamodb.QueryInput, attribute string) string {
	b.t.Helper()
	var all []string
	pages := dynamodb.NewQueryPaginator(b, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(b.ctx)
		b.ok(err)
		all = append(all, each(page.Items, attribute)...)
	}
	return strings.Join(all, " ")
}

// each is one attribute of several items, as text.
func each(items []map[string]types.AttributeValue, attribute string) []string {
	var all []string
	for _, i := range items {
		all = append(all, fmt.Sprint(plain(i[attribute])))
	}
	return all
}

// D16: Developer Guide, "Key condition expressions for the Query operation";
// the messages are recorded by dynalite (test/query.js).
func TestD16KeyConditions(t *testing.T) {
	texts := map[string]struct{ condition, values, want string }{
		"the partition alone":     {`p = :p`, `{}`, "a ab abc b ba c"},
		"equal":                   {`p = :p AND s = :s`, `{":s": "ab"}`, "ab"},
		"less":                    {`p = :p AND s < :s`, `{":s": "b"}`, "a ab abc"},
		"less or equal":           {`p = :p AND s <= :s`, `{":s": "b"}`, "a ab abc b"},
		"greater":                 {`p = :p AND s > :s`, `{":s": "ab"}`, "abc b ba c"},
		"greater or equal":        {`p = :p AND s >= :s`, `{":s": "ab"}`, "ab abc b ba c"},
		"between":                 {`p = :p AND s BETWEEN :s AND :z`, `{":s": "ab", ":z": "b"}`, "ab abc b"},
		"a beginning":             {`p = :p AND begins_with(s, :s)`, `{":s": "ab"}`, "ab abc"},
		"the sort key first":      {`s < :s AND p = :p`, `{":s": "ab"}`, "a"},
		"the value first":         {`:p = p AND :s >= s`, `{":s": "ab"}`, "a ab"},
		"in parentheses":          {`(p = :p) AND (s = :s)`, `{":s": "c"}`, "c"},
		"nothing in between":      {`p = :p AND s BETWEEN :s AND :z`, `{":s": "bb", ":z": "bz"}`, ""},
		"no such beginning":       {`p = :p AND begins_with(s, :s)`, `{":s": "d"}`, ""},
		"a beginning that is all": {`p = :p AND begins_with(s, :s)`, `{":s": "abc"}`, "abc"},
	}
	numbers := map[string]struct{ condition, values, want string }{
		"in the order of numbers": {`p = :p`, `{}`, "-20 -3 -0.5 0 0.25 2 10 1000"},
		"less":                    {`p = :p AND s < :s`, `{":s": -0.5}`, "-20 -3"},
		"greater or equal":        {`p = :p AND s >= :s`, `{":s": 2.0}`, "2 10 1000"},
		"between":                 {`p = :p AND s BETWEEN :s AND :z`, `{":s": -3, ":z": 0.25}`, "-3 -0.5 0 0.25"},
	}
	wrong := map[string]struct{ condition, values, hint string }{
		"no partition key":         {`s = :s`, `{":s": "a"}`, "Query condition missed key schema element"},
		"another attribute":        {`p = :p AND x = :s`, `{":p": "a", ":s": "a"}`, "Query condition missed key schema element"},
		"three conditions":         {`p = :p AND s = :s AND x = :s`, `{":p": "a", ":s": "a"}`, "Conditions can be of length 1 or 2 only"},
		"a partition key less":     {`p < :p`, `{":p": "a"}`, "Query key condition not supported"},
		"OR":                       {`p = :p OR s = :s`, `{":p": "a", ":s": "a"}`, "Invalid operator used in KeyConditionExpression: OR"},
		"NOT":                      {`p = :p AND NOT s = :s`, `{":p": "a", ":s": "a"}`, "Invalid operator used in KeyConditionExpression: NOT"},
		"IN":                       {`p = :p AND s IN (:s)`, `{":p": "a", ":s": "a"}`, "Invalid operator used in KeyConditionExpression: IN"},
		"unequal":                  {`p = :p AND s <> :s`, `{":p": "a", ":s": "a"}`, "Invalid operator used in KeyConditionExpression: <>"},
		"a function":               {`p = :p AND contains(s, :s)`, `{":p": "a", ":s": "a"}`, "Invalid operator used in KeyConditionExpression: contains"},
		"a key twice":              {`p = :p AND p = :p`, `{":p": "a"}`, "KeyConditionExpressions must only contain one condition per key"},
		"a nested name":            {`p = :p AND s.x = :s`, `{":p": "a", ":s": "a"}`, "key"},
		"the size":                 {`p = :p AND size(s) = :s`, `{":p": "a", ":s": 1}`, "KeyConditionExpressions cannot contain nested operations"},
		"two attributes":           {`p = s`, ``, "Multiple attribute names used in one condition"},
		"another kind":             {`p = :p AND s = :s`, `{":p": "a", ":s": 1}`, "Condition parameter type does not match schema type"},
		"a range the wrong way":    {`p = :p AND s BETWEEN :s AND :z`, `{":p": "a", ":s": "b", ":z": "a"}`, "BETWEEN operator requires upper bound"},
		"a value that is not used": {`p = :p`, `{":p": "a", ":s": "a"}`, "unused"},
	}
	everywhere(t, "dynamodb", "D16", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name, counted := b.table("p s"), b.table("p s:N")
		for _, s := range []string{"b", "abc", "a", "c", "ba", "ab"} {
			b.put(name, `{"p": "p", "s": "`+s+`"}`, `{"p": "other", "s": "`+s+`x"}`)
		}
		for _, s := range []string{"10", "-3", "0", "2", "1000", "-20", "0.25", "-0.5"} {
			b.put(counted, `{"p": "p", "s": `+s+`}`)
		}
		query := func(table, values, condition string) *dynamodb.QueryInput {
			in := ask(table, condition, values)
			in.ExpressionAttributeValues[":p"] = &types.AttributeValueMemberS{Value: "p"}
			return in
		}
		for sentence, tt := range texts {
			b.want(sentence, b.found(query(name, tt.values, tt.condition), "s"), tt.want)
			backwards := query(name, tt.values, tt.condition)
			backwards.ScanIndexForward = aws.Bool(false)
			b.want(sentence+" backwards", b.found(backwards, "s"), reversed(tt.want))
		}
		for sentence, tt := range numbers {
			b.want("numbers, "+sentence, b.found(query(counted, tt.values, tt.condition), "s"), tt.want)
		}
		for sentence, tt := range wrong {
			t.Log(sentence)
			in := &dynamodb.QueryInput{TableName: &name, KeyConditionExpression: &tt.condition}
			if tt.values != "" {
				in.ExpressionAttributeValues = item(tt.values)
			}
			_, err := b.Query(b.ctx, in)
			b.invalid(err, tt.hint)
		}
		_, err := b.Query(b.ctx, &dynamodb.QueryInput{TableName: &name})
		b.invalid(err, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	})
}

func reversed(words string) string {
	all := strings.Fields(words)
	slices.Reverse(all)
	return strings.Join(all, " ")
}

// D17: Developer Guide, "Paginating table query results".
func TestD17QueriesArePaged(t *testing.T) {
	everywhere(t, "dynamodb", "D17", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p s:N")
		var forwards []string
		for i := range 23 {
			b.put(name, fmt.Sprintf(`{"p": "a", "s": %d}`, i))
			forwards = append(forwards, fmt.Sprint(i))
		}
		for _, forward := range []bool{true, false} {
			for _, limit := range []int32{1, 5, 22, 23, 24} {
				in := ask(name, "p = :p", `{":p": "a"}`)
				in.Limit, in.ScanIndexForward = &limit, &forward
				want := strings.Join(forwards, " ")
				if !forward {
					want = reversed(want)
				}
				b.want(fmt.Sprintf("pages of %d, forward %v", limit, forward), b.found(in, "s"), want)
			}
		}
		in := ask(name, "p = :p", `{":p": "a"}`)
		in.Limit = aws.Int32(5)
		page, err := b.Query(b.ctx, in)
		b.ok(err)
		b.want("key to go on from", show(page.LastEvaluatedKey), `{"p":"a","s":4}`)
		in.ExclusiveStartKey = item(`{"p": "a", "s": 4.5}`)
		page, err = b.Query(b.ctx, in)
		b.ok(err)
		b.want("from between two items", strings.Join(each(page.Items, "s"), " "), "5 6 7 8 9")
		for _, start := range []string{`{"p": "a"}`, `{"p": "b", "s": 1}`, `{"p": "a", "s": "1"}`, `{"p": "a", "s": 1, "x": 1}`} {
			in.ExclusiveStartKey = item(start)
			_, err = b.Query(b.ctx, in)
			b.invalid(err, "")
		}
		in.ExclusiveStartKey, in.Limit = nil, aws.Int32(0)
		_, err = b.Query(b.ctx, in)
		b.invalid(err, "greater than or equal to 1")
	})
}

// D19: Developer Guide, "Filter expressions for the Query operation" and
// "Counting the items in the results".
func TestD19FilterComesAfterLimit(t *testing.T) {
	everywhere(t, "dynamodb", "D19", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p s:N")
		for i := range 10 {
			b.put(name, fmt.Sprintf(`{"p": "a", "s": %d, "odd": %v}`, i, i%2 == 1))
		}
		in := ask(name, "p = :p", `{":p": "a", ":t": true}`)
		in.FilterExpression, in.Limit = aws.String("odd = :t"), aws.Int32(5)
		page, err := b.Query(b.ctx, in)
		b.ok(err)
		b.want("page", fmt.Sprint(page.Count, page.ScannedCount, each(page.Items, "s"), show(page.LastEvaluatedKey)), `2 5 [1 3]{"p":"a","s":4}`)
		b.want("all pages", b.found(in, "s"), "1 3 5 7 9")
		in.Select, in.Limit = types.SelectCount, nil
		page, err = b.Query(b.ctx, in)
		b.ok(err)
		b.want("count", fmt.Sprint(page.Count, page.ScannedCount, len(page.Items)), "5 10 0")
		scan, err := b.Scan(b.ctx, &dynamodb.ScanInput{TableName: &name, FilterExpression: aws.String("odd = :t AND s > :s"), ExpressionAttributeValues: item(`{":t": true, ":s": 4}`), Select: types.SelectCount})
		b.ok(err)
		b.want("scan", fmt.Sprint(scan.Count, scan.ScannedCount), "3 10")
		in.FilterExpression = aws.String("odd = :t AND s = :t")
		_, err = b.Query(b.ctx, in)
		b.invalid(err, "Filter Expression can only contain non-primary key attributes: Primary key attribute: s")
	})
}

// D20: Developer Guide, "Paginating table query results": a page holds at most
// a megabyte.
func TestD20PagesEndAtAMegabyte(t *testing.T) {
	everywhere(t, "dynamodb", "D20", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p s:N")
		for i := range 30 {
			b.put(name, fmt.Sprintf(`{"p": "a", "s": %d, "x": "%s"}`, i, strings.Repeat("x", 100<<10)))
		}
		in := ask(name, "p = :p", `{":p": "a"}`)
		page, err := b.Query(b.ctx, in)
		b.ok(err)
		if n := page.Count; n < 9 || n > 11 || page.LastEvaluatedKey == nil {
			t.Errorf("%d items of 100 KB on the first page, last key %s", n, show(page.LastEvaluatedKey))
		}
		if n := len(strings.Fields(b.found(in, "s"))); n != 30 {
			t.Errorf("%d items on all pages", n)
		}
		seen := map[string]bool{}
		scan := dynamodb.NewScanPaginator(b, &dynamodb.ScanInput{TableName: &name})
		pages := 0
		for ; scan.HasMorePages(); pages++ {
			page, err := scan.NextPage(b.ctx)
			b.ok(err)
			for _, s := range each(page.Items, "s") {
				seen[s] = true
			}
		}
		if pages < 3 || pages > 4 || len(seen) != 30 {
			t.Errorf("scan saw %d items on %d pages", len(seen), pages)
		}
	})
}
