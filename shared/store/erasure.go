package store

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
)

// Erased is the reason of what ended because its person was erased.
const Erased fault.Reason = "erased"

// ReceiptLife is how long the receipt of an erasure is kept after its end.
const ReceiptLife = 30 * 24 * time.Hour

// Erasure is the forgetting of somebody who was deleted or anonymized in Lever, or
// may not be seen any more. It begins in the transaction that empties the object,
// and goes on until every store of ours is empty and the partner has taken the
// document that tells it. What it comes to is the receipt: it names nobody.
type Erasure struct {
	Key
	ID         string `dynamodbav:"id"`
	Connection string `dynamodbav:"connection"`
	// Because is why: deleted, anonymized, or another word of the partner's
	// document. ForGood says that nothing may bring it back.
	Because string `dynamodbav:"because"`
	ForGood bool   `dynamodbav:"forGood"`
	// Opportunities are Lever's ids of what is forgotten, Objects (kind#id) ours,
	// Actions those of the partner's actions about it. Of the objects in Staying
	// something stays: a person with another application. All four are dropped at
	// the end.
	Opportunities []string `dynamodbav:"opportunities,omitempty"`
	Objects       []string `dynamodbav:"objects,omitempty"`
	Staying       []string `dynamodbav:"staying,omitempty"`
	Actions       []string `dynamodbav:"actions,omitempty"`
	// Documents are the deliveries that tell the partner.
	Documents []string `dynamodbav:"documents,omitempty"`
	// Stores counts by store what was emptied there.
	Stores map[string]int `dynamodbav:"stores,omitempty"`
	// Answers are what the partner answered, a document each.
	Answers []ErasureAnswer `dynamodbav:"answers,omitempty"`
	BegunAt lever.Time      `dynamodbav:"begunAt"`
	// ClearedAt is when our stores were empty, ToldAt when the partner had taken
	// all documents, EndedAt when both was so; zero before.
	ClearedAt lever.Time `dynamodbav:"clearedAt"`
	ToldAt    lever.Time `dynamodbav:"toldAt"`
	EndedAt   lever.Time `dynamodbav:"endedAt"`
	DPK       string     `dynamodbav:"dpk,omitempty"`
	DSK       string     `dynamodbav:"dsk,omitempty"`
	TTL       int64      `dynamodbav:"ttl,omitempty"`
}

// ErasureAnswer is what the partner answered to a document of an erasure.
type ErasureAnswer struct {
	Delivery string        `dynamodbav:"delivery"`
	Type     string        `dynamodbav:"type"`
	State    DeliveryState `dynamodbav:"state"`
	// At, Status and Digest are the last attempt's; zero before the first.
	At     lever.Time `dynamodbav:"at"`
	Status int        `dynamodbav:"status"`
	Digest string     `dynamodbav:"digest,omitempty"`
}

const dueErasures = "DUE#erasure"

func erasureKey(connectionID, id string) Key { return ofConnection(connectionID, "ERASURE#"+id) }

// ErasureID is the id of the erasure that an event has led to.
func ErasureID(connectionID, event, opportunity string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", connectionID, event, opportunity))
	return "ers_" + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// tombstone says that an opportunity is gone for good. It holds no id: only who
// knows the id finds it.
type tombstone struct {
	Key
	Because string     `dynamodbav:"because"`
	At      lever.Time `dynamodbav:"at"`
}

func tombstoneKey(connectionID, opportunity string) Key {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q", connectionID, opportunity))
	return ofConnection(connectionID, "TOMBSTONE#"+hex.EncodeToString(sum[:16]))
}

// IsErased reports whether an opportunity is gone for good.
func (t *Table) IsErased(ctx context.Context, connectionID, opportunity string) (bool, error) {
	_, err := read[tombstone](ctx, t, tombstoneKey(connectionID, opportunity))
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("tombstone: %w", err)
	}
	return true, nil
}

