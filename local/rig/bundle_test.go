package rig_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"unicode"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/template"
)

// bundle are the template's functions by their folders below functions/.
func bundle(t *testing.T) map[string]template.Function {
	t.Helper()
	read, err := template.Read(rig.Root("template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	stack, err := template.NewStack(read, template.Settings{StackName: rig.StackName, Region: aws.Region, Account: aws.Account})
	if err != nil {
		t.Fatal(err)
	}
	wiring, err := stack.Wiring(stack.Values())
	if err != nil {
		t.Fatal(err)
	}
	functions := map[string]template.Function{}
	for _, f := range wiring.Functions {
		functions[strings.TrimPrefix(f.Folder, "functions/")] = f
	}
	return functions
}

// commands are the folders below functions/ that have a main.go.
func commands(t *testing.T) []string {
	t.Helper()
	var all []string
	root := rig.Root("functions")
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Name() == "main.go" {
			all = append(all, strings.TrimPrefix(filepath.Dir(path), root+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// logicalID is the resource of a folder: partners/interviewing-io/sync is
// PartnerInterviewingIoSync.
func logicalID(folder string) string {
	folder = strings.Replace(strings.Replace(folder, "webhooks/", "webhook/", 1), "partners/", "partner/", 1)
	var id strings.Builder
	for _, word := range strings.FieldsFunc(folder, func(r rune) bool { return r == '/' || r == '-' }) {
		first := []rune(word)
		id.WriteString(string(unicode.ToUpper(first[0])) + string(first[1:]))
	}
	return id.String()
}

func TestBundleEveryFolderHasItsResourceAndTheReverse(t *testing.T) {
	functions, folders := bundle(t), commands(t)
	for _, folder := range folders {
		f, ok := functions[folder]
		if !ok {
			t.Errorf("functions/%s has no resource in template.yaml", folder)
			continue
		}
		if want := logicalID(folder); f.ID != want {
			t.Errorf("functions/%s is %s in template.yaml, want %s", folder, f.ID, want)
		}
	}
	for folder, f := range functions {
		if !slices.Contains(folders, folder) {
			t.Errorf("%s in template.yaml has no functions/%s/main.go", f.ID, folder)
		}
	}
}

func TestBundleEveryFunctionIsBuiltByMake(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("make is not installed")
	}
	for folder, f := range bundle(t) {
		out, err := exec.Command("make", "-n", "-C", rig.Root(""), "build-"+f.ID, "ARTIFACTS_DIR=/artifacts").CombinedOutput()
		if text := string(out); err != nil || !strings.Contains(text, `"/artifacts/bootstrap"`) || !strings.Contains(text, " ./functions/"+folder+"\n") {
			t.Errorf("make build-%s: %v\n%s", f.ID, err, out)
		}
	}
}

// environment are names that are set for the Go runtime, or for all functions, and
// that no function reads for itself.
func environment() []string { return []string{"SSL_CERT_DIR", "SSL_CERT_FILE"} }

func TestBundleEveryNameThatAFunctionReadsIsSetAndTheReverse(t *testing.T) {
	r := rig.New(t, aws.Options{})
	for _, f := range r.Wiring.Functions {
		reads := r.Reads(t, f.ID)
		for _, name := range reads {
			if _, set := f.Environment[name]; !set {
				t.Errorf("%s reads %s, which the template does not set", f.ID, name)
			}
		}
		for name := range f.Environment {
			if !slices.Contains(reads, name) && !slices.Contains(environment(), name) {
				t.Errorf("%s is given %s, which it does not read", f.ID, name)
			}
		}
	}
}

// Every sample runs through its function. What it answers is the sample's own
// business; here nothing may fail that should not.
func TestBundleEveryFunctionRunsItsSamples(t *testing.T) {
	functions := bundle(t)
	synctest.Test(t, func(t *testing.T) {
		l := rig.NewLive(t, aws.Options{})
		for folder, f := range functions {
			samples, err := filepath.Glob(rig.Root(filepath.Join("events", folder, "*.json")))
			if err != nil || len(samples) == 0 {
				t.Errorf("events/%s has no sample (%v)", folder, err)
			}
			for _, sample := range samples {
				event, err := os.ReadFile(sample)
				if err != nil {
					t.Fatal(err)
				}
				answer, err := l.Invoke(context.Background(), f.ID, event)
				if err != nil || answer.Failed || !json.Valid(answer.Payload) {
					t.Errorf("%s answers %s, %v", strings.TrimPrefix(sample, rig.Root("")), answer.Payload, err)
				}
			}
		}
	})
}
