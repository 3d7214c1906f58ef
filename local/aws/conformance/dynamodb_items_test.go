package conformance

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// D12: Developer Guide, "Supported data types and naming rules" and "Quotas";
// the messages are recorded by nubo-db/dynamodb-conformance
// (tests/tier3/error-messages/putItem.test.ts) and dynalite (test/putItem.js).
func TestD12KeysAreValidated(t *testing.T) {
	long := strings.Repeat("x", 1025)
	puts := map[string]struct{ item, hint string }{
		"an empty key":             {`{"p": "a", "s": ""}`, "empty string"},
		"a missing key":            {`{"p": "a"}`, "key"},
		"a key of another kind":    {`{"p": "a", "s": 1}`, "s"},
		"a key that is too long":   {`{"p": "a", "s": "` + long + `"}`, "1024 bytes"},
		"a longer partition key":   {`{"p": "` + long + long + `", "s": "a"}`, "2048 bytes"},
		"a list for a key":         {`{"p": ["a"], "s": "a"}`, "p"},
		"a null for a key":         {`{"p": null, "s": "a"}`, "p"},
		"an index key of a number": {`{"p": "a", "s": "b", "g": 1}`, "Type mismatch for Index Key"},
	}
	lookups := map[string]string{
		"a key too few":         `{"p": "a"}`,
		"a key too many":        `{"p": "a", "s": "b", "x": "c"}`,
		"a key of another kind": `{"p": "a", "s": 1}`,
		"another key":           `{"p": "a", "x": "b"}`,
	}
	everywhere(t, "dynamodb", "D12", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p s", withIndex("by-g", "g"))
		for sentence, tt := range puts {
			t.Log(sentence)
			_, err := b.PutItem(b.ctx, &dynamodb.PutItemInput{TableName: &name, Item: item(tt.item)})
			b.invalid(err, tt.hint)
		}
		for sentence, key := range lookups {
			t.Log(sentence)
			_, err := b.GetItem(b.ctx, &dynamodb.GetItemInput{TableName: &name, Key: item(key)})
			b.invalid(err, "")
			_, err = b.DeleteItem(b.ctx, &dynamodb.DeleteItemInput{TableName: &name, Key: item(key)})
			b.invalid(err, "")
			_, err = b.update(name, key, "", "", "")
			b.invalid(err, "")
		}
		longest := `{"p": "` + long[:1024] + long[:1024] + `", "s": "` + long[:1024] + `"}`
		b.put(name, longest)
		b.holds(name, longest, longest)
	})
}

// D13: AWS announcement of May 2020, empty values for non-key attributes;
// checked against AWS by ScyllaDB (test_item.py, test_nonkey_empty_value).
func TestD13EmptyValuesAreValues(t *testing.T) {
	everywhere(t, "dynamodb", "D13", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		const empty = `{"p": "a", "s": "", "b": {"$B": ""}, "l": [], "m": {"k": ""}}`
		b.put(name, empty)
		b.holds(name, `{"p": "a"}`, empty)
		for _, set := range []string{"$SS", "$NS", "$BS"} {
			_, err := b.PutItem(b.ctx, &dynamodb.PutItemInput{TableName: &name, Item: item(`{"p": "a", "x": {"` + set + `": []}}`)})
			b.invalid(err, "empty")
		}
	})
}

// D14: Developer Guide, "Supported data types and naming rules", numbers;
// precision, bounds and sums are checked against AWS by ScyllaDB
// (test_number.py), the plain notation of answers by dynalite.
func TestD14Numbers(t *testing.T) {
	const digits38 = "12345678901234567890123456789012345678"
	same := map[string]string{
		"0": "0", "-0": "0", "1.0": "1", "1E3": "1000", "1e-3": "0.001", "+7": "7", "007.50": "7.5", ".5": "0.5", "-1.50e1": "-15", "0e1000": "0",
		digits38: digits38, "0." + digits38: "0." + digits38, "-" + digits38 + "e5": "-" + digits38 + "00000",
		"9.9e125": "99" + strings.Repeat("0", 124), "1e-130": "0." + strings.Repeat("0", 129) + "1",
	}
	wrong := map[string]string{
		digits38 + "9": "38", "0." + digits38 + "9": "38",
		"1e126": "overflow", "-1e126": "overflow", "1e-131": "underflow",
		"one": "num", "1 ": "num", "0x1": "num", "NaN": "num", "Infinity": "num", "1e": "num", "--1": "num", "": "num",
	}
	everywhere(t, "dynamodb", "D14", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		put := func(n string) error {
			_, err := b.PutItem(b.ctx, &dynamodb.PutItemInput{TableName: &name, Item: map[string]types.AttributeValue{
				"p": &types.AttributeValueMemberS{Value: "a"}, "n": &types.AttributeValueMemberN{Value: n}}})
			return err
		}
		for n, want := range same {
			b.ok(put(n))
			b.want(n, b.get(name, `{"p": "a"}`), `{"n":`+want+`,"p":"a"}`)
		}
		for n, hint := range wrong {
			b.invalid(put(n), hint)
		}
		b.ok(put("0.1"))
		got, err := b.update(name, `{"p": "a"}`, "SET n = n + :v", `{":v": 0.2}`, types.ReturnValueUpdatedNew)
		b.ok(err)
		b.want("0.1 + 0.2", got, `{"n":0.3}`)
		b.ok(put("1e37"))
		_, err = b.update(name, `{"p": "a"}`, "ADD n :v", `{":v": 0.1}`, "")
		b.invalid(err, "")
	})
}

