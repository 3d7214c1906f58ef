package dynamodb

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// page is an answer of Query and Scan.
type page struct {
	Items               []map[string]attribute
	Count, ScannedCount int
	LastEvaluatedKey    json.RawMessage
}

// read makes one Query or Scan.
func (b *bench) read(action, body string) page {
	b.t.Helper()
	var p page
	if err := json.Unmarshal([]byte(b.do(action, body)), &p); err != nil {
		b.t.Fatal(err)
	}
	return p
}

// readAll makes a Query or Scan page by page. It returns the named attribute of
// each item and the number of pages. body lacks its closing brace.
func (b *bench) readAll(action, body, name string) (found []string, pages int) {
	b.t.Helper()
	for start := ""; ; {
		p := b.read(action, body+start+"}")
		pages++
		for _, i := range p.Items {
			v, err := i[name].value(0)
			if err != nil {
				b.t.Fatal(err)
			}
			found = append(found, fmt.Sprint(v))
		}
		if p.LastEvaluatedKey == nil {
			return found, pages
		}
		start = `,"ExclusiveStartKey":` + string(p.LastEvaluatedKey)
	}
}

const ofA = `{"TableName":"tab","KeyConditionExpression":"p = :p","ExpressionAttributeValues":{":p":{"S":"a"}}`

// newShelf is a DB with a table of the items 1 to 7 of partition a and one each
// of others.
func newShelf(t *testing.T) *bench {
	b := newBench(t)
	b.tableWith("tab", "p s:N", "")
	for i := range 7 {
		b.put("tab", fmt.Sprintf(`{"p":{"S":"a"},"s":{"N":"%d"},"even":{"BOOL":%v}}`, i+1, i%2 == 1))
	}
	b.put("tab", `{"p":{"S":"b"},"s":{"N":"8"}}`, `{"p":{"S":"aa"},"s":{"N":"9"}}`)
	return b
}

func TestQueriesGoByTheSortKey(t *testing.T) {
	tests := map[string]struct {
		more  string
		want  string
		pages int
	}{
		"upwards":                        {"", "1 2 3 4 5 6 7", 1},
		"downwards":                      {`,"ScanIndexForward":false`, "7 6 5 4 3 2 1", 1},
		"in pages":                       {`,"Limit":3`, "1 2 3 4 5 6 7", 3},
		"in pages downwards":             {`,"Limit":3,"ScanIndexForward":false`, "7 6 5 4 3 2 1", 3},
		"the last page may be empty":     {`,"Limit":7`, "1 2 3 4 5 6 7", 2},
		"one by one":                     {`,"Limit":1`, "1 2 3 4 5 6 7", 8},
		"the limit comes before filters": {`,"Limit":3,"FilterExpression":"even = :yes"`, "2 4 6", 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			body := ofA
			if strings.Contains(tt.more, ":yes") {
				body = strings.Replace(body, `{":p"`, `{":yes":{"BOOL":true},":p"`, 1)
			}
			found, pages := newShelf(t).readAll("Query", body+tt.more, "s")
			if got := strings.Join(found, " "); got != tt.want || pages != tt.pages {
				t.Errorf("found %s on %d pages, want %s on %d", got, pages, tt.want, tt.pages)
			}
		})
	}
}

