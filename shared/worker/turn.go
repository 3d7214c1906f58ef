package worker

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"fulcrum/shared/rate"
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

// turns lets a few events of each connection pass at a time.
type turns struct {
	mu   sync.Mutex
	open map[string]*turn
}

type turn struct {
	*semaphore.Weighted
	users int
}

func newTurns() *turns { return &turns{open: map[string]*turn{}} }

// take waits for a turn, which done gives back. It fails with rate.ErrBusy.
func (t *turns) take(ctx context.Context, connectionID string) (done func(), err error) {
	mine := t.join(connectionID)
	ctx, stop := context.WithTimeout(ctx, waitsFor)
	defer stop()
	if mine.Acquire(ctx, 1) != nil {
		t.leave(connectionID)
		return nil, rate.ErrBusy
	}
	return func() {
		mine.Release(1)
		t.leave(connectionID)
	}, nil
}

func (t *turns) join(connectionID string) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	mine, ok := t.open[connectionID]
	if !ok {
		mine = &turn{Weighted: semaphore.NewWeighted(atOnce)}
		t.open[connectionID] = mine
	}
	mine.users++
	return mine
}

// leave forgets a connection that nobody works for.
func (t *turns) leave(connectionID string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if mine := t.open[connectionID]; mine.users > 1 {
		mine.users--
	} else {
		delete(t.open, connectionID)
	}
}
