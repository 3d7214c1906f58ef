package justworks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"fulcrum/shared/api"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
	"fulcrum/shared/ticket"
)

// Events sends an event to be worked off.
type Events interface {
	Send(ctx context.Context, partner string, e queue.Event) error
}

// API is Justworks' own part of /v1.
type API struct {
	table      *store.Table
	deliveries partner.Deliveries
	events     Events
	tickets    *ticket.Office
	now        func() time.Time
}

// NewAPI makes Justworks' part of /v1. now is the clock.
func NewAPI(table *store.Table, deliveries partner.Deliveries, events Events, tickets *ticket.Office, now func() time.Time) *API {
	return &API{table: table, deliveries: deliveries, events: events, tickets: tickets, now: now}
}

// Routes are Justworks' routes.
func (a *API) Routes() api.Routes {
	return api.Routes{
		"GET /v1/justworks/connections/{c}/roster":                     api.Of(a.table, a.roster),
		"PUT /v1/justworks/connections/{c}/roster":                     api.Of(a.table, a.putRoster),
		"GET /v1/justworks/connections/{c}/pending-hires":              api.Of(a.table, a.pendingHires),
		"GET /v1/justworks/connections/{c}/pending-hires/{h}":          api.Of(a.table, a.pendingHire),
		"PATCH /v1/justworks/connections/{c}/pending-hires/{h}":        api.Of(a.table, a.patch),
		"POST /v1/justworks/connections/{c}/pending-hires/{h}/invite":  api.Of(a.table, a.invite),
		"POST /v1/justworks/connections/{c}/pending-hires/{h}/dismiss": api.Of(a.table, a.dismiss),
	}
}

// work is for reading what is known of a connection.
func (a *API) work(c store.Connection) *partner.Work {
	return partner.Eventless(c, nil, a.table)
}

func (a *API) roster(ctx context.Context, _ *api.Request, c store.Connection) (*api.Answer, error) {
	_, r, err := roster(ctx, a.work(c))
	if err != nil {
		return nil, err
	}
	return api.OK(r.whole())
}

// putRoster takes what Justworks has as a whole. Hires that are open are looked at
// again: names may match now, and mails may have somebody to go to.
func (a *API) putRoster(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	var given Roster
	if err := api.Decode(r, &given); err != nil {
		return nil, err
	}
	if wrong := given.check(); len(wrong) > 0 {
		return nil, api.InvalidEach(wrong)
	}
	packed, err := given.whole().pack()
	if err != nil {
		return nil, err
	}
	if len(packed.Gzip) > maxRoster {
		return nil, &api.Problem{Status: http.StatusRequestEntityTooLarge, Detail: "The roster is too long: some five thousand members fit."}
	}
	err = partner.Change(ctx, a.table, a.deliveries, c, func(w *partner.Work) error {
		o, _, err := roster(ctx, w)
		if err != nil {
			return err
		}
		if len(given.reviewers()) > 0 {
			if err := w.Clear(ctx, noReviewer, aboutConnection); err != nil {
				return err
			}
		}
		return w.Put(o, 0, packed)
	})
	if err != nil {
		return nil, err
	}
	if err := a.again(ctx, c); err != nil {
		return nil, err
	}
	return api.OK(given.whole())
}

// whole has lists where there is nothing.
func (r Roster) whole() Roster {
	r = Roster{Admins: listed(r.Admins), Offices: listed(r.Offices), Departments: listed(r.Departments), Members: listed(slices.Clone(r.Members))}
	for i := range r.Members {
		r.Members[i].Emails = listed(r.Members[i].Emails)
	}
	return r
}

func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// again has the open hires looked at again, each once for a revision of the roster.
// A request that is repeated goes on where the first one ended.
func (a *API) again(ctx context.Context, c store.Connection) error {
	now, _, err := roster(ctx, a.work(c))
	if err != nil {
		return err
	}
	for o, err := range a.table.EveryObject(ctx, c.ID, hireKind) {
		if err != nil {
			return err
		}
		h, err := store.StateOf[PendingHire](o)
		if err != nil {
			return err
		}
		if !h.Status.Open() {
			continue
		}
		if err := a.events.Send(ctx, name, a.look(c, o.ID, now.Revision)); err != nil {
			return err
		}
	}
	return nil
}

// look is the event of a hire being looked at again with a revision of the roster.
func (a *API) look(c store.Connection, opportunityID string, revision int64) queue.Event {
	return queue.Event{
		ID: fmt.Sprintf("roster-%d-%s", revision, opportunityID), Connection: c.ID, Event: lever.CandidateHired,
		TriggeredAt: lever.At(a.now()), ReceivedAt: lever.At(a.now()), IDs: lever.IDs{Opportunity: opportunityID}, Origin: string(store.FromPartner),
	}
}

// pendingHires lists the hires, in the order of their opportunities. status narrows
// the list; a part of it may then be shorter than its limit, and even empty, and
// still have a next one.
func (a *API) pendingHires(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if err := api.Only(r, "cursor", "limit", "status"); err != nil {
		return nil, err
	}
	var all []string
	for _, s := range statuses() {
		all = append(all, string(s))
	}
	wanted, err := api.OneOf(r, "status", all...)
	if err != nil {
		return nil, err
	}
	return api.Known(ctx, a.table, r, c, hireKind, func(_ store.Object, h PendingHire) *PendingHire {
		if len(wanted) > 0 && !slices.Contains(wanted, string(h.Status)) {
			return nil
		}
		return &h
	})
}

// pendingHire shows a hire. With the ticket of a mail's link in review, it is shown
// only if the ticket is for this hire of this company and has not ended.
func (a *API) pendingHire(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if err := api.Only(r, "review"); err != nil {
		return nil, err
	}
	if link := r.Query("review"); link != "" {
		t, err := a.tickets.Read(ctx, link)
		if err != nil && !errors.Is(err, ticket.ErrInvalid) {
			return nil, err
		}
		if err != nil || t.Connection != c.ID || t.About != r.Path("h") {
			return nil, &api.Problem{Status: http.StatusForbidden, Detail: "The link is not valid for this company, or not any more."}
		}
	}
	o, h, err := a.find(ctx, a.work(c), r)
	if err != nil {
		return nil, err
	}
	return &api.Answer{Status: http.StatusOK, Body: h, Version: o.Revision}, nil
}

// find is the hire of the request's route.
func (a *API) find(ctx context.Context, w *partner.Work, r *api.Request) (store.Object, PendingHire, error) {
	if !lever.ValidID(r.Path("h")) {
		return store.Object{}, PendingHire{}, api.NotFound("There is no such pending hire.")
	}
	o, h, err := readHire(ctx, w, r.Path("h"))
	if err == nil && o.Revision == 0 {
		err = api.NotFound("There is no such pending hire.")
	}
	return o, h, err
}

// read decodes a request's body, which may be left out where everything in it may.
func read(r *api.Request, v any) error {
	if len(bytes.TrimSpace([]byte(r.Body))) == 0 {
		return nil
	}
	return api.Decode(r, v)
}
