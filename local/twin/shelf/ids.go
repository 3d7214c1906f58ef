package shelf

import (
	"encoding/json"

	"fulcrum/local/keep"
)

// IDs are ids that were given once and stay known for good.
type IDs struct {
	rack  *Rack
	kind  string
	known map[string]struct{}
	// fresh are those that the store lacks.
	fresh []string
}

// NewIDs puts a list of ids into the rack. Its kind is its name there.
func NewIDs(r *Rack, kind string) *IDs {
	i := &IDs{rack: r, kind: kind, known: map[string]struct{}{}}
	r.units = append(r.units, i)
	return i
}

// Give makes an id known.
func (i *IDs) Give(id string) {
	// An id stands in one record only, because the first one names the record.
	if i.Know(id) {
		return
	}
	i.known[id] = struct{}{}
	if i.rack.kept() {
		i.fresh = append(i.fresh, id)
	}
}

// Know reports whether the id was ever given.
func (i *IDs) Know(id string) bool {
	_, ok := i.known[id]
	return ok
}

func (i *IDs) load(store *keep.Store) error {
	return values(store, i.rack.bucket(i.kind), func(_ string, value []byte) error {
		var ids []string
		err := json.Unmarshal(value, &ids)
		for _, id := range ids {
			i.known[id] = struct{}{}
		}
		return err
	})
}

// changes is one record of all ids that one act gave: what is known stays, so
// nobody has to find a single one of them again.
func (i *IDs) changes() ([]keep.Change, error) {
	if len(i.fresh) == 0 {
		return nil, nil
	}
	value, err := json.Marshal(i.fresh)
	return []keep.Change{{Bucket: i.rack.bucket(i.kind), Key: key(i.fresh[0]), Value: value}}, err
}

func (i *IDs) settle() { i.fresh = nil }
