package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// trial runs tests against the changes of a package.
type trial struct {
	dir, overlay string
	short        bool
	every        int // one of so many changes is tried
	out          io.Writer
	tests        []tests
}

// tests are those of one package.
type tests struct {
	binary, dir string
	took        time.Duration // without any change
}

// build compiles a package's tests with all changes.
func (t *trial) build(ctx context.Context, path string) error {
	where, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", path).Output()
	if err != nil {
		return fmt.Errorf("go list %s: %w", path, err)
	}
	binary := filepath.Join(t.dir, fmt.Sprintf("%d.test", len(t.tests)))
	text, err := exec.CommandContext(ctx, "go", "test", "-c", "-overlay", t.overlay, "-o", binary, path).CombinedOutput()
	if err != nil {
		return fmt.Errorf("build tests of %s: %w\n%s", path, err, text)
	}
	t.tests = append(t.tests, tests{binary: binary, dir: strings.TrimSpace(string(where))})
	return nil
}

// fate is what became of a change.
type fate string

const (
	killed   fate = "killed"
	lived    fate = "lived"
	timedOut fate = "timed out" // it never ended, which a test sees as well
)

// most is how much memory a run may reserve, in kilobytes: some changes have no end.
const most = 3 << 20

// one runs tests with one change, or with none.
func (t *trial) one(ctx context.Context, s tests, limit time.Duration, env ...string) fate {
	args := []string{"-test.failfast", "-test.count=1", "-test.timeout=" + limit.String()}
	if t.short {
		args = append(args, "-test.short")
	}
	ctx, stop := context.WithTimeout(ctx, limit+10*time.Second)
	defer stop()
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", fmt.Sprintf(`ulimit -v %d; exec "$0" "$@"`, most), s.binary)
	cmd.Args = append(cmd.Args, args...)
	cmd.Dir = s.dir
	cmd.Env = append(append(os.Environ(), "GOTRACEBACK=none", "RAPID_NOFAILFILE=true", "RAPID_SHRINKTIME=1ms"), env...)
	text, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return lived
	case ctx.Err() != nil || strings.Contains(string(text), "panic: test timed out"):
		return timedOut
	}
	return killed
}

// run tries all changes, and tells of those that no test sees.
func (t *trial) run(ctx context.Context, mutants []mutant) error {
	seen, err := t.reached(ctx)
	if err != nil {
		return err
	}
	counts := map[fate]int{}
	unreached := 0
	for _, m := range mutants {
		if !seen[m.n] {
			unreached++
			fmt.Fprintf(t.out, "not reached  %s  %s\n", m.at, m.what)
			continue
		}
		if m.n%t.every != 0 {
			continue
		}
		f := t.try(ctx, m)
		if ctx.Err() != nil {
			break
		}
		if counts[f]++; f != killed {
			fmt.Fprintf(t.out, "%-11s  %s  %s\n", f, m.at, m.what)
		}
	}
	t.sum(len(mutants), unreached, counts)
	return ctx.Err()
}

// sum tells how many changes were tried, and how many of those were seen.
func (t *trial) sum(all, unreached int, counts map[fate]int) {
	found := counts[killed] + counts[timedOut]
	tried := found + counts[lived]
	fmt.Fprintf(t.out, "%d changes, %d not reached; of %d tried %d killed, %d timed out, %d lived: %d %%\n",
		all, unreached, tried, counts[killed], counts[timedOut], counts[lived], 100*found/max(tried, 1))
}

// try runs the tests of all packages with one change until one of them sees it.
func (t *trial) try(ctx context.Context, m mutant) fate {
	for _, s := range t.tests {
		if f := t.one(ctx, s, 30*time.Second+8*s.took, chosen+"="+strconv.Itoa(m.n)); f != lived {
			return f
		}
	}
	return lived
}

// reached runs the tests with no change, and gives the numbers of those that they come
// by.
func (t *trial) reached(ctx context.Context) (map[int]bool, error) {
	path := filepath.Join(t.dir, "reached")
	for i, s := range t.tests {
		begin := time.Now()
		if f := t.one(ctx, s, 10*time.Minute, reached+"="+path); f != lived {
			return nil, fmt.Errorf("tests in %s fail without any change (%s)", s.dir, f)
		}
		t.tests[i].took = time.Since(begin)
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	seen := map[int]bool{}
	for line := range strings.FieldsSeq(string(text)) {
		n, err := strconv.Atoi(line)
		if err != nil {
			return nil, err
		}
		seen[n] = true
	}
	return seen, nil
}
