package schedule

import (
	"context"
	"errors"
	"time"

	"fulcrum/local/lambda"
	"fulcrum/shared/pause"
)

const maxBackoff = 5 * time.Minute

// try is one event on its way.
type try struct {
	begin   time.Time
	failed  int // times the function failed
	refused int // times Lambda did not take it
	backoff time.Duration
}

// deliver gives an event to its function as Lambda's asynchronous queue does: an
// error of the function is tried again after one minute and then after two, a
// throttle with growing pauses, both until the event is too old. An event that
// Lambda does not take at all is tried by the schedule's own policy.
func (c *Clock) deliver(ctx context.Context, e entry, event []byte) {
	t := try{begin: time.Now(), backoff: time.Second}
	for {
		answer, err := c.options.Invoke(context.WithoutCancel(ctx), e.Function, event)
		if err == nil && !answer.Failed {
			return
		}
		wait, again := t.after(e, err)
		reason := "the function failed"
		if err != nil {
			reason = err.Error()
		}
		if !again {
			c.options.Log.Error("scheduled event is given up", "function", e.Function, "schedule", e.ARN, "reason", reason)
			return
		}
		c.options.Log.Warn("scheduled event will be tried again", "function", e.Function, "schedule", e.ARN, "again_in", wait.String(), "reason", reason)
		if !pause.For(ctx, wait) {
			return
		}
	}
}

// after says how long to wait before the next try, if there is one. A nil err is
// a failure of the function.
func (t *try) after(e entry, err error) (wait time.Duration, again bool) {
	limit := e.async
	switch {
	case err == nil:
		t.failed++
		wait, again = time.Duration(t.failed)*time.Minute, t.failed <= limit.Attempts
	case errors.Is(err, lambda.ErrThrottled):
		wait, again = t.grow(), true
	default:
		limit = e.Retry
		t.refused++
		wait, again = t.grow(), t.refused <= limit.Attempts
	}
	return wait, again && time.Since(t.begin)+wait <= limit.Age
}

func (t *try) grow() time.Duration {
	wait := t.backoff
	t.backoff = min(2*t.backoff, maxBackoff)
	return wait
}
