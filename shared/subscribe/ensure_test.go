package subscribe_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
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

func TestEachEventGetsOneWebhookWhoseKeyWeHold(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		w.ensure(evidenced()...)
		w.expectOne(evidenced()...)
		if n := w.asked(http.MethodPost); n != len(evidenced()) {
			t.Errorf("%d webhooks were made", n)
		}
		w.ensure(evidenced()...)
		w.expectOne(evidenced()...)
		if n := w.asked(http.MethodPost); n != len(evidenced()) {
			t.Errorf("%d webhooks were made by asking twice", n)
		}
		if w.row(lever.CandidateHired).Live() {
			t.Error("a webhook is live that was never seen")
		}
	})
}

func TestEnsureMends(t *testing.T) {
	const event = lever.CandidateHired
	tests := map[string]func(w *world){
		"a webhook that somebody deleted in Lever": func(w *world) {
			w.must(w.lever.RemoveWebhook(w.c.Account, w.ours(event)[0].ID))
		},
		"a second webhook at our address": func(w *world) {
			_, err := w.client(w).CreateWebhook(w.t.Context(), event, w.ours(event)[0].URL)
			w.must(err)
		},
		"a webhook of another event at our address": func(w *world) {
			_, err := w.client(w).CreateWebhook(w.t.Context(), lever.CandidateDeleted, w.ours(event)[0].URL)
			w.must(err)
		},
		"a webhook whose address was changed": func(w *world) {
			old := w.ours(event)[0]
			w.must(w.client(w).UpdateWebhooks(w.t.Context(), lever.Webhook{ID: old.ID, URL: old.URL + "/?x=1"}))
		},
		"a webhook whose event was changed": func(w *world) {
			w.must(w.client(w).UpdateWebhooks(w.t.Context(), lever.Webhook{ID: w.ours(event)[0].ID, Event: lever.CandidateDeleted}))
		},
	}
	for name, harm := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, engine.Options{}, func(t *testing.T, w *world) {
				w.ensure(event)
				harm(w)
				w.ensure(event)
				w.expectOne(event)
				if n := len(w.ours(lever.CandidateDeleted)); n != 0 {
					t.Errorf("%d webhooks of another event stay", n)
				}
			})
		})
	}
}

func TestAnotherGatewayMovesTheWebhooks(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		if _, err := w.keeper(w).Of(w.c, w.client(w), "https://old.example").Ensure(t.Context(), lever.CandidateHired); err != nil {
			t.Fatal(err)
		}
		w.ensure(lever.CandidateHired)
		w.expectOne(lever.CandidateHired)
		if n := w.asked(http.MethodPost); n != 1 {
			t.Errorf("%d webhooks were made", n)
		}
	})
}

func TestOtherPeoplesWebhooksStay(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		other, err := w.client(w).CreateWebhook(t.Context(), lever.CandidateHired, "https://other.example/webhooks/candidate-hired/x")
		w.must(err)
		page, err := w.lever.AddWebhook(w.c.Account, desk.NewWebhook{Event: string(lever.CandidateHired), URL: "https://page.example/"})
		w.must(err)
		w.ensure(lever.CandidateHired)
		if _, err := w.of(w).Remove(t.Context()); err != nil {
			t.Fatal(err)
		}
		all, err := w.lever.Webhooks(w.c.Account)
		if err != nil || len(all) != 2 || all[0].ID != other.ID || all[1].ID != page.ID {
			t.Errorf("webhooks %+v, %v", all, err)
		}
	})
}

// What a person made on Lever's pages at an address of ours cannot be deleted by
// us, and does not keep ours from being made.
func TestAWebhookByHandAtOurAddress(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		w.ensure(lever.CandidateHired)
		row := w.row(lever.CandidateHired)
		w.must(w.lever.RemoveWebhook(w.c.Account, row.Current.LeverID))
		_, err := w.lever.AddWebhook(w.c.Account, desk.NewWebhook{Event: string(lever.CandidateHired), URL: row.Current.URL})
		w.must(err)
		w.ensure(lever.CandidateHired)
		if at := w.ours(lever.CandidateHired); len(at) != 2 || w.verifies(at[0]) || !w.verifies(at[1]) {
			t.Errorf("webhooks %+v", at)
		}
	})
}

