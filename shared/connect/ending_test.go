package connect_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	twin "fulcrum/local/twin/api"
	"fulcrum/shared/status"
	"fulcrum/shared/store"
)

// wanted has somebody of the staff want the connection disconnected.
func (w *world) wanted() {
	w.t.Helper()
	w.must(w.Table.Disconnecting(w.t.Context(), w.connection, store.Audit{
		Connection: w.connection, Actor: "staff:Grace", Action: "disconnecting", Before: json.RawMessage("null"), After: json.RawMessage("null"),
	}, 0))
}

func TestTheClockEndsWhatIsToBeDisconnected(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		w.connected()
		w.wanted()
		time.Sleep(2 * time.Minute)
		if w.expectState(status.Disconnected); len(w.ours()) != 0 {
			t.Errorf("in Lever: %+v", w.ours())
		}
		if _, err := w.Table.Credential(t.Context(), w.connection); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the credential: %v", err)
		}
		if _, err := w.Table.Ending(t.Context(), w.connection); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the wish: %v", err)
		}
		if trail := w.audits(); !slices.Contains(trail, "disconnected") {
			t.Errorf("%v", trail)
		}
	})
}

func TestTheClockTriesAgainWhileLeverIsAway(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		w.connected()
		w.fault(twin.Fault{Match: "GET /v1/webhooks", Status: 503, Times: 12})
		w.wanted()
		time.Sleep(5 * time.Minute)
		if c, err := w.Table.Connection(t.Context(), w.connection); err != nil || c.DisconnectedAt != 0 {
			t.Errorf("%+v, %v", c, err)
		}
		time.Sleep(2 * time.Hour)
		if w.expectState(status.Disconnected); len(w.ours()) != 0 {
			t.Errorf("in Lever: %+v", w.ours())
		}
	})
}

// Who connects anew before the clock comes wants the connection after all.
func TestWhoConnectsAnewIsNotDisconnected(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		w.connected()
		w.fault(twin.Fault{Match: "GET /v1/webhooks", Status: 503, Times: 4})
		w.wanted()
		time.Sleep(time.Minute)
		w.connected()
		time.Sleep(time.Hour)
		if c, err := w.Table.Connection(t.Context(), w.connection); err != nil || c.DisconnectingAt != 0 || c.DisconnectedAt != 0 {
			t.Errorf("%+v, %v", c, err)
		}
		if _, err := w.Table.Ending(t.Context(), w.connection); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the wish: %v", err)
		}
	})
}
