package hook

import (
	"context"
	"sync"
)

// Jobs are work in the background that ends when they are closed.
type Jobs struct {
	ctx  context.Context
	stop context.CancelFunc

	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

// NewJobs makes a place for work.
func NewJobs() *Jobs {
	ctx, stop := context.WithCancel(context.Background())
	return &Jobs{ctx: ctx, stop: stop}
}

// Go starts work unless the jobs are closed. The context ends with them.
func (j *Jobs) Go(work func(context.Context)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.closed {
		j.wg.Go(func() { work(j.ctx) })
	}
}

// Done is closed when the jobs are.
func (j *Jobs) Done() <-chan struct{} { return j.ctx.Done() }

// Close ends all work and waits for it.
func (j *Jobs) Close() {
	j.mu.Lock()
	j.closed = true
	j.mu.Unlock()
	j.stop()
	j.wg.Wait()
}
