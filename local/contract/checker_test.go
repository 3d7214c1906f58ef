package contract_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"fulcrum/local/contract"
)

const small = `
openapi: 3.1.0
info: { title: Small, version: "1" }
servers: [{ url: "https://api.example.com" }]
paths:
  /v1/things:
    get:
      parameters: [{ name: limit, in: query, schema: { type: integer, minimum: 1 } }]
      responses:
        "200": { description: Things., content: { application/json: { schema: { type: object, required: [items], properties: { items: { type: array, items: { type: string } } }, additionalProperties: false } } } }
        "404": { description: None., content: { application/problem+json: { schema: { $ref: "#/components/schemas/Problem" } } } }
    post:
      requestBody: { required: true, content: { application/json: { schema: { type: object, required: [name], properties: { name: { const: a } } } } } }
      responses:
        "202": { description: To come., headers: { Location: { required: true, schema: { type: string } } } }
        "422": { description: Wrong., content: { application/problem+json: { schema: { $ref: "#/components/schemas/Problem" } } } }
  /v1/things/{thing}:
    delete: { parameters: [{ name: thing, in: path, required: true, schema: { type: string } }], responses: { "204": { description: Gone. } } }
webhooks:
  thing.made:
    post:
      requestBody:
        content: { application/json: { schema: { type: object, required: [type, data], properties: { type: { const: thing.made }, data: { type: object, properties: { at: { type: string, format: date-time }, n: { type: [integer, "null"] } }, unevaluatedProperties: false } } } } }
      responses: { "204": { description: Taken. } }
  thing.lost:
    post: { requestBody: { $ref: "#/components/requestBodies/Lost" }, responses: { "204": { description: Taken. } } }
components:
  requestBodies:
    Lost: { content: { application/json: { schema: { $ref: "#/components/schemas/Lost" } } } }
  schemas:
    Lost: { type: object, required: [type], properties: { type: { const: thing.lost }, why: { $ref: "#/components/schemas/Why" } }, additionalProperties: false }
    Why: { enum: [stolen, forgotten] }
    Problem: { type: object, required: [status], properties: { status: { type: integer } }, additionalProperties: false }
`

func checker(t *testing.T) *contract.Checker {
	t.Helper()
	root := t.TempDir()
	write(t, filepath.Join(root, contract.File), small)
	doc, err := contract.Read(root)
	if err != nil {
		t.Fatal(err)
	}
	c, err := contract.New(doc)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const problem = "application/problem+json"

func TestAnswersAreHeldToTheDocument(t *testing.T) {
	tests := map[string]struct {
		ask, body   string
		status      int
		contentType string
		answer      string
		header      string
		breach      string // what the breach has in it; empty for none
	}{
		"as documented":                      {"GET /v1/things", "", 200, "application/json", `{"items":["a"]}`, "", ""},
		"with a parameter":                   {"GET /v1/things?limit=1", "", 200, "application/json", `{"items":[]}`, "", ""},
		"a member too many":                  {"GET /v1/things", "", 200, "application/json", `{"items":[],"x":1}`, "", "GET /v1/things answers 200"},
		"a member of another type":           {"GET /v1/things", "", 200, "application/json", `{"items":[1]}`, "", "GET /v1/things answers 200"},
		"a member too few":                   {"GET /v1/things", "", 200, "application/json", `{}`, "", "GET /v1/things answers 200"},
		"no JSON":                            {"GET /v1/things", "", 200, "application/json", `{`, "", "GET /v1/things answers 200"},
		"another content type":               {"GET /v1/things", "", 200, "text/html", `{"items":[]}`, "", "GET /v1/things answers 200"},
		"another status":                     {"GET /v1/things", "", 201, "application/json", `{"items":[]}`, "", "status is not supported"},
		"a problem":                          {"GET /v1/things", "", 404, problem, `{"status":404}`, "", ""},
		"a problem of another form":          {"GET /v1/things", "", 404, problem, `{"error":"x"}`, "", "GET /v1/things answers 404"},
		"a problem of an unlisted status":    {"GET /v1/things", "", 409, problem, `{"status":409}`, "", "status is not supported"},
		"a failure":                          {"GET /v1/things", "", 500, problem, `{"status":500}`, "", ""},
		"a failure of another form":          {"GET /v1/things", "", 500, problem, `{"x":500}`, "", "GET /v1/things answers 500"},
		"a failure that is no problem":       {"GET /v1/things", "", 502, "text/plain", `{"status":502}`, "", "not a problem"},
		"the gateway's own answer":           {"GET /v1/things", "", 403, "application/json", `{"message":"Forbidden"}`, "", ""},
		"one that is like it":                {"GET /v1/things", "", 403, "application/json", `{"message":"Forbidden","x":1}`, "", "status is not supported"},
		"a wrong request that is refused":    {"POST /v1/things", `{"name":"b"}`, 422, problem, `{"status":422}`, "", ""},
		"a wrong request that is taken":      {"POST /v1/things", `{"name":"b"}`, 202, "", "", "/v1/x", "the document does not allow the request"},
		"a wrong parameter that is taken":    {"GET /v1/things?limit=0", "", 200, "application/json", `{"items":[]}`, "", "the document does not allow the request"},
		"a right request":                    {"POST /v1/things", `{"name":"a"}`, 202, "", "", "/v1/x", ""},
		"a header too few":                   {"POST /v1/things", `{"name":"a"}`, 202, "", "", "", "header \"Location\" missing"},
		"a body where there is none":         {"DELETE /v1/things/a", `{}`, 204, "", "", "", "the document does not allow the request"},
		"a path with a parameter":            {"DELETE /v1/things/a%20b", "", 204, "", "", "", ""},
		"a path that is not in the document": {"GET /v1/nothing", "", 200, "application/json", `{}`, "", "GET /v1/nothing is answered 200 and is not in the document"},
		"a method that is not":               {"PUT /v1/things", "", 200, "application/json", `{}`, "", "PUT /v1/things is answered 200 and is not in the document"},
		"a path that the gateway has not":    {"GET /v1/nothing", "", 404, "application/json", `{"message":"Not Found"}`, "", ""},
		"a path that is none of the API's":   {"GET /console/", "", 200, "text/html", `<p>`, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := checker(t)
			h := c.Gateway(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if got, err := io.ReadAll(r.Body); err != nil || string(got) != tt.body {
					t.Errorf("the gateway gets %q, %v", got, err)
				}
				if tt.contentType != "" {
					w.Header().Set("Content-Type", tt.contentType)
				}
				if tt.header != "" {
					w.Header().Set("Location", tt.header)
				}
				w.WriteHeader(tt.status)
				io.WriteString(w, tt.answer)
			}))
			method, path, _ := strings.Cut(tt.ask, " ")
			got := httptest.NewRecorder()
			h.ServeHTTP(got, httptest.NewRequest(method, path, strings.NewReader(tt.body)))
			if got.Code != tt.status || got.Body.String() != tt.answer || got.Header().Get("Location") != tt.header {
				t.Errorf("the caller gets %d %s %v", got.Code, got.Body, got.Header())
			}
			expect(t, c, tt.breach)
		})
	}
}

