package subscribe_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/tried"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
	"fulcrum/shared/subscribe"
)

func TestRemoveDeletesWhatWeMade(t *testing.T) {
	tests := map[string]func(w *world){
		"as they were made":         func(*world) {},
		"of which one is gone":      func(w *world) { w.must(w.lever.RemoveWebhook(w.c.Account, w.ours(hired)[0].ID)) },
		"of which one has a double": func(w *world) { w.double() },
		"while one is replaced": func(w *world) {
			_, err := w.of(w).Rotate(w.t.Context(), hired)
			w.must(err)
		},
		"of which one was replaced and comes back": func(w *world) {
			old := w.ours(hired)[0].URL
			_, err := w.of(w).Revoke(w.t.Context(), hired)
			w.must(err)
			_, err = w.client(w).CreateWebhook(w.t.Context(), hired, old)
			w.must(err)
		},
	}
	for name, before := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, engine.Options{}, func(t *testing.T, w *world) {
				w.ensure(evidenced()...)
				before(w)
				left, err := w.of(w).Remove(t.Context())
				if err != nil || len(left) != 0 {
					t.Errorf("left %+v, %v", left, err)
				}
				w.expectNone()
				if left, err := w.of(w).Remove(t.Context()); err != nil || len(left) != 0 {
					t.Errorf("once more: left %+v, %v", left, err)
				}
			})
		})
	}
}

// double makes a second webhook at an address of ours.
func (w *world) double() {
	w.t.Helper()
	_, err := w.client(w).CreateWebhook(w.t.Context(), hired, w.ours(hired)[0].URL)
	w.must(err)
}

// expectNone fails unless nothing is left of the connection's webhooks.
func (w *world) expectNone() {
	w.t.Helper()
	all, err := w.lever.Webhooks(w.c.Account)
	if err != nil || len(all) != 0 {
		w.t.Errorf("%d webhooks stay, %v", len(all), err)
	}
	if rows, err := w.table().Webhooks(w.t.Context(), w.c.ID); err != nil || len(rows) != 0 {
		w.t.Errorf("%d webhooks are known, %v", len(rows), err)
	}
}

func TestWhatIsLeftIsToldAndCountsNoMore(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		w.ensure(hired, lever.CandidateDeleted)
		at := w.ours(hired)[0]
		w.fault(api.Fault{Match: "DELETE /v1/webhooks/" + at.ID, Status: http.StatusBadGateway, Times: 1})
		left, err := w.of(w).Remove(t.Context())
		if err != nil || len(left) != 1 || left[0] != (subscribe.Left{Event: hired, URL: at.URL, Because: subscribe.Unreachable}) {
			t.Errorf("left %+v, %v", left, err)
		}
		if w.verifies(at) {
			t.Error("its key still counts")
		}
		if left, err := w.of(w).Remove(t.Context()); err != nil || len(left) != 0 {
			t.Errorf("once more: left %+v, %v", left, err)
		}
		w.expectNone()
	})
}

func TestReconnectingFindsWhatWasLeft(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		w.ensure(hired)
		left, err := w.keeper(w).Of(w.c, nil, gateway).Remove(t.Context())
		if err != nil || len(left) != 1 || left[0].Because != subscribe.NoCredential {
			t.Errorf("left %+v, %v", left, err)
		}
		if w.verifies(w.ours(hired)[0]) {
			t.Error("its key still counts")
		}
		url := w.ours(hired)[0].URL
		w.ensure(hired)
		w.expectOne(hired)
		if now := w.ours(hired)[0].URL; now != url {
			t.Errorf("the address %s became %s", url, now)
		}
	})
}

func TestWhyAWebhookIsLeft(t *testing.T) {
	for status, want := range map[int]string{
		http.StatusUnauthorized: "no_credential", http.StatusForbidden: "webhook_not_ours_to_delete", http.StatusServiceUnavailable: "lever_unreachable",
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			in(t, engine.Options{}, func(t *testing.T, w *world) {
				w.ensure(hired)
				w.fault(api.Fault{Match: "* /v1/webhooks*", Status: status, Times: -1})
				if left, err := w.of(w).Remove(t.Context()); err != nil || len(left) != 1 || string(left[0].Because) != want {
					t.Errorf("left %+v, %v", left, err)
				}
			})
		})
	}
}

