package reconcile

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"fulcrum/shared/document"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/metric"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

const (
	// tooLong is how long an event or a delivery may wait before somebody has to
	// look, though it has its time when it goes on.
	tooLong = time.Hour
	// waiting is the reason of that alert.
	waiting fault.Reason = "waiting_too_long"
)

// ledger is what the attention items of the task of that name are about.
const ledger = "ledger"

// backlog is what waits too long of a connection.
type backlog struct {
	partner string
	count   int
	oldest  lever.Time
}

// waiting does a part of the task ledger: it measures how long the oldest event or
// delivery has waited, and tells of connections of which one has waited too long.
func (s sweeper) waiting(ctx context.Context) error {
	found := map[string]*backlog{}
	oldest := lever.At(s.now())
	see := func(connection, partner string, since lever.Time) {
		oldest = min(oldest, since)
		if connection == "" || s.now().Sub(since.Time()) <= tooLong {
			return
		}
		if found[connection] == nil {
			found[connection] = &backlog{partner: partner, oldest: since}
		}
		found[connection].count++
		found[connection].oldest = min(found[connection].oldest, since)
	}
	if err := errors.Join(s.openEvents(ctx, see), s.openDeliveries(ctx, see)); err != nil {
		return err
	}
	metric.Age(ctx, "OldestWaiting", s.now().Sub(oldest.Time()))
	metric.Count(ctx, "ConnectionsWaiting", len(found))
	return s.alert(ctx, found)
}

// see takes since when something waits. Where it waits for the partner's endpoint the
// connection is empty: it is not to blame, and its state says so already.
type see func(connection, partner string, since lever.Time)

// openEvents sees the events that have not ended, those that wait for their time
// too.
func (s sweeper) openEvents(ctx context.Context, see see) error {
	open, err := s.table.OpenEvents(ctx, lever.At(s.now().Add(ahead)), sweep)
	if err != nil {
		return err
	}
	for _, d := range open {
		e, err := s.table.Event(ctx, d.Connection(), d.ID())
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if e.State == store.Received {
			see(e.Connection, e.Partner, max(e.ReceivedAt, e.RetriedAt))
		}
	}
	return nil
}

func (s sweeper) openDeliveries(ctx context.Context, see see) error {
	endpoints, err := s.table.Endpoints(ctx)
	if err != nil {
		return err
	}
	for _, e := range endpoints {
		due, err := s.table.DueDeliveries(ctx, e.Partner, lever.At(s.now().Add(ahead)), sweep)
		if err != nil {
			return err
		}
		for _, of := range due {
			d, err := s.table.Delivery(ctx, of.Connection(), of.ID())
			if errors.Is(err, store.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if e.RestsSince != 0 || e.Failures > 0 {
				d.Connection = ""
			}
			if d.State == store.Pending {
				see(d.Connection, d.Partner, max(d.CreatedAt, d.RetriedAt))
			}
		}
	}
	return nil
}

// alert begins the alerts of the connections that were found, and ends those that
// are over.
func (s sweeper) alert(ctx context.Context, found map[string]*backlog) error {
	open, err := s.table.Alerts(ctx, waiting)
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
		errs = append(errs, s.begin(ctx, connection, b))
	}
	return errors.Join(errs...)
}

func (s sweeper) begin(ctx context.Context, connection string, b *backlog) error {
	c, err := s.table.Connection(ctx, connection)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	const step = "Events or documents of this connection have waited for over an hour. They are tried again by themselves. See whether your endpoint answers, and whether Lever answers this connection."
	d, err := s.table.Alert(ctx, c, store.Attention{Connection: c.ID, Partner: c.Partner, Reason: waiting, About: ledger, Step: step}, document.Document{
		Type: "connection.alert", Version: 1, OccurredAt: s.now(),
		Data: map[string]any{"reason": waiting, "step": step, "since": document.Time(b.oldest.Time()), "count": b.count},
	})
	if errors.Is(err, store.ErrMoved) {
		return nil // the next run sees it again
	}
	if err != nil {
		return err
	}
	slog.ErrorContext(ctx, "work waits too long", "connection", c.ID, "partner", c.Partner, "count", b.count)
	return s.queues.Deliveries.Send(ctx, queue.Delivery{Connection: c.ID, Delivery: d.ID}, 0)
}
