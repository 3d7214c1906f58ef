package inproc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func get(t *testing.T, h Hosts, url string) (*http.Response, string, error) {
	t.Helper()
	res, err := (&http.Client{Transport: h}).Get(url)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body), nil
}

func TestEachHostHasItsHandler(t *testing.T) {
	name := func(s string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, s, " at ", r.Host, r.RequestURI) })
	}
	h := Hosts{"a.local": name("a"), "b.local:80": name("b")}
	for url, want := range map[string]string{
		"http://a.local/x?y=1":  "a at a.local/x?y=1",
		"http://b.local:80/%2F": "b at b.local:80/%2F",
	} {
		if _, got, err := get(t, h, url); got != want {
			t.Errorf("%s: %q (%v), want %q", url, got, err, want)
		}
	}
	if _, _, err := get(t, h, "http://c.local/"); err == nil || !strings.Contains(err.Error(), "c.local: no such host") {
		t.Errorf("error %v", err)
	}
}

func TestRequestAndResponseArePassedOnWhole(t *testing.T) {
	h := Hosts{"a": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("X-Got", r.Header.Get("X-Sent"))
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprint(w, strings.ToUpper(string(body)))
	})}
	req, err := http.NewRequest(http.MethodPost, "http://a/", strings.NewReader("text"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Sent", "header")
	res, err := h.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || string(body) != "TEXT" || res.StatusCode != http.StatusTeapot || res.Header.Get("X-Got") != "header" || res.Request != req {
		t.Errorf("answer %+v with %q (%v)", res, body, err)
	}
}

type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, errors.New("broken") }
func (brokenBody) Close() error             { return nil }

func TestABodyThatCannotBeReadIsNotSent(t *testing.T) {
	h := Hosts{"a": http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("sent") })}
	req, err := http.NewRequest(http.MethodPost, "http://a/", brokenBody{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.RoundTrip(req); err == nil || err.Error() != "broken" {
		t.Errorf("error %v", err)
	}
}

func TestAnAbortedAnswerIsACutConnection(t *testing.T) {
	done := false
	h := Hosts{"a": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		done = true
		w.WriteHeader(http.StatusOK)
		panic(http.ErrAbortHandler)
	})}
	if _, _, err := get(t, h, "http://a/"); !errors.Is(err, io.ErrUnexpectedEOF) || !done {
		t.Errorf("error %v, handled %v", err, done)
	}
}

func TestACallerThatGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := make(chan error, 1)
		h := Hosts{"a": http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			seen <- r.Context().Err()
		})}
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://a/", nil)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := h.RoundTrip(req); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
		if err := <-seen; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the handler saw %v", err)
		}
	})
}

func TestARequestWhoseContextIsOverIsNotSent(t *testing.T) {
	served := false
	h := Hosts{"a": http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served = true })}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://a/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.RoundTrip(req); !errors.Is(err, context.Canceled) || served {
		t.Errorf("error %v, served %v", err, served)
	}
}