func TestPagesCountWhatTheyRead(t *testing.T) {
	b := newShelf(t)
	filtered := strings.Replace(ofA, `{":p"`, `{":yes":{"BOOL":true},":p"`, 1) + `,"FilterExpression":"even = :yes"`
	tests := map[string]struct{ body, want string }{
		"all":                    {ofA + `,"ProjectionExpression":"s","Limit":2}`, `{"Count":2,"ScannedCount":2,"Items":[{"s":{"N":"1"}},{"s":{"N":"2"}}],"LastEvaluatedKey":{"p":{"S":"a"},"s":{"N":"2"}}}`},
		"what the filter leaves": {filtered + `,"ProjectionExpression":"s","Limit":3}`, `{"Count":1,"ScannedCount":3,"Items":[{"s":{"N":"2"}}],"LastEvaluatedKey":{"p":{"S":"a"},"s":{"N":"3"}}}`},
		"only the numbers":       {filtered + `,"Select":"COUNT"}`, `{"Count":3,"ScannedCount":7}`},
		"nothing":                {strings.Replace(ofA, `{"S":"a"}`, `{"S":"zz"}`, 1) + `}`, `{"Count":0,"ScannedCount":0,"Items":[]}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.answers("Query", tt.body, tt.want)
		})
	}
}

func TestAPageIsAMegabyte(t *testing.T) {
	b := newBench(t)
	b.table("tab", "p", "s")
	// Each item counts for 100 kB: 1,048,576 bytes hold ten.
	payload := strings.Repeat("x", 100_000-len("p")-len("a")-len("s")-len("00")-len("v"))
	for i := range 25 {
		b.put("tab", fmt.Sprintf(`{"p":{"S":"a"},"s":{"S":"%02d"},"v":{"S":"%s"}}`, i, payload))
	}
	for _, action := range []string{"Query", "Scan"} {
		body := ofA
		if action == "Scan" {
			body = `{"TableName":"tab"`
		}
		if first := b.read(action, body+`,"Select":"COUNT"}`); first.Count != 10 || string(first.LastEvaluatedKey) != `{"p":{"S":"a"},"s":{"S":"09"}}` {
			t.Errorf("%s: the first page has %d and ends with %s", action, first.Count, first.LastEvaluatedKey)
		}
		if found, pages := b.readAll(action, body+`,"ProjectionExpression":"s"`, "s"); len(found) != 25 || pages != 3 {
			t.Errorf("%s: found %d on %d pages", action, len(found), pages)
		}
	}
}

func TestIndexesHoldWhatHasTheirKey(t *testing.T) {
	const byA = `{"TableName":"tab","IndexName":"idx","KeyConditionExpression":"x = :x","ExpressionAttributeValues":{":x":{"S":"a"}}`
	b := newBench(t)
	b.tableWithIndex("tab", "x y:N", `{"ProjectionType":"INCLUDE","NonKeyAttributes":["v"]}`)
	b.put("tab",
		`{"p":{"S":"1"},"x":{"S":"a"},"y":{"N":"20"},"v":{"S":"v1"},"w":{"S":"w1"}}`,
		`{"p":{"S":"2"},"x":{"S":"a"},"y":{"N":"3"}}`,
		`{"p":{"S":"3"},"x":{"S":"a"}}`,
		`{"p":{"S":"4"},"x":{"S":"b"},"y":{"N":"1"}}`)
	wantIndexed(b, byA, "2", "1")
	b.answers("Query", byA+`,"Limit":1,"ScanIndexForward":false}`, `{"Count":1,"ScannedCount":1,
		"Items":[{"p":{"S":"1"},"x":{"S":"a"},"y":{"N":"20"},"v":{"S":"v1"}}],"LastEvaluatedKey":{"p":{"S":"1"},"x":{"S":"a"},"y":{"N":"20"}}}`)
	b.do("UpdateItem", `{"TableName":"tab","Key":{"p":{"S":"3"}},"UpdateExpression":"SET y = :y","ExpressionAttributeValues":{":y":{"N":"10"}}}`)
	wantIndexed(b, byA, "2", "3", "1")
	b.do("UpdateItem", `{"TableName":"tab","Key":{"p":{"S":"2"}},"UpdateExpression":"REMOVE x"}`)
	wantIndexed(b, byA, "3", "1")
	b.do("DeleteItem", `{"TableName":"tab","Key":{"p":{"S":"1"}}}`)
	wantIndexed(b, byA, "3")
	found, _ := b.readAll("Scan", `{"TableName":"tab","IndexName":"idx"`, "p")
	if slices.Sort(found); !slices.Equal(found, []string{"3", "4"}) {
		t.Errorf("a scan of the index finds %v", found)
	}
}

func TestIndexesAreNamedInOrder(t *testing.T) {
	b := newBench(t)
	b.tableWith("tab", "p", `,"GlobalSecondaryIndexes":[
		{"IndexName":"zzz","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],"Projection":`+everything+`},
		{"IndexName":"aaa","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}]`)
	b.put("tab", `{"p":{"S":"a"},"v":{"S":"x"}}`)
	b.answers("Scan", `{"TableName":"tab","IndexName":"zzz"}`, `{"Count":1,"ScannedCount":1,"Items":[{"p":{"S":"a"},"v":{"S":"x"}}]}`)
	b.answers("Scan", `{"TableName":"tab","IndexName":"aaa"}`, `{"Count":1,"ScannedCount":1,"Items":[{"p":{"S":"a"}}]}`)
	described := b.do("DescribeTable", `{"TableName":"tab"}`)
	if strings.Index(described, `"IndexName":"zzz"`) > strings.Index(described, `"IndexName":"aaa"`) {
		t.Errorf("the indexes have lost the order of their making: %s", described)
	}
}

func wantIndexed(b *bench, body string, want ...string) {
	b.t.Helper()
	if found, _ := b.readAll("Query", body, "p"); !slices.Equal(found, want) {
		b.t.Errorf("the index has %v, want %v", found, want)
	}
}

func TestPagesOfOneIndexKeyMeetEachItemOnce(t *testing.T) {
	b := newBench(t)
	b.tableWithIndex("tab", "x", `{"ProjectionType":"KEYS_ONLY"}`)
	for i := range 9 {
		b.put("tab", fmt.Sprintf(`{"p":{"S":"%d"},"x":{"S":"same"}}`, i))
	}
	for _, order := range []string{"true", "false"} {
		found, _ := b.readAll("Query", `{"TableName":"tab","IndexName":"idx","Limit":2,"ScanIndexForward":`+order+
			`,"KeyConditionExpression":"x = :x","ExpressionAttributeValues":{":x":{"S":"same"}}`, "p")
		slices.Sort(found)
		if got := strings.Join(found, ""); got != "012345678" {
			t.Errorf("found %s", got)
		}
	}
}

func TestReadsThatAreRefused(t *testing.T) {
	const validates = "1 validation error detected: Value "
	byA := `"IndexName":"idx","KeyConditionExpression":"x = :x","ExpressionAttributeValues":{":x":{"S":"a"}}`
	tests := map[string]struct{ action, body, problem string }{
		"a query without conditions":           {"Query", ``, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."},
		"a query of a broken filter":           {"Query", `"KeyConditionExpression":"p = :p","FilterExpression":"v","ExpressionAttributeValues":{":p":{"S":"a"}}`, "Invalid FilterExpression: Syntax error"},
		"a limited query of nothing":           {"Query", `"KeyConditionExpression":"p = :p","Limit":-1,"ExpressionAttributeValues":{":p":{"S":"a"}}`, validates + "'-1' at 'limit'"},
		"a scan from half a key":               {"Scan", `"ExclusiveStartKey":{}`, "The provided starting key is invalid"},
		"a filter on the key":                  {"Query", `"KeyConditionExpression":"p = :p","FilterExpression":"p = :p","ExpressionAttributeValues":{":p":{"S":"a"}}`, "Filter Expression can only contain non-primary key attributes: Primary key attribute: p"},
		"a start key of nothing":               {"Query", `"KeyConditionExpression":"p = :p","ExclusiveStartKey":{},"ExpressionAttributeValues":{":p":{"S":"a"}}`, "The provided starting key is invalid"},
		"a start key of another kind":          {"Query", `"KeyConditionExpression":"p = :p","ExclusiveStartKey":{"p":{"N":"1"}},"ExpressionAttributeValues":{":p":{"S":"a"}}`, "The provided starting key is invalid: The provided key element does not match the schema"},
		"a start key that is none":             {"Scan", `"ExclusiveStartKey":{"p":{}}`, "The provided starting key is invalid: Supplied AttributeValue is empty"},
		"a start key of another partition":     {"Query", `"KeyConditionExpression":"p = :p","ExclusiveStartKey":{"p":{"S":"b"}},"ExpressionAttributeValues":{":p":{"S":"a"}}`, "The provided starting key is outside query boundaries based on provided conditions"},
		"an unknown index":                     {"Query", strings.Replace(byA, `"idx"`, `"other"`, 1), "The table does not have the specified index: other"},
		"a consistent read of an index":        {"Query", byA + `,"ConsistentRead":true`, "Consistent reads are not supported on global secondary indexes"},
		"all of an index that has not all":     {"Query", byA + `,"Select":"ALL_ATTRIBUTES"`, wrong + "Select type ALL_ATTRIBUTES is not supported for global secondary index idx because its projection type is not ALL"},
		"what an index has not":                {"Query", byA + `,"ProjectionExpression":"v, w, x"`, wrong + "Global secondary index idx does not project [v, w]"},
		"a filter on what an index has not":    {"Scan", `"IndexName":"idx","FilterExpression":"attribute_exists(v)"`, wrong + "Secondary index idx does not project one or more filter attributes: [v]"},
		"a limit of zero":                      {"Scan", `"Limit":0`, validates + "'0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		"an odd selection":                     {"Scan", `"Select":"SOME"`, validates + "'SOME' at 'select'"},
		"a selection of nothing":               {"Scan", `"Select":"SPECIFIC_ATTRIBUTES"`, "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"},
		"a count and a projection":             {"Scan", `"Select":"COUNT","ProjectionExpression":"v"`, "Cannot specify the ProjectionExpression when choosing to get only the Count"},
		"all and a projection":                 {"Scan", `"Select":"ALL_ATTRIBUTES","ProjectionExpression":"v"`, "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES"},
		"what an index has, without an index":  {"Scan", `"Select":"ALL_PROJECTED_ATTRIBUTES"`, "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"},
		"a segment of nothing":                 {"Scan", `"Segment":0`, "The TotalSegments parameter is required but was not present in the request when Segment parameter is present"},
		"no segment of many":                   {"Scan", `"TotalSegments":2`, "The Segment parameter is required but was not present in the request when parameter TotalSegments is present"},
		"a segment too many":                   {"Scan", `"Segment":2,"TotalSegments":2`, "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 2 is not less than TotalSegments: 2"},
		"a segment below zero":                 {"Scan", `"Segment":-1,"TotalSegments":2`, validates + "'-1' at 'segment'"},
		"too many segments":                    {"Scan", `"Segment":1,"TotalSegments":1000001`, validates + "'1000001' at 'totalSegments'"},
		"a way into a key":                     {"Scan", `"FilterExpression":"attribute_exists(p.x)"`, "Key attributes must be scalars"},
		"values and names without expressions": {"Scan", `"ExpressionAttributeValues":{":v":{"S":"a"}}`, "ExpressionAttributeValues can only be specified when using expressions: FilterExpression is null"},
		"a condition that cannot be read":      {"Query", `"KeyConditionExpression":"p = "`, "Invalid KeyConditionExpression: Syntax error"},
		"a filter that cannot be read":         {"Scan", `"FilterExpression":"v"`, "Invalid FilterExpression: Syntax error"},
	}
	b := newBench(t)
	b.tableWithIndex("tab", "x", `{"ProjectionType":"KEYS_ONLY"}`)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.refuses(tt.action, strings.TrimSuffix(`{"TableName":"tab",`+tt.body, ",")+"}", "ValidationException", tt.problem)
		})
	}
}
