// Package catalog remembers what rarely changes in a customer's Lever account, so
// that an event does not read it again: postings, users, stages and archive
// reasons. It lives in one function instance's memory: nothing of it is written
// anywhere, and a cold instance begins with nothing.
//
//	known := catalog.New(time.Now)              // once per instance
//	account := known.For(w)                     // for the work of one event
//	posting, err := account.Posting(ctx, id)    // a call of Lever's, or none
//
// What was read is given again for Age at most. Work that somebody asked for after
// correcting something in Lever must see the correction: Since(t) gives nothing
// that was read before t. What is not there, and every failure, is not remembered.
//
// Each connection has its own: what one customer's credential has read is never
// given to another. Values are shared by all who ask; do not change them.
package catalog

import (
	"context"
	"sync"
	"time"

	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// Age is how long something is remembered. A posting that was changed in Lever is
// seen as it was for so long at most.
const Age = 10 * time.Minute

// most is how many things are remembered; then all is forgotten and it begins anew.
// Postings are kept without their text, so that a thing has about a kilobyte.
const most = 5000

// Catalog remembers. It is safe for concurrent use.
type Catalog struct {
	now func() time.Time

	mu     sync.Mutex
	places map[key]*place
}

type key struct{ connection, kind, id string }

// place is what is remembered of one thing. Whoever holds its turn reads and
// writes it: who comes second finds what the first has read.
type place struct {
	turn   chan struct{}
	value  any
	readAt time.Time
}

// New makes an empty Catalog. now is the clock.
func New(now func() time.Time) *Catalog { return &Catalog{now: now, places: map[key]*place{}} }

// Account is a connection's part of the catalog, with the client that reads what is
// not remembered.
type Account struct {
	catalog    *Catalog
	connection string
	client     *lever.Client
	since      time.Time
}

// Of is the part of a connection, read through the connection's own client.
func (c *Catalog) Of(connectionID string, client *lever.Client) *Account {
	return &Account{catalog: c, connection: connectionID, client: client}
}

// For is the account of the connection of an event's work. What Lever tells by a
// webhook may be answered from memory; who has an event worked off again, or asks
// for something, has corrected something before.
func (c *Catalog) For(w *partner.Work) *Account {
	a := c.Of(w.Connection.ID, w.Lever)
	if o := store.Origin(w.Event.Origin); o == "" || o == store.FromLever {
		return a
	}
	return a.Since(w.Event.ReceivedAt.Time())
}

// Since is the account for work that must not be given anything read before t.
func (a *Account) Since(t time.Time) *Account {
	later := *a
	later.since = t
	return &later
}

// Client is what the account reads Lever with.
func (a *Account) Client() *lever.Client { return a.client }

// remembered gives what is remembered under kind and id, and else what read gives.
func remembered[T any](ctx context.Context, a *Account, kind, id string, read func() (T, error)) (T, error) {
	var none T
	p := a.place(kind, id)
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return none, ctx.Err()
	}
	if v, ok := p.value.(T); ok && a.fresh(p.readAt) {
		return v, nil
	}
	at := a.catalog.now()
	v, err := read()
	if err != nil {
		return none, err
	}
	p.value, p.readAt = v, at
	return v, nil
}

func (a *Account) fresh(at time.Time) bool {
	return a.catalog.now().Sub(at) < Age && !at.Before(a.since)
}

func (a *Account) place(kind, id string) *place {
	c, k := a.catalog, key{a.connection, kind, id}
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.places[k]
	if !ok {
		if len(c.places) >= most {
			clear(c.places)
		}
		p = &place{turn: make(chan struct{}, 1)}
		c.places[k] = p
	}
	return p
}
