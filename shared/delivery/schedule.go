package delivery

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// maxAttempts is how many attempts there are before a delivery is parked. With
// the shortest pauses they take three days and five hours.
const maxAttempts = 14

// pause is what follows an attempt that is the n-th, from 1: seconds at first,
// then half a day. A tenth of it is by chance either way, so that what failed
// together does not come back together. There is none after the last.
func pause(n int) (time.Duration, bool) {
	const m, h = time.Minute, time.Hour
	pauses := [maxAttempts - 1]time.Duration{5 * time.Second, m, 5 * m, 20 * m, h, 3 * h, 6 * h, 12 * h, 12 * h, 12 * h, 12 * h, 12 * h, 16 * h}
	if n > len(pauses) {
		return 0, false
	}
	full := pauses[n-1]
	return full - full/10 + rand.N(full/5), true
}

// maxAsked is the longest pause that an endpoint may ask for.
const maxAsked = 24 * time.Hour

// asked is how long the endpoint asked to be left alone: the header Retry-After of
// 429 and 503, in seconds or as a date (RFC 9110, 10.2.3).
func asked(res *http.Response, now time.Time) time.Duration {
	if res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	header := res.Header.Get("Retry-After")
	wait := time.Duration(0)
	if seconds, err := strconv.Atoi(header); err == nil {
		wait = time.Duration(min(max(seconds, 0), int(maxAsked/time.Second))) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxAsked)
}
