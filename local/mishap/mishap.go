// Package mishap lets outside calls go wrong, one by one. The calls of a run are
// numbered as they are made, all or those of interest; a Schedule says which of them
// go wrong and how. Walk makes all schedules with up to so many mishaps, so that a
// test can say: whichever call goes wrong in whatever way, the end is right.
//
// A test runs what it tests as often as its queue would, each time in a Life, which
// is what one process sees of the world:
//
//	mishap.Walk(2, mishap.Call.Modes, func(s mishap.Schedule) []mishap.Call {
//		w := mishap.New(world, s, lateness, nil)
//		for !done {
//			run(w.Life())
//		}
//		w.Wait() // for what was applied late
//		… compare the world with what it should be …
//		return w.Calls()
//	})
package mishap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fulcrum/shared/pause"
)

// Mode is how a call goes wrong.
type Mode string

// The modes. Before and After end the process: no call of the same Life is made
// after them.
const (
	// Before: the process ends before the request is sent.
	Before Mode = "before"
	// After: the request is applied, and the process ends.
	After Mode = "after"
	// Error: the request is answered with status 500 and not applied.
	Error Mode = "error"
	// Lost: the request is applied and the connection cut before the answer.
	Lost Mode = "lost"
	// Late: no answer comes, and the request is applied a while after its caller
	// has given it up.
	Late Mode = "late"
	// Frozen: the request is applied, and the process stands still right before it
	// has the answer, for as long as a late request is late.
	Frozen Mode = "frozen"
)

// All are all modes.
func All() []Mode { return []Mode{Before, After, Error, Lost, Late, Frozen} }

// Mishap is one call going wrong. Calls are counted from 1.
type Mishap struct {
	Call int
	Mode Mode
}

// Schedule is what goes wrong in one run.
type Schedule []Mishap

// String names the schedule: "3 lost, 7 before".
func (s Schedule) String() string {
	if len(s) == 0 {
		return "nothing"
	}
	var all []string
	for _, m := range s {
		all = append(all, fmt.Sprintf("%d %s", m.Call, m.Mode))
	}
	return strings.Join(all, ", ")
}

// patience is the longest that a caller waits for an answer that does not come.
const patience = time.Minute

// ErrEnded says that the process has ended, so that no call can be made.
var ErrEnded = errors.New("the process has ended")

var errCut = errors.New("the connection was cut")

// World is what calls are made to, with a schedule of what goes wrong.
type World struct {
	next     http.RoundTripper
	schedule Schedule
	lateness time.Duration
	lands    time.Duration // how late a late request is applied
	counts   func(Call) bool

	mu    sync.Mutex
	calls []Call
	// under is how many requests are late and how many callers stand still, which is
	// over with none.
	under int
	over  *sync.Cond
}

// New makes a World. lateness is how much later than its caller's patience a late
// request is applied. Only calls that count are numbered, all where counts is nil:
// a run whose pauses are by chance makes other calls in between from time to time,
// and then a number means another call.
func New(next http.RoundTripper, s Schedule, lateness time.Duration, counts func(Call) bool) *World {
	if counts == nil {
		counts = func(Call) bool { return true }
	}
	w := &World{next: next, schedule: s, lateness: lateness, lands: lateness, counts: counts}
	w.over = sync.NewCond(&w.mu)
	return w
}

// Land has late requests applied that much later than their callers' patience. Who
// stands still does so as long as New said.
func (w *World) Land(later time.Duration) { w.lands = later }

// Calls are the calls that count, in the order of their numbers.
func (w *World) Calls() []Call {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.calls)
}

// Wait returns when all late requests have been applied, and nobody stands still.
func (w *World) Wait() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.under > 0 {
		w.over.Wait()
	}
}

// hold counts one that is late until it is let go.
func (w *World) hold() (let func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.under++
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.under--
		w.over.Broadcast()
	}
}

// Life is the world as one process sees it.
func (w *World) Life() *Life { return &Life{world: w} }

// Life is an http.RoundTripper that ends with its process. It is safe for
// concurrent use.
type Life struct {
	world *World
	ended atomic.Bool

	// last is the number of the call that was answered last, zero where another call
	// was under way with it or where a new event has begun.
	mu    sync.Mutex
	last  int
	under int
	mixed bool
}

// Receive says that the process begins a new event: what it did before has been
// acknowledged.
func (l *Life) Receive() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = 0
}

// End ends the process from outside, as a sandbox that is too slow is ended.
func (l *Life) End() { l.ended.Store(true) }

// Ended reports whether the process has ended.
func (l *Life) Ended() bool { return l.ended.Load() }

// RoundTrip makes a call, which may go wrong.
func (l *Life) RoundTrip(req *http.Request) (*http.Response, error) {
	if l.ended.Load() {
		return nil, ErrEnded
	}
	c, err := newCall(req)
	if err != nil {
		return nil, err
	}
	number, mode := l.begin(c)
	defer l.answered(number)
	switch mode {
	case Before:
		l.ended.Store(true)
		return nil, ErrEnded
	case After:
		l.ended.Store(true)
		return nil, errors.Join(ErrEnded, l.world.lose(req))
	case Error:
		return failure(req), nil
	case Lost:
		return nil, errors.Join(errCut, l.world.lose(req))
	case Late:
		return nil, l.world.late(req)
	case Frozen:
		defer l.world.hold()()
		res, err := l.world.next.RoundTrip(req)
		time.Sleep(l.world.lateness)
		return res, err
	}
	return l.world.next.RoundTrip(req)
}

// begin numbers a call, zero where it does not count, and says how it goes wrong.
func (l *Life) begin(c Call) (number int, mode Mode) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mixed = l.mixed || l.under > 0
	number, mode = l.world.number(c, l.last)
	l.under++
	l.last = 0
	return number, mode
}

// answered notes that a call has its answer.
func (l *Life) answered(number int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.under--; l.under > 0 {
		return
	}
	if !l.mixed {
		l.last = number
	}
	l.mixed = false
}

// number is the number of the next call, zero where it does not count, and how it
// goes wrong, empty where it does not. last is the call that its process made right
// before it.
func (w *World) number(c Call, last int) (int, Mode) {
	if !w.counts(c) {
		return 0, ""
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c.Follows = last > 0 && last == len(w.calls)
	w.calls = append(w.calls, c)
	for _, m := range w.schedule {
		if m.Call == len(w.calls) {
			return len(w.calls), m.Mode
		}
	}
	return len(w.calls), ""
}

// lose applies the request and drops the answer.
func (w *World) lose(req *http.Request) error {
	res, err := w.next.RoundTrip(req)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// late has the request applied later, and waits as long as its caller does.
func (w *World) late(req *http.Request) error {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return err
		}
		if err := req.Body.Close(); err != nil {
			return err
		}
	}
	again := req.Clone(context.WithoutCancel(req.Context()))
	again.Body = io.NopCloser(bytes.NewReader(body))
	given := pause.For(req.Context(), patience)
	let := w.hold()
	go func() {
		defer let()
		time.Sleep(w.lands)
		if res, err := w.next.RoundTrip(again); err == nil {
			res.Body.Close()
		}
	}()
	if given {
		return errCut
	}
	return req.Context().Err()
}

// failure is an answer of which all that is called here can make something.
func failure(req *http.Request) *http.Response {
	return &http.Response{
		StatusCode: http.StatusInternalServerError, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(strings.NewReader(`{"code":"InternalServerError","message":"a mishap"}`)),
	}
}
