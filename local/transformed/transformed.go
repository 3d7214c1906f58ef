// Package transformed has SAM's own translator make plain CloudFormation of
// template.yaml, and holds that to tools that others have written: cfn-lint, cdk-nag,
// and moto's CloudFormation. What SAM adds (permissions, versions, deployment groups)
// stands only there. None of the tools is needed to work on the bundle; what is not
// installed is said, as an error that is an ErrMissing.
package transformed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// ErrMissing says that a tool is not installed; its text says which and how to get it.
var ErrMissing = errors.New("is not installed")

// missing is an ErrMissing.
func missing(tool, how string) error { return fmt.Errorf("%s %w (%s)", tool, ErrMissing, how) }

// Of is the template of the project at root as SAM makes it plain CloudFormation, in
// JSON. What SAM refuses is an error.
func Of(ctx context.Context, root string) ([]byte, error) {
	python, err := exec.LookPath("python3")
	if err != nil {
		return nil, missing("python3", "SAM's translator is written in it")
	}
	text, err := run(exec.CommandContext(ctx, python, filepath.Join(root, folder, "transform.py"), filepath.Join(root, "template.yaml")))
	if err != nil && strings.Contains(err.Error(), "ModuleNotFoundError") {
		return nil, missing("SAM's translator", "pip install aws-sam-translator cfn-lint")
	}
	return text, err
}

// folder is where this package is in the project.
const folder = "local/transformed"

// run gives what a command prints. When it fails, the error is the end of what it
// complained of.
func run(cmd *exec.Cmd) ([]byte, error) {
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		said := strings.TrimSpace(complaint.String())
		return out.Bytes(), fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, said[max(0, len(said)-500):])
	}
	return out.Bytes(), nil
}

// Lint is what cfn-lint, run at root with what is configured there, finds in a
// template, a finding a line, besides the checks that ignore names.
func Lint(ctx context.Context, root, template string, ignore ...string) ([]string, error) {
	lint, err := exec.LookPath("cfn-lint")
	if err != nil {
		return nil, missing("cfn-lint", "pip install cfn-lint")
	}
	arguments := []string{"--format", "parseable", "--include-checks", "I"}
	if len(ignore) > 0 {
		arguments = append(append(arguments, "--ignore-checks"), ignore...)
	}
	cmd := exec.CommandContext(ctx, lint, append(arguments, "--", template)...)
	cmd.Dir = root
	text, err := run(cmd)
	var failed *exec.ExitError
	if errors.As(err, &failed) && len(text) > 0 {
		err = nil // it fails when it finds something
	}
	return strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' }), err
}
