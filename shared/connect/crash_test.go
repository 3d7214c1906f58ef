package connect_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"fulcrum/local/rig"
	"fulcrum/local/tried"
	"fulcrum/shared/lever"
	"fulcrum/shared/status"
)

// deaths are those of a function that does not come back.
func deaths() map[string]rig.Death {
	return map[string]rig.Death{"before": rig.Before, "after": rig.After}
}

// atEveryCall runs f for each call at which the function connect can die, stride
// calls apart, until it makes fewer. Each has a stack of its own: one shard takes
// only so many versions.
func atEveryCall(t *testing.T, partner string, least, stride int, f func(t *testing.T, w *world, m *rig.Mortal)) {
	t.Helper()
	for when, death := range deaths() {
		for at := 1; !t.Failed(); at += stride {
			over := false
			t.Run(fmt.Sprintf("%s call %d", when, at), func(t *testing.T) {
				as(t, partner, func(t *testing.T, w *world) {
					m := &rig.Mortal{Next: w.Live, At: at, How: death}
					tried.Note(w.t, "deaths and stalls of a function in set-up, rotation and removal", 1)
					f(t, w, m)
					over = m.Calls() < at
				})
			})
			if over {
				if at < least {
					t.Errorf("only %d calls", at)
				}
				break
			}
		}
	}
}

// Whatever call the function dies at on the way to a connection: who goes on with
// the same link in the same browser comes to the same end.
func TestSetUpGoesOnAfterDeathAtEveryCall(t *testing.T) {
	for _, partner := range []string{"joinedly", "interviewing-io"} {
		t.Run(partner, func(t *testing.T) {
			stride := 1
			if testing.Short() {
				stride = rig.Stride()
			}
			atEveryCall(t, partner, 15, stride, func(t *testing.T, w *world, m *rig.Mortal) {
				link, b := w.newLink(), w.browser()
				w.die(m)
				w.goOn(b, link)
				w.heal()
				w.goOn(b, link)
				for strings.Contains(b.page, "Reload this page in a moment") && !t.Failed() {
					time.Sleep(30 * time.Second)
					b.open(link)
				}
				b.expect(http.StatusOK, "Finish setup")
				w.expectMade(b)
				w.switchOn(b)
				for _, h := range w.ours() {
					if status := w.send(h); status != http.StatusOK {
						t.Errorf("%s is answered %d", h.Event, status)
					}
				}
			})
		})
	}
}

// goOn opens a link and goes on from where it leads, as far as the pages let it.
func (w *world) goOn(b *browser, link string) {
	w.t.Helper()
	b.open(link)
	if strings.Contains(b.page, `/open"`) {
		b.submit("open", nil)
	}
	switch {
	case strings.Contains(b.page, `/key"`):
		b.submit("key", url.Values{"key": {w.newKey(w.account)}})
	case strings.Contains(b.page, `/consent"`):
		if b.submit("consent", nil); leverLink.MatchString(b.page) {
			b.open(b.callback(w.account, "accept"))
		}
	}
}

// connected makes a connection whose events are on.
func (w *world) connected() *browser {
	w.t.Helper()
	b := w.browser().connect(w.newLink(), w.account)
	w.switchOn(b)
	return b
}

func TestDisconnectingGoesOnAfterDeathAtEveryCall(t *testing.T) {
	atEveryCall(t, "joinedly", 10, rig.Stride(), func(t *testing.T, w *world, m *rig.Mortal) {
		w.connected()
		w.die(m)
		w.post("disconnect")
		w.heal()
		v := expect[view](w, w.repeat(func() answer { return w.post("disconnect") }), http.StatusOK)
		if at := w.ours(); v.State != status.Disconnected || len(v.Left) > 0 || len(at) > 0 {
			t.Errorf("%+v, in Lever %+v", v, at)
		}
		if _, err := w.Table.Credential(t.Context(), w.connection); err == nil {
			t.Error("the credential is not erased")
		}
	})
}

// Whatever call it dies at, repeating the replacement ends with the new key alone,
// and a hire that was refused meanwhile arrives once.
func TestReplacingAKeyGoesOnAfterDeathAtEveryCall(t *testing.T) {
	atEveryCall(t, "joinedly", 10, rig.Stride(), func(t *testing.T, w *world, m *rig.Mortal) {
		w.connected()
		old := w.ours()
		token := w.regenerate(lever.CandidateHired)
		opportunity := w.hire()
		body := map[string]any{"tokens": []map[string]any{{"token": token}}}
		w.die(m)
		w.call(http.MethodPut, "/v1/connections/"+w.connection+"/signing-tokens", body)
		w.heal()
		w.repeat(func() answer { return w.call(http.MethodPut, "/v1/connections/"+w.connection+"/signing-tokens", body) })
		time.Sleep(time.Minute)
		if status := w.send(w.ours()[0]); status != http.StatusOK {
			t.Errorf("what is signed with the new key is answered %d", status)
		}
		w.refuses(old)
		time.Sleep(2 * time.Minute)
		w.expectJoiners(opportunity, 1)
	})
}

// repeat repeats a call while it is answered that it may be.
func (w *world) repeat(call func() answer) answer {
	w.t.Helper()
	for range 5 {
		if a := call(); a.Status != http.StatusServiceUnavailable {
			return a
		}
		time.Sleep(15 * time.Second)
	}
	w.t.Fatal("repeating does not help")
	return answer{}
}

// expectJoiners fails unless that many documents of a hire have arrived.
func (w *world) expectJoiners(opportunity string, want int) {
	w.t.Helper()
	got := 0
	for _, d := range w.Sandbox.Deliveries(w.d.Name, w.connection) {
		if strings.Contains(string(d.Body), opportunity) {
			got++
		}
	}
	if got != want {
		w.t.Errorf("%d documents of one hire, want %d", got, want)
	}
}
