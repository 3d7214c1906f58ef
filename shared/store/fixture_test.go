package store_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/local/rig"
)

// flat is an attribute's text.
func flat(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberB:
		return string(v.Value)
	case *types.AttributeValueMemberL:
		var all string
		for _, one := range v.Value {
			all += flat(one)
		}
		return all
	case *types.AttributeValueMemberM:
		var all string
		for name, one := range v.Value {
			all += name + flat(one)
		}
		return all
	}
	return fmt.Sprint(v)
}

// move copies an item below another partition key.
func move(t *testing.T, r *rig.Rig, pk, sk, to string) {
	t.Helper()
	table := aws.String(rig.StackName + "-Table")
	out, err := r.Clients.DynamoDB.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: table, Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk},
	}})
	if err != nil || out.Item == nil {
		t.Fatalf("read %s %s: %v", pk, sk, err)
	}
	out.Item["pk"] = &types.AttributeValueMemberS{Value: to}
	if _, err := r.Clients.DynamoDB.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: table, Item: out.Item}); err != nil {
		t.Fatal(err)
	}
}
