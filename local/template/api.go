package template

import (
	"slices"
	"strings"
	"time"
)

// API is the stack's HTTP API.
type API struct {
	ID         string
	Routes     []Route
	Authorizer map[string]Authorizer
	// Throttle bounds each route that has no throttle of its own.
	Throttle Throttle
}

// Route sends the requests of one method and path to a function.
type Route struct {
	Function string
	// Method is in capitals, or ANY. Path may hold {name} and end with {name+}.
	// Both are empty for the route $default, which takes what no other does.
	Method, Path string
	Authorizer   string // a key of API.Authorizer, or empty
	Timeout      time.Duration
	Throttle     Throttle
}

// Key is the route's key: "POST /webhooks/{hook}", or "$default".
func (r Route) Key() string {
	if r.Path == "" {
		return "$default"
	}
	return r.Method + " " + r.Path
}

// Authorizer is a Lambda authorizer of payload format 2.0 that gives simple
// responses.
type Authorizer struct {
	Function string
	// Headers, QueryStrings and Context name what identifies a caller; all of
	// them must be in a request. Context is $context.x without "$context.".
	Headers, QueryStrings, Context []string
	// TTL is how long an answer is used for the same identity; 0 asks each time.
	TTL time.Duration
}

// Throttle is a token bucket. The zero Throttle lets everything pass.
type Throttle struct {
	Rate  float64 `yaml:"ThrottlingRateLimit"` // requests a second
	Burst int     `yaml:"ThrottlingBurstLimit"`
}

// implicitAPI is the API that SAM makes for events that name none.
const implicitAPI = "ServerlessHttpApi"

type apiProperties struct {
	StageName            string   `yaml:"StageName"`
	DefaultRouteSettings Throttle `yaml:"DefaultRouteSettings"`
	Auth                 struct {
		DefaultAuthorizer string                `yaml:"DefaultAuthorizer"`
		Authorizers       map[string]authorizer `yaml:"Authorizers"`
	} `yaml:"Auth"`
}

type authorizer struct {
	FunctionArn                    string `yaml:"FunctionArn"`
	AuthorizerPayloadFormatVersion string `yaml:"AuthorizerPayloadFormatVersion"`
	EnableSimpleResponses          bool   `yaml:"EnableSimpleResponses"`
	Identity                       struct {
		Headers          []string `yaml:"Headers"`
		QueryStrings     []string `yaml:"QueryStrings"`
		Context          []string `yaml:"Context"`
		StageVariables   []string `yaml:"StageVariables"`
		ReauthorizeEvery *int     `yaml:"ReauthorizeEvery"`
	} `yaml:"Identity"`
}

// api evaluates the one HTTP API that the runner has a port for.
func (w *wirer) api() error {
	ids := w.of(APIType)
	if len(ids) == 0 {
		w.API.ID = implicitAPI
		return nil
	}
	res := w.resources[ids[len(ids)-1]]
	if len(ids) > 1 {
		return w.errorf(res.at, "one HTTP API runs here, not %s", strings.Join(ids, " and "))
	}
	p := apiProperties{StageName: "$default"}
	if err := w.resolver.decode(res.properties, &p); err != nil {
		return err
	}
	if p.StageName != "$default" {
		return w.errorf(res.at, "%s: only the stage $default runs here, not %s", ids[0], p.StageName)
	}
	w.API = API{ID: ids[0], Throttle: p.DefaultRouteSettings, Authorizer: map[string]Authorizer{}}
	w.defaultAuthorizer = p.Auth.DefaultAuthorizer
	for name, a := range p.Auth.Authorizers {
		made, problem := w.authorizer(a)
		if problem != "" {
			return w.errorf(res.at, "%s: authorizer %s: %s", ids[0], name, problem)
		}
		w.API.Authorizer[name] = made
	}
	return nil
}

// defaultTTL is how long an answer is used where the template does not say. SAM
// developer guide, "LambdaAuthorizationIdentity": caching is on by default; API
// Gateway API reference: 300 seconds.
const defaultTTL = 300

