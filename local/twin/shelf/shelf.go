package shelf

import (
	"encoding/json"
	"iter"
	"maps"

	"fulcrum/local/keep"
)

// Form says how objects are known and how they are written in the store.
type Form[T any] struct {
	// ID is the object's id. It never changes and is not empty.
	ID    func(*T) string
	Write func(*T) ([]byte, error)
	// Read is the reverse of Write. The key is the id, or its hash if it is long.
	Read func(key string, value []byte) (*T, error)
}

// JSON is the form of objects that are written as they are.
func JSON[T any](id func(*T) string) Form[T] {
	same := func(x *T) *T { return x }
	return JSONAs(id, same, func(x *T) (*T, error) { return x, nil })
}

// JSONAs is the form of objects that are written as objects of another type.
func JSONAs[T, K any](id func(*T) string, to func(*T) *K, from func(*K) (*T, error)) Form[T] {
	return Form[T]{
		ID:    id,
		Write: func(x *T) ([]byte, error) { return json.Marshal(to(x)) },
		Read: func(_ string, value []byte) (*T, error) {
			k := new(K)
			if err := json.Unmarshal(value, k); err != nil {
				return nil, err
			}
			return from(k)
		},
	}
}

// Shelf is objects of one kind by id, in no order.
type Shelf[T any] struct {
	rack  *Rack
	kind  string
	form  Form[T]
	by    map[string]*T
	books *books
}

// books are what a shelf knows of the store; nil where nothing is kept.
type books struct {
	// taken are the ids of objects that may have changed since the last Save.
	taken map[string]struct{}
	// sums are of what the store has, next of what it is being given.
	sums, next map[string]uint64
}

// New puts a shelf into the rack. Its kind is its name there.
func New[T any](r *Rack, kind string, form Form[T]) *Shelf[T] {
	s := newShelf(r, kind, form)
	r.units = append(r.units, s)
	return s
}

func newShelf[T any](r *Rack, kind string, form Form[T]) *Shelf[T] {
	s := &Shelf[T]{rack: r, kind: kind, form: form, by: map[string]*T{}}
	if r.kept() {
		s.books = &books{taken: map[string]struct{}{}, sums: map[string]uint64{}, next: map[string]uint64{}}
	}
	return s
}

// Take is the object with the id, to be read or changed; nil when there is none.
func (s *Shelf[T]) Take(id string) *T {
	x := s.by[id]
	if x != nil {
		s.note(id)
	}
	return x
}

// See is the object with the id, for reading only; nil when there is none.
func (s *Shelf[T]) See(id string) *T { return s.by[id] }

// All are all objects, for reading only, in no order.
func (s *Shelf[T]) All() iter.Seq[*T] { return maps.Values(s.by) }

// Len is how many objects there are.
func (s *Shelf[T]) Len() int { return len(s.by) }

// Put adds an object, or puts it in the place of the one with its id.
func (s *Shelf[T]) Put(x *T) {
	id := s.form.ID(x)
	s.by[id] = x
	s.note(id)
}

// Drop removes the object with the id, if there is one.
func (s *Shelf[T]) Drop(id string) {
	s.Take(id)
	delete(s.by, id)
}

func (s *Shelf[T]) note(id string) {
	if s.books != nil {
		s.books.taken[id] = struct{}{}
	}
}

func (s *Shelf[T]) load(store *keep.Store) error {
	return values(store, s.rack.bucket(s.kind), func(key string, value []byte) error {
		x, err := s.form.Read(key, value)
		if err != nil {
			return err
		}
		id := s.form.ID(x)
		s.by[id] = x
		s.books.sums[id] = s.rack.sum(value)
		return nil
	})
}

func (s *Shelf[T]) changes() (all []keep.Change, err error) {
	for id := range s.books.taken {
		c := keep.Change{Bucket: s.rack.bucket(s.kind), Key: key(id)}
		old, stored := s.books.sums[id]
		x, here := s.by[id]
		if here {
			if c.Value, err = s.form.Write(x); err != nil {
				return nil, err
			}
			if c.Value == nil {
				// To the store, nil is the removal of the key.
				c.Value = []byte{}
			}
			s.books.next[id] = s.rack.sum(c.Value)
		}
		if here != stored || here && old != s.books.next[id] {
			all = append(all, c)
		}
	}
	return all, nil
}

func (s *Shelf[T]) settle() {
	if s.books == nil || len(s.books.taken) == 0 {
		return
	}
	for id := range s.books.taken {
		if s.by[id] == nil {
			delete(s.books.sums, id)
			continue
		}
		s.books.sums[id] = s.books.next[id]
	}
	// New maps, because clearing those of a great act would cost every later one.
	s.books.taken, s.books.next = map[string]struct{}{}, map[string]uint64{}
}
