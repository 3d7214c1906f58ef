package connect_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/functions/partners"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/definition"
	"fulcrum/shared/lever"
	"fulcrum/shared/status"
)

// everyone runs a test for each partner.
func everyone(t *testing.T, f func(t *testing.T, w *world)) {
	all, err := partners.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		t.Run(d.Name, func(t *testing.T) { as(t, d.Name, f) })
	}
}

// The whole way of a customer, as each partner's seed tells it.
func TestTheWholeWay(t *testing.T) {
	everyone(t, func(t *testing.T, w *world) {
		link := w.newLink()
		if w.call(http.MethodGet, "/v1/connections/"+w.connection, nil).Status != http.StatusNotFound {
			t.Error("a connection is there before Lever has given anything")
		}

		// Connect.
		b := w.browser()
		b.open(link).expect(http.StatusOK, "Connect Lever to "+w.d.Title, "Super Admin", w.d.Support)
		b.submit("open", nil).expect(http.StatusOK, w.d.Connect.Button)
		w.accept(b)
		b.choose()
		b.expect(http.StatusOK, "Settings › Integrations and API › Webhooks", "Finish setup")
		w.expectMade(b)

		// Finish set-up before Lever was seen says what is missing and where to click.
		missing := expect[struct{ Missing []string }](w, w.post("finish-setup"), http.StatusConflict).Missing
		if len(missing) != len(w.d.Webhooks.Required()) || !strings.Contains(missing[0], "Settings › Integrations and API › Webhooks") {
			t.Errorf("missing %q", missing)
		}
		b.submit("finish", nil).expect(http.StatusConflict, "not complete", missing[0])

		// Switch on, verify, finish.
		w.switchOn(b)
		if s := w.view().State; s != status.Waiting {
			t.Errorf("state %q before Lever was seen", s)
		}
		w.verify()
		b.open(link).expect(http.StatusOK, "Connected</span>")
		b.submit("finish", nil).expect(http.StatusOK, "Nothing else has to be done")
		expect[view](w, w.post("finish-setup"), http.StatusOK)
		w.expectState(status.Connected)

		// Configure, use.
		w.configure(b)
		w.give()
		w.hire()

		// A breach: the key before is refused at once, and what came meanwhile comes
		// by reading it again.
		old := w.ours()
		w.breach()
		w.expectState(status.Waiting)
		w.verify()
		w.refuses(old)
		w.expectState(status.Connected)

		// Revoked in Lever: noticed at the next call.
		w.revoke()
		w.expectState(status.Disconnected)

		// Reconnected: the same connection, the same webhooks, nothing twice.
		again := w.browser()
		again.open(w.newLink()).submit("open", nil).expect(http.StatusOK, "again", "kept for 14 days")
		w.accept(again)
		w.expectMade(again)
		w.switchOn(again)
		w.verify()
		w.expectState(status.Connected)

		// Disconnect, twice.
		foreign, err := w.Twin.AddWebhook(w.account, desk.NewWebhook{Event: string(lever.CandidateHired), URL: "https://theirs.example/"})
		w.must(err)
		v := expect[view](w, w.post("disconnect"), http.StatusOK)
		if v.State != status.Disconnected {
			t.Errorf("state %q", v.State)
		}
		expect[view](w, w.post("disconnect"), http.StatusOK)
		w.expectGone(v)
		all, err := w.Twin.Webhooks(w.account)
		if err != nil || !slices.ContainsFunc(all, func(h desk.Webhook) bool { return h.ID == foreign.ID }) {
			t.Errorf("the customer's own webhook is gone: %+v, %v", all, err)
		}
	})
}

// accept gives consent in Lever, or types in an API key.
func (w *world) accept(b *browser) {
	w.t.Helper()
	if w.d.Connect.By == definition.APIKey {
		b.submit("key", url.Values{"key": {w.newKey(w.account)}})
		return
	}
	b.submit("consent", nil).expect(http.StatusOK, "Continue to Lever")
	b.open(b.callback(w.account, "accept"))
}

// expectMade fails unless each event has one webhook, of ours or an address for the
// customer's.
func (w *world) expectMade(b *browser) {
	w.t.Helper()
	v := w.view()
	if len(v.Webhooks) != len(w.d.Webhooks.Events) {
		w.t.Fatalf("webhooks %+v", v.Webhooks)
	}
	at := w.ours()
	for _, e := range v.Webhooks {
		byHand := w.d.Webhooks.MadeBy == definition.Customer
		if !e.Created || e.Signed == (byHand && e.SeenAt == "" && e.VerifiedAt == "") || (e.URL != "") != byHand {
			w.t.Errorf("webhook %+v", e)
		}
		b.expect(b.status, e.Title, e.URL)
		n := len(slices.DeleteFunc(slices.Clone(at), func(h desk.Webhook) bool { return h.Event != string(e.Event) }))
		if !byHand && n != 1 {
			w.t.Errorf("%s has %d webhooks in Lever", e.Event, n)
		}
	}
}

