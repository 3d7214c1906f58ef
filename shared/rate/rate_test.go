package rate_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/boot"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

// calls are when calls were made, by whom.
type calls struct {
	mu    sync.Mutex
	times []time.Time
	by    map[string]int
}

// add notes a call, and reports whether there may be more: without a rate there is no
// end of them.
func (c *calls) add(who string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.times = append(c.times, time.Now())
	c.by[who]++
	return len(c.times) < 10_000
}

// table is a stack's table as a function sees it whose clock is off by skew.
func table(t *testing.T, r *rig.Rig, skew time.Duration) *store.Table {
	env := r.Env(t, "PartnerJoinedlySync")
	return store.New(env.AWS("DYNAMODB", boot.Working), env.Need("TABLE"), nil, off(skew))
}

func off(skew time.Duration) func() time.Time {
	return func() time.Time { return time.Now().Add(skew) }
}

// worker is a function that makes calls of a class, as fast as it may, some side
// by side, and dawdles between taking a call and making it. It may take calls ahead,
// and make them or not.
type worker struct {
	name   string
	class  rate.Class
	skew   time.Duration
	beside int
	dawdle time.Duration
	ahead  int
}

// run lets workers call for a while, and gives what they did.
func run(t *testing.T, d time.Duration, workers ...worker) *calls {
	t.Helper()
	return runWith(t, func(*testing.T) func(time.Duration) rate.Table {
		b := newBucket()
		return func(skew time.Duration) rate.Table { return b.skewed(skew) }
	}, d, workers...)
}

// runWith is run with a table, which begin gives as a function sees it whose clock is
// off.
func runWith(t *testing.T, begin func(t *testing.T) func(skew time.Duration) rate.Table, d time.Duration, workers ...worker) *calls {
	t.Helper()
	made := &calls{by: map[string]int{}}
	synctest.Test(t, func(t *testing.T) {
		table := begin(t)
		ctx, stop := context.WithTimeout(t.Context(), d)
		defer stop()
		var all sync.WaitGroup
		for _, w := range workers {
			l := rate.New(table(w.skew), "con_1", w.class, off(w.skew))
			for range max(w.beside, 1) {
				all.Go(func() {
					for l.Wait(ctx) == nil && made.add(w.name) {
						if w.ahead > 0 && l.Ready(ctx, w.ahead) != nil {
							return
						}
						if w.dawdle > 0 {
							time.Sleep(rand.N(w.dawdle))
						}
					}
				})
			}
		}
		all.Wait()
	})
	return made
}

// tooMany is the worst window of calls, empty if none has more than 10 a second
// and 20.
func tooMany(times []time.Time) string {
	slices.SortFunc(times, time.Time.Compare)
	for i := range times {
		for j := i + 20; j < len(times); j++ {
			window := times[j].Sub(times[i])
			if n := j - i + 1; float64(n) > 10*window.Seconds()+20 {
				return fmt.Sprintf("%d calls in %v", n, window)
			}
		}
	}
	return ""
}

func TestNeverMoreThanLeverAllows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var workers []worker
		for i := range rapid.IntRange(1, 4).Draw(rt, "workers") {
			workers = append(workers, worker{
				name: fmt.Sprint(i), class: rate.Class(rapid.IntRange(0, 2).Draw(rt, "class")),
				skew:   time.Duration(rapid.IntRange(-250, 250).Draw(rt, "skew ms")) * time.Millisecond,
				beside: rapid.IntRange(1, 10).Draw(rt, "beside"),
				dawdle: time.Duration(rapid.IntRange(0, 3000).Draw(rt, "dawdle ms")) * time.Millisecond,
				ahead:  rapid.IntRange(0, 7).Draw(rt, "ahead"),
			})
		}
		made := run(t, 20*time.Second, workers...)
		if worst := tooMany(made.times); worst != "" {
			rt.Fatalf("%s by %+v", worst, workers)
		}
	})
}

