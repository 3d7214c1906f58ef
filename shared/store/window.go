package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/lever"
)

// WindowEvery is how often a connection's changes in Lever are compared with what
// was received.
const WindowEvery = 15 * time.Minute

// Window says up to when a connection's changes in Lever have been compared with
// what was received.
type Window struct {
	Key
	Connection string `dynamodbav:"connection"`
	Revision   int64  `dynamodbav:"revision"`
	// Until is the end of the last window, or when the first one begins.
	Until lever.Time `dynamodbav:"until"`
	// Reports counts the reports, and Hash is that of the last one.
	Reports int64  `dynamodbav:"reports"`
	Hash    string `dynamodbav:"hash"`
	// Missing counts, by event, the windows in a row in which changes came without
	// their webhook.
	Missing map[lever.Event]int `dynamodbav:"missing"`
	// HooksAt is when the webhooks at Lever were last compared with ours.
	HooksAt lever.Time `dynamodbav:"hooksAt"`

	DPK string `dynamodbav:"dpk,omitempty"`
	DSK string `dynamodbav:"dsk,omitempty"`
}

// Report says what a window came to. Each has the hash of the one before, so that
// none can be changed or taken out later without its showing.
type Report struct {
	Key        `json:"-"`
	Number     int64      `dynamodbav:"number" json:"number"`
	From       lever.Time `dynamodbav:"from" json:"from"`
	Until      lever.Time `dynamodbav:"until" json:"until"`
	ComparedAt lever.Time `dynamodbav:"comparedAt" json:"comparedAt"`
	// Changes is how many objects Lever says have changed, Accounted how many
	// changes had their webhook.
	Changes   int `dynamodbav:"changes" json:"changes"`
	Accounted int `dynamodbav:"accounted" json:"accounted"`
	// Missed are changes whose webhook did not come, Reread objects that changed
	// in a way that has no webhook. Both are worked off as events of ours.
	Missed []Missed `dynamodbav:"missed" json:"missed"`
	Reread []Missed `dynamodbav:"reread" json:"reread"`
	// Partial says that the next report goes on with the same window.
	Partial bool `dynamodbav:"partial,omitempty" json:"partial,omitempty"`
	// Unseen names the events that Lever's lists do not show.
	Unseen   []lever.Event `dynamodbav:"unseen" json:"unseen"`
	Previous string        `dynamodbav:"previous" json:"previous"`
	Hash     string        `dynamodbav:"hash" json:"hash"`
	TTL      int64         `dynamodbav:"ttl" json:"-"`
}

// Missed is a change that no webhook told of, and the event that stands for it.
type Missed struct {
	Event       lever.Event `dynamodbav:"event" json:"event"`
	Opportunity string      `dynamodbav:"opportunity" json:"opportunity"`
	At          lever.Time  `dynamodbav:"at" json:"at"`
	// ID is the event that was worked off instead.
	ID string `dynamodbav:"id" json:"id"`
}

// Sealed gives the report with the hash of what it says and of the one before.
func (r Report) Sealed() (Report, error) {
	text, err := r.Record()
	if err != nil {
		return r, err
	}
	sum := sha256.Sum256(text)
	r.Hash = hex.EncodeToString(sum[:])
	return r, nil
}

// Record is the text that the report's hash is of.
func (r Report) Record() ([]byte, error) {
	r.Hash = ""
	text, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return text, nil
}

func windowKey(connectionID string) Key { return ofConnection(connectionID, "WINDOW") }

func dueWindows(shard int) string { return fmt.Sprintf("DUE#window#%d", shard) }

// StartWindows has a connection's changes compared from now on. Where they are
// already it does nothing.
func (t *Table) StartWindows(ctx context.Context, connectionID string) error {
	item, err := encode(Window{
		Key: windowKey(connectionID), Connection: connectionID, Until: t.now(), Missing: map[lever.Event]int{},
		DPK: dueWindows(shardOf(connectionID)), DSK: stamp(t.now()+millis(WindowEvery)) + "#" + connectionID,
	})
	if err != nil {
		return err
	}
	_, err = t.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &t.name, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)")})
	return unless[*types.ConditionalCheckFailedException](err, "start windows")
}

