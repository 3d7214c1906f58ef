// Package api is the front door of the partner's side of the gateway, /v1: it
// finds the route, knows whose key was used, and writes answers and errors as
// openapi.yaml has them. Answers are JSON; errors are problem details (RFC 9457);
// lists are {"items": […], "nextCursor": "…"}.
//
// The gateway's authorizer has checked the key before a request comes here, and
// says in the request's context whose it is (package authorize). What it refuses,
// and what has no route, the gateway answers itself.
package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// Request is one call of a partner's.
type Request struct {
	events.APIGatewayV2HTTPRequest
	// Partner is whose key was used; Key is the key's id, for the audit trail.
	Partner string
	Key     string
}

// Path is a parameter of the route: Path("c") for /v1/connections/{c}.
func (r *Request) Path(name string) string { return r.PathParameters[name] }

// Query is a parameter of the query, empty where it is missing. Of one that is
// given several times the gateway makes one with commas.
func (r *Request) Query(name string) string { return r.QueryStringParameters[name] }

// Header is a header of the request, by its name in lower case.
func (r *Request) Header(name string) string { return r.Headers[name] }

// Handler answers one route's requests. An error that is no Problem, and none that
// this package knows, is answered as 500 and logged.
type Handler func(ctx context.Context, r *Request) (*Answer, error)

// Routes are the handlers by their routes as template.yaml has them:
// "GET /v1/connections/{c}".
type Routes map[string]Handler

// Answer is what a request is answered with.
type Answer struct {
	Status int
	// Body is encoded as JSON, or as text if it is a CSV; nil is an answer without a
	// body.
	Body any
	// Location is where to look, empty for nowhere.
	Location string
	// Version is the version of what the body shows, 0 for what has none. It goes
	// out as the header ETag, and comes back in If-Match; see IfMatch.
	Version int64
}

// CSV is a body that goes out as text/csv, its first row the names of the columns.
type CSV [][]string

// OK answers 200 with a body.
func OK(body any) (*Answer, error) { return &Answer{Status: http.StatusOK, Body: body}, nil }

// Accepted answers 202 with a place to look.
func Accepted(location string, body any) (*Answer, error) {
	return &Answer{Status: http.StatusAccepted, Body: body, Location: location}, nil
}

// List answers a part of a list.
func List[T any](items []T, next string) (*Answer, error) {
	if items == nil {
		items = []T{}
	}
	return OK(struct {
		Items      []T    `json:"items"`
		NextCursor string `json:"nextCursor,omitempty"`
	}{items, next})
}

// Handle answers a request. It never fails: what goes wrong is an answer.
func (routes Routes) Handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	r := &Request{APIGatewayV2HTTPRequest: e}
	if a := e.RequestContext.Authorizer; a != nil {
		r.Partner, _ = a.Lambda["partner"].(string)
		r.Key, _ = a.Lambda["key"].(string)
	}
	answer, err := routes.answer(ctx, r)
	if err != nil {
		return refuse(ctx, r, err), nil
	}
	out, err := write(answer)
	if err != nil {
		return refuse(ctx, r, err), nil
	}
	if r.RequestContext.HTTP.Method != http.MethodGet {
		log(r).InfoContext(ctx, "request answered", "status", out.StatusCode)
	}
	return out, nil
}

func (routes Routes) answer(ctx context.Context, r *Request) (*Answer, error) {
	handler, ok := routes[r.RouteKey]
	switch {
	case !ok:
		return nil, NotFound("There is no such route.")
	case r.Partner == "":
		return nil, &Problem{Status: http.StatusUnauthorized, Detail: "The request needs a valid API key."}
	}
	return handler(ctx, r)
}

func log(r *Request) *slog.Logger {
	return slog.With("route", r.RouteKey, "partner", r.Partner, "key", r.Key, "connection", r.Path("c"), "request", r.RequestContext.RequestID)
}

func write(a *Answer) (events.APIGatewayV2HTTPResponse, error) {
	headers := map[string]string{"cache-control": "no-store", "x-content-type-options": "nosniff"}
	out := events.APIGatewayV2HTTPResponse{StatusCode: a.Status, Headers: headers}
	if a.Location != "" {
		headers["location"] = a.Location
	}
	if a.Version != 0 {
		headers["etag"] = strconv.Quote(strconv.FormatInt(a.Version, 10))
	}
	if a.Body == nil {
		return out, nil
	}
	if rows, ok := a.Body.(CSV); ok {
		var text strings.Builder
		err := csv.NewWriter(&text).WriteAll(rows)
		headers["content-type"], out.Body = "text/csv; charset=utf-8", text.String()
		return out, err
	}
	body, err := json.Marshal(a.Body)
	headers["content-type"], out.Body = "application/json", string(body)
	return out, err
}

// refuse writes an error. What nobody foresaw is logged, and told to nobody.
func refuse(ctx context.Context, r *Request, err error) events.APIGatewayV2HTTPResponse {
	p, ok := problemOf(err)
	if !ok {
		log(r).ErrorContext(ctx, "request failed", "error", err.Error())
	}
	out, err := write(&Answer{Status: p.Status, Body: p})
	if err != nil {
		log(r).ErrorContext(ctx, "problem cannot be written", "error", err.Error())
		return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusInternalServerError}
	}
	out.Headers["content-type"] = "application/problem+json"
	if p.RetryAfter > 0 {
		out.Headers["retry-after"] = strconv.Itoa(int(p.RetryAfter.Seconds()))
	}
	return out
}
