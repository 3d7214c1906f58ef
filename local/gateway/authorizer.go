package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"fulcrum/local/template"
)

// authorizer is a Lambda authorizer and what it said lately.
type authorizer struct {
	template.Authorizer
	mu    sync.Mutex
	known map[string]verdict
}

// verdict is what an authorizer says of an identity.
type verdict struct {
	Allowed *bool          `json:"isAuthorized"`
	Context map[string]any `json:"context"`
	until   time.Time
}

// authorizerEvent is the event of an authorizer: the request without its body.
type authorizerEvent struct {
	Version        string            `json:"version"`
	Type           string            `json:"type"`
	RouteARN       string            `json:"routeArn"`
	Identity       []string          `json:"identitySource"`
	RouteKey       string            `json:"routeKey"`
	RawPath        string            `json:"rawPath"`
	RawQueryString string            `json:"rawQueryString"`
	Cookies        []string          `json:"cookies,omitempty"`
	Headers        map[string]string `json:"headers"`
	Query          map[string]string `json:"queryStringParameters,omitempty"`
	Context        requestContext    `json:"requestContext"`
	PathParameters map[string]string `json:"pathParameters,omitempty"`
}

// authorize asks the route's authorizer, if it has one, and lays its context
// into the event. It gives the status that refuses the request, or 0.
func (g *Gateway) authorize(ctx context.Context, route template.Route, e *event) int {
	a := g.authorizers[route.Authorizer]
	if a == nil {
		return 0
	}
	identity, ok := a.identity(e)
	if !ok {
		return http.StatusUnauthorized
	}
	v, ok := a.recall(identity, time.Now())
	if !ok {
		if v, ok = g.ask(ctx, a, identity, e); !ok {
			return http.StatusInternalServerError
		}
		a.remember(identity, v, time.Now())
	}
	if !*v.Allowed {
		return http.StatusForbidden
	}
	e.Context.Authorizer = &authorized{v.Context}
	return 0
}

// ask runs the authorizer's function. It is false if that did not say clearly
// whether the caller may.
func (g *Gateway) ask(ctx context.Context, a *authorizer, identity []string, e *event) (v verdict, ok bool) {
	arn := "arn:aws:execute-api:" + g.options.Region + ":" + g.options.Account + ":local/$default/" + e.Context.HTTP.Method + e.RawPath
	payload, err := json.Marshal(authorizerEvent{
		Version: "2.0", Type: "REQUEST", RouteARN: arn, Identity: identity, RouteKey: e.RouteKey, RawPath: e.RawPath,
		RawQueryString: e.RawQueryString, Cookies: e.Cookies, Headers: e.Headers, Query: e.Query, Context: e.Context,
		PathParameters: e.PathParameters,
	})
	if err != nil {
		return v, false
	}
	ctx, stop := context.WithTimeout(ctx, authorizeTime)
	defer stop()
	answer, err := g.options.Invoke(ctx, a.Function, payload)
	if err != nil || answer.Failed {
		return v, false
	}
	err = json.Unmarshal(answer.Payload, &v)
	return v, err == nil && v.Allowed != nil
}

// identity are the values of the identity sources. It is false if one is
// missing; the function is not asked then.
func (a *authorizer) identity(e *event) (values []string, ok bool) {
	for _, name := range a.Headers {
		values = append(values, e.Headers[strings.ToLower(name)])
	}
	for _, name := range a.QueryStrings {
		values = append(values, e.Query[name])
	}
	for _, name := range a.Context {
		values = append(values, map[string]string{
			"routeKey": e.RouteKey, "httpMethod": e.Context.HTTP.Method, "path": e.RawPath,
		}[name])
	}
	for _, value := range values {
		if value == "" {
			return nil, false
		}
	}
	return values, true
}

func (a *authorizer) recall(identity []string, now time.Time) (verdict, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	v, ok := a.known[strings.Join(identity, "\x00")]
	return v, ok && now.Before(v.until)
}

// remember keeps a verdict, allowed or not, for the authorizer's time.
func (a *authorizer) remember(identity []string, v verdict, now time.Time) {
	if a.TTL == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for key, old := range a.known {
		if !now.Before(old.until) {
			delete(a.known, key)
		}
	}
	v.until = now.Add(a.TTL)
	a.known[strings.Join(identity, "\x00")] = v
}
