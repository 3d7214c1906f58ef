package build

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// quiet is how long no file may change before a change is reported: editors and
// git write several files, and each several times.
const quiet = 100 * time.Millisecond

// Change is what changed since the last one.
type Change struct {
	// Template tells that the template itself changed.
	Template bool
	// Functions are those whose sources changed, in the order of the template.
	Functions []string
}

// Watch calls changed after each change of the template or of a source file that
// a function depends on, one call after the other, until ctx ends. changed will
// want to Build.
func (b *Builder) Watch(ctx context.Context, template string, changed func(Change)) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch the sources: %w", err)
	}
	defer watcher.Close()
	if template, err = filepath.Abs(template); err != nil {
		return err
	}
	w := &watch{builder: b, watcher: watcher, template: template, paths: map[string]bool{}}
	if err := w.refresh(ctx); err != nil {
		return err
	}
	return w.run(ctx, changed)
}

// watch is a running Watch.
type watch struct {
	builder  *Builder
	watcher  *fsnotify.Watcher
	template string
	sources  sources
	paths    map[string]bool // that changed since the last report
	all      bool            // so much changed that it is not known what
}

func (w *watch) run(ctx context.Context, changed func(Change)) error {
	timer := time.NewTimer(quiet)
	defer timer.Stop()
	timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case event := <-w.watcher.Events:
			if !event.Has(fsnotify.Chmod) {
				w.paths[event.Name] = true
				timer.Reset(quiet)
			}
		case err := <-w.watcher.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return fmt.Errorf("watch the sources: %w", err)
			}
			w.all = true
			timer.Reset(quiet)
		case <-timer.C:
			if c := w.report(ctx); c.Template || len(c.Functions) > 0 {
				changed(c)
			}
		}
	}
}

// report says what the changed paths mean, by what depended on them before the
// change or depends on them now.
func (w *watch) report(ctx context.Context) Change {
	concerned := map[string]bool{}
	before := w.sources
	// Sources that cannot be listed are for the build to complain about.
	broken := w.refresh(ctx) != nil
	var c Change
	for path := range w.paths {
		c.Template = c.Template || path == w.template
		switch filepath.Base(path) {
		case "go.mod", "go.sum", "go.work":
			w.all = true
		}
		for _, s := range []sources{before, w.sources} {
			for _, id := range s.functions(path) {
				concerned[id] = true
			}
		}
	}
	for _, f := range w.builder.functions {
		if concerned[f.ID] || w.all || broken && len(w.paths) > 0 {
			c.Functions = append(c.Functions, f.ID)
		}
	}
	w.paths, w.all = map[string]bool{}, false
	return c
}

// refresh lists the sources anew and watches their folders.
func (w *watch) refresh(ctx context.Context) error {
	listed, err := w.builder.sources(ctx)
	if err != nil {
		return err
	}
	w.sources = listed
	folders := []string{w.builder.root, filepath.Dir(w.template)}
	for folder := range listed.folders {
		folders = append(folders, folder)
	}
	for file := range listed.files {
		folders = append(folders, filepath.Dir(file))
	}
	for _, folder := range folders {
		if err := w.watcher.Add(folder); err != nil {
			return fmt.Errorf("watch %s: %w", folder, err)
		}
	}
	return nil
}

// sources are what functions are built from: folders of Go packages outside the
// module cache, and files that are embedded, with the functions that need them.
type sources struct {
	folders map[string][]string
	files   map[string][]string
}

// functions are those that a change of a file concerns.
func (s sources) functions(path string) []string {
	if ids := s.files[path]; ids != nil {
		return ids
	}
	name := filepath.Base(path)
	if filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return nil
	}
	return s.folders[filepath.Dir(path)]
}

// listedPackage is a package as go list describes it.
type listedPackage struct {
	ImportPath string
	Dir        string
	EmbedFiles []string
	Deps       []string
	Module     *struct{ Version string }
}

// sources asks the go command for the dependency graph.
func (b *Builder) sources(ctx context.Context) (sources, error) {
	args := []string{"list", "-e", "-deps", "-json=ImportPath,Dir,EmbedFiles,Deps,Module"}
	for _, f := range b.functions {
		args = append(args, "./"+f.Folder)
	}
	text, err := b.goCommand(ctx, args...).Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			return sources{}, &Error{strings.TrimSpace(string(failed.Stderr))}
		}
		return sources{}, fmt.Errorf("run the go command: %w", err)
	}
	packages, byFolder := map[string]listedPackage{}, map[string]listedPackage{}
	for decoder := json.NewDecoder(bytes.NewReader(text)); ; {
		var p listedPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return sources{}, fmt.Errorf("read the output of go list: %w", err)
		}
		packages[p.ImportPath], byFolder[p.Dir] = p, p
	}
	out := sources{map[string][]string{}, map[string][]string{}}
	for _, f := range b.functions {
		main := byFolder[filepath.Join(b.root, filepath.FromSlash(f.Folder))]
		for _, needed := range append(main.Deps, main.ImportPath) {
			out.add(f.ID, packages[needed])
		}
	}
	return out, nil
}

// add adds a package that a function needs. Packages of the module cache and of
// Go itself do not change.
func (s *sources) add(function string, p listedPackage) {
	if p.Module == nil || p.Module.Version != "" {
		return
	}
	s.folders[p.Dir] = append(s.folders[p.Dir], function)
	for _, name := range p.EmbedFiles {
		file := filepath.Join(p.Dir, filepath.FromSlash(name))
		s.files[file] = append(s.files[file], function)
	}
}
