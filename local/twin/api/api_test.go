package api

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/hook"
	"fulcrum/local/twin/oauth"
	"fulcrum/local/twin/random"
	"fulcrum/local/twin/tenant"
)

// newAPI makes an API with one account that has n candidates, and its key.
func newAPI(t testing.TB, n int) (*API, string) {
	t.Helper()
	source := random.New(rand.NewChaCha8([32]byte{7}))
	jobs := hook.NewJobs()
	t.Cleanup(jobs.Close)
	tenants, err := tenant.NewRegistry(tenant.Config{
		Now: time.Now, Random: source, Pages: "https://hire.lever.co", API: "https://api.lever.co",
		Hook: hook.Config{Client: http.DefaultClient, Now: time.Now, Random: source, Timeout: time.Second, Jobs: jobs},
	})
	if err != nil {
		t.Fatal(err)
	}
	home, err := tenants.Create("", "Acme", tenant.Key{})
	if err != nil {
		t.Fatal(err)
	}
	if err := home.Do(func(a *account.Account) error { a.Seed(n); return nil }); err != nil {
		t.Fatal(err)
	}
	server, err := oauth.New(oauth.Config{Now: time.Now, Random: source})
	if err != nil {
		t.Fatal(err)
	}
	return New(
		Config{
			Now: time.Now, Tenants: tenants, OAuth: server, Faults: NewFaults(jobs.Done()), OffsetLife: time.Hour,
			Rate: 1e9, Burst: 1e9,
		},
	), tenants.Keys(home.ID())[0].Secret
}

func get(a *API, key, query string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "/v1/opportunities", nil)
	r.URL.RawQuery = query
	r.SetBasicAuth(key, "")
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

// Any query is answered with a page or with 400, never with anything else, and
// never with more objects than asked for.
func FuzzListQuery(f *testing.F) {
	for _, q := range []string{
		"", "limit=2", "limit=101", "offset=%255B1%252C2%252C%2522x%2522%255D", "tag=a&tag%5B%5D=b",
		"archived=both&snoozed=true", "updated_at_start=1&updated_at_end=-1",
		"include=id&expand=stage", "confidentiality=all", "created_at_start=9999999999999999999", "email=@&email=%00",
		"%zz", "limit=1;2", "expand=urls&include[]=urls",
	} {
		f.Add(q)
	}
	a, key := newAPI(f, 20)
	f.Fuzz(func(t *testing.T, query string) {
		w := get(a, key, query)
		if w.Code != 200 && w.Code != 400 {
			t.Fatalf("%q: %d %s", query, w.Code, w.Body)
		}
		if w.Code == 200 && strings.Count(w.Body.String(), `"contact":`) > 100 {
			t.Fatalf("%q: more than a page", query)
		}
	})
}

// A token is either what formatToken prints for the position it stands for, or
// it is not taken.
func FuzzToken(f *testing.F) {
	for _, token := range []string{
		"%5B3%2C1700000000456%2C%220c6f1f2a-1111-4222-8333-944455556666%22%5D", "%5B230.5%2C1700000000123%2C%22x%22%5D",
		"[1,2,\"x\"]", "%5B1%2C2%5D", "%5B1e999%2C2%2C%22%22%5D",
		"%5B1%2C2%2C%22x%22%2C4%5D", "%5B-0%2C2%2C%22x%22%5D", "%", "null", "",
	} {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if p, ok := parseToken(token); ok && formatToken(p) != token {
			t.Fatalf("%q was taken for %+v", token, p)
		}
	})
}

func TestTokensComeBackAsTheyWent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := account.Position{
			Rank: float64(rapid.IntRange(0, 600).Draw(t, "rank")) / 2, Time: rapid.Int64().Draw(t, "time"),
			ID: rapid.String().Draw(t, "id"),
		}
		if !strings.ContainsRune(p.ID, '\uFFFD') {
			if got, ok := parseToken(formatToken(p)); !ok || got != p {
				t.Fatalf("%+v came back as %+v (%t)", p, got, ok)
			}
		}
	})
	const want = "%5B230.5%2C1700000000123%2C%220c6f1f2a-1111-4222-8333-944455556666%22%5D"
	p := account.Position{Rank: 230.5, Time: 1700000000123, ID: "0c6f1f2a-1111-4222-8333-944455556666"}
	if got := formatToken(p); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// In no window of t seconds are there more than 10·t + 20 calls, whenever they
// come, and a caller who waits long enough always has one.
func TestTheBucketHoldsInEveryWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := &buckets{rate: 10, burst: 20, list: map[string]*bucket{}}
		now := time.UnixMilli(1_700_000_000_000)
		var taken []time.Time
		for range rapid.IntRange(1, 200).Draw(t, "calls") {
			pause := time.Duration(rapid.IntRange(0, 300).Draw(t, "ms")) * time.Millisecond
			now = now.Add(pause)
			if b.take("key", now) {
				taken = append(taken, now)
			} else if pause >= 100*time.Millisecond {
				t.Fatalf("refused after a pause of %s", pause)
			}
		}
		for i := range taken {
			for j := i; j < len(taken); j++ {
				if window := taken[j].Sub(taken[i]).Seconds(); float64(j-i+1) > 10*window+20+1e-6 {
					t.Fatalf("%d calls in %.3f s", j-i+1, window)
				}
			}
		}
	})
}

