package hook

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/inproc"
	"fulcrum/local/keep"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/random"
	"fulcrum/local/twin/shelf"
)

func newStore(t *testing.T) *keep.Store {
	t.Helper()
	s, err := keep.Open(t.TempDir(), "hooks.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// line is a network that counts what arrives and answers with a status.
type line struct {
	mu     sync.Mutex
	status int
	bodies int
}

func (l *line) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bodies++
	w.WriteHeader(l.status)
}

func (l *line) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bodies
}

// kept are webhooks with a store, and what ends their work.
func kept(t *testing.T, l *line, store *keep.Store) (Config, *Hooks) {
	t.Helper()
	cfg := Config{
		Client: &http.Client{Transport: inproc.Hosts{"hooks.test": l}}, Now: time.Now, Random: random.New(nil),
		Pauses: []time.Duration{time.Minute}, Timeout: 5 * time.Second, Jobs: NewJobs(),
	}
	t.Cleanup(cfg.Jobs.Close)
	return cfg, newHooks(t, cfg, store)
}

// again opens the webhooks from the store, with jobs of their own.
func again(t *testing.T, cfg Config, store *keep.Store) *Hooks {
	t.Helper()
	cfg.Jobs = NewJobs()
	t.Cleanup(cfg.Jobs.Close)
	h, err := Open(cfg, shelf.NewRack(store, "hooks"))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// change is a change of something else, which can fail to be saved.
type change struct{ ID, Text string }

var errLoud = errors.New("cannot be written")

func changes(store *keep.Store) (*shelf.Rack, *shelf.Shelf[change]) {
	r := shelf.NewRack(store, "account")
	form := shelf.JSON(func(c *change) string { return c.ID })
	write := form.Write
	form.Write = func(c *change) ([]byte, error) {
		if c.Text == "bad" {
			return nil, errLoud
		}
		return write(c)
	}
	return r, shelf.New(r, "changes", form)
}

func TestADeliveryIsSavedAndSentWithItsChangeOnly(t *testing.T) {
	store, l := newStore(t), &line{status: 200}
	synctest.Test(t, func(t *testing.T) {
		cfg, h := kept(t, l, store)
		w := add(t, h, account.ContactCreated)
		rack, list := changes(store)
		list.Put(&change{"1", "bad"})
		h.Fire(account.Event{Name: account.ContactCreated, At: 1})
		if err := h.Send(rack); !errors.Is(err, errLoud) {
			t.Fatalf("err %v", err)
		}
		// Another change of the webhooks must not take the delivery along.
		if _, err := h.Regenerate(w.ID); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := again(t, cfg, store).deliveries.Len(); n != 0 || l.count() != 0 {
			t.Errorf("%d deliveries saved and %d sent of a change that was not saved", n, l.count())
		}
		list.Take("1").Text = "good"
		if err := h.Send(rack); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := again(t, cfg, store).deliveries.Len(); n != 0 || l.count() != 1 {
			t.Errorf("%d deliveries left, %d sent", n, l.count())
		}
	})
}

func TestNothingIsSentBeforeSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{status: 200}
		_, h := kept(t, l, nil)
		add(t, h, account.ContactCreated)
		h.Fire(account.Event{Name: account.ContactCreated, At: 1})
		time.Sleep(time.Hour)
		if l.count() != 0 {
			t.Error("sent")
		}
		fire(t, h, 0)
		synctest.Wait()
		if l.count() != 1 {
			t.Errorf("%d sent", l.count())
		}
	})
}

func TestDeliveriesAreResumedWhereTheyStood(t *testing.T) {
	store, l := newStore(t), &line{status: 500}
	synctest.Test(t, func(t *testing.T) {
		cfg, h := kept(t, l, store)
		add(t, h, account.ContactCreated)
		fire(t, h, 3)
		time.Sleep(30 * time.Second)
		cfg.Jobs.Close()
		h = again(t, cfg, store)
		time.Sleep(10 * time.Second)
		if l.count() != 3 {
			t.Errorf("%d attempts before they are resumed", l.count())
		}
		h.Resume()
		time.Sleep(19 * time.Second)
		if l.count() != 3 {
			t.Errorf("%d attempts before they are due", l.count())
		}
		time.Sleep(2 * time.Second)
		var numbers []int
		for _, a := range h.History() {
			numbers = append(numbers, a.Number)
		}
		if !slices.Equal(numbers, []int{1, 1, 1, 2, 2, 2}) || h.deliveries.Len() != 0 {
			t.Errorf("attempts %v, %d deliveries left", numbers, h.deliveries.Len())
		}
	})
}

func TestAStoreThatFailsLeavesADeliveryForTheRestart(t *testing.T) {
	dir := t.TempDir()
	store, err := keep.Open(dir, "hooks.db")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{status: 500}
	synctest.Test(t, func(t *testing.T) {
		cfg, h := kept(t, l, store)
		add(t, h, account.ContactCreated)
		fire(t, h, 1)
		synctest.Wait()
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if l.count() != 2 {
			t.Errorf("%d attempts, the second of which could not be noted", l.count())
		}
		if store, err = keep.Open(dir, "hooks.db"); err != nil {
			t.Fatal(err)
		}
		h = again(t, cfg, store)
		h.Resume()
		synctest.Wait()
		if past := h.History(); l.count() != 3 || len(past) != 2 || past[1].Number != 2 {
			t.Errorf("%d attempts, remembered are %v", l.count(), past)
		}
	})
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTheHistoryIsKeptForItsTime(t *testing.T) {
	store, l := newStore(t), &line{status: 200}
	synctest.Test(t, func(t *testing.T) {
		cfg, h := kept(t, l, store)
		w := add(t, h, account.ContactCreated)
		for range 3 {
			if _, err := h.Verify(t.Context(), w.ID); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(historyAge + time.Second)
		if h = again(t, cfg, store); len(h.History()) != 0 || h.Attempts() != 3 {
			t.Errorf("after two weeks %v of %d", h.History(), h.Attempts())
		}
		fire(t, h, 1)
		synctest.Wait()
		h = again(t, cfg, store)
		if n := len(h.attempts.All()); n != 1 || h.Attempts() != 4 {
			t.Errorf("%d attempts are kept of %d", n, h.Attempts())
		}
		if got, err := h.Webhook(w.ID); err != nil || got.Verified == nil || !*got.Verified || got.SignatureToken != w.SignatureToken {
			t.Errorf("the webhook is %+v, %v", got, err)
		}
	})
}

func TestAWebhookFromTheStoreSendsSixteenAtATime(t *testing.T) {
	store, l := newStore(t), &line{status: 200}
	synctest.Test(t, func(t *testing.T) {
		cfg, h := kept(t, l, store)
		w := add(t, h, account.ContactCreated)
		h = again(t, cfg, store)
		got, err := h.Webhook(w.ID)
		if err != nil || cap(got.slots) != inFlight {
			t.Errorf("%d slots, %v", cap(got.slots), err)
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if a, err := h.Verify(ctx, w.ID); err != nil || !a.Success {
			t.Errorf("%+v, %v", a, err)
		}
	})
}
