package dynamodb

import (
	"slices"
	"time"
)

// table is one state of a table. It never changes; a write makes another one.
type table struct {
	*definition
	contents
	// past are states before this one, oldest first, for a hostile mood.
	past []past
}

// contents are a table's items by their encoded keys, and the same in each
// index.
type contents struct {
	items   tree
	entries []tree // of the indexes, in their order
	bytes   int
}

// past is what a table held until a moment.
type past struct {
	contents
	until time.Time
}

func newTable(d *definition) *table {
	d.prepare()
	return &table{definition: d, contents: contents{entries: make([]tree, len(d.indexes))}}
}

func newRecord(item document) *record { return &record{item: item, size: itemSize(item)} }

// item is the item with an encoded key, or nil.
func (t *table) item(id string) document {
	if r := t.items.find(id); r != nil {
		return r.item
	}
	return nil
}

// with is the table with the item in place of the one that had its key. A nil
// item takes it out.
func (t *table) with(id string, item document) *table {
	fresh := *t
	fresh.entries = slices.Clone(t.entries)
	if old := t.items.find(id); old != nil {
		fresh.drop(id, old)
	}
	if item != nil {
		fresh.hold(id, newRecord(item))
	}
	return &fresh
}

func (t *table) drop(id string, old *record) {
	t.items, t.bytes = t.items.remove(id), t.bytes-old.size
	for i, x := range t.indexes {
		if key, _, ok := x.entry(id, old); ok {
			t.entries[i] = t.entries[i].remove(key)
		}
	}
}

func (t *table) hold(id string, r *record) {
	t.items, t.bytes = t.items.put(id, r), t.bytes+r.size
	for i, x := range t.indexes {
		if key, content, ok := x.entry(id, r); ok {
			t.entries[i] = t.entries[i].put(key, content)
		}
	}
}

// How far a hostile mood looks back: no more states than that, and none that
// was replaced longer ago. An index of AWS's lags by less than a second as a
// rule, and always catches up.
const (
	maxPast = 8
	maxLag  = 3 * time.Second
)

// after is the table with the state before it remembered.
func (t *table) after(before *table, now time.Time) *table {
	fresh := *t
	fresh.past = append(slices.Clone(before.past), past{before.contents, now})
	fresh.past = fresh.past[max(0, len(fresh.past)-maxPast):]
	return &fresh
}

// earlier is the table as it was some writes ago, if that is not too long ago.
func (t *table) earlier(now time.Time) *table {
	for _, p := range t.past {
		if now.Sub(p.until) < maxLag {
			stale := *t
			stale.contents = p.contents
			return &stale
		}
	}
	return t
}
