// Package bench measures the bundle on this machine: the shipped binaries as
// processes over a Runtime API, an AWS endpoint with TLS whose calls are counted
// and whose latencies are modelled, Lever's twin with its rate, and the partner
// sandbox. The unit is an empty function of the same library in the same run.
//
// Counts and ratios say something anywhere; times only of the machine they were
// taken on.
package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"fulcrum/local/stack"
)

// run is one benchmark.
type run struct {
	root, dir, arch string
	stack           *stack.Stack
	front           *front
	watch           *watch
	report          *Report
}

// Run measures the bundle whose template is in root, and writes what it measured
// to a file as JSON.
func Run(ctx context.Context, root, file string) (*Report, error) {
	report, err := within(ctx, root, func(ctx context.Context, r *run) error { return r.measure(ctx) })
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return nil, err
	}
	return report, os.WriteFile(file, append(text, '\n'), 0o644)
}

// within measures on a stack of its own.
func within(ctx context.Context, root string, measure func(context.Context, *run) error) (report *Report, err error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	r := &run{root: root, dir: dir, arch: runtime.GOARCH, watch: &watch{}, report: &Report{
		At: time.Now().UTC().Format("2006-01-02"), Raw: map[string][]float64{},
		Machine: fmt.Sprintf("%s/%s, %d processors, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version()),
	}}
	r.stack, err = stack.Up(ctx, stack.Options{Root: root, Getenv: func(string) string { return "" }, Log: io.Discard, Observe: r.watch.see})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.stack.Close()) }()
	if r.front, err = newFront(r.stack.AWS, dir); err != nil {
		return nil, err
	}
	defer r.front.Close()
	return r.report, measure(ctx, r)
}

func (r *run) measure(ctx context.Context) error {
	in, err := r.newIntake(ctx)
	if err != nil {
		return err
	}
	for _, part := range []func(context.Context) error{in.calls, in.against, in.waits, in.starts, r.way, r.modelled, r.sizes} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) add(rows ...Row) { r.report.add(rows...) }

// raw keeps one measurement.
func (r *run) raw(metric string, value float64) {
	r.report.Raw[metric] = append(r.report.Raw[metric], value)
}

// File is where a run's figures lie below the root.
func File(root string) string { return filepath.Join(root, ".local", "bench.json") }
