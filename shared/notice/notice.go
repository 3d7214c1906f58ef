// Package notice tells a partner that something is wrong with a connection and does
// not mend itself: once, by a signed connection.alert, and by an attention item that
// closes when it is over. A metric of the same thing goes out beside it; see package
// metric.
package notice

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"fulcrum/shared/document"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// The reasons of alerts.
const (
	// Waiting is events or documents that have waited too long, though they have
	// their time when they go on.
	Waiting fault.Reason = "waiting_too_long"
	// Stuck is events that nobody works on.
	Stuck fault.Reason = "events_stuck"
	// Behind is changes in Lever that have not been compared for long.
	Behind fault.Reason = "reconciliation_behind"
	// Dead is messages that a function has failed on until its queue gave up.
	Dead fault.Reason = "dead_letters"
)

// steps are what to do, by the reason of an alert.
func steps() map[fault.Reason]string {
	return map[fault.Reason]string{
		Waiting: "Events or documents of this connection have waited for over an hour. They are tried again by themselves. See whether your endpoint answers, and whether Lever answers this connection.",
		Stuck:   "Events of this connection have not gone on for over 15 minutes. They are sent on their way again by themselves; if this stays, look at the dead-letter queue and the function's errors.",
		Behind:  "Lever's lists of changes could not be read for over an hour. They are read again by themselves, and nothing is lost; see whether Lever answers this connection.",
		Dead:    "A function has failed on messages of this connection until they became dead letters. What they were about is kept and shown as waiting. Mend what the function's errors say, then send the dead letters back.",
	}
}

// Backlog is what does not go on of a connection.
type Backlog struct {
	Count  int // events, documents, messages or windows
	Oldest lever.Time
}

// Backlogs are those of a reason, by connection.
type Backlogs map[string]*Backlog

// Add counts one more of a connection, which has not gone on since then.
func (b Backlogs) Add(connectionID string, since lever.Time) {
	if b[connectionID] == nil {
		b[connectionID] = &Backlog{Oldest: since}
	}
	b[connectionID].Count++
	b[connectionID].Oldest = min(b[connectionID].Oldest, since)
}

// Deliveries sends deliveries on their way; see queue.Deliveries.
type Deliveries interface {
	Send(ctx context.Context, m queue.Delivery, delay time.Duration) error
}

// Alerts begins and ends alerts. It is safe for concurrent use.
type Alerts struct {
	table      *store.Table
	deliveries Deliveries
	now        func() time.Time
}

// New makes Alerts. now is the clock.
func New(table *store.Table, deliveries Deliveries, now func() time.Time) *Alerts {
	return &Alerts{table: table, deliveries: deliveries, now: now}
}

// Hold begins the alerts of the connections that were found for a reason, and ends
// those of it that were not.
func (a *Alerts) Hold(ctx context.Context, reason fault.Reason, found Backlogs) error {
	open, err := a.table.Alerts(ctx, reason)
	if err != nil {
		return err
	}
	var errs []error
	begun := map[string]bool{}
	for _, o := range open {
		begun[o.Connection] = true
		if found[o.Connection] == nil {
			errs = append(errs, a.table.EndAlert(ctx, o))
		}
	}
	for connection, b := range found {
		if !begun[connection] {
			errs = append(errs, a.Begin(ctx, connection, reason, *b))
		}
	}
	return errors.Join(errs...)
}

// Begin begins an alert of a connection, where there is none of the reason and the
// connection is there.
func (a *Alerts) Begin(ctx context.Context, connectionID string, reason fault.Reason, b Backlog) error {
	c, err := a.table.Connection(ctx, connectionID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	step := steps()[reason]
	d, err := a.table.Alert(ctx, c, reason, step, document.Document{
		Type: "connection.alert", Version: 1, OccurredAt: a.now(),
		Data: map[string]any{"reason": reason, "step": step, "since": document.Time(b.Oldest.Time()), "count": b.Count},
	})
	if errors.Is(err, store.ErrMoved) {
		return nil // it has begun, or the next look sees it again
	}
	if err != nil {
		return err
	}
	slog.ErrorContext(ctx, "connection does not go on", "connection", c.ID, "partner", c.Partner, "reason", reason, "count", b.Count)
	return a.deliveries.Send(ctx, queue.Delivery{Connection: c.ID, Delivery: d.ID}, 0)
}
