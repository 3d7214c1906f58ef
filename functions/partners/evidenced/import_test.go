package evidenced_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"fulcrum/functions/partners/evidenced"
	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/tenant"
	"fulcrum/shared/backfill"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// stock fills the customer's account with opportunities, of which so many are
// active and on a posting, and gives the ids of those. No webhook tells of them.
func (w way) stock(all, active int) []string {
	w.t.Helper()
	w.switchAll(false)
	if err := w.Twin.Seed(w.c.Account, all); err != nil {
		w.t.Fatal(err)
	}
	client := must(lever.New(lever.Options{BaseURL: rig.Lever + "/v1", Auth: lever.APIKey(w.c.LeverAPIKey), Transport: w}))(w.t)
	var kept []string
	for o := range client.Opportunities(context.Background(), lever.OpportunityFilter{Archived: "false"}) {
		if len(o.Applications) > 0 && len(kept) < active {
			kept = append(kept, o.ID)
			continue
		}
		must(w.Twin.Archive(w.c.Account, o.ID, "Timing"))(w.t)
	}
	if len(kept) != active {
		w.t.Fatalf("%d active ones", len(kept))
	}
	time.Sleep(time.Minute)
	w.switchAll(true)
	return kept
}

// calls are the calls of the API since, whose path ends so.
func (w way) calls(since time.Time, path string) []tenant.Request {
	w.t.Helper()
	var of []tenant.Request
	for _, r := range must(w.Twin.Requests(w.c.Account))(w.t) {
		if r.At >= since.UnixMilli() && strings.HasSuffix(r.Path, path) {
			of = append(of, r)
		}
	}
	return of
}

// expectAll fails unless there is one document candidate.created for each, and one
// candidate.
func (w way) expectAll(ids []string) {
	w.t.Helper()
	told := map[string]int{}
	for _, d := range w.Sandbox.Deliveries("evidenced", w.c.ID) {
		if d.Type == "candidate.created" {
			_, rest, _ := strings.Cut(string(d.Body), `"candidacyId":"`)
			id, _, _ := strings.Cut(rest, `"`)
			told[id]++
		}
	}
	for _, id := range ids {
		if told[id] != 1 {
			w.t.Errorf("%s was told of %d times", id, told[id])
		}
	}
	if n := len(list[evidenced.Candidate](w, "candidates")); n != len(ids) || len(told) != len(ids) {
		w.t.Errorf("%d candidates, %d were told of, want %d", n, len(told), len(ids))
	}
}

