package action

import (
	"context"
	"time"

	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

const (
	// grace is how long an action may be overdue: its own message may be on its
	// way.
	grace = 2 * time.Minute
	// sweepPause is how long a swept action is left to its partner's queue.
	sweepPause = 10 * time.Minute
)

// Sweep sends every action that is overdue into its partner's queue: those that
// are to be looked at for doubles, those that wait longer than a queue holds a
// message, and those whose message was lost.
func Sweep(ctx context.Context, table *store.Table, q Queue) error {
	return table.DueActions(ctx, grace, sweepPause, func(ctx context.Context, d store.DueAction) error {
		return q.Send(ctx, d.Partner, queue.Action{Connection: d.Connection, Action: d.ID}, 0)
	})
}
