package notice_test

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/lever"
	"fulcrum/shared/notice"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// sent counts the deliveries that were sent on their way.
type sent int

func (s *sent) Send(context.Context, queue.Delivery, time.Duration) error { *s++; return nil }

// An alert is told once for as long as it holds, each connection's and reason's for
// itself, and again when it comes back.
func TestAnAlertIsToldOnceWhileItHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := store.FromEnv(rig.New(t, aws.Options{}).Env(t, "HubReconcile"))
		if err := table.PutConnection(t.Context(), store.Connection{ID: "con_1", Partner: "joinedly"}); err != nil {
			t.Fatal(err)
		}
		var told sent
		alerts := notice.New(table, &told, time.Now)
		found := notice.Backlogs{}
		found.Add("con_1", lever.At(time.Now()))
		found.Add("con_1", lever.At(time.Now().Add(-time.Hour)))
		found.Add("con_of_nobody", lever.At(time.Now()))
		if b := *found["con_1"]; b.Count != 2 || b.Oldest != lever.At(time.Now().Add(-time.Hour)) {
			t.Errorf("backlog %+v", b)
		}
		for i, step := range []struct {
			found notice.Backlogs
			told  sent
			open  int
		}{{found, 1, 1}, {found, 1, 1}, {nil, 1, 0}, {nil, 1, 0}, {found, 2, 1}} {
			if err := alerts.Hold(t.Context(), notice.Waiting, step.found); err != nil {
				t.Fatal(err)
			}
			open, err := table.Alerts(t.Context(), notice.Waiting)
			if err != nil || told != step.told || len(open) != step.open {
				t.Errorf("step %d: %d told, %d open, %v; want %d and %d", i, told, len(open), err, step.told, step.open)
			}
		}
		if err := alerts.Hold(t.Context(), notice.Stuck, found); err != nil || told != 3 {
			t.Errorf("of another reason: %d told, %v", told, err)
		}
	})
}
