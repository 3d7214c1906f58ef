package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"fulcrum/local/sandbox"
	twin "fulcrum/local/twin/api"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/session"
	"fulcrum/shared/store"
)

// tabs are the pages of a connection.
func tabs() []string {
	return []string{"", "/events", "/parked", "/attention", "/completeness", "/numbers", "/webhooks", "/settings", "/credentials", "/audit"}
}

// files are the pages of a connection that are files.
func files() []string { return []string{"/events.csv", "/completeness.csv", "/numbers.csv"} }

func TestEveryPageBeforeAnythingHappened(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		b := w.as("admin")
		for page, says := range map[string]string{
			"/console": "Nothing needs a person now", "/console?days=7": "7 days", "/console/connections": w.c.ID,
			"/console/audit": "signed_in", "/console/connections?q=nobody": "No connections match", "/console/figures": "Received: 0",
		} {
			b.get(page).expect(http.StatusOK, says)
		}
		for page, says := range map[string]string{
			"": "never yet", "/events": "Nothing has come from Lever yet", "/parked": "Nothing is parked", "/attention": "Nothing needs a person now",
			"/attention?state=cleared": "Nothing was mended", "/completeness": "0</strong> received", "/webhooks": "Candidate Hired", "/settings": "these are the defaults",
			"/numbers": "Nothing has happened", "/credentials": "what the API key allows", "/audit": "Nobody has done anything", "/events?state=parked&hours=24": "No events match",
		} {
			b.connection(page).expect(http.StatusOK, says)
		}
	})
}

func TestAnEventAndItsStory(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		opportunity := w.hire("Ada Private")
		b := w.as("operator")
		b.connection("/events?opportunity="+opportunity).expect(http.StatusOK, w.event(), "delivered", "candidateHired")
		b.connection("/events?state=ignored").expect(http.StatusOK, "No events match")
		b.connection("/events?state=nonsense").expect(http.StatusUnprocessableEntity, "has to be of")
		b.connection("/events?hours=x").expect(http.StatusUnprocessableEntity, "number of hours")
		b.connection("/events?cursor=x").expect(http.StatusUnprocessableEntity, "none of the list")
		b.connection("/events/"+w.event()).expect(http.StatusOK, opportunity, "triggered", "received", "attempted", "answered 204", "joiner.hired", "•••")
		b.lacks("Ada", "Private", "ada.private@example.com")

		b.act("/events/"+w.event()+"/replay", nil).expect(http.StatusOK, "worked off again", "from replay")
		time.Sleep(time.Minute)
		b.get(b.at).expect(http.StatusOK, "unchanged")
		b.connection("/audit").expect(http.StatusOK, "event.replayed", "staff:Grace")
		b.get("/console/figures").expect(http.StatusOK, "Received: 2", "Delivered: 1", "delivered within")
	})
}

// Who asks for what is personal sees it, and the trail has that they asked.
func TestPersonalDataIsShownWhenAskedForAndThatIsNoted(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		w.hire("Ada Private")
		b := w.as("operator")
		event := "/events/" + w.event()
		b.connection(event).lacks("Private")
		b.act(event+"/reveal", nil).expect(http.StatusOK, "\"Private\"", "ada.private@example.com", "in the audit trail")
		b.connection(event).lacks("Private")
		trail, err := w.Table.Audits(t.Context(), w.c.ID, store.Paging{})
		w.must(err)
		if len(trail.Items) != 1 || trail.Items[0].Action != "personal_data.shown" || trail.Items[0].Actor != "staff:Grace" ||
			!strings.Contains(string(trail.Items[0].After), strings.TrimPrefix(event, "/events/")) {
			t.Errorf("%+v", trail.Items)
		}
	})
}

func TestParkedIsRedriven(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		w.must(w.Twin.Inject(twin.Fault{Match: "GET /v1/opportunities/*/offers", Status: 403, Times: 1}))
		w.hire("Ada")
		w.Sandbox.Inject(sandbox.Fault{Status: 410, Times: 1})
		b := w.as("operator")
		b.connection("/parked").expect(http.StatusOK, "lever_forbids", "Send the customer a connect link")
		b.connection("").expect(http.StatusOK, "1 parked item is kept")
		b.connection("/events/"+w.event()).expect(http.StatusOK, "Retry")
		b.act("/redrive", url.Values{"event": {w.event()}, "of": {w.event()}}).expect(http.StatusOK, "on its way again")
		time.Sleep(time.Minute)
		b.connection("/parked").expect(http.StatusOK, "endpoint_gone")
		e, err := w.Table.Endpoint(t.Context(), w.c.Partner)
		w.must(err)
		w.must(w.Table.PutEndpoint(t.Context(), e)) // the partner has set it anew
		b.act("/redrive", url.Values{"reason": {"endpoint_gone"}}).expect(http.StatusOK, "on its way again")
		time.Sleep(time.Minute)
		b.connection("/parked").expect(http.StatusOK, "Nothing is parked")
		b.connection("/events?state=delivered").expect(http.StatusOK, w.event())
		b.act("/redrive", nil).expect(http.StatusUnprocessableEntity, "has to be there")
		b.act("/redrive", url.Values{"event": {w.event()}}).expect(http.StatusConflict, "not parked")
	})
}

