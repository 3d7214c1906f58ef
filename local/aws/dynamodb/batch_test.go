package dynamodb

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestBatchesWriteAndRead(t *testing.T) {
	b := newBench(t)
	b.table("one", "p")
	b.table("two", "p", "s")
	b.put("one", `{"p":{"S":"old"}}`)
	b.answers("BatchWriteItem", `{"RequestItems":{
		"one":[{"PutRequest":{"Item":{"p":{"S":"a"},"v":{"S":"x"}}}},{"DeleteRequest":{"Key":{"p":{"S":"old"}}}},{"DeleteRequest":{"Key":{"p":{"S":"gone"}}}}],
		"two":[{"PutRequest":{"Item":{"p":{"S":"a"},"s":{"S":"1"}}}}]},"ReturnConsumedCapacity":"NONE"}`, `{"UnprocessedItems":{}}`)
	b.answers("BatchGetItem", `{"RequestItems":{
		"one":{"Keys":[{"p":{"S":"old"}},{"p":{"S":"a"}}],"ProjectionExpression":"#v","ExpressionAttributeNames":{"#v":"v"}},
		"two":{"Keys":[{"p":{"S":"a"},"s":{"S":"1"}}],"ConsistentRead":true}}}`,
		`{"Responses":{"one":[{"v":{"S":"x"}}],"two":[{"p":{"S":"a"},"s":{"S":"1"}}]},"UnprocessedKeys":{}}`)
}

func TestBatchesThatAreRefused(t *testing.T) {
	const (
		get, write = "BatchGetItem", "BatchWriteItem"
		put        = `{"PutRequest":{"Item":{"p":{"S":"a"}}}}`
	)
	many := func(n int, each string) string {
		return strings.TrimSuffix(strings.Repeat(each+",", n), ",")
	}
	tests := map[string]struct{ action, tables, problem string }{
		"a read of no table":         {get, ``, "The requestItems parameter is required for BatchGetItem"},
		"a write to no table":        {write, ``, "The requestItems parameter is required for BatchWriteItem"},
		"a read of no key":           {get, `"tab":{"Keys":[]}`, "Value at 'RequestItems.tab.member.Keys' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		"a read of 101 keys":         {get, `"tab":{"Keys":[` + many(101, `{"p":{"S":"a"}}`) + `]}`, "Value at 'RequestItems.tab.member.Keys' failed to satisfy constraint: Member must have length less than or equal to 100"},
		"of two tables":              {get, `"tab":{"Keys":[` + many(51, `{"p":{"S":"a"}}`) + `]},"other":{"Keys":[` + many(50, `{"p":{"S":"a"}}`) + `]}`, "Too many items requested for the BatchGetItem call"},
		"a key twice":                {get, `"tab":{"Keys":[{"p":{"S":"a"}},{"p":{"S":"b"}},{"p":{"S":"a"}}]}`, "Provided list of item keys contains duplicates"},
		"a key of another table":     {get, `"tab":{"Keys":[{"q":{"S":"a"}}]}`, "The provided key element does not match the schema"},
		"a name that is unused":      {get, `"tab":{"Keys":[{"p":{"S":"a"}}],"ProjectionExpression":"v","ExpressionAttributeNames":{"#x":"x"}}`, "Value provided in ExpressionAttributeNames unused in expressions: keys: {#x}"},
		"a write of nothing":         {write, `"tab":[]`, "Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]"},
		"26 writes":                  {write, `"tab":[` + many(26, put) + `]`, "Map value must satisfy constraint: [Member must have length less than or equal to 25"},
		"26 writes to two tables":    {write, `"tab":[` + many(13, put) + `],"other":[` + many(13, put) + `]`, "Too many items requested for the BatchWriteItem call"},
		"an item twice":              {write, `"tab":[` + many(2, put) + `]`, "Provided list of item keys contains duplicates"},
		"an item put and deleted":    {write, `"tab":[` + put + `,{"DeleteRequest":{"Key":{"p":{"S":"a"}}}}]`, "Provided list of item keys contains duplicates"},
		"a write that is none":       {write, `"tab":[{}]`, "Supplied WriteRequest is not valid, must contain exactly one of PutRequest or DeleteRequest"},
		"a write that is two":        {write, `"tab":[{"PutRequest":{"Item":{"p":{"S":"a"}}},"DeleteRequest":{"Key":{"p":{"S":"b"}}}}]`, "Supplied WriteRequest is not valid, must contain exactly one of PutRequest or DeleteRequest"},
		"a put without a key":        {write, `"tab":[{"PutRequest":{"Item":{"v":{"S":"a"}}}}]`, "The provided key element does not match the schema"},
		"a put with an empty key":    {write, `"tab":[{"PutRequest":{"Item":{"p":{"S":""}}}}]`, "The AttributeValue for a key attribute cannot contain an empty string value. Key: p"},
		"a put of too much":          {write, `"tab":[{"PutRequest":{"Item":{"p":{"S":"a"},"v":{"S":"` + strings.Repeat("x", 400<<10) + `"}}}}]`, "Item size has exceeded the maximum allowed size"},
		"a delete by more than keys": {write, `"tab":[{"DeleteRequest":{"Key":{"p":{"S":"a"},"v":{"S":"x"}}}}]`, "The provided key element does not match the schema"},
		"one wrong write among more": {write, `"tab":[` + put + `,{"PutRequest":{"Item":{"p":{"N":"1"}}}}]`, "The provided key element does not match the schema"},
	}
	b := newBench(t)
	b.table("tab", "p")
	b.table("other", "p")
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.refuses(tt.action, `{"RequestItems":{`+tt.tables+`}}`, "ValidationException", tt.problem)
			b.holds("tab", `{"p":{"S":"a"}}`, "")
		})
	}
}

