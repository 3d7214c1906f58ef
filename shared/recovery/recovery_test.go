package recovery_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/twin"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/rate"
	"fulcrum/shared/recovery"
	"fulcrum/shared/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// world is a table, a Lever account and queues that keep what they are sent.
type world struct {
	*rig.Rig
	t       *testing.T
	lever   *twin.Twin
	table   *store.Table
	c       store.Connection
	key     string
	account string

	mu     sync.Mutex
	events []queue.Event
	broken bool
}

func in(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)))
		w := &world{Rig: rig.New(t, engine.Options{}), t: t, key: "key-of-the-customer"}
		var err error
		w.lever, err = twin.New(twin.Options{BaseURL: rig.Lever})
		w.must(err)
		t.Cleanup(w.lever.Close)
		w.Hosts["lever.test"] = w.lever
		made, err := w.lever.CreateAccount(desk.NewAccount{Name: "Customer", APIKey: w.key})
		w.must(err)
		w.account = made.Account
		w.table = store.FromEnv(w.Env(t, "HubReconcile"))
		w.c = store.Connection{ID: "con_1", Partner: "evidenced", Account: w.account, Environment: lever.Production, CreatedAt: lever.At(time.Now())}
		w.must(w.table.PutConnection(t.Context(), w.c))
		time.Sleep(time.Hour)
		f(t, w)
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// Client is the customer's account.
func (w *world) Client(context.Context, store.Connection, rate.Class) (*lever.Client, error) {
	return lever.New(lever.Options{BaseURL: rig.Lever + "/v1", Auth: lever.APIKey(w.key), Transport: w})
}

// Send keeps an event.
func (w *world) Send(_ context.Context, partner string, e queue.Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken || partner != w.c.Partner {
		return errors.New("the queue does not take it")
	}
	w.events = append(w.events, e)
	return nil
}

// deliveries keeps none: nothing here parks a delivery.
type deliveries struct{}

func (deliveries) Send(context.Context, queue.Delivery, time.Duration) error {
	return errors.New("no delivery is parked")
}

func (w *world) runner() *recovery.Runner {
	return recovery.New(w.table, w, recovery.Queues{Events: w, Deliveries: deliveries{}}, time.Now)
}

func (w *world) candidates(n int) {
	w.t.Helper()
	for i := range n {
		_, err := w.lever.AddCandidate(w.account, desk.Candidate{Name: fmt.Sprintf("Candidate %d", i)})
		w.must(err)
	}
}

// different are the events by their ids.
func (w *world) different() map[string]queue.Event {
	all := map[string]queue.Event{}
	for _, e := range w.events {
		all[e.ID] = e
	}
	return all
}

// note has a recovery of what changed in the last hour noted.
func (w *world) note(events ...lever.Event) store.Recovery {
	w.t.Helper()
	r := w.runner().Reread(w.c, lever.At(time.Now().Add(-time.Hour)), events)
	w.must(w.table.PutRecovery(w.t.Context(), r))
	return r
}

func (w *world) ended(r store.Recovery) bool {
	w.t.Helper()
	now, err := w.table.Recovery(w.t.Context(), w.c.ID, r.ID)
	w.must(err)
	return now.EndedAt != 0
}

func TestALongReadingIsFinishedByTheClock(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.candidates(250)
		r := w.note(lever.CandidateStageChange)
		hurried, stop := context.WithTimeout(t.Context(), 3*time.Second)
		defer stop()
		w.must(w.runner().Run(hurried, r))
		if n := len(w.events); n != 100 || w.ended(r) {
			t.Fatalf("%d events in the time of a call, ended: %v", n, w.ended(r))
		}
		w.must(w.runner().Due(t.Context()))
		if n := len(w.events); n != 100 {
			t.Errorf("%d events while somebody may still be at it", n)
		}
		time.Sleep(2 * time.Minute)
		w.must(w.runner().Due(t.Context()))
		if n := len(w.different()); n != 250 || !w.ended(r) {
			t.Errorf("%d events at the end, ended: %v", n, w.ended(r))
		}
		time.Sleep(time.Hour)
		w.must(w.runner().Due(t.Context()))
		if n := len(w.events); n != 250 {
			t.Errorf("%d events after the end", n)
		}
	})
}

