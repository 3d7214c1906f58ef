package lever

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
)

// Window is a span of time. Both ends are counted in, as Lever counts them; an end
// that is zero is open.
type Window struct{ From, Until Time }

// Windows cuts time into n windows, at least one, that touch and do not overlap:
// those between the first and the last are of one length between from and until,
// and the first is open to the past, the last to the future. Whatever from and
// until are, nothing falls out; they only have to be near enough to what is there
// that the windows hold about as much.
func Windows(from, until time.Time, n int) []Window {
	n = max(n, 1)
	windows := make([]Window, n)
	step := max(until.Sub(from).Milliseconds()/int64(n), 1)
	for i := range n - 1 {
		end := At(from) + Time(step*int64(i+1))
		windows[i].Until, windows[i+1].From = end-1, end
	}
	return windows
}

// WalkWindows lists opportunities by windows of their creation and gives each page
// to take, which is called by several readers at a time. One reader that waits for
// each answer makes three calls a second of the ten that Lever allows; readers are
// how many go side by side. A first import needs this: what is old has no
// updatedAt, and createdAt never changes, so nothing moves from window to window.
//
// A page belongs to its window: whoever keeps Window and Page.Next can go on there
// with OpportunityPages. The first error ends the walk.
func (c *Client) WalkWindows(ctx context.Context, f OpportunityFilter, windows []Window, readers int, take func(context.Context, Window, Page[Opportunity]) error) error {
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(max(readers, 1))
	for _, w := range windows {
		all.Go(func() error {
			f := f
			f.CreatedAfter, f.CreatedUntil = w.From, w.Until
			for page, err := range c.OpportunityPages(ctx, f) {
				if err != nil {
					return err
				}
				if err := take(ctx, w, page); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return all.Wait()
}
