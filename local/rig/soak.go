package rig

import (
	"os"
	"testing"
)

// Soak leaves a test out unless SOAK is set, as `make soak` sets it: those that
// take long and find what the others would.
func Soak(t testing.TB) {
	t.Helper()
	if os.Getenv("SOAK") == "" {
		t.Skip("takes long; make soak runs it")
	}
}

// Stride is from which call of a function a walk over all of them goes on to which:
// to the next in `make soak`, else it takes one of five.
func Stride() int {
	if os.Getenv("SOAK") == "" {
		return 5
	}
	return 1
}