func TestAReadingThatFailsIsRepeatedWithTheSameIDs(t *testing.T) {
	tests := map[string]struct{ harm, mend func(w *world) }{
		"the queue": {func(w *world) { w.broken = true }, func(w *world) { w.broken = false }},
		"Lever": {
			func(w *world) {
				w.must(w.lever.Inject(api.Fault{Match: "GET /v1/opportunities*", Status: 500, Times: -1}))
			},
			func(w *world) { w.lever.Heal() },
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world) {
				w.candidates(3)
				r := w.note(lever.CandidateStageChange)
				tt.harm(w)
				if err := w.runner().Run(t.Context(), r); err == nil || w.ended(r) {
					t.Errorf("error %v, ended: %v", err, w.ended(r))
				}
				tt.mend(w)
				for range 2 { // the second as if the first had died before its end
					w.must(w.runner().Run(t.Context(), r))
				}
				if n := len(w.different()); n != 3 || !w.ended(r) {
					t.Errorf("%d different events, ended: %v", n, w.ended(r))
				}
			})
		})
	}
}

func TestAChangeBecomesAnEventThatThePartnerUses(t *testing.T) {
	evidenced := []lever.Event{lever.ApplicationCreated, lever.CandidateStageChange, lever.CandidateArchiveChange, lever.CandidateHired, lever.CandidateDeleted}
	tests := map[string]struct {
		uses []lever.Event
		want []lever.Event // of one active with a posting, one hired, one deleted
	}{
		"one that uses hires":        {[]lever.Event{lever.CandidateHired}, []lever.Event{lever.CandidateHired, lever.CandidateHired}},
		"one that uses applications": {[]lever.Event{lever.ApplicationCreated}, []lever.Event{lever.ApplicationCreated}},
		"one that uses nearly all":   {evidenced, []lever.Event{lever.CandidateDeleted, lever.CandidateHired, lever.CandidateStageChange}},
		"one that uses interviews":   {[]lever.Event{lever.InterviewCreated}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world) {
				job := "Engineer"
				posting, err := w.lever.AddPosting(w.account, desk.Posting{PostingFields: account.PostingFields{Text: &job}})
				w.must(err)
				_, err = w.lever.AddCandidate(w.account, desk.Candidate{Name: "Active", Posting: posting.ID})
				w.must(err)
				hired, err := w.lever.AddCandidate(w.account, desk.Candidate{Name: "Hired"})
				w.must(err)
				_, err = w.lever.Hire(w.account, hired.OpportunityID, "")
				w.must(err)
				gone, err := w.lever.AddCandidate(w.account, desk.Candidate{Name: "Gone"})
				w.must(err)
				_, err = w.lever.Delete(w.account, gone.OpportunityID)
				w.must(err)
				w.must(w.runner().Run(t.Context(), w.note(tt.uses...)))
				var got []lever.Event
				for _, e := range w.events {
					got = append(got, e.Event)
					if e.Origin != string(store.FromClock) || e.IDs.Opportunity == "" || (e.Event == lever.ApplicationCreated) != (e.IDs.Application != "") {
						t.Errorf("%+v", e)
					}
				}
				slices.Sort(got)
				if !slices.Equal(got, tt.want) {
					t.Errorf("events %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestWhatIsParkedGoesOnUntilNothingComesAfter(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		park := func(id string) {
			e, err := w.table.Receive(t.Context(), store.Event{ID: id, Connection: w.c.ID, Partner: w.c.Partner, ReceivedAt: lever.At(time.Now())})
			w.must(err)
			w.must(w.table.Commit(t.Context(), store.Commit{Event: e, State: store.Parked, Reason: "disconnected"}))
		}
		park("evt_1")
		r := w.runner().Retry(w.c, "disconnected")
		w.must(w.table.PutRecovery(t.Context(), r))
		w.must(w.runner().Run(t.Context(), r))
		if len(w.events) != 1 || w.events[0].ID != "evt_1" || w.ended(r) {
			t.Fatalf("%+v, ended: %v", w.events, w.ended(r))
		}
		// A function that had read the connection before parks one more.
		park("evt_2")
		for range 6 {
			time.Sleep(time.Minute)
			w.must(w.runner().Due(t.Context()))
		}
		if len(w.different()) != 2 || !w.ended(r) {
			t.Errorf("%+v, ended: %v", w.events, w.ended(r))
		}
	})
}

func TestNothingIsRecoveredOfWhatHasEnded(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.candidates(1)
		r := w.note(lever.CandidateStageChange)
		w.c.LostAt = lever.At(time.Now())
		w.must(w.table.PutConnection(t.Context(), w.c))
		w.must(w.runner().Run(t.Context(), r))
		if len(w.events) != 0 || !w.ended(r) {
			t.Errorf("%+v, ended: %v", w.events, w.ended(r))
		}
	})
}
