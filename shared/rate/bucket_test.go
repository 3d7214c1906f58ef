package rate_test

import (
	"context"
	"sync"
	"time"

	"fulcrum/shared/lever"
)

// use is the rule of a connection's bucket, as if one came after the other: who takes
// d of the rate at a time gets it if no more than ahead of the time is used then.
func use(until, now lever.Time, d, ahead time.Duration) (lever.Time, bool) {
	if after := until + ms(d); until <= now {
		return now + ms(d), true
	} else if after <= now+ms(ahead) {
		return after, true
	}
	return until, false
}

func ms(d time.Duration) lever.Time { return lever.Time(d.Milliseconds()) }

// bucket is a rate.Table that is nothing but the rule. The table of the store is held
// against the same rule (TestTheTableIsABucket), so that a Limiter can be tried with
// this one, which costs nothing.
type bucket struct {
	mu    *sync.Mutex
	until map[string]lever.Time // by connection
	now   func() time.Time
}

func newBucket() bucket {
	return bucket{mu: &sync.Mutex{}, until: map[string]lever.Time{}, now: time.Now}
}

// skewed is the bucket as a function sees it whose clock is off.
func (b bucket) skewed(skew time.Duration) bucket {
	b.now = off(skew)
	return b
}

func (b bucket) Use(ctx context.Context, connectionID string, d, ahead time.Duration, _ lever.Time) (lever.Time, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	after, taken := use(b.until[connectionID], lever.At(b.now()), d, ahead)
	b.until[connectionID] = after
	return after, taken, ctx.Err()
}

func (b bucket) Slow(ctx context.Context, connectionID string, until lever.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.until[connectionID] = max(b.until[connectionID], until)
	return ctx.Err()
}
