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