// D15: Developer Guide, "Supported data types and naming rules".
func TestD15KindsComeBackAsTheyWere(t *testing.T) {
	everywhere(t, "dynamodb", "D15", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		const all = `{"p": "a", "text": "ü 😀 \u0000 <&> \" \\ \n", "n": -1.5, "b": {"$B": "AAEC/w=="}, "t": true, "f": false, "z": null,
			"ss": {"$SS": ["b", "a", "ü"]}, "ns": {"$NS": [3, -1, 2.5]}, "bs": {"$BS": ["Ag==", "AQ=="]},
			"l": ["x", 1, null, [], {}, ["y", {"z": {"$SS": ["q"]}}]], "m": {"k": {"k": [1, {"k": false}]}, "e": {}}, "no-l": [], "no-m": {}}`
		b.put(name, all)
		b.holds(name, `{"p": "a"}`, all)
		_, err := b.PutItem(b.ctx, &dynamodb.PutItemInput{TableName: &name, Item: item(`{"p": "a", "x": {"$SS": ["a", "a"]}}`)})
		b.invalid(err, "duplicates")
		_, err = b.PutItem(b.ctx, &dynamodb.PutItemInput{TableName: &name, Item: item(`{"p": "a", "x": {"$NS": ["1", "1.0"]}}`)})
		b.invalid(err, "duplicates")
		deep := strings.Repeat(`{"k":`, 31) + "1" + strings.Repeat("}", 31)
		b.put(name, `{"p": "deep", "m": `+deep+`}`)
		b.holds(name, `{"p": "deep"}`, `{"p": "deep", "m": `+deep+`}`)
		_, err = b.PutItem(b.ctx, &dynamodb.PutItemInput{TableName: &name, Item: item(`{"p": "a", "m": {"k":` + deep + `}}`)})
		b.invalid(err, "nest")
	})
}

// D38: Developer Guide, "Quotas", 400 KB; that 409,600 bytes pass and one more
// does not is recorded by nubo-db/dynamodb-conformance
// (tests/tier3/limits/itemSizeBySurface.test.ts).
func TestD38ItemsHaveALimit(t *testing.T) {
	everywhere(t, "dynamodb", "D38", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		// "p" and "a", "x" and its value.
		const room = 400<<10 - 3
		fits, tooLarge := strings.Repeat("x", room), strings.Repeat("x", room+1)
		b.put(name, `{"p": "a", "x": "`+fits+`"}`)
		_, err := b.PutItem(b.ctx, &dynamodb.PutItemInput{TableName: &name, Item: item(`{"p": "a", "x": "` + tooLarge + `"}`)})
		b.invalid(err, "Item size has exceeded the maximum allowed size")
		_, err = b.update(name, `{"p": "a"}`, "SET y = :y", `{":y": "xx"}`, "")
		b.invalid(err, "Item size to update has exceeded the maximum allowed size")
		_, err = b.BatchWriteItem(b.ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
			name: {{PutRequest: &types.PutRequest{Item: item(`{"p": "b"}`)}}, {PutRequest: &types.PutRequest{Item: item(`{"p": "c", "x": "` + tooLarge + `"}`)}}},
		}})
		b.invalid(err, "Item size has exceeded the maximum allowed size")
		b.holds(name, `{"p": "b"}`, "")
		_, err = b.TransactWriteItems(b.ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
			{Put: &types.Put{TableName: &name, Item: item(`{"p": "c", "x": "` + tooLarge + `"}`)}},
		}})
		b.invalid(err, "Item size has exceeded the maximum allowed size")
	})
}
