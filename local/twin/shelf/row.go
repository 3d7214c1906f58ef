package shelf

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"fulcrum/local/keep"
)

// Row is a shelf whose objects stand in an order.
type Row[T any] struct {
	shelf *Shelf[T]
	list  []*T
	// places are numbers that grow along the list; in the store they stand before
	// the object. Next is the number of the next one at the end.
	places map[string]int
	next   int
}

// NewRow puts a row into the rack. Its kind is its name there.
func NewRow[T any](r *Rack, kind string, form Form[T]) *Row[T] {
	row := &Row[T]{places: map[string]int{}}
	placed := form
	placed.Write = func(x *T) ([]byte, error) {
		value, err := form.Write(x)
		return append(strconv.AppendInt(nil, int64(row.places[form.ID(x)]), 10), append([]byte{' '}, value...)...), err
	}
	placed.Read = func(key string, value []byte) (*T, error) {
		place, value, _ := bytes.Cut(value, []byte{' '})
		n, err := strconv.Atoi(string(place))
		if err != nil {
			return nil, fmt.Errorf("place in the row: %w", err)
		}
		x, err := form.Read(key, value)
		if err == nil {
			row.places[form.ID(x)] = n
		}
		return x, err
	}
	row.shelf = newShelf(r, kind, placed)
	r.units = append(r.units, row)
	return row
}

// Take is the object with the id, to be read or changed; nil when there is none.
func (r *Row[T]) Take(id string) *T { return r.shelf.Take(id) }

// See is the object with the id, for reading only; nil when there is none.
func (r *Row[T]) See(id string) *T { return r.shelf.See(id) }

// All are all objects in order, for reading only. The list is the row's own.
func (r *Row[T]) All() []*T { return r.list }

// Added is how many objects were ever put at the end of the row, as far as the
// last one that is there tells.
func (r *Row[T]) Added() int { return r.next }

// Add puts an object at the end.
func (r *Row[T]) Add(x *T) { r.Insert(len(r.list), x) }

// Insert puts an object before the one at the index.
func (r *Row[T]) Insert(at int, x *T) {
	r.list = slices.Insert(r.list, at, x)
	// What stands behind it gets new places; rows in which that happens are short.
	for _, y := range r.list[at:] {
		r.places[r.shelf.form.ID(y)] = r.next
		r.next++
		r.shelf.Put(y)
	}
}

// Drop removes the object with the id, if there is one.
func (r *Row[T]) Drop(id string) {
	x := r.shelf.Take(id)
	if x == nil {
		return
	}
	r.shelf.Drop(id)
	delete(r.places, id)
	r.list = slices.DeleteFunc(r.list, func(y *T) bool { return y == x })
}

func (r *Row[T]) load(store *keep.Store) error {
	err := r.shelf.load(store)
	for x := range r.shelf.All() {
		r.list = append(r.list, x)
	}
	place := func(x *T) int { return r.places[r.shelf.form.ID(x)] }
	slices.SortFunc(r.list, func(x, y *T) int { return cmp.Compare(place(x), place(y)) })
	if n := len(r.list); n > 0 {
		r.next = place(r.list[n-1]) + 1
	}
	return err
}

func (r *Row[T]) changes() ([]keep.Change, error) { return r.shelf.changes() }

func (r *Row[T]) settle() { r.shelf.settle() }
