package completeness

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"fulcrum/shared/lever"
	"fulcrum/shared/metric"
	"fulcrum/shared/notice"
	"fulcrum/shared/store"
)

const (
	// atOnce is how many connections are compared side by side. They wait for Lever,
	// each for its own account's rate.
	atOnce = 32
	// perList is how many windows of a shard are listed at once.
	perList = 500
	// reserve is how much of a run's time has to be left to begin with another window:
	// enough for a usual one.
	reserve = time.Minute
)

// Windows compares the windows that are due, as many as its time allows. One that
// fails is compared with the next.
func (c *Comparer) Windows(ctx context.Context) error {
	var all errgroup.Group
	var late atomic.Int64
	all.SetLimit(atOnce)
	more, err := true, error(nil)
	for more && err == nil {
		more, err = c.list(ctx, func(connection string) {
			all.Go(func() error {
				isLate, err := c.compare(ctx, connection)
				if isLate {
					late.Add(1)
				}
				return err
			})
		})
	}
	err = errors.Join(err, all.Wait())
	metric.Count(ctx, "WindowsBehind", int(late.Load()))
	return err
}

// hurried reports whether too little is left of the run's time to begin with another
// window.
func (c *Comparer) hurried(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && deadline.Sub(c.now()) < reserve
}

// list begins with windows that are due, and reports whether to go on with another
// list: not when somebody else has begun with all of this one, or time is over.
func (c *Comparer) list(ctx context.Context, begin func(connection string)) (more bool, err error) {
	due, err := c.table.DueWindows(ctx, lever.At(c.now()), perList)
	if err != nil {
		return false, err
	}
	for _, d := range due {
		if c.hurried(ctx) {
			return false, nil
		}
		mine, err := c.table.Look(ctx, d)
		if err != nil {
			return more, err
		}
		if mine {
			more = true
			begin(d.Connection())
		}
	}
	return more, nil
}

// compare compares a window. It reports whether that failed and the connection is behind.
func (c *Comparer) compare(ctx context.Context, connectionID string) (isLate bool, err error) {
	if err = c.Compare(ctx, connectionID); err == nil {
		return false, nil
	}
	slog.WarnContext(ctx, "window not compared", "connection", connectionID, "error", err.Error())
	return c.late(ctx, connectionID)
}

// late reports whether a connection is behind, and has the partner told of it.
func (c *Comparer) late(ctx context.Context, connectionID string) (bool, error) {
	b, err := Late(ctx, c.table, connectionID, c.now())
	if err != nil || b.Count == 0 {
		return false, err
	}
	return true, c.alerts.Begin(ctx, connectionID, notice.Behind, b)
}

// Late is how many windows of a connection are to be compared by now, where the last
// one ended longer ago than Behind; else, and where it has none, nothing.
func Late(ctx context.Context, table *store.Table, connectionID string, now time.Time) (notice.Backlog, error) {
	w, err := table.Window(ctx, connectionID)
	if errors.Is(err, store.ErrNotFound) {
		return notice.Backlog{}, nil
	}
	since := now.Sub(w.Until.Time())
	if err != nil || since <= Behind {
		return notice.Backlog{}, err
	}
	return notice.Backlog{Count: int(since / store.WindowEvery), Oldest: w.Until}, nil
}
