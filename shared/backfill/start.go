package backfill

import (
	"context"
	"errors"
	"time"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
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

// Plan is what a partner has imported of its own accord: kinds, each begun when the
// one before has ended. Partners say it in their partner.json.
type Plan struct {
	// First is what is imported right after connecting, and when somebody asks for
	// all anew.
	First []string `json:"first"`
	// Again is what is read again every Every.
	Again []string `json:"again"`
}

// Every is after what time the kinds of Plan.Again are read again: Lever has no
// webhook for what they are about.
const Every = 30 * time.Minute

// again is what the id of an import begins with that is begun again and again.
const again = "again-"

// Connect begins what a partner has imported of its own accord: after the
// connection was made, and when somebody asks for all anew.
func (s *Starter) Connect(ctx context.Context, c store.Connection, p Plan) error {
	if len(p.First) > 0 {
		first := store.Import{Connection: c.ID, Partner: c.Partner, ID: p.First[0], Kind: p.First[0], Then: p.First[1:]}
		if err := s.Start(ctx, first); err != nil {
			return err
		}
	}
	if len(p.Again) == 0 {
		return nil
	}
	next := store.Import{Connection: c.ID, Partner: c.Partner, ID: again + p.Again[0], Kind: p.Again[0], Every: lever.Time(Every.Milliseconds())}
	for _, kind := range p.Again[1:] {
		next.Then = append(next.Then, again+kind)
	}
	return s.Start(ctx, next)
}

// Resume has a connection's imports that are parked gone on with where they
// stopped: after the connection has got a new credential, or a person has mended
// what they were parked for.
func (s *Starter) Resume(ctx context.Context, connectionID string) error {
	return s.each(ctx, connectionID, func(i store.Import) error { return s.resume(ctx, i) })
}

// each does something with each of a connection's imports.
func (s *Starter) each(ctx context.Context, connectionID string, do func(store.Import) error) error {
	imports := func(p store.Paging) (store.Listed[store.Import], error) { return s.table.Imports(ctx, connectionID, p) }
	for i, err := range store.Every(imports) {
		if err == nil {
			err = do(i)
		}
		if err != nil {
			return err
		}
	}
	return nil
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

// Stop ends a connection's imports for good, for a reason, unless somebody begins
// them again.
func (s *Starter) Stop(ctx context.Context, connectionID string, because fault.Reason) error {
	return s.each(ctx, connectionID, func(i store.Import) error {
		if i.State == store.ImportParked {
			return nil
		}
		i.State, i.Reason = store.ImportParked, because
		_, err := s.table.SaveImport(ctx, i)
		return err
	})
}

// sweep is how many imports one run of Due looks at.
const sweep = 100

// Due sends on their way the imports that nobody has gone on with for store.Grace,
// those whose message was lost, and begins again those that are due again. The
// clock asks for it.
func (s *Starter) Due(ctx context.Context) error {
	due, err := s.table.DueImports(ctx, sweep)
	if err != nil {
		return err
	}
	return store.LookAfter(ctx, s.table, due, func(d store.DueImport) error { return s.due(ctx, d) })
}

func (s *Starter) due(ctx context.Context, d store.DueImport) error {
	i, err := s.table.Import(ctx, d.Connection(), d.Import)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return err
	case i.State == store.Importing:
		return s.send(ctx, i)
	}
	return s.Start(ctx, store.Import{
		Connection: i.Connection, Partner: i.Partner, ID: i.ID, Kind: i.Kind, Params: i.Params, Then: i.Then, Every: i.Every,
	})
}

func (s *Starter) send(ctx context.Context, i store.Import) error {
	return s.queue.Send(ctx, i.Partner, queue.Import{Connection: i.Connection, Import: i.ID}, 0)
}
