package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// untoldConnections is the partition of the index due that has the credentials of
// lost connections whose contacts have not been told. Connecting anew takes them
// out.
const untoldConnections = "DUE#untold"

// Untold are lost connections whose contacts nobody has told, at most limit, the
// longest lost first.
func (t *Table) Untold(ctx context.Context, limit int) ([]Due, error) {
	return t.due(ctx, untoldConnections, t.now(), limit)
}

// ContactsTold notes that the contacts of a lost connection were told.
func (t *Table) ContactsTold(ctx context.Context, connectionID string) error {
	values, err := encode(map[string]any{":untold": untoldConnections})
	if err != nil {
		return err
	}
	_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: credentialKey(connectionID).attributes(),
		UpdateExpression: aws.String("REMOVE dpk, dsk"), ConditionExpression: aws.String("dpk = :untold"), ExpressionAttributeValues: values,
	})
	return unless[*types.ConditionalCheckFailedException](err, "note that contacts were told")
}
