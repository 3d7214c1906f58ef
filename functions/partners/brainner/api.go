package brainner

import (
	"context"
	"net/http"
	"slices"
	"time"

	"fulcrum/shared/action"
	"fulcrum/shared/api"
	"fulcrum/shared/backfill"
	"fulcrum/shared/catalog"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
	"fulcrum/shared/ticket"
)

// Clients makes the Lever client of a connection.
type Clients interface {
	Client(ctx context.Context, c store.Connection, class rate.Class) (*lever.Client, error)
}

// recent is how old a list of Lever's may be that the API shows. A page that is
// loaded twice does not read it twice.
const recent = 10 * time.Second

// API is Brainner's own part of /v1.
type API struct {
	table   *store.Table
	clients Clients
	imports *backfill.Starter
	intake  *action.Intake
	tickets *ticket.Office
	known   *catalog.Catalog
	now     func() time.Time
}

// NewAPI makes Brainner's part of /v1. now is the clock.
func NewAPI(table *store.Table, clients Clients, imports *backfill.Starter, intake *action.Intake, tickets *ticket.Office, now func() time.Time) *API {
	return &API{table: table, clients: clients, imports: imports, intake: intake, tickets: tickets, known: catalog.New(now), now: now}
}

// Routes are Brainner's routes.
func (a *API) Routes() api.Routes {
	const base = "/v1/brainner/connections/{c}/"
	return api.Routes{
		"GET " + base + "postings":               api.Of(a.table, a.postings),
		"GET " + base + "jobs":                   api.Of(a.table, a.jobs),
		"GET " + base + "candidates":             api.Of(a.table, a.candidates),
		"GET " + base + "candidates/{id}/resume": api.Of(a.table, a.resume),
		"GET " + base + "stages":                 api.Of(a.table, a.stages),
		"GET " + base + "archive-reasons":        api.Of(a.table, a.reasons),
		"POST " + base + "imports":               api.Of(a.table, a.startImport),
		"GET " + base + "imports/{i}":            api.Of(a.table, a.showImport),
		"POST " + base + "results":               api.Of(a.table, a.postResult),
		"POST " + base + "actions":               api.Of(a.table, a.postAction),
		"GET " + base + "actions/{a}":            api.Of(a.table, a.showAction),
	}
}

// work is for reading what is known of a connection.
func (a *API) work(c store.Connection) *partner.Work {
	return partner.Eventless(c, nil, a.table)
}

// account is the customer's account as it was a moment ago at most.
func (a *API) account(ctx context.Context, c store.Connection) (*catalog.Account, error) {
	client, err := a.clients.Client(ctx, c, rate.Interactive)
	if err != nil {
		return nil, err
	}
	return a.known.Of(c.ID, client).Since(a.now().Add(-recent)), nil
}

// ListedPosting is a posting as it is offered for import.
type ListedPosting struct {
	ID         string `json:"id"`
	Title      string `json:"title"`
	LeverState string `json:"leverState"`
	Team       string `json:"team"`
	Department string `json:"department"`
	Location   string `json:"location"`
	// Imported says that it is a job, Skipped how many applications were not taken
	// while it was none.
	Imported bool `json:"imported"`
	Skipped  int  `json:"skipped"`
}

// postings lists the postings that may be imported, in Lever's order.
func (a *API) postings(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if err := api.Only(r); err != nil {
		return nil, err
	}
	s, err := settings(ctx, a.work(c))
	if err != nil {
		return nil, err
	}
	known, err := a.jobStates(ctx, c)
	if err != nil {
		return nil, err
	}
	account, err := a.account(ctx, c)
	if err != nil {
		return nil, err
	}
	all, err := account.Postings(ctx, s.confidentiality())
	if err != nil {
		return nil, err
	}
	var items []ListedPosting
	for _, p := range all {
		if _, ok := s.takes(&p); !ok {
			continue
		}
		is := known[p.ID]
		items = append(items, ListedPosting{
			ID: p.ID, Title: p.Text, LeverState: p.State, Team: p.Categories.Team, Department: p.Categories.Department,
			Location: p.Categories.Location, Imported: is.Job != nil, Skipped: is.Skipped,
		})
	}
	return api.List(items, "")
}

