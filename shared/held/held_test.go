package held_test

import (
	"fmt"
	"log/slog"
	"os"
	"testing"
	"testing/synctest"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/account"
	"fulcrum/shared/fault"
	"fulcrum/shared/held"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

const day = 24 * time.Hour

// bench is a table with a connection that is paused.
type bench struct {
	*testing.T
	table *store.Table
	n     int
}

func in(t *testing.T, f func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := rig.New(t, engine.Options{})
		b := &bench{T: t, table: store.FromEnv(r.Env(t, "HubReconcile"))}
		b.must(b.table.PutEndpoint(t.Context(), store.Endpoint{Partner: "evidenced", URL: "https://partner.test"}))
		b.must(b.table.PutConnection(t.Context(), store.Connection{ID: "con_1", Partner: "evidenced", PausedAt: lever.At(time.Now())}))
		f(b)
	})
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// event parks an event for a reason, action an action.
func (b *bench) event(reason fault.Reason) {
	b.Helper()
	b.n++
	e, err := b.table.Receive(b.Context(), store.Event{ID: fmt.Sprintf("evt_%d", b.n), Connection: "con_1", Partner: "evidenced", ReceivedAt: lever.At(time.Now())})
	b.must(err)
	b.must(b.table.Commit(b.Context(), store.Commit{Event: e, State: store.Parked, Reason: reason}))
}

func (b *bench) action(reason fault.Reason) {
	b.Helper()
	b.n++
	a, err := b.table.Accept(b.Context(), store.Action{Connection: "con_1", Partner: "evidenced", Kind: "decision", Ref: fmt.Sprint(b.n), Request: []byte("{}")}, "")
	b.must(err)
	a.State, a.Reason, a.EndedAt, a.LookAt = store.ActionParked, reason, lever.At(time.Now()), 0
	_, err = b.table.SaveAction(b.Context(), a)
	b.must(err)
}

func (b *bench) expect(events, actions int, since time.Duration) {
	b.Helper()
	w, err := held.Of(b.Context(), b.table, "con_1")
	b.must(err)
	if w.Events != events || w.Actions != actions || w.Since != 0 && time.Since(w.Since.Time()) != since {
		b.Errorf("%d events and %d actions since %v, want %d and %d", w.Events, w.Actions, w.Since.Time(), events, actions)
	}
}

func (b *bench) due() {
	b.Helper()
	b.must(held.New(b.table, time.Now).Due(b.Context()))
}

func TestWorkOfAConnectionIsHeldForTwoWeeks(t *testing.T) {
	in(t, func(b *bench) {
		b.event(account.Paused)
		b.action(account.Paused)
		b.event("hire_rejected") // waits for nobody's coming back
		time.Sleep(10 * day)
		b.event(held.Forbidden)
		b.action("disconnected")
		b.expect(2, 2, 10*day)
		time.Sleep(4 * day)
		b.due()
		b.expect(2, 2, 14*day)
		time.Sleep(time.Minute)
		b.due()
		b.due()
		b.expect(1, 1, 4*day+time.Minute)
		parked, err := b.table.Parked(b.Context(), "con_1", store.TooLong, store.Paging{})
		b.must(err)
		if len(parked.Items) != 1 || time.Since(parked.Items[0].At.Time()) != 14*day+time.Minute {
			b.Errorf("parked as too old %+v", parked.Items)
		}
		actions, err := b.table.ActionsParked(b.Context(), "con_1", store.TooLong)
		if err != nil || len(actions) != 1 {
			b.Errorf("actions parked as too old %+v, %v", actions, err)
		}
		if e, err := b.table.RetryEvent(b.Context(), "con_1", parked.Items[0].Event); err != nil || e.State != store.Received {
			b.Errorf("who wants it all the same gets %s, %v", e.State, err)
		}
	})
}

// Nothing is given up of a connection that works: what is parked there has reasons
// of its own.
func TestNothingIsGivenUpOfAConnectionThatWorks(t *testing.T) {
	in(t, func(b *bench) {
		b.event(held.Forbidden)
		b.must(b.table.PutConnection(b.Context(), store.Connection{ID: "con_1", Partner: "evidenced"}))
		time.Sleep(15 * day)
		b.due()
		b.expect(1, 0, 15*day)
	})
}