// erasures are the writes of what a commit erases, and the check that it brings
// nobody back: where the opportunity was erased since it was read, it fails.
func (t *Table) erasures(_ context.Context, c Commit) ([]types.TransactWriteItem, error) {
	var items []types.TransactWriteItem
	buried := map[string]bool{}
	for _, e := range c.Erasures {
		more, err := t.erasure(e, buried)
		if err != nil {
			return nil, err
		}
		items = append(items, more...)
	}
	about := c.Event.IDs.Opportunity
	if about == "" || len(c.Objects) == 0 || buried[about] {
		return items, nil
	}
	return append(items, types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &t.name, Key: tombstoneKey(c.Event.Connection, about).attributes(), ConditionExpression: aws.String("attribute_not_exists(pk)"),
	}}), nil
}

// erasure are the writes of one erasure. What was not known needs no more than the
// tombstone; buried are those that are there already.
func (t *Table) erasure(e Erasure, buried map[string]bool) ([]types.TransactWriteItem, error) {
	var puts []any
	if len(e.Objects) > 0 {
		e.Key, e.BegunAt, e.Stores = erasureKey(e.Connection, e.ID), t.now(), map[string]int{}
		e.DPK, e.DSK = dueErasures, stamp(e.BegunAt)+"#"+e.ID
		puts = append(puts, e)
	}
	for _, id := range e.Opportunities {
		if e.ForGood && !buried[id] {
			puts = append(puts, tombstone{Key: tombstoneKey(e.Connection, id), Because: e.Because, At: t.now()})
			buried[id] = true
		}
	}
	var items []types.TransactWriteItem
	for _, p := range puts {
		item, err := encode(p)
		if err != nil {
			return nil, err
		}
		items = append(items, types.TransactWriteItem{Put: &types.Put{TableName: &t.name, Item: item}})
	}
	return items, nil
}

// DueErasures are erasures that have not ended and that nobody is at, at most
// limit, the oldest first.
func (t *Table) DueErasures(ctx context.Context, limit int) ([]Due, error) {
	return t.due(ctx, dueErasures, t.now(), limit)
}

// LookErasure takes an erasure for a few minutes. It reports false where another
// took it or it has ended.
func (t *Table) LookErasure(ctx context.Context, d Due) (bool, error) {
	return t.look(ctx, d, 5*time.Minute)
}

// Erasure reads an erasure. It fails with ErrNotFound.
func (t *Table) Erasure(ctx context.Context, connectionID, id string) (Erasure, error) {
	e, err := read[Erasure](ctx, t, erasureKey(connectionID, id))
	if err != nil {
		return e, fmt.Errorf("erasure: %w", err)
	}
	return e, nil
}

// Erasures are a connection's erasures, without those whose time is over.
func (t *Table) Erasures(ctx context.Context, connectionID string, p Paging) (Listed[Erasure], error) {
	all, err := list[Erasure](ctx, t, "C#"+connectionID, "ERASURE#", p)
	all.Items = slices.DeleteFunc(all.Items, func(e Erasure) bool {
		return e.EndedAt != 0 && e.EndedAt+millis(ReceiptLife) <= t.now()
	})
	return all, err
}

// SaveErasure notes how far an erasure has come. One that is at its end keeps
// numbers and times only.
func (t *Table) SaveErasure(ctx context.Context, e Erasure) error {
	if e.ClearedAt != 0 && e.ToldAt != 0 {
		e.EndedAt = max(e.ClearedAt, e.ToldAt)
		e.Opportunities, e.Objects, e.Staying, e.Actions = nil, nil, nil, nil
		e.DPK, e.DSK, e.TTL = "", "", t.expiry(ReceiptLife)
	}
	item, err := encode(e)
	if err != nil {
		return err
	}
	_, err = t.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name, Item: item, ConditionExpression: aws.String("attribute_exists(dpk)"),
	})
	return unless[*types.ConditionalCheckFailedException](err, "note erasure")
}
