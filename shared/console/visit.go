package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/api"
	"fulcrum/shared/definition"
	"fulcrum/shared/frame"
	"fulcrum/shared/session"
	"fulcrum/shared/store"
)

// visit is one request of a browser.
type visit struct {
	*Console
	session.Visit
	request events.APIGatewayV2HTTPRequest
	// values are those in the address, form those of the form that was sent.
	values map[string]string
	form   url.Values
	base   string
	// d is the definition of the person's partner.
	d definition.Definition
}

// browse answers a browser.
func (c *Console) browse(ctx context.Context, e events.APIGatewayV2HTTPRequest) answer {
	v := &visit{Console: c, request: e, base: frame.Base(e, c.Public)}
	out, err := v.answer(ctx)
	if err != nil {
		out = v.trouble(ctx, err)
	}
	return out
}

// errMayNot says that somebody's role does not allow it.
var errMayNot = errors.New("the role does not allow this")

func (v *visit) answer(ctx context.Context) (answer, error) {
	tls := strings.HasPrefix(v.base, "https://")
	method, path := v.request.RequestContext.HTTP.Method, v.request.RawPath
	if secret, ok := strings.CutPrefix(path, "/console/sign-in/"); ok {
		return v.signIn(ctx, method, secret, tls)
	}
	var err error
	read := v.Sessions.Read
	if v.part() != "" { // which nobody has asked for by hand
		read = v.Sessions.Look
	}
	if v.Visit, err = read(ctx, v.request, tls); err != nil {
		return answer{}, err
	}
	if v.d, err = v.Definitions(v.Partner); err != nil {
		return answer{}, err
	}
	r, values, ok := find(method, path)
	switch {
	case !ok:
		return answer{}, api.NotFound("There is no such page.")
	case !v.Role().May(r.role):
		return answer{}, errMayNot
	}
	v.values = values
	if method == http.MethodPost {
		if v.form, err = v.Browser.Form(v.request, v.base); err != nil {
			return answer{}, err
		}
	}
	return r.handle(v, ctx)
}

// part is the part of a page that is asked for because it renews itself, empty for a
// page.
func (v *visit) part() string {
	if v.request.RawPath == "/console/figures" {
		return "figures"
	}
	return v.request.QueryStringParameters["part"]
}

// signIn shows whom a link signs in, and signs them in when they say so.
func (v *visit) signIn(ctx context.Context, method, secret string, tls bool) (answer, error) {
	who, err := v.Sessions.Waiting(ctx, secret)
	if err != nil {
		return answer{}, err
	}
	if v.d, err = v.Definitions(who.Partner); err != nil {
		return answer{}, err
	}
	if method != http.MethodPost {
		return v.Pages.Show(http.StatusOK, "sign-in", struct {
			frame.Frame
			Who    store.Visitor
			Action string
		}{v.frame("Sign in"), who, v.request.RawPath})
	}
	if _, err := frame.FormOf(v.request, v.base); err != nil {
		return answer{}, err
	}
	if v.Visit, err = v.Sessions.Enter(ctx, secret, tls); err != nil {
		return answer{}, err
	}
	out := v.Pages.Redirect("/console")
	out.Cookies = []string{v.Cookie()}
	return out, nil
}

func (v *visit) leave(ctx context.Context) (answer, error) {
	cookie, err := v.Sessions.Leave(ctx, v.Visit)
	if err != nil {
		return answer{}, err
	}
	v.Visit = session.Visit{}
	out, err := v.message(http.StatusOK, "Signed out", "You are signed out. To come back, ask for a new link where you got the last one.")
	out.Cookies = []string{cookie}
	return out, err
}

// frame is what all pages have.
func (v *visit) frame(title string, notes ...string) frame.Frame {
	f := frame.Frame{Title: title, Owner: v.d.Title, Notes: notes, Wide: true}
	if v.Person == "" {
		return f
	}
	f.Person, f.Leave, f.CSRF = v.Person+", "+string(v.Role()), "/console/sign-out", v.Browser.CSRF()
	f.Nav = []frame.Link{{Name: "Home", To: "/console"}, {Name: "Connections", To: "/console/connections"}, {Name: "Usage", To: "/console/usage"}}
	if v.Role().May(session.Admin) {
		f.Nav = append(f.Nav, frame.Link{Name: "API keys", To: "/console/keys"}, frame.Link{Name: "Sign-ins", To: "/console/audit"})
	}
	for i := range f.Nav {
		f.Nav[i].Here = f.Nav[i].To == v.request.RawPath
	}
	return f
}

