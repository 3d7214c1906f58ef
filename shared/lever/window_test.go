package lever_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"fulcrum/local/aws"
	"fulcrum/local/inproc"
	"fulcrum/local/rig"
	"fulcrum/local/twin"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

func TestWindowsTouchAndDoNotOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := time.UnixMilli(rapid.Int64Range(1, 1e13).Draw(t, "from"))
		until := time.UnixMilli(rapid.Int64Range(1, 1e13).Draw(t, "until"))
		n := rapid.IntRange(-1, 50).Draw(t, "n")
		windows := lever.Windows(from, until, n)
		if len(windows) != max(n, 1) || windows[0].From != 0 || windows[len(windows)-1].Until != 0 {
			t.Fatalf("%d windows: %v", n, windows)
		}
		for i, w := range windows[1:] {
			if before := windows[i]; w.From != before.Until+1 || before.Until < before.From || before.Until == 0 {
				t.Fatalf("%v, then %v", before, w)
			}
		}
		if last := windows[len(windows)-1]; until.After(from.Add(time.Minute)) && last.From > lever.At(until) {
			t.Fatalf("the last of %v begins after %v", windows, until)
		}
	})
}

// office is an account at a twin whose answers take 300 ms and whose bucket is
// Lever's, and the project's limiter before it.
type office struct {
	client  *lever.Client
	twin    *twin.Twin
	account string
}

func newOffice(t *testing.T, opportunities int) *office {
	t.Helper()
	time.Sleep(time.Until(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)))
	hosts := inproc.Hosts{}
	lv, err := twin.New(twin.Options{Client: &http.Client{Transport: hosts}, BaseURL: "http://lever.test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lv.Close)
	hosts["lever.test"] = lv
	home, err := lv.CreateAccount(desk.NewAccount{Name: "Acme"})
	err = errors.Join(err, lv.Seed(home.Account, opportunities), lv.Inject(api.Fault{Match: "GET *", DelayMS: 300, Times: -1}))
	if err != nil {
		t.Fatal(err)
	}
	limiter := rate.New(store.FromEnv(rig.New(t, aws.Options{}).Env(t, "PartnerJoinedlySync")), "con_1", rate.Backfill, time.Now)
	c, err := lever.New(lever.Options{BaseURL: "http://lever.test/v1", Auth: lever.APIKey(home.APIKey), Transport: hosts, Limiter: limiter})
	if err != nil {
		t.Fatal(err)
	}
	return &office{client: c, twin: lv, account: home.Account}
}

// heap is how much memory is in use, in bytes.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestTwentyThousandOpportunities(t *testing.T) {
	const all, windows, readers = 20_000, 40, 5
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, all)
		before := o.twin.Calls(o.account)
		var mu sync.Mutex
		var pages int
		var early, late int64
		seen := make(map[string]bool, all)
		start := time.Now()
		spans := lever.Windows(start.Add(-all*37*time.Minute), start, windows)
		err := o.client.WalkWindows(t.Context(), lever.OpportunityFilter{}, spans, readers,
			func(_ context.Context, _ lever.Window, page lever.Page[lever.Opportunity]) error {
				mu.Lock()
				defer mu.Unlock()
				for _, o := range page.Items {
					seen[o.ID] = true
				}
				switch pages++; pages {
				case 40:
					early = heap()
				case 200:
					late = heap()
				}
				return nil
			})
		took := time.Since(start)
		calls := o.twin.Calls(o.account) - before
		if err != nil || len(seen) != all {
			t.Fatalf("%d opportunities, %v", len(seen), err)
		}
		if calls > 200+windows {
			t.Errorf("%d calls", calls)
		}
		if used := float64(calls) / (10 * took.Seconds()); used < 0.9 {
			t.Errorf("%d calls in %v: %.0f %% of the bucket", calls, took, 100*used)
		}
		requests, err := o.twin.Requests(o.account)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range requests {
			if r.Status != http.StatusOK {
				t.Errorf("status %d", r.Status)
			}
		}
		// The ids that are remembered here and what the twin remembers of each
		// request are small; 160 pages kept are 16 MiB.
		if grown := late - early; grown > 4<<20 {
			t.Errorf("160 pages more take %d KiB", grown>>10)
		}
		t.Logf("%d calls in %v, %d KiB more after 160 pages", calls, took, (late-early)>>10)
	})
}

func TestAWalkInWindowsEndsWithTheFirstError(t *testing.T) {
	errFull := errors.New("full")
	spans := lever.Windows(time.UnixMilli(1000), time.UnixMilli(3000), 20)
	tests := map[string]struct {
		answer answer
		take   error
		is     func(error) bool
	}{
		"of Lever":             {answer{status: 403}, nil, lever.Forbidden},
		"of whoever reads":     {page("a", "next"), errFull, func(err error) bool { return errors.Is(err, errFull) }},
		"unless there is none": {page("a", ""), nil, func(err error) bool { return err == nil }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var asked []string
			c := over(t, trip(func(req *http.Request) (*http.Response, error) {
				mu.Lock()
				asked = append(asked, req.URL.RawQuery)
				mu.Unlock()
				return (&canned{list: []answer{tt.answer}}).RoundTrip(req)
			}))
			err := c.WalkWindows(t.Context(), lever.OpportunityFilter{Archived: "true"}, spans, 0,
				func(_ context.Context, w lever.Window, p lever.Page[lever.Opportunity]) error { return tt.take })
			if !tt.is(err) || err == nil && len(asked) != len(spans) {
				t.Errorf("%v after %d calls", err, len(asked))
			}
			if asked[0] != "archived=true&created_at_end=1099&limit=100" {
				t.Errorf("asked ?%s", asked[0])
			}
		})
	}
}
