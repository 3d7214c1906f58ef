package store

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/fault"
)

// TooLong is the reason of what has waited too long for its connection to come
// back; see package held.
const TooLong fault.Reason = "held_too_long"

// HeldTooLong notes that a parked event does not go on with its connection any
// more. One that is no longer parked so stays as it is.
func (t *Table) HeldTooLong(ctx context.Context, connectionID string, p Parking) error {
	k := eventKey(connectionID, p.Event)
	values, err := encode(map[string]any{":reason": TooLong, ":was": parkedAs(p.Reason, p.At, k.SK), ":now": parkedAs(TooLong, p.At, k.SK)})
	if err != nil {
		return err
	}
	_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: k.attributes(), UpdateExpression: aws.String("SET reason = :reason, dsk = :now"),
		ConditionExpression: aws.String("dsk = :was"), ExpressionAttributeValues: values,
	})
	return unless[*types.ConditionalCheckFailedException](err, "give up a held event")
}

// ActionsParked are a connection's actions that are parked for a reason, in the
// order of their coming, without their requests.
func (t *Table) ActionsParked(ctx context.Context, connectionID string, reason fault.Reason) ([]Action, error) {
	all, err := find[Action](ctx, t, connectionID, "ACTION#", "#state = :parked AND reason = :reason", map[string]string{"#state": "state"},
		map[string]any{":parked": ActionParked, ":reason": reason})
	slices.SortFunc(all, func(a, b Action) int { return cmp.Compare(a.CreatedAt, b.CreatedAt) })
	return all, err
}
