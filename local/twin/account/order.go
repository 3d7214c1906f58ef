package account

import (
	"cmp"
	"slices"
	"sort"
)

// Position is a place in the order in which Lever lists opportunities: by the
// rank of the stage, then the newest first, then by id. The time is that of the
// last advance, so that whoever is moved during a long listing can be met twice
// or not at all.
type Position struct {
	Rank float64
	Time int64
	ID   string
}

func (p Position) compare(q Position) int {
	return cmp.Or(cmp.Compare(p.Rank, q.Rank), cmp.Compare(q.Time, p.Time), cmp.Compare(p.ID, q.ID))
}

// Position is where the candidacy stands.
func (o *Opportunity) Position() Position {
	return Position{Rank: o.stage.Rank, Time: o.LastAdvancedAt, ID: o.ID}
}

// seek is the index of the first candidacy at or after p.
func (a *Account) seek(p Position) int {
	return sort.Search(len(a.order), func(i int) bool { return a.order[i].Position().compare(p) >= 0 })
}

func (a *Account) sort() {
	slices.SortFunc(a.order, func(x, y *Opportunity) int { return x.Position().compare(y.Position()) })
}

func (a *Account) insert(o *Opportunity) { a.order = slices.Insert(a.order, a.seek(o.Position()), o) }

func (a *Account) remove(o *Opportunity) {
	at := a.seek(o.Position())
	a.order = slices.Delete(a.order, at, at+1)
}

// reorder applies a change that moves the candidacy in the order.
func (a *Account) reorder(o *Opportunity, change func()) {
	a.remove(o)
	change()
	a.insert(o)
}

// Page is up to limit candidacies that the filter lets through, from the
// position on, and the position of the next one; nil when there is none.
func (a *Account) Page(f Filter, from *Position, limit int) (page []*Opportunity, next *Position) {
	at := 0
	if from != nil {
		at = a.seek(*from)
	}
	allowed := f.compile(a.now())
	for _, o := range a.order[at:] {
		if !allowed(o) {
			continue
		}
		if len(page) == limit {
			return page, new(o.Position())
		}
		page = append(page, o)
	}
	return page, nil
}

// Slice is up to limit candidacies after the first skip ones, confidential ones
// included.
func (a *Account) Slice(skip, limit int) []*Opportunity {
	skip = min(max(skip, 0), len(a.order))
	return slices.Clone(a.order[skip:min(skip+limit, len(a.order))])
}

// Opportunities is how many candidacies there are.
func (a *Account) Opportunities() int { return len(a.order) }
