package lever_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"fulcrum/shared/lever"
)

// answering gives every request the same answer, or the same failure.
type answering struct {
	status, asked int
	kind, body    string
	err           error
}

func (a *answering) RoundTrip(*http.Request) (*http.Response, error) {
	a.asked++
	if a.err != nil {
		return nil, a.err
	}
	return &http.Response{
		StatusCode: a.status, Header: http.Header{"Content-Type": {a.kind}}, Body: io.NopCloser(strings.NewReader(a.body)),
	}, nil
}

// closed is a limiter, and a credential, that lets nothing pass.
type closed struct{ err error }

func (c closed) Wait(context.Context) error                     { return c.err }
func (c closed) Ready(context.Context, int) error               { return c.err }
func (c closed) Throttled(context.Context) error                { return nil }
func (c closed) Passed()                                        {}
func (c closed) Authorize(context.Context, *http.Request) error { return c.err }
func (c closed) Refused(context.Context, *http.Request) error   { return c.err }

func TestWhatAFailedWriteSaysOfItsBeingDone(t *testing.T) {
	away := errors.New("away")
	const json = "application/json"
	tests := map[string]struct {
		answer      answering
		options     lever.Options
		opportunity string
		not, unsent bool
	}{
		"refused as wrong":            {answer: answering{status: 400, kind: json}, not: true},
		"refused for the credential":  {answer: answering{status: 401, kind: json}, not: true},
		"refused for the rate":        {answer: answering{status: 429, kind: json}, not: true},
		"sent elsewhere":              {answer: answering{status: 301, kind: json}, not: true},
		"slow, says Lever":            {answer: answering{status: 408, kind: json}},
		"failed":                      {answer: answering{status: 500, kind: json}},
		"away for maintenance":        {answer: answering{status: 503, kind: json}},
		"answered by a proxy's page":  {answer: answering{status: 200, kind: "text/html", body: "<html>"}},
		"answered without an object":  {answer: answering{status: 201, kind: json, body: `{}`}},
		"without an answer":           {answer: answering{err: io.ErrUnexpectedEOF}},
		"without an answer in time":   {answer: answering{err: context.DeadlineExceeded}},
		"no room in the rate":         {options: lever.Options{Limiter: closed{away}}, not: true, unsent: true},
		"no credential to be had":     {options: lever.Options{Auth: closed{away}}, not: true, unsent: true},
		"no id of what is written to": {opportunity: "..", not: true, unsent: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := tt.options
			o.BaseURL, o.Transport = "https://lever.test/v1", &tt.answer
			if o.Auth == nil {
				o.Auth = lever.APIKey("key")
			}
			if tt.opportunity == "" {
				tt.opportunity = "opp"
			}
			c, err := lever.New(o)
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.CreateNote(t.Context(), "", tt.opportunity, "text")
			if err == nil || lever.NotApplied(err) != tt.not {
				t.Errorf("%v: not applied %v", err, lever.NotApplied(err))
			}
			if sent := tt.answer.asked > 0; sent == tt.unsent {
				t.Errorf("sent: %v", sent)
			}
		})
	}
	if lever.NotApplied(nil) || lever.NotApplied(fmt.Errorf("something")) {
		t.Error("what is not known counts as not applied")
	}
}

// The clock may have moved on while a function was frozen, right before it sends.
func TestNothingIsSentTooLate(t *testing.T) {
	limit := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		now  time.Time
		sent int
	}{
		"at the last moment": {limit, 1},
		"a moment too late":  {limit.Add(time.Millisecond), 0},
	} {
		t.Run(name, func(t *testing.T) {
			answer := answering{status: 201, kind: "application/json", body: `{"data":{"noteId":"n-1"}}`}
			c, err := lever.New(lever.Options{BaseURL: "https://lever.test/v1", Auth: lever.APIKey("key"), Transport: &answer})
			if err != nil {
				t.Fatal(err)
			}
			ctx := lever.NotAfter(t.Context(), limit, func() time.Time { return tt.now })
			_, err = c.CreateNote(ctx, "", "opp", "text")
			if answer.asked != tt.sent || lever.NotApplied(err) != (tt.sent == 0) {
				t.Errorf("%d sent, %v", answer.asked, err)
			}
		})
	}
}
