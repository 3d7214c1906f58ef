package reconcile_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"testing"

	"fulcrum/shared/reconcile"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

func TestATaskIsDoneByItsName(t *testing.T) {
	errAway := errors.New("away")
	done := 0
	tasks := reconcile.Tasks{
		"works": func(context.Context) error { done++; return nil },
		"fails": func(context.Context) error { return errAway },
	}
	if err := tasks.Handle(t.Context(), reconcile.Event{Task: "works"}); err != nil || done != 1 {
		t.Errorf("done %d times, %v", done, err)
	}
	if err := tasks.Handle(t.Context(), reconcile.Event{Task: "fails"}); !errors.Is(err, errAway) {
		t.Errorf("error %v", err)
	}
	for _, unknown := range []string{"", "nonsense"} {
		if err := tasks.Handle(t.Context(), reconcile.Event{Task: unknown}); err == nil {
			t.Errorf("task %q is done", unknown)
		}
	}
}
