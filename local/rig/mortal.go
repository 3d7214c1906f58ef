package rig

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// Death is what becomes of a function at one of its calls.
type Death int

// The deaths of a function, and the two ways in which it only seems dead.
const (
	// Before it makes the call.
	Before Death = iota
	// After the call was applied, before the answer.
	After
	// Frozen it makes the call, and all that follow it, much later.
	Frozen
	// Late it sees no answer to a call that is applied much later, and goes on.
	Late
)

// Deaths are all of them, by what a test can call them.
func Deaths() map[string]Death {
	return map[string]Death{"dies before": Before, "dies after": After, "freezes before": Frozen, "sees no answer of, which arrives late,": Late}
}

// away is how long a frozen function sleeps, and a late call is on its way. It is
// longer than any hold.
const away = 10 * time.Minute

// errDead is what a dead function's calls fail with; nobody sees it any more.
var errDead = errors.New("the function is dead")

// Mortal is what a function's calls go through to Next, until the call At, which
// counts from one. It is safe for concurrent use.
type Mortal struct {
	Next http.RoundTripper
	At   int
	How  Death

	mu    sync.Mutex
	calls int
	late  sync.WaitGroup
	sent  error
}

// Calls is how many calls were made. A function that made fewer than At has not
// met its death.
func (m *Mortal) Calls() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls
}

// Wait returns when the late call has arrived, and whether it did.
func (m *Mortal) Wait() error {
	m.late.Wait()
	return m.sent
}

// RoundTrip makes a call, or dies.
func (m *Mortal) RoundTrip(req *http.Request) (*http.Response, error) {
	m.mu.Lock()
	m.calls++
	call := m.calls
	m.mu.Unlock()
	switch {
	case call == m.At:
		return m.die(req)
	case call > m.At && m.At > 0 && m.How < Frozen:
		return nil, errDead
	}
	return m.Next.RoundTrip(req)
}

func (m *Mortal) die(req *http.Request) (*http.Response, error) {
	switch m.How {
	case After:
		return nil, errors.Join(errDead, m.send(req))
	case Frozen:
		time.Sleep(away)
		return m.Next.RoundTrip(req)
	case Late:
		later, err := detached(req)
		if err != nil {
			return nil, err
		}
		m.late.Go(func() {
			time.Sleep(away)
			m.sent = m.send(later)
		})
	}
	return nil, errDead
}

// detached is a request that goes on when its caller gives it up.
func detached(req *http.Request) (*http.Request, error) {
	later := req.Clone(context.WithoutCancel(req.Context()))
	if req.Body == nil {
		return later, nil
	}
	body, err := io.ReadAll(req.Body)
	later.Body = io.NopCloser(bytes.NewReader(body))
	return later, err
}

// send makes a call of whose answer nobody hears.
func (m *Mortal) send(req *http.Request) error {
	res, err := m.Next.RoundTrip(req)
	if err != nil {
		return err
	}
	return res.Body.Close()
}
