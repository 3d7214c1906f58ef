package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/shared/catalog"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// account is a Lever account that answers every path with its text, and counts.
type account struct {
	answers map[string]string
	calls   atomic.Int64
	slow    time.Duration
}

func (a *account) RoundTrip(r *http.Request) (*http.Response, error) {
	a.calls.Add(1)
	time.Sleep(a.slow)
	text, ok := a.answers[strings.TrimPrefix(r.URL.Path, "/v1/")]
	res := &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(text)), Header: http.Header{"Content-Type": {"application/json"}}, Request: r}
	if !ok {
		res.StatusCode, res.Body = 404, io.NopCloser(strings.NewReader(`{"code":"ResourceNotFound","message":"none"}`))
	}
	return res, nil
}

func (a *account) client(t *testing.T) *lever.Client {
	t.Helper()
	c, err := lever.New(lever.Options{BaseURL: "https://lever.test/v1", Auth: lever.APIKey("key"), Transport: a})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func company() *account {
	return &account{answers: map[string]string{
		"postings/p-1":    `{"data":{"id":"p-1","text":"Engineer","content":{"description":"long"},"hiringManager":{"id":"u-1","name":"Grace"}}}`,
		"postings":        `{"data":[{"id":"p-1","text":"Engineer","content":{"description":"long"}}],"hasNext":false}`,
		"users/u-1":       `{"data":{"id":"u-1","name":"Grace"}}`,
		"users":           `{"data":[{"id":"u-1","name":"Grace"}],"hasNext":false}`,
		"stages":          `{"data":[{"id":"lead-new","text":"New lead"}],"hasNext":false}`,
		"archive_reasons": `{"data":[{"id":"r-1","text":"Hired","type":"hired"}],"hasNext":false}`,
	}}
}

// reads are all that the catalog remembers.
func reads(a *catalog.Account) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"a posting": func(ctx context.Context) error {
			p, err := a.Posting(ctx, "p-1")
			if err == nil && (p.Text != "Engineer" || p.HiringManager.Object.Name != "Grace" || p.Content.Description != "") {
				return fmt.Errorf("%+v", p)
			}
			return err
		},
		"all postings": func(ctx context.Context) error {
			all, err := a.Postings(ctx, "")
			if err == nil && (len(all) != 1 || all[0].Content.Description != "") {
				return fmt.Errorf("%+v", all)
			}
			return err
		},
		"a user": func(ctx context.Context) error {
			u, err := a.User(ctx, "u-1")
			if err == nil && u.Name != "Grace" {
				return fmt.Errorf("%+v", u)
			}
			return err
		},
		"all users": func(ctx context.Context) error {
			all, err := a.Users(ctx)
			if err == nil && len(all) != 1 {
				return fmt.Errorf("%+v", all)
			}
			return err
		},
		"a stage": func(ctx context.Context) error {
			s, ok, err := a.Stage(ctx, "lead-new")
			if err == nil && (!ok || s.Text != "New lead") {
				return fmt.Errorf("%+v", s)
			}
			return err
		},
		"an archive reason": func(ctx context.Context) error {
			r, ok, err := a.Reason(ctx, "r-1")
			if err == nil && (!ok || r.Type != lever.Hired) {
				return fmt.Errorf("%+v", r)
			}
			return err
		},
	}
}

func TestWhatWasReadIsRememberedForAWhile(t *testing.T) {
	ctx := context.Background()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	lever := company()
	a := catalog.New(func() time.Time { return now }).Of("con_1", lever.client(t))
	for name, read := range reads(a) {
		t.Run(name, func(t *testing.T) {
			for _, step := range []struct {
				after time.Duration
				calls int64
			}{{0, 1}, {time.Minute, 0}, {catalog.Age - time.Minute - 1, 0}, {1, 1}, {0, 0}} {
				now = now.Add(step.after)
				before := lever.calls.Load()
				if err := read(ctx); err != nil {
					t.Fatal(err)
				}
				if took := lever.calls.Load() - before; took != step.calls {
					t.Errorf("%d calls %v later, want %d", took, step.after, step.calls)
				}
			}
		})
	}
}

func TestManyWhoAskAtOnceCostOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lever := company()
		lever.slow = time.Second
		a := catalog.New(time.Now).Of("con_1", lever.client(t))
		for name, read := range reads(a) {
			before := lever.calls.Load()
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() {
					if err := read(context.Background()); err != nil {
						t.Errorf("%s: %v", name, err)
					}
				})
			}
			all.Wait()
			if took := lever.calls.Load() - before; took != 1 {
				t.Errorf("%d calls for %s", took, name)
			}
		}
	})
}

func TestWhoWaitsStopsWaitingWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lever := company()
		lever.slow = 5 * time.Second
		a := catalog.New(time.Now).Of("con_1", lever.client(t))
		go a.Posting(context.Background(), "p-1")
		synctest.Wait()
		ctx, stop := context.WithTimeout(context.Background(), time.Second)
		defer stop()
		if _, err := a.Posting(ctx, "p-1"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		time.Sleep(time.Minute)
	})
}

