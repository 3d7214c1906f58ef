package lever

import "time"

// Window is a span of time. Both ends are counted in, as Lever counts them; an end
// that is zero is open.
type Window struct{ From, Until Time }

// Windows cuts time into n windows, at least one, that touch and do not overlap:
// those between the first and the last are of one length between from and until,
// and the first is open to the past, the last to the future. Whatever from and
// until are, nothing falls out; they only have to be near enough to what is there
// that the windows hold about as much.
func Windows(from, until time.Time, n int) []Window {
	n = max(n, 1)
	windows := make([]Window, n)
	step := max(until.Sub(from).Milliseconds()/int64(n), 1)
	for i := range n - 1 {
		end := At(from) + Time(step*int64(i+1))
		windows[i].Until, windows[i+1].From = end-1, end
	}
	return windows
}
