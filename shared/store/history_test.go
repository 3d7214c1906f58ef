package store_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"testing"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// note has n events received, a minute apart.
func note(t *testing.T, table *store.Table, connection string, n int) []store.Event {
	t.Helper()
	var all []store.Event
	for i := range n {
		all = append(all, must[store.Event](t)(table.Receive(t.Context(), store.EventOf("joinedly", queue.Event{
			ID: fmt.Sprintf("evt_%03d", i), Connection: connection, Event: lever.CandidateHired, ReceivedAt: lever.At(time.Now()),
		}))))
		time.Sleep(time.Minute)
	}
	return all
}

func every(store.Event) bool { return true }

func TestAWindowIsFromItsSinceToBeforeItsUntil(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		events := note(t, table, "con_1", 5)
		note(t, table, "con_2", 2)
		at := func(i int) lever.Time { return events[i].ReceivedAt }
		tests := map[string]struct {
			window store.Span
			want   string
		}{
			"open":            {store.Span{}, "[004 003 002 001 000]"},
			"from":            {store.Span{Since: at(2)}, "[004 003 002]"},
			"from just after": {store.Span{Since: at(2) + 1}, "[004 003]"},
			"until":           {store.Span{Until: at(2)}, "[001 000]"},
			"until after":     {store.Span{Until: at(2) + 1}, "[002 001 000]"},
			"both":            {store.Span{Since: at(1), Until: at(3)}, "[002 001]"},
			"empty":           {store.Span{Since: at(3), Until: at(3)}, "[]"},
			"backwards":       {store.Span{Since: at(3), Until: at(1)}, "[]"},
		}
		for name, tt := range tests {
			got := []string{}
			list := must[store.Listed[store.Event]](t)(table.EventsWithin(t.Context(), "con_1", tt.window, every, store.Paging{}))
			for _, e := range list.Items {
				got = append(got, e.ID[4:])
			}
			if fmt.Sprint(got) != tt.want || list.Next != "" {
				t.Errorf("%s: %v, want %s (next %q)", name, got, tt.want, list.Next)
			}
		}
	})
}

// A list that is read part by part has everything once, while items come and go.
func TestAListPartByPartHasEverythingOnce(t *testing.T) {
	some := func(e store.Event) bool { return e.ID[6] != '0' }
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		note(t, table, "con_1", 12)
		partByPart(t, table, 1, every, 12)
		partByPart(t, table, 1, some, 10)
	})
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		note(t, table, "con_1", 230)
		for _, limit := range []int{7, 99, 100, 0} {
			partByPart(t, table, limit, every, 230)
			partByPart(t, table, limit, some, 207)
		}
	})
}

func partByPart(t *testing.T, table *store.Table, limit int, keep func(store.Event) bool, want int) {
	t.Helper()
	seen, p := map[string]bool{}, store.Paging{Limit: limit}
	for more := true; more; more = p.Cursor != "" {
		list := must[store.Listed[store.Event]](t)(table.EventsWithin(t.Context(), "con_1", store.Span{}, keep, p))
		if limit > 0 && len(list.Items) > limit {
			t.Errorf("limit %d: %d events", limit, len(list.Items))
		}
		for _, e := range list.Items {
			if seen[e.ID] {
				t.Errorf("limit %d: %s twice", limit, e.ID)
			}
			seen[e.ID] = true
		}
		p.Cursor = list.Next
	}
	if len(seen) != want {
		t.Errorf("limit %d: %d events", limit, len(seen))
	}
}

func TestACursorOfAnotherListIsRefused(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		events := note(t, table, "con_1", 3)
		list := must[store.Listed[store.Event]](t)(table.EventsWithin(t.Context(), "con_1", store.Span{}, every, store.Paging{Limit: 1}))
		p := store.Paging{Cursor: list.Next}
		_, foreign := table.EventsWithin(t.Context(), "con_2", store.Span{}, every, p)
		_, outside := table.EventsWithin(t.Context(), "con_1", store.Span{Until: events[1].ReceivedAt}, every, p)
		_, deliveries := table.DeliveriesWithin(t.Context(), "con_1", store.Span{}, func(store.Delivery) bool { return true }, p)
		_, nonsense := table.EventsWithin(t.Context(), "con_1", store.Span{}, every, store.Paging{Cursor: "%"})
		empty := base64.RawURLEncoding.EncodeToString([]byte(`["","",""]`))
		_, keyless := table.EventsWithin(t.Context(), "con_1", store.Span{}, every, store.Paging{Cursor: empty})
		for name, err := range map[string]error{"without keys": keyless, "of another connection": foreign, "outside the window": outside, "of deliveries": deliveries, "of none": nonsense} {
			if !errors.Is(err, store.ErrCursor) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// DynamoDB may leave keys of a batch over, and fail; neither is the end of a list.
func TestAListIsWholeWhenDynamoDBFalters(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		note(t, table, "con_1", 10)
		r.AWS.Inject(engine.Fault{Action: "BatchGetItem", Status: 500, Times: 2})
		list := must[store.Listed[store.Event]](t)(table.EventsWithin(t.Context(), "con_1", store.Span{}, every, store.Paging{}))
		if len(list.Items) != 10 {
			t.Errorf("%d events", len(list.Items))
		}
	})
}

func TestWhatIsParkedIsSummedUpByItsReason(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		events := note(t, table, "con_1", 120)
		for i, e := range events {
			reason := fault.Reason("lever_forbids")
			if i%3 == 0 {
				reason = "lever_refuses"
			}
			check(t, table.Commit(t.Context(), store.Commit{Event: e, State: store.Parked, Reason: reason}))
			time.Sleep(time.Second)
		}
		sums, all, err := table.ParkedReasons(t.Context(), "con_1")
		check(t, err)
		if !all || len(sums) != 2 || sums[0].Reason != "lever_forbids" || sums[0].Events != 80 || sums[1].Events != 40 || sums[0].Deliveries != 0 {
			t.Fatalf("%+v, all %v", sums, all)
		}
		if sums[1].Last-sums[1].First != 117_000 || sums[0].First-sums[1].First != 1000 {
			t.Errorf("times %+v", sums)
		}
		if none, all, err := table.ParkedReasons(t.Context(), "con_2"); err != nil || !all || len(none) != 0 {
			t.Errorf("%+v, %v", none, err)
		}
	})
}
