package lever_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"fulcrum/shared/lever"
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
