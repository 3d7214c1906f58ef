package lever_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"fulcrum/shared/lever"
)

// failures are all ways in which a call can fail, with a canary in whatever may
// hold something secret or personal.
func failures() map[string]http.RoundTripper {
	const said = `{"code":"BadRequest","message":"Invalid offset token of Canary Lovelace, canary@mail.example"}`
	all := map[string]http.RoundTripper{
		"a page":         answers(200, "text/html", `<h1>Canary</h1>`),
		"another type":   answers(200, "canary/canary; canary=canary", said),
		"half an answer": answers(200, "application/json", `{"data":{"id":"canary`),
		"the wrong form": answers(200, "application/json", `{"data":"canary"}`),
		"a time that is no time": answers(200, "application/json",
			`{"data":{"id":"a","createdAt":"canary","fields":"canary","event":{"canary":1},"emails":"canary"}}`),
		"nested too deeply":       answers(200, "application/json", `{"data":`+strings.Repeat(`{"canary":`, 70)),
		"too large":               answers(200, "application/json", `{"data":{"id":"`+strings.Repeat("canary", 3<<20)+`"}}`),
		"no host":                 fails(&net.DNSError{Err: "no such host", Name: "canary.example"}),
		"a refused connection":    fails(&net.OpError{Op: "dial", Net: "tcp", Addr: &net.UnixAddr{Name: "canary"}, Err: errors.New("canary")}),
		"an address that is none": fails(&url.Error{Op: "Get", URL: "https://canary:canary@canary.example?canary", Err: errors.New("canary")}),
		"a body that breaks":      breaks(errors.New("read canary: reset")),
		"a cancelled call":        fails(fmt.Errorf("canary: %w", context.Canceled)),
		"a call out of time":      fails(fmt.Errorf("canary: %w", context.DeadlineExceeded)),
	}
	for _, status := range []int{301, 307, 400, 401, 403, 404, 408, 409, 422, 429, 500, 503, 999} {
		all[fmt.Sprint("status ", status)] = answers(status, "application/json", said)
		all[fmt.Sprint("a page with status ", status)] = answers(status, "text/html", "canary")
	}
	return all
}

// answers gives one answer, with a Location that none may follow or show.
func answers(status int, kind, text string) http.RoundTripper {
	return trip(func(req *http.Request) (*http.Response, error) {
		header := http.Header{"Content-Type": {kind}, "Location": {"https://canary.example/%zz?key=canary"}, "X-Canary": {"canary"}}
		return &http.Response{
			StatusCode: status, Status: "000 canary", Header: header, ContentLength: -1, Request: req,
			Body: io.NopCloser(strings.NewReader(text)),
		}, nil
	})
}

func fails(err error) http.RoundTripper {
	return trip(func(*http.Request) (*http.Response, error) { return nil, err })
}

func breaks(err error) http.RoundTripper {
	return trip(func(req *http.Request) (*http.Response, error) {
		res, _ := answers(200, "application/json", "").RoundTrip(req)
		res.Body = io.NopCloser(&pieces{req.Context(), 0, []string{`{"data":`}, err})
		return res, nil
	})
}

// shows is what an error, or any that it wraps, says of a canary.
func shows(err error) string {
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err), fmt.Sprintf("%q", err)} {
		if strings.Contains(strings.ToLower(text), "canary") {
			return text
		}
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return shows(inner)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			if text := shows(inner); text != "" {
				return text
			}
		}
	}
	return ""
}

func TestNoErrorShowsAnything(t *testing.T) {
	all := uses()
	for path, download := range downloads() {
		all[path] = use{do: func(ctx context.Context, w *world) (any, error) { return content(download(ctx, w, 1<<30)) }, want: "{}"}
	}
	for name, next := range failures() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				failed := 0
				for use, u := range all {
					for _, auth := range []lever.Auth{lever.APIKey("canary-key"), bearer("canary-token")} {
						w := cannedWorld(t)
						for word := range w.ids {
							w.ids[word] = "canary-" + word
						}
						w.ids["from"], w.ids["until"] = "1", "2"
						c, err := lever.New(lever.Options{BaseURL: "https://canary.example/v1", Auth: auth, Transport: next})
						w.check(err)
						w.client = c
						if _, err = u.do(t.Context(), w); err == nil {
							continue
						}
						failed++
						if text := shows(err); text != "" {
							t.Errorf("%s: %s", use, text)
						}
					}
				}
				if failed < len(all)/2 {
					t.Errorf("only %d calls failed", failed)
				}
			})
		})
	}
}

// unwritable is a value that encoding/json cannot write, and says so with it.
type unwritable struct{}

func (unwritable) MarshalJSON() ([]byte, error) { return nil, errors.New("canary") }

func TestNoErrorShowsARequestOrACredential(t *testing.T) {
	c := over(t, fails(errors.New("canary")))
	_, form := c.CreateForm(t.Context(), "u", "o", lever.NewForm{FieldValues: []lever.FieldValue{{Value: unwritable{}}}})
	_, base := lever.New(lever.Options{BaseURL: "https://canary:canary@canary.example/v1?canary", Auth: lever.APIKey("canary")})
	_, path := c.User(t.Context(), "")
	for name, err := range map[string]error{"a body": form, "an address": base, "a path": path} {
		if err == nil || shows(err) != "" || lever.Retryable(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
