package store_test

import (
	"errors"
	"testing"
	"time"

	"fulcrum/local/rig"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// about is a received event about an opportunity.
func about(t *testing.T, table *store.Table, id, opportunity string) store.Event {
	t.Helper()
	return must[store.Event](t)(table.Receive(t.Context(), store.Event{
		ID: id, Connection: "con_1", Partner: "joinedly", ReceivedAt: lever.At(time.Now()), IDs: lever.IDs{Opportunity: opportunity},
	}))
}

// gone is the erasure of an opportunity whose joiner was known.
func gone(opportunity string) store.Erasure {
	return store.Erasure{
		ID: store.ErasureID("con_1", "evt", opportunity), Connection: "con_1", Because: "deleted", ForGood: true,
		Opportunities: []string{opportunity}, Objects: []string{"joiner#" + opportunity},
	}
}

// Somebody has read Lever before the deletion, and commits after it.
func TestWhoWasErasedIsNotBroughtBack(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx := t.Context()
		late, other, e := about(t, table, "late", "o-1"), about(t, table, "other", "o-2"), about(t, table, "erases", "o-1")
		joiner := func(id string) []store.Object {
			return []store.Object{{Connection: "con_1", Kind: "joiner", ID: id, State: []byte("{}")}}
		}
		check(t, table.Commit(ctx, store.Commit{Event: e, State: store.Ignored, Erasures: []store.Erasure{gone("o-1")}}))
		if err := table.Commit(ctx, store.Commit{Event: late, State: store.Delivering, Objects: joiner("o-1")}); !errors.Is(err, store.ErrMoved) {
			t.Errorf("the late commit: %v", err)
		}
		check(t, table.Commit(ctx, store.Commit{Event: other, State: store.Delivering, Objects: joiner("o-2")}))
		for id, want := range map[string]bool{"o-1": true, "o-2": false} {
			if erased := must[bool](t)(table.IsErased(ctx, "con_1", id)); erased != want {
				t.Errorf("%s is erased: %v", id, erased)
			}
		}
		if erased := must[bool](t)(table.IsErased(ctx, "con_2", "o-1")); erased {
			t.Error("it is erased at another customer's too")
		}
	})
}

// Whatever state a delivery is in, its body goes, and its event ends where nothing is
// left to come.
func TestADeliveryOfSomebodyErasedHasNoBody(t *testing.T) {
	tests := map[string]struct {
		do     func(t *testing.T, table *store.Table, d store.Delivery)
		state  store.DeliveryState
		event  store.EventState
		reason string
	}{
		"one that is on its way": {nil, store.Undelivered, store.Ignored, "erased"},
		"one that has arrived": {func(t *testing.T, table *store.Table, d store.Delivery) {
			must[string](t)(table.Arrive(t.Context(), d, store.Attempt{Status: 204}))
		}, store.Arrived, store.Delivered, ""},
		"one that is parked": {func(t *testing.T, table *store.Table, d store.Delivery) {
			must[string](t)(table.GiveUp(t.Context(), d, "endpoint_refuses"))
		}, store.Undelivered, store.Ignored, "erased"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
				ctx := t.Context()
				e := about(t, table, "evt_1", "1")
				d := store.Delivery{ID: "dlv_1", Connection: "con_1", Partner: "joinedly", Object: "joiner#1", Revision: 1, Event: e.ID, Body: []byte(`"Ada"`)}
				check(t, table.Commit(ctx, store.Commit{Event: e, State: store.Delivering, Deliveries: []store.Delivery{d}}))
				if tt.do != nil {
					tt.do(t, table, must[store.Delivery](t)(table.Delivery(ctx, "con_1", d.ID)))
				}
				found := must[[]store.Delivery](t)(table.DeliveriesAbout(ctx, "con_1", []string{"joiner#1"}, lever.At(time.Now())))
				if len(found) != 1 {
					t.Fatalf("found %d", len(found))
				}
				must[string](t)(table.EraseDelivery(ctx, found[0]))
				now := must[store.Delivery](t)(table.Delivery(ctx, "con_1", d.ID))
				of := must[store.Event](t)(table.Event(ctx, "con_1", e.ID))
				if now.Body != nil || now.Sealed != nil || now.State != tt.state || of.State != tt.event || string(of.Reason) != tt.reason || of.Awaits != 0 {
					t.Errorf("delivery %s %q, event %s %s %d", now.State, now.Body, of.State, of.Reason, of.Awaits)
				}
				if _, err := table.RetryDelivery(ctx, "con_1", d.ID); !errors.Is(err, store.ErrMoved) {
					t.Errorf("it can be tried again: %v", err)
				}
				left := must[[]store.Delivery](t)(table.DeliveriesAbout(ctx, "con_1", []string{"joiner#1"}, lever.At(time.Now())))
				parked := must[store.Listed[store.Parking]](t)(table.Parked(ctx, "con_1", "", store.Paging{}))
				if len(left)+len(parked.Items) != 0 {
					t.Errorf("left %d, parked %+v", len(left), parked.Items)
				}
			})
		})
	}
}

// A receipt names nobody, and goes 30 days after its end.
func TestAReceiptIsKeptForAMonth(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx := t.Context()
		check(t, table.Commit(ctx, store.Commit{Event: about(t, table, "evt_1", "o-1"), State: store.Ignored, Erasures: []store.Erasure{gone("o-1")}}))
		due := must[[]store.Due](t)(table.DueErasures(ctx, 10))
		if len(due) != 1 {
			t.Fatalf("due %+v", due)
		}
		one := must[store.Erasure](t)(table.Erasure(ctx, "con_1", due[0].ID()))
		time.Sleep(50 * 24 * time.Hour)
		count := func() int {
			return len(must[store.Listed[store.Erasure]](t)(table.Erasures(ctx, "con_1", store.Paging{})).Items)
		}
		if count() != 1 {
			t.Error("one that has not ended is gone")
		}
		one.ClearedAt, one.ToldAt = lever.At(time.Now()), lever.At(time.Now())
		check(t, table.SaveErasure(ctx, one))
		if one = must[store.Erasure](t)(table.Erasure(ctx, "con_1", one.ID)); one.EndedAt == 0 || one.Opportunities != nil || one.Objects != nil {
			t.Errorf("receipt %+v", one)
		}
		time.Sleep(store.ReceiptLife - time.Minute)
		if count() != 1 {
			t.Error("it is gone before its time")
		}
		time.Sleep(2 * time.Minute)
		if count() != 0 {
			t.Error("it is kept longer than 30 days")
		}
	})
}
