package rig

import (
	"strings"
	"sync"
)

// Lines keeps what is printed, by however many at once. The zero Lines is ready.
type Lines struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write keeps p. It does not fail.
func (l *Lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String is all that was printed so far.
func (l *Lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
