package conformance

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func putRequest(text string) types.WriteRequest {
	return types.WriteRequest{PutRequest: &types.PutRequest{Item: item(text)}}
}

func deleteRequest(text string) types.WriteRequest {
	return types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: item(text)}}
}

// D26: API reference, BatchWriteItem; the message about duplicates is recorded
// by nubo-db/dynamodb-conformance (error-messages/batchWriteItem.test.ts).
func TestD26BatchesOfWrites(t *testing.T) {
	everywhere(t, "dynamodb", "D26", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name, other := b.table("p"), b.table("p s")
		write := func(requests map[string][]types.WriteRequest) (*dynamodb.BatchWriteItemOutput, error) {
			return b.BatchWriteItem(b.ctx, &dynamodb.BatchWriteItemInput{RequestItems: requests})
		}
		b.put(name, `{"p": "old"}`)
		requests := []types.WriteRequest{deleteRequest(`{"p": "old"}`), deleteRequest(`{"p": "never was"}`)}
		for i := range 22 {
			requests = append(requests, putRequest(fmt.Sprintf(`{"p": "new%d", "n": %d}`, i, i)))
		}
		out, err := write(map[string][]types.WriteRequest{name: requests, other: {putRequest(`{"p": "old", "s": "x"}`)}})
		b.ok(err)
		if len(out.UnprocessedItems) > 0 {
			t.Errorf("unprocessed %v", out.UnprocessedItems)
		}
		b.holds(name, `{"p": "old"}`, "")
		b.holds(name, `{"p": "new21"}`, `{"p": "new21", "n": 21}`)
		b.holds(other, `{"p": "old", "s": "x"}`, `{"p": "old", "s": "x"}`)
		_, err = write(map[string][]types.WriteRequest{name: append(requests, putRequest(`{"p": "y"}`), putRequest(`{"p": "z"}`))})
		b.invalid(err, "")
		_, err = write(map[string][]types.WriteRequest{name: {putRequest(`{"p": "a"}`), deleteRequest(`{"p": "a"}`)}})
		b.invalid(err, "Provided list of item keys contains duplicates")
		_, err = write(map[string][]types.WriteRequest{name: {putRequest(`{"p": "a"}`), putRequest(`{"q": "a"}`)}})
		b.invalid(err, "")
		b.holds(name, `{"p": "a"}`, "")
	})
}

// D27: API reference, BatchGetItem; the message about duplicates is recorded by
// nubo-db/dynamodb-conformance (error-messages/batchGetItem.test.ts).
func TestD27BatchesOfReads(t *testing.T) {
	everywhere(t, "dynamodb", "D27", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name, other := b.table("p"), b.table("p s")
		var wanted []map[string]types.AttributeValue
		for i := range 100 {
			if i < 30 {
				b.put(name, fmt.Sprintf(`{"p": "p%d", "n": %d, "x": "x"}`, i, i))
			}
			wanted = append(wanted, item(fmt.Sprintf(`{"p": "p%d"}`, i)))
		}
		read := func(requests map[string]types.KeysAndAttributes) (*dynamodb.BatchGetItemOutput, error) {
			return b.BatchGetItem(b.ctx, &dynamodb.BatchGetItemInput{RequestItems: requests})
		}
		out, err := read(map[string]types.KeysAndAttributes{name: {Keys: wanted, ProjectionExpression: aws.String("#n"), ExpressionAttributeNames: map[string]string{"#n": "n"}, ConsistentRead: aws.Bool(true)}})
		b.ok(err)
		got := each(out.Responses[name], "n")
		if slices.Sort(got); len(got) != 30 || len(out.UnprocessedKeys) > 0 || got[0] != "0" {
			t.Errorf("found %v, unprocessed %d", got, len(out.UnprocessedKeys))
		}
		out, err = read(map[string]types.KeysAndAttributes{name: {Keys: wanted[:1]}, other: {Keys: []map[string]types.AttributeValue{item(`{"p": "a", "s": "b"}`)}}})
		b.ok(err)
		b.want("two tables", fmt.Sprint(len(out.Responses), len(out.Responses[name]), len(out.Responses[other])), "2 1 0")
		_, err = read(map[string]types.KeysAndAttributes{name: {Keys: append(wanted, item(`{"p": "one more"}`))}})
		b.invalid(err, "")
		_, err = read(map[string]types.KeysAndAttributes{name: {Keys: []map[string]types.AttributeValue{wanted[0], wanted[1], wanted[0]}}})
		b.invalid(err, "Provided list of item keys contains duplicates")
	})
}
