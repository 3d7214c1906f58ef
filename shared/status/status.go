// Package status says how a connection is, in one word that is derived from what
// is known and never kept: what was made and signed, what Lever was seen to send,
// what waits for a person. Everybody who shows a connection asks here.
package status

import (
	"cmp"
	"strings"

	"fulcrum/shared/definition"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// State is how a connection is, in the word that people read.
type State string

// The states. A connection is in the first of these whose sentence is true.
const (
	// Disconnected: the connection was ended, or Lever does not take its
	// credential.
	Disconnected State = "Disconnected"
	// Paused: the partner has it rest; it can go on.
	Paused State = "Paused"
	// SettingUp: a webhook that is required is not made, or its key is not ours.
	SettingUp State = "Setting up"
	// Waiting: all is made, and of a required event nothing was seen from Lever.
	Waiting State = "Waiting for first event"
	// ActionNeeded: only a person can mend something about the connection itself.
	ActionNeeded State = "Action needed"
	// Degraded: something is parked, or the partner's endpoint does not answer.
	Degraded State = "Degraded"
	// Connected: every required event was seen.
	Connected State = "Connected"
)

// Facts are what a state is derived from.
type Facts struct {
	Connection store.Connection
	Definition definition.Definition
	Webhooks   []store.Webhook
	// Attention are the open attention items.
	Attention []store.Attention
	// Parked says whether any event or delivery is; RestsSince is since when the
	// partner's endpoint does not answer, zero where it does.
	Parked     bool
	RestsSince lever.Time
}

// Status is how a connection is.
type Status struct {
	State State
	// Since is when it became so, zero where that is not known; Because is a word
	// for why, empty where the state says it all.
	Since   lever.Time
	Because fault.Reason
	// Events are the partner's events in their order.
	Events []Event
}

// Event is how the webhook of an event is.
type Event struct {
	definition.Event
	// Created says that there is a webhook at Lever, or an address for the person
	// who makes it; Signed that its key is ours.
	Created, Signed bool
	// URL is the address for a webhook that a person makes, empty otherwise.
	URL string
	// Rotating says that a second webhook is taking its place.
	Rotating bool
	// SignedAt is when its key was last given to us, SeenAt when a signed event
	// last came, VerifiedAt when Lever last tested the connection; zero is never.
	SignedAt, SeenAt, VerifiedAt lever.Time
}

// Seen reports whether Lever was seen to use the webhook with the key that we have
// now. A key that was mistyped, or that Lever changed since, shows by this.
func (e Event) Seen() bool {
	last := max(e.SeenAt, e.VerifiedAt)
	return last != 0 && last >= e.SignedAt
}

// Of derives a status.
func Of(f Facts) Status {
	s := Status{Events: events(f)}
	c := f.Connection
	switch {
	case c.DisconnectedAt != 0:
		return s.in(Disconnected, c.DisconnectedAt, Ended)
	case c.DisconnectingAt != 0:
		return s.in(Disconnected, c.DisconnectingAt, Ending)
	case c.LostAt != 0:
		return s.in(Disconnected, c.LostAt, c.LostBecause)
	case c.PausedAt != 0:
		return s.in(Paused, c.PausedAt, "")
	case s.some(func(e Event) bool { return !e.Created || !e.Signed }):
		return s.in(SettingUp, c.ConnectedAt, "")
	case s.some(func(e Event) bool { return !e.Seen() }):
		return s.in(Waiting, c.ConnectedAt, "")
	}
	return s.working(f)
}

// Why a connection is as it is, beside the reasons for which it is lost and those
// of attention items.
const (
	Ended         fault.Reason = "ended"
	Ending        fault.Reason = "ending" // it was begun, and is to be repeated
	EndpointRests fault.Reason = "endpoint_does_not_answer"
	Parked        fault.Reason = "parked" // an event or a delivery is
)

// working is the status of a connection that works, or did.
func (s Status) working(f Facts) Status {
	for _, a := range f.Attention {
		if a.ClearedAt == 0 && concerns(a) {
			return s.in(ActionNeeded, a.RaisedAt, a.Reason)
		}
	}
	switch {
	case f.RestsSince != 0:
		return s.in(Degraded, f.RestsSince, EndpointRests)
	case f.Parked:
		return s.in(Degraded, 0, Parked)
	}
	return s.in(Connected, cmp.Or(f.Connection.FinishedAt, f.Connection.ConnectedAt), "")
}

// concerns reports whether an attention item is about the connection itself or a
// webhook, and not about one of its hires or candidates.
func concerns(a store.Attention) bool {
	kind, _, _ := strings.Cut(a.About, "#")
	return kind == "connection" || kind == "webhook"
}

func (s Status) in(state State, since lever.Time, because fault.Reason) Status {
	s.State, s.Since, s.Because = state, since, because
	return s
}

// some reports whether something is so of a required event.
func (s Status) some(so func(Event) bool) bool {
	for _, e := range s.Events {
		if e.Required && so(e) {
			return true
		}
	}
	return false
}

// Missing are the required events of which something is still missing.
func (s Status) Missing() []Event {
	var all []Event
	for _, e := range s.Events {
		if e.Required && (!e.Created || !e.Signed || !e.Seen()) {
			all = append(all, e)
		}
	}
	return all
}

// LastSeen is when anything last came from Lever of all required events, so that
// nothing before it is missing; zero where one of them was never seen.
func (s Status) LastSeen() lever.Time {
	var last lever.Time
	for i, e := range s.required() {
		if i == 0 || e.SeenAt < last {
			last = e.SeenAt
		}
	}
	return last
}

func (s Status) required() []Event {
	var all []Event
	for _, e := range s.Events {
		if e.Required {
			all = append(all, e)
		}
	}
	return all
}

func events(f Facts) []Event {
	var all []Event
	for _, wanted := range f.Definition.Webhooks.Events {
		e := Event{Event: wanted}
		for _, w := range f.Webhooks {
			if w.Event == wanted.Event {
				e = e.of(w)
			}
		}
		all = append(all, e)
	}
	return all
}

func (e Event) of(w store.Webhook) Event {
	byHand := w.Made == store.ByHand
	e.Created, e.Signed = byHand || w.Current.LeverID != "", w.Current.SignedAt != 0
	if byHand {
		e.URL = w.Current.URL
	}
	e.Rotating = w.Next != nil
	e.SignedAt, e.SeenAt, e.VerifiedAt = w.Current.SignedAt, w.SeenAt, w.VerifiedAt
	return e
}
