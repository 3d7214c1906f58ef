package worker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/document"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/queue"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
	"fulcrum/shared/worker"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// product is a Partner that does what the test says.
type product struct {
	sync func(ctx context.Context, w *partner.Work) error
}

func (product) Name() string                                      { return "joinedly" }
func (p product) Sync(ctx context.Context, w *partner.Work) error { return p.sync(ctx, w) }

// clients makes no calls.
type clients struct{}

func (clients) Client(context.Context, store.Connection, rate.Class) (*lever.Client, error) {
	return lever.New(lever.Options{BaseURL: "https://api.lever.example/v1", Auth: lever.APIKey("k")})
}

// line keeps the deliveries that are sent on their way.
type line struct {
	mu   sync.Mutex
	sent []string
}

func (l *line) Send(_ context.Context, m queue.Delivery, _ time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent = append(l.sent, m.Delivery)
	return nil
}

// bench is a worker over an empty table.
type bench struct {
	*testing.T
	table *store.Table
	line  *line
	again *again
}

// again keeps the events that are to be tried again.
type again struct {
	mu     sync.Mutex
	events []queue.Event
	delays []time.Duration
}

func (a *again) Later(_ context.Context, partner string, e queue.Event, delay time.Duration) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if partner != "joinedly" {
		return errors.New("another partner's queue")
	}
	a.events, a.delays = append(a.events, e), append(a.delays, delay)
	return nil
}

func (a *again) ids() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var ids []string
	for _, e := range a.events {
		ids = append(ids, e.ID)
	}
	return ids
}

func in(t *testing.T, f func(b bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := rig.New(t, engine.Options{})
		b := bench{t, store.FromEnv(r.Env(t, "PartnerJoinedlySync")), &line{}, &again{}}
		for id, name := range map[string]string{"con_1": "joinedly", "con_other": "justworks"} {
			if err := b.table.PutConnection(t.Context(), store.Connection{ID: id, Partner: name}); err != nil {
				t.Fatal(err)
			}
		}
		f(b)
	})
}

// handle works off events and gives the ids of those that come again.
func (b bench) handle(sync func(ctx context.Context, w *partner.Work) error, list ...queue.Event) string {
	b.Helper()
	var batch events.SQSEvent
	for _, e := range list {
		body, err := json.Marshal(e)
		if err != nil {
			b.Fatal(err)
		}
		batch.Records = append(batch.Records, events.SQSMessage{MessageId: e.ID, Body: string(body)})
	}
	out, err := worker.New(product{sync}, b.table, clients{}, b.line, b.again, time.Now).Handle(b.Context(), batch)
	if err != nil {
		b.Fatal(err)
	}
	var failed []string
	for _, f := range out.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	return strings.Join(failed, " ")
}

func (b bench) expect(id string, state store.EventState, reason fault.Reason) store.Event {
	b.Helper()
	e, err := b.table.Event(b.Context(), "con_1", id)
	if err != nil || e.State != state || e.Reason != reason {
		b.Errorf("event %s is %s %s, %v; want %s %s", id, e.State, e.Reason, err, state, reason)
	}
	return e
}

func event(id string) queue.Event {
	return queue.Event{ID: id, Connection: "con_1", Event: lever.CandidateHired, ReceivedAt: lever.At(time.Now()), IDs: lever.IDs{Opportunity: "o-1"}}
}

// tell puts a state of object o-1 with a document.
func tell(state string) func(context.Context, *partner.Work) error {
	return func(ctx context.Context, w *partner.Work) error {
		var known string
		o, err := w.Object(ctx, "joiner", "o-1", &known)
		if err != nil {
			return err
		}
		return w.Put(o, 0, state, document.Document{Type: "joiner.hired", Version: 1, OccurredAt: time.UnixMilli(0), Data: state})
	}
}

func TestHowAnEventEnds(t *testing.T) {
	tests := map[string]struct {
		sync   func(context.Context, *partner.Work) error
		state  store.EventState
		reason fault.Reason
		again  bool
	}{
		"with a document on its way":     {sync: tell("a"), state: store.Delivering},
		"unchanged, when nothing is put": {sync: func(context.Context, *partner.Work) error { return nil }, state: store.Unchanged},
		"ignored, when the partner says so": {
			sync: func(_ context.Context, w *partner.Work) error { w.Ignore("not_hired"); return nil }, state: store.Ignored, reason: "not_hired",
		},
		"parked, when no try can help": {
			sync:  func(context.Context, *partner.Work) error { return fault.Permanent("forbidden", errors.New("403")) },
			state: store.Parked, reason: "forbidden",
		},
		"not yet, when another try may help": {
			sync: func(context.Context, *partner.Work) error { return errors.New("503") }, state: store.Received, again: true,
		},
		"not yet, when the partner's code panics": {
			sync: func(context.Context, *partner.Work) error { panic("oh") }, state: store.Received, again: true,
		},
		"ignored, when a state is new but nobody need be told": {
			sync: func(ctx context.Context, w *partner.Work) error {
				o, err := w.Object(ctx, "joiner", "o-1", nil)
				if err != nil {
					return err
				}
				return w.Put(o, 0, "quiet")
			}, state: store.Ignored, reason: "nothing_to_tell",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, func(b bench) {
				failed := b.handle(tt.sync, event("evt_1"))
				if comes := failed != "" || len(b.again.events) > 0; comes != tt.again {
					t.Errorf("comes again: %v", comes)
				}
				b.expect("evt_1", tt.state, tt.reason)
			})
		})
	}
}

