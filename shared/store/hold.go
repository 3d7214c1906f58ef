package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/lever"
)

// holdItem is somebody's right to do something alone for a while.
type holdItem struct {
	Key
	Holder    string     `dynamodbav:"holder"`
	HeldUntil lever.Time `dynamodbav:"heldUntil"`
	TTL       int64      `dynamodbav:"ttl"`
}

func webhooksHold(connectionID string) Key { return ofConnection(connectionID, "HOLD#webhooks") }

// HoldWebhooks gives holder the right to make and remove a connection's webhooks
// for a while. It reports false while another has it.
func (t *Table) HoldWebhooks(ctx context.Context, connectionID, holder string, d time.Duration) (bool, error) {
	now := t.now()
	item, err := encode(holdItem{Key: webhooksHold(connectionID), Holder: holder, HeldUntil: now + millis(d), TTL: t.expiry(d)})
	if err != nil {
		return false, err
	}
	values, err := encode(map[string]any{":holder": holder, ":now": now})
	if err != nil {
		return false, err
	}
	_, err = t.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name, Item: item,
		ConditionExpression:       aws.String("attribute_not_exists(pk) OR heldUntil < :now OR holder = :holder"),
		ExpressionAttributeValues: values,
	})
	return unlessRefused(err)
}

// ReleaseWebhooks ends a hold; another's stays.
func (t *Table) ReleaseWebhooks(ctx context.Context, connectionID, holder string) error {
	values, err := encode(map[string]any{":holder": holder})
	if err != nil {
		return err
	}
	_, err = t.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &t.name, Key: webhooksHold(connectionID).attributes(),
		ConditionExpression: aws.String("holder = :holder"), ExpressionAttributeValues: values,
	})
	_, err = unlessRefused(err)
	return err
}

// unlessRefused reports whether a write was done; its condition may refuse it.
func unlessRefused(err error) (bool, error) {
	var refused *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &refused):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("write item: %w", err)
	}
	return true, nil
}