func TestManyAdminsAtOnce(t *testing.T) {
	tests := map[string]struct {
		mood bool
		slow bool
	}{
		"with everything quick":           {},
		"with a Lever that takes seconds": {slow: true},
		"with an AWS where calls fail":    {mood: true},
	}
	for name, tt := range tests {
		for seed := range uint64(5) {
			t.Run(fmt.Sprintf("%s, %d", name, seed), func(t *testing.T) {
				mood := engine.NewMood(seed)
				mood.Calm(true)
				in(t, engine.Options{Mood: mood}, func(t *testing.T, w *world) {
					mood.Calm(!tt.mood)
					if tt.slow {
						w.fault(api.Fault{Match: "* /v1/webhooks*", DelayMS: 1500, Times: 12})
					}
					rng := rand.New(rand.NewPCG(seed, 1))
					var all sync.WaitGroup
					for range 4 {
						wait := time.Duration(rng.IntN(500)) * time.Millisecond
						all.Go(func() {
							time.Sleep(wait)
							for try := 0; try < 20; try++ {
								if _, err := w.of(w).Ensure(t.Context(), evidenced()...); err == nil {
									return
								}
							}
							t.Error("an admin never comes to an end")
						})
					}
					all.Wait()
					mood.Calm(true)
					w.expectOne(evidenced()...)
				})
			})
		}
	}
}

// Whatever call a function dies, freezes or gets no answer at, while another admin
// does the same: the next run ends with one webhook per event.
func TestDeathAtEveryCall(t *testing.T) {
	events := []lever.Event{lever.CandidateHired, lever.CandidateDeleted}
	for how, death := range rig.Deaths() {
		for _, beside := range []bool{false, true} {
			t.Run(fmt.Sprintf("a function that %s a call, another beside it: %v", how, beside), func(t *testing.T) {
				for at := 1; !t.Failed(); at += rig.Stride() {
					over := false
					in(t, engine.Options{}, func(t *testing.T, w *world) {
						m := &rig.Mortal{Next: w, At: at, How: death}
						tried.Note(w.t, "deaths and stalls of a function in set-up, rotation and removal", 1)
						var all sync.WaitGroup
						all.Go(func() {
							_, err := w.of(m).Ensure(w.within(time.Hour), events...)
							over = m.Calls() < at
							if err == nil && death < rig.Frozen {
								w.expectOne(events...)
							}
						})
						if beside {
							time.Sleep(10 * latency)
							w.ensure(events...)
						}
						all.Wait()
						w.must(m.Wait())
						w.ensure(events...)
						w.expectOne(events...)
						if t.Failed() {
							t.Logf("call %d", at)
						}
					})
					if over {
						if at < 15 {
							t.Errorf("only %d calls", at)
						}
						break
					}
				}
			})
		}
	}
}

func TestAnAnswerWithoutATokenIsAnError(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		_, err := w.of(tokenless{w}).Ensure(t.Context(), lever.CandidateHired)
		if !errors.Is(err, subscribe.ErrNoToken) {
			t.Errorf("error %v", err)
		}
		if at := w.ours(lever.CandidateHired); len(at) != 0 {
			t.Errorf("an unsigned webhook stays: %+v", at)
		}
		w.ensure(lever.CandidateHired)
		w.expectOne(lever.CandidateHired)
	})
}

func TestOneEventThatFailsDoesNotKeepTheOthers(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		w.fault(api.Fault{Match: "POST /v1/webhooks", Status: http.StatusInternalServerError, Times: 1})
		if _, err := w.of(w).Ensure(t.Context(), lever.CandidateHired, lever.CandidateDeleted); lever.StatusOf(err) != http.StatusInternalServerError {
			t.Errorf("error %v", err)
		}
		w.expectOne(lever.CandidateDeleted)
		w.ensure(lever.CandidateHired, lever.CandidateDeleted)
		w.expectOne(lever.CandidateHired, lever.CandidateDeleted)
	})
}

func TestWebhooksByHandAreLeftToThePerson(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		_, err := w.of(w).Reserve(t.Context(), lever.CandidateHired)
		w.must(err)
		w.ensure(lever.CandidateHired)
		if at := w.ours(lever.CandidateHired); len(at) != 0 {
			t.Errorf("webhooks %+v", at)
		}
		if row := w.row(lever.CandidateHired); row.Made != store.ByHand {
			t.Errorf("made by %s", row.Made)
		}
	})
}
