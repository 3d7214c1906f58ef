package reconcile

import (
	"context"
	"errors"
	"time"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/metric"
	"fulcrum/shared/store"
)

const (
	// tooLong is how long an event or a delivery may wait before somebody has to
	// look, though it has its time when it goes on.
	tooLong = time.Hour
	// waiting is the reason of that alert.
	waiting fault.Reason = "waiting_too_long"
)

// waiting does a part of the task ledger: it measures how long the oldest event or
// delivery has waited, and tells of connections of which one has waited too long.
func (s sweeper) waiting(ctx context.Context) error {
	found := map[string]*backlog{}
	oldest := lever.At(s.now())
	see := func(connection string, since lever.Time) {
		oldest = min(oldest, since)
		if connection == "" || s.now().Sub(since.Time()) <= tooLong {
			return
		}
		if found[connection] == nil {
			found[connection] = &backlog{oldest: since}
		}
		found[connection].add(since)
	}
	if err := errors.Join(s.openEvents(ctx, see), s.openDeliveries(ctx, see)); err != nil {
		return err
	}
	metric.Age(ctx, "OldestWaiting", s.now().Sub(oldest.Time()))
	metric.Count(ctx, "ConnectionsWaiting", len(found))
	return s.alert(ctx, waiting, found)
}

// see takes since when something waits. Where it waits for the partner's endpoint the
// connection is empty: it is not to blame, and its state says so already.
type see func(connection string, since lever.Time)

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
			see(e.Connection, max(e.ReceivedAt, e.RetriedAt))
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
				see(d.Connection, max(d.CreatedAt, d.RetriedAt))
			}
		}
	}
	return nil
}
