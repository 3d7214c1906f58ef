package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/lever"
)

var (
	// ErrKeyReused says that an idempotency key was used for another request.
	ErrKeyReused = errors.New("idempotency key was used for another request")
	// ErrOtherRequest says that an action has another request than this one.
	ErrOtherRequest = errors.New("the action has another request")
)

// keyLife is how long an idempotency key is remembered.
const keyLife = 30 * 24 * time.Hour

// idempotency is what became of an idempotency key: the action, and the request
// that came with it.
type idempotency struct {
	Key
	Action      string     `dynamodbav:"action"`
	RequestHash string     `dynamodbav:"requestHash"`
	ExpiresAt   lever.Time `dynamodbav:"expiresAt"`
	TTL         int64      `dynamodbav:"ttl"`
}

// idempotencyKey is the place of a key, which may be any text: it is hashed.
func idempotencyKey(connectionID, key string) Key {
	sum := sha256.Sum256([]byte(key))
	return ofConnection(connectionID, "IDEMPOTENCY#"+hex.EncodeToString(sum[:]))
}

// Accept notes an action that is to be done, under the partner's idempotency key,
// which may be empty. It gives the action as the table has it: new, or as far as
// an earlier request brought it. It fails with ErrKeyReused where the key came
// with another request in the last 30 days, and with ErrOtherRequest where the
// action was asked for otherwise.
//
// Connection, Partner, Kind, Ref and Request are what a has to hold.
func (t *Table) Accept(ctx context.Context, a Action, key string) (Action, error) {
	a = t.fresh(a)
	items, err := t.acceptance(ctx, a, key)
	if err != nil {
		return a, err
	}
	if err := t.transact(ctx, items...); !errors.Is(err, ErrMoved) {
		return a, err
	}
	there, err := t.accepted(ctx, a, key)
	if errors.Is(err, ErrMoved) {
		// Another request under the same key was quicker.
		return t.accepted(ctx, a, key)
	}
	return there, err
}

// fresh is an action that nobody has looked at yet.
func (t *Table) fresh(a Action) Action {
	a.ID = ActionID(a.Connection, a.Partner, a.Kind, a.Ref)
	a.Key, a.State, a.Turn = actionKey(a.Connection, a.ID), ActionPlanned, 1
	a.RequestHash = requestHash(a)
	a.CreatedAt = t.now()
	a.LookAt = a.CreatedAt
	a.TPK, a.TSK = "C#"+a.Connection+"#ACTION", stamp(a.CreatedAt)+"#"+a.ID
	a.DPK, a.DSK = dueAction(a)
	return a
}

func (t *Table) acceptance(ctx context.Context, a Action, key string) ([]types.TransactWriteItem, error) {
	var err error
	if a.Sealed, err = t.vault.Seal(ctx, a.Request, a.about(0)); err != nil {
		return nil, err
	}
	action, err := t.first(a)
	items := []types.TransactWriteItem{{Put: action}}
	if err != nil || key == "" {
		return items, err
	}
	put, err := t.putKey(a, key)
	return append(items, types.TransactWriteItem{Put: put}), err
}

func (t *Table) putKey(a Action, key string) (*types.Put, error) {
	item, err := encode(idempotency{
		Key: idempotencyKey(a.Connection, key), Action: a.ID, RequestHash: a.RequestHash,
		ExpiresAt: lever.At(t.clock().Add(keyLife)), TTL: t.expiry(keyLife),
	})
	if err != nil {
		return nil, err
	}
	values, err := encode(map[string]any{":now": t.now()})
	return &types.Put{
		TableName: &t.name, Item: item, ExpressionAttributeValues: values,
		ConditionExpression: aws.String("attribute_not_exists(pk) OR expiresAt < :now"),
	}, err
}

// accepted is the action that an earlier request asked for, under the same key or
// under the same id of the partner's.
func (t *Table) accepted(ctx context.Context, a Action, key string) (Action, error) {
	used, err := t.keyUse(ctx, a.Connection, key)
	switch {
	case err != nil:
		return a, err
	case used.Action != "" && used.RequestHash != a.RequestHash:
		return a, ErrKeyReused
	}
	there, err := t.Action(ctx, a.Connection, a.ID)
	switch {
	case err != nil:
		return a, err
	case there.RequestHash != a.RequestHash:
		return a, ErrOtherRequest
	case key == "" || used.Action != "":
		return there, nil
	}
	put, err := t.putKey(a, key)
	if err == nil {
		err = t.transact(ctx, types.TransactWriteItem{Put: put})
	}
	return there, err
}

// keyUse is what a key was used for; nothing where it was not, or too long ago.
func (t *Table) keyUse(ctx context.Context, connectionID, key string) (idempotency, error) {
	if key == "" {
		return idempotency{}, nil
	}
	used, err := read[idempotency](ctx, t, idempotencyKey(connectionID, key))
	if errors.Is(err, ErrNotFound) || err == nil && used.ExpiresAt < t.now() {
		return idempotency{}, nil
	}
	if err != nil {
		return used, fmt.Errorf("idempotency key: %w", err)
	}
	return used, nil
}
