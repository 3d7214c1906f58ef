package dynamodb

import (
	"strings"
	"testing"
)

const wrong = "One or more parameter values were invalid: "

func TestATableIsProvisionedUnlessItSays(t *testing.T) {
	b := newBench(t)
	b.do("CreateTable", `{"TableName":"provisioned","ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4},
		"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}]}`)
	d := b.do("DescribeTable", `{"TableName":"provisioned"}`)
	if !strings.Contains(d, `"ReadCapacityUnits":3,"WriteCapacityUnits":4`) || strings.Contains(d, "BillingModeSummary") {
		t.Errorf("the table is %s", d)
	}
}

func TestTablesThatCannotBeMade(t *testing.T) {
	const (
		key       = `"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],`
		defined   = `"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}],`
		free      = `"BillingMode":"PAY_PER_REQUEST"`
		named     = `"TableName":"good",`
		pq        = `"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"q","AttributeType":"S"}],`
		byQ       = `"IndexName":"by-q","KeySchema":[{"AttributeName":"q","KeyType":"HASH"}]`
		validates = "1 validation error detected: Value "
	)
	index := func(members string) string {
		return named + key + pq + free + `,"GlobalSecondaryIndexes":[{` + members + `}]`
	}
	tests := map[string]struct{ body, problem string }{
		"without a name":                    {key + defined + free, validates + "null at 'tableName' failed to satisfy constraint: Member must not be null"},
		"with a short name":                 {`"TableName":"ab",` + key + defined + free, validates + "'ab' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3"},
		"with a long name":                  {`"TableName":"` + strings.Repeat("x", 256) + `",` + key + defined + free, "Member must have length less than or equal to 255"},
		"with a blank in its name":          {`"TableName":"a b c",` + key + defined + free, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"},
		"without a key":                     {named + defined + free, validates + "null at 'keySchema' failed to satisfy constraint: Member must not be null"},
		"with a key of three":               {named + `"KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"q","KeyType":"RANGE"},{"AttributeName":"r","KeyType":"RANGE"}],` + pq + free, "at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2"},
		"with an odd role":                  {named + `"KeySchema":[{"AttributeName":"p","KeyType":"SORT"}],` + defined + free, validates + "'SORT' at 'keySchema.1.member.keyType' failed to satisfy constraint: Member must satisfy enum value set: [HASH, RANGE]"},
		"with a sort key alone":             {named + `"KeySchema":[{"AttributeName":"p","KeyType":"RANGE"}],` + defined + free, "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"},
		"with two partition keys":           {named + `"KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"q","KeyType":"HASH"}],` + pq + free, "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"},
		"with one attribute twice":          {named + `"KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"p","KeyType":"RANGE"}],` + defined + free, "Both the Hash Key and the Range Key element in the KeySchema have the same name"},
		"with a key that is not defined":    {named + `"KeySchema":[{"AttributeName":"z","KeyType":"HASH"}],` + defined + free, wrong + "Some index key attributes are not defined in AttributeDefinitions. Keys: [z], AttributeDefinitions: [p]"},
		"with a key of a list":              {named + key + `"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"L"}],` + free, validates + "'L' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]"},
		"with a key of no kind":             {named + key + `"AttributeDefinitions":[{"AttributeName":"p"}],` + free, validates + "null at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must not be null"},
		"with a key of no name":             {named + key + `"AttributeDefinitions":[{"AttributeName":"","AttributeType":"S"}],` + free, "at 'attributeDefinitions.1.member.attributeName'"},
		"with a definition of no key":       {named + key + pq + free, wrong + "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions"},
		"with one more beside an index":     {named + key + strings.Replace(pq, "],", `,{"AttributeName":"z","AttributeType":"S"}],`, 1) + free + `,"GlobalSecondaryIndexes":[{` + byQ + `,"Projection":{"ProjectionType":"ALL"}}]`, wrong + "Some AttributeDefinitions are not used. AttributeDefinitions: [p, q, z], keys used: [p, q]"},
		"with an odd billing":               {named + key + defined + `"BillingMode":"FREE"`, validates + "'FREE' at 'billingMode' failed to satisfy constraint: Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]"},
		"with an odd class":                 {named + key + defined + free + `,"TableClass":"FIRST"`, validates + "'FIRST' at 'tableClass'"},
		"on demand, with a throughput":      {named + key + defined + free + `,"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}`, wrong + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"},
		"provisioned, without a throughput": {named + key + strings.TrimSuffix(defined, ","), wrong + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"},
		"provisioned, its index without":    {named + key + pq + `"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1},"GlobalSecondaryIndexes":[{` + byQ + `,"Projection":{"ProjectionType":"ALL"}}]`, wrong + "ProvisionedThroughput must be specified for index: by-q"},
		"on demand, its index with":         {index(byQ + `,"Projection":{"ProjectionType":"ALL"},"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}`), wrong + "ProvisionedThroughput should not be specified for index: by-q when BillingMode is PAY_PER_REQUEST"},
		"with an empty list of indexes":     {named + key + defined + free + `,"GlobalSecondaryIndexes":[]`, wrong + "List of GlobalSecondaryIndexes is empty"},
		"with an index without projection":  {index(byQ), validates + "null at 'globalSecondaryIndexes.1.member.projection' failed to satisfy constraint: Member must not be null"},
		"with an index without name":        {index(byQ[len(`"IndexName":"by-q",`):] + `,"Projection":{"ProjectionType":"ALL"}`), validates + "null at 'globalSecondaryIndexes.1.member.indexName'"},
		"with a projection of no kind":      {index(byQ + `,"Projection":{}`), wrong + "Unknown ProjectionType: null"},
		"with a projection of odd kind":     {index(byQ + `,"Projection":{"ProjectionType":"SOME"}`), validates + "'SOME' at 'globalSecondaryIndexes.1.member.projection.projectionType'"},
		"with a projection of nothing":      {index(byQ + `,"Projection":{"ProjectionType":"INCLUDE"}`), wrong + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"},
		"with a projection of all and more": {index(byQ + `,"Projection":{"ProjectionType":"ALL","NonKeyAttributes":["z"]}`), wrong + "ProjectionType is ALL, but NonKeyAttributes is specified"},
		"with a projection of one twice":    {index(byQ + `,"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["z","z"]}`), wrong + "Duplicate value in NonKeyAttributes"},
		"with two indexes of a name":        {index(byQ + `,"Projection":{"ProjectionType":"ALL"}},{` + byQ + `,"Projection":{"ProjectionType":"ALL"}`), wrong + "Duplicate index name: by-q"},
		"with 21 indexes":                   {index(byQ + strings.Repeat(`},{`+byQ, 20)), wrong + "GlobalSecondaryIndex count exceeds the per-table limit of 20"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			newBench(t).refuses("CreateTable", "{"+tt.body+"}", "ValidationException", tt.problem)
		})
	}
}

func TestATableIsMadeOnce(t *testing.T) {
	b := newBench(t)
	b.table("orders", "p")
	schema, attributes := keySchema("p")
	b.refuses("CreateTable", `{"TableName":"orders","BillingMode":"PAY_PER_REQUEST","KeySchema":`+schema+`,"AttributeDefinitions":[`+attributes+`]}`,
		"ResourceInUseException", "Table already exists: orders")
}
