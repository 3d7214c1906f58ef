package backfill

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

const (
	// readers are how many parts are walked through side by side: one reader that
	// waits for each answer makes three calls a second of the ten that Lever
	// allows.
	readers = 5
	// spell is how long one message is worked on: long enough that the pauses
	// between messages do not matter, short enough for a function that has events
	// to work off too.
	spell = 8 * time.Second
)

// walk is one run's walk through an import.
type walk struct {
	runner *Runner
	source Source
	job    *Job

	// noting is taken by who notes a page. It is no mutex, because the table is
	// asked meanwhile.
	noting chan struct{}
	i      store.Import
}

// run walks through the parts that are left until all are done, or until the spell
// is over: pages that were begun are done then.
func (w *walk) run(ctx context.Context) error {
	until := w.runner.now().Add(spell)
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(readers)
	for n, part := range w.i.Parts {
		if !part.Done {
			all.Go(func() error { return w.part(ctx, n, part, until) })
		}
	}
	return all.Wait()
}

func (w *walk) part(ctx context.Context, n int, part store.ImportPart, until time.Time) error {
	for !part.Done && w.runner.now().Before(until) {
		page, err := w.source.Page(ctx, w.job, part)
		if err != nil {
			return err
		}
		part.Pages++
		part.Offset, part.Done = page.Next, page.Next == ""
		if err := w.note(ctx, n, part, page); err != nil {
			return err
		}
	}
	return nil
}

// errTaken says that another has taken the import over, or has begun it again.
var errTaken = errors.New("import is in other hands")

// note writes that a page is done. It fails with errTaken when it is another's to
// write.
func (w *walk) note(ctx context.Context, n int, part store.ImportPart, page Page) error {
	select {
	case w.noting <- struct{}{}:
		defer func() { <-w.noting }()
	case <-ctx.Done():
		return ctx.Err()
	}
	i := w.i
	i.Parts = slices.Clone(w.i.Parts)
	i.Parts[n] = part
	i.Read += page.Read
	i.Changed += page.Changed
	now := w.runner.now()
	i.Tries, i.MovedAt, i.HeldUntil = 0, lever.At(now), lever.At(now.Add(hold))
	i, err := w.runner.table.SaveImport(ctx, i)
	if errors.Is(err, store.ErrMoved) {
		return errTaken
	}
	if err != nil {
		return err
	}
	w.i = i
	return nil
}
