package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// D01: API reference, CreateTable and DescribeTable; the members of the answer
// as LocalStack recorded them from AWS (test_dynamodb.snapshot.json,
// create-table).
func TestD01TableWithIndexesIsDescribed(t *testing.T) {
	everywhere(t, "dynamodb", "D01", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p s:N", withIndex("all", "g s:N", "*"), withIndex("only-keys", "h"), withIndex("some", "g h", "x", "y"))
		out, err := b.DescribeTable(b.ctx, &dynamodb.DescribeTableInput{TableName: &name})
		b.ok(err)
		d := out.Table
		if d.TableStatus != types.TableStatusActive || *d.TableName != name || !strings.HasSuffix(*d.TableArn, ":table/"+name) {
			t.Errorf("table is %s %s %s", d.TableStatus, *d.TableName, *d.TableArn)
		}
		if len(d.AttributeDefinitions) != 4 || len(d.KeySchema) != 2 || d.CreationDateTime == nil || d.BillingModeSummary.BillingMode != types.BillingModePayPerRequest {
			t.Errorf("description %+v", d)
		}
		var got []string
		for _, i := range d.GlobalSecondaryIndexes {
			got = append(got, *i.IndexName+" "+string(i.IndexStatus)+" "+string(i.Projection.ProjectionType))
			if !strings.HasSuffix(*i.IndexArn, ":table/"+name+"/index/"+*i.IndexName) {
				t.Errorf("index ARN %s", *i.IndexArn)
			}
		}
		slices.Sort(got)
		b.want("indexes", strings.Join(got, ", "), "all ACTIVE ALL, only-keys ACTIVE KEYS_ONLY, some ACTIVE INCLUDE")
	})
}

// D02: recorded from AWS by LocalStack (test_create_duplicate_table).
func TestD02TableOfThatNameIsThere(t *testing.T) {
	everywhere(t, "dynamodb", "D02", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		schema, attributes := tableKeys("p")
		_, err := b.CreateTable(b.ctx, &dynamodb.CreateTableInput{TableName: &name, KeySchema: schema, AttributeDefinitions: attributes, BillingMode: types.BillingModePayPerRequest})
		as[*types.ResourceInUseException](t, err)
	})
}

// D03: API reference, ResourceNotFoundException of each operation; recorded
// from AWS by LocalStack (test_batch_write_not_existing_table).
func TestD03TableIsMissing(t *testing.T) {
	everywhere(t, "dynamodb", "D03", func(t *testing.T, e endpoint) {
		b, name, key := newBench(t, e), aws.String("no-such-table"), item(`{"p": "a"}`)
		calls := map[string]func() error{
			"GetItem": func() error {
				_, err := b.GetItem(b.ctx, &dynamodb.GetItemInput{TableName: name, Key: key})
				return err
			},
			"PutItem": func() error {
				_, err := b.PutItem(b.ctx, &dynamodb.PutItemInput{TableName: name, Item: key})
				return err
			},
			"UpdateItem": func() error {
				_, err := b.UpdateItem(b.ctx, &dynamodb.UpdateItemInput{TableName: name, Key: key})
				return err
			},
			"DeleteItem": func() error {
				_, err := b.DeleteItem(b.ctx, &dynamodb.DeleteItemInput{TableName: name, Key: key})
				return err
			},
			"Query": func() error {
				_, err := b.Query(b.ctx, &dynamodb.QueryInput{TableName: name, KeyConditionExpression: aws.String("p = :p"), ExpressionAttributeValues: item(`{":p": "a"}`)})
				return err
			},
			"Scan": func() error {
				_, err := b.Scan(b.ctx, &dynamodb.ScanInput{TableName: name})
				return err
			},
			"DescribeTable": func() error {
				_, err := b.DescribeTable(b.ctx, &dynamodb.DescribeTableInput{TableName: name})
				return err
			},
			"TransactWriteItems": func() error {
				_, err := b.TransactWriteItems(b.ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{{Put: &types.Put{TableName: name, Item: key}}}})
				return err
			},
		}
		for action, call := range calls {
			if err := call(); !is[*types.ResourceNotFoundException](err) {
				t.Errorf("%s: got %v", action, err)
			}
		}
	})
}

// D35: API reference, UpdateTimeToLive and DescribeTimeToLive; that it cannot
// be enabled twice is checked against AWS by ScyllaDB (test_ttl.py,
// test_ttl_enable).
func TestD35TimeToLive(t *testing.T) {
	everywhere(t, "dynamodb", "D35", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		status := func() string {
			out, err := b.DescribeTimeToLive(b.ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &name})
			b.ok(err)
			return string(out.TimeToLiveDescription.TimeToLiveStatus) + " " + aws.ToString(out.TimeToLiveDescription.AttributeName)
		}
		b.want("before", status(), "DISABLED ")
		in := &dynamodb.UpdateTimeToLiveInput{TableName: &name, TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("until"), Enabled: aws.Bool(true)}}
		out, err := b.UpdateTimeToLive(b.ctx, in)
		b.ok(err)
		b.want("specification", *out.TimeToLiveSpecification.AttributeName, "until")
		b.want("after", strings.ReplaceAll(status(), "ENABLING", "ENABLED"), "ENABLED until")
		_, err = b.UpdateTimeToLive(b.ctx, in)
		b.invalid(err, "already enabled")
		b.put(name, `{"p": "long gone", "until": 1}`)
		b.holds(name, `{"p": "long gone"}`, `{"p": "long gone", "until": 1}`)
	})
}

// D45: API reference, DeleteTable and ListTables.
func TestD45TablesAreDeletedAndListed(t *testing.T) {
	everywhere(t, "dynamodb", "D45", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		names := []string{b.table("p"), b.table("p"), b.table("p")}
		if listed := b.list(2); !containsAll(listed, names) || !slices.IsSorted(listed) {
			t.Errorf("listed %v, want them to hold %v in order", listed, names)
		}
		gone := &dynamodb.DescribeTableInput{TableName: &names[0]}
		_, err := b.DeleteTable(b.ctx, &dynamodb.DeleteTableInput{TableName: &names[0]})
		b.ok(err)
		b.ok(dynamodb.NewTableNotExistsWaiter(b).Wait(b.ctx, gone, waitAtMost))
		if listed := b.list(100); slices.Contains(listed, names[0]) {
			t.Errorf("listed %v after %s was deleted", listed, names[0])
		}
		_, err = b.DeleteTable(b.ctx, &dynamodb.DeleteTableInput{TableName: &names[0]})
		as[*types.ResourceNotFoundException](t, err)
	})
}

// list lists all tables, page by page.
func (b *bench) list(limit int32) []string {
	b.t.Helper()
	var all []string
	pages := dynamodb.NewListTablesPaginator(b, &dynamodb.ListTablesInput{Limit: &limit})
	for pages.HasMorePages() {
		page, err := pages.NextPage(b.ctx)
		b.ok(err)
		if len(page.TableNames) > int(limit) {
			b.t.Errorf("%d tables on a page of %d", len(page.TableNames), limit)
		}
		all = append(all, page.TableNames...)
	}
	return all
}

func containsAll(all, wanted []string) bool {
	for _, w := range wanted {
		if !slices.Contains(all, w) {
			return false
		}
	}
	return true
}
