// Package tried counts what tests try: schedules, forged bodies, fuzz seeds. A test
// says how many it tried of what, the go command keeps that with the test's result,
// and `make test` adds it up at its end, results from the cache included.
package tried

import (
	"strconv"
	"strings"
	"testing"
)

// prefix tells attributes of this package from others.
const prefix = "tried:"

// Note says that the test has tried n of what, a plural such as "schedules of one
// mishap". What the same test notes again is added.
func Note(t testing.TB, what string, n int) {
	t.Helper()
	t.Attr(prefix+strings.ReplaceAll(what, " ", "_"), strconv.Itoa(n))
}

// read reads an attribute of a test. It reports whether it is a note.
func read(key, value string) (what string, n int, ok bool) {
	what, ok = strings.CutPrefix(key, prefix)
	if !ok {
		return "", 0, false
	}
	n, err := strconv.Atoi(value)
	return strings.ReplaceAll(what, "_", " "), n, err == nil
}
