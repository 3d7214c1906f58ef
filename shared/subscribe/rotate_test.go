package subscribe_test

import (
	"errors"
	"fmt"
	"net/http"
	"path"
	"sync"
	"testing"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/tried"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
	"fulcrum/shared/subscribe"
)

const hired = lever.CandidateHired

// good is what the sync function does when a good event came at a webhook.
func (w *world) good(through http.RoundTripper, x desk.Webhook) error {
	id := path.Base(x.URL)
	table := w.tableOver(through)
	seen, err := table.Seen(w.t.Context(), w.c.ID, lever.Event(x.Event), id, lever.At(time.Now()), false)
	if err != nil {
		return err
	}
	return subscribe.Finish(w.t.Context(), table, w.client(through), seen, id)
}

func TestARotation(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		w.ensure(hired)
		old := w.ours(hired)[0]
		_, err := w.of(w).Rotate(t.Context(), hired)
		w.must(err)
		both := w.ours(hired)
		if len(both) != 2 || !w.verifies(both[0]) || !w.verifies(both[1]) {
			t.Fatalf("while it lasts: %+v", both)
		}
		_, err = w.of(w).Rotate(t.Context(), hired)
		w.must(err)
		w.ensure(hired)
		w.must(w.good(w, old))
		if again := w.ours(hired); len(again) != 2 {
			t.Fatalf("a repetition, Ensure or an event at the old one changed it: %+v", again)
		}
		w.must(w.good(w, both[1]))
		w.expectOne(hired)
		if now := w.ours(hired)[0]; now.ID == old.ID {
			t.Error("the old webhook stays")
		}
		w.sweep()
		if w.verifies(old) {
			t.Error("the old key still counts")
		}
		w.must(w.good(w, old)) // one that was still on its way
		w.expectOne(hired)
	})
}

func TestAfterABreachTheOldKeyIsGoneAtOnce(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		w.ensure(hired)
		old := w.ours(hired)[0]
		if _, err := w.of(w).Revoke(t.Context(), hired); err != nil {
			t.Fatal(err)
		}
		w.expectOne(hired)
		if w.verifies(old) {
			t.Error("the old key still counts")
		}
	})
}

func TestWhatCannotBeRotated(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		if _, err := w.of(w).Rotate(t.Context(), hired); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("no webhook: %v", err)
		}
		_, err := w.of(w).Reserve(t.Context(), hired)
		w.must(err)
		if _, err := w.of(w).Revoke(t.Context(), hired); !errors.Is(err, subscribe.ErrByHand) {
			t.Errorf("a webhook by hand: %v", err)
		}
	})
}

// At no call of a rotation does a death leave the event without a webhook whose
// events count, and the next run brings it to its end.
func TestDeathAtEveryCallOfARotation(t *testing.T) {
	tests := map[string]func(w *world, through http.RoundTripper) error{
		"while it revokes": func(w *world, through http.RoundTripper) error {
			_, err := w.of(through).Revoke(w.within(time.Hour), hired)
			return err
		},
		"while it finishes": func(w *world, through http.RoundTripper) error {
			_, err := w.of(w).Rotate(w.t.Context(), hired)
			w.must(err)
			return w.good(through, w.ours(hired)[1])
		},
	}
	for what, do := range tests {
		for how, death := range rig.Deaths() {
			t.Run(fmt.Sprintf("a function that %s a call %s", how, what), func(t *testing.T) {
				for at, over := 1, false; !over && !t.Failed(); at += rig.Stride() {
					in(t, engine.Options{}, func(t *testing.T, w *world) {
						w.ensure(hired)
						m := &rig.Mortal{Next: w, At: at, How: death}
						tried.Note(w.t, "deaths and stalls of a function in set-up, rotation and removal", 1)
						err := do(w, m)
						over = m.Calls() < at
						if over && err != nil {
							t.Errorf("without a death: %v", err)
						}
						w.expectSome(at)
						w.must(m.Wait())
						if what != "while it finishes" {
							w.must(do(w, w)) // the admin tries again
						}
						w.mend()
						w.expectOne(hired)
						if t.Failed() {
							t.Logf("call %d", at)
						}
					})
				}
			})
		}
	}
}

// expectSome fails unless what Lever posts to one of the webhooks counts.
func (w *world) expectSome(at int) {
	w.t.Helper()
	w.sweep()
	for _, x := range w.ours(hired) {
		if w.verifies(x) {
			return
		}
	}
	w.t.Errorf("after call %d no webhook counts", at)
}

// mend is what goes on after a death: Ensure runs again, and good events come at
// all that counts.
func (w *world) mend() {
	w.t.Helper()
	w.ensure(hired)
	for _, x := range w.ours(hired) {
		if w.verifies(x) {
			w.must(w.good(w, x))
		}
	}
	w.ensure(hired)
}

// Admins rotate, revoke and ensure while events come in.
func TestEverythingAtOnce(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		w.ensure(hired)
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { _, err := w.of(w).Rotate(t.Context(), hired); w.must(err) })
			all.Go(func() { _, err := w.of(w).Revoke(t.Context(), hired); w.must(err) })
			all.Go(func() { w.ensure(hired) })
			all.Go(func() {
				for range 50 {
					time.Sleep(time.Second)
					for _, x := range w.ours(hired) {
						w.must(w.good(w, x))
					}
				}
			})
		}
		all.Wait()
		w.mend()
		w.expectOne(hired)
	})
}
