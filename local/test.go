package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"fulcrum/local/tried"
)

// test runs `go test` and says at the end what was tried. It fails where go does.
func test(ctx context.Context, root string, args []string) error {
	report, err := goTest(ctx, root, nil, args)
	if report != nil {
		report.Write(os.Stdout)
	}
	return err
}

// collectSeldom has tests, which make whole stacks by the hundred, spend a fifth less
// of their time on collecting garbage. Who sets GOGC has it so.
const collectSeldom = "GOGC=400"

// quickLink leaves out of a hundred test binaries what only a debugger reads, which is
// two fifths of the time of linking them, and the vetting that `make lint` does.
var quickLink = []string{"-ldflags=-s -w", "-vet=off"}

// longest are the packages whose tests take longest. They begin first: at the end both
// cores shall have something to do.
var longest = []string{
	"./local/rig", "./functions/partners/evidenced", "./shared/completeness", "./shared/connect", "./local/ordeal",
	"./functions/partners/justworks", "./local", "./shared/action", "./shared/signing", "./shared/history", "./local/deploy",
}

// longestFirst has the longest begin where all packages are meant; go takes each once.
func longestFirst(args []string) []string {
	all := slices.Index(args, "./...")
	if all < 0 {
		return args
	}
	return slices.Insert(slices.Clone(args), all, longest...)
}

// goTest runs `go test` with more in its environment.
func goTest(ctx context.Context, root string, more, args []string) (*tried.Report, error) {
	run := exec.CommandContext(ctx, "go", slices.Concat([]string{"test", "-json"}, quickLink, longestFirst(args))...)
	run.Dir, run.Stderr, run.Env = root, os.Stderr, slices.Concat([]string{collectSeldom}, os.Environ(), more)
	run.Cancel = func() error { return run.Process.Signal(os.Interrupt) }
	said, err := run.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := run.Start(); err != nil {
		return nil, fmt.Errorf("go test: %w", err)
	}
	report, readErr := tried.Follow(said, os.Stdout, slices.Contains(args, "-v"))
	if err := run.Wait(); err != nil {
		return report, fmt.Errorf("tests failed: %w", err)
	}
	return report, readErr
}

const (
	// walk goes through schedules of one mishap, of two and of three, as far as its time
	// goes.
	walk = "TestWhateverGoesWrongTheEndIsTheSame"
	// searches go on for as long as they are given: each round has a seed.
	searches     = "AtRandom|AnyHistory"
	playsOfRound = "200"
)

// soak runs all tests with those that take long, or, with a duration, walks through all
// schedules of mishaps as far as the time goes and searches at random beside it. Its last
// line is the verdict.
func soak(ctx context.Context, root string, args []string) error {
	if len(args) == 0 || args[0] == "" {
		return verdict(goTestAll(ctx, root))
	}
	d, err := time.ParseDuration(args[0])
	if err != nil {
		return err
	}
	return verdict(search(ctx, root, time.Now().Add(d)))
}

func goTestAll(ctx context.Context, root string) (*tried.Report, string, error) {
	report, err := goTest(ctx, root, []string{"SOAK=1"}, []string{"-timeout", "6h", "./..."})
	return report, "all tests with those that take long", err
}

// search goes through schedules and, beside that, from seed to seed until end, unless
// something is found: the plays of a process are one after the other, so that there is
// a core for each. SEED is the first.
func search(ctx context.Context, root string, end time.Time) (*tried.Report, string, error) {
	first, err := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	if err != nil {
		first = uint64(time.Now().Unix())
	}
	began, both := time.Now(), tried.New()
	var walked, searched *tried.Report
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		more := []string{"SOAK=1", seedOf(first), until(end)}
		walked, err = goTest(ctx, root, more, testArgs(end, walk, "./local/ordeal"))
		return found(ctx, err, "the walk of SEED=%d; repeat a schedule with SCHEDULE", first)
	})
	last := first
	group.Go(func() (err error) {
		searched, last, err = seeds(ctx, root, end, first)
		return found(ctx, err, "the search; repeat it with SEED=%d RUNS=%s, or SCHEDULE", last, playsOfRound)
	})
	err = group.Wait()
	for _, report := range []*tried.Report{walked, searched} {
		if report != nil {
			both.Add(report)
		}
	}
	return both, fmt.Sprintf("a walk and a search of %v with the seeds %d to %d", time.Since(began).Round(time.Second), first, last), err
}

// found says by what something was found, where it was not cut off by the other.
func found(ctx context.Context, err error, format string, args ...any) error {
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	return errors.Join(err, fmt.Errorf("found by "+format, args...))
}

// seeds searches from seed to seed until end, unless something is found, and gives the
// last seed.
func seeds(ctx context.Context, root string, end time.Time, n uint64) (*tried.Report, uint64, error) {
	total := tried.New()
	for ; ; n++ {
		more := []string{seedOf(n), "RUNS=" + playsOfRound, until(end)}
		report, err := goTest(ctx, root, more, testArgs(end, searches, "./local/ordeal", "./local/rig"))
		if report != nil {
			total.Add(report)
		}
		if err != nil || time.Now().After(end) {
			return total, n, err
		}
	}
}

// seedOf is the environment's word for a seed.
func seedOf(n uint64) string { return fmt.Sprintf("SEED=%d", n) }

// until has package ordeal end a walk or a search then.
func until(end time.Time) string { return fmt.Sprintf("UNTIL=%d", end.Unix()) }

// testArgs are those of `go test` for tests that end by themselves soon after a time.
func testArgs(end time.Time, run string, packages ...string) []string {
	timeout := time.Until(end).Round(time.Second) + time.Hour
	return append([]string{"-count=1", "-timeout", timeout.String(), "-run", run}, packages...)
}

// verdict prints what was tried and how it ended.
func verdict(report *tried.Report, what string, err error) error {
	if report != nil {
		report.Write(os.Stdout)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	if err != nil {
		return errors.Join(err, fmt.Errorf("soak: something was found in %s", what))
	}
	fmt.Printf("soak: nothing was found in %s\n", what)
	return nil
}