func TestOneConnectionIsNotGivenWhatAnotherHasRead(t *testing.T) {
	known, mine, other := catalog.New(time.Now), company(), company()
	other.answers["postings/p-1"] = `{"data":{"id":"p-1","text":"Another account's"}}`
	ctx := context.Background()
	first, err := known.Of("con_1", mine.client(t)).Posting(ctx, "p-1")
	if err != nil {
		t.Fatal(err)
	}
	second, err := known.Of("con_2", other.client(t)).Posting(ctx, "p-1")
	if err != nil {
		t.Fatal(err)
	}
	if first.Text != "Engineer" || second.Text != "Another account's" {
		t.Errorf("%q and %q", first.Text, second.Text)
	}
}

func TestWhatIsNotThereAndFailuresAreNotRemembered(t *testing.T) {
	ctx, lv := context.Background(), company()
	a := catalog.New(time.Now).Of("con_1", lv.client(t))
	if _, err := a.Posting(ctx, "p-2"); !lever.NotFound(err) {
		t.Errorf("error %v", err)
	}
	lv.answers["postings/p-2"] = `{"data":{"id":"p-2","text":"Designer"}}`
	if p, err := a.Posting(ctx, "p-2"); err != nil || p.Text != "Designer" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestAReasonThatIsNewerThanTheListIsFound(t *testing.T) {
	ctx, lever := context.Background(), company()
	a := catalog.New(time.Now).Of("con_1", lever.client(t))
	if _, ok, err := a.Reason(ctx, "r-2"); ok || err != nil || lever.calls.Load() != 1 {
		t.Errorf("%v, %v after %d calls", ok, err, lever.calls.Load())
	}
	lever.answers["archive_reasons"] = `{"data":[{"id":"r-2","text":"Welcome","type":"hired"}],"hasNext":false}`
	if r, ok, err := a.Reason(ctx, "r-2"); !ok || err != nil || r.Text != "Welcome" {
		t.Errorf("%+v, %v, %v", r, ok, err)
	}
}

func TestWorkThatSomebodyAskedForSeesWhatIsThereNow(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	ctx, lv := context.Background(), company()
	known := catalog.New(func() time.Time { return now })
	title := func(origin store.Origin, at time.Time) string {
		t.Helper()
		e := queue.Event{Connection: "con_1", Origin: string(origin), ReceivedAt: lever.At(at)}
		w := partner.NewWork(e, store.Connection{ID: "con_1"}, lv.client(t), nil)
		p, err := known.For(w).Posting(ctx, "p-1")
		if err != nil {
			t.Fatal(err)
		}
		return p.Text
	}
	title(store.FromLever, now)
	lv.answers["postings/p-1"] = `{"data":{"id":"p-1","text":"Staff Engineer"}}`
	now = now.Add(time.Second)
	for _, tt := range []struct {
		origin store.Origin
		want   string
	}{{store.FromLever, "Engineer"}, {"", "Engineer"}, {store.FromReplay, "Staff Engineer"}, {store.FromLever, "Staff Engineer"}} {
		if got := title(tt.origin, now); got != tt.want {
			t.Errorf("an event of origin %q is given %q, want %q", tt.origin, got, tt.want)
		}
	}
}

func TestTheCatalogDoesNotGrowForEver(t *testing.T) {
	lever := company()
	known, client := catalog.New(time.Now), lever.client(t)
	for i := range 6000 {
		if _, err := known.Of(fmt.Sprint("con_", i), client).User(context.Background(), "u-1"); err != nil {
			t.Fatal(err)
		}
	}
	before := lever.calls.Load()
	if _, err := known.Of("con_0", client).User(context.Background(), "u-1"); err != nil || lever.calls.Load() == before {
		t.Errorf("the first of six thousand is still remembered (%v)", err)
	}
}

func TestAnArchiveIsAHireByTheTypeOfItsReason(t *testing.T) {
	tests := map[string]struct {
		archived *lever.Archived
		hired    bool
		calls    int64
	}{
		"who is active is not asked about":          {nil, false, 0},
		"an archive without a reason is none":       {&lever.Archived{ArchivedAt: 1}, false, 0},
		"a reason of type hired is one":             {&lever.Archived{Reason: "r-1"}, true, 1},
		"a reason that is only called so is none":   {&lever.Archived{Reason: "r-2"}, false, 1},
		"a reason that Lever does not have is none": {&lever.Archived{Reason: "r-3"}, false, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			lv := company()
			lv.answers["archive_reasons"] = `{"data":[{"id":"r-1","text":"Welcome","type":"hired"},{"id":"r-2","text":"Hired","type":"non-hired"}],"hasNext":false}`
			hired, err := catalog.New(time.Now).Of("con_1", lv.client(t)).Hired(t.Context(), &lever.Opportunity{Archived: tt.archived})
			if hired != tt.hired || err != nil || lv.calls.Load() != tt.calls {
				t.Errorf("got %v, %v after %d calls", hired, err, lv.calls.Load())
			}
		})
	}
}
