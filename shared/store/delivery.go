package store

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
)

// DeliveryState says how far a delivery is.
type DeliveryState string

// The states of a delivery. Undelivered ones are parked, with a reason.
const (
	Pending     DeliveryState = "pending"
	Arrived     DeliveryState = "arrived"
	Undelivered DeliveryState = "undelivered"
)

// Delivery is one document on its way to the partner's endpoint.
type Delivery struct {
	Key
	ID         string `dynamodbav:"id"`
	Connection string `dynamodbav:"connection"`
	Partner    string `dynamodbav:"partner"`
	// Type is the document's ("joiner.hired").
	Type   string        `dynamodbav:"type"`
	State  DeliveryState `dynamodbav:"state"`
	Reason fault.Reason  `dynamodbav:"reason,omitempty"`
	// Event is what the delivery comes from, empty for a document about the
	// connection itself.
	Event string `dynamodbav:"event"`
	// Object is kind and id of the Lever object; Revision is the state told.
	Object   string `dynamodbav:"object"`
	Revision int64  `dynamodbav:"revision"`
	// Previous is the object's delivery before this one, which has to end first;
	// Next is the one behind, which then goes on its way.
	Previous string `dynamodbav:"previous,omitempty"`
	Next     string `dynamodbav:"next,omitempty"`
	// Attempts are those that were made, oldest first; NextAt is when the next one
	// is to be.
	Attempts []Attempt `dynamodbav:"attempts"`
	// Tries counts the attempts since RetriedAt, when somebody last had it tried
	// again after it was parked.
	Tries     int        `dynamodbav:"tries"`
	RetriedAt lever.Time `dynamodbav:"retriedAt"`
	NextAt    lever.Time `dynamodbav:"nextAt"`
	CreatedAt lever.Time `dynamodbav:"createdAt"`
	EndedAt   lever.Time `dynamodbav:"endedAt"`
	// ErasedAt is when the body was taken away because its person was erased.
	ErasedAt lever.Time `dynamodbav:"erasedAt,omitempty"`
	Sealed   []byte     `dynamodbav:"sealed,omitempty"`

	// Body is what is sent, byte for byte in every attempt. It is sealed.
	Body []byte `dynamodbav:"-"`

	TPK string `dynamodbav:"tpk"`
	TSK string `dynamodbav:"tsk"`
	DPK string `dynamodbav:"dpk,omitempty"`
	DSK string `dynamodbav:"dsk,omitempty"`
	TTL int64  `dynamodbav:"ttl"`
}

// Attempt is one try of a delivery.
type Attempt struct {
	At lever.Time `dynamodbav:"at" json:"at"`
	// Status is 0 where no answer came; Why then says more.
	Status       int    `dynamodbav:"status" json:"status"`
	Why          string `dynamodbav:"why,omitempty" json:"why,omitempty"`
	Milliseconds int64  `dynamodbav:"ms" json:"ms"`
	// Digest is the beginning of the SHA-256 of the answer's body, in hex.
	Digest string `dynamodbav:"digest,omitempty" json:"digest,omitempty"`
}

func deliveryKey(connectionID, id string) Key { return ofConnection(connectionID, "DELIVERY#"+id) }

// DeliveryID is the id of the delivery of a document: the same document of the
// same state has the same id, whoever computes it and how often.
func DeliveryID(connectionID, kind, id, documentType string, revision int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %d", connectionID, kind, id, documentType, revision))
	return "dlv_" + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// due is the delivery's place in the index due when it is to be looked at by a
// time.
func (d Delivery) due(at lever.Time) string { return stamp(at) + "#" + d.Connection + "#" + d.ID }

// Delivery reads a delivery. It fails with ErrNotFound.
func (t *Table) Delivery(ctx context.Context, connectionID, id string) (Delivery, error) {
	d, err := read[Delivery](ctx, t, deliveryKey(connectionID, id))
	if err != nil {
		return d, fmt.Errorf("delivery: %w", err)
	}
	if d.ErasedAt != 0 {
		return d, nil
	}
	if d.Body, err = t.vault.Open(ctx, d.Sealed, d.about(d.Revision)); err != nil {
		return d, fmt.Errorf("delivery: %w", err)
	}
	return d, nil
}

// Attempted notes an attempt that did not arrive, and when the next one is to be.
func (t *Table) Attempted(ctx context.Context, d Delivery, a Attempt, next lever.Time) error {
	look := next
	if next <= t.now()+millis(queueHolds) {
		look += millis(Grace)
	}
	values := map[string]any{":attempt": []Attempt{a}, ":tries": d.Tries + 1, ":next": next, ":dsk": d.due(look)}
	return t.stillPending(ctx, d, "SET attempts = list_append(attempts, :attempt), tries = :tries, nextAt = :next, dsk = :dsk", values)
}

// Rest notes that a delivery waits for its endpoint to come back.
func (t *Table) Rest(ctx context.Context, d Delivery) error {
	return t.stillPending(ctx, d, "SET dsk = :dsk", map[string]any{":dsk": d.due(t.now())})
}

// stillPending updates a delivery unless it has ended.
func (t *Table) stillPending(ctx context.Context, d Delivery, update string, values map[string]any) error {
	values[":pending"] = Pending
	attributes, err := encode(values)
	if err != nil {
		return err
	}
	_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: d.attributes(), UpdateExpression: aws.String(update),
		ConditionExpression: aws.String("#state = :pending"), ExpressionAttributeNames: map[string]string{"#state": "state"},
		ExpressionAttributeValues: attributes,
	})
	return unless[*types.ConditionalCheckFailedException](err, "note attempt")
}

