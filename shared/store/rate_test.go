package store_test

import (
	"maps"
	"testing"
	"time"

	"fulcrum/local/rig"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// at is a time on the day of the tests.
func at(ms int64) lever.Time {
	return lever.At(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)) + lever.Time(ms)
}

// What is taken of a rate goes on from what was taken, as far ahead as one may; who is
// not given any is told what is taken. package rate holds races against the same rule.
func TestTheRateIsTakenToItsEdgeAndNotBeyond(t *testing.T) {
	const second, tenth = time.Second, time.Second / 10
	tests := map[string]struct {
		used  int64 // until when the rate is used before, in ms from now; 0 is never
		d     time.Duration
		known int64 // what the caller was told last
		until int64
		taken bool
	}{
		"of a full bucket":                          {0, tenth, 0, 100, true},
		"of one that became full this very moment":  {-1, tenth, -1, 100, true},
		"of one in use":                             {400, tenth, 400, 500, true},
		"of one in use, of which nothing was known": {400, tenth, 0, 500, true},
		"as far as one may":                         {900, tenth, 900, 1000, true},
		"as far as one may, at once":                {500, second / 2, 500, 1000, true},
		"no further":                                {901, tenth, 901, 901, false},
		"no further, of which nothing was known":    {901, tenth, 0, 901, false},
		"not many, though one might":                {700, second / 2, 700, 700, false},
		"of one that is emptier than was known":     {400, tenth, 950, 500, true},
		"of one that is full and was not":           {0, tenth, 950, 100, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
				time.Sleep(time.Until(at(0).Time()))
				if tt.used != 0 {
					check(t, table.Slow(t.Context(), "con_1", at(tt.used)))
				}
				known := lever.Time(0)
				if tt.known != 0 {
					known = at(tt.known)
				}
				until, taken, err := table.Use(t.Context(), "con_1", tt.d, second, known)
				if err != nil || taken != tt.taken || until != at(tt.until) {
					t.Errorf("until %d ms, taken %v, %v; want %d, %v", until-at(0), taken, err, tt.until, tt.taken)
				}
			})
		})
	}
}

func TestABucketIsFullAtTheMomentItSays(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		time.Sleep(time.Until(at(0).Time()))
		for range 3 {
			until, taken, err := table.Use(t.Context(), "con_1", time.Second, time.Second, 0)
			if err != nil || !taken || until != lever.At(time.Now().Add(time.Second)) {
				t.Fatalf("until %v, taken %v, %v", until.Time(), taken, err)
			}
			time.Sleep(time.Second)
		}
	})
}

// Slowing down never speeds up.
func TestTheSlowestCounts(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		time.Sleep(time.Until(at(0).Time()))
		for _, until := range []int64{3000, 2000, 3001, 1} {
			check(t, table.Slow(t.Context(), "con_1", at(until)))
		}
		if until, taken, err := table.Use(t.Context(), "con_1", time.Second, time.Second, 0); err != nil || taken || until != at(3001) {
			t.Errorf("until %d, taken %v, %v", until-at(0), taken, err)
		}
	})
}

// What was used is summed up by day in UTC, and forgotten after a while.
func TestWhatWasUsedOfTheRateIsSummedUpByDay(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		take := func(d time.Duration) {
			t.Helper()
			if _, taken, err := table.Use(t.Context(), "con_1", d, time.Minute, 0); err != nil || !taken {
				t.Fatalf("taken %v, %v", taken, err)
			}
		}
		time.Sleep(time.Until(at(0).Time()))
		if days := must[map[string]time.Duration](t)(table.Used(t.Context(), "con_1")); len(days) != 0 {
			t.Errorf("of nothing: %v", days)
		}
		take(200 * time.Millisecond)
		take(300 * time.Millisecond)
		check(t, table.Slow(t.Context(), "con_1", at(5000)))
		time.Sleep(12 * time.Hour)
		take(time.Second)
		want := map[string]time.Duration{"2026-11-21": 500 * time.Millisecond, "2026-11-22": time.Second}
		if days := must[map[string]time.Duration](t)(table.Used(t.Context(), "con_1")); !maps.Equal(days, want) {
			t.Errorf("%v, want %v", days, want)
		}
		for range 37 { // every day something, so that each day's end is forgotten in its turn
			time.Sleep(24 * time.Hour)
			take(100 * time.Millisecond)
		}
		days := must[map[string]time.Duration](t)(table.Used(t.Context(), "con_1"))
		_, first := days["2026-11-22"]
		_, kept := days["2026-11-24"]
		if first || !kept || len(days) != 36 {
			t.Errorf("%d days are kept: %v", len(days), days)
		}
	})
}
