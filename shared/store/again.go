package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
)

// Superseded is the reason of what ended because a newer state was told.
const Superseded fault.Reason = "superseded"

// Parking is an event or a delivery that is parked.
type Parking struct {
	// Event or Delivery is its id; the other is empty.
	Event    string
	Delivery string
	Reason   fault.Reason
	At       lever.Time
}

// Parked are a connection's parked events and deliveries by reason, those of a
// reason by time; reason may be empty for all. An event that is parked because a
// delivery of it is does not appear: its delivery does.
func (t *Table) Parked(ctx context.Context, connectionID string, reason fault.Reason, p Paging) (Listed[Parking], error) {
	var out Listed[Parking]
	prefix := ""
	if reason != "" {
		prefix = string(reason) + "#"
	}
	keys, err := t.index(ctx, "due", parked(connectionID), prefix, p)
	if err != nil {
		return out, err
	}
	out.Next = keys.Next
	for _, k := range keys.Items {
		parking, err := k.parking()
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, parking)
	}
	return out, nil
}

// parking reads an entry that parkedAs wrote.
func (d Due) parking() (Parking, error) {
	parts := strings.SplitN(d.DSK, "#", 3)
	if len(parts) < 3 {
		return Parking{}, fmt.Errorf("entry %s of the index is none of what is parked", d.SK)
	}
	at, err := unstamp(parts[1])
	out := Parking{Reason: fault.Reason(parts[0]), At: at}
	if strings.HasPrefix(d.SK, "EVENT#") {
		out.Event = d.ID()
	} else {
		out.Delivery = d.ID()
	}
	return out, err
}

// RetryEvent brings a parked event back on its way, as if it had just come. It
// gives the event, or ErrMoved when it is not parked, or when it is one of its
// deliveries that is.
func (t *Table) RetryEvent(ctx context.Context, connectionID, id string) (Event, error) {
	e, err := t.Event(ctx, connectionID, id)
	if err != nil {
		return e, err
	}
	values, err := encode(map[string]any{
		":received": Received, ":parked": Parked, ":none": 0, ":now": t.now(), ":empty": "",
		":dpk": dueEvents(connectionID), ":dsk": e.due(t.now() + millis(Grace)), ":ttl": t.expiry(Retention),
	})
	if err != nil {
		return e, err
	}
	_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: e.attributes(),
		UpdateExpression: aws.String("SET #state = :received, reason = :empty, tries = :none, nextAt = :none, endedAt = :none, " +
			"retriedAt = :now, dpk = :dpk, dsk = :dsk, #ttl = :ttl"),
		ConditionExpression:      aws.String("#state = :parked AND awaits = :none AND attribute_exists(dpk)"),
		ExpressionAttributeNames: map[string]string{"#state": "state", "#ttl": "ttl"}, ExpressionAttributeValues: values,
	})
	var other *types.ConditionalCheckFailedException
	if errors.As(err, &other) {
		return e, ErrMoved
	}
	if err != nil {
		return e, fmt.Errorf("retry event: %w", err)
	}
	return t.Event(ctx, connectionID, id)
}

// RetryDelivery brings a parked delivery back on its way, or ends it as superseded
// where a newer state of its object has arrived: an older one must not follow it.
// It reports whether the delivery is on its way; ErrMoved says that it is not
// parked.
func (t *Table) RetryDelivery(ctx context.Context, connectionID, id string) (bool, error) {
	d, err := t.Delivery(ctx, connectionID, id)
	if err != nil {
		return false, err
	}
	if d.State != Undelivered {
		return false, ErrMoved
	}
	old, err := t.overtaken(ctx, d)
	if err != nil {
		return false, err
	}
	end := fault.Reason("")
	if old {
		end = Superseded
	}
	items, err := t.again(ctx, d, end)
	if err != nil {
		return false, err
	}
	return !old, t.transact(ctx, items...)
}

// overtaken reports whether any newer state of the delivery's object has arrived:
// the newest may itself be parked.
func (t *Table) overtaken(ctx context.Context, d Delivery) (bool, error) {
	kind, id, _ := strings.Cut(d.Object, "#")
	o, err := read[Object](ctx, t, objectKey(d.Connection, kind, id))
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for id := o.LastDelivery; id != "" && id != d.ID; {
		newer, err := read[Delivery](ctx, t, deliveryKey(d.Connection, id))
		if errors.Is(err, ErrNotFound) || newer.State == Arrived {
			return true, nil // of what is gone from the table nobody knows
		}
		if err != nil {
			return false, err
		}
		id = newer.Previous
	}
	return false, nil
}

// again are the writes of a parked delivery that is tried again, or that ends for a
// reason.
func (t *Table) again(ctx context.Context, d Delivery, end fault.Reason) ([]types.TransactWriteItem, error) {
	update := "SET #state = :pending, reason = :empty, tries = :none, nextAt = :now, retriedAt = :now, endedAt = :none, dpk = :dpk, dsk = :dsk, #ttl = :ttl"
	values := map[string]any{
		":pending": Pending, ":was": Undelivered, ":empty": "", ":none": 0, ":now": t.now(),
		":dpk": dueDeliveries(d.Partner), ":dsk": d.due(t.now() + millis(Grace)), ":ttl": t.expiry(Retention),
	}
	names := map[string]string{"#state": "state", "#ttl": "ttl"}
	if end != "" {
		update, values = "SET reason = :end REMOVE dpk, dsk", map[string]any{":end": end, ":was": Undelivered}
		delete(names, "#ttl")
	}
	attributes, err := encode(values)
	if err != nil {
		return nil, err
	}
	items := []types.TransactWriteItem{{Update: &types.Update{
		TableName: &t.name, Key: d.attributes(), UpdateExpression: aws.String(update),
		ConditionExpression: aws.String("#state = :was AND attribute_exists(dpk)"), ExpressionAttributeNames: names, ExpressionAttributeValues: attributes,
	}}}
	if d.Event == "" {
		return items, nil
	}
	event, err := t.eventAgain(ctx, d, end)
	return append(items, types.TransactWriteItem{Update: event}), err
}

// eventAgain is the update of the event of a delivery that is parked no more: it is
// tried again, or ends for a reason.
func (t *Table) eventAgain(ctx context.Context, d Delivery, end fault.Reason) (*types.Update, error) {
	e, err := t.Event(ctx, d.Connection, d.Event)
	if err != nil {
		return nil, fmt.Errorf("event of the delivery: %w", err)
	}
	if end == "" {
		return t.moveEvent(e, 1, -1, Delivering, "")
	}
	return t.moveEvent(e, 0, -1, Ignored, end)
}
