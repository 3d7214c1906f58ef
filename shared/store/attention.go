package store

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
)

// Attention is something that only a person can mend. It holds ids and names of
// things, nothing of a candidate.
type Attention struct {
	Key
	ID         string `dynamodbav:"id"`
	Connection string `dynamodbav:"connection"`
	Partner    string `dynamodbav:"partner"`
	// Reason says what is wrong, in a word that keeps its meaning; people read
	// the page's sentence for it.
	Reason fault.Reason `dynamodbav:"reason"`
	// About is what it is about: an object (joiner#id), a webhook, the connection.
	// One reason about one thing is one item.
	About string `dynamodbav:"about"`
	// Step is the one step that mends it, as a sentence.
	Step string `dynamodbav:"step"`
	// Details name what a person has to know to do it: {"location": "Berlin"}.
	Details map[string]string `dynamodbav:"details,omitempty"`
	// Event and IDs say what a retry looks at; Event is empty where there is
	// nothing to retry.
	Event lever.Event `dynamodbav:"event,omitempty"`
	IDs   lever.IDs   `dynamodbav:"ids"`
	// RaisedAt is when it was first raised; ClearedAt when it was mended, zero
	// while it is open.
	RaisedAt  lever.Time `dynamodbav:"raisedAt"`
	ClearedAt lever.Time `dynamodbav:"clearedAt"`
	TTL       int64      `dynamodbav:"ttl,omitempty"`
}

// AttentionID is the id of the item of a reason about a thing.
func AttentionID(connectionID string, reason fault.Reason, about string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", connectionID, reason, about))
	return "att_" + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

func attentionKey(connectionID, id string) Key { return ofConnection(connectionID, "ATTENTION#"+id) }

// Attention reads an attention item. It fails with ErrNotFound.
func (t *Table) Attention(ctx context.Context, connectionID, id string) (Attention, error) {
	a, err := read[Attention](ctx, t, attentionKey(connectionID, id))
	if err != nil {
		return a, fmt.Errorf("attention: %w", err)
	}
	return a, nil
}

// Attentions are a connection's attention items, those lately mended included.
func (t *Table) Attentions(ctx context.Context, connectionID string, p Paging) (Listed[Attention], error) {
	return list[Attention](ctx, t, "C#"+connectionID, "ATTENTION#", p)
}

// Raise opens an attention item, if it is not open already.
func (t *Table) Raise(ctx context.Context, a Attention) error {
	err := t.Commit(ctx, Commit{Raised: []Attention{a}})
	if errors.Is(err, ErrMoved) {
		return nil
	}
	return err
}

// Clear notes that an attention item is mended.
func (t *Table) Clear(ctx context.Context, a Attention) error {
	return t.Commit(ctx, Commit{Cleared: []Attention{a}})
}

// ClearOpen notes that what a reason says of a thing is mended, where there is an
// open item.
func (t *Table) ClearOpen(ctx context.Context, connectionID string, reason fault.Reason, about string) error {
	a, err := t.Attention(ctx, connectionID, AttentionID(connectionID, reason, about))
	if errors.Is(err, ErrNotFound) || err == nil && a.ClearedAt != 0 {
		return nil
	}
	if err != nil {
		return err
	}
	return t.Clear(ctx, a)
}

// attention are the changes of a commit's attention items.
func (t *Table) attention(_ context.Context, c Commit) ([]types.TransactWriteItem, error) {
	var items []types.TransactWriteItem
	for _, a := range c.Raised {
		update, err := t.raise(a)
		if err != nil {
			return nil, err
		}
		items = append(items, types.TransactWriteItem{Update: update})
	}
	for _, a := range c.Cleared {
		update, err := t.clear(a)
		if err != nil {
			return nil, err
		}
		items = append(items, types.TransactWriteItem{Update: update})
	}
	return items, nil
}

// raise opens an item or brings an open one up to date: the time when it was first
// raised stays.
func (t *Table) raise(a Attention) (*types.Update, error) {
	if a.ID == "" {
		a.ID = AttentionID(a.Connection, a.Reason, a.About)
	}
	values, err := encode(map[string]any{
		":id": a.ID, ":connection": a.Connection, ":partner": a.Partner, ":reason": a.Reason, ":about": a.About, ":step": a.Step,
		":details": a.Details, ":event": a.Event, ":ids": a.IDs, ":now": t.now(), ":open": 0,
	})
	if err != nil {
		return nil, err
	}
	return &types.Update{
		TableName: &t.name, Key: attentionKey(a.Connection, a.ID).attributes(),
		UpdateExpression: aws.String("SET id = :id, #connection = :connection, partner = :partner, reason = :reason, about = :about, step = :step, " +
			"details = :details, event = :event, ids = :ids, raisedAt = if_not_exists(openSince, :now), openSince = if_not_exists(openSince, :now), " +
			"clearedAt = :open REMOVE #ttl"),
		ExpressionAttributeNames: map[string]string{"#ttl": "ttl", "#connection": "connection"}, ExpressionAttributeValues: values,
	}, nil
}

// clear notes that an item is mended. It is kept for a while, to be shown.
func (t *Table) clear(a Attention) (*types.Update, error) {
	if a.ID == "" {
		a.ID = AttentionID(a.Connection, a.Reason, a.About)
	}
	values, err := encode(map[string]any{":now": t.now(), ":ttl": t.expiry(Retention)})
	if err != nil {
		return nil, err
	}
	return &types.Update{
		TableName: &t.name, Key: attentionKey(a.Connection, a.ID).attributes(),
		UpdateExpression:         aws.String("SET clearedAt = :now, #ttl = :ttl REMOVE openSince"),
		ConditionExpression:      aws.String("attribute_exists(pk)"),
		ExpressionAttributeNames: map[string]string{"#ttl": "ttl"}, ExpressionAttributeValues: values,
	}, nil
}
