package provision

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"fulcrum/local/template"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// table makes a table, or checks the one that is there.
func (c Clients) table(ctx context.Context, t template.Table) (map[string]string, error) {
	arn, err := c.tableARN(ctx, t)
	if err != nil {
		return nil, err
	}
	if t.TTL != "" {
		if err := c.timeToLive(ctx, t); err != nil {
			return nil, fmt.Errorf("time to live of the table %s: %w", t.Name, err)
		}
	}
	return map[string]string{"": t.Name, "Arn": arn}, nil
}

func (c Clients) tableARN(ctx context.Context, t template.Table) (string, error) {
	found, err := c.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.Name})
	if err == nil {
		if shapeOf(found.Table) != shapeOf(wanted(t)) {
			return "", fmt.Errorf("the table %s is there with other keys or indexes than the template has; remove it (or the folder DATA_DIR) to have it made anew", t.Name)
		}
		return *found.Table.TableArn, nil
	}
	var missing *types.ResourceNotFoundException
	if !errors.As(err, &missing) {
		return "", fmt.Errorf("look for the table %s: %w", t.Name, err)
	}
	return c.createTable(ctx, t)
}

func (c Clients) createTable(ctx context.Context, t template.Table) (string, error) {
	want := wanted(t)
	in := &dynamodb.CreateTableInput{TableName: &t.Name, KeySchema: want.KeySchema, AttributeDefinitions: want.AttributeDefinitions, BillingMode: types.BillingModePayPerRequest}
	for _, i := range want.GlobalSecondaryIndexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{IndexName: i.IndexName, KeySchema: i.KeySchema, Projection: i.Projection})
	}
	if _, err := c.DynamoDB.CreateTable(ctx, in); err != nil {
		return "", fmt.Errorf("make the table %s: %w", t.Name, err)
	}
	waiter := dynamodb.NewTableExistsWaiter(c.DynamoDB, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second
	})
	ready, err := waiter.WaitForOutput(ctx, &dynamodb.DescribeTableInput{TableName: &t.Name}, time.Minute)
	if err != nil {
		return "", fmt.Errorf("wait for the table %s: %w", t.Name, err)
	}
	return *ready.Table.TableArn, nil
}

// wanted is the table of the template as DescribeTable would describe it, as far
// as it is compared and made.
func wanted(t template.Table) *types.TableDescription {
	out := &types.TableDescription{KeySchema: keys(t.Keys)}
	for _, name := range slices.Sorted(maps.Keys(t.Types)) {
		out.AttributeDefinitions = append(out.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeType(t.Types[name])})
	}
	for _, i := range t.Indexes {
		out.GlobalSecondaryIndexes = append(out.GlobalSecondaryIndexes, types.GlobalSecondaryIndexDescription{
			IndexName: &i.Name, KeySchema: keys(i.Keys),
			Projection: &types.Projection{ProjectionType: types.ProjectionType(i.Projection.Type), NonKeyAttributes: i.Projection.Include},
		})
	}
	return out
}

func keys(in []template.Key) []types.KeySchemaElement {
	var out []types.KeySchemaElement
	for _, k := range in {
		out = append(out, types.KeySchemaElement{AttributeName: &k.Name, KeyType: types.KeyType(k.Type)})
	}
	return out
}

// shapeOf is what must be equal in a table that is there and the template's:
// keys, their types, and the indexes, whatever their order.
func shapeOf(t *types.TableDescription) string {
	attributes := map[string]string{}
	for _, a := range t.AttributeDefinitions {
		attributes[*a.AttributeName] = string(a.AttributeType)
	}
	schema := func(elements []types.KeySchemaElement) (out []string) {
		for _, e := range elements {
			out = append(out, fmt.Sprintf("%s %s %s", e.KeyType, *e.AttributeName, attributes[*e.AttributeName]))
		}
		return out
	}
	indexes := []string{}
	for _, i := range t.GlobalSecondaryIndexes {
		include := slices.Sorted(slices.Values(i.Projection.NonKeyAttributes))
		indexes = append(indexes, fmt.Sprint(*i.IndexName, schema(i.KeySchema), i.Projection.ProjectionType, include))
	}
	slices.Sort(indexes)
	return fmt.Sprint(schema(t.KeySchema), indexes)
}

// timeToLive switches the expiry of items on. It cannot be moved to another
// attribute in one step, so that is an error.
func (c Clients) timeToLive(ctx context.Context, t template.Table) error {
	now, err := c.DynamoDB.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &t.Name})
	if err != nil {
		return err
	}
	if d := now.TimeToLiveDescription; d != nil && d.AttributeName != nil && d.TimeToLiveStatus != types.TimeToLiveStatusDisabled {
		if *d.AttributeName != t.TTL {
			return fmt.Errorf("it is %s, and %s in the template", *d.AttributeName, t.TTL)
		}
		return nil
	}
	enabled := true
	_, err = c.DynamoDB.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: &t.Name,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &t.TTL, Enabled: &enabled}})
	return err
}
