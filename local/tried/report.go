package tried

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Report is what `go test -json` said, added up.
type Report struct {
	// Packages counts those with tests, Cached those whose result was known.
	Packages, Cached int
	// Tests counts tests and their parts that ran to their end, by how they ended:
	// pass, fail or skip.
	Tests map[string]int
	// Tried counts what tests noted, and the seeds of fuzz targets.
	Tried map[string]int
	// Failed are packages that failed, or could not be built.
	Failed []string

	verbose bool
	held    map[string][]line
	fails   map[string]bool
}

// line is one that a test wrote.
type line struct{ test, text string }

// event is a line of `go test -json`; see `go doc test2json`.
type event struct {
	Action, Package, Test, Output string
	Key, Value                    string
	ImportPath                    string
}

// fuzzSeeds is what the seeds of fuzz targets are counted as.
const fuzzSeeds = "seeds of fuzz targets"

// Follow reads what `go test -json` writes and copies to out what `go test` would have
// written: a line for each package, and what failing tests wrote; all that tests
// wrote where verbose is true. A line that is no JSON is copied.
func Follow(in io.Reader, out io.Writer, verbose bool) (*Report, error) {
	r := New()
	r.verbose = verbose
	lines := bufio.NewReader(in)
	for {
		text, err := lines.ReadBytes('\n')
		if len(text) > 0 {
			var e event
			if json.Unmarshal(text, &e) != nil {
				fmt.Fprint(out, string(text))
			} else {
				r.take(e, out)
			}
		}
		if err == io.EOF {
			return r, nil
		}
		if err != nil {
			return r, fmt.Errorf("read tests: %w", err)
		}
	}
}

// New is a report of nothing yet.
func New() *Report {
	return &Report{Tests: map[string]int{}, Tried: map[string]int{}, held: map[string][]line{}, fails: map[string]bool{}}
}

// Add adds what another report has counted.
func (r *Report) Add(other *Report) {
	r.Packages, r.Cached = r.Packages+other.Packages, r.Cached+other.Cached
	r.Failed = append(r.Failed, other.Failed...)
	for how, n := range other.Tests {
		r.Tests[how] += n
	}
	for what, n := range other.Tried {
		r.Tried[what] += n
	}
}

func (r *Report) take(e event, out io.Writer) {
	switch e.Action {
	case "build-output":
		fmt.Fprint(out, e.Output)
	case "output":
		r.output(e, out)
	case "attr":
		if what, n, ok := read(e.Key, e.Value); ok {
			r.Tried[what] += n
		}
	case "pass", "fail", "skip":
		r.end(e, out)
	}
}

// output keeps what a test wrote until it is known how its package ended.
func (r *Report) output(e event, out io.Writer) {
	if r.verbose {
		fmt.Fprint(out, e.Output)
		return
	}
	r.held[e.Package] = append(r.held[e.Package], line{e.Test, e.Output})
}

// end counts the end of a test, or prints what a package that has ended wrote.
func (r *Report) end(e event, out io.Writer) {
	if e.Test != "" {
		r.Tests[e.Action]++
		r.fails[e.Package+" "+e.Test] = e.Action == "fail"
		if strings.HasPrefix(e.Test, "Fuzz") && strings.Contains(e.Test, "/") {
			r.Tried[fuzzSeeds]++
		}
		return
	}
	if e.Action == "fail" {
		r.Failed = append(r.Failed, e.Package)
	}
	r.Packages++
	for _, l := range r.held[e.Package] {
		if l.test == "" && strings.Contains(l.text, "(cached)") {
			r.Cached++
		}
		if r.shown(e, l) {
			fmt.Fprint(out, l.text)
		}
	}
	delete(r.held, e.Package)
}

// shown says which lines of a package are printed: its last word, and where it
// failed what failing tests wrote, and nobody in particular, such as a panic.
func (r *Report) shown(e event, l line) bool {
	if l.test == "" {
		return e.Action == "fail" || strings.HasPrefix(l.text, "ok") || strings.HasPrefix(l.text, "?")
	}
	failed, ended := r.fails[e.Package+" "+l.test]
	return e.Action == "fail" && (failed || !ended) && !strings.HasPrefix(l.text, "=== ")
}

// Write writes the report as people read it.
func (r *Report) Write(out io.Writer) {
	fmt.Fprintf(out, "\n%s tests in %d packages passed", group(r.Tests["pass"]), r.Packages-len(r.Failed))
	if r.Cached > 0 {
		fmt.Fprintf(out, ", %d packages as they did before", r.Cached)
	}
	fmt.Fprintf(out, "; %d were left out, %d failed. They tried:\n", r.Tests["skip"], r.Tests["fail"])
	for _, what := range slices.Sorted(maps.Keys(r.Tried)) {
		fmt.Fprintf(out, "%12s %s\n", group(r.Tried[what]), what)
	}
	for _, name := range r.Failed {
		fmt.Fprintf(out, "FAILED %s\n", name)
	}
}

// group writes a number with its thousands apart: 12,800.
func group(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