func TestTheLargestBatches(t *testing.T) {
	b := newBench(t)
	b.table("tab", "p")
	var keys, puts []string
	for i := range 100 {
		keys = append(keys, fmt.Sprintf(`{"p":{"S":"%02d"}}`, i))
		puts = append(puts, `{"PutRequest":{"Item":`+keys[i]+`}}`)
	}
	for i := 0; i < 100; i += 25 {
		b.answers("BatchWriteItem", `{"RequestItems":{"tab":[`+strings.Join(puts[i:i+25], ",")+`]}}`, `{"UnprocessedItems":{}}`)
	}
	if found, left := b.batch(`{"tab":{"Keys":[` + strings.Join(keys, ",") + `]}}`); len(found) != 100 || left != "{}" {
		t.Errorf("found %d and left %s", len(found), left)
	}
}

// TestABatchAnswersSixteenMegabytes reads 50 items of 390 kB: 43 fit.
func TestABatchAnswersSixteenMegabytes(t *testing.T) {
	b := newBench(t)
	b.table("tab", "p")
	payload := strings.Repeat("x", 390_000-len("v"))
	var keys []string
	for i := range 50 {
		key := fmt.Sprintf(`"p":{"S":"%02d"}`, i)
		b.put("tab", `{`+key+`,"v":{"S":"`+payload+`"}}`)
		keys = append(keys, `{`+key+`}`)
	}
	const how = `"ConsistentRead":true,"ProjectionExpression":"#v","ExpressionAttributeNames":{"#v":"v"}}}`
	first, left := b.batch(`{"tab":{"Keys":[` + strings.Join(keys, ",") + `],` + how)
	if want := `{"tab":{"Keys":[` + strings.Join(keys[43:], ",") + `],` + how; len(first) != 43 || tidy(t, left) != tidy(t, want) {
		t.Errorf("the first answer has %d items and leaves %s", len(first), left)
	}
	if second, left := b.batch(left); len(second) != 7 || left != "{}" {
		t.Errorf("the second answer has %d items and leaves %s", len(second), left)
	}
}

// batch makes a BatchGetItem of the table tab. It returns the items and the
// request for what is left.
func (b *bench) batch(request string) (items []json.RawMessage, left string) {
	b.t.Helper()
	var answer struct {
		Responses       map[string][]json.RawMessage
		UnprocessedKeys json.RawMessage
	}
	if err := json.Unmarshal([]byte(b.do("BatchGetItem", `{"RequestItems":`+request+`}`)), &answer); err != nil {
		b.t.Fatal(err)
	}
	return answer.Responses["tab"], string(answer.UnprocessedKeys)
}
