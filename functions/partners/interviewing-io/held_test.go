package interviewingio_test

import (
	"net/http"
	"testing"
	"time"

	"fulcrum/local/rig"
)

// held is how much work of the connection waits, as the API shows it.
func (s scene) held() (state string, events, actions int) {
	s.t.Helper()
	var c struct {
		State string
		Held  struct{ Events, Actions int }
	}
	if status := s.Call(http.MethodGet, "/v1/connections/{c}", nil, &c); status != http.StatusOK {
		s.t.Fatalf("status %d", status)
	}
	return c.State, c.Held.Events, c.Held.Actions
}

// A result that comes while the connection is paused is written when it goes on,
// once, and what happened to a candidate meanwhile is told then.
func TestAPausedConnectionKeepsItsActions(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		first := s.done(s.passed("iv-1")).Profile.OpportunityID
		s.do("pause")
		s.send(s.passed("iv-2"), http.StatusAccepted)
		s.Do(s.Twin.Move(s.Account, first, "Offer"))
		time.Sleep(time.Hour)
		if state, events, actions := s.held(); state != "Paused" || events != 1 || actions != 1 {
			t.Errorf("%s, %d events, %d actions", state, events, actions)
		}
		if n := len(s.ours()); n != 1 {
			t.Errorf("%d opportunities while paused", n)
		}
		s.do("resume")
		time.Sleep(10 * time.Minute)
		s.expectEnd("iv-2", "done", "")
		if n := len(s.ours()); n != 2 {
			t.Errorf("%d opportunities", n)
		}
		if got := s.changes(first); len(got) != 1 {
			t.Errorf("told of %q", got)
		}
		if state, events, actions := s.held(); state == "Paused" || events+actions != 0 {
			t.Errorf("%s, %d events, %d actions", state, events, actions)
		}
	})
}

// What has waited for 14 days does not go on by itself. Package held has the short
// test of it.
func TestWorkThatWaitedTooLongStaysParked(t *testing.T) {
	rig.Soak(t)
	on(t, func(t *testing.T, s scene) {
		first := s.done(s.passed("iv-1")).Profile.OpportunityID
		s.do("pause")
		s.send(s.passed("iv-2"), http.StatusAccepted)
		s.Do(s.Twin.Move(s.Account, first, "Offer"))
		time.Sleep(8 * 24 * time.Hour)
		s.send(s.passed("iv-3"), http.StatusAccepted)
		time.Sleep(7 * 24 * time.Hour)
		if _, events, actions := s.held(); events != 0 || actions != 1 {
			t.Errorf("%d events and %d actions wait still", events, actions)
		}
		s.expectEnd("iv-2", "parked", "held_too_long")
		s.do("resume")
		time.Sleep(10 * time.Minute)
		s.expectEnd("iv-2", "parked", "held_too_long")
		s.expectEnd("iv-3", "done", "")
		var parked struct {
			Items []struct {
				Reason string
				Events int
			}
		}
		s.Call(http.MethodGet, "/v1/connections/{c}/parked", nil, &parked)
		if len(parked.Items) != 1 || parked.Items[0].Reason != "held_too_long" || parked.Items[0].Events != 1 {
			t.Errorf("parked %+v", parked.Items)
		}
	})
}

// do has something done with the connection.
func (s scene) do(what string) {
	s.t.Helper()
	if status := s.Call(http.MethodPost, "/v1/connections/{c}/"+what, nil, nil); status != http.StatusOK {
		s.t.Fatalf("%s: status %d", what, status)
	}
}
