package worker

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"fulcrum/shared/fault"
	"fulcrum/shared/held"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/queue"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

const (
	// young is how old an event may be for Lever not to know yet what it tells of.
	young = 15 * time.Minute
	// tryFor is how long an event is tried before it is parked.
	tryFor = 72 * time.Hour
	// Failed tries are repeated after firstPause, then up to three times as late as
	// the one before, at most maxPause.
	firstPause = 5 * time.Second
	maxPause   = time.Hour
	// An event waits for its turn in the connection's rate for leastBusy, and longer
	// the older it is, up to mostBusy: a long queue must not ask all the time.
	leastBusy = 5 * time.Second
	mostBusy  = 5 * time.Minute
)

// parks reports whether no further try of an event can help, and under which
// reason it is parked.
func (w *Worker) parks(e store.Event, err error) (fault.Reason, bool) {
	if reason, parks := fault.Parks(err); parks {
		return reason, true
	}
	since := w.now().Sub(max(e.ReceivedAt, e.RetriedAt).Time())
	switch {
	case lever.NotFound(err):
		return "not_found_in_lever", since > young
	case lever.Forbidden(err):
		return held.Forbidden, true
	case errors.Is(err, partner.ErrStale):
		return "lever_gives_old_state", since > tryFor
	case lever.StatusOf(err) != 0 && !lever.Retryable(err):
		return "lever_refuses", true
	}
	return "tries_used_up", since > tryFor
}

// postpone has an event tried again later. Its message is done with then: how
// often SQS gives a message is left for what keeps us from getting this far.
func (w *Worker) postpone(ctx context.Context, log *slog.Logger, e store.Event, because error) error {
	wait, note := pause(e.Tries), w.table.Postpone
	if errors.Is(because, rate.ErrBusy) {
		// Waiting for one's turn is no failure.
		age := w.now().Sub(max(e.ReceivedAt, e.RetriedAt).Time())
		full := min(max(age/2, leastBusy), mostBusy)
		wait, note = full+rand.N(full), w.table.Delay
	}
	if err := note(ctx, e, lever.At(w.now().Add(wait))); err != nil {
		return errors.Join(because, err)
	}
	log.WarnContext(ctx, "event will be tried again", "in", wait.Round(time.Second).String(), "tries", e.Tries+1, "error", because.Error())
	if wait > queue.MaxDelay {
		return nil // the clock sends it
	}
	return w.events.Later(ctx, e.Partner, e.Message(), wait)
}

// pause is what follows so many failed tries before this one. A fifth of it is by
// chance, so that what failed together does not come back together.
func pause(tries int) time.Duration {
	full := firstPause
	for range min(tries, 10) {
		full = min(3*full, maxPause)
	}
	return full - full/10 + rand.N(full/5)
}