// StopWindows ends the comparing of a connection's changes.
func (t *Table) StopWindows(ctx context.Context, connectionID string) error {
	_, err := t.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &t.name, Key: windowKey(connectionID).attributes()})
	if err != nil {
		return fmt.Errorf("stop windows: %w", err)
	}
	return nil
}

// DueWindows are the windows that were to be compared by a time, at most limit of each
// shard.
func (t *Table) DueWindows(ctx context.Context, by lever.Time, limit int) ([]Due, error) {
	var all []Due
	for shard := range eventShards {
		due, err := t.due(ctx, dueWindows(shard), by, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, due...)
	}
	return all, nil
}

// Window reads a connection's window. It fails with ErrNotFound.
func (t *Table) Window(ctx context.Context, connectionID string) (Window, error) {
	w, err := read[Window](ctx, t, windowKey(connectionID))
	if err != nil {
		return w, fmt.Errorf("window: %w", err)
	}
	return w, nil
}

// Report notes what a window came to, and that the next one begins at its end,
// unless the report is of a part of the window. It
// gives the report as it is kept, or ErrMoved when somebody else has compared the
// window.
func (t *Table) Report(ctx context.Context, w Window, r Report) (Report, error) {
	r.Number, r.Previous, r.ComparedAt = w.Reports+1, w.Hash, t.now()
	r, err := r.Sealed()
	if err != nil {
		return r, err
	}
	r.Key, r.TTL = reportKey(w.Connection, r.Number), t.expiry(Retention)
	report, err := t.first(r)
	if err != nil {
		return r, err
	}
	until := r.Until
	if r.Partial {
		until = w.Until
	}
	values, err := encode(map[string]any{
		":was": w.Revision, ":revision": w.Revision + 1, ":until": until, ":number": r.Number, ":hash": r.Hash,
		":missing": w.Missing, ":hooks": w.HooksAt,
	})
	if err != nil {
		return r, err
	}
	return r, t.transact(ctx,
		types.TransactWriteItem{Put: report},
		types.TransactWriteItem{Update: &types.Update{
			TableName: &t.name, Key: windowKey(w.Connection).attributes(),
			UpdateExpression:          aws.String("SET revision = :revision, #until = :until, reports = :number, #hash = :hash, #missing = :missing, hooksAt = :hooks"),
			ConditionExpression:       aws.String("revision = :was"),
			ExpressionAttributeNames:  map[string]string{"#until": "until", "#hash": "hash", "#missing": "missing"},
			ExpressionAttributeValues: values,
		}})
}

func reportKey(connectionID string, number int64) Key {
	return ofConnection(connectionID, fmt.Sprintf("REPORT#%012d", number))
}

// ReportsOf are a connection's reports, the newest first.
func (t *Table) ReportsOf(ctx context.Context, connectionID string, p Paging) (Listed[Report], error) {
	p.Backward = true
	return list[Report](ctx, t, "C#"+connectionID, "REPORT#", p)
}

// Told is an event as the timeline has it.
type Told struct {
	At          lever.Time
	ID          string
	Event       lever.Event
	Opportunity string
}

// Told are the events of a connection that came in a span of time, from the index
// alone.
func (t *Table) Told(ctx context.Context, connectionID string, from, until lever.Time) ([]Told, error) {
	values, err := encode(map[string]any{":pk": "C#" + connectionID + "#EVENT", ":from": stamp(from), ":until": stamp(until) + "$"})
	if err != nil {
		return nil, err
	}
	var all []Told
	pages := dynamodb.NewQueryPaginator(t.db, &dynamodb.QueryInput{
		TableName: &t.name, IndexName: aws.String("timeline"), KeyConditionExpression: aws.String("tpk = :pk AND tsk BETWEEN :from AND :until"),
		ExpressionAttributeValues: values,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("what was told: %w", err)
		}
		for _, item := range page.Items {
			entry, err := decode[struct {
				TSK string `dynamodbav:"tsk"`
			}](item)
			if err != nil {
				return nil, err
			}
			one, err := told(entry.TSK)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// told reads an entry of the timeline that Event.timeline wrote.
func told(entry string) (Told, error) {
	parts := strings.SplitN(entry, "#", 4)
	if len(parts) < 4 {
		return Told{}, errors.New("entry of the timeline is none of an event")
	}
	at, err := unstamp(parts[0])
	return Told{At: at, ID: parts[1], Event: lever.Event(parts[2]), Opportunity: parts[3]}, err
}
