package conformance

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// waitAtMost bounds the waiters of the SDK.
const waitAtMost = 30 * time.Second

// bench is a DynamoDB under test. What it is used for fails the test by itself,
// unless it returns an error.
type bench struct {
	*dynamodb.Client
	t   *testing.T
	ctx context.Context
}

func newBench(t *testing.T, e endpoint) *bench {
	return &bench{Client: dynamodb.NewFromConfig(e.config()), t: t, ctx: background(t)}
}

// tableKeys describes a table's key: "p", or "p s", or "p s:N" for a sort key that
// is a number.
func tableKeys(spec string) ([]types.KeySchemaElement, []types.AttributeDefinition) {
	var schema []types.KeySchemaElement
	var attributes []types.AttributeDefinition
	for i, field := range strings.Fields(spec) {
		name, kind, ok := strings.Cut(field, ":")
		if !ok {
			kind = "S"
		}
		role := []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}[i]
		schema = append(schema, types.KeySchemaElement{AttributeName: aws.String(name), KeyType: role})
		attributes = append(attributes, types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeType(kind)})
	}
	return schema, attributes
}

// indexOn describes a secondary index; include lists what it projects besides the
// keys, "*" for everything.
func indexOn(name, spec string, include ...string) (types.GlobalSecondaryIndex, []types.AttributeDefinition) {
	schema, attributes := tableKeys(spec)
	p := &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
	switch {
	case len(include) == 1 && include[0] == "*":
		p.ProjectionType = types.ProjectionTypeAll
	case len(include) > 0:
		p.ProjectionType, p.NonKeyAttributes = types.ProjectionTypeInclude, include
	}
	return types.GlobalSecondaryIndex{IndexName: aws.String(name), KeySchema: schema, Projection: p}, attributes
}

// table makes a table that goes with the test.
func (b *bench) table(spec string, change ...func(*dynamodb.CreateTableInput)) string {
	b.t.Helper()
	schema, attributes := tableKeys(spec)
	in := &dynamodb.CreateTableInput{
		TableName: aws.String("conformance-" + rand.Text()), BillingMode: types.BillingModePayPerRequest,
		KeySchema: schema, AttributeDefinitions: attributes,
	}
	for _, c := range change {
		c(in)
	}
	_, err := b.CreateTable(b.ctx, in)
	b.ok(err)
	b.t.Cleanup(func() {
		_, err := b.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: in.TableName})
		if err != nil && !is[*types.ResourceNotFoundException](err) {
			b.t.Error(err)
		}
	})
	b.ok(dynamodb.NewTableExistsWaiter(b).Wait(b.ctx, &dynamodb.DescribeTableInput{TableName: in.TableName}, waitAtMost))
	return *in.TableName
}

// withIndex adds an index to a table that is to be made.
func withIndex(name, spec string, include ...string) func(*dynamodb.CreateTableInput) {
	return func(in *dynamodb.CreateTableInput) {
		i, attributes := indexOn(name, spec, include...)
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, i)
		for _, a := range attributes {
			if !defines(in.AttributeDefinitions, *a.AttributeName) {
				in.AttributeDefinitions = append(in.AttributeDefinitions, a)
			}
		}
	}
}

func defines(attributes []types.AttributeDefinition, name string) bool {
	for _, a := range attributes {
		if *a.AttributeName == name {
			return true
		}
	}
	return false
}

func (b *bench) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// refused wants an error of that code, with the hint in its message.
func (b *bench) refused(err error, code, hint string) {
	b.t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code || !strings.Contains(strings.ToLower(e.ErrorMessage()), strings.ToLower(hint)) {
		b.t.Errorf("got %v, want %s with %q", err, code, hint)
	}
}

// invalid wants a ValidationException.
func (b *bench) invalid(err error, hint string) {
	b.t.Helper()
	b.refused(err, "ValidationException", hint)
}

func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

// as is the typed error that err must be.
func as[E error](t *testing.T, err error) E {
	t.Helper()
	var e E
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want %T", err, e)
	}
	return e
}

// put puts items that are given as JSON.
func (b *bench) put(table string, items ...string) {
	b.t.Helper()
	for _, i := range items {
		_, err := b.PutItem(b.ctx, &dynamodb.PutItemInput{TableName: &table, Item: item(i)})
		b.ok(err)
	}
}

