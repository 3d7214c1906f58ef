package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
)

// Span is a range of time, from Since to before Until; zero is an open end.
type Span struct {
	Since, Until lever.Time
}

// examined is how many items one part of a filtered list looks at. A part may so
// have fewer items than were asked for, or none, and still not be the last.
const examined = 1000

// EventsWithin are a connection's events that were received within a window and
// that keep keeps, the newest first.
func (t *Table) EventsWithin(ctx context.Context, connectionID string, w Span, keep func(Event) bool, p Paging) (Listed[Event], error) {
	s := span{table: t, partition: "C#" + connectionID + "#EVENT", pk: "C#" + connectionID, prefix: "EVENT#", window: w}
	return within(ctx, s, func(e Event) (string, string) { return e.TSK, e.SK }, keep, p)
}

// DeliveriesWithin are a connection's deliveries that were made within a window and
// that keep keeps, the newest first, without their bodies.
func (t *Table) DeliveriesWithin(ctx context.Context, connectionID string, w Span, keep func(Delivery) bool, p Paging) (Listed[Delivery], error) {
	s := span{table: t, partition: "C#" + connectionID + "#DELIVERY", pk: "C#" + connectionID, prefix: "DELIVERY#", window: w}
	return within(ctx, s, func(d Delivery) (string, string) { return d.TSK, d.SK }, keep, p)
}

// span is a part of a partition of the index timeline.
type span struct {
	table         *Table
	partition, pk string
	prefix        string // of the items' sort keys
	window        Span
}

// within lists the items of a span. place gives an item's sort keys, in the index
// and in the table.
func within[T any](ctx context.Context, s span, place func(T) (tsk, sk string), keep func(T) bool, p Paging) (Listed[T], error) {
	var out Listed[T]
	start, err := s.start(p.Cursor)
	if err != nil || s.window.Until != 0 && s.window.Since >= s.window.Until {
		return out, err
	}
	for seen := 0; seen < examined; {
		items, n, last, err := part[T](ctx, s, start)
		if err != nil {
			return out, err
		}
		for i, item := range items {
			if !keep(item) {
				continue
			}
			out.Items = append(out.Items, item)
			if len(out.Items) == p.limit() && (i < len(items)-1 || last != nil) {
				out.Next, err = s.cursor(place(item))
				return out, err
			}
		}
		if last == nil {
			return out, nil
		}
		start, seen = last, seen+n
	}
	out.Next, err = indexCursor("t", start)
	return out, err
}

// part reads the items of the next keys of a span, and says how many keys that were
// and the last of them; there is no last where the span has no more.
func part[T any](ctx context.Context, s span, start map[string]types.AttributeValue) (items []T, n int, last map[string]types.AttributeValue, err error) {
	keys, last, err := s.keys(ctx, start)
	if err != nil {
		return nil, 0, nil, err
	}
	items, err = batch[T](ctx, s.table, keys)
	return items, len(keys), last, err
}

// bounds are the sort keys between which the span is. A sort key is a time and
// what follows it, so a time alone sorts before everything of that time.
func (s span) bounds() (from, to string) {
	from, to = "0", ":" // before and behind every digit
	if s.window.Since != 0 {
		from = stamp(s.window.Since)
	}
	if s.window.Until != 0 {
		to = stamp(s.window.Until)
	}
	return from, to
}

// keys are the keys of the next items, and where to go on, nil at the end.
func (s span) keys(ctx context.Context, start map[string]types.AttributeValue) ([]Key, map[string]types.AttributeValue, error) {
	from, to := s.bounds()
	values, err := encode(map[string]any{":p": s.partition, ":from": from, ":to": to})
	if err != nil {
		return nil, nil, err
	}
	answer, err := s.table.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.table.name, IndexName: aws.String("timeline"), Limit: aws.Int32(MaxPage), ScanIndexForward: aws.Bool(false),
		KeyConditionExpression:    aws.String("tpk = :p AND tsk BETWEEN :from AND :to"),
		ExpressionAttributeValues: values, ExclusiveStartKey: start,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("list: %w", err)
	}
	var keys []Key
	for _, item := range answer.Items {
		k, err := decode[Key](item)
		if err != nil {
			return nil, nil, err
		}
		keys = append(keys, k)
	}
	return keys, answer.LastEvaluatedKey, nil
}

