// Package rate keeps all functions that work for a connection within the rate that
// Lever allows its credential: a bucket of 10 calls a second with bursts of 20
// (hire.lever.co/developer/documentation#rate-limits). The bucket is in the table;
// functions take calls from it, several at a time when several wait.
//
// A call may be made late after it was taken, and clocks of functions differ. Both
// would let calls bunch, so the bucket here is smaller than Lever's burst: in any
// t seconds Lever sees at most 10·t + 20 calls as long as clocks differ by at most
// half a second.
package rate

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"fulcrum/shared/lever"
	"fulcrum/shared/pause"
)

const (
	// PerCall is what a call uses of the rate: a tenth of a second.
	PerCall = 100 * time.Millisecond
	// burst is how many calls may be made at once.
	burst = 10
	// most is how many calls are taken at a time.
	most = 5
	// life is how long a taken call may be made; what is not made by then is
	// given up.
	life = 500 * time.Millisecond
	// longest is the longest pause after Lever has throttled.
	longest = 30 * time.Second
)

// Class says how urgent a call is. The less urgent leave room for the more urgent.
type Class int

// The classes of calls.
const (
	// Interactive is for writes that somebody waits for. Two calls a second are
	// kept for them whatever else there is to do.
	Interactive Class = iota
	// Event is for working off events.
	Event
	// Backfill is for long walks. It uses what events leave.
	Backfill
)

// ahead is how much of the rate may be used ahead of time by a class.
func (c Class) ahead() time.Duration {
	switch c {
	case Interactive:
		return burst * PerCall
	case Event:
		return (burst - 2) * PerCall
	}
	return (burst - 5) * PerCall
}

// Table has the buckets; see store.Table.
type Table interface {
	Use(ctx context.Context, connectionID string, d, ahead time.Duration, known lever.Time) (until lever.Time, taken bool, err error)
	Slow(ctx context.Context, connectionID string, until lever.Time) error
}

// Limiter lets calls of one connection and class pass. It is safe for concurrent
// use; the callers of one Limiter share what it takes.
type Limiter struct {
	table      Table
	connection string
	class      Class
	now        func() time.Time
	// asking is held by who asks the table. It is no mutex: whoever waits for it
	// stops waiting with its context.
	asking *semaphore.Weighted
	known  lever.Time // until when the rate was used, as the table said last

	mu      sync.Mutex
	waiting int
	left    int
	until   time.Time // until when what is left may be used
	askAt   time.Time // when the table may have something again
	slowed  int       // how often in a row Lever throttled
}

// New makes a Limiter. now is the clock.
func New(table Table, connectionID string, class Class, now func() time.Time) *Limiter {
	return &Limiter{table: table, connection: connectionID, class: class, now: now, asking: semaphore.NewWeighted(1)}
}

// ErrBusy says that no call was to be had for so long that waiting elsewhere costs
// less than waiting here.
var ErrBusy = errors.New("the connection's rate is used up")

// patience is how long an event waits for a call before it fails with ErrBusy.
const patience = 4 * time.Second

// Wait returns when a call may be made. It fails when ctx ends first, or when the
// table is away; of class Event also with ErrBusy.
func (l *Limiter) Wait(ctx context.Context) error {
	l.join(1)
	defer l.join(-1)
	begin := l.now()
	for {
		wait, err := l.take(ctx)
		if err != nil || wait <= 0 {
			return err
		}
		if l.class == Event && l.now().Add(wait).Sub(begin) > patience {
			return ErrBusy
		}
		if !pause.For(ctx, wait) {
			return errors.Join(errors.New("no call is left in the rate"), ctx.Err())
		}
	}
}

// Ready takes so many calls, at most five, for who presently makes them: they find
// what Wait would ask for, one after the other, of the table. Where they are not to be
// had now, waiting for them is left to Wait. It fails when ctx ends first, or when the
// table is away.
func (l *Limiter) Ready(ctx context.Context, calls int) error {
	if err := l.asking.Acquire(ctx, 1); err != nil {
		return err
	}
	defer l.asking.Release(1)
	now := l.now()
	if l.nothing(now) {
		return nil
	}
	taken, until, err := l.ask(ctx, min(calls, most))
	if err == nil {
		l.got(now, taken, 0, until)
	}
	return err
}

// nothing reports whether there is known to be no call until later.
func (l *Limiter) nothing(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.askAt.After(now)
}

// got adds what was taken at now, but for those used at once, to what is left. Where
// nothing was taken, it gives how long to wait, for everybody. What is left of earlier
// calls has to be made earlier, and all with it.
func (l *Limiter) got(now time.Time, taken, used int, until lever.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if taken == 0 {
		l.askAt = now.Add(l.pause(until))
		return l.askAt.Sub(now)
	}
	if l.left == 0 || !now.Before(l.until) {
		l.left, l.until = 0, now.Add(life)
	}
	l.left += taken - used
	return 0
}

func (l *Limiter) join(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting += n
}

// take gives a call, or how long to wait before asking again. One caller asks the
// table for all who wait.
func (l *Limiter) take(ctx context.Context) (time.Duration, error) {
	if wait, known := l.have(); known {
		return wait, nil
	}
	if err := l.asking.Acquire(ctx, 1); err != nil {
		return 0, err
	}
	defer l.asking.Release(1)
	if wait, known := l.have(); known {
		return wait, nil
	}
	l.mu.Lock()
	n := min(max(l.waiting, 1), most)
	l.mu.Unlock()
	now := l.now()
	taken, until, err := l.ask(ctx, n)
	if err != nil {
		return 0, err
	}
	return l.got(now, taken, 1, until), nil
}

// have gives a call of those that were taken, or how long there will be none, and
// whether either is known.
func (l *Limiter) have() (time.Duration, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if l.left > 0 && now.Before(l.until) {
		l.left--
		return 0, true
	}
	wait := l.askAt.Sub(now)
	return wait, wait > 0
}

// ask takes n calls, or one where n are not to be had, or none.
func (l *Limiter) ask(ctx context.Context, n int) (taken int, until lever.Time, err error) {
	for {
		until, ok, err := l.table.Use(ctx, l.connection, time.Duration(n)*PerCall, l.class.ahead(), l.known)
		l.known = until
		if ok || err != nil {
			return n, until, err
		}
		if n == 1 {
			return 0, until, nil
		}
		n = 1
	}
}

// pause is how long it takes until a call of the class may pass, and a little by
// chance, so that those who wait do not all ask at once.
func (l *Limiter) pause(until lever.Time) time.Duration {
	wait := until.Time().Add(PerCall - l.class.ahead()).Sub(l.now())
	return max(wait, 0) + rand.N(PerCall/4) + time.Millisecond
}

// Throttled is called when Lever answers 429: somebody else uses the credential
// too, or Lever allows less than it says. All calls of the connection wait, longer
// each time it happens in a row; Lever does not say how long.
func (l *Limiter) Throttled(ctx context.Context) error {
	l.mu.Lock()
	wait := min(time.Second<<min(l.slowed, 10), longest)
	l.slowed++
	l.left = 0
	l.mu.Unlock()
	// What a full bucket may use ahead must be waited for as well.
	until := l.now().Add(wait/2 + rand.N(wait) + burst*PerCall)
	return l.table.Slow(ctx, l.connection, lever.At(until))
}

// Passed is called when Lever answers a call with anything but 429.
func (l *Limiter) Passed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slowed = 0
}
