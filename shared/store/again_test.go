package store_test

import (
	"fmt"
	"testing"
	"time"

	"fulcrum/local/rig"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// states are the deliveries of an object's first states, each with what became of
// it: a for arrived, p for parked.
func states(t *testing.T, table *store.Table, ends string) []store.Delivery {
	t.Helper()
	ctx := t.Context()
	o := store.Object{Connection: "con_1", Kind: "joiner", ID: "1", State: []byte("{}")}
	var all []store.Delivery
	for i, end := range ends {
		e := must[store.Event](t)(table.Receive(ctx, store.Event{ID: fmt.Sprintf("evt_%d", i), Connection: "con_1", Partner: "joinedly", ReceivedAt: lever.At(time.Now())}))
		d := store.Delivery{
			ID: fmt.Sprintf("dlv_%d", i), Connection: "con_1", Partner: "joinedly", Type: "joiner.changed", Object: "joiner#1",
			Revision: int64(i + 1), Event: e.ID, Previous: o.LastDelivery, Body: []byte("{}"),
		}
		o.LastDelivery = d.ID
		check(t, table.Commit(ctx, store.Commit{Event: e, State: store.Delivering, Objects: []store.Object{o}, Deliveries: []store.Delivery{d}}))
		o.Revision++
		d = must[store.Delivery](t)(table.Delivery(ctx, "con_1", d.ID))
		if end == 'a' {
			must[string](t)(table.Arrive(ctx, d, store.Attempt{Status: 204}))
		} else {
			must[string](t)(table.GiveUp(ctx, d, "endpoint_refuses"))
		}
		all = append(all, d)
	}
	return all
}

// An older state never follows a newer one that has arrived, whatever became of
// those in between.
func TestWhatANewerStateHasOvertakenIsNotRedriven(t *testing.T) {
	tests := map[string]struct {
		ends  string
		retry int
		goes  bool
	}{
		"the only state":                                  {"p", 0, true},
		"the newest, after one that arrived":              {"ap", 1, true},
		"an older one, and the newest arrived":            {"pa", 0, false},
		"an older one, and the newest is parked too":      {"pp", 0, true},
		"an older one, and one before the newest arrived": {"pap", 0, false},
		"the newest of them":                              {"pap", 2, true},
		"two before the one that arrived":                 {"ppapp", 0, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
				d := states(t, table, tt.ends)[tt.retry]
				if goes := must[bool](t)(table.RetryDelivery(t.Context(), "con_1", d.ID)); goes != tt.goes {
					t.Fatalf("it goes: %v", goes)
				}
				now := must[store.Delivery](t)(table.Delivery(t.Context(), "con_1", d.ID))
				event := must[store.Event](t)(table.Event(t.Context(), "con_1", d.Event))
				if tt.goes && (now.State != store.Pending || event.State != store.Delivering) {
					t.Errorf("delivery %s, event %s", now.State, event.State)
				}
				if !tt.goes && (now.Reason != store.Superseded || event.State != store.Ignored || event.Reason != store.Superseded) {
					t.Errorf("delivery %s, event %s %s", now.Reason, event.State, event.Reason)
				}
			})
		})
	}
}
