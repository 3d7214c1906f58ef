package backfill

import (
	"context"
	"errors"

	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// Starter begins imports, and has those gone on with that have stopped.
type Starter struct {
	table *store.Table
	queue Queue
}

// NewStarter makes a Starter.
func NewStarter(table *store.Table, q Queue) *Starter { return &Starter{table: table, queue: q} }

// Start begins an import: Connection, Partner, ID and Kind are what i has to hold;
// see store.Import. One of that id that is on its way is left to go on.
func (s *Starter) Start(ctx context.Context, i store.Import) error {
	begun, _, err := s.table.BeginImport(ctx, i)
	if err != nil {
		return err
	}
	return s.send(ctx, begun)
}

// Chain begins the imports of the kinds for a connection, each when the one before
// has ended. Each has its kind as id.
func (s *Starter) Chain(ctx context.Context, c store.Connection, kinds ...string) error {
	if len(kinds) == 0 {
		return nil
	}
	return s.Start(ctx, store.Import{Connection: c.ID, Partner: c.Partner, ID: kinds[0], Kind: kinds[0], Then: kinds[1:]})
}

// Resume has a connection's imports that are parked gone on with where they
// stopped: after the connection has got a new credential, or a person has mended
// what they were parked for.
func (s *Starter) Resume(ctx context.Context, connectionID string) error {
	var p store.Paging
	for {
		all, err := s.table.Imports(ctx, connectionID, p)
		if err != nil {
			return err
		}
		for _, i := range all.Items {
			if err := s.resume(ctx, i); err != nil {
				return err
			}
		}
		if p.Cursor = all.Next; p.Cursor == "" {
			return nil
		}
	}
}

func (s *Starter) resume(ctx context.Context, i store.Import) error {
	if i.State != store.ImportParked {
		return nil
	}
	i, err := s.table.ResumeImport(ctx, i)
	if errors.Is(err, store.ErrMoved) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.send(ctx, i)
}

// sweep is how many imports one run of Due looks at.
const sweep = 100

// Due sends on their way the imports that nobody has gone on with for
// store.Grace: those whose message was lost. The clock asks for it.
func (s *Starter) Due(ctx context.Context) error {
	due, err := s.table.DueImports(ctx, sweep)
	if err != nil {
		return err
	}
	for _, d := range due {
		mine, err := s.table.Look(ctx, d.Due)
		if err != nil {
			return err
		}
		if !mine {
			continue
		}
		if err := s.queue.Send(ctx, d.Partner, queue.Import{Connection: d.Connection(), Import: d.Import}, 0); err != nil {
			return err
		}
	}
	return nil
}

func (s *Starter) send(ctx context.Context, i store.Import) error {
	return s.queue.Send(ctx, i.Partner, queue.Import{Connection: i.Connection, Import: i.ID}, 0)
}
