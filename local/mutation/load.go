package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// pkg is a package with the types of its expressions.
type pkg struct {
	dir, name string
	fset      *token.FileSet
	files     []*ast.File
	source    map[string][]byte // by path
	info      types.Info
}

// listed is what the go command says of a package.
type listed struct {
	Dir, ImportPath, Name, Export string
	GoFiles                       []string
	DepOnly                       bool
}

// load reads a package, with what the compiler has left of those that it imports.
func load(ctx context.Context, path string) (*pkg, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-export", "-deps", "-json=Dir,ImportPath,Name,Export,GoFiles,DepOnly", path)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	exports := map[string]string{}
	var wanted []listed
	for all := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if err := all.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		exports[l.ImportPath] = l.Export
		if !l.DepOnly {
			wanted = append(wanted, l)
		}
	}
	if len(wanted) != 1 {
		return nil, fmt.Errorf("%s is %d packages, not one", path, len(wanted))
	}
	return parse(wanted[0], exports)
}

func parse(l listed, exports map[string]string) (*pkg, error) {
	p := &pkg{dir: l.Dir, name: l.Name, fset: token.NewFileSet(), source: map[string][]byte{}, info: types.Info{Types: map[ast.Expr]types.TypeAndValue{}}}
	for _, name := range l.GoFiles {
		path := filepath.Join(l.Dir, name)
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(p.fset, path, source, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return nil, err
		}
		p.files, p.source[path] = append(p.files, file), source
	}
	imports := importer.ForCompiler(p.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	_, err := (&types.Config{Importer: imports}).Check(l.ImportPath, p.fset, p.files, &p.info)
	return p, err
}
