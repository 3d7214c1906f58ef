package connect

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"fulcrum/shared/api"
	"fulcrum/shared/document"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// maxText is the most characters of a customer's name and reference.
const maxText = 200

// newLink is the body of POST /v1/connect-links.
type newLink struct {
	Customer struct {
		Name      string `json:"name"`
		Reference string `json:"reference"`
	} `json:"customer"`
	// ReturnTo is where the browser goes at the end.
	ReturnTo string `json:"returnTo"`
	// Environment is production, sandbox or eu; empty is production.
	Environment string `json:"environment"`
}

type madeLink struct {
	URL        string `json:"url"`
	ExpiresAt  string `json:"expiresAt"`
	Connection string `json:"connection"`
}

// check names what is wrong with the body.
func (n *newLink) check(partner string, returns Returns) error {
	var wrong []api.Wrong
	for field, text := range map[string]string{"customer.name": n.Customer.Name, "customer.reference": n.Customer.Reference} {
		if strings.TrimSpace(text) == "" || len(text) > maxText {
			wrong = append(wrong, api.Wrong{Field: field, Detail: "has to have 1 to 200 characters"})
		}
	}
	if n.Environment == "" {
		n.Environment = lever.Production
	}
	if _, err := lever.EnvironmentOf(n.Environment, ""); err != nil {
		wrong = append(wrong, api.Wrong{Field: "environment", Detail: "has to be production, sandbox or eu"})
	}
	if n.ReturnTo != "" && !returns.Allow(partner, n.ReturnTo) {
		wrong = append(wrong, api.Wrong{Field: "returnTo", Detail: "is not on the list of addresses that are allowed for this partner"})
	}
	if len(wrong) > 0 {
		return api.InvalidAll(wrong...)
	}
	return nil
}

// makeLink answers POST /v1/connect-links.
func (s *Setup) makeLink(ctx context.Context, r *api.Request) (*api.Answer, error) {
	var in newLink
	if err := api.Decode(r, &in); err != nil {
		return nil, err
	}
	if err := in.check(r.Partner, s.Returns); err != nil {
		return nil, err
	}
	if _, err := s.Definitions(r.Partner); err != nil {
		return nil, err
	}
	secret := s.Random() + s.Random()
	l := store.Link{
		ID: store.LinkID(secret), Partner: r.Partner, Connection: ConnectionID(r.Partner, in.Environment, in.Customer.Reference),
		Customer: in.Customer.Name, Reference: in.Customer.Reference, Environment: in.Environment, ReturnTo: in.ReturnTo,
		ExpiresAt: lever.At(s.Now().Add(store.LinkLife)),
	}
	if err := s.Table.PutLink(ctx, l, step(l.Connection, "key:"+r.Key, "link.created", nil, map[string]string{"link": l.ID[:12]})); err != nil {
		return nil, err
	}
	return &api.Answer{Status: http.StatusCreated, Body: madeLink{
		URL: s.base(r) + "/connect/" + secret, ExpiresAt: document.Time(l.ExpiresAt.Time()), Connection: l.Connection,
	}}, nil
}

// step is an entry of the audit trail. before and after are what changed.
func step(connection, actor, action string, before, after any) store.Audit {
	return store.Audit{Connection: connection, Actor: actor, Action: action, Before: encoded(before), After: encoded(after)}
}

func encoded(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return text
}

// actor is who acts by a link.
func actor(l store.Link) string { return "link:" + l.ID[:12] }

// Why a link does not open.
var (
	errNoLink      = errors.New("there is no such connect link")
	errLinkOver    = errors.New("the connect link's time is over")
	errLinkElse    = errors.New("the connect link was opened in another browser")
	errLinkNotOpen = errors.New("the connect link is not open yet")
)

// link finds the link of a secret for a browser, which is a digest of its cookie.
// With errLinkNotOpen the link is given too.
func (s *Setup) link(ctx context.Context, secret, browser string) (store.Link, error) {
	l, err := s.Table.Link(ctx, store.LinkID(secret))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return l, errNoLink
	case err != nil:
		return l, err
	case l.ExpiresAt <= lever.At(s.Now()):
		return l, errLinkOver
	case l.Browser == "":
		return l, errLinkNotOpen
	case l.Browser != browser:
		return l, errLinkElse
	}
	return l, nil
}

// open binds a link to a browser. A link opens once.
func (s *Setup) open(ctx context.Context, l store.Link, browser string) error {
	err := s.Table.OpenLink(ctx, l.ID, browser, step(l.Connection, actor(l), "link.opened", nil, nil))
	if errors.Is(err, store.ErrMoved) {
		return errLinkElse
	}
	return err
}
