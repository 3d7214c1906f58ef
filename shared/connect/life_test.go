package connect_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/local/twin/api"
	"fulcrum/shared/connect"
	"fulcrum/shared/lever"
	"fulcrum/shared/status"
	"fulcrum/shared/store"
)

// tokens replaces signing tokens by the API.
func (w *world) tokens(all ...map[string]any) answer {
	w.t.Helper()
	return w.call(http.MethodPut, "/v1/connections/"+w.connection+"/signing-tokens", map[string]any{"tokens": all})
}

func TestTokensThatCannotBeReplaced(t *testing.T) {
	good := strings.Repeat("t", 48)
	tests := map[string]struct {
		partner string
		token   map[string]any
		field   string
	}{
		"none at all":                        {"joinedly", nil, "tokens"},
		"of an event that is not used":       {"joinedly", map[string]any{"event": "candidateDeleted", "token": good}, "tokens[0].event"},
		"without an event where are many":    {"interviewing-io", map[string]any{"token": good}, "tokens[0].event"},
		"too short":                          {"joinedly", map[string]any{"token": "short"}, "tokens[0].token"},
		"with a blank":                       {"joinedly", map[string]any{"token": strings.Repeat("t", 20) + " " + strings.Repeat("t", 20)}, "tokens[0].token"},
		"typed in where none is":             {"justworks", map[string]any{"token": good}, "tokens[0].token"},
		"missing where it has to be typed":   {"interviewing-io", map[string]any{"event": "candidateStageChange"}, "tokens[0].token"},
		"with the old one kept for too long": {"joinedly", map[string]any{"token": good, "keepMinutes": 61}, "tokens[0].keepMinutes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			as(t, tt.partner, func(t *testing.T, w *world) {
				w.connected()
				before := w.ours()
				var all []map[string]any
				if tt.token != nil {
					all = append(all, tt.token)
				}
				if got := refused(w, w.tokens(all...)); !slices.Equal(got, []string{tt.field}) {
					t.Errorf("refused for %v", got)
				}
				for _, h := range before {
					if status := w.send(h); status != http.StatusOK {
						t.Errorf("the key before is answered %d", status)
					}
				}
			})
		})
	}
}

// A token that Lever has regenerated: what it signs is refused until it is typed
// in, and then everything that was refused comes once.
func TestAGapAfterABreachIsClosed(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		b := w.connected()
		first := w.hire()
		time.Sleep(time.Hour)
		token := w.regenerate(lever.CandidateHired)
		refused := w.hire()
		time.Sleep(time.Minute)
		w.expectJoiners(refused, 0)
		b.submit("tokens", url.Values{"token.candidateHired": {token}}).expect(http.StatusOK)
		time.Sleep(30 * time.Second) // sooner than the clock would go on with it
		w.expectJoiners(refused, 1)
		w.expectJoiners(first, 1)
	})
}

func TestAPlannedChangeKeepsTheOldForAWhile(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		w.connected()
		old := w.ours()[0]
		token := w.regenerate(lever.CandidateHired)
		expect[view](w, w.tokens(map[string]any{"token": token, "keepMinutes": 30}), http.StatusOK)
		if a, b := w.send(w.ours()[0]), w.send(old); a != http.StatusOK || b != http.StatusOK {
			t.Errorf("the new one is answered %d, the old one %d", a, b)
		}
		time.Sleep(31 * time.Minute)
		if a, b := w.send(w.ours()[0]), w.send(old); a != http.StatusOK || b != http.StatusUnauthorized {
			t.Errorf("half an hour later the new one is answered %d, the old one %d", a, b)
		}
	})
}

func TestAPlannedChangeByASecondWebhook(t *testing.T) {
	as(t, "justworks", func(t *testing.T, w *world) {
		w.connected()
		v := expect[view](w, w.tokens(map[string]any{"keepMinutes": 60}), http.StatusOK)
		at := w.ours()
		if !v.Webhooks[0].Rotating || len(at) != 2 || w.send(at[0]) != http.StatusOK || w.send(at[1]) != http.StatusOK {
			t.Errorf("%+v, in Lever %+v", v.Webhooks, at)
		}
	})
}

// What happens while the access is revoked is kept, and runs once the same account
// is connected again, with its ids unchanged.
func TestWorkOfARevokedConnectionIsKept(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		w.connected()
		expect[settings](w, w.put(0, map[string]any{"contacts": []string{"ops@acme.example"}}), http.StatusOK)
		if _, err := w.Twin.Revoke(w.account, w.app.ClientID); err != nil {
			t.Fatal(err)
		}
		w.must(w.Twin.ExpireTokens(w.account))
		opportunity := w.hire()
		v := w.expectState(status.Disconnected)
		if v.Because != "consent_gone" {
			t.Errorf("because %q", v.Because)
		}
		kept, err := w.Table.Parked(t.Context(), w.connection, "disconnected", store.Paging{})
		if err != nil || len(kept.Items) != 1 {
			t.Fatalf("kept %+v, %v", kept, err)
		}
		time.Sleep(3 * time.Hour)
		w.expectJoiners(opportunity, 0)
		if told := w.notices("connection.disconnected"); told != 1 {
			t.Errorf("the partner was told %d times", told)
		}
		if mails := w.AWS.Mails(); len(mails) != 1 || mails[0].Subject != "Lever is disconnected from Joinedly" {
			t.Errorf("the contacts were told %+v", mails)
		}

		b := w.browser().open(w.newLink()).submit("open", nil).expect(http.StatusOK, "again")
		w.accept(b)
		time.Sleep(5 * time.Minute)
		w.expectJoiners(opportunity, 1)
		if e, err := w.Table.Event(t.Context(), w.connection, kept.Items[0].Event); err != nil || e.State != store.Delivered && e.State != store.Unchanged { // what was read again may have come first
			t.Errorf("the event is %s, %v", e.State, err)
		}
	})
}

