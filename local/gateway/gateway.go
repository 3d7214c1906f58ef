// Package gateway is the HTTP API in front of the functions: it turns HTTP
// requests into events of payload format 2.0 and the functions' answers into
// HTTP, as API Gateway does, with its limits, its routes, its Lambda authorizers
// and its own answers.
//
// Sources: API Gateway developer guide, "Create AWS Lambda proxy integrations
// for HTTP APIs", "Create routes for HTTP APIs", "Control access to HTTP APIs
// with AWS Lambda authorizers", "Quotas for configuring and running an HTTP
// API". Which bodies arrive in base64 and that the path arrives decoded is not
// in the guide; others recorded it from AWS (github.com/ministackorg/ministack
// pull request 766, github.com/middleapi/standard-server pull request 93).
package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"fulcrum/local/lambda"
	"fulcrum/local/template"
)

const (
	maxBody       = 10 << 20         // bytes
	maxHeader     = 10_240           // bytes of request line and header
	authorizeTime = 10 * time.Second // of an authorizer
)

// Invoke runs a function, as (*lambda.Pool).Invoke does.
type Invoke func(ctx context.Context, function string, event []byte) (lambda.Answer, error)

// Options are what a Gateway needs.
type Options struct {
	API     template.API
	Region  string
	Account string
	Invoke  Invoke
	// Log takes a line for each request; nil takes none.
	Log io.Writer
}

// Gateway is an http.Handler.
type Gateway struct {
	options     Options
	routes      []pattern
	authorizers map[string]*authorizer
	mu          sync.Mutex // of Log
}

// New is the gateway of an API. A function's path must be one that API Gateway
// takes: {name+} only as its last segment.
func New(o Options) (*Gateway, error) {
	g := &Gateway{options: o, authorizers: map[string]*authorizer{}}
	var err error
	if g.routes, err = compile(o.API); err != nil {
		return nil, err
	}
	for name, a := range o.API.Authorizer {
		g.authorizers[name] = &authorizer{Authorizer: a, known: map[string]verdict{}}
	}
	return g, nil
}

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := g.answer(r)
	header := w.Header()
	for name, values := range out.header {
		header[name] = values
	}
	header.Set("Apigw-Requestid", out.id)
	header.Set("Content-Length", strconv.Itoa(len(out.body)))
	w.WriteHeader(out.status)
	if r.Method != http.MethodHead {
		w.Write(out.body)
	}
	g.log(r, out.status)
}

// answer is the way of a request, up to the first that ends it.
func (g *Gateway) answer(r *http.Request) response {
	id := newRequestID()
	if headerSize(r) > maxHeader {
		return refusal(id, http.StatusRequestHeaderFieldsTooLarge)
	}
	found, params := g.match(r.Method, r.URL.Path)
	if found == nil {
		return refusal(id, http.StatusNotFound)
	}
	if !found.throttle.pass(time.Now()) {
		return refusal(id, http.StatusTooManyRequests)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return refusal(id, readStatus(err))
	}
	e := newEvent(r, body, id, found.Route, params, g.options)
	if status := g.authorize(r.Context(), found.Route, &e); status != 0 {
		return refusal(id, status)
	}
	return g.integrate(r.Context(), id, found.Route, e)
}

// readStatus answers a body that cannot be read.
func readStatus(err error) int {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// integrate runs the route's function.
func (g *Gateway) integrate(ctx context.Context, id string, route template.Route, e event) response {
	payload, err := json.Marshal(e)
	if err != nil {
		return refusal(id, http.StatusInternalServerError)
	}
	ctx, stop := context.WithTimeout(ctx, route.Timeout)
	defer stop()
	answer, err := g.options.Invoke(ctx, route.Function, payload)
	switch {
	case errors.Is(err, lambda.ErrTooLarge):
		return refusal(id, http.StatusRequestEntityTooLarge)
	case err != nil: // throttled, too late, or stopped
		return refusal(id, http.StatusServiceUnavailable)
	case answer.Failed:
		return refusal(id, http.StatusInternalServerError)
	}
	out, err := read(answer.Payload)
	if err != nil {
		return refusal(id, http.StatusInternalServerError)
	}
	out.id = id
	return out
}

// headerSize is how much of the request's line and header counts.
func headerSize(r *http.Request) int {
	size := len(r.Method) + len(" ") + len(r.URL.RequestURI()) + len(" HTTP/1.1\r\n") + len("Host: \r\n") + len(r.Host)
	for name, values := range r.Header {
		for _, v := range values {
			size += len(name) + len(": \r\n") + len(v)
		}
	}
	return size
}

// log writes a line as sam local does.
func (g *Gateway) log(r *http.Request, status int) {
	if g.options.Log == nil {
		return
	}
	line := fmt.Sprintf("%s - - [%s] \"%s %s %s\" %d -\n", sourceIP(r), time.Now().Format("02/Jan/2006 15:04:05"), r.Method, r.URL.Path, r.Proto, status)
	g.mu.Lock()
	defer g.mu.Unlock()
	io.WriteString(g.options.Log, line)
}

// Mounts are the lines that sam local prints at its start: one for each path of
// a function, with its methods. base is the gateway's URL.
func Mounts(api template.API, base string) []string {
	var lines, keys []string
	methods := map[string][]string{}
	for _, r := range api.Routes {
		key := r.Function + " at " + base + r.Path
		if r.Path == "" {
			key += "/$default"
		}
		if methods[key] == nil {
			keys = append(keys, key)
		}
		methods[key] = append(methods[key], named(r.Method)...)
	}
	for _, key := range keys {
		lines = append(lines, "Mounting "+key+" ["+strings.Join(methods[key], ", ")+"]")
	}
	return lines
}
