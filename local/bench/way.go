package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"fulcrum/local/seed"
	"fulcrum/local/stack"
	"fulcrum/local/twin/desk"
)

const (
	// hires is how many go the whole way, and refill what is waited between them:
	// each takes some of the ten calls a second that Lever allows an account.
	hires  = 30
	refill = 500 * time.Millisecond
	// arrivalTime bounds how long one may be under way.
	arrivalTime = 30 * time.Second
)

// watch counts the functions' calls of AWS.
type watch struct {
	mu    sync.Mutex
	calls []stack.Hop
}

func (w *watch) see(h stack.Hop) {
	if !h.Call || h.Where == "runner" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, h)
}

// by is how often each function called what, since a time.
func (w *watch) by(since time.Time) map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[string]int{}
	for _, h := range w.calls {
		if !h.At.Before(since) {
			out[h.Where+" "+h.What]++
		}
	}
	return out
}

// during is for how much of a span of time some function waited for AWS.
func (w *watch) during(from, to time.Time) (sum time.Duration) {
	w.mu.Lock()
	calls := slices.Clone(w.calls)
	w.mu.Unlock()
	slices.SortFunc(calls, func(a, b stack.Hop) int { return a.At.Compare(b.At) })
	for _, h := range calls {
		if h.At.After(from) {
			from = h.At
		}
		if end := earlier(h.Ended, to); end.After(from) {
			sum += end.Sub(from)
			from = end
		}
	}
	return sum
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// way takes hires from Lever to Joinedly, one after the other, on warm functions,
// and counts what they cost.
func (r *run) way(ctx context.Context) error {
	c := r.stack.Connections[0]
	if err := c.GiveDirectory(ctx, http.DefaultClient, r.stack.Gateway); err != nil {
		return err
	}
	cold := r.stack.Twin.Calls(c.Account)
	if _, err := r.hire(ctx, c); err != nil {
		return err
	}
	first := r.stack.Twin.Calls(c.Account) - cold
	began, before := time.Now(), r.stack.Twin.Calls(c.Account)
	for range hires {
		time.Sleep(refill)
		took, err := r.hire(ctx, c)
		if err != nil {
			return err
		}
		r.raw("hire to partner ms", millis(took))
	}
	asked := float64(r.stack.Twin.Calls(c.Account)-before) / hires
	took := r.report.Raw["hire to partner ms"]
	r.add(
		count("Lever calls of a hire, caches cold", float64(first), 4),
		count("Lever calls of a hire, caches warm", asked, 2),
		Row{Metric: "hire in Lever → document at the partner, p50", Value: median(took), Unit: "ms", Goal: new(50.0), Note: "AWS without latency"},
		Row{Metric: "hire in Lever → document at the partner, p99", Value: quantile(took, 0.99), Unit: "ms", Goal: new(150.0)},
	)
	r.charge(r.watch.by(began), hires)
	return nil
}

// hire takes somebody from Lever to the partner.
func (r *run) hire(ctx context.Context, c seed.Connection) (time.Duration, error) {
	summary, err := r.stack.Twin.Summary(c.Account)
	if err != nil {
		return 0, err
	}
	added, err := r.stack.Twin.AddCandidate(c.Account, desk.Candidate{
		Name: "Ada Lovelace", Email: fmt.Sprintf("ada%d@example.com", time.Now().UnixNano()), Posting: summary.Postings[0].ID, Stage: "offer",
	})
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if _, err := r.stack.Twin.Hire(c.Account, added.OpportunityID, ""); err != nil {
		return 0, err
	}
	for time.Since(began) < arrivalTime && ctx.Err() == nil {
		for _, d := range r.stack.Sandbox.Deliveries(c.Partner, c.ID) {
			if bytes.Contains(d.Body, []byte(added.OpportunityID)) {
				return time.Since(began), nil
			}
		}
		time.Sleep(time.Millisecond)
	}
	return 0, errors.Join(errors.New("a hire did not arrive"), ctx.Err())
}
