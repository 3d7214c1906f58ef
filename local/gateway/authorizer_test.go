package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/lambda"
	"fulcrum/local/template"
)

// guarded is an API whose only route has an authorizer.
func guarded(a template.Authorizer) template.API {
	a.Function = "Guard"
	return template.API{
		Routes:     []template.Route{{Function: "F", Method: "GET", Path: "/v1/{thing}", Authorizer: "Partner"}},
		Authorizer: map[string]template.Authorizer{"Partner": a},
	}
}

func request(header ...string) *http.Request {
	r := httptest.NewRequest("GET", "/v1/jobs?key=k", nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func TestAnAuthorizerDecides(t *testing.T) {
	byHeader := template.Authorizer{Headers: []string{"Authorization"}}
	tests := map[string]struct {
		authorizer template.Authorizer
		guard      func(context.Context, []byte) (lambda.Answer, error)
		request    *http.Request
		status     int
		body       string
	}{
		"yes":                           {byHeader, says(`{"isAuthorized":true,"context":{"partner":"justworks"}}`), request("Authorization", "Bearer k"), 200, `{"partner":"justworks"}`},
		"yes, without context":          {byHeader, says(`{"isAuthorized":true}`), request("Authorization", "Bearer k"), 200, `null`},
		"no":                            {byHeader, says(`{"isAuthorized":false}`), request("Authorization", "Bearer k"), 403, `{"message":"Forbidden"}`},
		"nobody, whom it never sees":    {byHeader, nil, request(), 401, `{"message":"Unauthorized"}`},
		"one of two identities missing": {template.Authorizer{Headers: []string{"Authorization", "X-Two"}}, nil, request("Authorization", "k"), 401, `{"message":"Unauthorized"}`},
		"a query string missing":        {template.Authorizer{QueryStrings: []string{"other"}}, nil, request(), 401, `{"message":"Unauthorized"}`},
		"no identity is needed":         {template.Authorizer{}, says(`{"isAuthorized":true}`), request(), 200, `null`},
		"neither yes nor no":            {byHeader, says(`{}`), request("Authorization", "k"), 500, `{"message":"Internal Server Error"}`},
		"no JSON":                       {byHeader, says(`yes`), request("Authorization", "k"), 500, `{"message":"Internal Server Error"}`},
		"a function that is throttled":  {byHeader, fails(lambda.ErrThrottled), request("Authorization", "k"), 500, `{"message":"Internal Server Error"}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := newGateway(t, guarded(tt.authorizer), functions{"Guard": tt.guard, "F": func(_ context.Context, event []byte) (lambda.Answer, error) {
				var got struct {
					RequestContext struct {
						Authorizer struct{ Lambda json.RawMessage }
					}
				}
				err := json.Unmarshal(event, &got)
				return lambda.Answer{Payload: got.RequestContext.Authorizer.Lambda}, err
			}})
			if w := serve(h, tt.request); w.Code != tt.status || w.Body.String() != tt.body {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

func TestAnAuthorizerIsGivenTheRequest(t *testing.T) {
	var got map[string]any
	a := template.Authorizer{Headers: []string{"Authorization"}, QueryStrings: []string{"key"}, Context: []string{"routeKey", "httpMethod", "path"}}
	h := newGateway(t, guarded(a), functions{"F": says(`{}`), "Guard": func(_ context.Context, event []byte) (lambda.Answer, error) {
		return lambda.Answer{Payload: []byte(`{"isAuthorized":true}`)}, json.Unmarshal(event, &got)
	}})
	serve(h, request("Authorization", "Bearer k", "Cookie", "a=1"))
	want := map[string]any{
		"version": "2.0", "type": "REQUEST", "routeArn": "arn:aws:execute-api:eu-west-1:123456789012:local/$default/GET/v1/jobs",
		"identitySource": []any{"Bearer k", "k", "GET /v1/{thing}", "GET", "/v1/jobs"}, "routeKey": "GET /v1/{thing}",
		"rawPath": "/v1/jobs", "rawQueryString": "key=k", "cookies": []any{"a=1"},
		"queryStringParameters": map[string]any{"key": "k"}, "pathParameters": map[string]any{"thing": "jobs"},
	}
	for name, value := range want {
		if !reflect.DeepEqual(got[name], value) {
			t.Errorf("%s: %v, want %v", name, got[name], value)
		}
	}
	if _, ok := got["body"]; ok || got["requestContext"].(map[string]any)["http"].(map[string]any)["method"] != "GET" {
		t.Errorf("event %v", got)
	}
}

func TestResultsAreUsedAgainForTheSameIdentityUntilTheyAreOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		h := newGateway(t, guarded(template.Authorizer{Headers: []string{"Authorization"}, TTL: time.Minute}), functions{
			"F": says(`{}`),
			"Guard": func(_ context.Context, event []byte) (lambda.Answer, error) {
				asked++
				var e struct{ IdentitySource []string }
				if err := json.Unmarshal(event, &e); err != nil || e.IdentitySource[0] == "broken" {
					return lambda.Answer{}, errors.Join(err, errors.New("broken"))
				}
				payload, err := json.Marshal(map[string]bool{"isAuthorized": e.IdentitySource[0] == "good"})
				return lambda.Answer{Payload: payload}, err
			},
		})
		steps := []struct {
			wait   time.Duration
			key    string
			status int
			asked  int
		}{
			{0, "good", 200, 1}, {0, "good", 200, 1}, {0, "bad", 403, 2}, {0, "bad", 403, 2},
			{0, "broken", 500, 3}, {0, "broken", 500, 4}, // a failure is not kept
			{59 * time.Second, "good", 200, 4}, {time.Second, "good", 200, 5}, {0, "bad", 403, 6},
		}
		for i, s := range steps {
			time.Sleep(s.wait)
			if w := serve(h, request("Authorization", s.key)); w.Code != s.status || asked != s.asked {
				t.Errorf("step %d: status %d, asked %d times", i, w.Code, asked)
			}
		}
	})
}

func TestAnAuthorizerHasTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newGateway(t, guarded(template.Authorizer{}), functions{"Guard": func(ctx context.Context, _ []byte) (lambda.Answer, error) {
			<-ctx.Done()
			return lambda.Answer{}, ctx.Err()
		}})
		begin := time.Now()
		if w := serve(h, request()); w.Code != 500 || time.Since(begin) != 10*time.Second {
			t.Errorf("%d after %v", w.Code, time.Since(begin))
		}
	})
}
