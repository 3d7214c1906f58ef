package signing

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"fulcrum/shared/lever"
)

const (
	// Keep is the longest that a key counts beside the one that took its place.
	Keep = time.Hour
	// maxToken is the most characters of a signing token; Lever's have 48.
	maxToken = 64
	// minToken keeps a slip of the hand from becoming a key.
	minToken = 16
	// maxKeys is how many keys a hook has: one, and the one before it.
	maxKeys = 2
	// maxEntry is the most bytes of a hook in its shard's JSON, its comma included,
	// and perShard how many of them a shard takes whatever becomes of them. Only
	// what nobody can foresee, a shard written by hand, can be over MaxSize.
	maxEntry = 300
	perShard = 160
)

// ErrToken says that a text cannot be a signing token: those have 16 to 64
// letters, digits and other visible ASCII characters.
var ErrToken = errors.New("not a signing token")

// Kind is what a Change does.
type Kind string

// The kinds of changes.
const (
	// Put makes the hook what Entry says.
	Put Kind = "put"
	// Drop takes the hook's keys away, so that nothing it is sent counts until
	// another Put.
	Drop Kind = "drop"
	// Retire takes the hook away for good, and frees its room in the shard.
	Retire Kind = "retire"
)

// Change is what is to become of one hook. It is written down before the shard
// is, and whoever writes the shard next makes it.
type Change struct {
	// Shard is the one that the hook's id names. Seq orders the changes of a shard;
	// the table gives it.
	Shard int    `json:"-"`
	Seq   int64  `json:"-"`
	Kind  Kind   `json:"kind"`
	Hook  string `json:"hook"`
	// Entry is the hook of a Put, with one key.
	Entry Hook `json:"entry,omitzero"`
	// Until is how long the key counts that a Put takes the place of, in Unix
	// milliseconds. Zero refuses it at once.
	Until lever.Time `json:"until,omitempty"`
}

// Check says why a change cannot be made, as of a moment. Its errors hold no
// token.
func (c Change) Check(now time.Time) error {
	switch {
	case c.Kind != Put:
		return nil
	case len(c.Entry.Keys) != 1:
		return fmt.Errorf("a hook is put with one key, not %d", len(c.Entry.Keys))
	case !isToken(c.Entry.Keys[0].Token):
		return ErrToken
	case c.Until.Time().After(now.Add(Keep)):
		return fmt.Errorf("the key before may count for %v at most", Keep)
	}
	return c.checkSize()
}

// checkSize refuses a hook that could take more room than a shard has for one,
// once it has as many keys as it can.
func (c Change) checkSize() error {
	full := c.Entry
	full.Keys = slices.Repeat([]Key{{Token: c.Entry.Keys[0].Token, Until: 1e12}}, maxKeys)
	full.Keys[0].Until = 0
	text, err := json.Marshal(map[string]Hook{c.Hook: full})
	if err != nil {
		return fmt.Errorf("encode hook: %w", err)
	}
	// The braces around it count for its comma; the other key may be a longer one.
	if n := len(text) + maxToken - len(c.Entry.Keys[0].Token); n > maxEntry {
		return fmt.Errorf("a hook may take %d bytes, over %d", n, maxEntry)
	}
	return nil
}

func isToken(s string) bool {
	if len(s) < minToken || len(s) > maxToken {
		return false
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return false
		}
	}
	return true
}

// make applies a change as of a moment, and reports whether it freed the room of
// a hook. Made twice in a row it is as made once.
func (s Shard) make(c Change, at lever.Time) (freed bool) {
	entry, there := s.Hooks[c.Hook]
	switch {
	case c.Kind == Put:
		s.Hooks[c.Hook] = c.put(entry.Keys, at)
	case c.Kind == Retire:
		delete(s.Hooks, c.Hook)
		return there
	case there:
		entry.Keys = []Key{}
		s.Hooks[c.Hook] = entry
	}
	return false
}

// put is the hook of a Put in the place of one with the keys before.
func (c Change) put(before []Key, at lever.Time) Hook {
	entry := c.Entry
	entry.Keys = slices.Clone(c.Entry.Keys)
	for _, old := range before {
		if old.Until == 0 || old.Until > int64(c.Until) {
			old.Until = int64(c.Until)
		}
		if len(entry.Keys) < maxKeys && old.counts(at) && old.Token != entry.Keys[0].Token {
			entry.Keys = append(entry.Keys, old)
		}
	}
	return entry
}

// counts reports whether a key with an end counts at a moment.
func (k Key) counts(at lever.Time) bool { return k.Until > int64(at) }

// prune forgets the keys whose end is over.
func (s Shard) prune(at lever.Time) {
	for id, h := range s.Hooks {
		h.Keys = slices.DeleteFunc(slices.Clone(h.Keys), func(k Key) bool { return k.Until != 0 && !k.counts(at) })
		s.Hooks[id] = h
	}
}
