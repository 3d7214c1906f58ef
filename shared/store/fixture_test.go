package store_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

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

// keysetOf is the stack's keyset, after it was set where value is not empty.
func keysetOf(t *testing.T, r *rig.Rig, value string) map[string]string {
	t.Helper()
	name := aws.String(rig.StackName + "-VaultKeyset")
	if value != "" {
		if _, err := r.Clients.Secrets.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: name, SecretString: &value}); err != nil {
			t.Fatal(err)
		}
	}
	out, err := r.Clients.Secrets.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: name})
	if err != nil {
		t.Fatal(err)
	}
	var set map[string]string
	if err := json.Unmarshal([]byte(*out.SecretString), &set); err != nil {
		t.Fatal(err)
	}
	return set
}
