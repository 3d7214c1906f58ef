package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fulcrum/local/lambda"
	"fulcrum/local/stack"
)

// defaultPort is where sam local has its gateway.
const defaultPort = 3000

// up runs the bundle until ctx ends.
func up(ctx context.Context, root string, _ []string) error {
	port, err := portFrom(os.Getenv("PORT"))
	if err != nil {
		return err
	}
	start := time.Now()
	fmt.Fprintln(os.Stderr, "Building the functions; the first time takes about a minute.")
	s, err := stack.Up(ctx, stack.Options{
		Root: root, Port: port, DataDir: os.Getenv("DATA_DIR"), Partners: os.Getenv("PARTNERS"), Getenv: os.Getenv,
		Log: os.Stderr, Colour: lambda.Coloured(os.Stderr, os.Getenv("NO_COLOR")),
	})
	if err != nil {
		return err
	}
	defer closeQuietly(s)
	file, err := s.WriteFile()
	if err != nil {
		return err
	}
	defer os.Remove(file)
	welcome(os.Stdout, s, file, time.Since(start))
	if err := s.Watch(ctx, reporter(os.Stderr)); err != nil {
		return err
	}
	fmt.Println("\nStopping.")
	return nil
}

func portFrom(text string) (int, error) {
	if text == "" {
		return defaultPort, nil
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 1 || port > 65535 {
		return 0, fmt.Errorf("PORT=%s is not a port", text)
	}
	return port, nil
}

func welcome(w io.Writer, s *stack.Stack, file string, took time.Duration) {
	for _, line := range s.Mounts {
		fmt.Fprintln(w, line)
	}
	fmt.Fprintf(w, `
Fulcrum is up (%.1f s). Ctrl-C stops everything.

  gateway  %s   open it in a browser: what runs, and where to try it
  lever    %s   Lever's twin: click there to hire somebody
  partner  %s   what has arrived: /_sandbox/deliveries, and e-mail: /_sandbox/mail
  aws      %s   DynamoDB, SQS, Secrets Manager, SES
  details  %s

`, took.Seconds(), s.Gateway, s.Lever, s.Partner, s.AWS, relative(file))
}

func relative(path string) string {
	if here, err := os.Getwd(); err == nil {
		if short, err := filepath.Rel(here, path); err == nil {
			return short
		}
	}
	return path
}

// reporter says what changes of the sources led to.
func reporter(w io.Writer) func(stack.Change) {
	broken := false
	return func(c stack.Change) {
		switch {
		case c.Err != nil:
			fmt.Fprintln(w, c.Err)
		case c.Template:
			fmt.Fprintln(w, "template.yaml has changed: stop and start again to run it.")
		case len(c.Replaced) > 0:
			fmt.Fprintf(w, "Rebuilt %s in %.1f s.\n", strings.Join(c.Replaced, ", "), c.Took.Seconds())
		case broken:
			fmt.Fprintln(w, "The functions build again.")
		}
		broken = c.Err != nil
	}
}

func closeQuietly(s *stack.Stack) {
	if err := s.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "stop:", err)
	}
}
