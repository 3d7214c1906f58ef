package store

import (
	"context"
	"encoding/json"
	"fmt"

	"fulcrum/shared/lever"
)

// figures are a partner's figures as somebody last counted them.
type figures struct {
	Key
	At   lever.Time `dynamodbav:"at"`
	Text string     `dynamodbav:"text"`
}

// Figures reads into v what was last counted of a partner. It fails with
// ErrNotFound. Whose form v has is the caller's business; it holds nothing of a
// candidate.
func (t *Table) Figures(ctx context.Context, partner string, v any) error {
	f, err := read[figures](ctx, t, Key{PK: "FIGURES", SK: partner})
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(f.Text), v); err != nil {
		return fmt.Errorf("figures: %w", err)
	}
	return nil
}

// PutFigures writes what was counted of a partner, in the place of what was there.
func (t *Table) PutFigures(ctx context.Context, partner string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("figures: %w", err)
	}
	return t.put(ctx, figures{Key{PK: "FIGURES", SK: partner}, t.now(), string(text)})
}

// ConnectionsAtOnce are a partner's connections as Connections lists them, read in
// two calls.
func (t *Table) ConnectionsAtOnce(ctx context.Context, partner string, p Paging) (Listed[Connection], error) {
	p.Backward = true
	keys, err := t.index(ctx, "timeline", connections(partner), "", p)
	if err != nil {
		return Listed[Connection]{}, err
	}
	var places []Key
	for _, k := range keys.Items {
		places = append(places, k.Key)
	}
	all := Listed[Connection]{Next: keys.Next}
	all.Items, err = batch[Connection](ctx, t, places)
	return all, err
}
