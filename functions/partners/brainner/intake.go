package brainner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"

	"fulcrum/shared/api"
	"fulcrum/shared/document"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// ImportRequest asks for an import by hand.
type ImportRequest struct {
	// Kind is job for a posting, candidates for the active applicants of a job.
	Kind      string `json:"kind"`
	PostingID string `json:"postingId"`
	// ReEvaluate asks for another evaluation of who is a candidate already. Without
	// it they stay as they are.
	ReEvaluate bool `json:"reEvaluate"`
	// CountOnly counts the applicants, and takes none.
	CountOnly bool `json:"countOnly"`
}

// Import is an import by hand as far as it has come.
type Import struct {
	ID         string `json:"id"`
	Kind       string `json:"kind"`
	PostingID  string `json:"postingId"`
	ReEvaluate bool   `json:"reEvaluate"`
	CountOnly  bool   `json:"countOnly"`
	// State is importing, imported, or parked for a Reason.
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
	// Count is how many applicants were seen, New how many of them were not
	// candidates yet, or, of an import with ReEvaluate, how many were sent.
	Count     int    `json:"count"`
	New       int    `json:"new"`
	StartedAt string `json:"startedAt"` // RFC 3339, UTC
	EndedAt   string `json:"endedAt,omitempty"`
}

func (q ImportRequest) check() error {
	switch {
	case q.Kind != importJob && q.Kind != importCandidates:
		return api.Invalid("kind", "has to be job or candidates")
	case !lever.ValidID(q.PostingID):
		return api.Invalid("postingId", "has to be the id of a posting")
	case q.Kind == importJob && (q.ReEvaluate || q.CountOnly):
		return api.Invalid("kind", "has to be candidates for reEvaluate and countOnly")
	}
	return nil
}

// item is the import in the table. Under the same key it is the same one; without a
// key, what is asked for while it is under way.
func (q ImportRequest) item(c store.Connection, key string) store.Import {
	i := store.Import{Connection: c.ID, Partner: name, Kind: q.Kind, Params: map[string]string{"posting": q.PostingID}}
	if q.CountOnly {
		i.Kind = importCount
	}
	if q.ReEvaluate {
		i.Params["reEvaluate"] = "yes"
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", []string{key}))
	if key == "" {
		sum = sha256.Sum256(fmt.Appendf(nil, "%q %q", i.Kind, i.Params))
	}
	i.ID = "imp_" + hex.EncodeToString(sum[:12])
	return i
}

// startImport begins an import by hand. A repeat under the same Idempotency-Key
// gives the import as far as it has come.
func (a *API) startImport(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	var q ImportRequest
	if err := api.Decode(r, &q); err != nil {
		return nil, err
	}
	if err := q.check(); err != nil {
		return nil, err
	}
	key, err := api.IdempotencyKey(r)
	if err != nil {
		return nil, err
	}
	i := q.item(c, key)
	there, err := a.begun(ctx, i)
	if err != nil {
		return nil, err
	}
	if key != "" && there.State == store.Imported {
		return importing(there)
	}
	if err := a.mayImport(ctx, c, q); err != nil {
		return nil, err
	}
	if err := a.imports.Start(ctx, i); err != nil {
		return nil, err
	}
	if i, err = a.table.Import(ctx, c.ID, i.ID); err != nil {
		return nil, err
	}
	return importing(i)
}

// begun is the import as an earlier request began it, empty where none did.
func (a *API) begun(ctx context.Context, i store.Import) (store.Import, error) {
	there, err := a.table.Import(ctx, i.Connection, i.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return store.Import{}, nil
	case err == nil && (there.Kind != i.Kind || !maps.Equal(there.Params, i.Params)):
		return there, api.KeyReused()
	}
	return there, err
}

// mayImport refuses what could only be parked: a posting that cannot be a job, and
// the applicants of one that is none.
func (a *API) mayImport(ctx context.Context, c store.Connection, q ImportRequest) error {
	if q.Kind == importJob {
		return a.mayBeJob(ctx, c, q.PostingID)
	}
	var job jobState
	if _, err := a.work(c).Object(ctx, jobKind, q.PostingID, &job); err != nil {
		return err
	}
	if job.Job == nil || !job.Job.Open {
		return api.Conflict("The posting is no open job of Brainner's. Import the job first.")
	}
	return nil
}

func (a *API) mayBeJob(ctx context.Context, c store.Connection, postingID string) error {
	s, err := settings(ctx, a.work(c))
	if err != nil {
		return err
	}
	account, err := a.account(ctx, c)
	if err != nil {
		return err
	}
	p, because, err := seePosting(ctx, account.Client(), postingID)
	if err != nil {
		return err
	}
	if because == "" {
		because, _ = s.takes(p)
	}
	switch because {
	case "":
		return nil
	case deleted:
		return api.Invalid("postingId", "is no posting of Lever's")
	case closed:
		return api.Conflict("The posting is closed in Lever.")
	case notChosen:
		return api.Conflict("The settings leave out this posting: see its location, department and tags.")
	}
	return api.Conflict("The posting is confidential, and the settings leave out confidential ones.")
}

func importing(i store.Import) (*api.Answer, error) {
	return api.Accepted("/v1/brainner/connections/"+i.Connection+"/imports/"+i.ID, shownImport(i))
}

func shownImport(i store.Import) Import {
	kind := i.Kind
	if kind == importCount {
		kind = importCandidates
	}
	return Import{
		ID: i.ID, Kind: kind, PostingID: i.Params["posting"], ReEvaluate: i.Params["reEvaluate"] == "yes", CountOnly: i.Kind == importCount,
		State: string(i.State), Reason: string(i.Reason), Count: i.Read, New: i.Changed,
		StartedAt: stamp(i.StartedAt), EndedAt: document.Time(i.EndedAt.Time()),
	}
}

// showImport shows an import by hand.
func (a *API) showImport(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	i, err := a.table.Import(ctx, c.ID, r.Path("i"))
	if err != nil {
		return nil, err
	}
	if i.Params["posting"] == "" {
		return nil, api.NotFound("There is no such import.")
	}
	return api.OK(shownImport(i))
}