// expect fails unless there is one breach with that text in it, or none for none.
func expect(t *testing.T, c *contract.Checker, breach string) {
	t.Helper()
	got := c.Breaches()
	if breach == "" && len(got) != 0 || breach != "" && (len(got) != 1 || !strings.Contains(got[0], breach)) {
		t.Errorf("breaches %q", got)
	}
}

func TestDocumentsAreHeldToTheWebhooks(t *testing.T) {
	for name, tt := range map[string]struct{ body, breach string }{
		"as documented":          {`{"type":"thing.made","data":{"at":"2026-11-21T12:00:00.000Z","n":1}}`, ""},
		"null where it may be":   {`{"type":"thing.made","data":{"n":null}}`, ""},
		"no time":                {`{"type":"thing.made","data":{"at":"noon"}}`, "a delivery of type thing.made is not as the document has it"},
		"a member too many":      {`{"type":"thing.made","data":{"x":1}}`, "a delivery of type thing.made is not as the document has it"},
		"a member too few":       {`{"type":"thing.made"}`, "a delivery of type thing.made is not as the document has it"},
		"a type of no webhook":   {`{"type":"thing.sold","data":{}}`, `type "thing.sold" is not in the document`},
		"one by references":      {`{"type":"thing.lost","why":"stolen"}`, ""},
		"another than referred":  {`{"type":"thing.lost","why":"sold"}`, "a delivery of type thing.lost is not as the document has it"},
		"no JSON":                {`{`, "not JSON"},
		"a list of two, in fact": {`[]`, "not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			c, taken := checker(t), ""
			h := c.Endpoint(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				taken = string(body)
			}))
			req := httptest.NewRequest("POST", "/", strings.NewReader(tt.body))
			req.Header.Set("webhook-id", "dlv_1")
			h.ServeHTTP(httptest.NewRecorder(), req)
			if taken != tt.body {
				t.Errorf("the endpoint gets %q", taken)
			}
			expect(t, c, tt.breach)
		})
	}
	c := checker(t)
	c.Endpoint(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/_sandbox/deliveries", nil))
	expect(t, c, "")
}

func TestABreachIsToldOnce(t *testing.T) {
	c := checker(t)
	h := c.Gateway(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	for range 3 {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/v1/things", nil))
	}
	expect(t, c, "GET /v1/things answers 418")
}
