package api

import (
	"net/http"
	"sync"
	"time"

	"fulcrum/local/twin/account"
)

// bucket is a token bucket: full at burst, refilled at rate.
type bucket struct {
	level float64
	at    time.Time
}

// buckets has one bucket for each credential. Lever publishes one per API key;
// how it counts apps is not known.
type buckets struct {
	rate, burst float64

	mu   sync.Mutex
	list map[string]*bucket
}

// take reports whether the owner may make a call now.
func (b *buckets) take(owner string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	x := b.list[owner]
	if x == nil {
		x = &bucket{level: b.burst, at: now}
		b.list[owner] = x
	}
	if passed := now.Sub(x.at); passed > 0 {
		x.level = min(b.burst, x.level+passed.Seconds()*b.rate)
		x.at = now
	}
	// A little less than a whole is rounding, not a call too early.
	if x.level < 1-1e-9 {
		return false
	}
	x.level--
	return true
}

// tooMany has Lever's error shape; its code was never seen. There is no
// Retry-After.
func tooMany() *account.Error {
	return &account.Error{Status: http.StatusTooManyRequests, Code: "TooManyRequestsError", Message: "Rate limit exceeded."}
}