// get is an item as JSON, "" if there is none.
func (b *bench) get(table, key string) string {
	b.t.Helper()
	out, err := b.GetItem(b.ctx, &dynamodb.GetItemInput{TableName: &table, Key: item(key), ConsistentRead: aws.Bool(true)})
	b.ok(err)
	return show(out.Item)
}

// holds wants an item to be as given.
func (b *bench) holds(table, key, want string) {
	b.t.Helper()
	if got := b.get(table, key); got != same(want) {
		b.t.Errorf("item %s is %s, want %s", key, got, same(want))
	}
}

func (b *bench) want(what, got, want string) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("%s: got %s, want %s", what, got, want)
	}
}

// item reads an item from JSON: texts, numbers, booleans, null, lists and
// objects are what they look like; {"$B": base64}, {"$SS": […]}, {"$NS": […]}
// and {"$BS": […]} are the rest.
func item(text string) map[string]types.AttributeValue {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		panic(fmt.Sprintf("%s: %v", text, err))
	}
	out := map[string]types.AttributeValue{}
	for name, x := range v {
		out[name] = attribute(x)
	}
	return out
}

func attribute(v any) types.AttributeValue {
	switch v := v.(type) {
	case string:
		return &types.AttributeValueMemberS{Value: v}
	case json.Number:
		return &types.AttributeValueMemberN{Value: v.String()}
	case bool:
		return &types.AttributeValueMemberBOOL{Value: v}
	case []any:
		list := &types.AttributeValueMemberL{Value: []types.AttributeValue{}}
		for _, x := range v {
			list.Value = append(list.Value, attribute(x))
		}
		return list
	case map[string]any:
		return object(v)
	}
	return &types.AttributeValueMemberNULL{Value: true}
}

func object(v map[string]any) types.AttributeValue {
	for name, x := range v {
		switch name {
		case "$B":
			return &types.AttributeValueMemberB{Value: unbase64(x.(string))}
		case "$SS":
			return &types.AttributeValueMemberSS{Value: members(x)}
		case "$NS":
			return &types.AttributeValueMemberNS{Value: members(x)}
		case "$BS":
			set := &types.AttributeValueMemberBS{}
			for _, m := range members(x) {
				set.Value = append(set.Value, unbase64(m))
			}
			return set
		}
	}
	m := &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}}
	for name, x := range v {
		m.Value[name] = attribute(x)
	}
	return m
}

func members(v any) []string {
	out := []string{}
	for _, x := range v.([]any) {
		out = append(out, fmt.Sprint(x))
	}
	return out
}

func unbase64(s string) []byte {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// show is an item as JSON of the same kind, in one form for equal items.
func show(v map[string]types.AttributeValue) string {
	if v == nil {
		return ""
	}
	return jsonOf(plainMap(v))
}

func jsonOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func plainMap(v map[string]types.AttributeValue) map[string]any {
	out := map[string]any{}
	for name, x := range v {
		out[name] = plain(x)
	}
	return out
}

func plain(v types.AttributeValue) any {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return json.Number(v.Value)
	case *types.AttributeValueMemberBOOL:
		return v.Value
	case *types.AttributeValueMemberB:
		return map[string]any{"$B": v.Value}
	case *types.AttributeValueMemberSS:
		return map[string]any{"$SS": sorted(v.Value)}
	case *types.AttributeValueMemberNS:
		return map[string]any{"$NS": sorted(v.Value)}
	case *types.AttributeValueMemberBS:
		var all []string
		for _, m := range v.Value {
			all = append(all, base64.StdEncoding.EncodeToString(m))
		}
		return map[string]any{"$BS": sorted(all)}
	case *types.AttributeValueMemberL:
		list := []any{}
		for _, x := range v.Value {
			list = append(list, plain(x))
		}
		return list
	case *types.AttributeValueMemberM:
		return plainMap(v.Value)
	}
	return nil
}

func sorted(in []string) []string {
	out := append([]string{}, in...)
	sort.Strings(out)
	return out
}

// same is the form in which show has an item that is written by hand.
func same(text string) string {
	if text == "" {
		return ""
	}
	return show(item(text))
}