// configure applies settings by the page and reads them by the API.
func (w *world) configure(b *browser) {
	w.t.Helper()
	before := w.settings().Version
	b.submit("settings", w.form(map[string]string{"contacts": "ops@acme.example"})).expect(http.StatusOK, "ops@acme.example")
	got := w.settings()
	if got.Version != before+1 || string(got.Values["contacts"]) != `["ops@acme.example"]` || !strings.HasPrefix(got.ChangedBy, "link:") {
		w.t.Errorf("settings %+v", got)
	}
}

// form are the settings as the page sends them when nothing was changed, with
// changes.
func (w *world) form(changes map[string]string) url.Values {
	form := url.Values{}
	for _, s := range w.d.Settings {
		var v any
		w.must(json.Unmarshal(s.Default, &v))
		switch v := v.(type) {
		case string:
			form.Set(s.Name, v)
		case bool:
			if v {
				form.Set(s.Name, "true")
			}
		case float64:
			form.Set(s.Name, string(s.Default))
		case []any:
			var lines []string
			for _, x := range v {
				text, err := json.Marshal(x)
				w.must(err)
				lines = append(lines, strings.Trim(string(text), `"`))
			}
			form.Set(s.Name, strings.Join(lines, "\n"))
		case map[string]any:
			var lines []string
			for from, to := range v {
				lines = append(lines, from+" = "+to.(string))
			}
			form.Set(s.Name, strings.Join(lines, "\n"))
		}
	}
	for name, value := range changes {
		form.Set(name, value)
	}
	return form
}

type settings struct {
	Version   int64
	ChangedBy string
	Values    definition.Values
}

func (w *world) settings() settings {
	w.t.Helper()
	return expect[settings](w, w.call(http.MethodGet, "/v1/connections/"+w.connection+"/settings", nil), http.StatusOK)
}

// hire marks somebody as hired; where the partner's event is another, that fires
// with it or before.
func (w *world) hire() string {
	w.t.Helper()
	added, err := w.Twin.AddCandidate(w.account, desk.Candidate{Name: "Ada Lovelace", Email: "ada@example.com"})
	w.must(err)
	_, err = w.Twin.Hire(w.account, added.OpportunityID, "")
	w.must(err)
	time.Sleep(time.Minute)
	return added.OpportunityID
}

// breach replaces the keys of all events, as after a breach.
func (w *world) breach() {
	w.t.Helper()
	var tokens []map[string]any
	for _, e := range w.view().Webhooks {
		one := map[string]any{"event": e.Event}
		if w.d.Webhooks.TypedTokens {
			one["token"] = w.regenerate(e.Event)
		}
		tokens = append(tokens, one)
	}
	expect[view](w, w.call(http.MethodPut, "/v1/connections/"+w.connection+"/signing-tokens", map[string]any{"tokens": tokens}), http.StatusOK)
}

// regenerate clicks Generate token at our webhook of an event.
func (w *world) regenerate(event lever.Event) string {
	w.t.Helper()
	for _, h := range w.ours() {
		if h.Event == string(event) {
			made, err := w.Twin.Regenerate(w.account, h.ID)
			w.must(err)
			return made.SignatureToken
		}
	}
	w.t.Fatalf("there is no webhook of %s", event)
	return ""
}

// refuses fails unless what is signed with old keys is refused. A function that
// has keys in memory reads them again with the first delivery of a new one.
func (w *world) refuses(old []desk.Webhook) {
	w.t.Helper()
	for _, h := range old {
		if status := w.send(h); status != http.StatusUnauthorized {
			w.t.Errorf("%s: what is signed with the old key is answered %d", h.Event, status)
		}
	}
}

// revoke takes the access away in Lever, and has the bundle notice it.
func (w *world) revoke() {
	w.t.Helper()
	if w.d.Connect.By == definition.APIKey {
		for _, k := range w.Twin.Keys(w.account) {
			w.must(w.Twin.RemoveKey(w.account, k.ID))
		}
	} else {
		_, err := w.Twin.Revoke(w.account, w.app.ClientID)
		w.must(err)
	}
	if a := w.post("resync"); a.Status == http.StatusInternalServerError {
		w.t.Errorf("resync of a revoked connection: %s", a.Body)
	}
}

// expectGone fails unless nothing of a connection is left but what it says.
func (w *world) expectGone(v view) {
	w.t.Helper()
	byHand := w.d.Webhooks.MadeBy == definition.Customer
	if at := w.ours(); byHand != (len(at) > 0) {
		w.t.Errorf("webhooks in Lever: %+v", at)
	}
	if byHand != (len(v.Left) > 0) {
		w.t.Errorf("left %+v", v.Left)
	}
	if _, err := w.Table.Credential(w.t.Context(), w.connection); err == nil {
		w.t.Error("the credential is not erased")
	}
	for _, action := range []string{"link.created", "link.opened", "connected", "setup.finished", "settings.applied", "signing_tokens.replaced", "reconnected", "disconnected"} {
		if !slices.Contains(w.audits(), action) {
			w.t.Errorf("the trail has no %s: %v", action, w.audits())
		}
	}
}
