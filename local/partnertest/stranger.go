package partnertest

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"fulcrum/local/twin/desk"
	"fulcrum/shared/store"
)

// forged posts what Lever did not say: signed envelopes with made-up data, as
// anybody can make who has seen one, and envelopes that are not signed.
func (k kit) forged() {
	p := k.Person(k.Candidate)
	time.Sleep(time.Minute)
	before := len(k.Arrived(""))
	for _, data := range []any{
		ids(p),
		map[string]any{"opportunityId": "00000000-0000-4000-8000-000000000000"},
		map[string]any{"opportunityId": "../users"},
		map[string]any{"opportunityId": p.OpportunityID, "toArchived": map[string]any{"reason": "hired", "archivedAt": 1}},
		map[string]any{"something": "else"},
		map[string]any{},
	} {
		k.Tell(k.Event, data)
	}
	w := k.Webhook(k.Event)
	body := k.Signed(w, ids(p))
	for what, status := range map[string]int{
		"a changed time":    k.Post(w.URL, strings.Replace(body, `"triggeredAt":1`, `"triggeredAt":2`, 1)),
		"a changed token":   k.Post(w.URL, strings.Replace(body, `"token":"0`, `"token":"1`, 1)),
		"a made-up address": k.Post(w.URL[:len(w.URL)-4]+"AAAA", body),
		"no signature":      k.Post(w.URL, strings.Replace(body, `"signature"`, `"sign"`, 1)),
	} {
		if status != http.StatusUnauthorized {
			k.t.Errorf("status %d for %s", status, what)
		}
	}
	time.Sleep(time.Hour)
	if k.told(p) != 0 {
		k.t.Errorf("a document tells of what did not happen: %q", k.Types(p.OpportunityID))
	}
	if after := len(k.Arrived("")); after > before {
		k.t.Logf("%d documents came of forged events", after-before)
	}
	if v := k.Twin.Violations(); len(v) != 0 {
		k.t.Errorf("an object of another account was asked for: %+v", v)
	}
}

func (k kit) unknown() {
	k.Tell(k.Event, map[string]string{"opportunityId": "11111111-1111-4111-8111-111111111111"})
	time.Sleep(time.Hour)
	if got := k.Ended("11111111-1111-4111-8111-111111111111"); len(got) != 1 || strings.HasPrefix(got[0], string(store.Delivered)) {
		k.t.Errorf("the event ended %q", got)
	}
	if got := k.Arrived("11111111-1111-4111-8111-111111111111"); len(got) != 0 {
		k.t.Errorf("%d documents of what is not there", len(got))
	}
}

// foreign names an opportunity of another account, to which it did happen.
func (k kit) foreign() {
	const account = "99999999-9999-4999-8999-999999999999"
	k.Do(k.Twin.CreateAccount(desk.NewAccount{ID: account, Name: "Somebody else", APIKey: "another account's key"}))
	other := k.Partner.Candidate
	other.Posting = ""
	p := k.person(account, other)
	there := *k.Stage
	there.Account = account
	k.Happen(&there, p)
	k.Tell(k.Event, ids(p))
	time.Sleep(time.Hour)
	for _, d := range k.Sandbox.Deliveries("", "") {
		for _, personal := range append(strings.Fields(p.Name), p.Email, p.Phone) {
			if bytes.Contains(d.Body, []byte(personal)) {
				k.t.Errorf("another account's person arrived: %s", d.Body)
			}
		}
	}
	if got := k.Arrived(p.OpportunityID); len(got) != 0 {
		k.t.Errorf("%d documents of another account's opportunity", len(got))
	}
}

// notFound calls the partner's routes for connections that are not the partner's,
// and with keys that are none.
func (k kit) notFound() {
	stranger := store.Connection{ID: "con_of_a_stranger", Partner: "stranger", Account: k.Account, Environment: "production"}
	if err := k.Table.PutConnection(k.t.Context(), stranger); err != nil {
		k.t.Fatal(err)
	}
	for _, r := range k.Routes {
		if status := k.Call(r.Method, r.Path, r.Body, nil); status/100 != 2 {
			k.t.Errorf("%s %s: %d", r.Method, r.Path, status)
		}
		for _, c := range []string{stranger.ID, "con_unknown", "CONNECTION"} {
			if status := k.CallAs(k.C.PartnerAPIKey, r.Method, strings.Replace(r.Path, "{c}", c, 1), r.Body, nil); status != http.StatusNotFound {
				k.t.Errorf("%s %s for %s: %d, want 404", r.Method, r.Path, c, status)
			}
		}
		for _, other := range k.Connections {
			if other.Partner == k.C.Partner {
				continue
			}
			path := strings.Replace(r.Path, "{c}", other.ID, 1)
			if status := k.CallAs(other.PartnerAPIKey, r.Method, path, r.Body, nil); status != http.StatusNotFound {
				k.t.Errorf("%s %s by %s for its own connection: %d, want 404", r.Method, r.Path, other.Partner, status)
			}
		}
		path := strings.Replace(r.Path, "{c}", k.C.ID, 1)
		for _, key := range []string{"", "no key", k.C.PartnerAPIKey + "x"} {
			if status := k.CallAs(key, r.Method, path, r.Body, nil); status != http.StatusUnauthorized && status != http.StatusForbidden {
				k.t.Errorf("%s %s without a valid key: %d", r.Method, r.Path, status)
			}
		}
	}
}