// jobStates is what is known of all postings, by their ids.
func (a *API) jobStates(ctx context.Context, c store.Connection) (map[string]jobState, error) {
	all := map[string]jobState{}
	for o, err := range a.table.EveryObject(ctx, c.ID, jobKind) {
		if err != nil {
			return nil, err
		}
		if all[o.ID], err = store.StateOf[jobState](o); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// jobs lists the jobs, in the order of their ids. A part of the list may be shorter
// than asked for: postings that are no jobs are left out.
func (a *API) jobs(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if err := api.Only(r, "cursor", "limit"); err != nil {
		return nil, err
	}
	return api.Known(ctx, a.table, r, c, jobKind, func(_ store.Object, s jobState) *Job { return s.Job })
}

// candidates lists the candidates, of one job where it is named, in the order of
// their ids. A part of the list may be shorter than asked for.
func (a *API) candidates(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if err := api.Only(r, "job", "cursor", "limit"); err != nil {
		return nil, err
	}
	kind := candidateKind
	if job := r.Query("job"); job != "" {
		if !lever.ValidID(job) {
			return nil, api.Invalid("job", "is no id")
		}
		kind += "#" + job
	}
	return api.Known(ctx, a.table, r, c, kind, func(_ store.Object, s candidateState) *Candidate { return s.Candidate })
}

// stages lists Lever's stages in the order of the pipeline.
func (a *API) stages(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if err := api.Only(r); err != nil {
		return nil, err
	}
	account, err := a.account(ctx, c)
	if err != nil {
		return nil, err
	}
	all, err := stages(ctx, account)
	if err != nil {
		return nil, err
	}
	return api.List(all, "")
}

func stages(ctx context.Context, account *catalog.Account) ([]api.Choice, error) {
	all, err := account.Stages(ctx)
	if err != nil {
		return nil, err
	}
	var choices []api.Choice
	for _, s := range all {
		choices = append(choices, api.Choice{ID: s.ID, Text: s.Text})
	}
	return choices, nil
}

// reasons lists Lever's archive reasons that may be used, and that are not hires: a
// hire is not made by archiving in Brainner.
func (a *API) reasons(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if err := api.Only(r); err != nil {
		return nil, err
	}
	account, err := a.account(ctx, c)
	if err != nil {
		return nil, err
	}
	all, err := reasons(ctx, account)
	if err != nil {
		return nil, err
	}
	return api.List(all, "")
}

func reasons(ctx context.Context, account *catalog.Account) ([]api.Choice, error) {
	all, err := account.Reasons(ctx)
	if err != nil {
		return nil, err
	}
	var choices []api.Choice
	for _, r := range all {
		if r.Status == lever.Active && r.Type != lever.Hired {
			choices = append(choices, api.Choice{ID: r.ID, Text: r.Text})
		}
	}
	return choices, nil
}

// among reports whether a choice is one of those that there are.
func among(choices []api.Choice, id string) bool {
	return slices.ContainsFunc(choices, func(c api.Choice) bool { return c.ID == id })
}

// candidate is what is known of the candidate of an opportunity. It fails with 404.
func (a *API) candidate(ctx context.Context, c store.Connection, opportunityID string) (candidateState, error) {
	var is applicationState
	var candidate candidateState
	none := &api.Problem{Status: http.StatusNotFound, Detail: "There is no candidate with this opportunity."}
	if !lever.ValidID(opportunityID) {
		return candidate, none
	}
	w := a.work(c)
	if _, err := w.Object(ctx, applicationKind, opportunityID, &is); err != nil {
		return candidate, err
	}
	if !is.Taken {
		return candidate, none
	}
	if _, err := w.Object(ctx, candidateKind, candidateID(is.PostingID, is.ContactID), &candidate); err != nil {
		return candidate, err
	}
	if candidate.Candidate == nil {
		return candidate, none
	}
	return candidate, nil
}
