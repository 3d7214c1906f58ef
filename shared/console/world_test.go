package console_test

import (
	"context"
	"encoding/json"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/seed"
	"fulcrum/local/twin/desk"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// world is a stack with the demo connections, and Joinedly's is looked at.
type world struct {
	*rig.Live
	t testing.TB
	c seed.Connection
	// rest is what a person does before the next page: nobody is quicker than the
	// gateway allows.
	rest func()
}

// on runs f in the virtual time of 2026.
func on(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := rig.NewLive(t, aws.Options{})
		f(t, &world{Live: l, t: t, c: l.Connection(t, "joinedly"), rest: rest})
	})
}

func rest() { time.Sleep(50 * time.Millisecond) }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// hire has somebody hired in Lever, and gives the opportunity.
func (w *world) hire(name string) string {
	w.t.Helper()
	made, err := w.Twin.AddCandidate(w.c.Account, desk.Candidate{Name: name, Email: "ada.private@example.com"})
	w.must(err)
	_, err = w.Twin.Hire(w.c.Account, made.OpportunityID, "")
	w.must(err)
	time.Sleep(time.Minute)
	return made.OpportunityID
}

// link has a partner's backend make a sign-in link.
func (w *world) link(key, person, role string) (status int, address string) {
	w.t.Helper()
	body, err := json.Marshal(map[string]string{"person": person, "role": role})
	w.must(err)
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, rig.Gateway+"/v1/console-links", strings.NewReader(string(body)))
	w.must(err)
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	res, err := w.RoundTrip(req)
	w.must(err)
	defer res.Body.Close()
	var made struct{ URL string }
	w.must(json.NewDecoder(res.Body).Decode(&made))
	return res.StatusCode, made.URL
}

// browser is one that follows redirects.
type browser struct {
	w       *world
	cookies map[string]string
	at      string
	status  int
	page    string
	header  http.Header
}

func (w *world) browser() *browser { return &browser{w: w, cookies: map[string]string{}} }

// as is a browser in which somebody of Joinedly's is signed in with a role.
func (w *world) as(role string) *browser {
	w.t.Helper()
	status, link := w.link(w.c.PartnerAPIKey, "Grace", role)
	if status != http.StatusCreated {
		w.t.Fatalf("link: %d", status)
	}
	return w.browser().get(link).expect(http.StatusOK, "Grace").post(link, nil).expect(http.StatusOK, "Needs attention")
}

func (b *browser) get(address string) *browser {
	b.w.t.Helper()
	return b.do(http.MethodGet, address, nil)
}

func (b *browser) do(method, address string, form url.Values) *browser {
	b.w.rest()
	b.w.t.Helper()
	for range 4 {
		base, err := url.Parse(rig.Public)
		b.w.must(err)
		to, err := base.Parse(address)
		b.w.must(err)
		req, err := http.NewRequestWithContext(context.Background(), method, to.String(), strings.NewReader(form.Encode()))
		b.w.must(err)
		if form != nil {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Origin", rig.Public)
		}
		for name, value := range b.cookies {
			req.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		res, err := b.w.RoundTrip(req)
		b.w.must(err)
		text, err := io.ReadAll(res.Body)
		b.w.must(err)
		b.w.must(res.Body.Close())
		for _, c := range res.Cookies() {
			b.cookies[c.Name] = c.Value
		}
		b.at, b.status, b.page, b.header = to.String(), res.StatusCode, string(text), res.Header
		if address = res.Header.Get("Location"); address == "" {
			return b
		}
		method, form = http.MethodGet, nil
	}
	b.w.t.Fatalf("redirected again and again: %s", b.at)
	return b
}

var csrf = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// post sends a form with the token of the page.
func (b *browser) post(address string, form url.Values) *browser {
	b.w.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	if m := csrf.FindStringSubmatch(b.page); m != nil {
		form.Set("csrf", m[1])
	}
	return b.do(http.MethodPost, address, form)
}

// connection is a page of the connection.
func (b *browser) connection(page string) *browser {
	b.w.t.Helper()
	return b.get("/console/connections/" + b.w.c.ID + page)
}

// act sends a form of the connection.
func (b *browser) act(page string, form url.Values) *browser {
	b.w.t.Helper()
	return b.post("/console/connections/"+b.w.c.ID+page, form)
}

// expect fails unless the page has the status and all of the texts.
func (b *browser) expect(status int, texts ...string) *browser {
	b.w.t.Helper()
	page := html.UnescapeString(b.page)
	for _, text := range texts {
		if !strings.Contains(page, text) {
			b.w.t.Fatalf("%s does not say %q:\n%s", b.at, text, page)
		}
	}
	if b.status != status {
		b.w.t.Fatalf("%s: status %d, want %d:\n%s", b.at, b.status, status, page)
	}
	return b
}

// lacks fails if the page has one of the texts.
func (b *browser) lacks(texts ...string) *browser {
	b.w.t.Helper()
	for _, text := range texts {
		if strings.Contains(b.page, text) {
			b.w.t.Errorf("%s says %q:\n%s", b.at, text, b.page)
		}
	}
	return b
}

// event is the id of the connection's newest event.
func (w *world) event() string {
	w.t.Helper()
	all := w.Events(w.t, w.c.ID)
	if len(all) == 0 {
		w.t.Fatal("there is no event")
	}
	newest := all[0]
	for _, e := range all {
		if e.ReceivedAt > newest.ReceivedAt {
			newest = e
		}
	}
	return newest.ID
}
