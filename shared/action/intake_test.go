package action_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/action"
	"fulcrum/shared/credential"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

func TestTheSameRequestIsOneAction(t *testing.T) {
	in(t, func(b *bench) {
		f, r := b.deploy(plan(note), b), b.request(known(b))
		first, err := f.intake.Accept(b.Context(), r)
		b.check(err)
		tests := map[string]struct {
			change func(r *action.Request)
			err    error
			same   bool
		}{
			"again":                          {change: func(*action.Request) {}, same: true},
			"without a key":                  {change: func(r *action.Request) { r.Key = "" }, same: true},
			"under another key":              {change: func(r *action.Request) { r.Key = "another" }, same: true},
			"with another body":              {change: func(r *action.Request) { r.Body = []byte(`{}`) }, err: store.ErrKeyReused},
			"for another thing":              {change: func(r *action.Request) { r.Ref = "other" }, err: store.ErrKeyReused},
			"of another kind":                {change: func(r *action.Request) { r.Kind = "other" }, err: store.ErrKeyReused},
			"otherwise, under a new key":     {change: func(r *action.Request) { r.Key, r.Body = "new", []byte(`{}`) }, err: store.ErrOtherRequest},
			"otherwise, without a key":       {change: func(r *action.Request) { r.Key, r.Body = "", []byte(`{}`) }, err: store.ErrOtherRequest},
			"for another thing, with a key":  {change: func(r *action.Request) { r.Key, r.Ref = "second", "other" }},
			"for another customer, that key": {change: func(r *action.Request) { r.Connection.ID = "con_2" }},
		}
		for name, tt := range tests {
			again := r
			tt.change(&again)
			got, err := f.intake.Accept(b.Context(), again)
			if !errors.Is(err, tt.err) || err == nil && (got.ID == first.ID) != tt.same {
				b.Errorf("%s: %s, %v", name, got.ID, err)
			}
		}
		// The key that came later is bound to the request as well.
		r.Key, r.Ref = "another", "third"
		if _, err := f.intake.Accept(b.Context(), r); !errors.Is(err, store.ErrKeyReused) {
			b.Errorf("a key that came with a repeat can be used again: %v", err)
		}
	})
}

func TestAKeyIsForgottenAfterThirtyDays(t *testing.T) {
	in(t, func(b *bench) {
		f, r := b.deploy(plan(note), b), b.request(known(b))
		_, err := f.intake.Accept(b.Context(), r)
		b.check(err)
		r.Ref = "other"
		for d, want := range map[time.Duration]error{30*24*time.Hour - time.Minute: store.ErrKeyReused, 2 * time.Minute: nil} {
			if d > time.Hour {
				time.Sleep(d)
			}
			if want == nil {
				continue
			}
			if _, err := f.intake.Accept(b.Context(), r); !errors.Is(err, want) {
				b.Errorf("after %v: %v", d, err)
			}
		}
		time.Sleep(2 * time.Minute)
		if a, err := f.intake.Accept(b.Context(), r); err != nil || a.Ref != "other" {
			b.Errorf("after 30 days: %+v, %v", a, err)
		}
	})
}

func TestFiftyRequestsAtOnceAreOneAction(t *testing.T) {
	in(t, func(b *bench) {
		f, r := b.deploy(plan(note), b), b.request(known(b))
		var all sync.WaitGroup
		var mu sync.Mutex
		ids := map[string]int{}
		for range 50 {
			all.Go(func() {
				for {
					a, err := f.intake.Accept(context.Background(), r)
					if err == nil {
						mu.Lock()
						ids[a.ID]++
						mu.Unlock()
						return
					}
				}
			})
		}
		all.Wait()
		if len(ids) != 1 {
			b.Errorf("actions %v", ids)
		}
		for id := range ids {
			b.expect(b.finish(plan(note), id), "done, note: done")
			if n := notes(b, b.askOf(store.Action{Request: r.Body}))[0]; n != 1 {
				b.Errorf("%d notes", n)
			}
		}
	})
}

func TestWorkersAtOnceWriteOnce(t *testing.T) {
	in(t, func(b *bench) {
		a := known(b)
		id := b.accept(a).ID
		var all sync.WaitGroup
		for range 10 {
			f := b.deploy(plan(note), b)
			all.Go(func() {
				if err := f.runner.Run(context.Background(), connection, id); err != nil {
					t.Errorf("a worker fails: %v", err)
				}
			})
		}
		all.Wait()
		b.expect(b.finish(plan(note), id), "done, note: done")
		if n := notes(b, a)[0]; n != 1 || len(b.told(id)) != 1 {
			b.Errorf("%d notes, told %d times", n, len(b.told(id)))
		}
	})
}