func TestAttentionIsLookedAtAgain(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		opportunity := w.hire("Ada")
		item := store.Attention{
			Connection: w.c.ID, Partner: w.c.Partner, Reason: fault.Reason("location_unknown"), About: "joiner#" + opportunity,
			Step: "Add the office Berlin.", Details: map[string]string{"location": "Berlin"}, Event: lever.CandidateHired, IDs: lever.IDs{Opportunity: opportunity},
		}
		w.must(w.Table.Raise(t.Context(), item))
		b := w.as("operator")
		b.get("/console").expect(http.StatusOK, "Add the office Berlin.", "location_unknown")
		b.connection("/attention").expect(http.StatusOK, "location: ", "Berlin", "Look again")
		b.act("/attention/"+store.AttentionID(w.c.ID, item.Reason, item.About)+"/retry", nil).expect(http.StatusOK, "looked at again")
		b.act("/attention/att_none/retry", nil).expect(http.StatusNotFound, "no such attention item")
		time.Sleep(time.Minute)
		b.connection("/events?origin=replay").expect(http.StatusOK, "unchanged")
	})
}

func TestAConnectionRestsAndGoesOn(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		b := w.as("admin")
		b.connection("").act("/pause", nil).expect(http.StatusOK, "Paused", "Events are kept meanwhile")
		w.hire("Ada")
		b.connection("/parked").expect(http.StatusOK, "paused", "Resume it")
		b.connection("").act("/resume", nil).expect(http.StatusOK, "goes on")
		time.Sleep(10 * time.Minute)
		b.connection("/events?state=delivered").expect(http.StatusOK, w.event())
		b.connection("").act("/resync", nil).expect(http.StatusOK, "looked at again within a minute")
		b.connection("/audit").expect(http.StatusOK, "paused", "resumed", "resync.requested")
		b.connection("").act("/link", nil).expect(http.StatusConflict, "not made by a connect link")
	})
}

func TestAConnectLinkFromTheConsoleOpens(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		c, err := w.Table.Connection(t.Context(), w.c.ID)
		w.must(err)
		c.Customer = store.Customer{Name: "Acme", Reference: "acme"}
		w.must(w.Table.PutConnection(t.Context(), c))
		b := w.as("operator").connection("").act("/link", nil).expect(http.StatusOK, "Acme", "/connect/")
		_, link, _ := strings.Cut(b.page, "<code>https://gateway.test")
		link, _, _ = strings.Cut(link, "<")
		w.browser().get(link).expect(http.StatusOK, "Connect Lever to Joinedly", "Acme")
		b.connection("/audit").expect(http.StatusOK, "link.created").lacks(link)
	})
}

// Nothing of another partner's is found, whatever is asked for, and nothing of it is
// noted.
func TestAnotherPartnersConnectionIsNotFound(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		w.hire("Ada")
		event := w.event()
		b := w.as("admin")
		mine := w.c
		w.c = w.Connection(t, "justworks")
		for _, page := range append(append(tabs(), files()...), "/events/"+event) {
			b.connection(page).expect(http.StatusNotFound, "Not found")
		}
		b.get("/console")
		token := b.page
		for _, act := range acts(event) {
			b.page = token
			b.act(act.address, act.form).expect(http.StatusNotFound, "Not found")
		}
		trail, err := w.Table.Audits(t.Context(), w.c.ID, store.Paging{})
		if err != nil || len(trail.Items) != 0 {
			t.Errorf("%+v, %v", trail.Items, err)
		}
		b.get("/console/connections").lacks(w.c.ID)
		b.get("/console/connections?q="+w.c.ID).expect(http.StatusOK, "No connections match")
		w.c = mine
		b.connection("/events/evt_none").expect(http.StatusNotFound)
		b.get("/console/nothing").expect(http.StatusNotFound)
	})
}

// act is a form of a connection's, and the least role that may send it.
type act struct {
	address string
	form    url.Values
	role    string
}

func acts(event string) []act {
	return []act{
		{"/events/" + event + "/replay", nil, "operator"}, {"/events/" + event + "/reveal", nil, "operator"},
		{"/redrive", url.Values{"event": {event}}, "operator"}, {"/attention/att_1/retry", nil, "operator"},
		{"/selected", url.Values{"event": {event}}, "operator"}, {"/selected/replay", url.Values{"event": {event}}, "operator"},
		{"/selected/dismiss", url.Values{"event": {event}}, "operator"}, {"/link", nil, "operator"}, {"/resync", nil, "operator"}, {"/pause", nil, "admin"}, {"/resume", nil, "admin"}, {"/disconnect", nil, "admin"},
	}
}

