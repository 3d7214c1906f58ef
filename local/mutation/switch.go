package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// The variables by which a test binary knows which change it has. With none it notes
// which it reaches.
const (
	chosen  = "MUTANT"
	reached = "MUTANTS_REACHED"
)

// operators is what a changed package has in addition: what its operators do, and do
// otherwise where they are the change that was chosen.
const operators = `
import (
	"cmp"
	"os"
	"strconv"
	"sync"
)

var mutantChosen, _ = strconv.Atoi(os.Getenv("` + chosen + `"))

var mutantsReached sync.Map

func mutantIs(n int) bool {
	if path := os.Getenv("` + reached + `"); path != "" {
		if _, known := mutantsReached.LoadOrStore(n, true); !known {
			if f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
				f.WriteString(strconv.Itoa(n) + "\n")
				f.Close()
			}
		}
	}
	return n == mutantChosen
}

type mutantInt interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}

func mutantOrder[T cmp.Ordered](n int, op string, x, y T) bool {
	edge := mutantIs(n)
	switch op {
	case "<":
		return x < y || edge && x == y
	case "<=":
		return x < y || !edge && x == y
	case ">":
		return x > y || edge && x == y
	}
	return x > y || !edge && x == y
}

func mutantNumber[T mutantInt | ~float32 | ~float64](n int, op string, x, y T) T {
	if mutantIs(n) {
		op = map[string]string{"+": "-", "-": "+", "*": "/", "/": "*"}[op]
	}
	switch op {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	}
	return x / y
}

func mutantRest[T mutantInt](n int, _ string, x, y T) T {
	if mutantIs(n) {
		return x * y
	}
	return x % y
}

func mutantMinus[T mutantInt | ~float32 | ~float64](n int, x T) T {
	if mutantIs(n) {
		return x
	}
	return -x
}

func mutantStep[T mutantInt | ~float32 | ~float64](n int, op string, x *T, y T) {
	*x = mutantNumber(n, op, *x, y)
}

func mutantText(n int, others []string, text string) string {
	for i, other := range others {
		if mutantIs(n + i) {
			return other
		}
	}
	return text
}
`

// write lays the changed files of a package over it, and gives the overlay's path.
func write(dir string, p *pkg, changed map[string][]byte) (string, error) {
	changed[filepath.Join(p.dir, "mutant_operators.go")] = []byte("package " + p.name + "\n" + operators)
	over := map[string]string{}
	for path, text := range changed {
		over[path] = filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(over[path], text, 0o600); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": over})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return "", fmt.Errorf("overlay: %w", err)
	}
	return path, nil
}
