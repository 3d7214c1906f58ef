package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"regexp"
	"strings"
)

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("mutation", flag.ContinueOnError)
	files := flags.String("files", "", "only files whose names match")
	by := flags.String("by", "", "packages whose tests are run too, with commas")
	short := flags.Bool("short", true, "run tests with -short")
	every := flags.Int("every", 1, "try one of so many changes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	only, err := regexp.Compile(*files)
	if err != nil || flags.NArg() != 1 {
		return errors.Join(err, errors.New("usage: go run ./local/mutation [-files REGEXP] [-every N] [-by PACKAGE,…] [-short=false] PACKAGE"))
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
	trial := trial{dir: dir, overlay: overlay, short: *short, every: max(*every, 1), out: os.Stdout}
	for _, tests := range strings.FieldsFunc(flags.Arg(0)+","+*by, func(r rune) bool { return r == ',' }) {
		if err := trial.build(ctx, tests); err != nil {
			return err
		}
	}
	return trial.run(ctx, mutants)
}
