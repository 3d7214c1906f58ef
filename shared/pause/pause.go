// Package pause waits for a while, or until nobody waits any more.
package pause

import (
	"context"
	"time"
)

// For waits, and reports false if ctx ended first.
func For(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
