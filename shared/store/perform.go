package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/document"
	"fulcrum/shared/lever"
)

// HoldAction gives holder the action for a while. It fails with ErrMoved when the
// action is no longer as a has it, or another holds it.
func (t *Table) HoldAction(ctx context.Context, a Action, holder string, d time.Duration) (Action, error) {
	now := t.now()
	if a.HeldUntil >= now && a.Holder != holder {
		return a, ErrMoved
	}
	a.Holder, a.HeldUntil = holder, now+lever.Time(d.Milliseconds())
	a.LookAt = a.HeldUntil
	return t.SaveAction(ctx, a)
}

// SaveAction writes what has become of an action, in the name of its holder. It
// fails with ErrMoved when somebody else has changed it since it was read; a
// repeat of this very write, whose answer was lost, succeeds.
func (t *Table) SaveAction(ctx context.Context, a Action) (Action, error) {
	a, change, err := t.changeAction(a)
	if err != nil {
		return a, err
	}
	_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: change.TableName, Key: change.Key, UpdateExpression: change.UpdateExpression,
		ConditionExpression: change.ConditionExpression, ExpressionAttributeNames: change.ExpressionAttributeNames,
		ExpressionAttributeValues:           change.ExpressionAttributeValues,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var refused *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &refused):
		there, err := decode[Action](refused.Item)
		if err == nil && there.Turn == a.Turn && there.WrittenBy == a.WrittenBy {
			return a, nil
		}
		return a, ErrMoved
	case err != nil:
		return a, fmt.Errorf("write action: %w", err)
	}
	return a, nil
}

// changeAction is the update from the turn that a was read in to the next one.
func (t *Table) changeAction(a Action) (Action, *types.Update, error) {
	before := a.Turn
	a.Turn++
	a.WrittenBy = a.Holder
	a.DPK, a.DSK = dueAction(a)
	set := map[string]any{
		"state": a.State, "steps": a.Steps, "reason": a.Reason, "turn": a.Turn, "writtenBy": a.WrittenBy, "holder": a.Holder,
		"heldUntil": a.HeldUntil, "lookAt": a.LookAt, "tries": a.Tries, "endedAt": a.EndedAt, "told": a.Told, "lastTold": a.LastTold,
	}
	var remove []string
	if a.DPK == "" {
		remove = append(remove, "#dpk", "#dsk")
	} else {
		set["dpk"], set["dsk"] = a.DPK, a.DSK
	}
	if a.State.Ended() {
		set["ttl"] = t.expiry(Retention)
	} else {
		remove = append(remove, "#ttl")
	}
	if a.State == ActionDone || a.State == ActionSuperseded {
		remove = append(remove, "#sealed")
		a.Request, a.Sealed = nil, nil
	}
	u, err := update(a.Key, set, remove, before)
	u.TableName = &t.name
	return a, u, err
}

// update sets and removes attributes of an item that is in a turn.
func update(k Key, set map[string]any, remove []string, turn int64) (*types.Update, error) {
	names, values := map[string]string{"#turn": "turn"}, map[string]any{":before": turn}
	var sets []string
	for name, value := range set {
		names["#"+name], values[":"+name] = name, value
		sets = append(sets, "#"+name+" = :"+name)
	}
	expression := "SET " + strings.Join(sets, ", ")
	for _, name := range remove {
		names[name] = name[1:]
	}
	if len(remove) > 0 {
		expression += " REMOVE " + strings.Join(remove, ", ")
	}
	attributes, err := encode(values)
	return &types.Update{
		Key: k.attributes(), UpdateExpression: &expression, ConditionExpression: aws.String("#turn = :before"),
		ExpressionAttributeNames: names, ExpressionAttributeValues: attributes,
	}, err
}

// EndAction writes what has become of an action together with the document that
// tells the partner and with the objects that it changes, which carry the revision
// that was read. It gives the document's delivery. It fails with ErrMoved when the
// action or an object is no longer as it was read.
func (t *Table) EndAction(ctx context.Context, a Action, told document.Document, objects ...Object) (Action, Delivery, error) {
	d, err := tell(a, told)
	if err != nil {
		return a, d, err
	}
	a.Told, a.LastTold = d.Revision, d.ID
	a, change, err := t.changeAction(a)
	if err != nil {
		return a, d, err
	}
	put, err := t.putDelivery(ctx, d)
	if err != nil {
		return a, d, err
	}
	items := []types.TransactWriteItem{{Update: change}, {Put: put}}
	for _, o := range objects {
		put, err := t.putObject(ctx, o)
		if err != nil {
			return a, d, err
		}
		items = append(items, types.TransactWriteItem{Put: put})
	}
	return a, d, t.transact(ctx, items...)
}

// tell is the delivery of a document about an action.
func tell(a Action, d document.Document) (Delivery, error) {
	body, err := d.Body(a.Connection)
	return Delivery{
		ID:         DeliveryID(a.Connection, "action", a.ID, d.Type, a.Told+1),
		Connection: a.Connection, Partner: a.Partner, Type: d.Type,
		Object: "action#" + a.ID, Revision: a.Told + 1, Previous: a.LastTold, Body: body,
	}, err
}

// ResumeAction brings a parked action back to where it can go on, with its tries
// counted anew; whoever calls it sends the action on its way. Another action stays
// as it is. It fails with ErrNotFound, and with ErrMoved when somebody else
// changes it at the moment.
func (t *Table) ResumeAction(ctx context.Context, connectionID, id string) (Action, error) {
	a, err := t.Action(ctx, connectionID, id)
	if err != nil || a.State != ActionParked {
		return a, err
	}
	a.State, a.Reason, a.EndedAt, a.Tries, a.LookAt = ActionPlanned, "", 0, 0, t.now()
	a.Holder, a.HeldUntil = "", 0
	for i := range a.Steps {
		if s := &a.Steps[i]; s.State == ActionParked {
			s.State, s.Reason, s.Tries, s.LookAt = ActionPlanned, "", 0, 0
		}
	}
	return t.SaveAction(ctx, a)
}
