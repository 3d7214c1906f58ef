package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/api"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

const route = "POST /v1/connections/{c}/things"

// by is a request of a partner's.
func by(partner string) events.APIGatewayV2HTTPRequest {
	r := events.APIGatewayV2HTTPRequest{RouteKey: route, PathParameters: map[string]string{"c": "con_1"}}
	r.RequestContext.HTTP.Method = "POST"
	r.RequestContext.RequestID = "request-1"
	if partner != "" {
		r.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: map[string]any{"partner": partner, "key": "key_1"}}
	}
	return r
}

// logged gathers what is logged until the test ends.
func logged(t *testing.T) *strings.Builder {
	t.Helper()
	var log strings.Builder
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &log
}

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	m.Run()
}

// nothing is an answer without a body.
func nothing() (*api.Answer, error) { return &api.Answer{Status: 204}, nil }

// handle answers a request by one handler.
func handle(t *testing.T, e events.APIGatewayV2HTTPRequest, h api.Handler) events.APIGatewayV2HTTPResponse {
	t.Helper()
	out, err := api.Routes{route: h}.Handle(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAnswers(t *testing.T) {
	type thing struct {
		Name string `json:"name"`
	}
	tests := map[string]struct {
		answer  func() (*api.Answer, error)
		status  int
		body    string
		headers map[string]string
	}{
		"a thing": {func() (*api.Answer, error) { return api.OK(thing{"a"}) }, 200, `{"name":"a"}`, map[string]string{"content-type": "application/json"}},
		"a thing that has a version": {func() (*api.Answer, error) { return &api.Answer{Status: 200, Body: thing{"a"}, Version: 7}, nil }, 200, `{"name":"a"}`,
			map[string]string{"content-type": "application/json", "etag": `"7"`}},
		"something to come": {func() (*api.Answer, error) { return api.Accepted("/v1/x", thing{"a"}) }, 202, `{"name":"a"}`,
			map[string]string{"content-type": "application/json", "location": "/v1/x"}},
		"nothing":         {nothing, 204, "", nil},
		"a list":          {func() (*api.Answer, error) { return api.List([]thing{{"a"}}, "next") }, 200, `{"items":[{"name":"a"}],"nextCursor":"next"}`, map[string]string{"content-type": "application/json"}},
		"an empty list":   {func() (*api.Answer, error) { return api.List[thing](nil, "") }, 200, `{"items":[]}`, map[string]string{"content-type": "application/json"}},
		"what is no JSON": {func() (*api.Answer, error) { return api.OK(math.NaN()) }, 500, "", map[string]string{"content-type": "application/problem+json"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := handle(t, by("acme"), func(context.Context, *api.Request) (*api.Answer, error) { return tt.answer() })
			want := map[string]string{"cache-control": "no-store", "x-content-type-options": "nosniff"}
			for k, v := range tt.headers {
				want[k] = v
			}
			if got.StatusCode != tt.status || tt.status < 500 && got.Body != tt.body || !reflect.DeepEqual(got.Headers, want) {
				t.Errorf("%d %s %v", got.StatusCode, got.Body, got.Headers)
			}
		})
	}
}

func TestAHandlerKnowsWhoseKeyWasUsed(t *testing.T) {
	var got api.Request
	handle(t, by("acme"), func(_ context.Context, r *api.Request) (*api.Answer, error) {
		got = *r
		return nothing()
	})
	if got.Partner != "acme" || got.Key != "key_1" || got.Path("c") != "con_1" {
		t.Errorf("%+v", got)
	}
}

// Whatever the template wires to the function, no handler runs without a partner.
func TestNoHandlerRunsWithoutAPartner(t *testing.T) {
	odd := by("acme")
	odd.RequestContext.Authorizer.Lambda["partner"] = 7
	for name, e := range map[string]events.APIGatewayV2HTTPRequest{"no authorizer": by(""), "a context that names none": odd} {
		got := handle(t, e, func(context.Context, *api.Request) (*api.Answer, error) {
			t.Errorf("%s: the handler runs", name)
			return nothing()
		})
		if got.StatusCode != 401 {
			t.Errorf("%s: %d", name, got.StatusCode)
		}
	}
	elsewhere := by("acme")
	elsewhere.RouteKey = "GET /v1/nothing"
	if got := handle(t, elsewhere, nil); got.StatusCode != 404 {
		t.Errorf("a route of no handler: %d", got.StatusCode)
	}
}

func TestErrorsAreProblems(t *testing.T) {
	tests := map[string]struct {
		err    error
		want   string
		after  string
		logged bool
	}{
		"not there":              {api.NotFound("No."), `{"type":"about:blank","title":"Not Found","status":404,"detail":"No."}`, "", false},
		"wrapped":                {fmt.Errorf("read: %w", api.Conflict("Busy.")), `{"type":"about:blank","title":"Conflict","status":409,"detail":"Busy."}`, "", false},
		"a wrong member":         {api.Invalid("a", "has to be a list"), `{"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"The request is not valid.","errors":[{"field":"a","detail":"has to be a list"}]}`, "", false},
		"something missing":      {&api.Problem{Type: "setup", Title: "Set-up", Status: 409, Missing: []string{"a webhook"}}, `{"type":"setup","title":"Set-up","status":409,"missing":["a webhook"]}`, "", false},
		"not in the table":       {fmt.Errorf("x: %w", store.ErrNotFound), `{"type":"about:blank","title":"Not Found","status":404,"detail":"There is no such thing."}`, "", false},
		"changed meanwhile":      {store.ErrMoved, `{"type":"about:blank","title":"Conflict","status":409,"detail":"It changed meanwhile. Read it again."}`, "", false},
		"a cursor of none":       {store.ErrCursor, `{"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"The request is not valid.","errors":[{"field":"cursor","detail":"is none that was given for this list"}]}`, "", false},
		"Lever's rate":           {rate.ErrBusy, `{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The connection's share of Lever's rate is used up."}`, "1", false},
		"a lost connection":      {fault.Permanent("connection_lost", errors.New("lost")), `{"type":"connection_lost","title":"Conflict","status":409,"detail":"The connection does not work; a person has to mend it. See its attention items."}`, "", false},
		"too long":               {fmt.Errorf("x: %w", context.DeadlineExceeded), `{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"It took too long. Try again."}`, "1", false},
		"not there in Lever":     {fmt.Errorf("x: %w", &lever.Error{Status: 404}), `{"type":"about:blank","title":"Not Found","status":404,"detail":"Lever has no such thing."}`, "", false},
		"not allowed in Lever":   {&lever.Error{Status: 403}, `{"type":"about:blank","title":"Conflict","status":409,"detail":"Lever does not allow this connection to see it."}`, "", false},
		"refused by Lever":       {&lever.Error{Status: 400}, `{"type":"about:blank","title":"Bad Gateway","status":502,"detail":"Lever refused the call."}`, "", false},
		"what nobody foresaw":    {errors.New("secret"), `{"type":"about:blank","title":"Internal Server Error","status":500,"detail":"The request could not be answered. Try again."}`, "", true},
		"a changed version":      {api.Changed(), `{"type":"about:blank","title":"Precondition Failed","status":412,"detail":"It changed since it was read. Read it again."}`, "", false},
		"away for half a minute": {api.Away("Away.", 30*time.Second), `{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"Away."}`, "30", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			log := logged(t)
			got := handle(t, by("acme"), func(context.Context, *api.Request) (*api.Answer, error) { return nil, tt.err })
			if got.Body != tt.want || got.Headers["content-type"] != "application/problem+json" || got.Headers["retry-after"] != tt.after {
				t.Errorf("%s %v", got.Body, got.Headers)
			}
			var problem struct{ Status int }
			if err := json.Unmarshal([]byte(got.Body), &problem); err != nil || problem.Status != got.StatusCode {
				t.Errorf("status %d", got.StatusCode)
			}
			if told := strings.Contains(log.String(), "request-1"); told != tt.logged {
				t.Errorf("log %s", log)
			}
		})
	}
}

// One Problem may answer many requests at a time, and is not changed by it.
func TestAProblemIsSharedByRequests(t *testing.T) {
	shared := api.NotFound("No.")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			handle(t, by("acme"), func(context.Context, *api.Request) (*api.Answer, error) { return nil, shared })
		})
	}
	all.Wait()
	if shared.Type != "" || shared.Title != "" {
		t.Errorf("%+v", shared)
	}
}

