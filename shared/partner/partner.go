// Package partner is what a partner's sync function has in common with the other
// partners': the unit of work. A partner reads the object that an event points
// to from Lever, maps it, and puts the new state and the documents to deliver
// into the Work; what has not changed drops out by itself. The worker commits.
package partner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"fulcrum/shared/document"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// Partner is one of the products that the bundle serves.
type Partner interface {
	// Name is the partner's folder, and its name everywhere.
	Name() string
	// Sync brings the present state of what the event points to into w. It is
	// safe to repeat: w is thrown away when anything has changed meanwhile.
	Sync(ctx context.Context, w *Work) error
}

// Work is what one event leads to. It is used by one goroutine.
type Work struct {
	Event      queue.Event
	Connection store.Connection
	Lever      *lever.Client

	table   *store.Table
	objects []store.Object
	due     []store.Delivery
	raised  []store.Attention
	cleared []store.Attention
	letters []store.Letter
	forgets []Forget
	reason  fault.Reason
}

// NewWork makes the empty work of an event.
func NewWork(e queue.Event, c store.Connection, client *lever.Client, table *store.Table) *Work {
	return &Work{Event: e, Connection: c, Lever: client, table: table}
}

// Eventless makes the work that no event stands for: for a call of the partner's, an
// action or an import, or only for reading what is known. client may be nil.
func Eventless(c store.Connection, client *lever.Client, table *store.Table) *Work {
	return NewWork(queue.Event{Connection: c.ID}, c, client, table)
}

// Settings reads what the customer chose into v, the partner's typed document. It
// reports whether anything was ever applied.
func (w *Work) Settings(ctx context.Context, v any) (bool, error) {
	s, err := w.table.Settings(ctx, w.Connection.ID)
	if err != nil || s.Version == 0 {
		return false, err
	}
	if err := json.Unmarshal(s.Values, v); err != nil {
		return false, fmt.Errorf("settings: %w", err)
	}
	return true, nil
}

// Raise has an attention item there with the commit. A retry of it looks again at
// what the event points to.
func (w *Work) Raise(a store.Attention) {
	a.Connection, a.Partner = w.Connection.ID, w.Connection.Partner
	if a.Event == "" {
		a.Event, a.IDs = w.Event.Event, w.Event.IDs
	}
	w.raised = append(w.raised, a)
}

// Clear has the attention item of a reason about a thing closed with the commit,
// if there is an open one.
func (w *Work) Clear(ctx context.Context, reason fault.Reason, about string) error {
	a, err := w.table.Attention(ctx, w.Connection.ID, store.AttentionID(w.Connection.ID, reason, about))
	if errors.Is(err, store.ErrNotFound) || err == nil && a.ClearedAt != 0 {
		return nil
	}
	w.cleared = append(w.cleared, a)
	return err
}

// Letter has a mail go out that the commit is the reason of; see store.Letter.
func (w *Work) Letter(l store.Letter) {
	l.Connection, l.Partner = w.Connection.ID, w.Connection.Partner
	w.letters = append(w.letters, l)
}

// Ignore ends the event without effect, for a reason that people will read.
func (w *Work) Ignore(reason fault.Reason) { w.reason = reason }

// Object reads what is known of a Lever object, and its state into state. It must
// be read before Lever is: the commit fails when it has changed after this read,
// so that an older state of Lever never overwrites a newer one.
func (w *Work) Object(ctx context.Context, kind, id string, state any) (store.Object, error) {
	o, err := w.table.Object(ctx, w.Connection.ID, kind, id)
	if err != nil {
		return o, err
	}
	return o, o.Read(state)
}

// ErrStale says that Lever gave an older state than one that was seen before.
var ErrStale = errors.New("lever gave an older state than before")

// Put records an object's new state as of Lever's time at, with the documents
// that tell the partner of it. Where the state is the one that is known already,
// nothing is recorded.
func (w *Work) Put(o store.Object, at lever.Time, state any, documents ...document.Document) error {
	text, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("state of %s: %w", o.Kind, err)
	}
	sum := sha256.Sum256(text)
	hash := hex.EncodeToString(sum[:])
	if hash == o.Hash {
		return nil
	}
	if at != 0 && at < o.UpdatedAt {
		return ErrStale
	}
	revision := o.Revision + 1
	for _, d := range documents {
		delivery, err := w.delivery(o, revision, d)
		if err != nil {
			return err
		}
		o.LastDelivery = delivery.ID
		w.due = append(w.due, delivery)
	}
	o.State, o.Hash, o.UpdatedAt = text, hash, at
	w.objects = append(w.objects, o)
	return nil
}

func (w *Work) delivery(o store.Object, revision int64, d document.Document) (store.Delivery, error) {
	body, err := d.Body(w.Connection.ID)
	if err != nil {
		return store.Delivery{}, err
	}
	return store.Delivery{
		ID:         store.DeliveryID(w.Connection.ID, o.Kind, o.ID, d.Type, revision),
		Connection: w.Connection.ID,
		Partner:    w.Connection.Partner,
		Type:       d.Type,
		Event:      w.Event.ID,
		Object:     o.Kind + "#" + o.ID,
		Revision:   revision,
		Previous:   o.LastDelivery,
		Body:       body,
	}, nil
}

// Commit is what the work comes to for the event as the ledger has it.
func (w *Work) Commit(e store.Event) store.Commit {
	c := store.Commit{Event: e, Objects: w.objects, Deliveries: w.due, Raised: w.raised, Cleared: w.cleared, Letters: w.letters, Erasures: w.erasures()}
	switch {
	case len(w.due) > 0:
		c.State = store.Delivering
	case w.reason != "":
		c.State, c.Reason = store.Ignored, w.reason
	case len(w.objects) == 0:
		c.State = store.Unchanged
	default:
		c.State, c.Reason = store.Ignored, "nothing_to_tell"
	}
	return c
}
