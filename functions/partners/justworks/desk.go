package justworks

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/api"
	"fulcrum/shared/document"
	"fulcrum/shared/frame"
	"fulcrum/shared/session"
	"fulcrum/shared/store"
)

//go:embed pages/*.html
var files embed.FS

// Pages reads the templates of the review's pages.
func Pages() (*frame.Pages, error) {
	room, err := fs.Sub(files, "pages")
	if err != nil {
		return nil, err
	}
	return frame.New(room)
}

// Desk shows an admin the pending hires of their company, page by page, and does
// with them what /v1 does: it asks the same handlers. Justworks, which knows its
// admins, makes the link that signs one in.
type Desk struct {
	api      *API
	routes   api.Routes
	sessions *session.Office
	pages    *frame.Pages
	public   string
}

// NewDesk makes a Desk. public is the address under which browsers reach the
// gateway, empty for the one that was called.
func NewDesk(a *API, sessions *session.Office, pages *frame.Pages, public string) *Desk {
	return &Desk{api: a, routes: a.Routes(), sessions: sessions, pages: pages, public: public}
}

// Routes are the desk's own part of /v1.
func (d *Desk) Routes() api.Routes {
	return api.Routes{"POST /v1/justworks/connections/{c}/review-links": api.Of(d.api.table, d.makeLink)}
}

// makeLink answers POST …/review-links: a one-time link for an admin who may manage
// employees.
func (d *Desk) makeLink(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	var in struct {
		Admin string `json:"admin"`
	}
	if err := api.Decode(r, &in); err != nil {
		return nil, err
	}
	if in.Admin == "" {
		return nil, api.Invalid("admin", "has to be the id of an admin of the roster")
	}
	if err := d.mayReview(ctx, c, in.Admin); err != nil {
		return nil, err
	}
	secret, until, err := d.sessions.Invite(ctx, store.Visitor{
		Partner: name, Connection: c.ID, Person: in.Admin, Role: string(session.Reviewer),
	}, "key:"+r.Key)
	if err != nil {
		return nil, err
	}
	return &api.Answer{Status: http.StatusCreated, Body: struct {
		URL       string `json:"url"`
		ExpiresAt string `json:"expiresAt"`
	}{frame.Base(r.APIGatewayV2HTTPRequest, d.public) + "/justworks/sign-in/" + secret, document.Time(until)}}, nil
}

// mayReview fails unless an admin may manage employees now.
func (d *Desk) mayReview(ctx context.Context, c store.Connection, admin string) error {
	_, r, err := roster(ctx, d.api.work(c))
	if err != nil {
		return err
	}
	_, err = who(&api.Request{}, r, admin)
	return err
}

// Handle answers a browser. It never fails: what goes wrong is a page.
func (d *Desk) Handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) events.APIGatewayV2HTTPResponse {
	v := &reviewing{Desk: d, request: e, base: frame.Base(e, d.public)}
	out, err := v.answer(ctx)
	if err != nil {
		return v.trouble(ctx, err)
	}
	return out
}

// reviewing is one request of an admin's browser.
type reviewing struct {
	*Desk
	session.Visit
	request events.APIGatewayV2HTTPRequest
	base    string
	c       store.Connection
	hire    string
	form    url.Values
}

type answer = events.APIGatewayV2HTTPResponse

// listAddress is where the list of hires is; each hire's page is below.
const listAddress = "/justworks/pending-hires"

func (v *reviewing) answer(ctx context.Context) (answer, error) {
	tls := strings.HasPrefix(v.base, "https://")
	method, path := v.request.RequestContext.HTTP.Method, v.request.RawPath
	if secret, ok := strings.CutPrefix(path, "/justworks/sign-in/"); ok {
		return v.signIn(ctx, method, secret, tls)
	}
	var err error
	if v.Visit, err = v.sessions.Read(ctx, v.request, tls); err != nil {
		return answer{}, err
	}
	if v.c, err = v.api.table.Connection(ctx, v.Connection); err != nil {
		return answer{}, err
	}
	if err := v.mayReview(ctx, v.c, v.Person); err != nil {
		return answer{}, err
	}
	if method == http.MethodPost {
		if v.form, err = v.Browser.Form(v.request, v.base); err != nil {
			return answer{}, err
		}
	}
	return v.page(ctx, method, path)
}

