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

// askIndex makes a query of an index.
func askIndex(table, index, condition, values string) *dynamodb.QueryInput {
	in := ask(table, condition, values)
	in.IndexName = &index
	return in
}

// D21: Developer Guide, "Using global secondary indexes", attribute projections
// and sparse indexes.
func TestD21IndexesProject(t *testing.T) {
	everywhere(t, "dynamodb", "D21", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p", withIndex("all", "g n:N", "*"), withIndex("only-keys", "g n:N"), withIndex("some", "g n:N", "x"))
		b.put(name, `{"p": "1", "g": "a", "n": 10, "x": "x1", "y": "y1"}`, `{"p": "2", "g": "a", "n": 9, "x": "x2"}`, `{"p": "3", "g": "a", "n": -1}`,
			`{"p": "4", "g": "b", "n": 1}`, `{"p": "5", "g": "a", "x": "no n"}`, `{"p": "6", "n": 3, "x": "no g"}`)
		in := func(index string) *dynamodb.QueryInput { return askIndex(name, index, "g = :g", `{":g": "a"}`) }
		b.want("in the order of numbers, sparse", b.found(in("all"), "p"), "3 2 1")
		tests := map[string]string{
			"all":       `{"p": "1", "g": "a", "n": 10, "x": "x1", "y": "y1"}`,
			"only-keys": `{"p": "1", "g": "a", "n": 10}`,
			"some":      `{"p": "1", "g": "a", "n": 10, "x": "x1"}`,
		}
		for index, want := range tests {
			page, err := b.Query(b.ctx, askIndex(name, index, "g = :g AND n > :n", `{":g": "a", ":n": 9.5}`))
			b.ok(err)
			if len(page.Items) != 1 {
				t.Fatalf("%s: %d items", index, len(page.Items))
			}
			b.want(index, show(page.Items[0]), same(want))
		}
		scan, err := b.Scan(b.ctx, &dynamodb.ScanInput{TableName: &name, IndexName: aws.String("some")})
		b.ok(err)
		b.want("scan of an index", fmt.Sprint(slices.Sorted(slices.Values(each(scan.Items, "p")))), "[1 2 3 4]")
	})
}

// D22: the messages are recorded by nubo-db/dynamodb-conformance
// (tests/tier3/error-messages/query.test.ts) and dynalite (test/query.js).
func TestD22IndexesHaveBounds(t *testing.T) {
	everywhere(t, "dynamodb", "D22", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p", withIndex("only-keys", "g"))
		in := askIndex(name, "only-keys", "g = :g", `{":g": "a"}`)
		in.ConsistentRead = aws.Bool(true)
		_, err := b.Query(b.ctx, in)
		b.invalid(err, "consistent read")
		_, err = b.Scan(b.ctx, &dynamodb.ScanInput{TableName: &name, IndexName: aws.String("only-keys"), ConsistentRead: aws.Bool(true)})
		b.invalid(err, "consistent read")
		_, err = b.Query(b.ctx, askIndex(name, "nope", "g = :g", `{":g": "a"}`))
		b.invalid(err, "The table does not have the specified index: nope")
		in = askIndex(name, "only-keys", "g = :g", `{":g": "a"}`)
		in.FilterExpression = aws.String("x = :g")
		_, err = b.Query(b.ctx, in)
		b.invalid(err, "Secondary index only-keys does not project one or more filter attributes: [x]")
		_, err = b.Query(b.ctx, askIndex(name, "only-keys", "p = :g", `{":g": "a"}`))
		b.invalid(err, "Query condition missed key schema element")
	})
}

// D23: Developer Guide, "Using global secondary indexes": key values need not
// be unique; API reference, LastEvaluatedKey.
func TestD23IndexesOfEqualKeysArePaged(t *testing.T) {
	everywhere(t, "dynamodb", "D23", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p s", withIndex("by-g", "g n:N"))
		want := map[string]bool{}
		for i := range 40 {
			b.put(name, fmt.Sprintf(`{"p": "p%d", "s": "s", "g": "a", "n": %d}`, i, i%2))
			want[fmt.Sprintf("p%d", i)] = true
		}
		for _, forward := range []bool{true, false} {
			in := askIndex(name, "by-g", "g = :g", `{":g": "a"}`)
			in.Limit, in.ScanIndexForward = aws.Int32(7), &forward
			page, err := b.Query(b.ctx, in)
			b.ok(err)
			if len(page.LastEvaluatedKey) != 4 {
				t.Errorf("last key %s, want p, s, g and n", show(page.LastEvaluatedKey))
			}
			got := strings.Fields(b.found(in, "p"))
			seen := map[string]bool{}
			for _, p := range got {
				seen[p] = true
			}
			if len(got) != len(want) || len(seen) != len(want) {
				t.Errorf("forward %v: %d items, %d of them different, want %d", forward, len(got), len(seen), len(want))
			}
			numbers := strings.Fields(b.found(in, "n"))
			if !slices.IsSorted(numbers) == forward {
				t.Errorf("forward %v: order %v", forward, numbers)
			}
		}
	})
}

