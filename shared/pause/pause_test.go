package pause_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/shared/pause"
)

func TestFor(t *testing.T) {
	tests := map[string]struct {
		pause, end time.Duration // the pause, and when the context ends
		whole      bool
		took       time.Duration
	}{
		"waits the whole pause":           {time.Minute, time.Hour, true, time.Minute},
		"ends with the context":           {time.Hour, time.Minute, false, time.Minute},
		"does not wait for nothing":       {0, time.Hour, true, 0},
		"does not wait for what has been": {-time.Minute, time.Hour, true, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithTimeout(t.Context(), tt.end)
				defer stop()
				start := time.Now()
				if whole := pause.For(ctx, tt.pause); whole != tt.whole || time.Since(start) != tt.took {
					t.Errorf("For = %v after %v; want %v after %v", whole, time.Since(start), tt.whole, tt.took)
				}
			})
		})
	}
}