func (s span) cursor(tsk, sk string) (string, error) {
	text, err := json.Marshal([]string{tsk, s.pk, sk})
	return base64.RawURLEncoding.EncodeToString(text), err
}

// start is where a list goes on. A cursor of another list is refused, so that none
// reads beyond its own, and none asks DynamoDB for what it does not take.
func (s span) start(cursor string) (map[string]types.AttributeValue, error) {
	if cursor == "" {
		return nil, nil
	}
	var at []string
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(text, &at) != nil || len(at) != 3 {
		return nil, ErrCursor
	}
	from, to := s.bounds()
	if at[0] < from || at[0] > to || len(at[0]) > maxSort || at[1] != s.pk || !strings.HasPrefix(at[2], s.prefix) || len(at[2]) > maxSort {
		return nil, ErrCursor
	}
	return encode(map[string]string{"tpk": s.partition, "tsk": at[0], "pk": at[1], "sk": at[2]})
}

// maxSort is the longest sort key in bytes (DynamoDB: "Quotas").
const maxSort = 1024

// rereads is how often the rest of a batch is asked for that DynamoDB left over.
const rereads = 5

// batch reads items as they are now, in the order of their keys, at most MaxPage.
// One that is gone is left out.
func batch[T any](ctx context.Context, t *Table, keys []Key) ([]T, error) {
	asked := types.KeysAndAttributes{ConsistentRead: aws.Bool(true)}
	for _, k := range keys {
		asked.Keys = append(asked.Keys, k.attributes())
	}
	found := map[Key]T{}
	for round := 0; len(asked.Keys) > 0; round++ {
		if round == rereads {
			return nil, errors.New("read batch: DynamoDB leaves too much over")
		}
		out, err := t.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{t.name: asked}})
		if err != nil {
			return nil, fmt.Errorf("read batch: %w", err)
		}
		for _, attributes := range out.Responses[t.name] {
			k, err := decode[Key](attributes)
			if err != nil {
				return nil, err
			}
			if t.over(attributes) {
				continue
			}
			if found[k], err = decode[T](attributes); err != nil {
				return nil, err
			}
		}
		asked = out.UnprocessedKeys[t.name]
	}
	var items []T
	for _, k := range keys {
		if item, ok := found[k]; ok {
			items = append(items, item)
		}
	}
	return items, nil
}

// ParkedReason is what is parked under one reason.
type ParkedReason struct {
	Reason     fault.Reason
	Events     int
	Deliveries int
	// First and Last are when the oldest and the newest of it was parked.
	First, Last lever.Time
}

// maxParked is how many parked items are counted.
const maxParked = 50_000

// ParkedReasons sum up what is parked of a connection, by reason. It reports
// whether that is all: beyond maxParked items it stops counting.
func (t *Table) ParkedReasons(ctx context.Context, connectionID string) ([]ParkedReason, bool, error) {
	values, err := encode(map[string]any{":pk": parked(connectionID)})
	if err != nil {
		return nil, false, err
	}
	var all []ParkedReason
	counted := 0
	pages := dynamodb.NewQueryPaginator(t.db, &dynamodb.QueryInput{
		TableName: &t.name, IndexName: aws.String("due"), KeyConditionExpression: aws.String("dpk = :pk"), ExpressionAttributeValues: values,
	})
	for pages.HasMorePages() && counted < maxParked {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, false, fmt.Errorf("count what is parked: %w", err)
		}
		for _, item := range page.Items {
			if all, err = countParked(all, item); err != nil {
				return nil, false, err
			}
		}
		counted += len(page.Items)
	}
	return all, !pages.HasMorePages(), nil
}

// countParked adds an entry to the sums; entries come sorted by reason and time.
func countParked(all []ParkedReason, item map[string]types.AttributeValue) ([]ParkedReason, error) {
	d, err := decode[Due](item)
	if err != nil {
		return all, err
	}
	p, err := d.parking()
	if err != nil {
		return all, err
	}
	if len(all) == 0 || all[len(all)-1].Reason != p.Reason {
		all = append(all, ParkedReason{Reason: p.Reason, First: p.At})
	}
	sum := &all[len(all)-1]
	sum.Last = p.At
	if p.Event != "" {
		sum.Events++
	} else {
		sum.Deliveries++
	}
	return all, nil
}

// Kept is since when the ledger has all that happened: what is older may be gone.
func (t *Table) Kept() time.Time { return t.clock().Add(-Retention) }
