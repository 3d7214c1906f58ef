package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"fulcrum/local/stack"
)

// trail keeps what happens.
type trail struct {
	mu   sync.Mutex
	hops []stack.Hop
}

func (t *trail) add(h stack.Hop) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hops = append(t.hops, h)
}

// since is what began at start or later, oldest first; more is laid between.
func (t *trail) since(start time.Time, more []stack.Hop) []stack.Hop {
	t.mu.Lock()
	hops := append(slices.Clone(t.hops), more...)
	t.mu.Unlock()
	hops = slices.DeleteFunc(hops, func(h stack.Hop) bool {
		return h.At.Before(start.Truncate(time.Millisecond)) || idle(h)
	})
	slices.SortStableFunc(hops, func(a, b stack.Hop) int { return a.Ended.Compare(b.Ended) })
	return hops
}

// idle is a call by which the runner itself looks for work.
func idle(h stack.Hop) bool { return h.Call && h.Where == "runner" }

// print tells what happened, by when it was done.
func (t *trail) print(w io.Writer, start time.Time, more []stack.Hop) {
	for _, h := range t.since(start, more) {
		fmt.Fprintf(w, "%7.1f ms  %-22s %s\n", float64(h.Ended.Sub(start).Microseconds())/1000, h.Where, shortPath(h.What))
	}
}

// shortPath leaves out the middle of long ids: the hook is a capability, and the
// line has an end.
func shortPath(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == '/' || r == ' ' })
	for _, word := range words {
		if len(word) > 24 {
			text = strings.Replace(text, word, word[:8]+"…", 1)
		}
	}
	return text
}

func median(d []time.Duration) time.Duration { return quantile(d, 0.5) }

// quantile is the value below which the share q of d lies.
func quantile(d []time.Duration, q float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(d))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
