package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/fault"
)

// Commit is what one event changes, or one call of the partner's, which has no
// event: all of it or nothing.
type Commit struct {
	Event Event
	// State and Reason are what the event ends in. With deliveries it is
	// Delivering: it ends when they have arrived.
	State  EventState
	Reason fault.Reason
	// Objects carry the revision that was read and the new state.
	Objects    []Object
	Deliveries []Delivery
	// Raised are attention items that there have to be, Cleared those that are
	// mended.
	Raised  []Attention
	Cleared []Attention
	// Letters are mails that have to go out.
	Letters []Letter
	// Erasures are the people whom the commit begins to forget.
	Erasures []Erasure
}

// Commit applies c. It fails with ErrMoved when the event has ended or an object
// has another revision than was read, or when the event's opportunity was erased:
// what was computed is then of an older state and must be computed anew.
func (t *Table) Commit(ctx context.Context, c Commit) error {
	var items []types.TransactWriteItem
	for _, part := range []func(context.Context, Commit) ([]types.TransactWriteItem, error){t.attention, t.ending, t.states, t.erasures} {
		more, err := part(ctx, c)
		if err != nil {
			return err
		}
		items = append(items, more...)
	}
	if len(items) == 0 {
		return nil
	}
	return t.transact(ctx, items...)
}

// ending is the write of the event's end.
func (t *Table) ending(_ context.Context, c Commit) ([]types.TransactWriteItem, error) {
	if c.Event.ID == "" {
		return nil, nil
	}
	var ids []string
	for _, d := range c.Deliveries {
		ids = append(ids, d.ID)
	}
	end, err := t.end(c.Event, c.State, c.Reason, ids)
	return []types.TransactWriteItem{{Update: end}}, err
}

// states are the writes of the objects' new states, and of what they lead to.
func (t *Table) states(ctx context.Context, c Commit) ([]types.TransactWriteItem, error) {
	var items []types.TransactWriteItem
	for _, o := range c.Objects {
		put, err := t.putObject(ctx, o)
		if err != nil {
			return nil, err
		}
		items = append(items, types.TransactWriteItem{Put: put})
	}
	for _, d := range c.Deliveries {
		puts, err := t.queueDelivery(ctx, d)
		if err != nil {
			return nil, err
		}
		items = append(items, puts...)
	}
	for _, l := range c.Letters {
		put, err := t.putLetter(l)
		if err != nil {
			return nil, err
		}
		items = append(items, types.TransactWriteItem{Put: put})
	}
	return items, nil
}

func (t *Table) putObject(ctx context.Context, o Object) (*types.Put, error) {
	before := o.Revision
	o.Key, o.Revision, o.ChangedAt = objectKey(o.Connection, o.Kind, o.ID), before+1, t.now()
	var err error
	if o.Sealed, err = t.vault.Seal(ctx, o.State, o.about(o.Revision)); err != nil {
		return nil, err
	}
	return t.onto(o, "revision", before)
}

// queueDelivery writes a delivery behind the one before it of the same object. It
// is looked at when its message has not come out of the queue after Grace; one
// that has to wait for another goes on its way with the other's end.
func (t *Table) queueDelivery(ctx context.Context, d Delivery) ([]types.TransactWriteItem, error) {
	put, err := t.putDelivery(ctx, d)
	if err != nil {
		return nil, err
	}
	items := []types.TransactWriteItem{{Put: put}}
	before, err := t.pendingBefore(ctx, d)
	if err != nil || !before {
		return items, err
	}
	values, err := encode(map[string]any{":next": d.ID})
	if err != nil {
		return nil, err
	}
	return append(items, types.TransactWriteItem{Update: &types.Update{
		TableName: &t.name, Key: deliveryKey(d.Connection, d.Previous).attributes(),
		UpdateExpression: aws.String("SET #next = :next"), ConditionExpression: aws.String("attribute_exists(pk)"),
		ExpressionAttributeNames: map[string]string{"#next": "next"}, ExpressionAttributeValues: values,
	}}), nil
}

// pendingBefore reports whether the delivery before d is still to come. One that
// has ended may be gone from the table.
func (t *Table) pendingBefore(ctx context.Context, d Delivery) (bool, error) {
	if d.Previous == "" {
		return false, nil
	}
	before, err := read[Delivery](ctx, t, deliveryKey(d.Connection, d.Previous))
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return before.State == Pending, err
}

func (t *Table) putDelivery(ctx context.Context, d Delivery) (*types.Put, error) {
	d.Key, d.State, d.CreatedAt, d.Attempts = deliveryKey(d.Connection, d.ID), Pending, t.now(), []Attempt{}
	d.NextAt = d.CreatedAt
	d.DPK, d.DSK = dueDeliveries(d.Partner), d.due(d.CreatedAt+millis(Grace))
	d.TPK, d.TSK = "C#"+d.Connection+"#DELIVERY", stamp(d.CreatedAt)+"#"+d.ID
	d.TTL = t.expiry(Retention)
	var err error
	if d.Sealed, err = t.vault.Seal(ctx, d.Body, d.about(d.Revision)); err != nil {
		return nil, err
	}
	return t.first(d)
}

// transact writes all items or none. The SDK gives each call a token of its own
// and repeats it with the same, so an answer that is lost does not make the
// second try fail on the first one's work.
func (t *Table) transact(ctx context.Context, items ...types.TransactWriteItem) error {
	_, err := t.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		if err != nil {
			return fmt.Errorf("commit: %w", err)
		}
		return nil
	}
	for _, r := range cancelled.CancellationReasons {
		if aws.ToString(r.Code) == "ConditionalCheckFailed" {
			return ErrMoved
		}
	}
	return fmt.Errorf("commit: %w", err)
}
