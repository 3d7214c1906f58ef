package connect

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/connect/page"
	"fulcrum/shared/definition"
	"fulcrum/shared/frame"
	"fulcrum/shared/store"
)

// visit is one request of a browser.
type visit struct {
	*Setup
	browser frame.Browser
	// fresh says that the browser had no cookie: the answer sets one.
	fresh bool
	base  string
	// secret is the one in the link's address, link what it stands for, and of the
	// link's partner d says what set-up consists of.
	secret string
	link   store.Link
	d      definition.Definition
	form   url.Values
	// query is what the address says behind its question mark.
	query map[string]string
}

// browse answers a browser.
func (s *Setup) browse(ctx context.Context, e events.APIGatewayV2HTTPRequest) events.APIGatewayV2HTTPResponse {
	base := frame.Base(e, s.Public)
	v := &visit{Setup: s, base: base, query: e.QueryStringParameters, browser: frame.BrowserOf(cookieName, e.Cookies, strings.HasPrefix(base, "https://"))}
	if v.fresh = v.browser.Secret == ""; v.fresh {
		v.browser.Secret = s.Random() + s.Random()
	}
	answer, err := v.answer(ctx, e)
	if err != nil {
		answer = v.trouble(ctx, e, err)
	}
	if v.fresh {
		answer.Cookies = []string{v.browser.Cookie(store.LinkLife)}
	}
	return answer
}

// answer is the page of an address. An error is a page too, made by trouble.
func (v *visit) answer(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	if environment := e.PathParameters["environment"]; environment != "" {
		return v.returned(ctx, e, environment)
	}
	v.secret = e.PathParameters["link"]
	link, err := v.Setup.link(ctx, v.secret, digest(v.browser.Secret))
	v.link = link
	if err != nil && !errors.Is(err, errLinkNotOpen) {
		return events.APIGatewayV2HTTPResponse{}, err
	}
	notOpen := err != nil
	if v.d, err = v.Definitions(link.Partner); err != nil {
		return events.APIGatewayV2HTTPResponse{}, err
	}
	step := e.PathParameters["step"]
	if step == "" {
		if notOpen {
			return v.start()
		}
		return v.look(ctx)
	}
	if v.form, err = v.browser.Form(e, v.base); err != nil || v.fresh {
		return events.APIGatewayV2HTTPResponse{}, frame.ErrForged
	}
	if notOpen && step != "open" {
		return v.again(), nil
	}
	return v.post(ctx, step)
}

// look is a page of an open link, or a part of one that renews itself.
func (v *visit) look(ctx context.Context) (events.APIGatewayV2HTTPResponse, error) {
	switch v.query["part"] {
	case "webhooks":
		return v.part(ctx)
	case "imports":
		return v.importsPart(ctx)
	case "match":
		return v.showMatch(ctx, http.StatusOK, nil, nil)
	}
	return v.show(ctx)
}

// post does what a form asks for. What was done is shown by the page that follows.
func (v *visit) post(ctx context.Context, step string) (events.APIGatewayV2HTTPResponse, error) {
	do, ok := map[string]func(context.Context) (events.APIGatewayV2HTTPResponse, error){
		"open": v.postOpen, "consent": v.postConsent, "key": v.postKey,
		"settings": v.postSettings, "tokens": v.postTokens, "finish": v.postFinish,
		"disconnect": v.postDisconnect, "match": v.postMatch,
	}[step]
	if !ok {
		return events.APIGatewayV2HTTPResponse{}, errNoLink
	}
	return do(ctx)
}

// cookieName tells the set-up pages' cookie from those of other pages.
const cookieName = "connect"

// returned answers the browser that Lever sent back.
func (v *visit) returned(ctx context.Context, e events.APIGatewayV2HTTPRequest, environment string) (events.APIGatewayV2HTTPResponse, error) {
	q := e.QueryStringParameters
	secret, err := v.finish(ctx, back{
		Environment: environment, State: q["state"], Code: q["code"], Error: q["error"], Browser: digest(v.browser.Secret), Base: v.base,
	})
	v.secret = secret
	if secret != "" {
		link, found := v.Setup.link(ctx, secret, digest(v.browser.Secret))
		if v.link = link; found == nil {
			v.d, found = v.Definitions(link.Partner)
		}
		err = errors.Join(err, found)
	}
	if err != nil {
		return events.APIGatewayV2HTTPResponse{}, err
	}
	return v.again(), nil
}

// address is the link's, without the host.
func (v *visit) address() string { return "/connect/" + v.secret }

// again sends the browser to the link's page.
func (v *visit) again() events.APIGatewayV2HTTPResponse { return v.Pages.Redirect(v.address()) }

// frame is what the pages have in common. at is the step of set-up that the page is,
// negative for none.
func (v *visit) frame(title string, at int, notes ...string) page.Frame {
	f := page.Frame{
		Frame:   frame.Frame{Title: title, Owner: v.d.Title, Support: v.d.Support, CSRF: v.browser.CSRF(), Notes: notes},
		Partner: v.d.Title,
	}
	if at >= 0 {
		for i, name := range []string{"Get started", v.d.Connect.Button, "Webhooks and settings", "Finish setup"} {
			f.Steps = append(f.Steps, page.Step{Name: name, Here: i == at})
		}
	}
	if v.secret != "" {
		f.Action = v.address()
	}
	return f
}

// trouble is the page that says what went wrong and how to go on.
func (v *visit) trouble(ctx context.Context, e events.APIGatewayV2HTTPRequest, err error) events.APIGatewayV2HTTPResponse {
	w := wordsFor(err)
	if w.status >= http.StatusInternalServerError {
		slog.ErrorContext(ctx, "page failed", "route", e.RouteKey, "partner", v.link.Partner, "connection", v.link.Connection, "error", err.Error())
	}
	mine := v.link.ID != "" && v.link.Browser == digest(v.browser.Secret)
	answer, err := v.Pages.Show(w.status, "message", page.Message{Frame: v.frame(w.title, -1), Text: w.text, Again: mine && w.again})
	if err != nil {
		return v.Pages.Plain(http.StatusInternalServerError, "This page could not be shown. Try again.")
	}
	return answer
}
