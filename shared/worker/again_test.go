package worker_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/queue"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

// leverSays is an error of Lever's with a status.
func leverSays(t *testing.T, status int) error {
	t.Helper()
	c, err := lever.New(lever.Options{BaseURL: "https://api.lever.example/v1", Auth: lever.APIKey("k"), Transport: answers(status)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.CreateNote(t.Context(), "u-1", "o-1", "text")
	return fmt.Errorf("read opportunity: %w", err)
}

type answers int

func (a answers) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: int(a), Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: req}, nil
}

func TestWhetherAnotherTryCanHelp(t *testing.T) {
	tests := map[string]struct {
		err    error
		age    time.Duration
		state  store.EventState
		reason fault.Reason
	}{
		"what is young may not be there yet":        {leverSays(t, 404), 0, store.Received, ""},
		"what is still not there after a while":     {leverSays(t, 404), 16 * time.Minute, store.Parked, "not_found_in_lever"},
		"a right that is missing":                   {leverSays(t, 403), 0, store.Parked, "lever_forbids"},
		"a request that Lever refuses":              {leverSays(t, 422), 0, store.Parked, "lever_refuses"},
		"an error of Lever's":                       {leverSays(t, 503), 71 * time.Hour, store.Received, ""},
		"an error of Lever's that lasts three days": {leverSays(t, 503), 73 * time.Hour, store.Parked, "tries_used_up"},
		"what the partner's code says is permanent": {fault.Permanent("no_email", errors.New("none")), 0, store.Parked, "no_email"},
		"an old state may become new":               {partner.ErrStale, time.Hour, store.Received, ""},
		"an old state that stays":                   {partner.ErrStale, 73 * time.Hour, store.Parked, "lever_gives_old_state"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, func(b bench) {
				e := event("evt_1")
				e.ReceivedAt = lever.At(time.Now().Add(-tt.age))
				b.handle(func(context.Context, *partner.Work) error { return tt.err }, e)
				b.expect("evt_1", tt.state, tt.reason)
			})
		})
	}
}

func TestTriesGrowRarer(t *testing.T) {
	in(t, func(b bench) {
		fails := func(context.Context, *partner.Work) error { return errors.New("503") }
		e, start, tries := event("evt_1"), time.Now(), 0
		for tries = 0; b.state("evt_1") != store.Parked; tries++ {
			if failed := b.handle(fails, e); failed != "" {
				b.Fatal("the message fails: the queue would count it and give it up")
			}
			noted, err := b.table.Event(b.Context(), "con_1", "evt_1")
			if err != nil {
				b.Fatal(err)
			}
			time.Sleep(max(time.Until(noted.NextAt.Time()), time.Millisecond))
		}
		b.expect("evt_1", store.Parked, "tries_used_up")
		if took := time.Since(start); took < 72*time.Hour || took > 75*time.Hour || tries > 90 {
			b.Errorf("%d tries in %v", tries, took)
		}
		for _, d := range b.again.delays {
			if d > queue.MaxDelay {
				b.Errorf("a queue cannot hold a message for %v", d)
			}
		}
		if len(b.again.delays) == tries-1 {
			b.Error("no try was left to the clock")
		}
	})
}

// state is an event's state, received where it is not noted yet.
func (b bench) state(id string) store.EventState {
	b.Helper()
	e, err := b.table.Event(b.Context(), "con_1", id)
	if errors.Is(err, store.ErrNotFound) {
		return store.Received
	}
	if err != nil {
		b.Fatal(err)
	}
	return e.State
}

func TestWaitingForTheRateIsNoFailure(t *testing.T) {
	in(t, func(b bench) {
		e := event("evt_1")
		for range 100 {
			b.handle(func(context.Context, *partner.Work) error { return fmt.Errorf("read: %w", rate.ErrBusy) }, e)
		}
		noted := b.expect("evt_1", store.Received, "")
		if wait := time.Until(noted.NextAt.Time()); noted.Tries != 0 || wait > 10*time.Second || wait < 5*time.Second {
			b.Errorf("%d tries, the next in %v", noted.Tries, wait)
		}
	})
}

// A parked event that somebody has tried again is tried as if it had just come.
func TestAParkedEventIsRetried(t *testing.T) {
	in(t, func(b bench) {
		e := event("evt_1")
		b.handle(func(context.Context, *partner.Work) error { return fault.Permanent("lever_forbids", errors.New("403")) }, e)
		parked, err := b.table.Parked(b.Context(), "con_1", "lever_forbids", store.Paging{})
		if err != nil || len(parked.Items) != 1 || parked.Items[0].Event != "evt_1" {
			b.Fatalf("parked: %+v, %v", parked, err)
		}
		time.Sleep(30 * 24 * time.Hour)
		again, err := b.table.RetryEvent(b.Context(), "con_1", "evt_1")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := b.table.RetryEvent(b.Context(), "con_1", "evt_1"); !errors.Is(err, store.ErrMoved) {
			b.Errorf("retried twice: %v", err)
		}
		b.handle(func(context.Context, *partner.Work) error { return errors.New("503") }, again.Message())
		b.expect("evt_1", store.Received, "")
		b.handle(tell("a"), again.Message())
		b.expect("evt_1", store.Delivering, "")
		if parked, err = b.table.Parked(b.Context(), "con_1", "", store.Paging{}); err != nil || len(parked.Items) != 0 {
			b.Errorf("still parked: %+v, %v", parked, err)
		}
	})
}
