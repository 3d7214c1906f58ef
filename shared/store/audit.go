package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/lever"
)

// Audit is one step in the trail of what people did with a connection. It holds
// no secret.
type Audit struct {
	Key
	Connection string     `dynamodbav:"connection"`
	At         lever.Time `dynamodbav:"at"`
	// Actor is who did it: "key:" and the id of a partner's API key, "link:" and
	// the id of a connect link, "staff:" and a name, or "clock".
	Actor string `dynamodbav:"actor"`
	// Action is a word in the past tense with what it is about: settings.applied.
	Action string `dynamodbav:"action"`
	Sealed []byte `dynamodbav:"sealed"`

	// Before and After are what changed, as JSON; null is nothing. They are sealed:
	// settings name people.
	Before json.RawMessage `dynamodbav:"-"`
	After  json.RawMessage `dynamodbav:"-"`
}

// audited is what is sealed of an Audit.
type audited struct {
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
}

const auditPrefix = "AUDIT#"

// Audits is the trail of a connection in the order of time, or the newest first
// where the paging says backward.
func (t *Table) Audits(ctx context.Context, connectionID string, p Paging) (Listed[Audit], error) {
	out, err := list[Audit](ctx, t, ofConnection(connectionID, "").PK, auditPrefix, p)
	if err != nil {
		return out, fmt.Errorf("audit trail: %w", err)
	}
	for i := range out.Items {
		a, sealed := &out.Items[i], audited{}
		if err := t.open(ctx, a.Sealed, a.about(0), &sealed); err != nil {
			return out, fmt.Errorf("audit trail: %w", err)
		}
		a.Before, a.After = sealed.Before, sealed.After
	}
	return out, nil
}

// Note writes a step into the trail that changes nothing in the table.
func (t *Table) Note(ctx context.Context, a Audit) error {
	put, err := t.audit(ctx, a)
	if err != nil {
		return err
	}
	return t.transact(ctx, put)
}

// begin writes a new item, with what the trail says of it.
func (t *Table) begin(ctx context.Context, item any, a Audit) error {
	put, err := t.first(item)
	if err != nil {
		return err
	}
	step, err := t.audit(ctx, a)
	if err != nil {
		return err
	}
	return t.transact(ctx, types.TransactWriteItem{Put: put}, step)
}

// audit is the write of a step, for the transaction of what it changes.
func (t *Table) audit(ctx context.Context, a Audit) (types.TransactWriteItem, error) {
	a.At = t.now()
	a.Key = ofConnection(a.Connection, auditPrefix+stamp(a.At)+"#"+rand.Text()[:10])
	var err error
	if a.Sealed, err = t.seal(ctx, audited{a.Before, a.After}, a.about(0)); err != nil {
		return types.TransactWriteItem{}, err
	}
	item, err := encode(a)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	return types.TransactWriteItem{Put: &types.Put{TableName: &t.name, Item: item}}, nil
}
