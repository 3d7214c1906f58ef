package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fulcrum/local/lambda"
	"fulcrum/local/seed"
	"fulcrum/local/stack"
	"fulcrum/local/template"
)

// invoke runs one built function on one event, as sam local invoke does: the
// answer on standard output, everything else on standard error. No stack has to
// run; the function finds an AWS with the demo connections.
func invoke(ctx context.Context, root string, args []string) error {
	if len(args) != 2 || args[0] == "" {
		return errors.New("which function on which event? make invoke FUNCTION=webhooks/candidate-hired EVENT=events/webhooks/candidate-hired/hired.json")
	}
	id, err := functionID(root, args[0])
	if err != nil {
		return err
	}
	event, err := readEvent(args[1])
	if err != nil {
		return err
	}
	s, err := stack.Up(ctx, stack.Options{
		Root: root, Getenv: os.Getenv, Only: id,
		Log: os.Stderr, Colour: lambda.Coloured(os.Stderr, os.Getenv("NO_COLOR")),
	})
	if err != nil {
		return err
	}
	defer closeQuietly(s)
	answer, err := s.Invoke(ctx, id, seed.Present(event, time.Now()))
	if err != nil {
		return err
	}
	fmt.Println(string(answer.Payload))
	if answer.Failed {
		return errors.New("the function failed")
	}
	return nil
}

// functionID is the logical id of the function in a folder below functions/, or
// of that id.
func functionID(root, name string) (string, error) {
	read, err := template.Read(filepath.Join(root, "template.yaml"))
	if err != nil {
		return "", err
	}
	plan, err := template.NewStack(read, template.Settings{StackName: stack.Name})
	if err != nil {
		return "", err
	}
	wiring, err := plan.Wiring(plan.Values())
	if err != nil {
		return "", err
	}
	var names []string
	for _, f := range wiring.Functions {
		folder := strings.TrimPrefix(f.Folder, "functions/")
		if folder == name || f.Folder == name || f.ID == name {
			return f.ID, nil
		}
		names = append(names, folder)
	}
	return "", fmt.Errorf("there is no function %s; there are: %s", name, strings.Join(names, ", "))
}

// readEvent reads a file, standard input where the path is -, or {} where there is
// none, as sam local invoke --no-event does.
func readEvent(path string) ([]byte, error) {
	switch path {
	case "":
		return []byte("{}"), nil
	case "-":
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(path)
}
