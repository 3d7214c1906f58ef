package connect

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"fulcrum/shared/backfill"
	"fulcrum/shared/connect/page"
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

// imported are the imports that begin with the connection, as the page shows them,
// and how much is left.
func (v *visit) imported(ctx context.Context, c store.Connection) (page.Imports, error) {
	p := page.Imports{Frame: v.frame("Imports", -1)}
	for _, id := range v.d.Imports.First {
		i, err := v.Table.Import(ctx, c.ID, id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return p, err
		}
		p.Rows = append(p.Rows, v.importRow(id, i))
	}
	for _, r := range p.Rows {
		p.Live = p.Live || !r.Done && !r.Stopped
	}
	return p, nil
}

// importRow is an import as the page shows it: the zero Import is one that waits for
// the one before it.
func (v *visit) importRow(id string, i store.Import) page.Import {
	r := page.Import{Name: strings.ToUpper(id[:1]) + id[1:], Read: i.Read}
	switch i.State {
	case store.Imported:
		r.State, r.Done = "done", true
	case store.ImportParked:
		r.State, r.Stopped = "stopped", true
	case store.Importing:
		r.State = "importing"
		r.Calls, r.Minutes = left(i, v.Now())
	default:
		r.State = "waiting"
	}
	return r
}

// left estimates what is left of an import from what was done of it: the calls of
// Lever and the minutes, at the pace so far. Both are zero where nothing can be said
// yet, or where it is all but done.
func left(i store.Import, now time.Time) (calls, minutes int) {
	done, pages := 0, 0
	for _, p := range i.Parts {
		pages += p.Pages
		if p.Done {
			done++
		}
	}
	if done == 0 || done == len(i.Parts) {
		return 0, 0
	}
	parts := len(i.Parts) - done
	took := now.Sub(i.StartedAt.Time())
	return (pages*parts + done - 1) / done, int((took*time.Duration(parts)/time.Duration(done) + time.Minute - 1) / time.Minute)
}

// importsPart is that part of the page alone.
func (v *visit) importsPart(ctx context.Context) (answer, error) {
	c, err := v.Table.Connection(ctx, v.link.Connection)
	if err != nil {
		return answer{}, err
	}
	p, err := v.imported(ctx, c)
	if err != nil {
		return answer{}, err
	}
	return v.Pages.Show(http.StatusOK, "imports", p)
}
