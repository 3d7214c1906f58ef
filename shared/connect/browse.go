package connect

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/connect/page"
	"fulcrum/shared/definition"
	"fulcrum/shared/store"
)

// visit is one request of a browser.
type visit struct {
	*Setup
	browser page.Browser
	// fresh says that the browser had no cookie: the answer sets one.
	fresh bool
	base  string
	// secret is the one in the link's address, link what it stands for, and of the
	// link's partner d says what set-up consists of.
	secret string
	link   store.Link
	d      definition.Definition
	form   url.Values
}

// browse answers a browser.
func (s *Setup) browse(ctx context.Context, e events.APIGatewayV2HTTPRequest) events.APIGatewayV2HTTPResponse {
	base := s.reached(e)
	v := &visit{Setup: s, base: base, browser: page.BrowserOf(e.Cookies, strings.HasPrefix(base, "https://"))}
	if v.fresh = v.browser.Secret == ""; v.fresh {
		v.browser.Secret = s.Random() + s.Random()
	}
	answer, err := v.answer(ctx, e)
	if err != nil {
		answer = v.trouble(ctx, e, err)
	}
	if v.fresh {
		answer.Cookies = []string{v.browser.Cookie()}
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
		return v.show(ctx)
	}
	if err := v.checkForm(e); err != nil {
		return events.APIGatewayV2HTTPResponse{}, err
	}
	if notOpen && step != "open" {
		return v.again(), nil
	}
	return v.post(ctx, step)
}

// post does what a form asks for. What was done is shown by the page that follows.
func (v *visit) post(ctx context.Context, step string) (events.APIGatewayV2HTTPResponse, error) {
	do, ok := map[string]func(context.Context) (events.APIGatewayV2HTTPResponse, error){
		"open": v.postOpen, "consent": v.postConsent, "key": v.postKey,
		"settings": v.postSettings, "tokens": v.postTokens, "finish": v.postFinish,
	}[step]
	if !ok {
		return events.APIGatewayV2HTTPResponse{}, errNoLink
	}
	return do(ctx)
}

// errForged says that a form was not sent from a page of ours.
var errForged = errors.New("the form was not sent from this page")

// checkForm reads a form and refuses one that another site had the browser send.
func (v *visit) checkForm(e events.APIGatewayV2HTTPRequest) error {
	body := e.Body
	if e.IsBase64Encoded {
		text, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return errForged
		}
		body = string(text)
	}
	form, err := url.ParseQuery(body)
	if err != nil || v.fresh {
		return errForged
	}
	if origin := e.Headers["origin"]; origin != "" && origin != v.base {
		return errForged
	}
	if subtle.ConstantTimeCompare([]byte(form.Get("csrf")), []byte(v.browser.CSRF())) != 1 {
		return errForged
	}
	v.form = form
	return nil
}

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

func (v *visit) frame(title string, notes ...string) page.Frame {
	f := page.Frame{Title: title, Partner: v.d.Title, Support: v.d.Support, CSRF: v.browser.CSRF(), Notes: notes}
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
	answer, err := v.Pages.Show(w.status, "message", page.Message{Frame: v.frame(w.title), Text: w.text, Again: mine && w.again})
	if err != nil {
		return v.Pages.Plain(http.StatusInternalServerError, "This page could not be shown. Try again.")
	}
	return answer
}
