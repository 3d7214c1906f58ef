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

// Short leaves a test out where -short is set, as `make test-short` sets it: those
// that take seconds, and of which a quicker one beside them tries a part.
func Short(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes seconds; make test runs it")
	}
}

// Stride is from which call of a function a walk over all of them goes on to which:
// to the next in `make soak`, else it takes one of five, and with -short hardly any.
func Stride() int {
	switch {
	case os.Getenv("SOAK") != "":
		return 1
	case testing.Short():
		return 40
	}
	return 5
}
