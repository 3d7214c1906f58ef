package store_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// dueAt fails unless an item comes up for who looks after things at that time, and not
// a moment before.
func dueAt(t *testing.T, table *store.Table, id string, at time.Time) {
	t.Helper()
	found := func(by lever.Time) bool {
		events := must[[]store.Due](t)(table.OpenEvents(t.Context(), by, 100))
		deliveries := must[[]store.Due](t)(table.DueDeliveries(t.Context(), "joinedly", by, 100))
		for _, d := range append(events, deliveries...) {
			if d.ID() == id {
				return true
			}
		}
		return false
	}
	if found(lever.At(at)-1) || !found(lever.At(at)) {
		t.Errorf("%s is due before %v: %v, at it: %v", id, at, found(lever.At(at)-1), found(lever.At(at)))
	}
}

func parkedEvent(t *testing.T, table *store.Table, id string) store.Event {
	t.Helper()
	e := must[store.Event](t)(table.Receive(t.Context(), event(id)))
	check(t, table.Commit(t.Context(), store.Commit{Event: e, State: store.Parked, Reason: "no_match"}))
	return must[store.Event](t)(table.Event(t.Context(), "con_1", id))
}

// Somebody looks after whatever may get stuck when its time is over, not earlier: what
// is in a queue a while after it should have come out.
func TestWhenAnItemIsLookedAfter(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx, now := t.Context(), time.Now()
		e := must[store.Event](t)(table.Receive(ctx, event("evt_1")))
		dueAt(t, table, "evt_1", now.Add(store.Grace))
		check(t, table.Postpone(ctx, e, lever.At(now.Add(15*time.Minute))))
		dueAt(t, table, "evt_1", now.Add(15*time.Minute+store.Grace))
		check(t, table.Delay(ctx, e, lever.At(now.Add(15*time.Minute+time.Millisecond))))
		dueAt(t, table, "evt_1", now.Add(15*time.Minute+time.Millisecond))
		if e = must[store.Event](t)(table.Event(ctx, "con_1", "evt_1")); e.Tries != 1 {
			t.Errorf("%d tries, of which one failed and one had to wait", e.Tries)
		}
		parkedEvent(t, table, "evt_2")
		must[store.Event](t)(table.RetryEvent(ctx, "con_1", "evt_2"))
		dueAt(t, table, "evt_2", now.Add(store.Grace))

		check(t, table.Commit(ctx, store.Commit{Deliveries: []store.Delivery{{ID: "dlv_new", Connection: "con_1", Partner: "joinedly"}}}))
		dueAt(t, table, "dlv_new", now.Add(store.Grace))
		d := states(t, table, "p")[0]
		must[bool](t)(table.RetryDelivery(ctx, "con_1", d.ID))
		dueAt(t, table, d.ID, now.Add(store.Grace))
		check(t, table.Attempted(ctx, d, store.Attempt{Status: 503}, lever.At(now.Add(15*time.Minute))))
		dueAt(t, table, d.ID, now.Add(15*time.Minute+store.Grace))
		if d = must[store.Delivery](t)(table.Delivery(ctx, "con_1", d.ID)); d.Tries != 1 {
			t.Errorf("%d attempts since it was brought back", d.Tries)
		}
		check(t, table.Attempted(ctx, d, store.Attempt{Status: 503}, lever.At(now.Add(time.Hour))))
		dueAt(t, table, d.ID, now.Add(time.Hour))
		check(t, table.Rest(ctx, d))
		dueAt(t, table, d.ID, now)
	})
}

