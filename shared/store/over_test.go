package store_test

import (
	"errors"
	"testing"
	"time"

	"fulcrum/local/rig"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// DynamoDB takes items away days after their time, and the embedded one an hour:
// until then reads must not show them.
func TestWhatsTimeIsOverIsNotRead(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx := t.Context()
		e := must[store.Event](t)(table.Receive(ctx, store.Event{ID: "evt_1", Connection: "con_1", Partner: "joinedly", ReceivedAt: lever.At(time.Now())}))
		d := store.Delivery{ID: "dlv_1", Connection: "con_1", Partner: "joinedly", Type: "joiner.hired", Object: "joiner#1", Revision: 1, Event: e.ID, Body: []byte("{}")}
		check(t, table.Commit(ctx, store.Commit{Event: e, State: store.Delivering, Deliveries: []store.Delivery{d}}))
		check(t, table.StartWindows(ctx, "con_1"))
		w := must[store.Window](t)(table.Window(ctx, "con_1"))
		must[store.Report](t)(table.Report(ctx, w, store.Report{}))
		count := func() int {
			counts := must[map[store.EventState]int](t)(table.Balance(ctx, "con_1"))
			all := func(store.Event) bool { return true }
			return counts[store.Delivering] + len(must[store.Listed[store.Event]](t)(table.Events(ctx, "con_1", store.Paging{})).Items) +
				len(must[store.Listed[store.Event]](t)(table.EventsWithin(ctx, "con_1", store.Span{}, all, store.Paging{})).Items) +
				len(must[store.Listed[store.Delivery]](t)(table.Deliveries(ctx, "con_1", store.Paging{})).Items) +
				len(must[store.Listed[store.Report]](t)(table.ReportsOf(ctx, "con_1", store.Paging{})).Items)
		}
		time.Sleep(store.Retention - time.Minute)
		if n := count(); n != 5 {
			t.Errorf("%d before their time is over, want 5", n)
		}
		time.Sleep(2 * time.Minute)
		if n := count(); n != 0 {
			t.Errorf("%d after it", n)
		}
		_, event := table.Event(ctx, "con_1", e.ID)
		_, delivery := table.Delivery(ctx, "con_1", d.ID)
		if !errors.Is(event, store.ErrNotFound) || !errors.Is(delivery, store.ErrNotFound) {
			t.Errorf("event %v, delivery %v", event, delivery)
		}
	})
}
