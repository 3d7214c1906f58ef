package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"fulcrum/shared/lever"
)

// Object is what is known of one Lever object for one partner: a joiner, a
// pending hire, a candidacy.
type Object struct {
	Key
	Connection string `dynamodbav:"connection"`
	Kind       string `dynamodbav:"kind"`
	ID         string `dynamodbav:"id"`
	// Revision counts the states that were committed; zero is none yet.
	Revision int64 `dynamodbav:"revision"`
	// Hash tells whether a new state is new.
	Hash string `dynamodbav:"hash"`
	// UpdatedAt is Lever's time of the state, zero where Lever has none.
	UpdatedAt lever.Time `dynamodbav:"updatedAt"`
	// LastDelivery is the object's newest delivery: the next one waits for it.
	LastDelivery string     `dynamodbav:"lastDelivery,omitempty"`
	ChangedAt    lever.Time `dynamodbav:"changedAt"`
	Sealed       []byte     `dynamodbav:"sealed"`

	// State is the JSON that is sealed.
	State []byte `dynamodbav:"-"`
}

func objectKey(connectionID, kind, id string) Key {
	return ofConnection(connectionID, "OBJECT#"+kind+"#"+id)
}

// Object reads an object. One that is not there has revision zero.
func (t *Table) Object(ctx context.Context, connectionID, kind, id string) (Object, error) {
	o, err := read[Object](ctx, t, objectKey(connectionID, kind, id))
	if errors.Is(err, ErrNotFound) {
		return Object{Connection: connectionID, Kind: kind, ID: id}, nil
	}
	if err != nil {
		return o, fmt.Errorf("object: %w", err)
	}
	return o, t.openObject(ctx, &o)
}

// Objects are a connection's objects of a kind, in the order of their ids.
func (t *Table) Objects(ctx context.Context, connectionID, kind string, p Paging) (Listed[Object], error) {
	all, err := list[Object](ctx, t, "C#"+connectionID, "OBJECT#"+kind+"#", p)
	for i := range all.Items {
		err = errors.Join(err, t.openObject(ctx, &all.Items[i]))
	}
	return all, err
}

// EveryObject is all of them, read part by part; see Every.
func (t *Table) EveryObject(ctx context.Context, connectionID, kind string) iter.Seq2[Object, error] {
	return Every(func(p Paging) (Listed[Object], error) { return t.Objects(ctx, connectionID, kind, p) })
}

// Read reads the object's state into v, which stays as it is where nothing is known.
func (o Object) Read(v any) error {
	if o.Revision == 0 {
		return nil
	}
	if err := json.Unmarshal(o.State, v); err != nil {
		return fmt.Errorf("state of %s: %w", o.Kind, err)
	}
	return nil
}

// StateOf is the object's state, as the type that the partner has for it.
func StateOf[S any](o Object) (s S, err error) {
	err = o.Read(&s)
	return s, err
}

func (t *Table) openObject(ctx context.Context, o *Object) (err error) {
	if o.State, err = t.vault.Open(ctx, o.Sealed, o.about(o.Revision)); err != nil {
		return fmt.Errorf("object: %w", err)
	}
	return nil
}
