package dynamodb

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestATableIsDescribedAsItWasMade(t *testing.T) {
	b := newBench(t)
	made := b.do("CreateTable", `{"TableName":"orders","BillingMode":"PAY_PER_REQUEST","DeletionProtectionEnabled":true,
		"KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],
		"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"s","AttributeType":"N"},{"AttributeName":"x","AttributeType":"B"}],
		"GlobalSecondaryIndexes":[{"IndexName":"by-x","KeySchema":[{"AttributeName":"x","KeyType":"HASH"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["y"]}}],
		"Tags":[{"Key":"k","Value":"v"}],"TableClass":"STANDARD_INFREQUENT_ACCESS","OnDemandThroughput":{"MaxReadRequestUnits":5,"MaxWriteRequestUnits":6},
		"WarmThroughput":{"ReadUnitsPerSecond":12000,"WriteUnitsPerSecond":4000},"SSESpecification":{"Enabled":true,"SSEType":"KMS","KMSMasterKeyId":"alias/k"}}`)
	var answer struct {
		TableDescription struct{ TableID, TableStatus string }
	}
	if err := json.Unmarshal([]byte(made), &answer); err != nil {
		t.Fatal(err)
	}
	if d := answer.TableDescription; d.TableStatus != "CREATING" || len(d.TableID) != 36 {
		t.Errorf("a table was made as %+v", d)
	}
	b.put("orders", `{"p":{"S":"a"},"s":{"N":"1"},"x":{"B":"AAE="},"y":{"S":"yy"},"z":{"S":"zz"}}`, `{"p":{"S":"a"},"s":{"N":"2"}}`)
	b.answers("DescribeTable", `{"TableName":"orders"}`, `{"Table":{
		"TableName":"orders","TableId":"`+answer.TableDescription.TableID+`","TableArn":"arn:aws:dynamodb:us-east-1:000000000000:table/orders",
		"TableStatus":"ACTIVE","CreationDateTime":1772366400,"DeletionProtectionEnabled":true,"ItemCount":2,"TableSizeBytes":19,
		"KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],
		"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"s","AttributeType":"N"},{"AttributeName":"x","AttributeType":"B"}],
		"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST","LastUpdateToPayPerRequestDateTime":1772366400},
		"ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":0,"WriteCapacityUnits":0},
		"OnDemandThroughput":{"MaxReadRequestUnits":5,"MaxWriteRequestUnits":6},"WarmThroughput":{"ReadUnitsPerSecond":12000,"WriteUnitsPerSecond":4000},
		"TableClassSummary":{"TableClass":"STANDARD_INFREQUENT_ACCESS"},"SSEDescription":{"Status":"ENABLED","SSEType":"KMS","KMSMasterKeyArn":"alias/k"},
		"GlobalSecondaryIndexes":[{"IndexName":"by-x","IndexArn":"arn:aws:dynamodb:us-east-1:000000000000:table/orders/index/by-x","IndexStatus":"ACTIVE",
			"KeySchema":[{"AttributeName":"x","KeyType":"HASH"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["y"]},
			"ItemCount":1,"IndexSizeBytes":11,"ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":0,"WriteCapacityUnits":0}}]}}`)
}

func TestATableGoesWithItsItems(t *testing.T) {
	b := newBench(t)
	b.table("orders", "p")
	b.put("orders", `{"p":{"S":"a"}}`)
	if answer := b.do("DeleteTable", `{"TableName":"orders"}`); !strings.Contains(answer, `"TableStatus":"DELETING"`) {
		t.Errorf("answered %s", answer)
	}
	for _, action := range []string{"DescribeTable", "DeleteTable", "DescribeTimeToLive"} {
		b.refuses(action, `{"TableName":"orders"}`, "ResourceNotFoundException", "Requested resource not found: Table: orders not found")
	}
	b.refuses("GetItem", `{"TableName":"orders","Key":{"p":{"S":"a"}}}`, "ResourceNotFoundException", "Requested resource not found")
	b.table("orders", "p")
	b.holds("orders", `{"p":{"S":"a"}}`, "")
}

func TestAProtectedTableStays(t *testing.T) {
	b := newBench(t)
	b.tableWith("orders", "p", `,"DeletionProtectionEnabled":true`)
	b.refuses("DeleteTable", `{"TableName":"orders"}`, "ValidationException", "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	b.do("DescribeTable", `{"TableName":"orders"}`)
}

func TestTablesAreListedInOrderAndPages(t *testing.T) {
	b := newBench(t)
	b.answers("ListTables", `{}`, `{"TableNames":[]}`)
	for i := range 101 {
		b.table(fmt.Sprintf("table-%03d", 100-i), "p")
	}
	b.answers("ListTables", `{"Limit":2}`, `{"TableNames":["table-000","table-001"],"LastEvaluatedTableName":"table-001"}`)
	b.answers("ListTables", `{"Limit":2,"ExclusiveStartTableName":"table-0985"}`, `{"TableNames":["table-099","table-100"]}`)
	if first := b.do("ListTables", ``); strings.Count(first, "table-") != 101 || !strings.Contains(first, `"LastEvaluatedTableName":"table-099"`) {
		t.Errorf("the first page is %s", first)
	}
	for _, limit := range []string{"0", "101"} {
		b.refuses("ListTables", `{"Limit":`+limit+`}`, "ValidationException", "'limit'")
	}
}
