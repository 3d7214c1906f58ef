package main

import (
	"bytes"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fulcrum/local/tried"
)

// The sample's changes are compiled into one binary, and each has the fate that the
// sample's tests give it.
func TestEachChangeHasItsFate(t *testing.T) {
	p, err := load(t.Context(), "./testdata/sample")
	if err != nil {
		t.Fatal(err)
	}
	changed, mutants := p.changed(regexp.MustCompile(""))
	dir := t.TempDir()
	overlay, err := write(dir, p, changed)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	try := trial{dir: dir, overlay: overlay, short: true, every: 1, out: &out}
	if err := try.build(t.Context(), "./testdata/sample"); err != nil {
		t.Fatal(err)
	}
	if err := try.run(t.Context(), mutants); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	want := []string{
		"lived        sample.go:10:34  >= has another edge",
		"not reached  sample.go:38:5  == is turned around",
	}
	for _, line := range want {
		if !slices.Contains(lines, line) {
			t.Errorf("missing %q in:\n%s", line, out.String())
		}
	}
	if last := lines[len(lines)-1]; !strings.HasSuffix(last, "1 lived: 93 %") || !strings.Contains(last, ", 5 not reached; of ") {
		t.Errorf("the sum is %q in:\n%s", last, out.String())
	}
	tried.Note(t, "changes of a sample's code", len(mutants))
}

func TestWhatIsChangedOfACondition(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"each part holds always": {
			"#state = :was AND attribute_exists(dpk)",
			[]string{"(#state = :was OR NOT #state = :was) AND attribute_exists(dpk)", "#state = :was AND (attribute_exists(dpk) OR NOT attribute_exists(dpk))"},
		},
		"one of two never does, and has another edge": {
			"holder = :me OR until < :now",
			[]string{
				"(holder = :me OR NOT holder = :me) OR until < :now", "(holder = :me AND NOT holder = :me) OR until < :now",
				"holder = :me OR (until < :now OR NOT until < :now)", "holder = :me OR (until < :now AND NOT until < :now)", "holder = :me OR until <= :now",
			},
		},
		"an update is none":       {"SET #state = :state, awaits = :left", nil},
		"a key is left as it is":  {"pk = :pk AND begins_with(sk, :prefix)", nil},
		"other text is left, too": {"delivery parked", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, v := range conditions(&ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(tt.text)}) {
				got = append(got, v.text)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestWhatCannotBeTriedIsSaid(t *testing.T) {
	for name, args := range map[string][]string{
		"no package": nil, "two packages": {"a", "b"}, "no expression": {"-files", "(", "./testdata/sample"},
		"a package that is not there": {"./testdata/none"}, "no file": {"-files", "^none", "./testdata/sample"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := run(t.Context(), args); err == nil {
				t.Error("no error")
			}
		})
	}
}