// page is the page of an address: the list, or a hire {h} below it, with what is to
// be done with them behind it.
func (v *reviewing) page(ctx context.Context, method, path string) (answer, error) {
	var act string
	if rest, ok := strings.CutPrefix(path, listAddress+"/"); ok {
		path = listAddress + "/{h}"
		if v.hire, act, ok = strings.Cut(rest, "/"); ok {
			path += "/" + act
		}
	}
	if v.request.QueryStringParameters["edit"] != "" {
		path += "?edit"
	}
	do, ok := map[string]func(context.Context) (answer, error){
		"GET " + listAddress:                   v.list,
		"GET " + listAddress + "/{h}":          v.show,
		"GET " + listAddress + "/{h}?edit":     v.fill,
		"POST " + listAddress + "/{h}/save":    v.save,
		"POST " + listAddress + "/{h}/dismiss": v.dismiss,
		"POST /justworks/sign-out":             v.leave,
	}[method+" "+path]
	if !ok {
		return answer{}, api.NotFound("There is no such page.")
	}
	return do(ctx)
}

func (v *reviewing) signIn(ctx context.Context, method, secret string, tls bool) (answer, error) {
	if _, err := v.sessions.Waiting(ctx, secret); err != nil {
		return answer{}, err
	}
	if method != http.MethodPost {
		return v.pages.Show(http.StatusOK, "enter", struct {
			frame.Frame
			Action string
		}{v.frame("Pending hires"), v.request.RawPath})
	}
	if _, err := frame.FormOf(v.request, v.base); err != nil {
		return answer{}, err
	}
	visit, err := v.sessions.Enter(ctx, secret, tls)
	if err != nil {
		return answer{}, err
	}
	out := v.pages.Redirect(listAddress)
	out.Cookies = []string{visit.Cookie()}
	return out, nil
}

func (v *reviewing) leave(ctx context.Context) (answer, error) {
	cookie, err := v.sessions.Leave(ctx, v.Visit)
	if err != nil {
		return answer{}, err
	}
	v.Visit = session.Visit{}
	out, err := v.pages.Show(http.StatusOK, "ticket", shown{Frame: v.frame("Signed out"), Says: []string{"To come back, go to Manage > Employees in Justworks."}})
	out.Cookies = []string{cookie}
	return out, err
}

func (v *reviewing) frame(title string, notes ...string) frame.Frame {
	f := frame.Frame{Title: title, Owner: "Justworks", Notes: notes}
	if v.Person != "" {
		f.Person, f.Leave, f.CSRF = v.Person, "/justworks/sign-out", v.Browser.CSRF()
	}
	return f
}

// ask asks what Justworks' backend asks under /v1, of the same handler. It gives the
// version of what was answered.
func (v *reviewing) ask(ctx context.Context, route string, query map[string]string, version string, body, into any) (int64, error) {
	r := &api.Request{Partner: name, Key: v.Actor()}
	r.RouteKey, r.PathParameters, r.QueryStringParameters = route, map[string]string{"c": v.c.ID, "h": v.hire}, query
	if version != "" {
		r.Headers = map[string]string{"if-match": `"` + version + `"`}
	}
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, err
		}
		r.Body = string(text)
	}
	out, err := v.routes[route](ctx, r)
	if err != nil || into == nil {
		return 0, err
	}
	text, err := json.Marshal(out.Body)
	if err != nil {
		return 0, err
	}
	return out.Version, json.Unmarshal(text, into)
}

// trouble is the page that says what went wrong and how to go on.
func (v *reviewing) trouble(ctx context.Context, err error) answer {
	status, title, text := http.StatusInternalServerError, "Something went wrong", "What was done so far is kept. Try again in a minute."
	var problem *api.Problem
	switch {
	case errors.Is(err, session.ErrLink):
		status, title, text = http.StatusGone, "This link does not sign you in", "It works once, for ten minutes. Go to Manage > Employees in Justworks again."
	case errors.Is(err, session.ErrSignedOut):
		status, title, text = http.StatusUnauthorized, "You are not signed in", "After half an hour you are signed out. Go to Manage > Employees in Justworks again."
	case errors.Is(err, frame.ErrForged):
		status, title, text = http.StatusForbidden, "This form was not sent from this page", "Nothing was changed. Go back, reload the page and try again."
	case errors.As(err, &problem):
		status, title, text = problem.Status, "This was not done", problem.Detail
	default:
		slog.ErrorContext(ctx, "review page failed", "connection", v.c.ID, "error", err.Error())
	}
	out, err := v.pages.Show(status, "ticket", shown{Frame: v.frame(title), Says: []string{text}})
	if err != nil {
		return v.pages.Plain(http.StatusInternalServerError, "This page could not be shown. Try again.")
	}
	return out
}
