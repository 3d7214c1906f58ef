package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
)

// EventState says how far an event is. Received and Delivering are on the way;
// the other four are ends, and every event reaches exactly one.
type EventState string

// The states of an event.
const (
	Received   EventState = "received"
	Delivering EventState = "delivering" // what it changed is on its way to the partner
	Delivered  EventState = "delivered"
	Unchanged  EventState = "unchanged" // Lever's state was known already
	Ignored    EventState = "ignored"   // with a reason: it concerns nothing of the partner
	Parked     EventState = "parked"    // with a reason: no further try can help
)

// Ended reports whether the state is an end.
func (s EventState) Ended() bool { return s != Received && s != Delivering }

// Origin says where an event came from.
type Origin string

// The origins of an event.
const (
	FromLever   Origin = "lever"     // a webhook
	FromReplay  Origin = "replay"    // somebody had an earlier event worked off again
	FromClock   Origin = "reconcile" // Lever's change list showed what no webhook told
	FromPartner Origin = "partner"   // a change on the partner's side that concerns an object
)

// Event is one delivery of Lever's, as the ledger has it.
type Event struct {
	Key
	ID         string       `dynamodbav:"id"`
	Connection string       `dynamodbav:"connection"`
	Partner    string       `dynamodbav:"partner"`
	Event      lever.Event  `dynamodbav:"event"`
	Origin     Origin       `dynamodbav:"origin"`
	State      EventState   `dynamodbav:"state"`
	Reason     fault.Reason `dynamodbav:"reason,omitempty"`
	IDs        lever.IDs    `dynamodbav:"ids"`
	BodyHash   string       `dynamodbav:"bodyHash"`
	// Reuse says that the signature came before with another body: somebody has
	// one of Lever's envelopes.
	Reuse       bool       `dynamodbav:"reuse,omitempty"`
	TriggeredAt lever.Time `dynamodbav:"triggeredAt"`
	ReceivedAt  lever.Time `dynamodbav:"receivedAt"`
	EndedAt     lever.Time `dynamodbav:"endedAt"`
	// Tries counts those that failed; NextAt is when the next one is to be.
	Tries int `dynamodbav:"tries"`
	// RetriedAt is when somebody last had it tried again after it was parked.
	RetriedAt lever.Time `dynamodbav:"retriedAt"`
	NextAt    lever.Time `dynamodbav:"nextAt"`
	// Deliveries are what the event gave rise to; Awaits is how many of them have
	// not ended, Undelivered how many are parked.
	Deliveries  []string `dynamodbav:"deliveries,omitempty"`
	Awaits      int      `dynamodbav:"awaits"`
	Undelivered int      `dynamodbav:"undelivered"`

	TPK string `dynamodbav:"tpk"`
	TSK string `dynamodbav:"tsk"`
	DPK string `dynamodbav:"dpk,omitempty"`
	DSK string `dynamodbav:"dsk,omitempty"`
	TTL int64  `dynamodbav:"ttl"`
}

// Message is the event as it travels in its partner's queue.
func (e Event) Message() queue.Event {
	return queue.Event{
		ID: e.ID, Connection: e.Connection, Event: e.Event, TriggeredAt: e.TriggeredAt, ReceivedAt: e.ReceivedAt,
		BodyHash: e.BodyHash, IDs: e.IDs, Origin: string(e.Origin),
	}
}

// EventOf is the event of a message, as it is noted when it is first seen.
func EventOf(partner string, m queue.Event) Event {
	return Event{
		ID: m.ID, Connection: m.Connection, Partner: partner, Event: m.Event, IDs: m.IDs, BodyHash: m.BodyHash,
		TriggeredAt: m.TriggeredAt, ReceivedAt: m.ReceivedAt, Origin: cmp.Or(Origin(m.Origin), FromLever),
	}
}

// Grace is how long an event may take before somebody looks after it: by then it
// has ended, or something knows when it goes on.
const Grace = 15 * time.Minute

func eventKey(connectionID, id string) Key { return ofConnection(connectionID, "EVENT#"+id) }

const stampLayout = "2006-01-02T15:04:05.000Z"

// stamp is a time in sort keys: it sorts as text, to the millisecond.
func stamp(at lever.Time) string { return at.Time().Format(stampLayout) }

// Receive notes that an event has come, and gives it as the ledger has it: new,
// or as an earlier try or an earlier delivery of it left it. Another body under a
// signature that came before is an event of its own.
func (t *Table) Receive(ctx context.Context, e Event) (Event, error) {
	noted, err := t.receive(ctx, e)
	if err != nil || noted.BodyHash == e.BodyHash {
		return noted, err
	}
	e.ID, e.Reuse = e.ID+"-"+e.BodyHash, true
	return t.receive(ctx, e)
}

func (t *Table) receive(ctx context.Context, e Event) (Event, error) {
	e.Key, e.State = eventKey(e.Connection, e.ID), Received
	e.TPK, e.TSK = "C#"+e.Connection+"#EVENT", e.timeline()
	e.DPK, e.DSK = dueEvents(e.Connection), e.due(t.now()+millis(Grace))
	e.TTL = t.expiry(Retention)
	item, err := encode(e)
	if err != nil {
		return e, err
	}
	_, err = t.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name, Item: item,
		ConditionExpression:                 aws.String("attribute_not_exists(pk)"),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var there *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &there):
		return decode[Event](there.Item)
	case err != nil:
		return e, fmt.Errorf("note receipt: %w", err)
	}
	return e, nil
}

