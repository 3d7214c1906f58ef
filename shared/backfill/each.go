package backfill

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// beside is how many things of a page are worked on side by side.
const beside = 8

// Each does something with all things of a page, several side by side, and counts
// those of which do says so. The first error ends it.
func Each[T any](ctx context.Context, all []T, do func(context.Context, T) (bool, error)) (n int, err error) {
	counts := make([]bool, len(all))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(beside)
	for i, x := range all {
		group.Go(func() (err error) {
			counts[i], err = do(ctx, x)
			return err
		})
	}
	err = group.Wait()
	for _, c := range counts {
		if c {
			n++
		}
	}
	return n, err
}
