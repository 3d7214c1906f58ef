package lever_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"fulcrum/shared/lever"
)

// canned is a transport that gives one answer after the other and keeps what was
// asked. The last answer is given for ever.
type canned struct {
	list []answer
	asks []*http.Request
}

type answer struct {
	status int
	body   string
	kind   string
	err    error
}

func (a *canned) RoundTrip(req *http.Request) (*http.Response, error) {
	next := a.list[min(len(a.asks), len(a.list)-1)]
	a.asks = append(a.asks, req)
	if next.err != nil {
		return nil, next.err
	}
	kind := next.kind
	if kind == "" {
		kind = "application/json; charset=utf-8"
	}
	return &http.Response{
		StatusCode: next.status, Header: http.Header{"Content-Type": {kind}, "Location": {"https://elsewhere.example/?key=secret"}},
		Body: io.NopCloser(strings.NewReader(next.body)), Request: req,
	}, nil
}

func ok(body string) answer { return answer{status: 200, body: body} }

func client(t *testing.T, list ...answer) (*lever.Client, *canned) {
	t.Helper()
	a := &canned{list: list}
	c, err := lever.New(lever.Options{BaseURL: "https://api.lever.example/v1", Auth: lever.APIKey("secret-key"), Transport: a})
	if err != nil {
		t.Fatal(err)
	}
	return c, a
}

func TestBaseURLs(t *testing.T) {
	for address, want := range map[string]bool{
		"https://api.lever.co/v1":        true,
		"http://127.0.0.1:3001/v1/":      true,
		"":                               false,
		"api.lever.co/v1":                false,
		"ftp://api.lever.co/v1":          false,
		"https://user:pass@api.lever.co": false,
		"https://api.lever.co/v1?x=y":    false,
		"https://api.lever.co/v1?":       false,
		"https://api.lever.co/v1#x":      false,
		"://":                            false,
	} {
		if _, err := lever.New(lever.Options{BaseURL: address, Auth: lever.APIKey("k")}); (err == nil) != want {
			t.Errorf("New(%q): %v", address, err)
		}
	}
	if _, err := lever.New(lever.Options{BaseURL: "https://api.lever.co/v1"}); err == nil {
		t.Error("a client without a credential")
	}
}

func TestARequestIsMadeAsLeverWantsIt(t *testing.T) {
	c, a := client(t, ok(`{"data":{"id":"o-1"}}`))
	if _, err := c.Opportunity(t.Context(), "o-1", "applications", "contact"); err != nil {
		t.Fatal(err)
	}
	req := a.asks[0]
	if got := req.URL.String(); got != "https://api.lever.example/v1/opportunities/o-1?expand=applications&expand=contact" {
		t.Errorf("asked %s", got)
	}
	if user, pass, basic := req.BasicAuth(); !basic || user != "secret-key" || pass != "" {
		t.Errorf("credential %q, %q", user, pass)
	}
}

func TestAnIDCannotLeaveItsPlaceInThePath(t *testing.T) {
	c, a := client(t, ok(`{"data":{"id":"u-1"}}`))
	for _, id := range []string{"", ".", ".."} {
		if _, err := c.User(t.Context(), id); err == nil {
			t.Errorf("id %q was sent", id)
		}
	}
	if len(a.asks) > 0 {
		t.Errorf("%d requests were sent", len(a.asks))
	}
	if _, err := c.User(t.Context(), "a/../b?c=d"); err != nil {
		t.Fatal(err)
	}
	if got := a.asks[0].URL.EscapedPath(); got != "/v1/users/a%2F..%2Fb%3Fc=d" {
		t.Errorf("asked %s", got)
	}
}

