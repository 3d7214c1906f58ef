package dynamodb

import (
	"strings"
	"testing"
)

func TestItemsComeBackAsTheyWerePut(t *testing.T) {
	b := newBench(t)
	b.table("tab", "p", "s")
	const whole = `{"p":{"S":"a"},"s":{"S":"1"},"ma":{"M":{"x":{"N":"1"},"y":{"N":"2"}}},"li":{"L":[{"S":"a"},{"S":"b"}]}}`
	b.put("tab", whole)
	b.holds("tab", `{"p":{"S":"a"},"s":{"S":"1"}}`, whole)
	b.holds("tab", `{"p":{"S":"a"},"s":{"S":"2"}}`, "")
	b.answers("GetItem", `{"TableName":"tab","Key":{"p":{"S":"a"},"s":{"S":"1"}},"ProjectionExpression":"ma.#x, li[1]","ExpressionAttributeNames":{"#x":"x"}}`,
		`{"Item":{"ma":{"M":{"x":{"N":"1"}}},"li":{"L":[{"S":"b"}]}}}`)
	b.answers("GetItem", `{"TableName":"tab","Key":{"p":{"S":"a"},"s":{"S":"1"}},"ProjectionExpression":"gone"}`, `{"Item":{}}`)
	b.answers("GetItem", `{"TableName":"tab","Key":{"p":{"S":"b"},"s":{"S":"1"}},"ProjectionExpression":"gone"}`, `{}`)
}

func TestWritesReturnWhatTheyAreAskedFor(t *testing.T) {
	const (
		key    = `"TableName":"tab","Key":{"p":{"S":"a"}}`
		before = `{"p":{"S":"a"},"n":{"N":"1"},"ma":{"M":{"x":{"N":"1"},"y":{"N":"2"}}}}`
		update = key + `,"UpdateExpression":"SET ma.x = :v REMOVE n","ExpressionAttributeValues":{":v":{"N":"9"}}`
	)
	tests := map[string]struct{ action, body, want string }{
		"put, nothing":                        {"PutItem", `"TableName":"tab","Item":{"p":{"S":"a"}}`, `{}`},
		"put, the old item":                   {"PutItem", `"TableName":"tab","Item":{"p":{"S":"a"}},"ReturnValues":"ALL_OLD"`, `{"Attributes":` + before + `}`},
		"put, the old item where there is no": {"PutItem", `"TableName":"tab","Item":{"p":{"S":"b"}},"ReturnValues":"ALL_OLD"`, `{}`},
		"delete, nothing":                     {"DeleteItem", key + `,"ReturnValues":"NONE"`, `{}`},
		"delete, the old item":                {"DeleteItem", key + `,"ReturnValues":"ALL_OLD"`, `{"Attributes":` + before + `}`},
		"delete what is not there":            {"DeleteItem", `"TableName":"tab","Key":{"p":{"S":"b"}},"ReturnValues":"ALL_OLD"`, `{}`},
		"update, nothing":                     {"UpdateItem", update, `{}`},
		"update, the old item":                {"UpdateItem", update + `,"ReturnValues":"ALL_OLD"`, `{"Attributes":` + before + `}`},
		"update, the new item":                {"UpdateItem", update + `,"ReturnValues":"ALL_NEW"`, `{"Attributes":{"p":{"S":"a"},"ma":{"M":{"x":{"N":"9"},"y":{"N":"2"}}}}}`},
		"update, what was there":              {"UpdateItem", update + `,"ReturnValues":"UPDATED_OLD"`, `{"Attributes":{"n":{"N":"1"},"ma":{"M":{"x":{"N":"1"}}}}}`},
		"update, what is there now":           {"UpdateItem", update + `,"ReturnValues":"UPDATED_NEW"`, `{"Attributes":{"ma":{"M":{"x":{"N":"9"}}}}}`},
		"update, the new item of nothing":     {"UpdateItem", strings.Replace(update, `"SET ma.x = :v REMOVE n"`, `"SET z = :v"`, 1) + `,"ReturnValues":"UPDATED_OLD"`, `{}`},
		"update of nothing":                   {"UpdateItem", key + `,"ReturnValues":"ALL_NEW"`, `{"Attributes":` + before + `}`},
		"remove from what is not there":       {"UpdateItem", `"TableName":"tab","Key":{"p":{"S":"b"}},"UpdateExpression":"REMOVE n","ReturnValues":"ALL_NEW"`, `{}`},
		"update of what is not there":         {"UpdateItem", `"TableName":"tab","Key":{"p":{"S":"b"}},"ReturnValues":"ALL_NEW"`, `{"Attributes":{"p":{"S":"b"}}}`},
		"put with wishes that are not met":    {"PutItem", `"TableName":"tab","Item":{"p":{"S":"a"}},"ReturnConsumedCapacity":"TOTAL","ReturnItemCollectionMetrics":"SIZE"`, `{}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.table("tab", "p")
			b.put("tab", before)
			b.answers(tt.action, "{"+tt.body+"}", tt.want)
		})
	}
}

func TestAWriteWhoseConditionFailsHasNoEffect(t *testing.T) {
	const before = `{"p":{"S":"a"},"n":{"N":"1"}}`
	tests := map[string]struct{ action, body string }{
		"put":    {"PutItem", `"TableName":"tab","Item":{"p":{"S":"a"},"n":{"N":"2"}},"ConditionExpression":"attribute_not_exists(p)"`},
		"delete": {"DeleteItem", `"TableName":"tab","Key":{"p":{"S":"a"}},"ConditionExpression":"n > :n","ExpressionAttributeValues":{":n":{"N":"1"}}`},
		"update": {"UpdateItem", `"TableName":"tab","Key":{"p":{"S":"a"}},"UpdateExpression":"SET n = :n","ConditionExpression":"n > :n","ExpressionAttributeValues":{":n":{"N":"1"}}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.table("tab", "p")
			b.put("tab", before)
			const code, text = "ConditionalCheckFailedException", "The conditional request failed"
			if e := b.refuses(tt.action, "{"+tt.body+"}", code, text); e.Members["Item"] != nil {
				t.Error("tells the item without being asked")
			}
			e := b.refuses(tt.action, "{"+tt.body+`,"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`, code, text)
			if told, _ := e.Members["Item"].(document); !equal(told, item(t, before)) {
				t.Errorf("tells %v", told)
			}
			b.holds("tab", `{"p":{"S":"a"}}`, before)
		})
	}
}

