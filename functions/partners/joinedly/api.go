package joinedly

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fulcrum/shared/api"
	"fulcrum/shared/catalog"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/queue"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

// Clients makes the Lever client of a connection.
type Clients interface {
	Client(ctx context.Context, c store.Connection, class rate.Class) (*lever.Client, error)
}

// Events sends an event to be worked off.
type Events interface {
	Send(ctx context.Context, partner string, e queue.Event) error
}

// recent is how old a list of postings may be that the API shows. A page that is
// loaded twice does not read it twice.
const recent = 10 * time.Second

// API is Joinedly's own part of /v1.
type API struct {
	table   *store.Table
	clients Clients
	events  Events
	known   *catalog.Catalog
	now     func() time.Time
}

// NewAPI makes Joinedly's part of /v1. now is the clock.
func NewAPI(table *store.Table, clients Clients, events Events, now func() time.Time) *API {
	return &API{table: table, clients: clients, events: events, known: catalog.New(now), now: now}
}

// Routes are Joinedly's routes.
func (a *API) Routes() api.Routes {
	return api.Routes{
		"GET /v1/joinedly/connections/{c}/directory": api.Of(a.table, a.directory),
		"PUT /v1/joinedly/connections/{c}/directory": api.Of(a.table, a.putDirectory),
		"GET /v1/joinedly/connections/{c}/match":     api.Of(a.table, a.match),
		"GET /v1/joinedly/connections/{c}/joiners":   api.Of(a.table, a.joiners),
	}
}

// work is for reading what is known of a connection.
func (a *API) work(c store.Connection) *partner.Work {
	return partner.Eventless(c, nil, a.table)
}

func (a *API) directory(ctx context.Context, _ *api.Request, c store.Connection) (*api.Answer, error) {
	_, d, err := directory(ctx, a.work(c))
	if err != nil {
		return nil, err
	}
	return api.OK(d.whole())
}

// whole has lists where there is nothing.
func (d Directory) whole() Directory {
	d.Offices, d.Teams = append([]Entry{}, d.Offices...), append([]Entry{}, d.Teams...)
	return d
}

// putDirectory takes Joinedly's offices and teams as a whole. Joiners who waited
// for a name are looked at again.
func (a *API) putDirectory(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	var given Directory
	if err := api.Decode(r, &given); err != nil {
		return nil, err
	}
	if wrong := given.check(); len(wrong) > 0 {
		return nil, api.InvalidEach(wrong)
	}
	err := partner.Change(ctx, a.table, nil, c, func(w *partner.Work) error {
		o, _, err := directory(ctx, w)
		if err != nil {
			return err
		}
		if !given.Empty() {
			if err := w.Clear(ctx, directoryMissing, aboutDirectory); err != nil {
				return err
			}
		}
		return w.Put(o, 0, given.whole())
	})
	if err != nil {
		return nil, err
	}
	if err := a.again(ctx, c); err != nil {
		return nil, err
	}
	return api.OK(given.whole())
}

// again has the joiners looked at again whose office or team has no match, each
// once for a revision of the directory. A request that is repeated goes on where
// the first one ended.
func (a *API) again(ctx context.Context, c store.Connection) error {
	now, _, err := directory(ctx, a.work(c))
	if err != nil {
		return err
	}
	for o, err := range a.table.EveryObject(ctx, c.ID, joinerKind) {
		if err != nil {
			return err
		}
		s, err := store.StateOf[state](o)
		if err != nil {
			return err
		}
		if !s.waitsForNames() {
			continue
		}
		if err := a.events.Send(ctx, name, a.look(c, o.ID, now.Revision)); err != nil {
			return err
		}
	}
	return nil
}

// look is the event of a joiner being looked at again with a revision of the
// directory.
func (a *API) look(c store.Connection, opportunityID string, revision int64) queue.Event {
	return queue.Event{
		ID: fmt.Sprintf("directory-%d-%s", revision, opportunityID), Connection: c.ID, Event: lever.CandidateHired,
		TriggeredAt: lever.At(a.now()), ReceivedAt: lever.At(a.now()), IDs: lever.IDs{Opportunity: opportunityID}, Origin: string(store.FromPartner),
	}
}

// Listed is a joiner as Joinedly's list shows it.
type Listed struct {
	ID            string `json:"id"`
	OpportunityID string `json:"opportunityId"`
	Status        Status `json:"status"`
	Hire          int    `json:"hire"`
	HiredAt       string `json:"hiredAt"`
	// Problems say what is missing, empty for nothing.
	Problems []Problem `json:"problems"`
	// Joiner is null of who is withdrawn or erased.
	Joiner *Joiner `json:"joiner"`
}

// joiners lists the joiners, in the order of their opportunities. status narrows
// the list; a part of it may then be shorter than its limit, and even empty, and
// still have a next one.
func (a *API) joiners(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if err := api.Only(r, "status", "cursor", "limit"); err != nil {
		return nil, err
	}
	statuses, err := api.OneOf(r, "status", string(Started), string(NeedsAttention), string(Held), string(Withdrawn), string(Erased))
	if err != nil {
		return nil, err
	}
	return api.Known(ctx, a.table, r, c, joinerKind, func(o store.Object, s state) *Listed {
		if len(statuses) > 0 && !slices.Contains(statuses, string(s.Status)) {
			return nil
		}
		return new(s.listed(c.Account, o.ID))
	})
}
