package connect

import (
	"context"

	"fulcrum/shared/backfill"
	"fulcrum/shared/definition"
	"fulcrum/shared/store"
)

// imports begins what the partner has imported of its own accord, where nothing of
// it was begun yet, and has those gone on with that have stopped.
func (s *Setup) imports(ctx context.Context, c store.Connection, d definition.Definition) error {
	if len(d.Imports.First)+len(d.Imports.Again) == 0 {
		return nil
	}
	begun, err := s.Table.Imports(ctx, c.ID, store.Paging{Limit: 1})
	if err != nil {
		return err
	}
	if len(begun.Items) > 0 {
		return s.Imports.Resume(ctx, c.ID)
	}
	return s.Imports.Connect(ctx, c, backfill.Plan(d.Imports))
}
