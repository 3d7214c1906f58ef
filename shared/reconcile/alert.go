package reconcile

import (
	"context"
	"errors"
	"log/slog"

	"fulcrum/shared/document"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// ledger is what the attention items of the task of that name are about.
const ledger = "ledger"

// backlog is what does not go on of a connection.
type backlog struct {
	count  int
	oldest lever.Time
}

// add counts one more.
func (b *backlog) add(since lever.Time) {
	b.count++
	b.oldest = min(b.oldest, since)
}

// steps are what to do, by the reason of an alert.
func steps() map[fault.Reason]string {
	return map[fault.Reason]string{
		waiting: "Events or documents of this connection have waited for over an hour. They are tried again by themselves. See whether your endpoint answers, and whether Lever answers this connection.",
		stuck:   "Events of this connection have not gone on for over 15 minutes. They are sent on their way again by themselves; if this stays, look at the dead-letter queue and the function's errors.",
	}
}

// alert begins the alerts of the connections that were found for a reason, and ends
// those that are over.
func (s sweeper) alert(ctx context.Context, reason fault.Reason, found map[string]*backlog) error {
	open, err := s.table.Alerts(ctx, reason)
	if err != nil {
		return err
	}
	var errs []error
	for _, a := range open {
		if found[a.Connection] == nil {
			errs = append(errs, s.table.EndAlert(ctx, a, ledger))
		}
		delete(found, a.Connection)
	}
	for connection, b := range found {
		errs = append(errs, s.begin(ctx, connection, reason, b))
	}
	return errors.Join(errs...)
}

func (s sweeper) begin(ctx context.Context, connection string, reason fault.Reason, b *backlog) error {
	c, err := s.table.Connection(ctx, connection)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	step := steps()[reason]
	d, err := s.table.Alert(ctx, c, store.Attention{Connection: c.ID, Partner: c.Partner, Reason: reason, About: ledger, Step: step}, document.Document{
		Type: "connection.alert", Version: 1, OccurredAt: s.now(),
		Data: map[string]any{"reason": reason, "step": step, "since": document.Time(b.oldest.Time()), "count": b.count},
	})
	if errors.Is(err, store.ErrMoved) {
		return nil // the next run sees it again
	}
	if err != nil {
		return err
	}
	slog.ErrorContext(ctx, "connection does not go on", "connection", c.ID, "partner", c.Partner, "reason", reason, "count", b.count)
	return s.queues.Deliveries.Send(ctx, queue.Delivery{Connection: c.ID, Delivery: d.ID}, 0)
}
