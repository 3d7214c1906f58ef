// Package account gives a function the Lever account of a connection: the
// client, with the connection's own credential and nobody else's, within the
// connection's rate.
package account

import (
	"context"
	"net/http"
	"sync"
	"time"

	"fulcrum/shared/credential"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

// Accounts makes clients. It is safe for concurrent use.
type Accounts struct {
	keeper    *credential.Keeper
	buckets   rate.Table
	override  string
	transport http.RoundTripper
	now       func() time.Time

	mu       sync.Mutex
	limiters map[limited]*rate.Limiter
}

type limited struct {
	connection string
	class      rate.Class
}

// New makes Accounts whose calls go through transport. override is the address of
// a Lever twin, or empty; now is the clock.
func New(keeper *credential.Keeper, buckets rate.Table, override string, transport http.RoundTripper, now func() time.Time) *Accounts {
	return &Accounts{keeper: keeper, buckets: buckets, override: override, transport: transport, now: now, limiters: map[limited]*rate.Limiter{}}
}

// Client is the client of a connection's account, for calls of a class. Where the
// connection is lost or has no credential it fails with a fault under which work
// is parked; while it is paused, so it does for events.
func (a *Accounts) Client(ctx context.Context, c store.Connection, class rate.Class) (*lever.Client, error) {
	if c.PausedAt != 0 && class == rate.Event {
		return nil, fault.Permanent(Paused, errPaused)
	}
	env, err := lever.EnvironmentOf(c.Environment, a.override)
	if err != nil {
		return nil, err
	}
	auth, err := a.keeper.Auth(ctx, c)
	if err != nil {
		return nil, err
	}
	return lever.New(lever.Options{BaseURL: env.API, Auth: auth, Transport: a.transport, Limiter: a.limiter(c.ID, class)})
}

// limiter is one for all clients of a connection and class, so that what they take
// of the rate is shared.
func (a *Accounts) limiter(connectionID string, class rate.Class) *rate.Limiter {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := limited{connectionID, class}
	l, ok := a.limiters[key]
	if !ok {
		l = rate.New(a.buckets, connectionID, class, a.now)
		a.limiters[key] = l
	}
	return l
}