func TestAE15ALargeImportLeavesRoomForEvents(t *testing.T) {
	if testing.Short() {
		t.Skip("5,000 candidates take a while")
	}
	on(t, func(t *testing.T, w way) {
		ids := w.stock(20_000, 5_000)
		w.inject(api.Fault{Match: "GET /v1/*", DelayMS: 300, Times: -1})
		start := time.Now()
		c := must(w.Table.Connection(t.Context(), w.c.ID))(t)
		if err := w.starter.Connect(t.Context(), c, backfill.Plan{First: []string{"jobs", "users", "candidates", "changes"}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Second)
		a := w.apply("Ada", "ada@example.com", "Backend Engineer")
		at := time.Now()
		for len(w.told(a.OpportunityID)) == 0 && time.Since(at) < time.Hour {
			time.Sleep(100 * time.Millisecond)
		}
		if took := time.Since(at); took > 3*time.Second {
			t.Errorf("an event took %v", took)
		}
		if i := must(w.Table.Import(t.Context(), w.c.ID, "candidates"))(t); i.State != store.Importing {
			t.Errorf("the import was %s before the event", i.State)
		}
		w.ended("changes", lever.At(start))
		took := time.Since(start)
		time.Sleep(10 * time.Minute)
		w.expectAll(append(ids, a.OpportunityID))
		calls := w.calls(start, "/opportunities")
		if most := 5000/100 + 12 + 1 + 1; len(calls) > most {
			t.Errorf("%d calls for opportunities, want %d at most", len(calls), most)
		}
		for _, r := range w.calls(start, "") {
			if r.Status != http.StatusOK {
				t.Errorf("%s: %d", r.Path, r.Status)
			}
		}
		t.Logf("%d calls in %v", len(calls), took)
	})
}

func TestAE15AnImportThatIsThrottledGoesOn(t *testing.T) {
	on(t, func(t *testing.T, w way) {
		ids := w.stock(600, 250)
		w.inject(api.Fault{Match: "GET /v1/opportunities", Status: 429, Times: 12})
		w.first()
		quiet()
		w.expectAll(ids)
	})
}

// Whatever dies, at whatever page: what was done stays done, and the rest is done
// when it is back.
func TestAE15AnImportResumesAfterAKillAtAnyPage(t *testing.T) {
	rig.Whole(t)
	for _, page := range []int{0, 1, 3, 6, 10} {
		t.Run(fmt.Sprintf("after page %d", page), func(t *testing.T) {
			on(t, func(t *testing.T, w way) {
				ids := w.stock(300, 120)
				w.inject(api.Fault{Match: "GET /v1/opportunities", DelayMS: 300, Times: -1})
				start := time.Now()
				c := must(w.Table.Connection(t.Context(), w.c.ID))(t)
				if err := w.starter.Connect(t.Context(), c, backfill.Plan{First: plan(w.t).First}); err != nil {
					t.Fatal(err)
				}
				for w.pages("candidates") < page && time.Since(start) < time.Hour {
					time.Sleep(10 * time.Millisecond)
				}
				w.AWS.Inject(aws.Fault{Caller: "PartnerEvidencedSync", Status: 500, Times: 25})
				w.ended("interviews", lever.At(start))
				quiet()
				w.expectAll(ids)
			})
		})
	}
}

// pages is how many pages of an import are done.
func (w way) pages(id string) int {
	n := 0
	i, err := w.Table.Import(context.Background(), w.c.ID, id)
	if err != nil {
		return 0
	}
	for _, p := range i.Parts {
		n += p.Pages
	}
	return n
}

// A page is older than what events have read meanwhile; what they brought stays.
func TestAE15EventsWinOverAPage(t *testing.T) {
	tests := map[string]struct {
		meanwhile func(t *testing.T, w way, id string)
		check     func(c evidenced.Candidate, there bool) bool
	}{
		"a candidate who was moved": {
			func(t *testing.T, w way, id string) { must(w.Twin.Move(w.c.Account, id, "Offer"))(t) },
			func(c evidenced.Candidate, there bool) bool { return there && c.Candidacies[0].Stage.ID == "offer" },
		},
		"a candidate who was archived": {
			func(t *testing.T, w way, id string) { must(w.Twin.Archive(w.c.Account, id, "Timing"))(t) },
			func(c evidenced.Candidate, there bool) bool { return there && !c.Candidacies[0].Active },
		},
		"a candidate who was deleted": {
			func(t *testing.T, w way, id string) { must(w.Twin.Delete(w.c.Account, id))(t) },
			func(_ evidenced.Candidate, there bool) bool { return !there },
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, w way) {
				a := w.apply("Ada", "ada@example.com", "Backend Engineer")
				quiet()
				if _, there := w.candidate(a.ContactID); !there {
					t.Fatal("no candidate")
				}
				// The page is answered at once; the answer arrives after the event.
				w.slowly(9*time.Second, func() {
					tt.meanwhile(t, w, a.OpportunityID)
				})
				quiet()
				if c, there := w.candidate(a.ContactID); !tt.check(c, there) {
					t.Errorf("candidate %+v", c)
				}
			})
		})
	}
}

// slowly begins the first import with an answer of Lever's that takes long to
// arrive, and does something meanwhile.
func (w way) slowly(d time.Duration, meanwhile func()) {
	w.t.Helper()
	w.Stop()
	host := w.Hosts["lever.test"]
	w.Hosts["lever.test"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		held := &late{ResponseWriter: rw}
		host.ServeHTTP(held, r)
		if r.URL.Query().Get("archived") == "false" {
			time.Sleep(d)
		}
		held.release()
	})
	w.Start(w.t)
	start := time.Now()
	c := must(w.Table.Connection(context.Background(), w.c.ID))(w.t)
	if err := w.starter.Connect(context.Background(), c, backfill.Plan{First: plan(w.t).First}); err != nil {
		w.t.Fatal(err)
	}
	// The last window has who is new.
	for since := time.Now(); len(w.calls(start, "/opportunities")) < 12 && time.Since(since) < time.Hour; {
		time.Sleep(100 * time.Millisecond)
	}
	meanwhile()
	w.ended("interviews", lever.At(start))
}

// late keeps an answer back.
type late struct {
	http.ResponseWriter
	status int
	body   []byte
}

func (l *late) WriteHeader(status int) { l.status = status }

func (l *late) Write(b []byte) (int, error) {
	l.body = append(l.body, b...)
	return len(b), nil
}

func (l *late) release() {
	if l.status != 0 {
		l.ResponseWriter.WriteHeader(l.status)
	}
	_, _ = l.ResponseWriter.Write(l.body)
}
