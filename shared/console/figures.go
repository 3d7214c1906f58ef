package console

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

const (
	hour = lever.Time(60 * 60 * 1000)
	week = 7 * 24 * hour
	// settled is how old an hour is that is not counted again: what is redriven
	// later than that moves no bar.
	settled = 24 * hour
	// fresh is how old figures are before they are counted again.
	fresh = lever.Time(60 * 1000)
	// together is how many connections are counted side by side.
	together = 8
	// mostItems is how many attention items the first page names.
	mostItems = 20
)

// Figures are what the first page says of a partner.
type Figures struct {
	At lever.Time `json:"at"`
	// Hours are those in which something was received, the oldest first.
	Hours []Hour `json:"hours"`
	// Items are the oldest open attention items, and Open is how many there are.
	Items []Item `json:"items"`
	Open  int    `json:"open"`
	// Lost are the connections that Lever does not let in.
	Lost        []Item     `json:"lost"`
	Connections int        `json:"connections"`
	ComparedAt  lever.Time `json:"comparedAt"`
}

// Hour counts the events that were received in an hour, by what became of them.
type Hour struct {
	At        lever.Time `json:"at"`
	Received  int        `json:"received"`
	Delivered int        `json:"delivered"`
	Parked    int        `json:"parked"`
	// Repaired are those that no webhook told of.
	Repaired int `json:"repaired"`
	// Took counts what was delivered by how long that took; see bounds.
	Took []int `json:"took,omitempty"`
}

// Item is something that only a person can mend.
type Item struct {
	Connection string       `json:"connection"`
	Customer   string       `json:"customer"`
	Reason     fault.Reason `json:"reason"`
	Step       string       `json:"step"`
	At         lever.Time   `json:"at"`
}

// bounds are the ends of the classes of Hour.Took, in milliseconds; the last class
// has no end.
func bounds() []lever.Time {
	return []lever.Time{500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 3_600_000}
}

// p99 is within which time 99 of 100 events were delivered, of those received at a
// time or later. It is zero where there are none, and false where it took longer
// than the last bound.
func (f Figures) p99(since lever.Time) (time.Duration, bool) {
	classes, total := make([]int, len(bounds())+1), 0
	for _, h := range f.Hours {
		if h.At < since {
			continue
		}
		for i, n := range h.Took {
			classes[i] += n
			total += n
		}
	}
	for i, seen := 0, 0; i < len(bounds()) && total > 0; i++ {
		if seen += classes[i]; seen*100 >= total*99 {
			return time.Duration(bounds()[i]) * time.Millisecond, true
		}
	}
	return 0, false
}

// count brings a partner's figures up to date and keeps them.
func (c *Console) count(ctx context.Context, partner string, before Figures) (Figures, error) {
	now := lever.At(c.Now())
	from := max(now-week, before.At-settled)
	from -= from % hour
	f := Figures{At: now}
	for _, h := range before.Hours {
		if h.At < from && h.At >= now-week {
			f.Hours = append(f.Hours, h)
		}
	}
	t := &tally{table: c.Table, from: from, hours: map[lever.Time]*Hour{}, lock: make(chan struct{}, 1)}
	if err := t.all(ctx, partner); err != nil {
		return before, err
	}
	for _, h := range t.hours {
		f.Hours = append(f.Hours, *h)
	}
	slices.SortFunc(f.Hours, func(a, b Hour) int { return int((a.At - b.At) / hour) })
	oldest := func(a, b Item) int { return int((a.At - b.At) / 1000) }
	slices.SortStableFunc(t.items, oldest)
	slices.SortStableFunc(t.lost, oldest)
	f.Open, f.Items, f.Lost = len(t.items), first(t.items), first(t.lost)
	f.Connections, f.ComparedAt = t.connections, t.comparedAt
	return f, c.Table.PutFigures(ctx, partner, f)
}

func first(items []Item) []Item { return items[:min(len(items), mostItems)] }

// tally adds up what the connections of a partner have.
type tally struct {
	table *store.Table
	from  lever.Time
	// lock is held while the rest is changed.
	lock        chan struct{}
	hours       map[lever.Time]*Hour
	items, lost []Item
	connections int
	comparedAt  lever.Time
}

func (t *tally) all(ctx context.Context, partner string) error {
	for page := (store.Paging{}); ; {
		list, err := t.table.ConnectionsAtOnce(ctx, partner, page)
		if err != nil {
			return err
		}
		t.connections += len(list.Items)
		all, within := errgroup.WithContext(ctx)
		all.SetLimit(together)
		for _, c := range list.Items {
			all.Go(func() error { return t.one(within, c) })
		}
		if err := all.Wait(); err != nil {
			return err
		}
		if page.Cursor = list.Next; page.Cursor == "" {
			return nil
		}
	}
}

// one adds what a connection has.
func (t *tally) one(ctx context.Context, c store.Connection) error {
	attention, err := t.table.Attentions(ctx, c.ID, store.Paging{})
	if err != nil {
		return err
	}
	reports, err := t.table.ReportsOf(ctx, c.ID, store.Paging{Limit: 1})
	if err != nil {
		return err
	}
	t.with(func() { t.note(c, attention.Items, reports.Items) })
	for page := (store.Paging{}); ; {
		list, err := t.table.EventsWithin(ctx, c.ID, store.Span{Since: t.from}, func(store.Event) bool { return true }, page)
		if err != nil {
			return err
		}
		t.with(func() {
			for _, e := range list.Items {
				t.add(e)
			}
		})
		if page.Cursor = list.Next; page.Cursor == "" {
			return nil
		}
	}
}

func (t *tally) with(do func()) {
	t.lock <- struct{}{}
	do()
	<-t.lock
}

func (t *tally) note(c store.Connection, attention []store.Attention, reports []store.Report) {
	customer := nameOf(c)
	if c.LostAt != 0 && c.DisconnectedAt == 0 {
		t.lost = append(t.lost, Item{c.ID, customer, c.LostBecause, "A Super Admin of the customer has to connect again.", c.LostAt})
	}
	for _, a := range attention {
		if a.ClearedAt == 0 {
			t.items = append(t.items, Item{c.ID, customer, a.Reason, a.Step, a.RaisedAt})
		}
	}
	for _, r := range reports {
		t.comparedAt = max(t.comparedAt, r.ComparedAt)
	}
}

func (t *tally) add(e store.Event) {
	at := e.ReceivedAt - e.ReceivedAt%hour
	h := t.hours[at]
	if h == nil {
		h = &Hour{At: at}
		t.hours[at] = h
	}
	h.Received++
	if e.Origin == store.FromClock {
		h.Repaired++
	}
	switch e.State {
	case store.Parked:
		h.Parked++
	case store.Delivered:
		h.Delivered++
		h.took(e.EndedAt - e.ReceivedAt)
	}
}

func (h *Hour) took(long lever.Time) {
	if h.Took == nil {
		h.Took = make([]int, len(bounds())+1)
	}
	i, _ := slices.BinarySearch(bounds(), long)
	h.Took[i]++
}

// nameOf is how a connection's customer is called.
func nameOf(c store.Connection) string {
	if c.Customer.Name != "" {
		return c.Customer.Name
	}
	return c.ID
}
