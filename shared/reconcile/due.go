package reconcile

import (
	"context"
	"errors"
	"time"

	"fulcrum/shared/lever"
	"fulcrum/shared/notice"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

const (
	// sweep is how many events of a shard, or deliveries of a partner, one run of
	// the task due looks at.
	sweep = 500
	// ahead is further than any delivery waits for its next attempt.
	ahead = 48 * time.Hour
)

// Queues send what is due on its way.
type Queues struct {
	Events interface {
		Send(ctx context.Context, partner string, e queue.Event) error
	}
	Deliveries interface {
		Send(ctx context.Context, m queue.Delivery, delay time.Duration) error
	}
}

// sweeper sends on its way what waited in the table for its time, and what has
// fallen out of the queues.
type sweeper struct {
	table  *store.Table
	queues Queues
	alerts *notice.Alerts
	dead   deadLetters
	now    func() time.Time
}

// due does the task of that name.
func (s sweeper) due(ctx context.Context) error {
	return errors.Join(s.events(ctx), s.deliveries(ctx), s.letters(ctx))
}

func (s sweeper) events(ctx context.Context) error {
	due, err := s.table.OpenEvents(ctx, lever.At(s.now()), sweep)
	if err != nil {
		return err
	}
	return store.LookAfter(ctx, s.table, due, func(d store.Due) error {
		e, err := s.table.Event(ctx, d.Connection(), d.ID())
		if err != nil {
			return err
		}
		return s.queues.Events.Send(ctx, e.Partner, e.Message())
	})
}

func (s sweeper) deliveries(ctx context.Context) error {
	endpoints, err := s.table.Endpoints(ctx)
	if err != nil {
		return err
	}
	for _, e := range endpoints {
		if err := s.partner(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// partner sends a partner's due deliveries on their way: one, to see whether it is
// back, while its endpoint rests, and all that wait when it is back.
func (s sweeper) partner(ctx context.Context, e store.Endpoint) error {
	now := lever.At(s.now())
	by, limit := now, sweep
	switch {
	case e.RestsSince != 0 && now < e.ProbeAt:
		return nil
	case e.RestsSince != 0:
		limit = 1
	case e.BackSince != 0:
		by = lever.At(s.now().Add(ahead))
	}
	due, err := s.table.DueDeliveries(ctx, e.Partner, by, limit)
	if err != nil {
		return err
	}
	err = store.LookAfter(ctx, s.table, due, func(d store.Due) error {
		return s.queues.Deliveries.Send(ctx, queue.Delivery{Connection: d.Connection(), Delivery: d.ID()}, 0)
	})
	if err != nil {
		return err
	}
	if e.BackSince != 0 && len(due) < limit {
		return s.table.Released(ctx, e)
	}
	return nil
}
