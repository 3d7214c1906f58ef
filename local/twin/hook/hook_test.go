package hook

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"fulcrum/local/inproc"
	"fulcrum/local/keep"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/random"
	"fulcrum/local/twin/shelf"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTheSignatureIsLevers(t *testing.T) {
	tests := map[string]struct {
		key, token string
		at         int64
		want       string
	}{
		"the first vector": {
			"0123456789abcdef0123456789abcdef0123456789abcdef", "be58f711f349c7780e4579cd7c63341ac6f881e4dccc3154", 1431454330072,
			"65f4216d1725a5c4cadf3eb52db61cf370ffc1fd2e1b4ee6e2dc40d32ffb1d7d",
		},
		"the second vector": {
			"73311aed32110cc40e00c672c2e03e1a42fa28a4fabde089", "657fd5a0759c87d35660b096dbc388d1d31058869f08ce3f", 1431458021951,
			"53306e23facaf38b77aa567d71c3e0e5975f230b434b3c04053744235882836e",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Sign(tt.key, tt.token, tt.at); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// A connection test in the documents has a Content-Length of 202 bytes.
func TestAConnectionTestIsAsLongAsTheDocumentedOne(t *testing.T) {
	e := envelope{TriggeredAt: 1431458021951, Event: "candidateHired", Data: struct{}{}, Token: strings.Repeat("a", 48)}
	body, err := e.seal("key")
	if err != nil {
		t.Fatal(err)
	}
	if len(body) != 202 {
		t.Errorf("%d bytes: %s", len(body), body)
	}
}

// hooksTo makes webhooks that are sent to the handler at http://hooks.test.
func hooksTo(t *testing.T, h http.Handler, pauses ...time.Duration) *Hooks {
	t.Helper()
	jobs := NewJobs()
	t.Cleanup(jobs.Close)
	return newHooks(t, Config{
		Client: &http.Client{Transport: inproc.Hosts{"hooks.test": h}}, Now: time.Now, Random: random.New(nil),
		Pauses: pauses, Timeout: 5 * time.Second, Jobs: jobs,
	}, nil)
}

func newHooks(t *testing.T, cfg Config, store *keep.Store) *Hooks {
	t.Helper()
	return New(cfg, shelf.NewRack(store, "hooks"))
}

// fire fires an event of contacts so many times, and sends.
func fire(t *testing.T, h *Hooks, times int) {
	t.Helper()
	for range times {
		h.Fire(account.Event{Name: account.ContactCreated, At: 1})
	}
	if err := h.Send(); err != nil {
		t.Fatal(err)
	}
}

func add(t *testing.T, h *Hooks, event string) Webhook {
	t.Helper()
	w, err := h.Create(Fields{Event: &event, URL: new("http://hooks.test/" + event)}, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Switch(map[string]bool{event: true}); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestABurstIsSentSixteenAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		now, most, all := 0, 0, 0
		h := hooksTo(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			mu.Lock()
			now++
			all++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			now--
			mu.Unlock()
		}))
		add(t, h, account.ContactCreated)
		fire(t, h, 100)
		time.Sleep(time.Minute)
		mu.Lock()
		defer mu.Unlock()
		if most != inFlight || all != 100 {
			t.Errorf("%d at once of %d, want %d of 100", most, all, inFlight)
		}
	})
}

func TestADeliveryGoesToWhereTheWebhookPointsNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var paths []string
		h := hooksTo(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			paths = append(paths, r.URL.Path)
			if len(paths) == 1 {
				w.WriteHeader(500)
			}
		}), time.Minute)
		w := add(t, h, account.ContactCreated)
		fire(t, h, 1)
		synctest.Wait()
		if _, err := h.Update([]Change{{ID: w.ID, Fields: Fields{URL: new("http://hooks.test/moved")}}}, true); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		mu.Lock()
		defer mu.Unlock()
		if !slices.Equal(paths, []string{"/contactCreated", "/moved"}) {
			t.Errorf("sent to %v", paths)
		}
	})
}

func TestClosingEndsWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hooksTo(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), time.Hour)
		add(t, h, account.ContactCreated)
		fire(t, h, 40)
		synctest.Wait()
		begin := time.Now()
		h.cfg.Jobs.Close()
		if took := time.Since(begin); took != 0 {
			t.Errorf("closing took %s", took)
		}
		fire(t, h, 1)
		if n := h.Attempts(); n != 0 {
			t.Errorf("%d attempts after closing", n)
		}
	})
}

func TestAVerificationThatNobodyWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hooksTo(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		w := add(t, h, account.ContactCreated)
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if _, err := h.Verify(ctx, w.ID); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err %v", err)
		}
		h.Probe("nobody")
		a, err := h.Verify(t.Context(), w.ID)
		if err != nil || a.Success || a.Error == "" || a.EndedAt-a.At != 5000 {
			t.Errorf("%+v, %v", a, err)
		}
	})
}

func TestAnAnswerIsKeptInPart(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(418)
		if _, err := w.Write([]byte(strings.Repeat("x", 5000))); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	jobs := NewJobs()
	defer jobs.Close()
	h := newHooks(t, Config{Client: server.Client(), Now: time.Now, Random: random.New(nil), Timeout: time.Minute, Jobs: jobs}, nil)
	w, err := h.Create(Fields{Event: new(account.CandidateHired), URL: &server.URL}, false)
	if err != nil {
		t.Fatal(err)
	}
	a, err := h.Verify(t.Context(), w.ID)
	if err != nil || a.Status != 418 || len(a.Response) != 1<<10 || a.Success {
		t.Errorf("%d, %d bytes kept, %v", a.Status, len(a.Response), err)
	}
}

func TestAnEventThatCannotBePrintedIsRemembered(t *testing.T) {
	h := hooksTo(t, http.NotFoundHandler())
	add(t, h, account.ContactCreated)
	h.Fire(account.Event{Name: account.ContactCreated, Data: func() {}})
	if past := h.History(); len(past) != 1 || past[0].Error == "" || past[0].Success {
		t.Errorf("history %v", past)
	}
}
