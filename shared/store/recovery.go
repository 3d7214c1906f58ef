package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
)

// RecoveryKind is what a recovery does.
type RecoveryKind string

// The kinds of recoveries.
const (
	// Retry brings back on its way what is parked for a reason.
	Retry RecoveryKind = "retry"
	// Reread has what changed in Lever since a time looked at again.
	Reread RecoveryKind = "reread"
)

// Recovery is work for a connection that may take longer than one call: it goes
// on until it is done, whoever does it.
type Recovery struct {
	Key
	ID         string       `dynamodbav:"id"`
	Connection string       `dynamodbav:"connection"`
	Kind       RecoveryKind `dynamodbav:"kind"`
	// Reason is what Retry is about, Since where Reread begins.
	Reason fault.Reason `dynamodbav:"reason,omitempty"`
	Since  lever.Time   `dynamodbav:"since"`
	// Events are those of the partner, of which Reread chooses; Confidential says
	// whether it reads confidential opportunities too.
	Events       []lever.Event `dynamodbav:"events,omitempty"`
	Confidential bool          `dynamodbav:"confidential,omitempty"`
	// Cursor is where it goes on, Count how many events it has sent on their way.
	Cursor      string     `dynamodbav:"cursor,omitempty"`
	Count       int        `dynamodbav:"count"`
	RequestedAt lever.Time `dynamodbav:"requestedAt"`
	EndedAt     lever.Time `dynamodbav:"endedAt"`
	DPK         string     `dynamodbav:"dpk,omitempty"`
	DSK         string     `dynamodbav:"dsk,omitempty"`
	TTL         int64      `dynamodbav:"ttl"`
}

const dueRecoveries = "DUE#recovery"

// clockDelay is how long the clock leaves a recovery to who began it.
const clockDelay = time.Minute

func recoveryKey(connectionID, id string) Key { return ofConnection(connectionID, "RECOVERY#"+id) }

// NewRecovery is a recovery of a connection that nobody has begun.
func (t *Table) NewRecovery(connectionID string, kind RecoveryKind) Recovery {
	id := "rec_" + rand.Text()
	now := t.now()
	return Recovery{
		Key: recoveryKey(connectionID, id), ID: id, Connection: connectionID, Kind: kind, RequestedAt: now,
		DPK: dueRecoveries, DSK: stamp(now+millis(clockDelay)) + "#" + id, TTL: t.expiry(Retention),
	}
}

// PutRecovery notes a recovery that is to be done.
func (t *Table) PutRecovery(ctx context.Context, r Recovery) error { return t.put(ctx, r) }

// Recovery reads a recovery. It fails with ErrNotFound.
func (t *Table) Recovery(ctx context.Context, connectionID, id string) (Recovery, error) {
	return read[Recovery](ctx, t, recoveryKey(connectionID, id))
}

// DueRecoveries are recoveries that nobody is at, at most limit.
func (t *Table) DueRecoveries(ctx context.Context, limit int) ([]Due, error) {
	return t.due(ctx, dueRecoveries, t.now(), limit)
}

// Advance notes how far a recovery has come, and leaves it to who is at it for a
// while. It fails with ErrMoved where it has ended.
func (t *Table) Advance(ctx context.Context, r Recovery) error {
	return t.moveRecovery(ctx, r, "SET #cursor = :cursor, #count = :count, dsk = :dsk", map[string]any{
		":cursor": r.Cursor, ":dsk": stamp(t.now()+millis(clockDelay)) + "#" + r.ID,
	})
}

// EndRecovery notes that a recovery is done.
func (t *Table) EndRecovery(ctx context.Context, r Recovery) error {
	err := t.moveRecovery(ctx, r, "SET endedAt = :now, #count = :count REMOVE #cursor, dpk, dsk", map[string]any{":now": t.now()})
	if errors.Is(err, ErrMoved) {
		return nil
	}
	return err
}

func (t *Table) moveRecovery(ctx context.Context, r Recovery, update string, all map[string]any) error {
	all[":open"], all[":count"] = 0, r.Count
	values, err := encode(all)
	if err != nil {
		return err
	}
	_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: recoveryKey(r.Connection, r.ID).attributes(),
		UpdateExpression: &update, ConditionExpression: aws.String("endedAt = :open"),
		ExpressionAttributeNames: map[string]string{"#cursor": "cursor", "#count": "count"}, ExpressionAttributeValues: values,
	})
	var ended *types.ConditionalCheckFailedException
	if errors.As(err, &ended) {
		return ErrMoved
	}
	if err != nil {
		return fmt.Errorf("recovery: %w", err)
	}
	return nil
}

// recovery is the write of a new recovery, for the transaction of what leads to
// it.
func (t *Table) recovery(r Recovery) (types.TransactWriteItem, error) {
	item, err := encode(r)
	return types.TransactWriteItem{Put: &types.Put{TableName: &t.name, Item: item}}, err
}