// What is on its way or has ended is not brought back, and stays as it was.
func TestOnlyAParkedEventIsRetried(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx := t.Context()
		e := must[store.Event](t)(table.Receive(ctx, event("evt_1")))
		check(t, table.Postpone(ctx, e, lever.At(time.Now())))
		for _, state := range []store.EventState{store.Received, store.Ignored} {
			if state == store.Ignored {
				check(t, table.Commit(ctx, store.Commit{Event: e, State: state, Reason: "not_hired"}))
				check(t, table.Postpone(ctx, e, lever.At(time.Now()))) // comes too late
			}
			_, err := table.RetryEvent(ctx, "con_1", "evt_1")
			if now := must[store.Event](t)(table.Event(ctx, "con_1", "evt_1")); !errors.Is(err, store.ErrMoved) || now.State != state || now.Tries != 1 || now.RetriedAt != 0 {
				t.Errorf("%v: %+v", err, now)
			}
		}
		of := states(t, table, "p")[0].Event
		if _, err := table.RetryEvent(ctx, "con_1", of); !errors.Is(err, store.ErrMoved) {
			t.Errorf("one of which a delivery is parked: %v", err)
		}
		parkedEvent(t, table, "evt_2")
		again := must[store.Event](t)(table.RetryEvent(ctx, "con_1", "evt_2"))
		if again.State != store.Received || again.RetriedAt == 0 || again.Reason != "" || again.EndedAt != 0 {
			t.Errorf("a parked one is %+v", again)
		}
	})
}

// Two see that there is no such object yet, and both make it: one has to look again.
func TestAnObjectIsMadeOnce(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		o := store.Object{Connection: "con_1", Kind: "joiner", ID: "1", State: []byte("first")}
		check(t, table.Commit(t.Context(), store.Commit{Objects: []store.Object{o}}))
		o.State = []byte("second")
		if err := table.Commit(t.Context(), store.Commit{Objects: []store.Object{o}}); !errors.Is(err, store.ErrMoved) {
			t.Errorf("it is made twice: %v", err)
		}
		if o = must[store.Object](t)(table.Object(t.Context(), "con_1", "joiner", "1")); string(o.State) != "first" || o.Revision != 1 {
			t.Errorf("it is %s in revision %d", o.State, o.Revision)
		}
	})
}

// A document that is told already is not told again.
func TestADeliveryIsMadeOnce(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		d := states(t, table, "a")[0]
		if err := table.Commit(t.Context(), store.Commit{Deliveries: []store.Delivery{{ID: d.ID, Connection: "con_1", Partner: "joinedly"}}}); !errors.Is(err, store.ErrMoved) {
			t.Errorf("it is made twice: %v", err)
		}
		if d = must[store.Delivery](t)(table.Delivery(t.Context(), "con_1", d.ID)); d.State != store.Arrived {
			t.Errorf("it is %s again", d.State)
		}
	})
}

// A delivery behind one that is on its way goes with the other's end; behind one that
// has ended, or is gone from the table, it goes at once.
func TestADeliveryWaitsForTheOneBefore(t *testing.T) {
	for name, tt := range map[string]struct {
		ends string // of the delivery before; empty where there is none in the table
		next string
	}{"on its way": {"w", "dlv_behind"}, "arrived": {"a", ""}, "parked": {"p", ""}, "gone": {"", ""}} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
				ctx := t.Context()
				before := store.Delivery{ID: "dlv_0", Connection: "con_1", Partner: "joinedly"}
				switch tt.ends {
				case "w":
					check(t, table.Commit(ctx, store.Commit{Deliveries: []store.Delivery{before}}))
				case "a", "p":
					states(t, table, tt.ends)
				}
				check(t, table.Commit(ctx, store.Commit{Deliveries: []store.Delivery{{ID: "dlv_behind", Connection: "con_1", Partner: "joinedly", Previous: "dlv_0"}}}))
				if tt.ends == "" {
					return
				}
				before = must[store.Delivery](t)(table.Delivery(ctx, "con_1", "dlv_0"))
				if before.Next != tt.next {
					t.Errorf("behind it is %q", before.Next)
				}
				if next := must[string](t)(table.Arrive(ctx, before, store.Attempt{Status: 204})); next != tt.next {
					t.Errorf("with its end goes %q", next)
				}
			})
		})
	}
}