// D24: Developer Guide, "Using global secondary indexes", data synchronization.
func TestD24IndexesFollow(t *testing.T) {
	everywhere(t, "dynamodb", "D24", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p", withIndex("by-g", "g n:N", "x"))
		at := func(g string) string {
			return b.found(askIndex(name, "by-g", "g = :g", `{":g": "`+g+`"}`), "p")
		}
		step := func(what, a, z string) {
			t.Helper()
			b.want(what+", a", at("a"), a)
			b.want(what+", z", at("z"), z)
		}
		change := func(expression, values string) {
			t.Helper()
			_, err := b.update(name, `{"p": "1"}`, expression, values, "")
			b.ok(err)
		}
		b.put(name, `{"p": "1", "g": "a", "n": 1}`, `{"p": "2", "g": "a", "n": 2}`)
		step("put", "1 2", "")
		change("SET n = :n", `{":n": 3}`)
		step("sort key changed", "2 1", "")
		change("SET g = :g", `{":g": "z"}`)
		step("partition key changed", "2", "1")
		change("REMOVE n", "")
		step("key removed", "2", "")
		change("SET n = :n", `{":n": 1}`)
		step("key back", "2", "1")
		b.put(name, `{"p": "2", "g": "z", "n": 0}`)
		step("replaced", "", "2 1")
		_, err := b.DeleteItem(b.ctx, &dynamodb.DeleteItemInput{TableName: &name, Key: item(`{"p": "2"}`)})
		b.ok(err)
		step("deleted", "", "1")
		change("SET x = :x", `{":x": "seen"}`)
		b.want("projected attribute", b.found(askIndex(name, "by-g", "g = :g", `{":g": "z"}`), "x"), "seen")
		_, err = b.TransactWriteItems(b.ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
			{Put: &types.Put{TableName: &name, Item: item(`{"p": "3", "g": "a", "n": 1}`)}},
			{Delete: &types.Delete{TableName: &name, Key: item(`{"p": "1"}`)}},
		}})
		b.ok(err)
		step("transaction", "3", "")
	})
}

// D37: Developer Guide, "Working with scans", parallel scan; the message is
// recorded by nubo-db/dynamodb-conformance (error-messages/scan.test.ts).
func TestD37ParallelScanSeesEachItemOnce(t *testing.T) {
	everywhere(t, "dynamodb", "D37", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p s:N")
		for i := range 60 {
			b.put(name, fmt.Sprintf(`{"p": "p%d", "s": %d}`, i/2, i))
		}
		for _, segments := range []int32{1, 4, 7} {
			seen := map[string]int{}
			for segment := range segments {
				pages := dynamodb.NewScanPaginator(b, &dynamodb.ScanInput{TableName: &name, Segment: &segment, TotalSegments: &segments, Limit: aws.Int32(5)})
				for pages.HasMorePages() {
					page, err := pages.NextPage(b.ctx)
					b.ok(err)
					for _, s := range each(page.Items, "s") {
						seen[s]++
					}
				}
			}
			for s, n := range seen {
				if n != 1 {
					t.Errorf("item %s was seen %d times in %d segments", s, n, segments)
				}
			}
			if len(seen) != 60 {
				t.Errorf("%d items in %d segments", len(seen), segments)
			}
		}
		_, err := b.Scan(b.ctx, &dynamodb.ScanInput{TableName: &name, Segment: aws.Int32(4), TotalSegments: aws.Int32(4)})
		b.invalid(err, "less than")
		_, err = b.Scan(b.ctx, &dynamodb.ScanInput{TableName: &name, TotalSegments: aws.Int32(4)})
		b.invalid(err, "Segment")
	})
}