func TestTheSameStateIsToldOnce(t *testing.T) {
	in(t, func(b bench) {
		b.handle(tell("a"), event("evt_1"))
		b.handle(tell("a"), event("evt_2"))
		b.handle(tell("b"), event("evt_3"))
		b.expect("evt_2", store.Unchanged, "")
		first, third := b.expect("evt_1", store.Delivering, ""), b.expect("evt_3", store.Delivering, "")
		if len(b.line.sent) != 2 || b.line.sent[0] != first.Deliveries[0] || b.line.sent[1] != third.Deliveries[0] {
			t.Errorf("sent %v", b.line.sent)
		}
		d, err := b.table.Delivery(b.Context(), "con_1", third.Deliveries[0])
		if err != nil || d.Previous != first.Deliveries[0] {
			t.Errorf("the second delivery follows %q, %v", d.Previous, err)
		}
		if want := `{"type":"joiner.hired","version":1,"connection":"con_1","occurredAt":"1970-01-01T00:00:00.000Z","data":"b"}`; string(d.Body) != want {
			t.Errorf("body %s", d.Body)
		}
	})
}

func TestARepeatedEventSendsItsDeliveryAgain(t *testing.T) {
	in(t, func(b bench) {
		b.handle(tell("a"), event("evt_1"))
		b.handle(func(context.Context, *partner.Work) error { t.Error("worked off twice"); return nil }, event("evt_1"))
		if len(b.line.sent) != 2 || b.line.sent[0] != b.line.sent[1] {
			t.Errorf("sent %v", b.line.sent)
		}
	})
}

// Whoever reads Lever first and commits last has an old state: it is computed
// anew, not committed.
func TestAStalledWorkerDoesNotOverwrite(t *testing.T) {
	in(t, func(b bench) {
		stalled := false
		b.handle(func(ctx context.Context, w *partner.Work) error {
			if stalled {
				return tell("new")(ctx, w)
			}
			stalled = true
			var known string
			o, err := w.Object(ctx, "joiner", "o-1", &known)
			if err != nil {
				return err
			}
			b.handle(tell("new"), event("evt_2"))
			return w.Put(o, 0, "old", document.Document{Type: "joiner.hired"})
		}, event("evt_1"))
		b.expect("evt_1", store.Unchanged, "")
		b.expect("evt_2", store.Delivering, "")
	})
}

func TestAnOlderStateOfLeverIsNotTaken(t *testing.T) {
	in(t, func(b bench) {
		put := func(at lever.Time, state string) func(context.Context, *partner.Work) error {
			return func(ctx context.Context, w *partner.Work) error {
				var known string
				o, err := w.Object(ctx, "joiner", "o-1", &known)
				if err != nil {
					return err
				}
				return w.Put(o, at, state)
			}
		}
		b.handle(put(2, "new"), event("evt_1"))
		b.handle(put(1, "old"), event("evt_2"))
		if b.expect("evt_2", store.Received, ""); fmt.Sprint(b.again.ids()) != "[evt_2]" {
			t.Errorf("come again: %v", b.again.ids())
		}
	})
}

func TestAMessageFailsAlone(t *testing.T) {
	in(t, func(b bench) {
		var list []queue.Event
		for i := range 10 {
			list = append(list, event(fmt.Sprintf("evt_%d", i)))
		}
		list[3].Connection = ""
		failed := b.handle(func(_ context.Context, w *partner.Work) error {
			switch w.Event.ID {
			case "evt_5":
				panic("oh")
			case "evt_7":
				return errors.New("503")
			}
			w.Ignore("fine")
			return nil
		}, list...)
		again := b.again.ids()
		slices.Sort(again)
		if failed != "evt_3" || fmt.Sprint(again) != "[evt_5 evt_7]" {
			t.Errorf("come again: %s and %v", failed, again)
		}
		b.expect("evt_9", store.Ignored, "fine")
	})
}

func TestAnEventOfNobodyIsParked(t *testing.T) {
	in(t, func(b bench) {
		for id, reason := range map[string]fault.Reason{"con_none": "connection_unknown", "con_other": "connection_of_another_partner"} {
			e := event("evt_1")
			e.Connection = id
			b.handle(tell("a"), e)
			got, err := b.table.Event(b.Context(), id, "evt_1")
			if err != nil || got.State != store.Parked || got.Reason != reason {
				t.Errorf("%s: %s %s, %v", id, got.State, got.Reason, err)
			}
		}
	})
}
