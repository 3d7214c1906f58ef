package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// endings is the partition of the index due that has the connections that somebody
// wants disconnected.
const endings = "DUE#ending"

// Ending is a connection that somebody wants disconnected.
type Ending struct {
	Due
	// Actor is who wants it, for the audit trail.
	Actor string `dynamodbav:"actor"`
}

func endingKey(connectionID string) Key { return ofConnection(connectionID, "ENDING") }

func (t *Table) putEnding(connectionID, actor string, after time.Duration) (types.TransactWriteItem, error) {
	item, err := encode(Ending{Due{endingKey(connectionID), endings, stamp(t.now()+millis(after)) + "#" + connectionID}, actor})
	return types.TransactWriteItem{Put: &types.Put{TableName: &t.name, Item: item}}, err
}

// endingAgain is when an ending that did not come to its end is tried again: somebody
// waits for it.
const endingAgain = 2 * time.Minute

// Endings are connections that are to be disconnected now, at most limit, the
// longest due first.
func (t *Table) Endings(ctx context.Context, limit int) ([]Due, error) {
	return t.due(ctx, endings, t.now(), limit)
}

// TakeEnding takes one of them for who disconnects it now. It reports false where
// another took it.
func (t *Table) TakeEnding(ctx context.Context, d Due) (bool, error) {
	return t.look(ctx, d, endingAgain)
}

// Ending is who wants a connection disconnected. It fails with ErrNotFound where
// nobody does any more.
func (t *Table) Ending(ctx context.Context, connectionID string) (Ending, error) {
	return read[Ending](ctx, t, endingKey(connectionID))
}

// DropEnding forgets that somebody wanted a connection disconnected: it has ended,
// or was connected anew.
func (t *Table) DropEnding(ctx context.Context, connectionID string) error {
	_, err := t.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &t.name, Key: endingKey(connectionID).attributes()})
	return err
}
