package store

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/document"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
)

// Alert notes that something is wrong with a connection of which the partner was
// told, until it is over. One reason and one connection is one alert.
type Alert struct {
	Key
	Connection string       `dynamodbav:"connection"`
	Reason     fault.Reason `dynamodbav:"reason"`
	Since      lever.Time   `dynamodbav:"since"`
}

const alerts = "ALERTS"

func alertKey(connectionID string, reason fault.Reason) Key {
	return Key{PK: alerts, SK: string(reason) + "#" + connectionID}
}

// Alerts are the alerts of a reason that are not over.
func (t *Table) Alerts(ctx context.Context, reason fault.Reason) ([]Alert, error) {
	return lever.Collect(Every(func(p Paging) (Listed[Alert], error) { return list[Alert](ctx, t, alerts, string(reason)+"#", p) }))
}

// item is the attention item of an alert. An alert is about the connection.
func (a Alert) item() Attention {
	return Attention{Connection: a.Connection, Reason: a.Reason, About: "alert"}
}

// Alert begins an alert: the attention item that says in step what to do, and the
// document that tells the partner. It gives the document's delivery, or ErrMoved where
// there is such an alert already, or the connection changes at the moment.
func (t *Table) Alert(ctx context.Context, c Connection, reason fault.Reason, step string, notice document.Document) (Delivery, error) {
	alert := Alert{Key: alertKey(c.ID, reason), Connection: c.ID, Reason: reason, Since: t.now()}
	d, err := t.notice(c, notice)
	if err != nil {
		return d, err
	}
	items, err := t.queueDelivery(ctx, d)
	if err != nil {
		return d, err
	}
	mark, err := t.first(alert)
	if err != nil {
		return d, err
	}
	a := alert.item()
	a.Partner, a.Step = c.Partner, step
	raise, err := t.raise(a)
	if err != nil {
		return d, err
	}
	values, err := encode(map[string]any{":notices": c.Notices, ":one": 1, ":notice": d.ID})
	if err != nil {
		return d, err
	}
	return d, t.transact(ctx, append(items,
		types.TransactWriteItem{Put: mark},
		types.TransactWriteItem{Update: raise},
		types.TransactWriteItem{Update: &types.Update{
			TableName: &t.name, Key: ofConnection(c.ID, "CONNECTION").attributes(), UpdateExpression: aws.String("SET lastNotice = :notice ADD notices :one"),
			ConditionExpression: aws.String("notices = :notices"), ExpressionAttributeValues: values,
		}})...)
}

// EndAlert notes that an alert is over, and closes its attention item.
func (t *Table) EndAlert(ctx context.Context, a Alert) error {
	items, err := t.attention(ctx, Commit{Cleared: []Attention{a.item()}})
	if err != nil {
		return err
	}
	over := types.TransactWriteItem{Delete: &types.Delete{TableName: &t.name, Key: a.attributes()}}
	err = t.transact(ctx, append(items, over)...)
	if errors.Is(err, ErrMoved) {
		// The item is gone: somebody has closed it, long ago.
		return t.transact(ctx, over)
	}
	return err
}
