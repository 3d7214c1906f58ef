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

// The searches that go on for as long as they are given: each round has a seed.
const (
	searches     = "AtRandom|AnyHistory"
	playsOfRound = "200"
)

// soak runs all tests with those that take long, or, with a duration, searches at
// random for so long. Its last line is the verdict.
func soak(ctx context.Context, root string, args []string) error {
	if len(args) == 0 || args[0] == "" {
		return verdict(goTestAll(ctx, root))
	}
	d, err := time.ParseDuration(args[0])
	if err != nil {
		return err
	}
	return verdict(search(ctx, root, d))
}

func goTestAll(ctx context.Context, root string) (*tried.Report, string, error) {
	report, err := goTest(ctx, root, []string{"SOAK=1"}, []string{"-timeout", "120m", "./..."})
	return report, "all tests with those that take long", err
}

// search goes from seed to seed until its time is over, or something is found. SEED
// is the first.
func search(ctx context.Context, root string, d time.Duration) (*tried.Report, string, error) {
	first, err := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	if err != nil {
		first = uint64(time.Now().Unix())
	}
	total, end, n := tried.New(), time.Now().Add(d), first
	for ; time.Now().Before(end) || n == first; n++ {
		seed := strconv.FormatUint(n, 10)
		report, err := goTest(ctx, root, []string{"SEED=" + seed, "RUNS=" + playsOfRound},
			[]string{"-count=1", "-timeout", "60m", "-run", searches, "./local/ordeal", "./local/rig"})
		if report != nil {
			total.Add(report)
		}
		if err != nil {
			return total, "the search; repeat it with SEED=" + seed + " RUNS=" + playsOfRound, err
		}
	}
	return total, fmt.Sprintf("a search of %v with the seeds %d to %d", d, first, n-1), nil
}

// verdict prints what was tried and how it ended.
func verdict(report *tried.Report, what string, err error) error {
	if report != nil {
		report.Write(os.Stdout)
	}
	if err != nil {
		return errors.Join(err, fmt.Errorf("soak: something was found by %s", what))
	}
	fmt.Printf("soak: nothing was found by %s\n", what)
	return nil
}
