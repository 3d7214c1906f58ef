// Package api is the front door of the partner's side of the gateway, /v1: it
// finds the route, knows whose key was used, and writes answers and errors as the
// contract has them. Answers are JSON; errors are problem details (RFC 9457);
// lists are {"items": […], "nextCursor": "…"}.
//
// The gateway's authorizer has checked the key before a request comes here, and
// says in the request's context whose it is.
package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/store"
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

// Query is a parameter of the query, empty where it is missing.
func (r *Request) Query(name string) string { return r.QueryStringParameters[name] }

// Header is a header of the request, by its name in lower case.
func (r *Request) Header(name string) string { return r.Headers[name] }

// Handler answers one route's requests. An error that is no Problem is answered
// as 500 and logged.
type Handler func(ctx context.Context, r *Request) (*Answer, error)

// Routes are the handlers by their routes as template.yaml has them:
// "GET /v1/connections/{c}".
type Routes map[string]Handler

// Answer is what a request is answered with.
type Answer struct {
	Status int
	// Body is encoded as JSON; nil is an answer without a body.
	Body any
	// Location is where to look, empty for nowhere.
	Location string
}

// OK answers 200 with a body.
func OK(body any) (*Answer, error) { return &Answer{Status: http.StatusOK, Body: body}, nil }

// Accepted answers 202 with a place to look.
func Accepted(location string, body any) (*Answer, error) {
	return &Answer{Status: http.StatusAccepted, Body: body, Location: location}, nil
}

// Nothing answers 204.
func Nothing() (*Answer, error) { return &Answer{Status: http.StatusNoContent}, nil }

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
		return problem(ctx, r, err), nil
	}
	return write(answer, "application/json"), nil
}

func (routes Routes) answer(ctx context.Context, r *Request) (*Answer, error) {
	handler, ok := routes[r.RouteKey]
	switch {
	case !ok:
		return nil, NotFound("There is no such route.")
	case r.Partner == "":
		return nil, Unauthorized
	}
	return handler(ctx, r)
}

func write(a *Answer, contentType string) events.APIGatewayV2HTTPResponse {
	out := events.APIGatewayV2HTTPResponse{StatusCode: a.Status, Headers: map[string]string{"cache-control": "no-store"}}
	if a.Location != "" {
		out.Headers["location"] = a.Location
	}
	if a.Body == nil {
		return out
	}
	body, err := json.Marshal(a.Body)
	if err != nil {
		return write(&Answer{Status: http.StatusInternalServerError}, contentType)
	}
	out.Headers["content-type"], out.Body = contentType, string(body)
	return out
}

func problem(ctx context.Context, r *Request, err error) events.APIGatewayV2HTTPResponse {
	var p *Problem
	if !errors.As(err, &p) {
		p = known(err)
	}
	if p == nil {
		slog.ErrorContext(ctx, "request failed", "route", r.RouteKey, "partner", r.Partner, "error", err.Error())
		p = &Problem{Status: http.StatusInternalServerError, Detail: "The request could not be answered. Try again."}
	}
	p.fill()
	return write(&Answer{Status: p.Status, Body: p}, "application/problem+json")
}

// known is the problem that an error of the store is.
func known(err error) *Problem {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return NotFound("There is no such thing.")
	case errors.Is(err, store.ErrMoved):
		return Conflict("It changed meanwhile. Read it again.")
	case errors.Is(err, store.ErrCursor):
		return Invalid("cursor", "is none that was given for this list")
	}
	return nil
}

// maxBody is the longest request body in bytes; results with a résumé's analysis
// are the longest there are.
const maxBody = 1 << 20

// Decode reads a request's body into v. Members that v does not have are refused,
// so that a slip of the pen is not taken for a wish.
func Decode(r *Request, v any) error {
	body, err := r.body()
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return malformed(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Malformed("The body has more than one JSON value.")
	}
	return nil
}

// body is the request's body, decoded where the gateway has encoded it.
func (r *Request) body() ([]byte, error) {
	body, err := r.raw()
	switch {
	case err != nil:
		return nil, Malformed("The body cannot be read.")
	case len(body) > maxBody:
		return nil, &Problem{Status: http.StatusRequestEntityTooLarge, Detail: "The body is longer than 1 MiB."}
	case len(bytes.TrimSpace(body)) == 0:
		return nil, Malformed("The body is empty; it has to be JSON.")
	}
	return body, nil
}

// malformed names the member that encoding/json stumbled over, and repeats nothing
// of the body.
func malformed(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) && kind.Field != "" {
		return Invalid(kind.Field, "has to be "+article(kind.Type.Kind()))
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		if field, err := strconv.Unquote(name); err == nil && len(field) < 64 {
			return Invalid(field, "is no member of this request")
		}
	}
	return Malformed("The body is not the JSON that this route takes.")
}

// article is a kind of JSON value in words.
func article(k reflect.Kind) string {
	switch k {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a number"
}

// Paging is the part of a list that the request asks for by cursor and limit.
func Paging(r *Request) (store.Paging, error) {
	p := store.Paging{Cursor: r.Query("cursor")}
	limit := r.Query("limit")
	if limit == "" {
		return p, nil
	}
	var err error
	if p.Limit, err = strconv.Atoi(limit); err != nil || p.Limit < 1 || p.Limit > store.MaxPage {
		return p, Invalid("limit", "has to be 1 to "+strconv.Itoa(store.MaxPage))
	}
	return p, nil
}