func TestARoleMayDoWhatItMayAndNoMore(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		w.hire("Ada")
		event := w.event()
		for _, role := range []string{"viewer", "operator", "admin"} {
			b := w.as(role)
			for _, page := range append(append(files(), tabs()...), "/events/"+event) {
				b.connection(page).expect(http.StatusOK)
			}
			if forms := strings.Contains(b.page, "/replay"); forms != (role != "viewer") {
				t.Errorf("%s is offered forms: %v", role, forms)
			}
			for _, act := range acts(event) {
				token := b.page
				b.act(act.address, act.form)
				if refused := b.status == http.StatusForbidden; refused == session.Role(role).May(session.Role(act.role)) {
					t.Errorf("%s %s: %d", role, act.address, b.status)
				}
				b.page = token
			}
			want := http.StatusForbidden
			if role == "admin" {
				want = http.StatusOK
			}
			b.get("/console/audit").expect(want)
			b.get("/console/keys").expect(want)
			b.get("/console/usage").expect(http.StatusOK)
			b.get("/console/usage.csv").expect(http.StatusOK)
			if role != "admin" {
				for _, act := range []string{"/console/keys", "/console/keys/key_1/revoke"} {
					b.get("/console").post(act, nil).expect(http.StatusForbidden, "You may not do this")
				}
			}
		}
	})
}

// A form that another site has the browser send does nothing (session riding).
func TestAFormWithoutItsTokenDoesNothing(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		w.hire("Ada")
		b := w.as("admin")
		for _, act := range append(acts(w.event()), act{address: "/../../sign-out"}) {
			b.page = ""
			b.act(act.address, act.form).expect(http.StatusForbidden, "not sent from this page")
		}
		trail, err := w.Table.Audits(t.Context(), w.c.ID, store.Paging{})
		if err != nil || len(trail.Items) != 0 {
			t.Errorf("%+v, %v", trail.Items, err)
		}
	})
}

func TestWhoIsNotSignedInSeesNothing(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		b := w.as("admin")
		before := b.cookies["__Host-fulcrum-console"]
		b.post("/console/sign-out", nil).expect(http.StatusOK, "You are signed out")
		b.cookies["__Host-fulcrum-console"] = before
		for _, page := range append(append(tabs(), files()...), "/events/e") {
			b.connection(page).expect(http.StatusUnauthorized, "not signed in").lacks(w.c.ID)
		}
		b.get("/console").expect(http.StatusUnauthorized)
		b.get("/console/nothing").expect(http.StatusUnauthorized)
		w.browser().get("/console/figures").expect(http.StatusUnauthorized)
	})
}

func TestASignInLinkIsForOne(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		_, link := w.link(w.c.PartnerAPIKey, "Grace", "viewer")
		w.browser().get(link).expect(http.StatusOK, "Grace", "viewer")
		first := w.browser().get(link).post(link, nil).expect(http.StatusOK, "Needs attention")
		if strings.Contains(first.at, "sign-in") || strings.Contains(first.page, strings.TrimPrefix(link, "https://gateway.test/console/sign-in/")) {
			t.Errorf("the secret is still about: %s", first.at)
		}
		w.browser().get(link).expect(http.StatusGone, "works once")
		w.browser().post(link, nil).expect(http.StatusGone)
		_, over := w.link(w.c.PartnerAPIKey, "Grace", "viewer")
		time.Sleep(session.LinkLife)
		w.browser().get(over).expect(http.StatusGone, "ten minutes")
		first.get("/console").expect(http.StatusOK)
		time.Sleep(session.Idle)
		first.get("/console").expect(http.StatusUnauthorized)
		for person, role := range map[string]string{"": "viewer", "Ada": "reviewer", "a\nb": "admin", strings.Repeat("x", 101): "admin"} {
			if status, _ := w.link(w.c.PartnerAPIKey, person, role); status != http.StatusUnprocessableEntity {
				t.Errorf("%q %q: %d", person, role, status)
			}
		}
	})
}

func TestEveryAnswerHasItsHeadersAndIsLight(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		w.hire("Ada")
		b := w.as("admin")
		pages := []string{"/console", "/console?days=7", "/console/connections", "/console/usage", "/console/keys", "/console/audit", "/console/nothing", "/console/sign-in/none"}
		for _, tab := range append(tabs(), "/events/"+w.event()) {
			pages = append(pages, "/console/connections/"+w.c.ID+tab)
		}
		for _, page := range pages {
			b.get(page)
			for header, want := range map[string]string{
				"Cache-Control": "no-store", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
			} {
				if got := b.header.Get(header); got != want {
					t.Errorf("%s: %s is %q", page, header, got)
				}
			}
			if policy := b.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
				t.Errorf("%s: policy %q", page, policy)
			}
			if len(b.page) > 40_000 { // and 20 KB of static files
				t.Errorf("%s has %d bytes", page, len(b.page))
			}
		}
	})
}
