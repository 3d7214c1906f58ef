package worker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"fulcrum/shared/document"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
	"fulcrum/shared/worker"
)

var errTest = errors.New("a fault of the mapping")

// mapped puts object o-1 with a document whose data is a JSON text.
func mapped(data string) func(context.Context, *partner.Work) error {
	return func(ctx context.Context, w *partner.Work) error {
		var known json.RawMessage
		o, err := w.Object(ctx, "joiner", "o-1", &known)
		if err != nil {
			return err
		}
		text := json.RawMessage(data)
		return w.Put(o, 0, text, document.Document{Type: "joiner.changed", Version: 1, OccurredAt: time.Now(), Data: text})
	}
}

func (b bench) preview(sync func(context.Context, *partner.Work) error, ids ...string) worker.Preview {
	b.Helper()
	w := worker.New(product{sync}, b.table, clients{}, b.line, b.again, time.Now)
	out, err := w.Serve(b.Context(), worker.Call{Preview: &worker.Question{Connection: "con_1", Events: ids}})
	if err != nil {
		b.Fatal(err)
	}
	p, _ := out.(worker.Preview)
	return p
}

// What another mapping makes of an event is named member by member, and no value is.
func TestAPreviewNamesTheMembersThatChange(t *testing.T) {
	const was = `{"name":"Ada","salary":{"amount":100000000000000000.01,"currency":"USD"},"emails":["a@x"],"start":null}`
	for name, tt := range map[string]struct {
		now     string
		members []string
	}{
		"nothing else": {was, nil},
		"a value":      {`{"name":"Ada L.","salary":{"amount":100000000000000000.01,"currency":"USD"},"emails":["a@x"],"start":null}`, []string{"name"}},
		"the last digit of an amount": {
			`{"name":"Ada","salary":{"amount":100000000000000000.02,"currency":"USD"},"emails":["a@x"],"start":null}`, []string{"salary.amount"},
		},
		"a number that becomes a text": {
			`{"name":"Ada","salary":{"amount":"100000000000000000.01","currency":"USD"},"emails":["a@x"],"start":null}`, []string{"salary.amount"},
		},
		"one more, one less": {
			`{"name":"Ada","salary":{"amount":100000000000000000.01},"emails":["a@x","b@x"],"start":null}`, []string{"emails.1", "salary.currency"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(b bench) {
				b.handle(mapped(was), event("evt_1"))
				got := b.preview(mapped(tt.now), "evt_1")
				if tt.members == nil {
					if len(got.News) != 0 || got.Outcomes["unchanged"] != 1 {
						t.Errorf("%+v", got)
					}
					return
				}
				want := []worker.News{{
					Event: "evt_1", Name: lever.CandidateHired, IDs: lever.IDs{Opportunity: "o-1"}, Outcome: store.Delivering,
					Documents: []worker.Changed{{Type: "joiner.changed", Members: tt.members}},
				}}
				if !reflect.DeepEqual(got.News, want) {
					t.Errorf("%+v, want %+v", got.News, want)
				}
				b.expect("evt_1", store.Delivering, "")
				if len(b.line.sent) != 1 || len(b.again.events) != 0 {
					t.Errorf("sent %v and %v", b.line.sent, b.again.events)
				}
			})
		})
	}
}

func TestWhatAPreviewMakesOfAnEvent(t *testing.T) {
	mend := func(_ context.Context, w *partner.Work) error {
		w.Raise(store.Attention{Reason: "office_missing", About: "o-1"})
		w.Ignore("waits")
		return nil
	}
	for name, tt := range map[string]struct {
		sync func(context.Context, *partner.Work) error
		id   string
		want string
	}{
		"no event of the connection's":  {tell("b"), "evt_none", "unstated event_unknown []"},
		"one that is to be parked":      {func(context.Context, *partner.Work) error { return fault.Permanent("no_offer", errTest) }, "evt_1", "parked no_offer []"},
		"one that fails":                {func(context.Context, *partner.Work) error { return errTest }, "evt_1", "unstated  []"},
		"one that panics":               {func(context.Context, *partner.Work) error { panic("x") }, "evt_1", "unstated  []"},
		"one that has somebody mend":    {mend, "evt_1", "ignored waits [office_missing]"},
		"one of the partner's own side": {tell("b"), "evt_ours", ""},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(b bench) {
				b.handle(tell("a"), event("evt_1"))
				ours := event("evt_ours")
				ours.Origin = string(store.FromPartner)
				b.handle(tell("a"), ours)
				got := ""
				for _, n := range b.preview(tt.sync, tt.id).News {
					got += fmt.Sprintf("%s %s %v", n.Outcome, n.Reason, n.ToMend)
				}
				if got != tt.want {
					t.Errorf("%q, want %q", got, tt.want)
				}
			})
		})
	}
}

func TestAPreviewKeepsTheOrderAndHasABound(t *testing.T) {
	in(t, func(b bench) {
		var ids []string
		for n := range 12 {
			id := fmt.Sprintf("evt_%02d", 11-n)
			ids = append(ids, id)
			b.handle(tell("a"), event(id))
		}
		for i, n := range b.preview(tell("b"), ids...).News {
			if n.Event != ids[i] {
				t.Errorf("%d is %s, want %s", i, n.Event, ids[i])
			}
		}
		w := worker.New(product{tell("b")}, b.table, clients{}, b.line, b.again, time.Now)
		if _, err := w.Preview(b.Context(), worker.Question{Connection: "con_1", Events: make([]string, 101)}); err == nil {
			t.Error("a hundred and one events are previewed")
		}
	})
}

// The answer comes before the function's time is over, with what could be said.
func TestAPreviewAnswersInTime(t *testing.T) {
	in(t, func(b bench) {
		b.handle(tell("a"), event("evt_1"))
		hangs := func(ctx context.Context, _ *partner.Work) error { <-ctx.Done(); return ctx.Err() }
		ctx, stop := context.WithTimeout(b.Context(), 20*time.Second)
		defer stop()
		out, err := worker.New(product{hangs}, b.table, clients{}, b.line, b.again, time.Now).Preview(ctx, worker.Question{Connection: "con_1", Events: []string{"evt_1"}})
		if err != nil || ctx.Err() != nil || out.Outcomes["unstated"] != 1 {
			t.Errorf("%+v, %v; %v", out, err, ctx.Err())
		}
	})
}
