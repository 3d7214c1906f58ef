package page

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fulcrum/local/twin/desk"
	"fulcrum/local/twin/oauth"
	"fulcrum/local/twin/random"
	"fulcrum/local/twin/tenant"
)

// What the pages do is tested in package twin, through whole accounts.

func TestTheTemplatesAreReadable(t *testing.T) {
	tenants, err := tenant.NewRegistry(tenant.Config{})
	if err != nil {
		t.Fatal(err)
	}
	server, err := oauth.New(oauth.Config{Random: random.New(nil)})
	if err != nil {
		t.Fatal(err)
	}
	p := New(desk.New(tenants, server))
	if p.broken != nil {
		t.Fatal(p.broken)
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "No accounts yet.") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if policy := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("policy %q", policy)
	}
}

func TestTimesForPeople(t *testing.T) {
	at := int64(1_783_000_000_000)
	var none *int64
	for name, tt := range map[string]struct {
		ms   any
		want string
	}{
		"a time":                     {at, "2026-07-02 13:46:40 UTC"},
		"a time that may be missing": {&at, "2026-07-02 13:46:40 UTC"},
		"a time that is missing":     {none, ""},
		"no time":                    {"x", ""},
	} {
		if got := when(tt.ms); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestTheWayBackIsOurs(t *testing.T) {
	for name, tt := range map[string]struct{ back, want string }{
		"a page":                  {"/accounts/x#event", "/accounts/x#event"},
		"a page of another host":  {"//evil.example/x", "/"},
		"another site":            {"https://evil.example", "/"},
		"a script":                {"javascript:alert(1)", "/"},
		"nothing":                 {"", "/"},
		"what cannot be read":     {"/%zz", "/"},
		"a path that is relative": {"accounts", "/"},
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.PostForm = url.Values{"back": {tt.back}}
		if got := back(r).String(); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestRightsAreLines(t *testing.T) {
	if got := rights("GET /a\r\n\r\n  \nPOST /b"); len(got) != 2 || got[0] != "GET /a" || got[1] != "POST /b" {
		t.Errorf("%q", got)
	}
}