// Arrive ends a delivery with the attempt that arrived, and with it the event that
// it was the last of. It gives the delivery that may go on its way now, or an empty
// id, also where the delivery has ended before.
func (t *Table) Arrive(ctx context.Context, d Delivery, a Attempt) (next string, err error) {
	return t.endDelivery(ctx, d, Arrived, "", a)
}

// GiveUp parks a delivery, and with it its event, with the attempts that were not
// noted yet. It gives the delivery that may go on its way now, or an empty id.
func (t *Table) GiveUp(ctx context.Context, d Delivery, reason fault.Reason, attempts ...Attempt) (next string, err error) {
	return t.endDelivery(ctx, d, Undelivered, reason, attempts...)
}

func (t *Table) endDelivery(ctx context.Context, d Delivery, state DeliveryState, reason fault.Reason, attempts ...Attempt) (string, error) {
	for {
		ends, err := t.ends(ctx, d, state, reason, attempts)
		if err != nil {
			return "", err
		}
		err = t.transact(ctx, ends...)
		if err != nil && !errors.Is(err, ErrMoved) {
			return "", err
		}
		now, readErr := t.Delivery(ctx, d.Connection, d.ID)
		if readErr != nil || now.State != Pending {
			return now.Next, readErr
		}
	}
}

// ends are the updates of the delivery's end, and of its event's.
func (t *Table) ends(ctx context.Context, d Delivery, state DeliveryState, reason fault.Reason, attempts []Attempt) ([]types.TransactWriteItem, error) {
	update := "SET #state = :state, reason = :reason, endedAt = :at, attempts = list_append(attempts, :attempt)"
	values := map[string]any{":state": state, ":reason": reason, ":pending": Pending, ":at": t.now(), ":attempt": append([]Attempt{}, attempts...)}
	if state == Undelivered {
		update += ", dpk = :dpk, dsk = :dsk"
		values[":dpk"], values[":dsk"] = parked(d.Connection), parkedAs(reason, t.now(), d.SK)
	} else {
		update += " REMOVE dpk, dsk"
	}
	attributes, err := encode(values)
	if err != nil {
		return nil, err
	}
	ends := []types.TransactWriteItem{{Update: &types.Update{
		TableName: &t.name, Key: d.attributes(), UpdateExpression: aws.String(update),
		ConditionExpression: aws.String("#state = :pending"), ExpressionAttributeNames: map[string]string{"#state": "state"},
		ExpressionAttributeValues: attributes,
	}}}
	if d.Event == "" {
		return ends, nil
	}
	event, err := t.eventEnd(ctx, d, reason)
	return append(ends, types.TransactWriteItem{Update: event}), err
}

// eventEnd is the update of a delivery's event by the end of the delivery.
func (t *Table) eventEnd(ctx context.Context, d Delivery, reason fault.Reason) (*types.Update, error) {
	e, err := t.Event(ctx, d.Connection, d.Event)
	if err != nil {
		return nil, fmt.Errorf("event of the delivery: %w", err)
	}
	if reason != "" {
		return t.moveEvent(e, -1, 1, Parked, reason)
	}
	return t.moveEvent(e, -1, 0, Delivered, "")
}

// moveEvent is the update of an event so many more of whose deliveries are on their
// way, and so many more of which are parked. As long as one is parked the event is;
// with the last of them it comes to its end.
func (t *Table) moveEvent(e Event, awaits, undelivered int, end EventState, reason fault.Reason) (*types.Update, error) {
	// An event of before the count has none of what it lacks.
	awaits, undelivered = e.Awaits+awaits, max(e.Undelivered+undelivered, 0)
	ended := t.now()
	switch {
	case undelivered > 0 && end != Parked:
		end, reason = Parked, e.Reason
	case undelivered == 0 && awaits > 0:
		end, reason, ended = Delivering, "", 0
	}
	values, err := encode(map[string]any{
		":state": end, ":was": e.State, ":reason": reason, ":at": ended,
		":awaits": e.Awaits, ":left": awaits, ":parked": e.Undelivered, ":still": undelivered,
	})
	if err != nil {
		return nil, err
	}
	return &types.Update{
		TableName: &t.name, Key: e.attributes(),
		UpdateExpression:          aws.String("SET #state = :state, reason = :reason, awaits = :left, undelivered = :still, endedAt = :at"),
		ConditionExpression:       aws.String("awaits = :awaits AND #state = :was AND (undelivered = :parked OR attribute_not_exists(undelivered))"),
		ExpressionAttributeNames:  map[string]string{"#state": "state"},
		ExpressionAttributeValues: values,
	}, nil
}
