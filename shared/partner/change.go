package partner

import (
	"context"
	"errors"
	"time"

	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// changes is how often a change is computed anew when others were quicker.
const changes = 5

// Deliveries sends a delivery on its way.
type Deliveries interface {
	Send(ctx context.Context, m queue.Delivery, delay time.Duration) error
}

// Change commits what a call of the partner's leads to, which no event stands
// for: do puts new states and documents into the Work, as Sync does, without a
// Lever client. It is called again with an empty Work when something it read has
// changed meanwhile; ErrMoved says that this happened too often.
func Change(ctx context.Context, table *store.Table, deliveries Deliveries, c store.Connection, do func(*Work) error) error {
	for range changes {
		w := Eventless(c, nil, table)
		if err := do(w); err != nil {
			return err
		}
		commit := w.Commit(store.Event{})
		err := table.Commit(ctx, commit)
		if errors.Is(err, store.ErrMoved) {
			continue
		}
		if err != nil {
			return err
		}
		for _, d := range commit.Deliveries {
			if err := deliveries.Send(ctx, queue.Delivery{Connection: c.ID, Delivery: d.ID}, 0); err != nil {
				return err
			}
		}
		return nil
	}
	return store.ErrMoved
}
