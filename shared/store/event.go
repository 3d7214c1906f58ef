package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
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

// Event is one delivery of Lever's, as the ledger has it.
type Event struct {
	Key
	ID          string       `dynamodbav:"id"`
	Connection  string       `dynamodbav:"connection"`
	Event       lever.Event  `dynamodbav:"event"`
	State       EventState   `dynamodbav:"state"`
	Reason      fault.Reason `dynamodbav:"reason,omitempty"`
	IDs         lever.IDs    `dynamodbav:"ids"`
	BodyHash    string       `dynamodbav:"bodyHash"`
	TriggeredAt lever.Time   `dynamodbav:"triggeredAt"`
	ReceivedAt  lever.Time   `dynamodbav:"receivedAt"`
	EndedAt     lever.Time   `dynamodbav:"endedAt"`
	// Deliveries are what the event gave rise to; Awaits is how many of them have
	// not arrived.
	Deliveries []string `dynamodbav:"deliveries,omitempty"`
	Awaits     int      `dynamodbav:"awaits"`

	TPK string `dynamodbav:"tpk"`
	TSK string `dynamodbav:"tsk"`
	TTL int64  `dynamodbav:"ttl"`
}

func eventKey(connectionID, id string) Key { return ofConnection(connectionID, "EVENT#"+id) }

// stamp is a time in sort keys: it sorts as text, to the millisecond.
func stamp(at lever.Time) string { return at.Time().Format("2006-01-02T15:04:05.000Z") }

// Receive notes that an event has come, and gives it as the ledger has it: new,
// or as an earlier try or an earlier delivery of it left it.
func (t *Table) Receive(ctx context.Context, e Event) (Event, error) {
	e.Key, e.State = eventKey(e.Connection, e.ID), Received
	e.TPK, e.TSK = "C#"+e.Connection+"#EVENT", stamp(e.ReceivedAt)+"#"+e.ID
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

// Event reads an event. It fails with ErrNotFound.
func (t *Table) Event(ctx context.Context, connectionID, id string) (Event, error) {
	return read[Event](ctx, t, eventKey(connectionID, id))
}

// end is the update that brings an event from received to a state.
func (t *Table) end(e Event, state EventState, reason fault.Reason, deliveries []string) (*types.Update, error) {
	values, err := encode(struct {
		Received   EventState   `dynamodbav:":received"`
		State      EventState   `dynamodbav:":state"`
		Reason     fault.Reason `dynamodbav:":reason"`
		At         lever.Time   `dynamodbav:":at"`
		Deliveries []string     `dynamodbav:":deliveries"`
		Awaits     int          `dynamodbav:":awaits"`
	}{Received, state, reason, t.now(), deliveries, len(deliveries)})
	if err != nil {
		return nil, err
	}
	return &types.Update{
		TableName: &t.name, Key: eventKey(e.Connection, e.ID).attributes(),
		UpdateExpression:          aws.String("SET #state = :state, reason = :reason, endedAt = :at, deliveries = :deliveries, awaits = :awaits"),
		ConditionExpression:       aws.String("#state = :received"),
		ExpressionAttributeNames:  map[string]string{"#state": "state"},
		ExpressionAttributeValues: values,
	}, nil
}