// ask asks what a partner's backend asks under /v1, of the same handler, as the
// partner of who is signed in.
func (v *visit) ask(ctx context.Context, route string, query map[string]string, body, into any) error {
	r := &api.Request{Partner: v.Partner, Key: v.Actor()}
	r.RouteKey, r.PathParameters, r.QueryStringParameters = route, v.values, query
	r.RequestContext.RequestID = v.request.RequestContext.RequestID
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		r.Body = string(text)
	}
	handle, ok := v.Routes[route]
	if !ok {
		return fmt.Errorf("there is no route %s", route)
	}
	out, err := handle(ctx, r)
	if err != nil || into == nil {
		return err
	}
	text, err := json.Marshal(out.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// connection is the connection {c} of the address, if it is one of the partner's.
func (v *visit) connection(ctx context.Context) (store.Connection, error) {
	r := &api.Request{Partner: v.Partner}
	r.PathParameters = v.values
	return api.Connection(ctx, r, v.Table)
}

// note says in the trail what the person does.
func (v *visit) note(ctx context.Context, action string, about any) error {
	return v.Table.Note(ctx, v.step(action, about))
}

// step is a step of the trail; about is nil or small.
func (v *visit) step(action string, about any) store.Audit {
	text, err := json.Marshal(about)
	if err != nil {
		text = json.RawMessage("null")
	}
	return store.Audit{Connection: v.values["c"], Actor: v.Actor(), Action: action, Before: json.RawMessage("null"), After: text}
}

func (v *visit) message(status int, title string, text ...string) (answer, error) {
	return v.Pages.Show(status, "message", struct {
		frame.Frame
		Text          []string
		Request, Back string
	}{v.frame(title), text, v.request.RequestContext.RequestID, v.back(status)})
}

// back is the address of the connection that a message is about, empty where there is
// none to go back to.
func (v *visit) back(status int) string {
	c := v.values["c"]
	if c == "" || v.Person == "" || status == http.StatusNotFound {
		return ""
	}
	return "/console/connections/" + c
}

// trouble is the page that says what went wrong and how to go on.
func (v *visit) trouble(ctx context.Context, err error) answer {
	status, title, text := words(err)
	if status >= http.StatusInternalServerError {
		slog.ErrorContext(ctx, "page failed", "path", v.request.RawPath, "partner", v.Partner, "request", v.request.RequestContext.RequestID, "error", err.Error())
	}
	out, err := v.message(status, title, text)
	if err != nil {
		return v.Pages.Plain(http.StatusInternalServerError, "This page could not be shown. Try again.")
	}
	return out
}

func words(err error) (status int, title, text string) {
	var problem *api.Problem
	switch {
	case errors.Is(err, session.ErrLink):
		return http.StatusGone, "This link does not sign you in", "A sign-in link works once, for ten minutes. Ask for a new one where you got this one."
	case errors.Is(err, session.ErrSignedOut):
		return http.StatusUnauthorized, "You are not signed in", "After half an hour in which nothing is done you are signed out. Ask for a new link where you got the last one."
	case errors.Is(err, errMayNot):
		return http.StatusForbidden, "You may not do this", "Your role does not allow it. Ask an admin of yours for a link with another role."
	case errors.Is(err, frame.ErrForged):
		return http.StatusForbidden, "This form was not sent from this page", "Nothing was changed. Go back, reload the page and try again."
	case errors.Is(err, store.ErrCursor):
		return http.StatusUnprocessableEntity, "This page is none of the list", "Begin again at the list's first page."
	case errors.As(err, &problem):
		return problem.Status, said(problem), problem.Detail + wrong(problem)
	}
	return http.StatusInternalServerError, "We could not load this", "Your data is safe, and deliveries continue. Try again in a moment."
}

func said(p *api.Problem) string {
	if p.Status == http.StatusNotFound {
		return "Not found"
	}
	return "This was not done"
}

// wrong are the fields that a problem names.
func wrong(p *api.Problem) string {
	var all strings.Builder
	for _, w := range p.Errors {
		fmt.Fprintf(&all, " %s %s.", w.Field, w.Detail)
	}
	return all.String()
}
