package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/document"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
)

// Connection is one customer of one partner, linked to one Lever account.
type Connection struct {
	Key
	ID      string `dynamodbav:"id"`
	Partner string `dynamodbav:"partner"`
	// Account is Lever's id of the account: another one on reconnecting is refused.
	Account string `dynamodbav:"account"`
	// Anchor is Lever's id of a user of the account, by which it is known again
	// where Lever does not tell the account's own id.
	Anchor string `dynamodbav:"anchor,omitempty"`
	// Environment is production, sandbox or eu; see lever.EnvironmentOf.
	Environment string     `dynamodbav:"environment"`
	Customer    Customer   `dynamodbav:"customer"`
	CreatedAt   lever.Time `dynamodbav:"createdAt"`
	// ConnectedAt is when its credential was last given, with these scopes beside
	// what an API key allows.
	ConnectedAt lever.Time `dynamodbav:"connectedAt"`
	Scopes      []string   `dynamodbav:"scopes,omitempty"`
	// FinishedAt is when somebody finished set-up, PausedAt since when the
	// connection rests. DisconnectingAt is when its end was begun, DisconnectedAt
	// when it had ended, and Left what could not be removed then. Each is zero
	// where it is not so.
	FinishedAt      lever.Time `dynamodbav:"finishedAt"`
	PausedAt        lever.Time `dynamodbav:"pausedAt"`
	DisconnectingAt lever.Time `dynamodbav:"disconnectingAt"`
	DisconnectedAt  lever.Time `dynamodbav:"disconnectedAt"`
	Left            []Left     `dynamodbav:"left,omitempty"`
	// LostAt is since when Lever does not take the credential, zero while it does,
	// and LostBecause why.
	LostAt      lever.Time   `dynamodbav:"lostAt"`
	LostBecause fault.Reason `dynamodbav:"lostBecause,omitempty"`
	// Notices counts the documents about the connection itself; LastNotice is the
	// newest one's delivery, for which the next one waits.
	Notices    int64  `dynamodbav:"notices"`
	LastNotice string `dynamodbav:"lastNotice,omitempty"`

	TPK string `dynamodbav:"tpk,omitempty"`
	TSK string `dynamodbav:"tsk,omitempty"`
}

// Connection reads a connection. It fails with ErrNotFound.
func (t *Table) Connection(ctx context.Context, id string) (Connection, error) {
	c, err := read[Connection](ctx, t, ofConnection(id, "CONNECTION"))
	if err != nil {
		return c, fmt.Errorf("connection: %w", err)
	}
	return c, nil
}

// PutConnection writes a connection.
func (t *Table) PutConnection(ctx context.Context, c Connection) error {
	return t.put(ctx, c.placed())
}

// Lose notes that Lever does not take a connection's credential, together with the
// document that tells the partner; the customer's contacts are still to be told
// (see Untold). It gives the document's delivery, or ErrMoved when somebody else has
// noted it.
func (t *Table) Lose(ctx context.Context, c Connection, because fault.Reason, notice document.Document) (Delivery, error) {
	untold, err := encode(map[string]any{":dpk": untoldConnections, ":dsk": stamp(t.now()) + "#" + c.ID})
	if err != nil {
		return Delivery{}, err
	}
	return t.notify(ctx, c, notice, types.Update{
		Key:                       credentialKey(c.ID).attributes(),
		UpdateExpression:          aws.String("SET dpk = :dpk, dsk = :dsk"),
		ConditionExpression:       aws.String("attribute_exists(pk)"),
		ExpressionAttributeValues: untold,
	}, "SET lostAt = :now, lostBecause = :because,", map[string]any{":now": t.now(), ":because": because, ":zero": 0}, "AND lostAt = :zero")
}

// Warn notes that the partner is told of a consent that is about to end, together
// with the document that tells it. due is when somebody has to look at the
// credential next. It gives the document's delivery, or ErrMoved when somebody
// else has told.
func (t *Table) Warn(ctx context.Context, c Connection, credential Credential, due lever.Time, notice document.Document) (Delivery, error) {
	values, err := encode(map[string]any{":zero": 0, ":warned": credential.WarnedAt, ":dsk": stamp(due) + "#" + c.ID})
	if err != nil {
		return Delivery{}, err
	}
	return t.notify(ctx, c, notice, types.Update{
		Key:                       credentialKey(c.ID).attributes(),
		UpdateExpression:          aws.String("SET warnedAt = :warned, dsk = :dsk"),
		ConditionExpression:       aws.String("warnedAt = :zero"),
		ExpressionAttributeValues: values,
	}, "SET", nil, "")
}

// notify writes a document about the connection itself with a change of its
// credential, and with what else changes of the connection.
func (t *Table) notify(ctx context.Context, c Connection, notice document.Document, credential types.Update, set string, values map[string]any, condition string) (Delivery, error) {
	d, err := t.notice(c, notice)
	if err != nil {
		return d, err
	}
	items, err := t.queueDelivery(ctx, d)
	if err != nil {
		return d, err
	}
	all := map[string]any{":notices": c.Notices, ":one": 1, ":notice": d.ID}
	maps.Copy(all, values)
	attributes, err := encode(all)
	if err != nil {
		return d, err
	}
	credential.TableName = &t.name
	return d, t.transact(ctx, append(items, types.TransactWriteItem{Update: &credential}, types.TransactWriteItem{Update: &types.Update{
		TableName: &t.name, Key: ofConnection(c.ID, "CONNECTION").attributes(),
		UpdateExpression:          aws.String(set + " lastNotice = :notice ADD notices :one"),
		ConditionExpression:       aws.String(strings.TrimSpace("notices = :notices " + condition)),
		ExpressionAttributeValues: attributes,
	}})...)
}

// notice is the delivery of a document about the connection itself.
func (t *Table) notice(c Connection, d document.Document) (Delivery, error) {
	body, err := d.Body(c.ID)
	return Delivery{
		ID:         DeliveryID(c.ID, "connection", c.ID, d.Type, c.Notices+1),
		Connection: c.ID,
		Partner:    c.Partner,
		Type:       d.Type,
		Object:     "connection#" + c.ID,
		Revision:   c.Notices + 1,
		Previous:   c.LastNotice,
		Body:       body,
	}, err
}

func (t *Table) seal(ctx context.Context, v any, about string) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode what is to be sealed: %w", err)
	}
	return t.vault.Seal(ctx, plain, about)
}

func (t *Table) open(ctx context.Context, sealed []byte, about string, v any) error {
	plain, err := t.vault.Open(ctx, sealed, about)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("decode what was sealed: %w", err)
	}
	return nil
}