func TestAConditionOnNothingTellsNothing(t *testing.T) {
	b := newBench(t)
	b.table("tab", "p")
	e := b.refuses("DeleteItem", `{"TableName":"tab","Key":{"p":{"S":"a"}},"ConditionExpression":"attribute_exists(p)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
		"ConditionalCheckFailedException", "")
	if e.Members != nil {
		t.Errorf("tells %v", e.Members)
	}
}

func TestItemsThatAreRefused(t *testing.T) {
	const validates = "1 validation error detected: Value "
	large := strings.Repeat("x", 400<<10-len("p")-len("a")-len("v"))
	tests := map[string]struct{ action, body, problem string }{
		"a put of nothing":              {"PutItem", `"TableName":"tab"`, validates + "null at 'item' failed to satisfy constraint: Member must not be null"},
		"a put without the key":         {"PutItem", `"TableName":"tab","Item":{"v":{"S":"a"}}`, wrong + "Missing the key p in the item"},
		"a put with another kind":       {"PutItem", `"TableName":"tab","Item":{"p":{"N":"1"}}`, wrong + "Type mismatch for key p expected: S actual: N"},
		"a put with an empty key":       {"PutItem", `"TableName":"tab","Item":{"p":{"S":""}}`, "The AttributeValue for a key attribute cannot contain an empty string value. Key: p"},
		"a put of too much":             {"PutItem", `"TableName":"tab","Item":{"p":{"S":"a"},"v":{"S":"` + large + `x"}}`, "Item size has exceeded the maximum allowed size"},
		"an update to too much":         {"UpdateItem", `"TableName":"tab","Key":{"p":{"S":"a"}},"UpdateExpression":"SET v = :v","ExpressionAttributeValues":{":v":{"S":"` + large + `x"}}`, "Item size to update has exceeded the maximum allowed size"},
		"an index key of another kind":  {"PutItem", `"TableName":"tab","Item":{"p":{"S":"a"},"x":{"S":"1"}}`, wrong + "Type mismatch for Index Key x Expected: N Actual: S IndexName: idx"},
		"an empty index key":            {"PutItem", `"TableName":"tab","Item":{"p":{"S":"a"},"y":{"S":""}}`, "A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: idx, IndexKey: y"},
		"an index key set to a text":    {"UpdateItem", `"TableName":"tab","Key":{"p":{"S":"a"}},"UpdateExpression":"SET x = :v","ExpressionAttributeValues":{":v":{"S":"1"}}`, wrong + "Type mismatch for Index Key x Expected: N Actual: S IndexName: idx"},
		"an index key set to nothing":   {"UpdateItem", `"TableName":"tab","Key":{"p":{"S":"a"}},"UpdateExpression":"SET y = :v","ExpressionAttributeValues":{":v":{"S":""}}`, "The update expression attempted to update a secondary index key to a value that is not supported."},
		"an index key copied from text": {"UpdateItem", `"TableName":"tab","Key":{"p":{"S":"a"}},"UpdateExpression":"SET x = p"`, wrong + "Type mismatch for Index Key x Expected: N Actual: S IndexName: idx"},
		"an update of the key":          {"UpdateItem", `"TableName":"tab","Key":{"p":{"S":"a"}},"UpdateExpression":"SET p = :v","ExpressionAttributeValues":{":v":{"S":"b"}}`, wrong + "Cannot update attribute p. This attribute is part of the key"},
		"a way into an index key":       {"UpdateItem", `"TableName":"tab","Key":{"p":{"S":"a"}},"UpdateExpression":"REMOVE y.z"`, "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: y"},
		"a way into the key":            {"GetItem", `"TableName":"tab","Key":{"p":{"S":"a"}},"ProjectionExpression":"p[0]"`, "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: p"},
		"a get without a key":           {"GetItem", `"TableName":"tab"`, validates + "null at 'key' failed to satisfy constraint: Member must not be null"},
		"a delete without a key":        {"DeleteItem", `"TableName":"tab"`, validates + "null at 'key' failed to satisfy constraint: Member must not be null"},
		"an update by a broken key":     {"UpdateItem", `"TableName":"tab","Key":{"p":{}}`, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
		"a get by a broken key":         {"GetItem", `"TableName":"tab","Key":{"p":{"N":"x"}}`, "The parameter cannot be converted to a numeric value: x"},
		"a put of a broken item":        {"PutItem", `"TableName":"tab","Item":{"p":{"S":"a"},"v":{"SS":[]}}`, "may not be empty"},
		"a get by another key":          {"GetItem", `"TableName":"tab","Key":{"q":{"S":"a"}}`, "The provided key element does not match the schema"},
		"a get by half a key":           {"GetItem", `"TableName":"tab","Key":{}`, "The provided key element does not match the schema"},
		"a delete by more than the key": {"DeleteItem", `"TableName":"tab","Key":{"p":{"S":"a"},"x":{"N":"1"}}`, "The provided key element does not match the schema"},
		"an update by an empty key":     {"UpdateItem", `"TableName":"tab","Key":{"p":{"S":""}}`, "The AttributeValue for a key attribute cannot contain an empty string value. Key: p"},
		"an odd return of put":          {"PutItem", `"TableName":"tab","Item":{"p":{"S":"a"}},"ReturnValues":"ALL_NEW"`, "ReturnValues can only be ALL_OLD or NONE"},
		"an odd return of delete":       {"DeleteItem", `"TableName":"tab","Key":{"p":{"S":"a"}},"ReturnValues":"UPDATED_OLD"`, "ReturnValues can only be ALL_OLD or NONE"},
		"an unknown return of put":      {"PutItem", `"TableName":"tab","Item":{"p":{"S":"a"}},"ReturnValues":"SOME"`, validates + "'SOME' at 'returnValues'"},
		"an unknown return":             {"UpdateItem", `"TableName":"tab","Key":{"p":{"S":"a"}},"ReturnValues":"SOME"`, validates + "'SOME' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"},
		"an unknown return of failure":  {"PutItem", `"TableName":"tab","Item":{"p":{"S":"a"}},"ReturnValuesOnConditionCheckFailure":"SOME"`, validates + "'SOME' at 'returnValuesOnConditionCheckFailure'"},
		"a table of no name":            {"GetItem", `"Key":{"p":{"S":"a"}}`, validates + "null at 'tableName' failed to satisfy constraint: Member must not be null"},
		"a table of a blank name":       {"PutItem", `"TableName":"a b","Item":{"p":{"S":"a"}}`, validates + "'a b' at 'tableName'"},
		"a value that is unused":        {"PutItem", `"TableName":"tab","Item":{"p":{"S":"a"}},"ConditionExpression":"attribute_exists(p)","ExpressionAttributeValues":{":v":{"S":"b"}}`, "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}"},
		"an update and its condition":   {"UpdateItem", `"TableName":"tab","Key":{"p":{"S":"a"}},"ConditionExpression":"v =","UpdateExpression":"SET"`, "Invalid UpdateExpression: Syntax error"},
	}
	b := newBench(t)
	b.tableWithIndex("tab", "x:N y", everything)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.refuses(tt.action, "{"+tt.body+"}", "ValidationException", tt.problem)
			b.holds("tab", `{"p":{"S":"a"}}`, "")
		})
	}
	b.t = t
	b.put("tab", `{"p":{"S":"a"},"v":{"S":"`+large+`"}}`) // just not too much
}

func TestCallsOfATableThatIsNotThere(t *testing.T) {
	b := newBench(t)
	for action, body := range map[string]string{
		"GetItem":            `{"TableName":"gone","Key":{"p":{"S":"a"}}}`,
		"PutItem":            `{"TableName":"gone","Item":{"p":{"S":"a"}}}`,
		"UpdateItem":         `{"TableName":"gone","Key":{"p":{"S":"a"}}}`,
		"DeleteItem":         `{"TableName":"gone","Key":{"p":{"S":"a"}}}`,
		"Query":              `{"TableName":"gone","KeyConditionExpression":"p = :p","ExpressionAttributeValues":{":p":{"S":"a"}}}`,
		"Scan":               `{"TableName":"gone"}`,
		"BatchGetItem":       `{"RequestItems":{"gone":{"Keys":[{"p":{"S":"a"}}]}}}`,
		"BatchWriteItem":     `{"RequestItems":{"gone":[{"PutRequest":{"Item":{"p":{"S":"a"}}}}]}}`,
		"TransactGetItems":   `{"TransactItems":[{"Get":{"TableName":"gone","Key":{"p":{"S":"a"}}}}]}`,
		"TransactWriteItems": `{"TransactItems":[{"Put":{"TableName":"gone","Item":{"p":{"S":"a"}}}}]}`,
	} {
		b.refuses(action, body, "ResourceNotFoundException", "Requested resource not found")
	}
}
