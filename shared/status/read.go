package status

import (
	"context"
	"errors"

	"fulcrum/shared/definition"
	"fulcrum/shared/store"
)

// Read derives how a connection of a partner is from what the table has.
func Read(ctx context.Context, table *store.Table, d definition.Definition, c store.Connection) (Status, error) {
	f := Facts{Connection: c, Definition: d}
	var err error
	if f.Webhooks, err = table.Webhooks(ctx, c.ID); err != nil {
		return Status{}, err
	}
	attention, err := table.Attentions(ctx, c.ID, store.Paging{})
	if err != nil {
		return Status{}, err
	}
	f.Attention = attention.Items
	parked, err := table.Parked(ctx, c.ID, "", store.Paging{Limit: 1})
	if err != nil {
		return Status{}, err
	}
	f.Parked = len(parked.Items) > 0
	endpoint, err := table.Endpoint(ctx, c.Partner)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Status{}, err
	}
	f.RestsSince = endpoint.RestsSince
	return Of(f), nil
}
