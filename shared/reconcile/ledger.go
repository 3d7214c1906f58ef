package reconcile

import (
	"context"
	"errors"
	"time"

	"fulcrum/shared/completeness"
	"fulcrum/shared/lever"
	"fulcrum/shared/metric"
	"fulcrum/shared/notice"
	"fulcrum/shared/store"
)

// tooLong is how long an event or a delivery may wait before somebody has to look,
// though it has its time when it goes on.
const tooLong = time.Hour

// ledger does the task of that name: it finds what does not go on, counts it and
// tells of it. It runs beside the tasks that move things, so that it tells of their
// failing too.
func (s sweeper) ledger(ctx context.Context) error {
	open, err := s.openEvents(ctx)
	if err != nil {
		return err
	}
	return errors.Join(s.gaps(ctx, open), s.waiting(ctx, open), s.windows(ctx), s.deadLetters(ctx))
}

// openEvent is an event that has not ended.
type openEvent struct {
	store.Event
	due bool // it is to be looked at now
}

// openEvents are the events that have not ended. These are exactly those in the index
// due, because an event leaves it in the update that ends it.
func (s sweeper) openEvents(ctx context.Context) ([]openEvent, error) {
	listed, err := s.table.OpenEvents(ctx, lever.At(s.now().Add(ahead)), sweep)
	if err != nil {
		return nil, err
	}
	var open []openEvent
	for _, d := range listed {
		e, err := s.table.Event(ctx, d.Connection(), d.ID())
		if errors.Is(err, store.ErrNotFound) || err == nil && e.State != store.Received {
			continue
		}
		if err != nil {
			return nil, err
		}
		open = append(open, openEvent{e, d.By(lever.At(s.now()))})
	}
	return open, nil
}

// gaps proves that every event that was received has ended, is younger than
// store.Grace, or has a time when it goes on. What breaks this goes on its way with
// the task due.
func (s sweeper) gaps(ctx context.Context, open []openEvent) error {
	found, count := notice.Backlogs{}, 0
	for _, e := range open {
		last := max(e.ReceivedAt, e.RetriedAt, e.NextAt).Time()
		if e.due && s.now().Sub(last) > store.Grace {
			count++
			found.Add(e.Connection, e.ReceivedAt)
		}
	}
	metric.Count(ctx, "LedgerGap", count)
	return s.alerts.Hold(ctx, notice.Stuck, found)
}

// waiting measures how long the oldest event or delivery has waited, and tells of
// connections of which one has waited too long.
func (s sweeper) waiting(ctx context.Context, open []openEvent) error {
	found := notice.Backlogs{}
	oldest := lever.At(s.now())
	see := func(connection string, since lever.Time) {
		oldest = min(oldest, since)
		if connection != "" && s.now().Sub(since.Time()) > tooLong {
			found.Add(connection, since)
		}
	}
	for _, e := range open {
		see(e.Connection, max(e.ReceivedAt, e.RetriedAt))
	}
	if err := s.openDeliveries(ctx, see); err != nil {
		return err
	}
	metric.Age(ctx, "OldestWaiting", s.now().Sub(oldest.Time()))
	metric.Count(ctx, "ConnectionsWaiting", len(found))
	return s.alerts.Hold(ctx, notice.Waiting, found)
}

// openDeliveries lets see since when each delivery waits. Where it waits for the
// partner's endpoint the connection is empty: it is not to blame, and its state says
// so already.
func (s sweeper) openDeliveries(ctx context.Context, see func(connection string, since lever.Time)) error {
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
				see(d.Connection, max(d.CreatedAt, d.RetriedAt))
			}
		}
	}
	return nil
}

// windows tells of the windows that nobody has looked at for long, of which no metric
// comes either, and ends what was told of those that are compared again. Those that
// are looked at and fail are told of by package completeness.
func (s sweeper) windows(ctx context.Context) error {
	overdue, err := s.table.DueWindows(ctx, lever.At(s.now().Add(-completeness.Behind)), sweep)
	if err != nil {
		return err
	}
	for _, d := range overdue {
		late, err := completeness.Late(ctx, s.table, d.Connection(), s.now())
		if err != nil {
			return err
		}
		if late.Count == 0 {
			continue // it was just looked at
		}
		if err := s.alerts.Begin(ctx, d.Connection(), notice.Behind, late); err != nil {
			return err
		}
	}
	return s.caughtUp(ctx)
}

// caughtUp ends the alerts of connections that are no longer behind, or are gone.
func (s sweeper) caughtUp(ctx context.Context) error {
	open, err := s.table.Alerts(ctx, notice.Behind)
	if err != nil {
		return err
	}
	for _, a := range open {
		late, err := completeness.Late(ctx, s.table, a.Connection, s.now())
		if err == nil && late.Count == 0 {
			err = s.table.EndAlert(ctx, a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
