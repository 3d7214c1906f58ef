package console

import (
	"context"
	"net/http"

	"fulcrum/shared/api"
	"fulcrum/shared/document"
	"fulcrum/shared/frame"
	"fulcrum/shared/session"
	"fulcrum/shared/store"
)

// newLink is the body of POST /v1/console-links.
type newLink struct {
	// Person is the name or the e-mail address of who is to sign in, for the trail.
	Person string `json:"person"`
	// Role is viewer, operator or admin.
	Role session.Role `json:"role"`
}

type madeLink struct {
	URL       string `json:"url"`
	ExpiresAt string `json:"expiresAt"`
}

func (n newLink) check() error {
	var wrong []api.Wrong
	if !session.ValidPerson(n.Person) {
		wrong = append(wrong, api.Wrong{Field: "person", Detail: "has to have 1 to 100 characters on one line"})
	}
	if !n.Role.May(session.Viewer) {
		wrong = append(wrong, api.Wrong{Field: "role", Detail: "has to be viewer, operator or admin"})
	}
	if len(wrong) > 0 {
		return api.InvalidAll(wrong...)
	}
	return nil
}

// makeLink answers POST /v1/console-links.
func (c *Console) makeLink(ctx context.Context, r *api.Request) (*api.Answer, error) {
	var in newLink
	if err := api.Decode(r, &in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	secret, until, err := c.Sessions.Invite(ctx, store.Visitor{Partner: r.Partner, Person: in.Person, Role: string(in.Role)}, "key:"+r.Key)
	if err != nil {
		return nil, err
	}
	return &api.Answer{Status: http.StatusCreated, Body: madeLink{
		URL: frame.Base(r.APIGatewayV2HTTPRequest, c.Public) + "/console/sign-in/" + secret, ExpiresAt: document.Time(until),
	}}, nil
}
