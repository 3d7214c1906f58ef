// Package lever is a client of Lever's Data API v1, as far as the bundle needs
// it. Facts about Lever are from hire.lever.co/developer/documentation and from
// recorded answers; where they disagree, both are read.
//
// Reads are nouns (Opportunity), writes are verbs. Every method has one shape;
// transport, errors and paging are in one place each. A client works for one
// account and is safe for concurrent use.
package lever

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"fulcrum/shared/pause"
)

const (
	// maxAnswer is above a page of 100 opportunities with everything expanded.
	maxAnswer = 16 << 20
	// maxDepth is how deep an answer may be nested.
	maxDepth = 64
	// attemptTime bounds one attempt of a call, answer read.
	attemptTime = 10 * time.Second
	// readAttempts is how often a read is tried, writes are tried once.
	readAttempts = 3
	firstPause   = 250 * time.Millisecond
)

// Auth makes requests somebody's.
type Auth interface {
	// Authorize sets the request's credential.
	Authorize(ctx context.Context, req *http.Request) error
	// Refused is called when Lever answers 401 to a request. Nil says that there
	// is a newer credential, with which the request is made once more.
	Refused(ctx context.Context, req *http.Request) error
}

// APIKey is a key of Lever's API Credentials page: HTTP Basic with the key as the
// user name and no password.
type APIKey string

// Authorize sets the header.
func (k APIKey) Authorize(_ context.Context, req *http.Request) error {
	req.SetBasicAuth(string(k), "")
	return nil
}

// Refused says that there is no other key.
func (APIKey) Refused(context.Context, *http.Request) error {
	return errors.New("the API key is refused")
}

// Limiter lets calls pass at the rate that Lever allows a credential.
type Limiter interface {
	// Wait returns when the next call may be made.
	Wait(ctx context.Context) error
	// Ready has so many calls found when they are waited for, as far as they are
	// to be had now.
	Ready(ctx context.Context, calls int) error
	// Throttled is called when Lever answers 429, Passed when it does not.
	Throttled(ctx context.Context) error
	Passed()
}

// unlimited lets every call pass.
type unlimited struct{}

func (unlimited) Wait(context.Context) error       { return nil }
func (unlimited) Ready(context.Context, int) error { return nil }
func (unlimited) Throttled(context.Context) error  { return nil }
func (unlimited) Passed()                          {}

// Options are what a Client is made of.
type Options struct {
	// BaseURL is the API's address with its version: https://api.lever.co/v1.
	BaseURL string
	Auth    Auth
	// Transport is what requests go through; nil is http.DefaultTransport.
	Transport http.RoundTripper
	// Limiter may be nil: then every call passes.
	Limiter Limiter
}

// Client calls one account's API.
type Client struct {
	base    *url.URL
	auth    Auth
	limiter Limiter
	http    *http.Client
	stream  *http.Client // for answers that may take long
}

// New makes a client. It fails when the base URL is not one, and without a
// credential.
func New(o Options) (*Client, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http") || base.User != nil || strings.ContainsAny(o.BaseURL, "?#") {
		return nil, errors.New("lever: the base URL is not an http address such as https://api.lever.co/v1")
	}
	if o.Auth == nil {
		return nil, errors.New("lever: there is no credential")
	}
	limiter := o.Limiter
	if limiter == nil {
		limiter = unlimited{}
	}
	// A followed 301 would turn a POST into a GET and drop the credential.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{
		base: base, auth: o.Auth, limiter: limiter,
		http:   &http.Client{Transport: o.Transport, CheckRedirect: stay, Timeout: attemptTime},
		stream: &http.Client{Transport: patient{o.Transport}, CheckRedirect: stay},
	}, nil
}

// Ready takes so many calls of the rate ahead of those who make them side by side, with
// one request for all. What is not made half a second later is lost, so it is for calls
// that are all but certain.
func (c *Client) Ready(ctx context.Context, calls int) error {
	if err := c.limiter.Ready(ctx, calls); err != nil {
		return unsent{fmt.Errorf("lever: take of the rate: %w", err)}
	}
	return nil
}

// get reads one object. path is its segments, which are escaped here.
func get[T any](ctx context.Context, c *Client, query url.Values, path ...string) (*T, error) {
	out := new(T)
	if err := c.read(ctx, query, enveloped(out), path...); err != nil {
		return nil, err
	}
	return out, nil
}

// create makes one object, in a user's name where userID is not empty, and gives
// it as Lever answers it.
func create[T any](ctx context.Context, c *Client, userID string, in any, path ...string) (*T, error) {
	made := new(T)
	if err := c.do(ctx, http.MethodPost, performAs(userID), in, enveloped(made), path...); err != nil {
		return nil, err
	}
	return made, nil
}

