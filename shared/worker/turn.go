package worker

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

const (
	// atOnce is how many events of one connection are worked on at a time here.
	// More would only wait for each other in the connection's rate, and keep the
	// events of others from being begun.
	atOnce = 4
	// waitsFor is how long an event waits for its turn before it goes back into
	// the queue.
	waitsFor = 500 * time.Millisecond
)

// queued is whose turn it is: what we found ourselves has turns of its own, because
// it waits long for its calls, and what Lever tells must not wait behind it.
type queued struct {
	connection string
	urgency    rate.Class
}

func turnOf(e store.Event) queued { return queued{e.Connection, urgency(e)} }

// turns lets a few events of each connection and urgency pass at a time.
type turns struct {
	mu   sync.Mutex
	open map[queued]*turn
}

type turn struct {
	*semaphore.Weighted
	users int
}

func newTurns() *turns { return &turns{open: map[queued]*turn{}} }

// take waits for a turn, which done gives back. It fails with rate.ErrBusy.
func (t *turns) take(ctx context.Context, who queued) (done func(), err error) {
	mine := t.join(who)
	ctx, stop := context.WithTimeout(ctx, waitsFor)
	defer stop()
	if mine.Acquire(ctx, 1) != nil {
		t.leave(who)
		return nil, rate.ErrBusy
	}
	return func() {
		mine.Release(1)
		t.leave(who)
	}, nil
}

func (t *turns) join(who queued) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	mine, ok := t.open[who]
	if !ok {
		mine = &turn{Weighted: semaphore.NewWeighted(atOnce)}
		t.open[who] = mine
	}
	mine.users++
	return mine
}

// leave forgets whose turns nobody wants.
func (t *turns) leave(who queued) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if mine := t.open[who]; mine.users > 1 {
		mine.users--
	} else {
		delete(t.open, who)
	}
}