// timeline is the event's place in the timeline, which also says what it told of.
func (e Event) timeline() string {
	return strings.Join([]string{stamp(e.ReceivedAt), e.ID, string(e.Event), e.IDs.Opportunity}, "#")
}

// due is the event's place in the index due when somebody has to look at it by a
// time.
func (e Event) due(at lever.Time) string { return stamp(at) + "#" + e.Connection + "#" + e.ID }

// Event reads an event. It fails with ErrNotFound.
func (t *Table) Event(ctx context.Context, connectionID, id string) (Event, error) {
	return read[Event](ctx, t, eventKey(connectionID, id))
}

// end is the update that brings an event from received to a state. An event that
// is parked stays in the index, where it is found by its reason.
func (t *Table) end(e Event, state EventState, reason fault.Reason, deliveries []string) (*types.Update, error) {
	update := "SET #state = :state, reason = :reason, endedAt = :at, deliveries = :deliveries, awaits = :awaits"
	values := map[string]any{
		":received": Received, ":state": state, ":reason": reason, ":at": t.now(), ":deliveries": deliveries, ":awaits": len(deliveries),
	}
	if state == Parked {
		update += ", dpk = :dpk, dsk = :dsk"
		values[":dpk"], values[":dsk"] = parked(e.Connection), parkedAs(reason, t.now(), e.SK)
	} else {
		update += " REMOVE dpk, dsk"
	}
	attributes, err := encode(values)
	if err != nil {
		return nil, err
	}
	return &types.Update{
		TableName: &t.name, Key: eventKey(e.Connection, e.ID).attributes(),
		UpdateExpression:          aws.String(update),
		ConditionExpression:       aws.String("#state = :received"),
		ExpressionAttributeNames:  map[string]string{"#state": "state"},
		ExpressionAttributeValues: attributes,
	}, nil
}

// Postpone notes that a try of an event failed, and when the next one is to be.
// Where another has ended the event meanwhile it does nothing.
func (t *Table) Postpone(ctx context.Context, e Event, next lever.Time) error {
	return t.reschedule(ctx, e, next, "SET nextAt = :next, dsk = :dsk ADD tries :one", map[string]any{":one": 1})
}

// Delay notes that an event waits until a time without having failed.
func (t *Table) Delay(ctx context.Context, e Event, next lever.Time) error {
	return t.reschedule(ctx, e, next, "SET nextAt = :next, dsk = :dsk", nil)
}

// reschedule moves an event that is received. What waits longer than a queue can
// hold a message is looked at when its time comes; what is in a queue only if it
// does not come out of it.
func (t *Table) reschedule(ctx context.Context, e Event, next lever.Time, update string, values map[string]any) error {
	look := next
	if next <= t.now()+millis(queueHolds) {
		look += millis(Grace)
	}
	all := map[string]any{":next": next, ":dsk": e.due(look), ":received": Received}
	maps.Copy(all, values)
	attributes, err := encode(all)
	if err != nil {
		return err
	}
	_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: e.attributes(),
		UpdateExpression: aws.String(update), ConditionExpression: aws.String("#state = :received"),
		ExpressionAttributeNames: map[string]string{"#state": "state"}, ExpressionAttributeValues: attributes,
	})
	return unless[*types.ConditionalCheckFailedException](err, "postpone event")
}

// Events are a connection's events, the newest first.
func (t *Table) Events(ctx context.Context, connectionID string, p Paging) (Listed[Event], error) {
	return timeline[Event](ctx, t, "C#"+connectionID+"#EVENT", p)
}

// Deliveries are a connection's deliveries, the newest first, without their
// bodies.
func (t *Table) Deliveries(ctx context.Context, connectionID string, p Paging) (Listed[Delivery], error) {
	return timeline[Delivery](ctx, t, "C#"+connectionID+"#DELIVERY", p)
}

// timeline reads the items of a partition of the timeline, the newest first. One
// that is gone since the index was written is left out.
func timeline[T any](ctx context.Context, t *Table, partition string, p Paging) (Listed[T], error) {
	var out Listed[T]
	p.Backward = true
	keys, err := t.index(ctx, "timeline", partition, "", p)
	if err != nil {
		return out, err
	}
	out.Next = keys.Next
	for _, k := range keys.Items {
		item, err := read[T](ctx, t, k.Key)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, item)
	}
	return out, nil
}

// Balance counts a connection's events by state: what was received is what has
// ended and what is on its way. It reads all of them.
func (t *Table) Balance(ctx context.Context, connectionID string) (map[EventState]int, error) {
	values, err := encode(map[string]any{":pk": "C#" + connectionID, ":prefix": "EVENT#"})
	if err != nil {
		return nil, err
	}
	counts := map[EventState]int{}
	pages := dynamodb.NewQueryPaginator(t.db, &dynamodb.QueryInput{
		TableName: &t.name, KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ProjectionExpression: aws.String("#state, #ttl"), ExpressionAttributeNames: map[string]string{"#state": "state", "#ttl": "ttl"}, ExpressionAttributeValues: values,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("balance: %w", err)
		}
		for _, attributes := range page.Items {
			if t.over(attributes) {
				continue
			}
			e, err := decode[Event](attributes)
			if err != nil {
				return nil, err
			}
			counts[e.State]++
		}
	}
	return counts, nil
}