// read is a GET, tried again where that can help.
func (c *Client) read(ctx context.Context, query url.Values, out any, path ...string) error {
	return tries(ctx, func() error { return c.do(ctx, http.MethodGet, query, nil, out, path...) })
}

// tries repeats a read where that can help.
func tries(ctx context.Context, read func() error) error {
	wait := firstPause
	for attempt := 1; ; attempt++ {
		err := read()
		if err == nil || attempt == readAttempts || !Retryable(err) {
			return err
		}
		if !pause.For(ctx, wait/2+rand.N(wait)) {
			return err
		}
		wait *= 2
	}
}

// do makes one attempt of one call.
func (c *Client) do(ctx context.Context, method string, query url.Values, in, out any, path ...string) error {
	res, err := c.send(ctx, c.http, method, query, in, path)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return decode(res, out)
}

// send makes one attempt and gives an answer of status 2xx, whose body is still
// to be read. A request that Lever refused for its credential was not applied, so
// it is made once more when there is a newer one.
func (c *Client) send(ctx context.Context, via *http.Client, method string, query url.Values, in any, path []string) (*http.Response, error) {
	for again := true; ; again = false {
		req, err := c.request(ctx, method, query, in, path)
		if err != nil {
			return nil, err
		}
		res, err := c.once(ctx, via, req)
		if !again || !Unauthorized(err) {
			return res, err
		}
		if refused := c.auth.Refused(ctx, req); refused != nil {
			return nil, fmt.Errorf("%w (%w)", err, refused)
		}
	}
}

func (c *Client) once(ctx context.Context, via *http.Client, req *http.Request) (*http.Response, error) {
	if err := c.limiter.Wait(ctx); err != nil {
		return nil, unsent{fmt.Errorf("lever: wait for the rate: %w", err)}
	}
	if err := c.auth.Authorize(ctx, req); err != nil {
		return nil, unsent{fmt.Errorf("lever: credential: %w", err)}
	}
	if err := inTime(ctx); err != nil {
		return nil, err
	}
	res, err := via.Do(req)
	if err != nil {
		return nil, transportError(err)
	}
	if res.StatusCode == http.StatusTooManyRequests {
		err = c.limiter.Throttled(ctx)
	} else {
		c.limiter.Passed()
	}
	if res.StatusCode/100 != 2 {
		defer res.Body.Close()
		return nil, errors.Join(answerError(res), err)
	}
	return res, nil
}

func (c *Client) request(ctx context.Context, method string, query url.Values, in any, path []string) (*http.Request, error) {
	segments := make([]string, len(path))
	for i, s := range path {
		if s == "" || s == "." || s == ".." {
			return nil, unsent{&Error{Code: "BadPath", text: "an id is missing or is none"}}
		}
		segments[i] = url.PathEscape(s)
	}
	address := strings.TrimSuffix(c.base.String(), "/") + "/" + strings.Join(segments, "/")
	if q := query.Encode(); q != "" {
		address += "?" + q
	}
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			// What encoding/json says may repeat the value.
			return nil, unsent{&Error{Code: "BadRequest", text: "the request cannot be written as JSON"}}
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, errors.New("lever: the request cannot be made")
	}
	req.Header.Set("Accept", "application/json")
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// decode reads an answer of status 2xx into out, which is nil where nothing of it
// is wanted. Something that is not JSON is an error even then: a proxy's page is
// not Lever's word that a write was done.
func decode(res *http.Response, out any) error {
	if out == nil {
		out = new(json.RawMessage)
		if res.StatusCode == http.StatusNoContent {
			return nil
		}
	}
	kind, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return &Error{Status: res.StatusCode, Code: "NotJSON", text: "the answer is not JSON", retry: true}
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return transportError(err)
	case len(body) > maxAnswer:
		return &Error{Status: res.StatusCode, Code: "TooLarge", text: "the answer is over 16 MiB"}
	case tooDeep(body):
		return &Error{Status: res.StatusCode, Code: "TooDeep", text: "the answer is nested too deeply"}
	}
	if err := json.Unmarshal(body, out); err != nil {
		return &Error{Status: res.StatusCode, Code: "Unreadable", text: "the answer is not of the form expected", retry: true}
	}
	return nil
}

// tooDeep counts open brackets outside of strings.
func tooDeep(body []byte) bool {
	depth, inString, escaped := 0, false, false
	for _, b := range body {
		switch {
		case escaped:
			escaped = false
		case inString:
			escaped, inString = b == '\\', b != '"'
		case b == '"':
			inString = true
		case b == '{' || b == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return false
}
