package connect

import (
	"context"
	"net/http"

	"golang.org/x/sync/errgroup"

	"fulcrum/shared/api"
	"fulcrum/shared/document"
	"fulcrum/shared/fault"
	"fulcrum/shared/held"
	"fulcrum/shared/lever"
	"fulcrum/shared/status"
	"fulcrum/shared/store"
)

// connectionView is a connection as a partner reads it.
type connectionView struct {
	ID          string       `json:"id"`
	Customer    customerView `json:"customer"`
	Environment string       `json:"environment"`
	// Account is Lever's id of the account.
	Account string       `json:"account"`
	State   status.State `json:"state"`
	// Since is when it became so, Because a word for why.
	Since       string       `json:"since,omitempty"`
	Because     fault.Reason `json:"because,omitempty"`
	CreatedAt   string       `json:"createdAt"`
	ConnectedAt string       `json:"connectedAt,omitempty"`
	FinishedAt  string       `json:"finishedAt,omitempty"`
	// Missing says what is still to be done in Lever, for people.
	Missing  []string      `json:"missing,omitempty"`
	Webhooks []webhookView `json:"webhooks"`
	// Held is the work that waits for the connection to come back, nil for none.
	Held *heldView `json:"held,omitempty"`
	// Left are the webhooks that could not be removed when it ended.
	Left []store.Left `json:"left,omitempty"`
}

// heldView is work that waits for its connection.
type heldView struct {
	Events  int    `json:"events"`
	Actions int    `json:"actions"`
	Since   string `json:"since"`
	// Until is when the first of it will have waited too long.
	Until string `json:"until"`
}

type customerView struct {
	Name      string `json:"name"`
	Reference string `json:"reference"`
}

// webhookView is how the webhook of an event is.
type webhookView struct {
	Event    lever.Event `json:"event"`
	Title    string      `json:"title"`
	Required bool        `json:"required"`
	Created  bool        `json:"created"`
	Signed   bool        `json:"signed"`
	// Seen says that Lever was seen to use it with the key that we have now.
	Seen     bool `json:"seen"`
	Rotating bool `json:"rotating"`
	// URL is what the customer pastes in Lever, where they make the webhook.
	URL        string `json:"url,omitempty"`
	SignedAt   string `json:"signedAt,omitempty"`
	SeenAt     string `json:"seenAt,omitempty"`
	VerifiedAt string `json:"verifiedAt,omitempty"`
}

// pageSize is how many connections a list has where nothing else is asked for:
// each one's state is derived anew.
const pageSize = 25

// together is how many are derived side by side.
const together = 8

func (s *Setup) listConnections(ctx context.Context, r *api.Request) (*api.Answer, error) {
	paging, err := api.Paging(r)
	if err != nil {
		return nil, err
	}
	if paging.Limit == 0 {
		paging.Limit = pageSize
	}
	page, err := s.Table.Connections(ctx, r.Partner, paging)
	if err != nil {
		return nil, err
	}
	views := make([]connectionView, len(page.Items))
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(together)
	for i, c := range page.Items {
		all.Go(func() (err error) {
			views[i], err = s.viewOf(ctx, c)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return nil, err
	}
	return api.List(views, page.Next)
}

func (s *Setup) readConnection(ctx context.Context, _ *api.Request, c store.Connection) (*api.Answer, error) {
	view, err := s.viewOf(ctx, c)
	if err != nil {
		return nil, err
	}
	return api.OK(view)
}

// show answers with a connection as it is now.
func (s *Setup) show(ctx context.Context, id string) (*api.Answer, error) {
	c, err := s.Table.Connection(ctx, id)
	if err != nil {
		return nil, err
	}
	view, err := s.viewOf(ctx, c)
	if err != nil {
		return nil, err
	}
	return &api.Answer{Status: http.StatusOK, Body: view}, nil
}

// held is the work that waits for a connection that does not work as it should.
func (s *Setup) held(ctx context.Context, c store.Connection, state status.State) (*heldView, error) {
	switch state {
	case status.Connected, status.SettingUp, status.Waiting:
		return nil, nil
	}
	w, err := held.Of(ctx, s.Table, c.ID)
	if err != nil || w.Since == 0 {
		return nil, err
	}
	since := w.Since.Time()
	return &heldView{Events: w.Events, Actions: w.Actions, Since: document.Time(since), Until: document.Time(since.Add(held.For))}, nil
}

func (s *Setup) viewOf(ctx context.Context, c store.Connection) (connectionView, error) {
	st, err := s.status(ctx, c)
	if err != nil {
		return connectionView{}, err
	}
	v := connectionView{
		ID: c.ID, Customer: customerView(c.Customer), Environment: c.Environment, Account: c.Account,
		State: st.State, Since: document.Time(st.Since.Time()), Because: st.Because,
		CreatedAt: document.Time(c.CreatedAt.Time()), ConnectedAt: document.Time(c.ConnectedAt.Time()), FinishedAt: document.Time(c.FinishedAt.Time()),
		Webhooks: []webhookView{}, Left: c.Left,
	}
	if st.State == status.SettingUp || st.State == status.Waiting {
		d, err := s.Definitions(c.Partner)
		if err != nil {
			return v, err
		}
		v.Missing = toDo(d, st.Missing())
	}
	if v.Held, err = s.held(ctx, c, st.State); err != nil {
		return v, err
	}
	for _, e := range st.Events {
		v.Webhooks = append(v.Webhooks, webhookView{
			Event: e.Event.Event, Title: e.Title, Required: e.Required, Created: e.Created, Signed: e.Signed, Seen: e.Seen(),
			Rotating: e.Rotating, URL: e.URL, SignedAt: document.Time(e.SignedAt.Time()), SeenAt: document.Time(e.SeenAt.Time()), VerifiedAt: document.Time(e.VerifiedAt.Time()),
		})
	}
	return v, nil
}