func TestDeathAtEveryCallOfARemoval(t *testing.T) {
	for how, death := range rig.Deaths() {
		t.Run(how, func(t *testing.T) {
			for at, over := 1, false; !over && !t.Failed(); at += rig.Stride() {
				in(t, engine.Options{}, func(t *testing.T, w *world) {
					w.ensure(hired, lever.CandidateDeleted)
					m := &rig.Mortal{Next: w, At: at, How: death}
					tried.Note(w.t, "deaths and stalls of a function in set-up, rotation and removal", 1)
					left, err := w.of(m).Remove(w.within(time.Hour))
					if err == nil && len(left) == 0 && death < rig.Frozen {
						w.expectNone() // what was reported as removed is removed
					}
					over = m.Calls() < at
					w.must(m.Wait())
					if left, err := w.of(w).Remove(t.Context()); err != nil || len(left) != 0 {
						t.Errorf("call %d: left %+v, %v", at, left, err)
					}
					w.expectNone()
				})
			}
		})
	}
}

func TestAWebhookByHand(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		if err := w.of(w).PutToken(t.Context(), hired, "0123456789abcdef", time.Time{}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a token without an address: %v", err)
		}
		rows, err := w.of(w).Reserve(t.Context(), hired, lever.CandidateStageChange)
		w.must(err)
		again, err := w.of(w).Reserve(t.Context(), hired)
		if err != nil || again[0].Current.URL != rows[0].Current.URL {
			t.Errorf("the address %s became %s, %v", rows[0].Current.URL, again[0].Current.URL, err)
		}
		x, err := w.lever.AddWebhook(w.c.Account, desk.NewWebhook{Event: string(hired), URL: rows[0].Current.URL})
		w.must(err)
		if w.verifies(x) {
			t.Error("what it posts counts before its token is typed in")
		}
		w.must(w.of(w).PutToken(t.Context(), hired, x.SignatureToken, time.Time{}))
		if !w.verifies(x) {
			t.Error("what it posts does not count")
		}
		left, err := w.of(w).Remove(t.Context())
		if err != nil || len(left) != 2 || left[0].Because != subscribe.MadeByHand || w.verifies(x) {
			t.Errorf("left %+v, %v", left, err)
		}
	})
}

func TestATokenThatIsReplaced(t *testing.T) {
	tests := map[string]struct {
		keep time.Duration
		old  bool
	}{
		"after a breach, at once": {},
		"as planned":              {keep: 30 * time.Minute, old: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, engine.Options{}, func(t *testing.T, w *world) {
				rows, err := w.of(w).Reserve(t.Context(), hired)
				w.must(err)
				old, err := w.lever.AddWebhook(w.c.Account, desk.NewWebhook{Event: string(hired), URL: rows[0].Current.URL})
				w.must(err)
				w.must(w.of(w).PutToken(t.Context(), hired, old.SignatureToken, time.Time{}))
				now, err := w.lever.Regenerate(w.c.Account, old.ID)
				w.must(err)
				var until time.Time
				if tt.keep > 0 {
					until = time.Now().Add(tt.keep)
				}
				w.must(w.of(w).PutToken(t.Context(), hired, now.SignatureToken, until))
				if !w.verifies(now) || w.verifies(old) != tt.old {
					t.Errorf("the new one counts: %v, the old one: %v", w.verifies(now), w.verifies(old))
				}
				time.Sleep(tt.keep)
				if !w.verifies(now) || w.verifies(old) {
					t.Error("the old one counts for too long, or the new one no more")
				}
			})
		})
	}
}

// A form that is sent twice says nothing new: what Lever was seen to send stays seen.
func TestATokenThatIsTypedInAgain(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		_, err := w.of(w).Reserve(t.Context(), hired)
		w.must(err)
		since := func(token string) lever.Time {
			time.Sleep(time.Minute)
			w.must(w.of(w).PutToken(t.Context(), hired, token, time.Time{}))
			row, err := w.table().Webhook(t.Context(), w.c.ID, hired)
			w.must(err)
			return row.Current.SignedAt
		}
		first, again := since("typed-in-by-the-admin"), since("typed-in-by-the-admin")
		if first == 0 || again != first {
			t.Errorf("the key is there since %d, typed in again since %d", first, again)
		}
		if other := since("typed-in-by-another"); other <= first {
			t.Errorf("another key is there since %d, the one before since %d", other, first)
		}
	})
}

// A person may regenerate the token of a webhook that we made, where Lever lets
// them, and type it in.
func TestATypedTokenOfAWebhookThatWeMade(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		w.ensure(hired)
		w.must(w.of(w).PutToken(t.Context(), hired, "typed-in-by-the-admin", time.Time{}))
		at := w.ours(hired)[0]
		w.ensure(hired)
		if now := w.ours(hired); len(now) != 1 || now[0].ID != at.ID {
			t.Errorf("Ensure made it anew: %+v", now)
		}
		at.SignatureToken = "typed-in-by-the-admin"
		if !w.verifies(at) {
			t.Error("the typed token does not count")
		}
	})
}
