package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"fulcrum/local/twin/account"
)

// acting says what perform_as means to an endpoint.
type acting int

const (
	optional acting = iota
	required
)

// route is one endpoint.
type route struct {
	method string
	// path begins after the version; its parts that begin with : take any value.
	path string
	// scope is what an app needs, such as "opportunities:read:admin".
	scope string
	acts  acting
	serve func(*call) (answer, error)
}

// right is what an API key needs to call the endpoint.
func (r route) right() string { return r.method + " " + r.path }

// routes are all endpoints, by method and number of parts.
type routes map[string][]route

func newRoutes() routes {
	all := routes{}
	for _, list := range [][]route{
		opportunityRoutes(), applicationRoutes(), offerRoutes(), noteRoutes(), feedbackRoutes(), templateRoutes(),
		interviewRoutes(),
		fileRoutes(), contactRoutes(), postingRoutes(), userRoutes(), pipelineRoutes(), webhookRoutes(),
		requisitionRoutes(), absentRoutes(),
	} {
		for _, r := range list {
			k := shape(r.method, parts(r.path))
			all[k] = append(all[k], r)
		}
	}
	for k := range all {
		// Words go before :names, so that /opportunities/deleted is no id.
		slices.SortStableFunc(all[k], func(x, y route) int { return strings.Count(x.path, ":") - strings.Count(y.path, ":") })
	}
	return all
}

func shape(method string, parts []string) string { return method + strings.Repeat("/", len(parts)) }

func parts(path string) []string {
	return strings.Split(strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/"), "/")
}

// match finds the endpoint of an escaped path. Paths of the old candidates mean
// opportunities.
func (all routes) match(method, path string) (route, map[string]string, bool) {
	have := parts(path)
	if have[0] == "candidates" {
		have[0] = "opportunities"
	}
	for _, r := range all[shape(method, have)] {
		if values, ok := r.values(have); ok {
			return r, values, true
		}
	}
	return route{}, nil, false
}

func (r route) values(have []string) (map[string]string, bool) {
	values := map[string]string{}
	for i, want := range parts(r.path) {
		name, isName := strings.CutPrefix(want, ":")
		if !isName {
			if want != have[i] {
				return nil, false
			}
			continue
		}
		value, err := url.PathUnescape(have[i])
		if err != nil || value == "" {
			return nil, false
		}
		values[name] = value
	}
	return values, true
}

// data is an answer with one object.
func data(status int, object any) (answer, error) {
	return answer{status: status, body: envelope{Data: object}}, nil
}

// done is the answer with one object, unless there is an error.
func done[T any](c *call, status int, object T, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return c.object(status, object)
}

// under serves an endpoint below an opportunity, which is found first.
func under(serve func(*call, *account.Opportunity) (answer, error)) func(*call) (answer, error) {
	return func(c *call) (answer, error) {
		o, err := c.opportunity()
		if err != nil {
			return answer{}, err
		}
		return serve(c, o)
	}
}

// nothing is the answer to a deletion, unless there is an error.
func nothing(err error) (answer, error) {
	return answer{status: http.StatusNoContent}, err
}

// envelope is what answers stand in. Deduped is beside the data.
type envelope struct {
	Deduped bool   `json:"deduped,omitempty"`
	Data    any    `json:"data"`
	HasNext *bool  `json:"hasNext,omitempty"`
	Next    string `json:"next,omitempty"`
}

// absentRoutes are endpoints that Lever has and the twin has not.
func absentRoutes() []route {
	var list []route
	absent := func(scope string, endpoints ...string) {
		for _, e := range endpoints {
			method, path, _ := strings.Cut(e, " ")
			list = append(list, route{method: method, path: path, scope: scope, serve: notInTwin})
		}
	}
	absent("requisitions:write:admin", "POST /requisitions", "PUT /requisitions/:requisition", "DELETE /requisitions/:requisition")
	absent("requisition_fields:read:admin", "GET /requisition_fields", "GET /requisition_fields/:field")
	absent("requisition_fields:write:admin",
		"POST /requisition_fields", "PUT /requisition_fields/:field", "DELETE /requisition_fields/:field",
		"POST /requisition_fields/:field/options", "PUT /requisition_fields/:field/options",
		"DELETE /requisition_fields/:field/options")
	absent("eeo_responses:read:admin", "GET /eeo/responses")
	absent("eeo_responses_pii:read:admin", "GET /eeo/responses/pii")
	absent("diversity_surveys:read:admin", "GET /surveys/diversity/:posting")
	absent("audit_events:read:admin", "GET /audit_events")
	absent(
		"referrals:read:admin", "GET /opportunities/:opportunity/referrals",
		"GET /opportunities/:opportunity/referrals/:referral",
	)
	absent("tasks:read:admin", "GET /tasks", "GET /tasks/:task")
	absent("groups:read:admin", "GET /groups", "GET /groups/:group")
	absent("roles:read:admin", "GET /roles", "GET /roles/:role")
	absent("permissions:read:admin", "GET /permissions", "GET /permissions/:permission")
	return list
}

func notInTwin(c *call) (answer, error) {
	return answer{}, &account.Error{
		Status: http.StatusNotImplemented, Code: "NotInTwin",
		Message: "Lever has " + c.route.right() + ", this twin has not.",
	}
}
