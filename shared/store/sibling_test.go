package store_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/fault"
	"fulcrum/shared/store"
)

// siblings are the two deliveries of one event, about two objects.
func siblings(t *testing.T, table *store.Table) []store.Delivery {
	t.Helper()
	e := must[store.Event](t)(table.Receive(t.Context(), event("evt_1")))
	c := store.Commit{Event: e, State: store.Delivering}
	for _, id := range []string{"a", "b"} {
		c.Objects = append(c.Objects, store.Object{Connection: "con_1", Kind: "joiner", ID: id, State: []byte("{}"), LastDelivery: "dlv_" + id})
		c.Deliveries = append(c.Deliveries, store.Delivery{ID: "dlv_" + id, Connection: "con_1", Partner: "joinedly", Event: "evt_1", Object: "joiner#" + id, Revision: 1})
	}
	check(t, table.Commit(t.Context(), c))
	var all []store.Delivery
	for _, d := range c.Deliveries {
		all = append(all, must[store.Delivery](t)(table.Delivery(t.Context(), "con_1", d.ID)))
	}
	return all
}

// An event is parked as long as one of its deliveries is, on its way as long as one is
// and none is parked, and has ended with the last of them.
func TestAnEventIsWhatItsDeliveriesComeTo(t *testing.T) {
	const d, p = store.Delivering, store.Parked
	tests := map[string]struct {
		steps string // who and what: a or b arrives, gives up (-), is retried (+), is erased (!); x dismisses the event
		want  []store.EventState
		why   fault.Reason
	}{
		"both arrive":                          {"a b", []store.EventState{d, store.Delivered}, ""},
		"one is parked, the other arrives":     {"a- b", []store.EventState{p, p}, "because of a"},
		"one arrives, the other is parked":     {"a b-", []store.EventState{d, p}, "because of b"},
		"both are parked":                      {"a- b-", []store.EventState{p, p}, "because of b"},
		"one of two is brought back":           {"a- b- a+ a", []store.EventState{p, p, p, p}, "because of b"},
		"both are brought back":                {"a- b- a+ b+ b a", []store.EventState{p, p, p, d, d, store.Delivered}, ""},
		"the parked one is brought back":       {"a- b a+ a", []store.EventState{p, p, d, store.Delivered}, ""},
		"the parked one is dismissed":          {"a- x b", []store.EventState{p, d, store.Delivered}, ""},
		"both are dismissed":                   {"a- b- x", []store.EventState{p, p, store.Ignored}, store.Dismissed},
		"one is erased on its way":             {"a! b", []store.EventState{d, store.Delivered}, ""},
		"one is erased, the other is parked":   {"a- b!", []store.EventState{p, p}, "because of a"},
		"the parked one is erased":             {"a- a! b", []store.EventState{p, d, store.Delivered}, ""},
		"both are erased":                      {"a! b!", []store.EventState{d, store.Ignored}, store.Erased},
		"one is parked again and again":        {"a- a+ a- a+ a b", []store.EventState{p, d, p, d, d, store.Delivered}, ""},
		"one is dismissed, the other erased":   {"a- x b!", []store.EventState{p, d, store.Ignored}, store.Erased},
		"what was dismissed is not taken back": {"a- x b x", []store.EventState{p, d, store.Delivered, store.Delivered}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
				siblings(t, table)
				var e store.Event
				for i, step := range strings.Fields(tt.steps) {
					take(t, table, step)
					e = must[store.Event](t)(table.Event(t.Context(), "con_1", "evt_1"))
					if e.State != tt.want[i] || e.State.Ended() == (e.EndedAt == 0) {
						t.Errorf("after %s of %q it is %s, ended at %d; want %s", step, tt.steps, e.State, e.EndedAt, tt.want[i])
					}
				}
				if e.Reason != tt.why {
					t.Errorf("the reason is %q, want %q", e.Reason, tt.why)
				}
			})
		})
	}
}

// take does one step with one of the siblings, as it is now.
func take(t *testing.T, table *store.Table, step string) {
	t.Helper()
	ctx := t.Context()
	if step == "x" {
		if err := table.Dismiss(ctx, "con_1", "evt_1"); err != nil && !errors.Is(err, store.ErrMoved) {
			t.Fatal(err)
		}
		return
	}
	d := must[store.Delivery](t)(table.Delivery(ctx, "con_1", "dlv_"+step[:1]))
	switch step[1:] {
	case "":
		must[string](t)(table.Arrive(ctx, d, store.Attempt{Status: 204}))
	case "-":
		must[string](t)(table.GiveUp(ctx, d, fault.Reason("because of "+step[:1])))
	case "+":
		must[bool](t)(table.RetryDelivery(ctx, "con_1", d.ID))
	case "!":
		must[string](t)(table.EraseDelivery(ctx, d))
	}
}

// Both ends at the same moment are counted: the event ends, and with the right one.
func TestSiblingsThatEndAtOnceAreBothCounted(t *testing.T) {
	ends := map[string]func(t *testing.T, table *store.Table, d store.Delivery) error{
		"arrived": func(t *testing.T, table *store.Table, d store.Delivery) error {
			_, err := table.Arrive(t.Context(), d, store.Attempt{Status: 204})
			return err
		},
		"parked": func(t *testing.T, table *store.Table, d store.Delivery) error {
			_, err := table.GiveUp(t.Context(), d, "endpoint_refuses")
			return err
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(6) {
				synctest.Test(t, func(t *testing.T) {
					stack := rig.New(t, engine.Options{})
					table := store.FromEnv(stack.Env(t, "HubDeliver"))
					var both sync.WaitGroup
					for i, d := range siblings(t, table) {
						slowly := store.FromEnv(stack.Env(t, "HubDeliver").Through(&slow{next: stack, dice: rand.New(rand.NewPCG(seed, uint64(i)))}))
						both.Go(func() {
							if err := end(t, slowly, d); err != nil {
								t.Error(err)
							}
						})
					}
					both.Wait()
					e := must[store.Event](t)(table.Event(t.Context(), "con_1", "evt_1"))
					parked := map[string]int{"parked": 2}[name]
					if e.Awaits != 0 || e.Undelivered != parked || (e.State == store.Parked) != (parked > 0) || !e.State.Ended() {
						t.Errorf("seed %d: it is %s, awaits %d, parked %d", seed, e.State, e.Awaits, e.Undelivered)
					}
				})
			}
		})
	}
}
