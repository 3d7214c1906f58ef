package gateway_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/gateway"
	"fulcrum/local/lambda"
	"fulcrum/local/template"
)

func TestTheMostSpecificRouteTakesARequest(t *testing.T) {
	keys := [][2]string{{"ANY", ""}, {"ANY", "/{proxy+}"}, {"GET", "/pets/{proxy+}"}, {"GET", "/pets/dog/{id}"}, {"GET", "/pets/dog/1"},
		{"ANY", "/pets/cat"}, {"POST", "/pets/cat"}, {"GET", "/{kind}/cat/{id}"}, {"GET", "/"}, {"GET", "/a/{x+}"}, {"GET", "/{y}/b"}}
	api := template.API{}
	f := functions{}
	var got struct {
		RouteKey       string
		PathParameters map[string]string
	}
	for _, k := range keys {
		api.Routes = append(api.Routes, template.Route{Function: k[0] + k[1], Method: k[0], Path: k[1]})
		f[k[0]+k[1]] = func(_ context.Context, event []byte) (lambda.Answer, error) {
			got.PathParameters = nil
			return lambda.Answer{Payload: []byte(`{}`)}, json.Unmarshal(event, &got)
		}
	}
	h := newGateway(t, api, f)
	tests := map[string]struct {
		method, path, want string
		name, value        string // a path parameter
	}{
		"text before a parameter":             {"GET", "/pets/dog/1", "GET /pets/dog/1", "", ""},
		"a parameter before the rest":         {"GET", "/pets/dog/2", "GET /pets/dog/{id}", "id", "2"},
		"the longer text before the rest":     {"GET", "/pets/fish/3/fin", "GET /pets/{proxy+}", "proxy", "fish/3/fin"},
		"the rest of everything":              {"GET", "/stones", "ANY /{proxy+}", "proxy", "stones"},
		"a method before any":                 {"POST", "/pets/cat", "POST /pets/cat", "", ""},
		"any method":                          {"PUT", "/pets/cat", "ANY /pets/cat", "", ""},
		"a parameter in front":                {"GET", "/wild/cat/4", "GET /{kind}/cat/{id}", "kind", "wild"},
		"a full match before an earlier text": {"GET", "/a/b", "GET /{y}/b", "y", "a"},
		"the root":                            {"GET", "/", "GET /", "", ""},
		"nothing is no rest":                  {"POST", "/", "$default", "", ""},
		"an empty segment is no parameter":    {"GET", "/pets/dog/", "GET /pets/{proxy+}", "proxy", "dog/"},
		"a slash at the end is another path":  {"PUT", "/pets/cat/", "ANY /{proxy+}", "proxy", "pets/cat/"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if w := serve(h, httptest.NewRequest(tt.method, tt.path, nil)); w.Code != 200 {
				t.Fatalf("status %d", w.Code)
			}
			if got.RouteKey != tt.want || got.PathParameters[tt.name] != tt.value {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestTheRestOfAPathStandsAtItsEnd(t *testing.T) {
	_, err := gateway.New(gateway.Options{API: one("GET", "/a/{rest+}/b")})
	if err == nil || err.Error() != "route GET /a/{rest+}/b: {rest+} is not the last segment" {
		t.Errorf("got %v", err)
	}
}

func TestThrottlesAreTokenBucketsOfEachRoute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := template.API{Throttle: template.Throttle{Rate: 1, Burst: 2}, Routes: []template.Route{
			{Function: "F", Method: "GET", Path: "/a"},
			{Function: "F", Method: "GET", Path: "/b", Throttle: template.Throttle{Rate: 100, Burst: 1}},
		}}
		h := newGateway(t, api, functions{"F": says(`{}`)})
		steps := []struct {
			wait time.Duration
			path string
			want int
		}{
			{0, "/a", 200}, {0, "/a", 200}, {0, "/a", 429}, {0, "/b", 200}, {0, "/b", 429},
			{999 * time.Millisecond, "/a", 429}, {time.Millisecond, "/a", 200}, {0, "/a", 429},
			{10 * time.Millisecond, "/b", 200}, {time.Hour, "/a", 200}, {0, "/a", 200}, {0, "/a", 429},
		}
		for i, s := range steps {
			time.Sleep(s.wait)
			if w := serve(h, httptest.NewRequest("GET", s.path, nil)); w.Code != s.want {
				t.Errorf("step %d: %d", i, w.Code)
			}
		}
	})
}

func TestARouteWaitsAsLongAsItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := one("GET", "/x")
		api.Routes[0].Timeout = 5 * time.Second
		h := newGateway(t, api, functions{"F": func(ctx context.Context, _ []byte) (lambda.Answer, error) {
			<-ctx.Done()
			return lambda.Answer{}, ctx.Err()
		}})
		begin := time.Now()
		w := serve(h, httptest.NewRequest("GET", "/x", nil))
		if w.Code != 503 || w.Body.String() != `{"message":"Service Unavailable"}` || time.Since(begin) != 5*time.Second {
			t.Errorf("%d %s after %v", w.Code, w.Body, time.Since(begin))
		}
	})
}
