package dynamodb

import (
	"testing"

	"fulcrum/local/aws/wire"
)

func TestWhatIsNotThereIsSaid(t *testing.T) {
	b := newBench(t)
	b.table("orders", "p")
	schema, attributes := keySchema("p")
	table := `"TableName":"more","BillingMode":"PAY_PER_REQUEST","KeySchema":` + schema + `,"AttributeDefinitions":[` + attributes + `]`
	tests := map[string]struct{ action, body, what string }{
		"an action":                      {"ExecuteStatement", `{}`, "ExecuteStatement of DynamoDB"},
		"a change of a table":            {"UpdateTable", `{}`, "UpdateTable of DynamoDB"},
		"a stream":                       {"CreateTable", `{` + table + `,"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}}`, "a table with a stream"},
		"a local index":                  {"CreateTable", `{` + table + `,"LocalSecondaryIndexes":[]}`, "LocalSecondaryIndexes of CreateTable"},
		"a policy":                       {"CreateTable", `{` + table + `,"ResourcePolicy":"{}"}`, "ResourcePolicy of CreateTable"},
		"the conditions of old":          {"PutItem", `{"TableName":"orders","Item":{},"Expected":{}}`, "Expected of PutItem"},
		"the updates of old":             {"UpdateItem", `{"TableName":"orders","Key":{},"AttributeUpdates":{}}`, "AttributeUpdates of UpdateItem"},
		"the projections of old":         {"GetItem", `{"TableName":"orders","Key":{},"AttributesToGet":[]}`, "AttributesToGet of GetItem"},
		"the queries of old":             {"Query", `{"TableName":"orders","KeyConditions":{}}`, "KeyConditions of Query"},
		"the filters of old":             {"Scan", `{"TableName":"orders","ScanFilter":{}}`, "ScanFilter of Scan"},
		"a member that nobody knows":     {"Scan", `{"TableName":"orders","Fast":true}`, "Fast of Scan"},
		"a kind of attribute to come":    {"PutItem", `{"TableName":"orders","Item":{"p":{"T":"now"}}}`, "T of PutItem"},
		"a table by its ARN":             {"GetItem", `{"TableName":"arn:aws:dynamodb:us-east-1:000000000000:table/orders","Key":{"p":{"S":"a"}}}`, "a table called by its ARN"},
		"a member within a batch":        {"BatchGetItem", `{"RequestItems":{"orders":{"Keys":[],"AttributesToGet":[]}}}`, "AttributesToGet of BatchGetItem"},
		"a member within a transaction":  {"TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"orders","Item":{},"ReturnValues":"ALL_OLD"}}]}`, "ReturnValues of TransactWriteItems"},
		"an index with a long key":       {"CreateTable", `{` + table + `,"GlobalSecondaryIndexes":[{"IndexName":"idx","KeySchema":[{},{},{}],"Projection":{}}]}`, "an index with a key of more than two attributes"},
		"an index of meaning in a table": {"CreateTable", `{` + table + `,"VectorIndexes":[]}`, "VectorIndexes of CreateTable"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := b.refuses(tt.action, tt.body, "NotSupportedHere", tt.what+" is not supported here")
			if e.Status != 501 {
				t.Errorf("the status is %d", e.Status)
			}
		})
	}
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	b := newBench(t)
	b.refuses("GetItem", `{"TableName":7}`, "SerializationException", "the input of GetItem cannot be read")
	b.refuses("GetItem", `{"TableName":`, "SerializationException", "the input of GetItem cannot be read")
}

func TestCallsNameWhatTheyWorkOn(t *testing.T) {
	const arn = "arn:aws:dynamodb:us-east-1:000000000000:table/"
	b := newBench(t)
	tests := map[string]struct{ action, body, want string }{
		"an item":            {"GetItem", `{"TableName":"orders"}`, arn + "orders"},
		"a table":            {"DeleteTable", `{"TableName":"orders"}`, arn + "orders"},
		"a query":            {"Query", `{"TableName":"orders"}`, arn + "orders"},
		"a query of one":     {"Query", `{"TableName":"orders","IndexName":"idx"}`, arn + "orders/index/idx"},
		"a batch of two":     {"BatchGetItem", `{"RequestItems":{"b":{"Keys":[]},"a":{"Keys":[]}}}`, arn + "a " + arn + "b"},
		"a transaction":      {"TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"b","Key":{}}},{"Get":{"TableName":"a","Key":{}}},{"Get":{"TableName":"b","Key":{}}}]}`, arn + "b " + arn + "a"},
		"all tables, no ARN": {"ListTables", `{}`, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := &wire.Call{Action: tt.action, Body: []byte(tt.body)}
			if answer, err := b.Do(t.Context(), c); c.Resource != tt.want {
				t.Errorf("works on %q (%v, %v), want %q", c.Resource, answer, err, tt.want)
			}
		})
	}
}
