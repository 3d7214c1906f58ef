// Package held knows the work that waits for its connection: events and actions
// that came while the connection was paused, disconnected, or without a right that
// they need. They are parked under one of a few reasons, for up to 14 days. When
// the connection comes back, what is not older goes on by itself, in the order of
// its coming (package recovery); what is older stays parked as held_too_long,
// because by then it would do more harm than good. Whoever wants it all the same
// has it redriven by that reason.
package held

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"fulcrum/shared/account"
	"fulcrum/shared/credential"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// For is how long work waits for its connection.
const For = 14 * 24 * time.Hour

// Forbidden is the reason of what Lever does not let the connection do: it waits
// for a right.
const Forbidden fault.Reason = "lever_forbids"

// Reasons are those under which work waits for its connection.
func Reasons() []fault.Reason { return []fault.Reason{account.Paused, credential.Lost, Forbidden} }

// Work is how much of a connection's work waits for it.
type Work struct {
	Events  int
	Actions int
	// Since is when the oldest of it was parked, zero where there is none.
	Since lever.Time
}

// Of counts the work that waits for a connection.
func Of(ctx context.Context, table *store.Table, connectionID string) (Work, error) {
	var w Work
	reasons, _, err := table.ParkedReasons(ctx, connectionID)
	if err != nil {
		return w, err
	}
	for _, r := range reasons {
		if slices.Contains(Reasons(), r.Reason) {
			w.Events += r.Events
			w.since(r.First)
		}
	}
	for _, reason := range Reasons() {
		parked, err := table.ActionsParked(ctx, connectionID, reason)
		if err != nil {
			return w, err
		}
		w.Actions += len(parked)
		for _, a := range parked {
			w.since(a.EndedAt)
		}
	}
	return w, nil
}

func (w *Work) since(at lever.Time) {
	if w.Since == 0 || at < w.Since {
		w.Since = at
	}
}

// TooLong reports whether what was parked at a time has waited too long.
func TooLong(now time.Time, at lever.Time) bool { return now.Sub(at.Time()) > For }

// Keeper gives up what has waited too long. It is safe for concurrent use.
type Keeper struct {
	table *store.Table
	now   func() time.Time
}

// New makes a Keeper. now is the clock.
func New(table *store.Table, now func() time.Time) *Keeper { return &Keeper{table, now} }

// Due gives up, of all connections that do not work, what has waited too long. It
// goes on past one that fails: its turn comes again.
func (k *Keeper) Due(ctx context.Context) error {
	endpoints, err := k.table.Endpoints(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range endpoints {
		errs = append(errs, k.partner(ctx, e.Partner))
	}
	return errors.Join(errs...)
}

func (k *Keeper) partner(ctx context.Context, partner string) error {
	var errs []error
	connections := func(p store.Paging) (store.Listed[store.Connection], error) {
		return k.table.Connections(ctx, partner, p)
	}
	for c, err := range store.Every(connections) {
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		if c.PausedAt != 0 || c.LostAt != 0 || c.DisconnectingAt != 0 {
			errs = append(errs, k.GiveUp(ctx, c.ID))
		}
	}
	return errors.Join(errs...)
}

// GiveUp gives up what of a connection's work has waited too long.
func (k *Keeper) GiveUp(ctx context.Context, connectionID string) error {
	n := 0
	for _, reason := range Reasons() {
		events, err := k.events(ctx, connectionID, reason)
		if err != nil {
			return err
		}
		actions, err := k.actions(ctx, connectionID, reason)
		if err != nil {
			return err
		}
		n += events + actions
	}
	if n > 0 {
		slog.WarnContext(ctx, "work waited too long for its connection", "connection", connectionID, "count", n)
	}
	return nil
}

func (k *Keeper) events(ctx context.Context, connectionID string, reason fault.Reason) (n int, err error) {
	parked := func(p store.Paging) (store.Listed[store.Parking], error) {
		return k.table.Parked(ctx, connectionID, reason, p)
	}
	for p, err := range store.Every(parked) {
		if err != nil || !TooLong(k.now(), p.At) {
			return n, err // they are in the order of their parking
		}
		if err := k.table.HeldTooLong(ctx, connectionID, p); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (k *Keeper) actions(ctx context.Context, connectionID string, reason fault.Reason) (n int, err error) {
	parked, err := k.table.ActionsParked(ctx, connectionID, reason)
	for _, a := range parked {
		if !TooLong(k.now(), a.EndedAt) {
			continue
		}
		a.Reason = store.TooLong
		if _, err := k.table.SaveAction(ctx, a); err != nil && !errors.Is(err, store.ErrMoved) {
			return n, err
		}
		n++
	}
	return n, err
}
