package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// prefix is where the routes are that the document describes.
const prefix = "/v1/"

// Checker notes what breaks the contract. It is safe for concurrent use.
type Checker struct {
	doc    *openapi3.T
	routes routers.Router

	mu       sync.Mutex
	breaches []string
}

// New makes a Checker of a document, whose servers are left out of account.
func New(doc *openapi3.T) (*Checker, error) {
	anywhere := *doc
	anywhere.Servers = nil
	routes, err := legacy.NewRouter(&anywhere)
	if err != nil {
		return nil, fmt.Errorf("routes of %s: %w", File, err)
	}
	return &Checker{doc: &anywhere, routes: routes}, nil
}

// Another is one more Checker of the same contract, which has seen nothing yet. To make
// one anew takes as long as a small test.
func (c *Checker) Another() *Checker { return &Checker{doc: c.doc, routes: c.routes} }

// Breaches are what broke the contract so far, each once.
func (c *Checker) Breaches() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.breaches)
}

func (c *Checker) breach(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Contains(c.breaches, text) {
		c.breaches = append(c.breaches, text)
	}
}

// Gateway checks what passes a gateway: every answer below /v1 is one that the
// document has for the route, and a request that the document does not allow is
// not answered 2xx.
func (c *Checker) Gateway(gateway http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, prefix) {
			gateway.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "the body breaks off", http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		said := httptest.NewRecorder()
		gateway.ServeHTTP(said, r)
		c.exchange(r, body, said)
		maps.Copy(w.Header(), said.Header())
		w.WriteHeader(said.Code)
		w.Write(said.Body.Bytes())
	})
}

func (c *Checker) exchange(r *http.Request, body []byte, said *httptest.ResponseRecorder) {
	if gateways(said) {
		return
	}
	asked := r.Clone(context.WithoutCancel(r.Context()))
	asked.Body = io.NopCloser(bytes.NewReader(body))
	if len(body) > 0 && asked.Header.Get("Content-Type") == "" {
		asked.Header.Set("Content-Type", "application/json")
	}
	route, params, err := c.routes.FindRoute(asked)
	if err != nil {
		c.breach("%s %s is answered %d and is not in the document", r.Method, r.URL.Path, said.Code)
		return
	}
	input := &openapi3filter.RequestValidationInput{Request: asked, PathParams: params, Route: route, Options: &openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, SkipSettingDefaults: true,
		RejectWhenRequestBodyNotSpecified: true,
	}}
	where := r.Method + " " + route.Path
	if err := openapi3filter.ValidateRequest(asked.Context(), input); err != nil && said.Code/100 == 2 {
		c.breach("%s is answered %d, but the document does not allow the request: %v", where, said.Code, err)
	}
	if err := c.answer(input, said); err != nil {
		c.breach("%s answers %d as the document does not have it: %v", where, said.Code, err)
	}
}

// answer checks an answer. Those of 500 and above are problems, whether the route
// lists them or not.
func (c *Checker) answer(asked *openapi3filter.RequestValidationInput, said *httptest.ResponseRecorder) error {
	if said.Code >= 500 {
		return c.problem(said)
	}
	return openapi3filter.ValidateResponse(asked.Request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: asked, Status: said.Code, Header: said.Header(),
		Body: io.NopCloser(bytes.NewReader(said.Body.Bytes())), Options: asked.Options,
	})
}

func (c *Checker) problem(said *httptest.ResponseRecorder) error {
	var value any
	if err := json.Unmarshal(said.Body.Bytes(), &value); err != nil || said.Header().Get("Content-Type") != "application/problem+json" {
		return fmt.Errorf("not a problem (%v)", err)
	}
	return c.doc.Components.Schemas["Problem"].Value.VisitJSON(value, openapi3.EnableJSONSchema2020())
}

// gateways reports whether an answer is one of API Gateway's own, which comes
// before any function of ours: {"message": "…"}.
func gateways(said *httptest.ResponseRecorder) bool {
	var own struct {
		Message *string `json:"message"`
	}
	d := json.NewDecoder(bytes.NewReader(said.Body.Bytes()))
	d.DisallowUnknownFields()
	return said.Code >= 400 && said.Header().Get("Content-Type") == "application/json" && d.Decode(&own) == nil && own.Message != nil
}

// Endpoint checks what reaches a partner's endpoint: every document is as the
// document's webhooks have its type.
func (c *Checker) Endpoint(endpoint http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "the body breaks off", http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if r.Header.Get("webhook-id") != "" {
			c.document(body)
		}
		endpoint.ServeHTTP(w, r)
	})
}

func (c *Checker) document(body []byte) {
	var value any
	var named struct{ Type string }
	if json.Unmarshal(body, &named) != nil || json.Unmarshal(body, &value) != nil {
		c.breach("a delivery is not JSON")
		return
	}
	schema := c.webhook(named.Type)
	if schema == nil {
		c.breach("a delivery of type %q is not in the document's webhooks", named.Type)
		return
	}
	if err := schema.VisitJSON(value, openapi3.EnableJSONSchema2020(), openapi3.EnableFormatValidation()); err != nil {
		c.breach("a delivery of type %s is not as the document has it: %v", named.Type, err)
	}
}

// webhook is the schema of the documents of a type, nil where there is none.
func (c *Checker) webhook(of string) *openapi3.Schema {
	item := c.doc.Webhooks[of]
	if item == nil || item.Post == nil || item.Post.RequestBody == nil {
		return nil
	}
	media := item.Post.RequestBody.Value.Content.Get("application/json")
	if media == nil || media.Schema == nil {
		return nil
	}
	return media.Schema.Value
}