func TestABackwardClockGivesNothingAway(t *testing.T) {
	b := &buckets{rate: 10, burst: 1, list: map[string]*bucket{}}
	now := time.UnixMilli(1_700_000_000_000)
	if !b.take("key", now) || b.take("key", now.Add(-time.Hour)) || b.take("key", now) {
		t.Error("a clock that goes back and forth fills the bucket")
	}
}

func TestWildcards(t *testing.T) {
	tests := map[string]struct {
		pattern, call string
		want          bool
	}{
		"the same":                        {"GET /v1/stages", "GET /v1/stages", true},
		"another":                         {"GET /v1/stages", "GET /v1/tags", false},
		"a star is any id":                {"GET /v1/opportunities/*", "GET /v1/opportunities/x", true},
		"a star is also what is below":    {"GET /v1/opportunities/*", "GET /v1/opportunities/x/offers", true},
		"a star needs what is before it":  {"GET /v1/opportunities/*", "GET /v1/opportunities", false},
		"a star in the middle":            {"POST /v1/opportunities/*/notes", "POST /v1/opportunities/x/notes", true},
		"a star in the middle and an end": {"POST /v1/opportunities/*/notes", "POST /v1/opportunities/x/notes/y", false},
		"two stars":                       {"* /v1/*/notes", "GET /v1/opportunities/x/notes", true},
		"three stars":                     {"*/v1/*/x/*", "GET /v1/opportunities/x/notes", true},
		"three stars, one word missing":   {"*/v1/*/y/*", "GET /v1/opportunities/x/notes", false},
		"nothing but a star":              {"*", "GET /", true},
	}
	for name, tt := range tests {
		if got := wildcard(tt.pattern, tt.call); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestRoutesAreFoundByTheirParts(t *testing.T) {
	all := newRoutes()
	tests := map[string]struct {
		method, path, want string
		value              string
	}{
		"a list":                   {"GET", "/opportunities", "/opportunities", ""},
		"a list with a slash more": {"GET", "/opportunities/", "/opportunities", ""},
		"one by id":                {"GET", "/opportunities/x", "/opportunities/:opportunity", "x"},
		"a word before an id":      {"GET", "/opportunities/deleted", "/opportunities/deleted", ""},
		"an escaped id":            {"GET", "/opportunities/a%2Fb", "/opportunities/:opportunity", "a/b"},
		"the old name":             {"GET", "/candidates/x", "/opportunities/:opportunity", "x"},
		"an empty id":              {"GET", "/opportunities//notes", "", ""},
		"a broken escape":          {"GET", "/opportunities/%zz", "", ""},
		"another method":           {"PATCH", "/opportunities/x", "", ""},
		"too many parts":           {"GET", "/stages/x/y", "", ""},
	}
	for name, tt := range tests {
		r, values, ok := all.match(tt.method, tt.path)
		if r.path != tt.want || ok != (tt.want != "") || values["opportunity"] != tt.value {
			t.Errorf("%s: %q %v", name, r.path, values)
		}
	}
}

func TestEveryRouteHasAScopeThatExistsAndAnAnswer(t *testing.T) {
	known := oauth.Scopes()
	right := map[string]bool{}
	for _, list := range newRoutes() {
		for _, r := range list {
			if r.serve == nil || !contains(known, r.scope) {
				t.Errorf("%s: scope %q", r.right(), r.scope)
			}
			if right[r.right()] {
				t.Errorf("%s is there twice", r.right())
			}
			right[r.right()] = true
			if writes := strings.Contains(r.scope, ":write:"); writes == (r.method == "GET") {
				t.Errorf("%s with scope %s", r.right(), r.scope)
			}
		}
	}
	if len(right) < 90 {
		t.Errorf("only %d endpoints", len(right))
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func TestOldTokensAreForgotten(t *testing.T) {
	o := &offsets{life: time.Minute, issued: map[string]time.Time{}}
	now := time.UnixMilli(1_700_000_000_000)
	for i := range enough + 1 {
		o.issue("list", url.QueryEscape(strings.Repeat("x", i%100)+string(rune(i))), now)
	}
	o.issue("list", "new", now.Add(2*time.Minute))
	if len(o.issued) != 1 || !o.valid("list", "new", now.Add(3*time.Minute)) {
		t.Errorf("%d tokens are kept", len(o.issued))
	}
}

func BenchmarkListOf20000(b *testing.B) {
	a, key := newAPI(b, 20_000)
	for b.Loop() {
		if w := get(a, key, "limit=100&expand=applications&expand=stage"); w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}
