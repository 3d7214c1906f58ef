package store

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
)

// Customer is who a connection is of, as the partner calls them.
type Customer struct {
	Name      string `dynamodbav:"name"`
	Reference string `dynamodbav:"reference"`
}

// Left is a webhook that could not be removed when its connection ended.
type Left struct {
	Event   lever.Event `dynamodbav:"event" json:"event"`
	Webhook string      `dynamodbav:"webhook" json:"webhook,omitempty"`
	URL     string      `dynamodbav:"url" json:"url"`
	// Reason says why: the credential was gone, or a person made it.
	Reason fault.Reason `dynamodbav:"reason" json:"reason"`
}

// connections is the partition of the timeline that has a partner's connections.
func connections(partner string) string { return "CONNECTIONS#" + partner }

// Connections are a partner's connections, the newest first.
func (t *Table) Connections(ctx context.Context, partner string, p Paging) (Listed[Connection], error) {
	return timeline[Connection](ctx, t, connections(partner), p)
}

// Connect writes a connection with its credential, and what the trail says of it.
// There is none yet (created), or one of the same account; then the recoveries are
// to close the gap. It fails with ErrMoved where that is otherwise, or the
// credential has another version.
func (t *Table) Connect(ctx context.Context, c Connection, created bool, credential Credential, due lever.Time, a Audit, gap ...Recovery) error {
	put, err := t.connecting(c, created)
	if err != nil {
		return err
	}
	key, err := t.putCredential(ctx, credential, due)
	if err != nil {
		return err
	}
	step, err := t.audit(ctx, a)
	if err != nil {
		return err
	}
	items := []types.TransactWriteItem{put, {Put: key}, step}
	for _, r := range gap {
		again, err := t.recovery(r)
		if err != nil {
			return err
		}
		items = append(items, again)
	}
	return t.transact(ctx, items...)
}

// connecting is the write of a connection that has a credential from now on.
func (t *Table) connecting(c Connection, created bool) (types.TransactWriteItem, error) {
	c.ConnectedAt = t.now()
	if created {
		c.CreatedAt = c.ConnectedAt
		c = c.placed()
		put, err := t.first(c)
		return types.TransactWriteItem{Put: put}, err
	}
	values, err := encode(map[string]any{
		":account": c.Account, ":scopes": c.Scopes, ":customer": c.Customer, ":now": c.ConnectedAt, ":zero": 0,
	})
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &t.name, Key: ofConnection(c.ID, "CONNECTION").attributes(),
		UpdateExpression: aws.String("SET scopes = :scopes, customer = :customer, connectedAt = :now, lostAt = :zero, " +
			"disconnectingAt = :zero, disconnectedAt = :zero REMOVE lostBecause, #left"),
		ConditionExpression:      aws.String("account = :account"),
		ExpressionAttributeNames: map[string]string{"#left": "left"}, ExpressionAttributeValues: values,
	}}, err
}

// placed is the connection with its keys.
func (c Connection) placed() Connection {
	c.Key = ofConnection(c.ID, "CONNECTION")
	c.TPK, c.TSK = connections(c.Partner), stamp(c.CreatedAt)+"#"+c.ID
	return c
}

// Pause notes that a connection rests, Resume that it goes on; what was parked
// while it rested is then to be retried. Both fail with ErrMoved where it is so
// already.
func (t *Table) Pause(ctx context.Context, id string, a Audit) error {
	return t.amend(ctx, id, "SET pausedAt = :now", "pausedAt = :zero", nil, a)
}

// Resume is described at Pause.
func (t *Table) Resume(ctx context.Context, id string, a Audit, r Recovery) error {
	again, err := t.recovery(r)
	if err != nil {
		return err
	}
	return t.amend(ctx, id, "SET pausedAt = :zero", "pausedAt > :zero", nil, a, again)
}

// Finish notes that set-up was finished. It fails with ErrMoved where it was
// before.
func (t *Table) Finish(ctx context.Context, id string, a Audit) error {
	return t.amend(ctx, id, "SET finishedAt = :now", "finishedAt = :zero", nil, a)
}

// Disconnecting notes that a connection is about to end: no new work is begun for
// it, and after a time the clock ends it if nobody has (see Endings). It fails with
// ErrMoved where that is noted.
func (t *Table) Disconnecting(ctx context.Context, id string, a Audit, after time.Duration) error {
	ending, err := t.putEnding(id, a.Actor, after)
	if err != nil {
		return err
	}
	return t.amend(ctx, id, "SET disconnectingAt = :now", "disconnectingAt = :zero", nil, a, ending)
}

// Disconnected notes that a connection has ended, with what was left behind, and
// erases its credential. It fails with ErrMoved where it has ended before.
func (t *Table) Disconnected(ctx context.Context, id string, left []Left, a Audit) error {
	return t.amend(ctx, id, "SET disconnectedAt = :now, #left = :left", "disconnectedAt = :zero AND disconnectingAt > :zero",
		map[string]any{":left": left}, a,
		types.TransactWriteItem{Delete: &types.Delete{TableName: &t.name, Key: credentialKey(id).attributes()}},
		types.TransactWriteItem{Delete: &types.Delete{TableName: &t.name, Key: endingKey(id).attributes()}})
}

// amend changes members of a connection that is there, with what the trail says
// of it and with whatever else.
func (t *Table) amend(ctx context.Context, id, update, condition string, more map[string]any, a Audit, others ...types.TransactWriteItem) error {
	all := map[string]any{":zero": 0}
	if strings.Contains(update, ":now") {
		all[":now"] = t.now()
	}
	maps.Copy(all, more)
	values, err := encode(all)
	if err != nil {
		return err
	}
	step, err := t.audit(ctx, a)
	if err != nil {
		return err
	}
	change := &types.Update{
		TableName: &t.name, Key: ofConnection(id, "CONNECTION").attributes(),
		UpdateExpression: &update, ConditionExpression: &condition, ExpressionAttributeValues: values,
	}
	if more != nil {
		change.ExpressionAttributeNames = map[string]string{"#left": "left"}
	}
	return t.transact(ctx, append(others, types.TransactWriteItem{Update: change}, step)...)
}

// ApplySettings is PutSettings with what the trail says of it and with what they
// set going again.
func (t *Table) ApplySettings(ctx context.Context, s Settings, a Audit, again ...Recovery) (Settings, error) {
	put, s, err := t.putSettings(ctx, s)
	if err != nil {
		return s, err
	}
	step, err := t.audit(ctx, a)
	if err != nil {
		return s, err
	}
	items := []types.TransactWriteItem{{Put: put}, step}
	for _, r := range again {
		item, err := t.recovery(r)
		if err != nil {
			return s, err
		}
		items = append(items, item)
	}
	if err := t.transact(ctx, items...); err != nil {
		return s, fmt.Errorf("apply settings: %w", err)
	}
	return s, nil
}