func TestAProblemHasAText(t *testing.T) {
	for want, p := range map[string]*api.Problem{"a is wrong": api.Invalid("a", "is wrong"), "No.": api.NotFound("No."), "Teapot": {Title: "Teapot"}, "Conflict": {Status: 409}} {
		if p.Error() != want {
			t.Errorf("%q, want %q", p.Error(), want)
		}
	}
}

// Writes are logged with who asked, reads are not; never what was asked.
func TestAWriteIsLogged(t *testing.T) {
	log := logged(t)
	ok := func(context.Context, *api.Request) (*api.Answer, error) { return nothing() }
	read := by("acme")
	read.RequestContext.HTTP.Method = "GET"
	handle(t, read, ok)
	if log.Len() != 0 {
		t.Errorf("a read is logged: %s", log)
	}
	write := by("acme")
	write.Body = "personal"
	handle(t, write, ok)
	for _, want := range []string{`"partner":"acme"`, `"key":"key_1"`, `"connection":"con_1"`, `"status":204`, `"request":"request-1"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("log has no %s: %s", want, log)
		}
	}
	if strings.Contains(log.String(), "personal") {
		t.Errorf("log %s", log)
	}
}

// connections is a table in memory.
type connections map[string]store.Connection

func (c connections) Connection(_ context.Context, id string) (store.Connection, error) {
	if id == "con_broken" {
		return store.Connection{}, errors.New("away")
	}
	found, ok := c[id]
	if !ok {
		return found, fmt.Errorf("connection: %w", store.ErrNotFound)
	}
	return found, nil
}

func TestAConnectionIsItsPartners(t *testing.T) {
	table := connections{"con_1": {ID: "con_1", Partner: "acme"}, "con_2": {ID: "con_2", Partner: "other"}}
	var foreign string
	for id, want := range map[string]int{
		"con_1": 200, "con_2": 404, "con_3": 404, "": 404, "con_1#x": 404, "../con_1": 404, strings.Repeat("c", 65): 404, "con_broken": 500,
	} {
		e := by("acme")
		e.PathParameters["c"] = id
		got := handle(t, e, api.Of(table, func(_ context.Context, _ *api.Request, c store.Connection) (*api.Answer, error) { return api.OK(c.ID) }))
		if got.StatusCode != want {
			t.Errorf("%q: %d", id, got.StatusCode)
		}
		if want == 404 && foreign != "" && foreign != got.Body {
			t.Errorf("%q is told apart: %s", id, got.Body)
		}
		if want == 404 {
			foreign = got.Body
		}
	}
}