// notices counts the documents of a type about the connection itself.
func (w *world) notices(documentType string) (n int) {
	for _, d := range w.Sandbox.Deliveries(w.d.Name, w.connection) {
		if strings.Contains(string(d.Body), `"type":"`+documentType+`"`) {
			n++
		}
	}
	return n
}

func TestAPausedConnectionKeepsItsEvents(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		w.connected()
		for range 2 {
			if v := expect[view](w, w.post("pause"), http.StatusOK); v.State != status.Paused {
				t.Errorf("state %q", v.State)
			}
		}
		opportunity := w.hire()
		time.Sleep(time.Hour)
		w.expectJoiners(opportunity, 0)
		for range 2 {
			expect[view](w, w.post("resume"), http.StatusOK)
		}
		time.Sleep(5 * time.Minute)
		w.expectJoiners(opportunity, 1)
		if n := slices.Index(w.audits(), "resumed"); n < 0 || slices.Contains(w.audits()[n+1:], "resumed") {
			t.Errorf("trail %v", w.audits())
		}
	})
}

func TestResyncFindsWhatNoWebhookTold(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		w.connected()
		_, err := w.Twin.Switch(w.account, map[string]bool{"candidateHired": false})
		w.must(err)
		opportunity := w.hire()
		time.Sleep(time.Minute)
		w.expectJoiners(opportunity, 0)
		done := expect[struct {
			Events int
			Done   bool
		}](w, w.post("resync"), http.StatusAccepted)
		if done.Events != 1 || !done.Done {
			t.Errorf("%+v", done)
		}
		time.Sleep(time.Minute)
		w.expectJoiners(opportunity, 1)
		expect[struct{}](w, w.post("resync"), http.StatusAccepted)
		time.Sleep(time.Minute)
		w.expectJoiners(opportunity, 1)
	})
}

// AE-12, and what the others do.
func TestAE12Disconnecting(t *testing.T) {
	tests := map[string]struct {
		partner string
		before  func(w *world)
		left    int
	}{
		"removes the webhooks":               {"evidenced", func(*world) {}, 0},
		"counts what is gone already":        {"evidenced", func(w *world) { w.must(w.Twin.RemoveWebhook(w.account, w.ours()[3].ID)) }, 0},
		"lists what it cannot after revoke":  {"evidenced", func(w *world) { w.revoke() }, 8},
		"leaves the customer's own to them":  {"interviewing-io", func(*world) {}, 2},
		"goes on for a paused connection":    {"joinedly", func(w *world) { w.post("pause") }, 0},
		"and after the key was removed, too": {"interviewing-io", func(w *world) { w.revoke() }, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			as(t, tt.partner, func(t *testing.T, w *world) {
				w.connected()
				at := w.ours()
				tt.before(w)
				v := expect[view](w, w.post("disconnect"), http.StatusOK)
				if v.State != status.Disconnected || len(v.Left) != tt.left {
					t.Errorf("%s, left %+v", v.State, v.Left)
				}
				if n := len(w.ours()); n != tt.left {
					t.Errorf("%d webhooks are in Lever", n)
				}
				for _, h := range at {
					if status := w.send(h); status != http.StatusUnauthorized {
						t.Errorf("%s is answered %d", h.Event, status)
					}
				}
				for _, what := range []string{"resync", "pause", "finish-setup"} {
					if a := w.post(what); a.Status != http.StatusConflict {
						t.Errorf("%s is answered %d", what, a.Status)
					}
				}
			})
		})
	}
}

func TestDisconnectingWhileLeverDoesNotAnswer(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		w.connected()
		w.fault(api.Fault{Match: "DELETE /v1/webhooks/*", Status: http.StatusServiceUnavailable, Times: 1})
		if a := w.post("disconnect"); a.Status != http.StatusServiceUnavailable {
			t.Fatalf("status %d: %s", a.Status, a.Body)
		}
		if v := w.view(); v.State != status.Disconnected || v.Because != "ending" {
			t.Errorf("%+v", v)
		}
		if v := expect[view](w, w.post("disconnect"), http.StatusOK); len(v.Left) != 0 || len(w.ours()) != 0 {
			t.Errorf("left %+v, in Lever %+v", v.Left, w.ours())
		}
		// Connecting again begins anew, with the same id.
		b := w.browser().connect(w.newLink(), w.account)
		w.expectMade(b)
	})
}

func TestRevokingOnePartnersAppLeavesTheOthers(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		w.connected()
		justworks := *w
		justworks.d, justworks.connection = define(t, "justworks"), connect.ConnectionID("justworks", lever.Production, "acme")
		justworks.register()
		justworks.browser().connect(justworks.newLink(), w.account).expect(http.StatusOK, "Finish setup")
		w.revoke()
		w.expectState(status.Disconnected)
		justworks.expectState(status.Waiting)
		if a := justworks.post("resync"); a.Status != http.StatusAccepted {
			t.Errorf("status %d: %s", a.Status, a.Body)
		}
	})
}
