package transformed_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fulcrum/local/rig"
	"fulcrum/local/transformed"
)

// tools makes PATH a folder with these programs, shell scripts by their names.
func tools(t *testing.T, scripts map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

func TestLint(t *testing.T) {
	tests := map[string]struct {
		scripts  map[string]string
		findings []string
		problem  string
		missing  bool
	}{
		"nothing found":             {scripts: map[string]string{"cfn-lint": "exit 0"}},
		"findings are no error":     {scripts: map[string]string{"cfn-lint": "echo one; echo two; exit 4"}, findings: []string{"one", "two"}},
		"it is given what it needs": {scripts: map[string]string{"cfn-lint": `echo "$@"`}, findings: []string{"--format parseable --include-checks I --ignore-checks W1 W2 -- t.yaml"}},
		"it breaks":                 {scripts: map[string]string{"cfn-lint": "echo trouble >&2; exit 1"}, problem: "cfn-lint: exit status 1: trouble"},
		"it is not installed":       {problem: "cfn-lint is not installed (pip install cfn-lint)", missing: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tools(t, tt.scripts)
			found, err := transformed.Lint(t.Context(), t.TempDir(), "t.yaml", "W1", "W2")
			if !slices.Equal(found, tt.findings) || (err == nil) != (tt.problem == "") || err != nil && err.Error() != tt.problem || errors.Is(err, transformed.ErrMissing) != tt.missing {
				t.Errorf("%q, %v", found, err)
			}
		})
	}
}

func TestTheTranslatorThatIsMissingIsNamed(t *testing.T) {
	tests := map[string]struct {
		scripts map[string]string
		want    string
		missing bool
	}{
		"no Python":     {want: "python3 is not installed", missing: true},
		"no translator": {scripts: map[string]string{"python3": `echo "ModuleNotFoundError: No module named 'samtranslator'" >&2; exit 1`}, want: "SAM's translator is not installed", missing: true},
		"a refusal":     {scripts: map[string]string{"python3": "echo 'Resource with id [X] is invalid.' >&2; exit 1"}, want: "Resource with id [X] is invalid."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tools(t, tt.scripts)
			_, err := transformed.Of(t.Context(), rig.Root(""))
			if err == nil || !strings.Contains(err.Error(), tt.want) || errors.Is(err, transformed.ErrMissing) != tt.missing {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestCdkNagThatIsMissingIsNamed(t *testing.T) {
	tools(t, nil)
	for _, script := range []string{"", "exit 0"} {
		if script != "" {
			tools(t, map[string]string{"node": script})
		}
		if _, err := transformed.Nag(t.Context(), t.TempDir(), "t.json"); !errors.Is(err, transformed.ErrMissing) {
			t.Errorf("got %v", err)
		}
	}
	if err := transformed.Install(t.Context(), t.TempDir()); !errors.Is(err, transformed.ErrMissing) {
		t.Errorf("without npm: %v", err)
	}
}

// What is there is not brought again, and what cannot be brought is an error.
func TestCdkNagIsBroughtOnce(t *testing.T) {
	root := t.TempDir()
	sh, err := exec.LookPath("mkdir")
	if err != nil {
		t.Skip("mkdir is not installed")
	}
	tools(t, map[string]string{"npm": sh + " -p node_modules/cdk-nag || exit 1"})
	if err := transformed.Install(t.Context(), root); err != nil {
		t.Fatal(err)
	}
	tools(t, map[string]string{"npm": "echo no such package >&2; exit 1"})
	if err := transformed.Install(t.Context(), root); err != nil {
		t.Errorf("it is brought again: %v", err)
	}
	if err := transformed.Install(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "no such package") {
		t.Errorf("got %v", err)
	}
}

func TestOpen(t *testing.T) {
	tests := map[string]struct {
		found        []transformed.Finding
		acknowledged []transformed.Acknowledgement
		want         []string
	}{
		"nothing":                               {},
		"a finding that nobody knows":           {found: []transformed.Finding{{"R1", "Queue", "bad"}}, want: []string{"R1: Queue: bad"}},
		"a finding that is meant":               {found: []transformed.Finding{{"R1", "Queue", "bad"}}, acknowledged: []transformed.Acknowledgement{{Rule: "R1", At: []string{"Queue"}}}},
		"a rule is meant at one place only":     {found: []transformed.Finding{{"R1", "Queue", "bad"}, {"R1", "Other", "bad"}}, acknowledged: []transformed.Acknowledgement{{Rule: "R1", At: []string{"Queue"}}}, want: []string{"R1: Other: bad"}},
		"a rule is meant whole":                 {found: []transformed.Finding{{"R1[x]", "Queue", "bad"}}, acknowledged: []transformed.Acknowledgement{{Rule: "R1", At: []string{"Q*"}}}},
		"a rule is meant of one thing only":     {found: []transformed.Finding{{"R1[y]", "Queue", "bad"}}, acknowledged: []transformed.Acknowledgement{{Rule: "R1[x]", At: []string{"Queue"}}}, want: []string{"R1[y]: Queue: bad", "R1[x]: Queue: acknowledged, and not found"}},
		"what is not found any more is named":   {acknowledged: []transformed.Acknowledgement{{Rule: "R1", At: []string{"Queue"}}}, want: []string{"R1: Queue: acknowledged, and not found"}},
		"of two places that are meant one goes": {found: []transformed.Finding{{"R1", "Queue", "bad"}}, acknowledged: []transformed.Acknowledgement{{Rule: "R1", At: []string{"Queue", "Topic"}}}, want: []string{"R1: Topic: acknowledged, and not found"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := transformed.Open(tt.found, tt.acknowledged); !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestEveryAcknowledgementHasItsReason(t *testing.T) {
	all, err := transformed.Acknowledged(rig.Root(""))
	if err != nil || len(all) == 0 {
		t.Fatalf("%d acknowledgements, %v", len(all), err)
	}
	for _, a := range all {
		if len(a.Reason) < 40 || !strings.HasSuffix(a.Reason, ".") || a.Rule == "" || len(a.At) == 0 {
			t.Errorf("%+v", a)
		}
	}
}