// Two people press the button at once: what is parked goes on its way once, and the
// event awaits as many deliveries as are on theirs.
func TestTwoWhoBringTheSameBackDoItOnce(t *testing.T) {
	both := map[string]func(ctx context.Context, table *store.Table, id string) error{
		"retry": func(ctx context.Context, table *store.Table, id string) error {
			_, err := table.RetryDelivery(ctx, "con_1", id)
			return err
		},
		"dismiss": func(ctx context.Context, table *store.Table, _ string) error {
			return table.Dismiss(ctx, "con_1", "evt_0")
		},
	}
	for name, do := range both {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(8) {
				synctest.Test(t, func(t *testing.T) {
					stack := rig.New(t, engine.Options{})
					table := store.FromEnv(stack.Env(t, "HubConnect"))
					d := states(t, table, "p")[0]
					var all sync.WaitGroup
					for who := range uint64(3) {
						way := &slow{next: stack, dice: rand.New(rand.NewPCG(seed, who))}
						slowly := store.FromEnv(stack.Env(t, "HubConnect").Through(way))
						all.Go(func() {
							if err := do(t.Context(), slowly, d.ID); err != nil && !errors.Is(err, store.ErrMoved) {
								t.Error(err)
							}
						})
					}
					all.Wait()
					d = must[store.Delivery](t)(table.Delivery(t.Context(), "con_1", d.ID))
					e := must[store.Event](t)(table.Event(t.Context(), "con_1", "evt_0"))
					if pending := d.State == store.Pending; (e.Awaits == 1) != pending || e.Undelivered != 0 || pending != (name == "retry") {
						t.Errorf("seed %d: delivery %s, event %s awaits %d, parked %d", seed, d.State, e.State, e.Awaits, e.Undelivered)
					}
				})
			}
		})
	}
}

// An attempt that is noted late, when the delivery has ended, does not bring it back to
// who looks after what is on its way.
func TestALateAttemptChangesNothing(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		for _, d := range states(t, table, "ap") {
			was := must[store.Delivery](t)(table.Delivery(t.Context(), "con_1", d.ID))
			check(t, table.Attempted(t.Context(), d, store.Attempt{Status: 503}, lever.At(time.Now())))
			check(t, table.Rest(t.Context(), d))
			now := must[store.Delivery](t)(table.Delivery(t.Context(), "con_1", d.ID))
			if now.DSK != was.DSK || now.Tries != was.Tries || len(now.Attempts) != len(was.Attempts) {
				t.Errorf("%s was %+v, is %+v", d.ID, was, now)
			}
		}
	})
}

// Of one who has a parked event tried again and one who dismisses it at the same moment,
// one is told that he came too late.
func TestAnEventIsRetriedOrDismissed(t *testing.T) {
	for seed := range uint64(12) {
		synctest.Test(t, func(t *testing.T) {
			stack := rig.New(t, engine.Options{})
			table := store.FromEnv(stack.Env(t, "HubConnect"))
			parkedEvent(t, table, "evt_1")
			slowly := func(who uint64) *store.Table {
				return store.FromEnv(stack.Env(t, "HubConnect").Through(&slow{next: stack, dice: rand.New(rand.NewPCG(seed, who))}))
			}
			one, other := slowly(1), slowly(2)
			var retried, dismissed error
			var both sync.WaitGroup
			both.Go(func() { _, retried = one.RetryEvent(t.Context(), "con_1", "evt_1") })
			both.Go(func() { dismissed = other.Dismiss(t.Context(), "con_1", "evt_1") })
			both.Wait()
			now := must[store.Event](t)(table.Event(t.Context(), "con_1", "evt_1"))
			if (retried == nil) == (dismissed == nil) || (now.State == store.Received) != (retried == nil) {
				t.Errorf("seed %d: retried %v, dismissed %v, it is %s", seed, retried, dismissed, now.State)
			}
		})
	}
}

