package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-lambda-go/events"
	"golang.org/x/sync/errgroup"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

// maxPreview is how many events may be asked for at once.
const maxPreview = 100

// Call is what a sync function is called with: a batch of the partner's queue, or
// somebody's question.
type Call struct {
	events.SQSEvent
	Preview *Question `json:"preview"`
}

// Question asks what events of a connection would lead to if they came again.
type Question struct {
	Connection string   `json:"connection"`
	Events     []string `json:"events"`
}

// Preview is what events would lead to with this release's mapping: how many to which
// end, and those that would not be unchanged. It names members and never what is in
// them.
type Preview struct {
	Outcomes map[string]int `json:"outcomes"`
	News     []News         `json:"news"`
}

// News is an event after which the partner would be told something, or somebody would
// have to mend something, or nothing could be said.
type News struct {
	Event     string           `json:"event"`
	Name      lever.Event      `json:"name"`
	IDs       lever.IDs        `json:"ids"`
	Outcome   store.EventState `json:"outcome"`
	Reason    fault.Reason     `json:"reason,omitempty"`
	Documents []Changed        `json:"documents,omitempty"`
	// ToMend are the reasons of attention items that would be opened.
	ToMend []fault.Reason `json:"toMend,omitempty"`
}

// quiet says that nobody would notice.
func (n News) quiet() bool {
	switch n.Outcome {
	case store.Unchanged, store.Ignored, skipped:
		return len(n.ToMend) == 0
	}
	return false
}

// Changed is a document that would be delivered. Members are the paths in its data
// that were otherwise in the object's document before; all of them where there is none.
type Changed struct {
	Type    string   `json:"type"`
	Members []string `json:"members"`
}

// The outcomes beside those of the ledger.
const (
	skipped  store.EventState = "skipped"  // it did not come from Lever
	unstated store.EventState = "unstated" // it could not be computed
)

// Serve works off a batch, or answers a question. A question changes nothing but what
// reading Lever takes, calls of its rate and a token that is to be renewed, so that a
// release can be asked before any queue is its own.
func (w *Worker) Serve(ctx context.Context, c Call) (any, error) {
	if c.Preview != nil {
		return w.Preview(ctx, *c.Preview)
	}
	return w.Handle(ctx, c.SQSEvent)
}

// Preview computes what events would lead to now, and commits and sends nothing. What
// there is no time for is unstated. It fails where too many events are asked for.
func (w *Worker) Preview(ctx context.Context, q Question) (Preview, error) {
	out := Preview{Outcomes: map[string]int{}, News: []News{}}
	if len(q.Events) > maxPreview {
		return out, fmt.Errorf("at most %d events are previewed at once", maxPreview)
	}
	ctx, stop := leaveTime(ctx)
	defer stop()
	found := make([]News, len(q.Events))
	var all errgroup.Group
	all.SetLimit(atOnce)
	for i, id := range q.Events {
		all.Go(func() error {
			found[i] = w.news(ctx, q.Connection, id)
			return nil
		})
	}
	err := all.Wait()
	for _, n := range found {
		out.Outcomes[string(n.Outcome)]++
		if !n.quiet() {
			out.News = append(out.News, n)
		}
	}
	return out, err
}

// news is what one event would lead to.
func (w *Worker) news(ctx context.Context, connection, id string) News {
	n := News{Event: id}
	if err := w.foresee(ctx, connection, &n); err != nil {
		slog.WarnContext(ctx, "event not previewed", "partner", w.partner.Name(), "connection", connection, "id", id, "error", err.Error())
		n.Outcome = unstated
	}
	return n
}

func (w *Worker) foresee(ctx context.Context, connection string, n *News) error {
	e, err := w.table.Event(ctx, connection, n.Event)
	if errors.Is(err, store.ErrNotFound) {
		n.Reason = "event_unknown"
	}
	if err != nil {
		return err
	}
	n.Name, n.IDs = e.Event, e.IDs
	// What the partner's side or a person asked for is no change of Lever's, and may
	// be more than a look at it.
	if e.Origin != store.FromLever && e.Origin != store.FromClock {
		n.Outcome = skipped
		return nil
	}
	c, err := w.sync(ctx, e, rate.Backfill)
	if reason, parks := w.parks(e, err); parks {
		n.Outcome, n.Reason = store.Parked, reason
		return nil
	}
	if err != nil {
		return err
	}
	n.Outcome, n.Reason = c.State, c.Reason
	if n.Documents, err = w.changed(ctx, c); err != nil {
		return err
	}
	n.ToMend, err = w.raised(ctx, c)
	return err
}

// raised are the reasons of a commit's attention items that are not open already.
func (w *Worker) raised(ctx context.Context, c store.Commit) (all []fault.Reason, err error) {
	for _, a := range c.Raised {
		there, err := w.table.Attention(ctx, a.Connection, store.AttentionID(a.Connection, a.Reason, a.About))
		switch {
		case errors.Is(err, store.ErrNotFound), err == nil && there.ClearedAt != 0:
			all = append(all, a.Reason)
		case err != nil:
			return nil, err
		}
	}
	return all, nil
}

// changed says where the documents of a commit differ from those before.
func (w *Worker) changed(ctx context.Context, c store.Commit) ([]Changed, error) {
	var all []Changed
	for _, d := range c.Deliveries {
		before := map[string]string{}
		if d.Previous != "" {
			last, err := w.table.Delivery(ctx, d.Connection, d.Previous)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
			if before, err = members(last.Body); err != nil {
				return nil, err
			}
		}
		now, err := members(d.Body)
		if err != nil {
			return nil, err
		}
		maps.DeleteFunc(now, func(path, value string) bool {
			old, was := before[path]
			delete(before, path)
			return was && old == value
		})
		maps.Copy(now, before)
		all = append(all, Changed{Type: d.Type, Members: slices.Sorted(maps.Keys(now))})
	}
	return all, nil
}

// members are the values in a document's data by their paths, such as "offer.salary"
// or "emails.0"; none without a document.
func members(body []byte) (map[string]string, error) {
	all := map[string]string{}
	if len(body) == 0 {
		return all, nil
	}
	var document struct{ Data any }
	read := json.NewDecoder(bytes.NewReader(body))
	read.UseNumber() // money has more digits than a float
	if err := read.Decode(&document); err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	flatten("", document.Data, all)
	return all, nil
}

func flatten(path string, v any, all map[string]string) {
	at := func(member string) string {
		if path == "" {
			return member
		}
		return path + "." + member
	}
	switch v := v.(type) {
	case map[string]any:
		for member, value := range v {
			flatten(at(member), value, all)
		}
	case []any:
		for i, value := range v {
			flatten(at(strconv.Itoa(i)), value, all)
		}
	default:
		all[path] = fmt.Sprintf("%T %v", v, v)
	}
}
