// Package build builds the functions of a template with the go command, says
// which of them are new, and watches the sources for changes.
//
// The go command itself knows what is up to date: it leaves a binary alone that
// was linked of the same inputs. One run of it can build many commands, but
// names them after their folders, so commands of the same name (every partner
// has a sync) go to different runs. Each binary is then linked into the place of
// its function by a hard link; where that is no longer the same file, the
// function was built anew.
package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"fulcrum/local/template"
)

// Builder builds functions.
type Builder struct {
	root, out string
	functions []template.Function
}

// New is a builder of functions whose folders are below root, the folder of
// go.mod. It writes below out.
func New(root, out string, functions []template.Function) (*Builder, error) {
	b := &Builder{functions: functions}
	var err, outErr error
	b.root, err = filepath.Abs(root)
	b.out, outErr = filepath.Abs(out)
	return b, errors.Join(err, outErr)
}

// Bootstrap is the absolute path of a function's binary.
func (b *Builder) Bootstrap(function string) string {
	return filepath.Join(b.out, function, "bootstrap")
}

// Error is what the go command says of sources that do not build.
type Error struct {
	// Output are its own lines, each once.
	Output string
}

// Error is one block: a heading and the go command's lines.
func (e *Error) Error() string { return "the functions do not build:\n" + e.Output }

// Build builds what is not up to date and gives the ids of the functions that
// have a new binary, in the order of the template. Sources that do not build are
// an *Error; the functions that do not need them are built all the same.
func (b *Builder) Build(ctx context.Context) ([]string, error) {
	var outputs []string
	var built []string
	for i, group := range b.groups() {
		dir := filepath.Join(b.out, ".bin", strconv.Itoa(i))
		output, err := b.goBuild(ctx, dir, group)
		if err != nil {
			return nil, err
		}
		outputs = append(outputs, output)
		for _, f := range group {
			fresh, err := place(filepath.Join(dir, command(f)), b.Bootstrap(f.ID))
			if err != nil && output == "" {
				return nil, fmt.Errorf("put the binary of %s into its place: %w", f.ID, err)
			}
			if fresh {
				built = append(built, f.ID)
			}
		}
	}
	if text := blocks(outputs); text != "" {
		return b.inOrder(built), &Error{text}
	}
	return b.inOrder(built), nil
}

// command is the name that the go command gives to a function's binary.
func command(f template.Function) string { return path.Base(f.Folder) }

// groups are sets of functions with different names.
func (b *Builder) groups() [][]template.Function {
	var groups [][]template.Function
	taken := map[string]int{}
	for _, f := range b.functions {
		i := taken[command(f)]
		taken[command(f)]++
		if i == len(groups) {
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], f)
	}
	return groups
}

func (b *Builder) inOrder(ids []string) []string {
	var out []string
	for _, f := range b.functions {
		if slices.Contains(ids, f.ID) {
			out = append(out, f.ID)
		}
	}
	return out
}

// goBuild runs the go command with the flags of a deployment, for this machine,
// and gives its output if it failed. The state of the git working tree is left
// out: it would link everything again after each commit.
func (b *Builder) goBuild(ctx context.Context, dir string, group []template.Function) (output string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	args := []string{"build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc,nethttpomithttp2", "-ldflags=-s -w", "-o", dir + string(filepath.Separator)}
	for _, f := range group {
		args = append(args, "./"+f.Folder)
	}
	text, err := b.goCommand(ctx, args...).CombinedOutput()
	var failed *exec.ExitError
	if errors.As(err, &failed) && ctx.Err() == nil {
		return string(text), nil
	}
	if err != nil {
		return "", errors.Join(ctx.Err(), fmt.Errorf("run the go command: %w", err))
	}
	return "", nil
}

func (b *Builder) goCommand(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = b.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	return cmd
}

// place links a binary to where the function is started from, if it is not the
// same file yet. A process that runs the old binary keeps it.
func place(binary, bootstrap string) (fresh bool, err error) {
	now, err := os.Stat(binary)
	if err != nil {
		return false, err
	}
	if old, err := os.Stat(bootstrap); err == nil && os.SameFile(now, old) {
		return false, nil
	}
	if err := os.MkdirAll(filepath.Dir(bootstrap), 0o755); err != nil {
		return false, err
	}
	next := bootstrap + ".next"
	if err := os.Remove(next); err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	if err := os.Link(binary, next); err != nil {
		return false, err
	}
	return true, os.Rename(next, bootstrap)
}

// blocks joins outputs of the go command. A package that several functions need
// is in several outputs; its lines, which a line "# package" begins, are given
// once.
func blocks(outputs []string) string {
	var out []string
	for _, output := range outputs {
		var block []string
		for line := range strings.Lines(output) {
			if strings.HasPrefix(line, "# ") && len(block) > 0 {
				out, block = append(out, strings.Join(block, "")), nil
			}
			block = append(block, line)
		}
		out = append(out, strings.Join(block, ""))
	}
	var once []string
	for _, block := range out {
		if !slices.Contains(once, block) {
			once = append(once, block)
		}
	}
	return strings.TrimRight(strings.Join(once, ""), "\n")
}