func TestErrorsCanBeToldApart(t *testing.T) {
	is := map[string]func(error) bool{
		"not found": lever.NotFound, "unauthorized": lever.Unauthorized, "forbidden": lever.Forbidden,
		"retryable": lever.Retryable,
	}
	tests := map[string]struct {
		answer answer
		want   string // the kinds that hold
		code   string
	}{
		"an object that is not there":         {answer{status: 404, body: `{"code":"ResourceNotFound","message":"Ada was not found"}`}, "not found", "ResourceNotFound"},
		"a credential that is not taken":      {answer{status: 401, body: `{"code":"UnauthorizedError","message":"x"}`}, "unauthorized", "UnauthorizedError"},
		"a right that is missing":             {answer{status: 403, body: `{"code":"Forbidden"}`}, "forbidden", "Forbidden"},
		"a rate that is used up":              {answer{status: 429, body: `{"code":"TooManyRequests"}`}, "retryable", "TooManyRequests"},
		"an error of Lever's":                 {answer{status: 500, body: `<html>`}, "retryable", "Internal Server Error"},
		"maintenance":                         {answer{status: 503}, "retryable", "Service Unavailable"},
		"a status of a proxy's own":           {answer{status: 525}, "retryable", "Unknown"},
		"a bad request":                       {answer{status: 400, body: `{"code":"BadRequest"}`}, "", "BadRequest"},
		"a redirect is not followed":          {answer{status: 301}, "", "Moved Permanently"},
		"a page instead of JSON":              {answer{status: 200, body: "<html>", kind: "text/html"}, "retryable", "NotJSON"},
		"an answer without a type":            {answer{status: 200, body: "{}", kind: " "}, "retryable", "NotJSON"},
		"JSON that ends early":                {ok(`{"data":{"id":`), "retryable", "Unreadable"},
		"an answer that is too large":         {ok(`{"data":{"id":"` + strings.Repeat("x", 16<<20) + `"}}`), "", "TooLarge"},
		"an answer that is nested too deeply": {ok(`{"data":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`), "", "TooDeep"},
		"a connection that breaks":            {answer{err: errors.New("dial https://api.lever.example/?secret: refused")}, "retryable", "NoAnswer"},
		"a code that is no word is not kept":  {answer{status: 400, body: `{"code":"Ada Lovelace"}`}, "", "Bad Request"},
		"a code like a key is not kept":       {answer{status: 400, body: `{"code":"secret-key-0"}`}, "", "Bad Request"},
		"an answer that took Lever too long":  {answer{status: 408, body: `{"code":"RequestTimeout"}`}, "retryable", "RequestTimeout"},
		"no content":                          {answer{status: 204}, "retryable", "Unreadable"},
		"an object that is empty":             {ok(`{"data":{}}`), "retryable", "Unreadable"},
		"no object":                           {ok(`{"data":null}`), "retryable", "Unreadable"},
		"no data":                             {ok(`{"message":"hello"}`), "retryable", "Unreadable"},
		"data without end":                    {ok(`{"data":{"data":{"data":{"id":"u-1"}}}}`), "retryable", "Unreadable"},
		"null":                                {ok(`null`), "retryable", "Unreadable"},
		"a list instead of an object":         {ok(`{"data":[]}`), "retryable", "Unreadable"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _ := client(t, tt.answer)
				_, err := c.User(t.Context(), "u-1")
				var e *lever.Error
				if !errors.As(err, &e) || e.Code != tt.code {
					t.Fatalf("error %v, want code %s", err, tt.code)
				}
				for kind, holds := range is {
					if want := strings.Contains(" "+tt.want+" ", " "+kind+" "); holds(err) != want {
						t.Errorf("%v is %s: %v", err, kind, !want)
					}
				}
				for _, secret := range []string{"secret", "Ada", "u-1", "lever.example"} {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("the error shows %q: %v", secret, err)
					}
				}
			})
		})
	}
}

func TestReadsAreTriedAgain(t *testing.T) {
	found, down := ok(`{"data":{"id":"u-1"}}`), answer{status: 503}
	tests := map[string]struct {
		list  []answer
		asks  int
		works bool
	}{
		"not when they work":             {[]answer{found}, 1, true},
		"after an error of Lever's":      {[]answer{down, found}, 2, true},
		"after a broken connection":      {[]answer{{err: io.ErrUnexpectedEOF}, found}, 2, true},
		"three times and no more":        {[]answer{down}, 3, false},
		"not after an answer that is no": {[]answer{{status: 404}}, 1, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, a := client(t, tt.list...)
				_, err := c.User(t.Context(), "u-1")
				if (err == nil) != tt.works || len(a.asks) != tt.asks {
					t.Errorf("%d attempts, %v; want %d", len(a.asks), err, tt.asks)
				}
			})
		})
	}
}

func TestACancelledReadStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		c, a := client(t, answer{err: fmt.Errorf("dial: %w", context.Canceled)})
		if _, err := c.User(ctx, "u-1"); !errors.Is(err, context.Canceled) || lever.Retryable(err) {
			t.Errorf("error %v", err)
		}
		if len(a.asks) != 1 {
			t.Errorf("%d attempts", len(a.asks))
		}
	})
}

type limiter struct{ err error }

func (l limiter) Wait(context.Context) error { return l.err }

func (l limiter) Ready(context.Context, int) error { return l.err }

func (l limiter) Throttled(context.Context) error { return nil }

func (l limiter) Passed() {}

func (l limiter) Authorize(context.Context, *http.Request) error { return l.err }

func (l limiter) Refused(context.Context, *http.Request) error { return l.err }

func TestNothingIsSentWithoutRateOrCredential(t *testing.T) {
	errNo := errors.New("no")
	for name, o := range map[string]lever.Options{
		"no rate":       {Auth: lever.APIKey("k"), Limiter: limiter{errNo}},
		"no credential": {Auth: limiter{errNo}},
	} {
		t.Run(name, func(t *testing.T) {
			a := &canned{list: []answer{ok("{}")}}
			o.BaseURL, o.Transport = "https://api.lever.example/v1", a
			c, err := lever.New(o)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.User(t.Context(), "u-1"); !errors.Is(err, errNo) || len(a.asks) > 0 {
				t.Errorf("error %v after %d requests", err, len(a.asks))
			}
		})
	}
}
