package partner_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/document"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// state is what a partner keeps of an object.
type state struct{ Stage string }

// bench is a table with one connection.
type bench struct {
	*testing.T
	table *store.Table
	c     store.Connection
}

func in(t *testing.T, f func(b bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)))
		b := bench{t, store.FromEnv(rig.New(t, aws.Options{}).Env(t, "HubReconcile")), store.Connection{ID: "con_1", Partner: "joinedly"}}
		if err := b.table.PutConnection(t.Context(), b.c); err != nil {
			t.Fatal(err)
		}
		f(b)
	})
}

// work is the work of an event that the ledger has.
func (b bench) work(id string) (*partner.Work, store.Event) {
	b.Helper()
	e, err := b.table.Receive(b.Context(), store.EventOf("joinedly", queue.Event{
		ID: id, Connection: b.c.ID, Event: lever.CandidateHired, TriggeredAt: lever.At(time.Now()), ReceivedAt: lever.At(time.Now()), IDs: lever.IDs{Opportunity: "o-1"},
	}))
	if err != nil {
		b.Fatal(err)
	}
	return partner.NewWork(e.Message(), b.c, nil, b.table), e
}

// put has the object in a stage as of a time, and tells the partner of it.
func (b bench) put(w *partner.Work, stage string, at lever.Time) error {
	b.Helper()
	var was state
	o, err := w.Object(b.Context(), "candidate", "o-1", &was)
	if err != nil {
		b.Fatal(err)
	}
	return w.Put(o, at, state{stage}, document.Document{Type: "candidate.moved", Version: 1, OccurredAt: time.Now(), Data: state{stage}})
}

func TestWhatWorkComesTo(t *testing.T) {
	now := func() lever.Time { return lever.At(time.Now()) }
	tests := map[string]struct {
		do     func(b bench, w *partner.Work) error
		state  store.EventState
		reason string
	}{
		"nothing":                 {func(bench, *partner.Work) error { return nil }, store.Unchanged, ""},
		"a state that is new":     {func(b bench, w *partner.Work) error { return b.put(w, "Offer", now()) }, store.Delivering, ""},
		"the state that is known": {func(b bench, w *partner.Work) error { return b.put(w, "Lead", now()) }, store.Unchanged, ""},
		"a state that nobody is told of": {func(b bench, w *partner.Work) error {
			o, err := w.Object(b.Context(), "candidate", "o-2", &state{})
			return errors.Join(err, w.Put(o, now(), state{"Lead"}))
		}, store.Ignored, "nothing_to_tell"},
		"what is not the partner's": {func(_ bench, w *partner.Work) error { w.Ignore("not_hired"); return nil }, store.Ignored, "not_hired"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, func(b bench) {
				first, e := b.work("evt_0")
				if err := errors.Join(b.put(first, "Lead", now()), b.table.Commit(b.Context(), first.Commit(e))); err != nil {
					b.Fatal(err)
				}
				time.Sleep(time.Minute)
				w, e := b.work("evt_1")
				if err := tt.do(b, w); err != nil {
					b.Fatal(err)
				}
				if c := w.Commit(e); c.State != tt.state || string(c.Reason) != tt.reason {
					b.Errorf("%s %s", c.State, c.Reason)
				}
			})
		})
	}
}

// What Lever said before never takes the place of what it said later, whoever of
// two is quicker.
func TestAnOlderStateIsStale(t *testing.T) {
	in(t, func(b bench) {
		before := lever.At(time.Now())
		slow, late := b.work("evt_slow")
		var was state
		o, err := slow.Object(b.Context(), "candidate", "o-1", &was)
		if err != nil {
			b.Fatal(err)
		}
		time.Sleep(time.Minute)
		quick, e := b.work("evt_quick")
		if err := errors.Join(b.put(quick, "Offer", lever.At(time.Now())), b.table.Commit(b.Context(), quick.Commit(e))); err != nil {
			b.Fatal(err)
		}
		if err := slow.Put(o, before, state{"Lead"}); err != nil {
			b.Fatal(err)
		}
		if err := b.table.Commit(b.Context(), slow.Commit(late)); !errors.Is(err, store.ErrMoved) {
			b.Errorf("who read before and commits after: %v", err)
		}
		again, _ := b.work("evt_again")
		if err := b.put(again, "Lead", before); !errors.Is(err, partner.ErrStale) {
			b.Errorf("an older state that is put later: %v", err)
		}
	})
}

// sent counts deliveries that are sent on their way.
type sent int

func (s *sent) Send(context.Context, queue.Delivery, time.Duration) error { *s++; return nil }

func TestAPartnersCallIsCommittedOnce(t *testing.T) {
	in(t, func(b bench) {
		var deliveries sent
		calls := 0
		change := func(w *partner.Work) error {
			if calls++; calls == 1 { // somebody else is quicker
				other, e := b.work("evt_other")
				if err := errors.Join(b.put(other, "Lead", lever.At(time.Now())), b.table.Commit(b.Context(), other.Commit(e))); err != nil {
					b.Fatal(err)
				}
				o := store.Object{Connection: b.c.ID, Kind: "candidate", ID: "o-1"}
				return w.Put(o, lever.At(time.Now()), state{"Offer"})
			}
			return b.put(w, "Offer", lever.At(time.Now()))
		}
		if err := partner.Change(b.Context(), b.table, &deliveries, b.c, change); err != nil {
			b.Fatal(err)
		}
		var now state
		w, _ := b.work("evt_look")
		if _, err := w.Object(b.Context(), "candidate", "o-1", &now); err != nil || now.Stage != "Offer" || calls != 2 || deliveries != 1 {
			b.Errorf("%+v after %d calls, %d deliveries, %v", now, calls, deliveries, err)
		}
		refused := errors.New("no")
		if err := partner.Change(b.Context(), b.table, &deliveries, b.c, func(*partner.Work) error { return refused }); !errors.Is(err, refused) {
			b.Error(err)
		}
	})
}
