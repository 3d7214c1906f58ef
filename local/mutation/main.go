// Command mutation changes a package's code piece by piece, and counts which changes
// its tests see:
//
//	go run ./local/mutation [-files REGEXP] [-by PACKAGE,…] [-short=false] PACKAGE
//
// A change is another comparison, another sign, another operator, a condition that is
// turned around, and, in the expressions that the table is asked with, a condition that
// always holds. Constants are left as they are: they are figures, and a test that
// repeats them says nothing.
//
// All changes of a package are compiled into one test binary at once, each behind a
// number; a run of it has one of them. So a change costs a run of the tests, and no
// compiling, and what none of the tests reaches costs nothing. With -by the tests of
// other packages are run as well.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("mutation", flag.ContinueOnError)
	files := flags.String("files", "", "only files whose names match")
	by := flags.String("by", "", "packages whose tests are run too, with commas")
	short := flags.Bool("short", true, "run tests with -short")
	if err := flags.Parse(args); err != nil {
		return err
	}
	only, err := regexp.Compile(*files)
	if err != nil || flags.NArg() != 1 {
		return errors.Join(err, errors.New("usage: go run ./local/mutation [-files REGEXP] [-by PACKAGE,…] [-short=false] PACKAGE"))
	}
	dir, err := os.MkdirTemp("", "mutation-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p, err := load(ctx, flags.Arg(0))
	if err != nil {
		return err
	}
	changed, mutants := p.changed(only)
	if len(mutants) == 0 {
		return errors.New("there is nothing to change")
	}
	overlay, err := write(dir, p, changed)
	if err != nil {
		return err
	}
	trial := trial{dir: dir, overlay: overlay, short: *short, out: os.Stdout}
	for _, tests := range strings.FieldsFunc(flags.Arg(0)+","+*by, func(r rune) bool { return r == ',' }) {
		if err := trial.build(ctx, tests); err != nil {
			return err
		}
	}
	return trial.run(ctx, mutants)
}