// What was accepted goes on although its message was never sent, and what waits is
// not sent over and over while a queue is long.
func TestTheSweeperFindsWhatIsOverdue(t *testing.T) {
	in(t, func(b *bench) {
		a := known(b)
		f := b.deploy(plan(note), b)
		b.AWS.Inject(engine.Fault{Service: "sqs", Action: "SendMessage", Status: 500, Times: -1})
		r := b.request(a)
		if _, err := f.intake.Accept(b.Context(), r); err == nil {
			b.Fatal("accepted without a message")
		}
		b.AWS.Heal()
		sent := func() (n int) {
			b.sweep()
			for _, m := range b.receive() {
				n++
				b.done(m)
			}
			return n
		}
		if n := sent(); n != 0 {
			b.Errorf("%d messages at once: its own may be on its way", n)
		}
		time.Sleep(3 * time.Minute)
		if n := sent(); n != 1 {
			b.Errorf("%d messages of an action that is overdue", n)
		}
		time.Sleep(5 * time.Minute)
		if n := sent(); n != 0 {
			b.Errorf("%d more messages soon after", n)
		}
		time.Sleep(20 * time.Minute)
		b.sweep()
		b.expect(b.finish(plan(note), store.ActionID(connection, "joinedly", r.Kind, r.Ref)), "done, note: done")
		time.Sleep(24 * time.Hour)
		if n := sent(); n != 0 {
			b.Errorf("%d messages of an action that is done", n)
		}
	})
}

func TestASweepGoesOnWhereItsMessagesFail(t *testing.T) {
	in(t, func(b *bench) {
		b.accept(known(b))
		for _, m := range b.receive() {
			b.done(m)
		}
		time.Sleep(time.Hour)
		away := errors.New("away")
		if err := action.Sweep(b.Context(), b.table, failing{away}); !errors.Is(err, away) {
			b.Errorf("a sweep whose message fails says %v", err)
		}
		b.sweep()
		if n := len(b.receive()); n != 1 {
			b.Errorf("%d messages by the next sweep", n)
		}
	})
}

type failing struct{ err error }

func (f failing) Send(context.Context, string, queue.Action, time.Duration) error { return f.err }

func TestOnlyWhatIsParkedIsResumed(t *testing.T) {
	in(t, func(b *bench) {
		f := b.deploy(plan(note), b)
		id := b.finish(plan(note), b.accept(known(b)).ID).ID
		again, err := f.intake.Resume(b.Context(), connection, id)
		if err != nil || again.State != store.ActionDone {
			b.Errorf("%s, %v", again.State, err)
		}
		if _, err := f.intake.Resume(b.Context(), connection, "act_gone"); !errors.Is(err, store.ErrNotFound) {
			b.Errorf("what is not there: %v", err)
		}
		if n := len(b.receive()); n != 0 {
			b.Errorf("%d messages", n)
		}
	})
}

// A connection that is lost and found again goes on where it was.
func TestWhatWaitsForANewKeyGoesOnWithIt(t *testing.T) {
	in(t, func(b *bench) {
		a := known(b)
		keys := b.twin.Keys(b.home.Account)
		b.check(b.twin.RemoveKey(b.home.Account, keys[0].ID))
		var ids []string
		for range 3 {
			parked := b.finish(plan(note), b.accept(a).ID)
			if parked.State != store.ActionParked || parked.Reason != credential.Lost {
				b.Error(states(parked))
			}
			ids = append(ids, parked.ID)
		}
		time.Sleep(13 * 24 * time.Hour)
		key, err := b.twin.CreateKey(b.home.Account, desk.NewKey{Name: "another"})
		b.check(err)
		b.reconnect(key.Secret)
		f := b.deploy(plan(note), b)
		if other, err := b.table.ActionsParked(b.Context(), connection, "something_else"); len(other) != 0 || err != nil {
			b.Errorf("%d actions of another reason, %v", len(other), err)
		}
		parked, err := b.table.ActionsParked(b.Context(), connection, credential.Lost)
		if len(parked) != 3 || err != nil {
			b.Errorf("%d actions, %v", len(parked), err)
		}
		for _, p := range parked {
			_, err := f.intake.Resume(b.Context(), connection, p.ID)
			b.check(err)
		}
		for _, id := range ids {
			b.expect(b.finish(plan(note), id), "done, note: done")
		}
		if n := notes(b, a)[0]; n != 3 {
			b.Errorf("%d notes of three actions", n)
		}
	})
}
