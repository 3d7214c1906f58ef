package rig

import (
	"hash/fnv"
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

// Whole leaves a test out where -short is set: one that takes long, of what others
// show in less time.
func Whole(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes long; make test runs it")
	}
}

// Some leaves four of five tests out where -short is set, as `make test-short` sets
// it. Which those are follows from their names, so they are always the same; make test
// runs them all.
func Some(t testing.TB) {
	t.Helper()
	h := fnv.New32a()
	h.Write([]byte(t.Name()))
	if testing.Short() && h.Sum32()%5 != 0 {
		t.Skip("with -short one of five; make test runs it")
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
