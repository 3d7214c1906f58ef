package build_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"fulcrum/local/build"
	"fulcrum/local/template"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// module is a module of three functions; two of them have the same name and one
// package in common, and one of these embeds a file.
func module(t *testing.T) (root string, b *build.Builder) {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"go.mod":                          "module shop\n\ngo 1.26\n",
		"template.yaml":                   "Resources: {}\n",
		"shared/greet/greet.go":           "// Package greet greets.\npackage greet\n\n// Hello greets.\nconst Hello = \"hello\"\n",
		"functions/a/sync/main.go":        "package main\n\nimport \"shop/shared/greet\"\n\nfunc main() { println(greet.Hello, \"a\") }\n",
		"functions/b/sync/main.go":        "package main\n\nimport (\n\t_ \"embed\"\n\t\"shop/shared/greet\"\n)\n\n//go:embed page/page.html\nvar page string\n\nfunc main() { println(greet.Hello, \"b\", page) }\n",
		"functions/b/sync/page/page.html": "<p>",
		"functions/c/main.go":             "package main\n\nfunc main() { println(\"c\") }\n",
	} {
		write(t, filepath.Join(root, name), text)
	}
	b, err = build.New(root, filepath.Join(root, ".local", "build"), []template.Function{
		{ID: "A", Folder: "functions/a/sync"}, {ID: "C", Folder: "functions/c"}, {ID: "B", Folder: "functions/b/sync"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return root, b
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func runs(t *testing.T, b *build.Builder, function string) string {
	t.Helper()
	out, err := exec.Command(b.Bootstrap(function)).CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func expect(t *testing.T, b *build.Builder, want ...string) {
	t.Helper()
	got, err := b.Build(t.Context())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("built %v, want %v; %v", got, want, err)
	}
}

func TestOnlyWhatChangedIsBuiltAnew(t *testing.T) {
	root, b := module(t)
	expect(t, b, "A", "C", "B")
	for function, want := range map[string]string{"A": "hello a", "B": "hello b <p>", "C": "c"} {
		if got := runs(t, b, function); got != want {
			t.Errorf("%s says %q", function, got)
		}
	}
	expect(t, b)
	write(t, filepath.Join(root, "shared/greet/greet.go"), "package greet\n\nconst Hello = \"good day\"\n")
	expect(t, b, "A", "B")
	write(t, filepath.Join(root, "functions/b/sync/page/page.html"), "<b>")
	expect(t, b, "B")
	write(t, filepath.Join(root, "functions/c/main_test.go"), "package main\n")
	expect(t, b)
	if got := runs(t, b, "B"); got != "good day b <b>" {
		t.Errorf("B says %q", got)
	}
	if err := os.Remove(b.Bootstrap("C")); err != nil {
		t.Fatal(err)
	}
	expect(t, b, "C")
}

func TestARunningFunctionKeepsItsBinary(t *testing.T) {
	root, b := module(t)
	write(t, filepath.Join(root, "functions/c/main.go"), "package main\n\nimport (\n\t\"bufio\"\n\t\"os\"\n)\n\nfunc main() { bufio.NewReader(os.Stdin).ReadString('\\n'); println(\"old\") }\n")
	expect(t, b, "A", "C", "B")
	cmd := exec.Command(b.Bootstrap("C"))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd.Stderr = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "functions/c/main.go"), "package main\n\nfunc main() { println(\"new\") }\n")
	expect(t, b, "C")
	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || out.String() != "old\n" || runs(t, b, "C") != "new" {
		t.Errorf("%v %q", err, out.String())
	}
}

func TestSourcesThatDoNotBuildAreOneBlockOfTheCompilersLines(t *testing.T) {
	tests := map[string]struct{ file, text, want, stillBuilt string }{
		"a package that two need": {"shared/greet/greet.go", "package greet\n\nvar Hello = nothing\n",
			"the functions do not build:\n# shop/shared/greet\nshared/greet/greet.go:3:13: undefined: nothing", "C"},
		"a function": {"functions/c/main.go", "package main\n\nfunc main() { nothing() }\n",
			"the functions do not build:\n# shop/functions/c\nfunctions/c/main.go:3:15: undefined: nothing", ""},
		"a file that is no Go": {"functions/c/main.go", "package main\n\nfunc main() {\n",
			"the functions do not build:\n# shop/functions/c\nfunctions/c/main.go:4:1: syntax error: unexpected EOF", ""},
		"an import of nothing": {"functions/c/main.go", "package main\n\nimport _ \"shop/shared/none\"\n\nfunc main() {}\n",
			"the functions do not build:\nfunctions/c/main.go:3:8: package shop/shared/none is not in std", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			root, b := module(t)
			write(t, filepath.Join(root, tt.file), tt.text)
			built, err := b.Build(t.Context())
			var failed *build.Error
			if !errors.As(err, &failed) || !strings.HasPrefix(err.Error(), tt.want) || strings.Count(err.Error(), "nothing") > 1 {
				t.Errorf("\n got %v\nwant %s", err, tt.want)
			}
			if tt.stillBuilt != "" && !reflect.DeepEqual(built, []string{tt.stillBuilt}) {
				t.Errorf("built %v", built)
			}
		})
	}
}