// authorizer checks an authorizer; the problem is empty if there is none.
func (w *wirer) authorizer(a authorizer) (made Authorizer, problem string) {
	id := a.Identity
	made = Authorizer{Function: functionOf(a.FunctionArn), Headers: id.Headers, QueryStrings: id.QueryStrings, Context: id.Context}
	identified := len(id.Headers)+len(id.QueryStrings)+len(id.Context) > 0
	switch {
	case id.ReauthorizeEvery != nil:
		made.TTL = time.Duration(*id.ReauthorizeEvery) * time.Second
	case identified:
		made.TTL = defaultTTL * time.Second
	}
	switch {
	case !w.isFunction(made.Function):
		problem = "FunctionArn is not one of the stack's functions"
	case a.AuthorizerPayloadFormatVersion != "2.0" || !a.EnableSimpleResponses:
		problem = "only AuthorizerPayloadFormatVersion 2.0 with EnableSimpleResponses runs here"
	case len(id.StageVariables) > 0:
		problem = "StageVariables are not supported here"
	case slices.ContainsFunc(id.Context, func(name string) bool { return !slices.Contains([]string{"routeKey", "httpMethod", "path"}, name) }):
		problem = "of Context only routeKey, httpMethod and path are supported here"
	case made.TTL > 0 && !identified:
		problem = "a result can only be kept for an identity; there is none"
	}
	return made, problem
}

// functionOf is the logical id in the ARN of a function, an alias or a version.
func functionOf(arn string) string {
	parts := strings.Split(arn, ":")
	if len(parts) < 7 {
		return ""
	}
	return parts[6]
}

func (w *wirer) isFunction(id string) bool {
	res, ok := w.resources[id]
	return ok && res.typ == FunctionType
}

// route adds an event of the type HttpApi.
func (w *wirer) route(t trigger) error {
	p := struct {
		APIID                string   `yaml:"ApiId"`
		Method               string   `yaml:"Method"`
		Path                 string   `yaml:"Path"`
		TimeoutInMillis      int      `yaml:"TimeoutInMillis"`
		PayloadFormatVersion string   `yaml:"PayloadFormatVersion"`
		RouteSettings        Throttle `yaml:"RouteSettings"`
		Auth                 struct {
			Authorizer string `yaml:"Authorizer"`
		} `yaml:"Auth"`
	}{Method: "ANY", TimeoutInMillis: 30_000, PayloadFormatVersion: "2.0"}
	p.Auth.Authorizer = w.defaultAuthorizer
	if err := w.resolver.decode(t.properties, &p); err != nil {
		return err
	}
	switch {
	case p.PayloadFormatVersion != "2.0":
		return w.errorf(t.name, "event %s of %s: only payload format 2.0 runs here", t.name.Value, t.function)
	case p.Path != "" && !strings.HasPrefix(p.Path, "/"):
		return w.errorf(t.name, "event %s of %s: path %q does not begin with /", t.name.Value, t.function, p.Path)
	case p.TimeoutInMillis < 50 || p.TimeoutInMillis > 30_000:
		return w.errorf(t.name, "event %s of %s: TimeoutInMillis is 50 to 30000", t.name.Value, t.function)
	}
	if p.Auth.Authorizer == "NONE" {
		p.Auth.Authorizer = ""
	}
	if _, ok := w.API.Authorizer[p.Auth.Authorizer]; !ok && p.Auth.Authorizer != "" {
		return w.errorf(t.name, "event %s of %s: there is no authorizer %s", t.name.Value, t.function, p.Auth.Authorizer)
	}
	r := Route{Function: t.function, Method: strings.ToUpper(p.Method), Path: p.Path, Authorizer: p.Auth.Authorizer,
		Timeout: time.Duration(p.TimeoutInMillis) * time.Millisecond, Throttle: p.RouteSettings}
	for _, other := range w.API.Routes {
		if other.Key() == r.Key() {
			return w.errorf(t.name, "%s goes to %s and to %s", r.Key(), other.Function, t.function)
		}
	}
	w.API.Routes = append(w.API.Routes, r)
	return nil
}
