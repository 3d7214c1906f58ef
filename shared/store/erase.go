package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/lever"
)

// among is how many values one search in a partition compares with (DynamoDB: 100
// operands of IN).
const among = 90

// find reads the items below a prefix of a connection's partition that satisfy a
// filter. It reads all of them: who erases waits for nobody.
func find[T any](ctx context.Context, t *Table, connectionID, prefix, filter string, names map[string]string, values map[string]any) ([]T, error) {
	values[":pk"], values[":prefix"] = "C#"+connectionID, prefix
	attributes, err := encode(values)
	if err != nil {
		return nil, err
	}
	var all []T
	pages := dynamodb.NewQueryPaginator(t.db, &dynamodb.QueryInput{
		TableName: &t.name, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		FilterExpression: &filter, ExpressionAttributeNames: names, ExpressionAttributeValues: attributes,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("find %s: %w", prefix, err)
		}
		for _, item := range page.Items {
			one, err := decode[T](item)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// in is the filter that an attribute is one of some values.
func in(attribute string, of []string, values map[string]any) string {
	var marks []string
	for i, v := range of {
		mark := fmt.Sprintf(":v%d", i)
		values[mark] = v
		marks = append(marks, mark)
	}
	return attribute + " IN (" + strings.Join(marks, ", ") + ")"
}

// DeliveriesAbout are a connection's deliveries about objects (kind#id) that still
// have their bodies and were made before a time.
func (t *Table) DeliveriesAbout(ctx context.Context, connectionID string, objects []string, before lever.Time) ([]Delivery, error) {
	var all []Delivery
	for len(objects) > 0 {
		n := min(among, len(objects))
		values := map[string]any{":before": before}
		filter := in("#object", objects[:n], values) + " AND createdAt <= :before AND attribute_exists(sealed)"
		found, err := find[Delivery](ctx, t, connectionID, "DELIVERY#", filter, map[string]string{"#object": "object"}, values)
		if err != nil {
			return nil, err
		}
		all, objects = append(all, found...), objects[n:]
	}
	return all, nil
}

// ParkedAbout are a connection's events about opportunities that are parked
// themselves, and not a delivery of theirs.
func (t *Table) ParkedAbout(ctx context.Context, connectionID string, opportunities []string) ([]Event, error) {
	var all []Event
	for len(opportunities) > 0 {
		n := min(among, len(opportunities))
		values := map[string]any{":parked": Parked, ":none": 0}
		filter := "#state = :parked AND awaits = :none AND attribute_exists(dpk) AND " + in("ids.#opportunity", opportunities[:n], values)
		found, err := find[Event](ctx, t, connectionID, "EVENT#", filter, map[string]string{"#state": "state", "#opportunity": "Opportunity"}, values)
		if err != nil {
			return nil, err
		}
		all, opportunities = append(all, found...), opportunities[n:]
	}
	return all, nil
}

// ActionsAbout are a connection's actions with a step on one of the opportunities,
// and those of the ids.
func (t *Table) ActionsAbout(ctx context.Context, connectionID string, opportunities, ids []string) ([]Action, error) {
	wanted := map[string]bool{}
	for _, id := range slices.Concat(opportunities, ids) {
		wanted[id] = true
	}
	all, err := find[Action](ctx, t, connectionID, "ACTION#", "attribute_exists(id)", nil, map[string]any{})
	var about []Action
	for _, a := range all {
		if a.concerns(wanted) {
			about = append(about, a)
		}
	}
	return about, err
}

func (a Action) concerns(wanted map[string]bool) bool {
	for _, s := range a.Steps {
		if wanted[s.Opportunity] {
			return true
		}
	}
	return wanted[a.ID]
}

// EraseAction forgets what an action asks for, and ends one that has not ended: it
// is not done any more. It fails with ErrMoved while somebody works on it.
func (t *Table) EraseAction(ctx context.Context, a Action) error {
	if a.HeldUntil >= t.now() && !a.State.Ended() {
		return ErrMoved
	}
	a.State, a.Reason, a.EndedAt, a.LookAt = ActionSuperseded, Erased, t.now(), 0
	for i := range a.Steps {
		if s := &a.Steps[i]; s.State != ActionDone {
			s.State, s.Reason, s.LookAt = ActionSuperseded, Erased, 0
		}
	}
	_, err := t.SaveAction(ctx, a)
	return err
}

// EraseEvent ends a parked event about somebody who was erased.
func (t *Table) EraseEvent(ctx context.Context, e Event) error {
	values, err := encode(map[string]any{":ignored": Ignored, ":parked": Parked, ":erased": Erased, ":now": t.now()})
	if err != nil {
		return err
	}
	_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: e.attributes(), UpdateExpression: aws.String("SET #state = :ignored, reason = :erased, endedAt = :now REMOVE dpk, dsk"),
		ConditionExpression: aws.String("#state = :parked AND attribute_exists(dpk)"), ExpressionAttributeNames: map[string]string{"#state": "state"},
		ExpressionAttributeValues: values,
	})
	return unless[*types.ConditionalCheckFailedException](err, "end event of somebody erased")
}

// EraseLetters ends the letters about something, and gives how many there were.
func (t *Table) EraseLetters(ctx context.Context, connectionID, about string) (int, error) {
	open, err := find[Letter](ctx, t, connectionID, "LETTER#"+about+"#", "endedAt = :open", nil, map[string]any{":open": 0})
	for _, l := range open {
		err = errors.Join(err, t.EndLetter(ctx, l, Erased))
	}
	return len(open), err
}

// EraseDelivery takes away the body of a delivery, and ends one that has not
// arrived: it is not sent any more. It gives the delivery that may go on its way
// now, or an empty id. It fails with ErrMoved when the delivery or its event is no
// longer as it was read.
func (t *Table) EraseDelivery(ctx context.Context, d Delivery) (next string, err error) {
	items, err := t.eraseDelivery(ctx, d)
	if err != nil {
		return "", err
	}
	if err := t.transact(ctx, items...); err != nil || d.State != Pending {
		return "", err
	}
	now, err := read[Delivery](ctx, t, d.Key)
	return now.Next, err
}

func (t *Table) eraseDelivery(ctx context.Context, d Delivery) ([]types.TransactWriteItem, error) {
	update, all := "SET erasedAt = :now REMOVE sealed", map[string]any{":now": t.now(), ":was": d.State}
	if d.State != Arrived {
		update = "SET erasedAt = :now, #state = :ended, reason = :erased, endedAt = :now REMOVE sealed, dpk, dsk"
		all[":ended"], all[":erased"] = Undelivered, Erased
	}
	values, err := encode(all)
	if err != nil {
		return nil, err
	}
	items := []types.TransactWriteItem{{Update: &types.Update{
		TableName: &t.name, Key: d.attributes(), UpdateExpression: &update, ConditionExpression: aws.String("#state = :was"),
		ExpressionAttributeNames: map[string]string{"#state": "state"}, ExpressionAttributeValues: values,
	}}}
	if d.Event == "" || d.State == Arrived || d.State == Undelivered && d.DPK == "" {
		return items, nil
	}
	event, err := t.eventErased(ctx, d)
	if err != nil || event == nil {
		return items, err
	}
	return append(items, types.TransactWriteItem{Update: event}), nil
}

// eventErased is the update of the event of a delivery that is not sent any more:
// with its last delivery the event is over. It is nil where the event is gone.
func (t *Table) eventErased(ctx context.Context, d Delivery) (*types.Update, error) {
	e, err := t.Event(ctx, d.Connection, d.Event)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("event of the delivery: %w", err)
	}
	if d.State == Pending {
		return t.moveEvent(e, -1, 0, Ignored, Erased)
	}
	return t.moveEvent(e, 0, -1, Ignored, Erased)
}
