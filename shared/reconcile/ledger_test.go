package reconcile_test

import (
	"testing"
	"time"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// connected has the connection of the bench be there.
func (b bench) connected() {
	b.Helper()
	if err := b.table.PutConnection(b.Context(), store.Connection{ID: "con_1", Partner: "joinedly"}); err != nil {
		b.Fatal(err)
	}
}

// alerts are the open attention items of a reason.
func (b bench) alerts(reason fault.Reason) (open int) {
	b.Helper()
	items, err := b.table.Attentions(b.Context(), "con_1", store.Paging{})
	if err != nil {
		b.Fatal(err)
	}
	for _, a := range items.Items {
		if a.Reason == reason && a.ClearedAt == 0 {
			open++
		}
	}
	return open
}

// What waits for over an hour is told once, to people and to the partner, and the
// item closes by itself when it is over.
func TestWhatWaitsTooLongIsToldOnce(t *testing.T) {
	later := func(b bench) lever.Time { return lever.At(time.Now().Add(3 * time.Hour)) }
	tests := map[string]struct {
		begin func(b bench) (end func() error)
		told  bool
	}{
		"an event that fails again and again": {func(b bench) func() error {
			e := b.note("evt_1")
			if err := b.table.Postpone(b.Context(), e, later(b)); err != nil {
				b.Fatal(err)
			}
			return func() error { return b.table.Commit(b.Context(), store.Commit{Event: e, State: store.Unchanged}) }
		}, true},
		"a delivery that is refused": {func(b bench) func() error {
			d := b.queued("evt_1")
			if err := b.table.Attempted(b.Context(), d, store.Attempt{Status: 422}, later(b)); err != nil {
				b.Fatal(err)
			}
			return func() error { _, err := b.table.Arrive(b.Context(), d, store.Attempt{Status: 204}); return err }
		}, true},
		"a delivery to an endpoint that is away": {func(b bench) func() error {
			d := b.queued("evt_1")
			e, err := b.table.Endpoint(b.Context(), "joinedly")
			if err == nil {
				_, err = b.table.Failed(b.Context(), e)
			}
			if err != nil {
				b.Fatal(err)
			}
			return func() error { _, err := b.table.Arrive(b.Context(), d, store.Attempt{Status: 204}); return err }
		}, false},
		"an event that is parked": {func(b bench) func() error {
			e := b.note("evt_1")
			if err := b.table.Commit(b.Context(), store.Commit{Event: e, State: store.Parked, Reason: "lever_forbids"}); err != nil {
				b.Fatal(err)
			}
			return func() error { return nil }
		}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, func(b bench) {
				b.connected()
				end := tt.begin(b)
				time.Sleep(time.Hour)
				b.do("ledger")
				if n := b.alerts("waiting_too_long") + len(b.taken("deliveries")); n != 0 {
					b.Errorf("%d told within the hour", n)
				}
				time.Sleep(time.Minute)
				b.do("ledger")
				b.do("ledger")
				if items, told := b.alerts("waiting_too_long"), len(b.taken("deliveries")); (items == 1) != tt.told || (told == 1) != tt.told {
					b.Fatalf("%d items, %d documents; want them: %v", items, told, tt.told)
				}
				if err := end(); err != nil {
					b.Fatal(err)
				}
				b.do("ledger")
				if n := b.alerts("waiting_too_long"); n != 0 {
					b.Errorf("%d items open when it is over", n)
				}
			})
		})
	}
}

func TestTheLedgerIsChecked(t *testing.T) {
	tests := map[string]struct {
		after time.Duration
		do    func(b bench, e store.Event) error
		gap   bool
	}{
		"an event that is young":        {time.Minute, nil, false},
		"an event that nobody works on": {16 * time.Minute, nil, true},
		"an event that waits for its time": {20 * time.Minute, func(b bench, e store.Event) error {
			return b.table.Postpone(b.Context(), e, lever.At(time.Now().Add(time.Hour)))
		}, false},
		"an event whose time is long past": {2 * time.Hour, func(b bench, e store.Event) error {
			return b.table.Postpone(b.Context(), e, lever.At(time.Now().Add(time.Hour)))
		}, true},
		"an event that has ended": {time.Hour, func(b bench, e store.Event) error {
			return b.table.Commit(b.Context(), store.Commit{Event: e, State: store.Unchanged})
		}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, func(b bench) {
				b.connected()
				e := b.note("evt_1")
				if tt.do != nil {
					if err := tt.do(b, e); err != nil {
						b.Fatal(err)
					}
				}
				time.Sleep(tt.after)
				b.do("ledger")
				if got := b.alerts("events_stuck"); (got == 1) != tt.gap {
					b.Errorf("%d attention items, want one: %v", got, tt.gap)
				}
				if !tt.gap {
					return
				}
				if err := b.table.Commit(b.Context(), store.Commit{Event: e, State: store.Unchanged}); err != nil {
					b.Fatal(err)
				}
				b.do("ledger")
				if got := b.alerts("events_stuck"); got != 0 {
					b.Errorf("%d attention items when it has ended", got)
				}
			})
		})
	}
}

// Windows that are not even looked at are told of by another task than theirs.
func TestWindowsThatNobodyLooksAtAreTold(t *testing.T) {
	in(t, func(b bench) {
		b.connected()
		if err := b.table.StartWindows(b.Context(), "con_1"); err != nil {
			b.Fatal(err)
		}
		time.Sleep(store.WindowEvery + 59*time.Minute)
		b.do("ledger")
		if n := b.alerts("reconciliation_behind") + len(b.taken("deliveries")); n != 0 {
			b.Errorf("%d told within the hour", n)
		}
		time.Sleep(2 * time.Minute)
		b.do("ledger")
		b.do("ledger")
		if items, told := b.alerts("reconciliation_behind"), len(b.taken("deliveries")); items != 1 || told != 1 {
			b.Errorf("%d items, %d documents", items, told)
		}
		w, err := b.table.Window(b.Context(), "con_1")
		if err == nil {
			_, err = b.table.Report(b.Context(), w, store.Report{From: w.Until, Until: lever.At(time.Now())})
		}
		if err != nil {
			b.Fatal(err)
		}
		b.do("ledger")
		if n := b.alerts("reconciliation_behind"); n != 0 {
			b.Errorf("%d items when it is compared again", n)
		}
	})
}
