package rig_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/seed"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
)

// asks sends a partner's request for its demo connection.
func (w way) asks(c seed.Connection, method, path string) int {
	w.t.Helper()
	status, _ := w.Ask(w.t, c.PartnerAPIKey, method, strings.ReplaceAll(path, "{c}", c.ID), nil, "Idempotency-Key", "seldom")
	return status
}

// Roles have to allow what functions seldom do, too. The stack itself notes what is
// called and fails where a role says no.
func TestWhatIsSeldomDoneIsAllowed(t *testing.T) {
	on(t, aws.Options{}, func(t *testing.T, w way) {
		for _, c := range w.Connections {
			w.hireOf(c)
		}
		time.Sleep(time.Minute)
		for _, c := range w.Connections {
			events := w.Events(t, c.ID)
			if len(events) == 0 {
				t.Fatalf("%s has no event", c.Partner)
			}
			if got := w.asks(c, http.MethodPost, "/v1/connections/{c}/events/"+events[0].ID+"/replay"); got != http.StatusAccepted {
				t.Errorf("a replay of %s answers %d", c.Partner, got)
			}
			if got := w.asks(c, http.MethodPost, "/v1/connections/{c}/resync"); got != http.StatusAccepted {
				t.Errorf("a resync of %s answers %d", c.Partner, got)
			}
			tokens := []map[string]any{{"event": c.Webhooks[0].Event}}
			if c.Partner == "interviewing-io" { // whose customers type them in
				tokens[0]["token"] = strings.Repeat("5a", 32)
			}
			if status, said := w.Ask(t, c.PartnerAPIKey, http.MethodPut, "/v1/connections/"+c.ID+"/signing-tokens", map[string]any{"tokens": tokens}); status != http.StatusOK {
				t.Errorf("a new signing token of %s answers %d: %s", c.Partner, status, said)
			}
		}
		if answer, err := w.Invoke(t.Context(), "HubReconcile", []byte(`{"task":"redrive"}`)); err != nil || answer.Failed {
			t.Errorf("redrive: %s, %v", answer.Payload, err)
		}
		time.Sleep(time.Hour)
	})
}

// hireOf does what each partner hears of.
func (w way) hireOf(c seed.Connection) {
	w.t.Helper()
	summary, err := w.Twin.Summary(c.Account)
	if err != nil {
		w.t.Fatal(err)
	}
	added, err := w.Twin.AddCandidate(c.Account, desk.Candidate{Name: "Ada Lovelace", Email: "ada@example.com", Posting: summary.Postings[0].ID})
	if err != nil {
		w.t.Fatal(err)
	}
	if c.Webhooks[0].Event == lever.ApplicationCreated {
		return // adding somebody to a posting is an application
	}
	if _, err := w.Twin.Hire(c.Account, added.OpportunityID, ""); err != nil {
		w.t.Fatal(err)
	}
}

// A connection may be lost while a partner asks for something. The function that
// finds out says so to the partner.
func TestALossThatAnAPIFindsIsTold(t *testing.T) {
	for partner, path := range map[string]string{
		"joinedly":        "/v1/joinedly/connections/{c}/match",
		"interviewing-io": "/v1/interviewing-io/connections/{c}/stages",
	} {
		t.Run(partner, func(t *testing.T) {
			on(t, aws.Options{}, func(t *testing.T, w way) {
				c := w.Connection(t, partner)
				for _, key := range w.Twin.Keys(c.Account) {
					if err := w.Twin.RemoveKey(c.Account, key.ID); err != nil {
						t.Fatal(err)
					}
				}
				w.asks(c, http.MethodGet, path)
				time.Sleep(time.Minute)
				var told []string
				for _, d := range w.Sandbox.Deliveries(partner, c.ID) {
					told = append(told, string(d.Body))
				}
				if !strings.Contains(strings.Join(told, "\n"), "connection.") {
					t.Errorf("told %v", told)
				}
			})
		})
	}
}
