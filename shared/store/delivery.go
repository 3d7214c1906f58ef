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

	"fulcrum/shared/lever"
)

// DeliveryState says how far a delivery is.
type DeliveryState string

// The states of a delivery.
const (
	Pending DeliveryState = "pending"
	Arrived DeliveryState = "arrived"
)

// Delivery is one document on its way to the partner's endpoint.
type Delivery struct {
	Key
	ID         string `dynamodbav:"id"`
	Connection string `dynamodbav:"connection"`
	Partner    string `dynamodbav:"partner"`
	// Type is the document's ("joiner.hired").
	Type  string        `dynamodbav:"type"`
	State DeliveryState `dynamodbav:"state"`
	// Event is what the delivery comes from, empty for a document about the
	// connection itself.
	Event string `dynamodbav:"event"`
	// Object is kind and id of the Lever object; Revision is the state told.
	Object   string `dynamodbav:"object"`
	Revision int64  `dynamodbav:"revision"`
	// Previous is the object's delivery before this one, which has to end first.
	Previous  string     `dynamodbav:"previous,omitempty"`
	Attempts  int        `dynamodbav:"attempts"`
	CreatedAt lever.Time `dynamodbav:"createdAt"`
	EndedAt   lever.Time `dynamodbav:"endedAt"`
	Sealed    []byte     `dynamodbav:"sealed"`

	// Body is what is sent, byte for byte in every attempt. It is sealed.
	Body []byte `dynamodbav:"-"`

	TPK string `dynamodbav:"tpk"`
	TSK string `dynamodbav:"tsk"`
	TTL int64  `dynamodbav:"ttl"`
}

func deliveryKey(connectionID, id string) Key { return ofConnection(connectionID, "DELIVERY#"+id) }

// DeliveryID is the id of the delivery of a document: the same document of the
// same state has the same id, whoever computes it and how often.
func DeliveryID(connectionID, kind, id, documentType string, revision int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %d", connectionID, kind, id, documentType, revision))
	return "dlv_" + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// Delivery reads a delivery. It fails with ErrNotFound.
func (t *Table) Delivery(ctx context.Context, connectionID, id string) (Delivery, error) {
	d, err := read[Delivery](ctx, t, deliveryKey(connectionID, id))
	if err != nil {
		return d, fmt.Errorf("delivery: %w", err)
	}
	if d.Body, err = t.vault.Open(ctx, d.Sealed, d.about(d.Revision)); err != nil {
		return d, fmt.Errorf("delivery: %w", err)
	}
	return d, nil
}

// Attempted counts one more attempt that did not arrive.
func (t *Table) Attempted(ctx context.Context, d Delivery) error {
	_, err := t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: d.attributes(),
		UpdateExpression:          aws.String("ADD attempts :one"),
		ConditionExpression:       aws.String("attribute_exists(pk)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}},
	})
	if err != nil {
		return fmt.Errorf("count attempt: %w", err)
	}
	return nil
}

// Arrive ends a delivery, and with it the event that it was the last of. It does
// nothing where the delivery has ended before.
func (t *Table) Arrive(ctx context.Context, d Delivery) error {
	for {
		ends, err := t.ends(ctx, d)
		if err != nil {
			return err
		}
		err = t.transact(ctx, ends...)
		if !errors.Is(err, ErrMoved) {
			return err
		}
		now, err := t.Delivery(ctx, d.Connection, d.ID)
		if err != nil || now.State != Pending {
			return err
		}
	}
}

// ends are the updates of the delivery's arrival, and of its event's end.
func (t *Table) ends(ctx context.Context, d Delivery) ([]types.TransactWriteItem, error) {
	values, err := encode(map[string]any{":arrived": Arrived, ":pending": Pending, ":at": t.now(), ":one": 1})
	if err != nil {
		return nil, err
	}
	ends := []types.TransactWriteItem{{Update: &types.Update{
		TableName: &t.name, Key: d.attributes(),
		UpdateExpression:          aws.String("SET #state = :arrived, endedAt = :at ADD attempts :one"),
		ConditionExpression:       aws.String("#state = :pending"),
		ExpressionAttributeNames:  map[string]string{"#state": "state"},
		ExpressionAttributeValues: values,
	}}}
	if d.Event == "" {
		return ends, nil
	}
	e, err := t.Event(ctx, d.Connection, d.Event)
	if err != nil {
		return nil, fmt.Errorf("event of the delivery: %w", err)
	}
	state := Delivering
	if e.Awaits <= 1 {
		state = Delivered
	}
	if values, err = encode(map[string]any{":state": state, ":awaits": e.Awaits, ":left": e.Awaits - 1, ":at": t.now()}); err != nil {
		return nil, err
	}
	return append(ends, types.TransactWriteItem{Update: &types.Update{
		TableName: &t.name, Key: e.attributes(),
		UpdateExpression:          aws.String("SET #state = :state, awaits = :left, endedAt = :at"),
		ConditionExpression:       aws.String("awaits = :awaits"),
		ExpressionAttributeNames:  map[string]string{"#state": "state"},
		ExpressionAttributeValues: values,
	}}), nil
}
