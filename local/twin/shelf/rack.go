// Package shelf holds the twin's objects in memory and knows which of them are
// still to be saved. Who wants an object takes it from its shelf, and all that was
// taken since the last Save is compared with what the store has. So a change
// needs no mark that could be forgotten; only what was reached by See or All,
// which are for reading, is not looked at.
//
// Where the store keeps nothing, shelves are maps and keep no books. Nothing here
// is safe for concurrent use: a rack stands under its owner's lock.
package shelf

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/maphash"

	"fulcrum/local/keep"
)

// Rack is shelves that are saved together. Each has a bucket of its own in the
// store, named after the rack and the kind of its objects.
type Rack struct {
	store *keep.Store
	name  string
	seed  maphash.Seed
	units []unit
}

// unit is a shelf, whatever is on it.
type unit interface {
	// load puts on the shelf what the store has.
	load(*keep.Store) error
	// changes is what the store lacks. It stays so until settle.
	changes() ([]keep.Change, error)
	// settle notes that the store lacks nothing.
	settle()
}

// NewRack makes a rack without shelves. A nil store keeps nothing, as a zero one.
func NewRack(store *keep.Store, name string) *Rack {
	r := &Rack{name: key(name), seed: maphash.MakeSeed()}
	if Keeps(store) {
		r.store = store
	}
	return r
}

// Keeps reports whether the store is one that keeps anything.
func Keeps(s *keep.Store) bool { return s != nil && *s != (keep.Store{}) }

// kept reports whether there is a store that keeps anything.
func (r *Rack) kept() bool { return r.store != nil }

func (r *Rack) bucket(kind string) string { return r.name + "/" + kind }

func (r *Rack) sum(value []byte) uint64 { return maphash.Bytes(r.seed, value) }

// Load fills the shelves from the store, in the order in which they were made: a
// shelf's objects can refer to those of an earlier one.
func (r *Rack) Load() error {
	if !r.kept() {
		return nil
	}
	for _, u := range r.units {
		if err := u.load(r.store); err != nil {
			return err
		}
	}
	return nil
}

// Save saves what has changed on racks of one store, all of it or nothing. What
// could not be saved is saved by the next Save.
func Save(racks ...*Rack) error {
	var store *keep.Store
	var all []keep.Change
	for _, r := range racks {
		if !r.kept() {
			continue
		}
		changes, err := r.changes()
		if err != nil {
			return fmt.Errorf("save %s: %w", r.name, err)
		}
		store, all = r.store, append(all, changes...)
	}
	// Most acts only read; they cost no transaction.
	if len(all) > 0 {
		if err := store.Save(all...); err != nil {
			return fmt.Errorf("save: %w", err)
		}
	}
	for _, r := range racks {
		for _, u := range r.units {
			u.settle()
		}
	}
	return nil
}

// changes is what the store lacks of the whole rack.
func (r *Rack) changes() (all []keep.Change, err error) {
	for _, u := range r.units {
		changes, err := u.changes()
		if err != nil {
			return nil, err
		}
		all = append(all, changes...)
	}
	return all, nil
}

// maxKey is how long a key is at most; bbolt takes no more than 32 KB.
const maxKey = 1024

// key is the name of something in the store. What is too long, as ids can be that
// somebody made up, is named by its hash.
func key(id string) string {
	if len(id) <= maxKey {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// values are the keys and values of a bucket.
func values(s *keep.Store, bucket string, each func(key string, value []byte) error) error {
	type pair struct {
		key   string
		value []byte
	}
	// They are read before they are used: reading one may read other buckets.
	var all []pair
	err := s.Load(bucket, func(key string, value []byte) error {
		all = append(all, pair{key, value})
		return nil
	})
	if err != nil {
		return fmt.Errorf("read %s: %w", bucket, err)
	}
	for _, p := range all {
		if err := each(p.key, p.value); err != nil {
			return fmt.Errorf("read %s %s: %w", bucket, p.key, err)
		}
	}
	return nil
}
