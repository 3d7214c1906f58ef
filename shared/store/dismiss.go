package store

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/fault"
)

// Dismissed is the reason of what was parked and somebody has ended for good.
const Dismissed fault.Reason = "dismissed"

// Dismiss ends a parked event for good: it is ignored from then on. Where it is
// parked because deliveries of it are, those end. It fails with ErrNotFound, and with
// ErrMoved when nothing of it is parked.
func (t *Table) Dismiss(ctx context.Context, connectionID, id string) error {
	e, err := t.Event(ctx, connectionID, id)
	if err != nil {
		return err
	}
	if e.State != Parked {
		return ErrMoved
	}
	err = t.dismissEvent(ctx, e)
	if !errors.Is(err, ErrMoved) {
		return err
	}
	for _, delivery := range e.Deliveries {
		switch ended := t.dismissDelivery(ctx, connectionID, delivery); {
		case ended == nil:
			err = nil
		case !errors.Is(ended, ErrMoved) && !errors.Is(ended, ErrNotFound):
			return ended
		}
	}
	return err
}

// dismissEvent ends an event that is parked itself.
func (t *Table) dismissEvent(ctx context.Context, e Event) error {
	values, err := encode(map[string]any{":ignored": Ignored, ":parked": Parked, ":dismissed": Dismissed, ":now": t.now()})
	if err != nil {
		return err
	}
	_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: e.attributes(), UpdateExpression: aws.String("SET #state = :ignored, reason = :dismissed, endedAt = :now REMOVE dpk, dsk"),
		ConditionExpression:      aws.String("#state = :parked AND attribute_exists(dpk)"),
		ExpressionAttributeNames: map[string]string{"#state": "state"}, ExpressionAttributeValues: values,
	})
	var other *types.ConditionalCheckFailedException
	if errors.As(err, &other) {
		return ErrMoved
	}
	return err
}

func (t *Table) dismissDelivery(ctx context.Context, connectionID, id string) error {
	d, err := t.Delivery(ctx, connectionID, id)
	if err != nil {
		return err
	}
	if d.State != Undelivered {
		return ErrMoved
	}
	items, err := t.again(ctx, d, Dismissed)
	if err != nil {
		return err
	}
	return t.transact(ctx, items...)
}
