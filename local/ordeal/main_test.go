package ordeal_test

import (
	"log/slog"
	"os"
	"runtime/debug"
	"testing"
)

// A stack is a lot of garbage, and one follows the other.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}