// What went on meanwhile is not given up for having waited too long.
func TestWhatWentOnIsNotHeldTooLong(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx := t.Context()
		parkedEvent(t, table, "evt_1")
		parkedEvent(t, table, "evt_2")
		list := must[store.Listed[store.Parking]](t)(table.Parked(ctx, "con_1", "no_match", store.Paging{}))
		must[store.Event](t)(table.RetryEvent(ctx, "con_1", "evt_1"))
		for _, p := range list.Items {
			check(t, table.HeldTooLong(ctx, "con_1", p))
		}
		one, other := must[store.Event](t)(table.Event(ctx, "con_1", "evt_1")), must[store.Event](t)(table.Event(ctx, "con_1", "evt_2"))
		if one.State != store.Received || one.Reason != "" || other.State != store.Parked || other.Reason != store.TooLong {
			t.Errorf("one is %s %s, the other %s %s", one.State, one.Reason, other.State, other.Reason)
		}
		dueAt(t, table, "evt_1", time.Now().Add(store.Grace))
		if list = must[store.Listed[store.Parking]](t)(table.Parked(ctx, "con_1", store.TooLong, store.Paging{})); len(list.Items) != 1 || list.Items[0].Event != "evt_2" {
			t.Errorf("listed is %+v", list.Items)
		}
	})
}

// A hold is one's own until its time is over, and one's own again at any time.
func TestAHoldEndsWithItsTime(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		hold := func(holder string) bool {
			return must[bool](t)(table.HoldWebhooks(t.Context(), "con_1", holder, time.Minute))
		}
		if !hold("a") || hold("b") || !hold("a") {
			t.Error("one holds, another does not, the one again")
		}
		check(t, table.ReleaseWebhooks(t.Context(), "con_1", "b"))
		time.Sleep(time.Minute)
		if hold("b") {
			t.Error("another holds it at the end of its time")
		}
		time.Sleep(time.Millisecond)
		if !hold("b") || hold("a") {
			t.Error("nobody else holds it when its time is over")
		}
		check(t, table.ReleaseWebhooks(t.Context(), "con_1", "b"))
		if !hold("a") {
			t.Error("it is not released")
		}
	})
}

// A look is for one, and only of what is as it was seen.
func TestWhoLooksAfterAnItemIsOne(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx := t.Context()
		must[store.Event](t)(table.Receive(ctx, event("evt_1")))
		time.Sleep(time.Hour)
		seen := must[[]store.Due](t)(table.OpenEvents(ctx, lever.At(time.Now()), 1))
		if len(seen) != 1 || !seen[0].By(lever.At(time.Now())) || seen[0].By(lever.At(time.Now().Add(-time.Hour))) {
			t.Fatalf("due is %+v", seen)
		}
		first, second := must[bool](t)(table.Look(ctx, seen[0])), must[bool](t)(table.Look(ctx, seen[0]))
		if !first || second {
			t.Errorf("the first gets it: %v, the second: %v", first, second)
		}
		dueAt(t, table, "evt_1", time.Now().Add(store.Grace))
	})
}

// An end that the table does not take is an error, so that the message comes again.
func TestAnEndThatIsNotTakenIsAnError(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		d := states(t, table, "p")[0]
		must[bool](t)(table.RetryDelivery(t.Context(), "con_1", d.ID))
		r.AWS.Inject(engine.Fault{Action: "TransactWriteItems", Status: 400, Code: "AccessDenied", Times: 1})
		if _, err := table.Arrive(t.Context(), d, store.Attempt{Status: 204}); err == nil {
			t.Error("no error")
		}
		if d = must[store.Delivery](t)(table.Delivery(t.Context(), "con_1", d.ID)); d.State != store.Pending {
			t.Errorf("it is %s", d.State)
		}
	})
}
