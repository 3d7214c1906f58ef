// Command local runs the bundle on this machine: make up, demo, invoke, bench, test,
// soak, validate, conformance and elsewhere are among its words.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	// Schedules name time zones, and not every machine has them.
	_ "time/tzdata"
)

// command is one word and what it does.
type command struct {
	name, usage string
	run         func(ctx context.Context, root string, args []string) error
}

func commands() []command {
	return []command{
		{"up", "run the whole bundle until Ctrl-C", up},
		{"demo", "take one hire from Lever to the partner", demo},
		{"invoke", "FUNCTION EVENT: run one function on one event", invoke},
		{"bench", "[check|node|python]: print the benchmark table; check fails where it misses a goal", measure},
		{"test", "[ARGUMENTS of go test]: run tests, and say at the end what they tried", test},
		{"soak", "[DURATION]: search at random for so long, or run all long tests once", soak},
		{"conformance", "hold the embedded AWS against other implementations", conformance},
		{"validate", "hold the template to what is installed of other people's checks", validate},
		{"nag", "install cdk-nag, then validate", nag},
		{"elsewhere", "run the bundle on other implementations of AWS", outside},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 {
		for _, c := range commands() {
			if c.name == args[0] {
				root, err := projectRoot()
				if err != nil {
					return err
				}
				return c.run(ctx, root, args[1:])
			}
		}
	}
	text := "usage: go run ./local WORD\n"
	for _, c := range commands() {
		text += fmt.Sprintf("  %-12s %s\n", c.name, c.usage)
	}
	return errors.New(text)
}

// projectRoot is the folder that has template.yaml, this one or one above it.
func projectRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "template.yaml")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("there is no template.yaml here or above")
		}
		dir = parent
	}
}
