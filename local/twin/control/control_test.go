package control

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/local/twin/hook"
	"fulcrum/local/twin/oauth"
	"fulcrum/local/twin/random"
	"fulcrum/local/twin/tenant"
)

func newControl(t *testing.T) *Control {
	t.Helper()
	source := random.New(nil)
	jobs := hook.NewJobs()
	t.Cleanup(jobs.Close)
	tenants, err := tenant.NewRegistry(
		tenant.Config{
			Now: time.Now, Random: source,
			Hook: hook.Config{Client: http.DefaultClient, Now: time.Now, Random: source, Timeout: time.Second, Jobs: jobs},
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	server, err := oauth.New(oauth.Config{Now: time.Now, Random: source})
	if err != nil {
		t.Fatal(err)
	}
	return New(desk.New(tenants, server), api.NewFaults(jobs.Done()))
}

func (c *Control) call(method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w
}

// Every call of the contract leads to something of its own, not to the answer
// that says that there is no such path.
func TestEveryCallOfTheContractIsThere(t *testing.T) {
	c := newControl(t)
	const one = "/_twin/acc/opportunities/opp"
	for _, call := range []string{
		"POST /_twin/acc/candidates", "POST " + one + "/stage", "POST " + one + "/archive",
		"POST " + one + "/unarchive", "POST " + one + "/hire", "POST " + one + "/delete",
		"POST " + one + "/anonymize", "POST " + one + "/apply", "POST " + one + "/offers", "PUT " + one + "/offers/x",
		"POST " + one + "/interviews", "PUT " + one + "/interviews/x",
		"DELETE " + one + "/interviews/x", "POST " + one + "/resumes", "POST /_twin/acc/switches",
		"POST /_twin/acc/webhooks/x/verify", "POST /_twin/acc/webhooks/x/regenerate",
		"POST /_twin/acc/webhooks/x/rerun", "POST /_twin/acc/revoke", "GET /_twin/acc/requests",
		"GET /_twin/acc/deliveries", "GET /_twin/acc", "POST /_twin/acc/postings",
		"POST /_twin/acc/users", "POST /_twin/acc/archive-reasons", "POST /_twin/acc/stages",
	} {
		method, path, _ := cut(call)
		w := c.call(method, path, "{}")
		if body := w.Body.String(); w.Code != 404 || !strings.Contains(body, "accounts acc was not found") {
			t.Errorf("%s: %d %s", call, w.Code, body)
		}
	}
	for call, status := range map[string]int{
		"POST /_twin/accounts": 201, "GET /_twin/accounts": 200, "GET /_twin/violations": 200,
		"DELETE /_twin/faults": 204, "GET /_twin/apps": 200, "GET /_twin/requests": 200,
	} {
		method, path, _ := cut(call)
		if w := c.call(method, path, ""); w.Code != status {
			t.Errorf("%s: %d %s", call, w.Code, w.Body)
		}
	}
}

func TestAnswersAreJSON(t *testing.T) {
	c := newControl(t)
	for call, want := range map[string]string{
		"GET /_twin/violations":   "[]\n",
		"GET /_twin/nowhere/else": `{"code":"ResourceNotFound","message":"GET /_twin/nowhere/else does not exist"}` + "\n",
		"PATCH /_twin/accounts":   `{"code":"ResourceNotFound","message":"PATCH /_twin/accounts does not exist"}` + "\n",
		"POST /_twin/faults":      `{"code":"BadRequestError","message":"match is a method and a path, such as \"GET /v1/opportunities/*\""}` + "\n",
	} {
		method, path, _ := cut(call)
		w := c.call(method, path, "")
		if w.Body.String() != want || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%s: %s %s", call, w.Header().Get("Content-Type"), w.Body)
		}
	}
}

func TestABodyThatIsTooLongIsRefused(t *testing.T) {
	c := newControl(t)
	if w := c.call("POST", "/_twin/accounts", `{"name":"`+strings.Repeat("x", maxBody)+`"}`); w.Code != 400 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestAnAppIsRegisteredWithWhatItGives(t *testing.T) {
	c := newControl(t)
	w := c.call(
		"POST", "/_twin/apps",
		`{"name":"Partner","callbacks":["https://p.example/cb"],"clientId":"known","clientSecret":"secret"}`,
	)
	if w.Code != 201 || !strings.Contains(w.Body.String(), `"clientId":"known"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := c.call("POST", "/_twin/apps", `{"name":"Partner"}`); w.Code != 400 {
		t.Errorf("an app without callbacks: %d", w.Code)
	}
}
