package delivery

import (
	"context"
	"time"

	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

const (
	// tripsAt is how many attempts in a row, of any deliveries, have to fail before
	// the endpoint rests.
	tripsAt = 5
	// A resting endpoint is probed at first every leastRest, later less often.
	leastRest = 30 * time.Second
	mostRest  = 5 * time.Minute
	// waitsAtMost is how long a delivery waits for an endpoint that rests.
	waitsAtMost = 4 * 24 * time.Hour
)

// may reports whether an attempt may be made now. While the endpoint rests one at
// a time may, to see whether it is back; the others wait without having failed.
func (d *Deliverer) may(ctx context.Context, e store.Endpoint) (bool, error) {
	if e.RestsSince == 0 {
		return true, nil
	}
	now := d.now()
	if lever.At(now) < e.ProbeAt {
		return false, nil
	}
	return d.table.Probe(ctx, e, lever.At(now.Add(rest(now.Sub(e.RestsSince.Time())))))
}

// rest is the pause to the next probe of an endpoint that has rested for so long.
func rest(since time.Duration) time.Duration { return min(max(since/10, leastRest), mostRest) }

// failed counts a failure of the endpoint, and lets it rest when there are too
// many.
func (d *Deliverer) failed(ctx context.Context, e store.Endpoint) error {
	e, err := d.table.Failed(ctx, e)
	if err != nil || e.Failures < tripsAt || e.RestsSince != 0 {
		return err
	}
	_, err = d.table.Probe(ctx, e, lever.At(d.now().Add(leastRest)))
	return err
}