// With the table itself, whose answers are lost now and then, it is the same.
func TestTheTableKeepsTheRate(t *testing.T) {
	made := runWith(t, func(t *testing.T) func(time.Duration) rate.Table {
		r := rig.New(t, engine.Options{})
		r.AWS.Inject(engine.Fault{Action: "UpdateItem", DropAnswer: true, Times: 5})
		return func(skew time.Duration) rate.Table { return table(t, r, skew) }
	}, 20*time.Second, worker{name: "a", class: rate.Event, beside: 5, skew: 200 * time.Millisecond},
		worker{name: "b", class: rate.Interactive, skew: -200 * time.Millisecond}, worker{name: "c", class: rate.Backfill, beside: 5})
	if worst := tooMany(made.times); worst != "" || len(made.times) < 150 {
		t.Errorf("%d calls of 200, %s", len(made.times), worst)
	}
}

func TestTheRateIsUsed(t *testing.T) {
	tests := map[string][]worker{
		"by one who calls one after the other": {{name: "a", class: rate.Event}},
		"by one who calls side by side":        {{name: "a", class: rate.Event, beside: 10}},
		"by many":                              {{name: "a", class: rate.Event, beside: 3}, {name: "b", class: rate.Event, beside: 3}, {name: "c", class: rate.Event}},
		"by a long walk alone":                 {{name: "a", class: rate.Backfill, beside: 4}},
	}
	for name, workers := range tests {
		t.Run(name, func(t *testing.T) {
			if made := run(t, time.Minute, workers...); len(made.times) < 540 {
				t.Errorf("%d calls in a minute, of 600", len(made.times))
			}
		})
	}
}

func TestTheUrgentComeFirst(t *testing.T) {
	made := run(t, time.Minute,
		worker{name: "interactive", class: rate.Interactive, dawdle: time.Second}, // two a second
		worker{name: "event", class: rate.Event, beside: 10},
		worker{name: "backfill", class: rate.Backfill, beside: 10},
	)
	if got := made.by["interactive"]; got < 100 {
		t.Errorf("%d interactive calls in a minute beside events; two a second are kept for them", got)
	}
	if events, walk := made.by["event"], made.by["backfill"]; walk*10 > events {
		t.Errorf("%d calls of a walk beside %d of events", walk, events)
	}
}

func TestAnInteractiveCallHardlyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		both := newBucket()
		ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
		defer stop()
		busy := rate.New(both, "con_1", rate.Event, time.Now)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				for n := 0; n < 1000 && busy.Wait(ctx) == nil; n++ {
				}
			})
		}
		urgent := rate.New(both, "con_1", rate.Interactive, time.Now)
		for range 60 {
			time.Sleep(500 * time.Millisecond)
			start := time.Now()
			if urgent.Wait(ctx) == nil && time.Since(start) > 250*time.Millisecond {
				t.Errorf("an interactive call waited %v", time.Since(start))
			}
		}
		all.Wait()
	})
}

func TestThrottlingSlowsTheWholeConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rig.New(t, engine.Options{})
		one := rate.New(table(t, r, 0), "con_1", rate.Event, time.Now)
		other := rate.New(table(t, r, 0), "con_1", rate.Interactive, time.Now)
		foreign := rate.New(table(t, r, 0), "con_2", rate.Event, time.Now)
		last := time.Duration(0)
		for i := range 8 {
			if err := one.Throttled(t.Context()); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			if err := other.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			waited := time.Since(start)
			if waited < 400*time.Millisecond || waited > 50*time.Second || i > 4 && waited < 4*time.Second {
				t.Errorf("after %d times in a row the pause is %v, before it was %v", i+1, waited, last)
			}
			last = waited
			if err := foreign.Wait(t.Context()); err != nil || time.Since(start) > waited {
				t.Errorf("another connection waits too: %v", err)
			}
		}
		one.Passed()
		if err := one.Throttled(t.Context()); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if err := other.Wait(t.Context()); err != nil || time.Since(start) > 4*time.Second {
			t.Errorf("after an answer the first pause is %v, %v", time.Since(start), err)
		}
	})
}

func TestWaitingEndsWithTheEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rig.New(t, engine.Options{})
		l := rate.New(table(t, r, 0), "con_1", rate.Event, time.Now)
		if err := l.Throttled(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer stop()
		if err := l.Wait(ctx); err == nil {
			t.Error("a call passed")
		}
		r.AWS.Inject(engine.Fault{Service: "dynamodb", Status: 400, Code: "AccessDenied", Times: 1})
		if err := l.Wait(t.Context()); err == nil {
			t.Error("a call passed without the table")
		}
	})
}