func TestABuildThatIsStoppedOrCannotBeginIsNoFaultOfTheSources(t *testing.T) {
	_, b := module(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var failed *build.Error
	if _, err := b.Build(ctx); !errors.Is(err, context.Canceled) || errors.As(err, &failed) {
		t.Errorf("stopped: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := b.Build(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "run the go command: ") {
		t.Errorf("without go: %v", err)
	}
	if err := b.Watch(t.Context(), "template.yaml", nil); err == nil || !strings.HasPrefix(err.Error(), "run the go command: ") {
		t.Errorf("without go: %v", err)
	}
}

// watching watches a module in the background.
func watching(t *testing.T, root string, b *build.Builder) <-chan build.Change {
	t.Helper()
	changes, ended := make(chan build.Change, 8), make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		ended <- b.Watch(ctx, filepath.Join(root, "template.yaml"), func(c build.Change) { changes <- c })
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	// It watches when a change of the template arrives.
	for tick := time.NewTicker(200 * time.Millisecond); ; {
		write(t, filepath.Join(root, "template.yaml"), "Resources: {}\n")
		select {
		case <-changes:
			tick.Stop()
			for { // what the last write may still bring
				select {
				case <-changes:
				case <-time.After(400 * time.Millisecond):
					return changes
				}
			}
		case <-tick.C:
		}
	}
}

func TestTheWatcherNamesTheFunctionsThatAChangeConcerns(t *testing.T) {
	root, b := module(t)
	changes := watching(t, root, b)
	expectChange := func(what string, want build.Change) {
		t.Helper()
		select {
		case got := <-changes:
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %+v, want %+v", what, got, want)
			}
		case <-time.After(time.Minute):
			t.Errorf("%s: nothing", what)
		}
	}
	file := func(name, text string) { write(t, filepath.Join(root, name), text) }

	file("template.yaml", "Resources: {}\n# changed\n")
	expectChange("the template", build.Change{Template: true})
	file("shared/greet/greet.go", "package greet\n\nconst Hello = \"hi\"\n")
	file("shared/greet/more.go", "package greet\n")
	expectChange("a shared package, two files at once", build.Change{Functions: []string{"A", "B"}})
	file("functions/b/sync/page/page.html", "<i>")
	expectChange("an embedded file", build.Change{Functions: []string{"B"}})
	file("go.mod", "module shop\n\ngo 1.26\n\n")
	expectChange("the module", build.Change{Functions: []string{"A", "C", "B"}})
	file("shared/part/part.go", "package part\n\nconst Name = \"p\"\n")
	file("functions/c/main.go", "package main\n\nimport \"shop/shared/part\"\n\nfunc main() { println(part.Name) }\n")
	expectChange("a function with a new package", build.Change{Functions: []string{"C"}})
	file("shared/part/part.go", "package part\n\nconst Name = \"q\"\n")
	expectChange("the new package", build.Change{Functions: []string{"C"}})
	file("functions/c/main.go", "package main\n\nfunc main() {\n")
	expectChange("a function that does not build", build.Change{Functions: []string{"C"}})
	file("go.mod", "modul shop\n")
	expectChange("a module that cannot be read", build.Change{Functions: []string{"A", "C", "B"}})
	file("go.mod", "module shop\n\ngo 1.26\n")
	expectChange("and can again", build.Change{Functions: []string{"A", "C", "B"}})

	file("functions/c/main_test.go", "package main\n")
	file("functions/c/.#main.go", "")
	file("functions/c/notes.txt", "")
	file("template.yaml", "Resources: {}\n# again\n")
	expectChange("files that no function is built from", build.Change{Template: true})
}
