package store_test

import (
	"errors"
	"testing"
	"time"

	"fulcrum/local/rig"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// What is dismissed is ended for good: it is parked no more, and nothing brings it
// back.
func TestWhatIsDismissedIsEndedForGood(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx := t.Context()
		e := must[store.Event](t)(table.Receive(ctx, store.Event{ID: "evt_p", Connection: "con_1", Partner: "joinedly", ReceivedAt: lever.At(time.Now())}))
		check(t, table.Commit(ctx, store.Commit{Event: e, State: store.Parked, Reason: "lever_forbids"}))
		delivered := states(t, table, "ap")
		for name, id := range map[string]string{"an event that is parked": "evt_p", "an event whose delivery is": delivered[1].Event} {
			check(t, table.Dismiss(ctx, "con_1", id))
			now := must[store.Event](t)(table.Event(ctx, "con_1", id))
			if now.State != store.Ignored || now.Reason != store.Dismissed || now.EndedAt == 0 {
				t.Errorf("%s is %s %s", name, now.State, now.Reason)
			}
			if err := table.Dismiss(ctx, "con_1", id); !errors.Is(err, store.ErrMoved) {
				t.Errorf("%s is dismissed twice: %v", name, err)
			}
			if _, err := table.RetryEvent(ctx, "con_1", id); !errors.Is(err, store.ErrMoved) {
				t.Errorf("%s is retried: %v", name, err)
			}
		}
		if d := must[store.Delivery](t)(table.Delivery(ctx, "con_1", delivered[1].ID)); d.State != store.Undelivered || d.Reason != store.Dismissed {
			t.Errorf("the delivery is %s %s", d.State, d.Reason)
		}
		if left := must[store.Listed[store.Parking]](t)(table.Parked(ctx, "con_1", "", store.Paging{})); len(left.Items) != 0 {
			t.Errorf("parked: %+v", left.Items)
		}
	})
}

func TestOnlyWhatIsParkedIsDismissed(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		arrived := states(t, table, "a")[0]
		if err := table.Dismiss(t.Context(), "con_1", arrived.Event); !errors.Is(err, store.ErrMoved) {
			t.Errorf("an event that was delivered: %v", err)
		}
		if err := table.Dismiss(t.Context(), "con_1", "evt_none"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an event that is not there: %v", err)
		}
		if now := must[store.Event](t)(table.Event(t.Context(), "con_1", arrived.Event)); now.State != store.Delivered {
			t.Errorf("it is %s", now.State)
		}
	})
}
