package rate_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/shared/lever"
	"fulcrum/shared/rate"
)

// spy is a bucket that notes how much is asked of it at a time.
type spy struct {
	bucket
	asked *[]time.Duration
}

func (s spy) Use(ctx context.Context, connectionID string, d, ahead time.Duration, known lever.Time) (lever.Time, bool, error) {
	time.Sleep(10 * time.Millisecond) // the others come meanwhile
	*s.asked = append(*s.asked, d)
	return s.bucket.Use(ctx, connectionID, d, ahead, known)
}

// Who is alone takes one call at a time, also after others have waited beside: what is
// taken and not made is lost to all.
func TestNoMoreIsTakenThanIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := spy{newBucket(), &[]time.Duration{}}
		l := rate.New(s, "con_1", rate.Interactive, time.Now)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := l.Wait(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if most := slices.Max(*s.asked); most != 5*rate.PerCall {
			t.Errorf("eight beside each other take %v at once, of at most five calls", most)
		}
		time.Sleep(time.Minute)
		*s.asked = nil
		for range 3 {
			if err := l.Wait(t.Context()); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Second)
		}
		if !slices.Equal(*s.asked, []time.Duration{rate.PerCall, rate.PerCall, rate.PerCall}) {
			t.Errorf("one alone takes %v", *s.asked)
		}
	})
}

// What is taken ahead is one request, is found by who waits, and is given up once it is
// old. No more is asked for while there is nothing to be had.
func TestWhatIsTakenAheadIsFound(t *testing.T) {
	tests := map[string]struct {
		do   func(ready, wait func(calls int))
		asks []time.Duration // in calls
	}{
		"what is taken is enough":  {func(ready, wait func(int)) { ready(2); wait(2) }, []time.Duration{2}},
		"each takes what it needs": {func(ready, wait func(int)) { ready(2); ready(2); wait(4) }, []time.Duration{2, 2}},
		"one more is asked for":    {func(ready, wait func(int)) { ready(2); wait(3) }, []time.Duration{2, 1}},
		"it is too late":           {func(ready, wait func(int)) { ready(2); time.Sleep(time.Second); wait(1) }, []time.Duration{2, 1}},
		"the first ones' end is all's": {func(ready, wait func(int)) {
			ready(1)
			time.Sleep(400 * time.Millisecond)
			ready(1)
			time.Sleep(200 * time.Millisecond)
			wait(1)
		}, []time.Duration{1, 1, 1}},
		"five are the most at a time":   {func(ready, wait func(int)) { ready(9) }, []time.Duration{5}},
		"there is no more to be had":    {func(ready, wait func(int)) { ready(5); ready(3); ready(5); ready(5) }, []time.Duration{5, 3, 5, 1}},
		"who waits has it asked for on": {func(ready, wait func(int)) { ready(5); ready(3); ready(1); wait(9) }, []time.Duration{5, 3, 1, 1}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := spy{newBucket(), &[]time.Duration{}}
				l := rate.New(s, "con_1", rate.Event, time.Now)
				tt.do(
					func(calls int) {
						if err := l.Ready(t.Context(), calls); err != nil {
							t.Error(err)
						}
					},
					func(calls int) {
						for range calls {
							if err := l.Wait(t.Context()); err != nil {
								t.Error(err)
							}
						}
					})
				for i := range tt.asks {
					tt.asks[i] *= rate.PerCall
				}
				if !slices.Equal(*s.asked, tt.asks) {
					t.Errorf("the table is asked for %v, want %v", *s.asked, tt.asks)
				}
			})
		})
	}
}

func TestTakingAheadEndsWithTheEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if err := rate.New(newBucket(), "con_1", rate.Event, time.Now).Ready(ctx, 2); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}

// The pause is between half and one and a half of what it grows to, and what a full
// bucket may use ahead comes on top.
func TestAThrottledConnectionIsSlowForSoLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket()
		l := rate.New(b, "con_1", rate.Event, time.Now)
		for _, pause := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
			pause *= time.Second
			if err := l.Throttled(t.Context()); err != nil {
				t.Fatal(err)
			}
			if slow := time.Until(b.until["con_1"].Time()) - time.Second; slow < pause/2 || slow > pause*3/2 {
				t.Errorf("the pause is %v, of about %v", slow, pause)
			}
			time.Sleep(time.Hour)
		}
	})
}

// refusing is a table that has nothing, and says that it might have something now.
type refusing struct {
	bucket
	asked *int
}

func (r refusing) Use(ctx context.Context, _ string, _, _ time.Duration, _ lever.Time) (lever.Time, bool, error) {
	*r.asked++
	return lever.At(r.now()), false, ctx.Err()
}

// However often the table is asked in vain, no call is made that it has not given, and
// it is not asked all the time.
func TestNoCallIsMadeThatWasNotGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if err := rate.New(refusing{newBucket(), &asked}, "con_1", rate.Interactive, time.Now).Wait(ctx); err == nil {
			t.Errorf("a call is made after %d refusals", asked)
		}
		if asked < 1000 || asked > 20_000 {
			t.Errorf("the table is asked %d times in a minute", asked)
		}
	})
}
