package rig

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fulcrum/local/aws"
	"fulcrum/local/iam"
	"fulcrum/local/template"
)

// watch notes what functions call, beside what the test observes.
func (r *Rig) watch(observe func(aws.Record)) func(aws.Record) {
	return func(rec aws.Record) {
		r.book.Note(rec)
		if observe != nil {
			observe(rec)
		}
	}
}

// holdRoles fails the test if a function has called what its role in template.yaml
// does not allow. Where CALLS names a folder, what was called is noted there: it is
// what the roles are held to in the other direction.
func (r *Rig) holdRoles(t testing.TB, stack *template.Stack, values template.Values) {
	t.Helper()
	resources, err := stack.Resources(values)
	if err != nil {
		t.Fatal(err)
	}
	roles, err := iam.New(resources, values)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, function := range r.book.Functions() {
			if !slices.ContainsFunc(r.Wiring.Functions, func(f template.Function) bool { return f.ID == function }) {
				continue // the test's own calls
			}
			for _, call := range r.book.Of(function) {
				if !roles.Allows(function, call) {
					t.Errorf("%s may not %s: its role in template.yaml has no such grant", function, call)
				}
			}
		}
		if dir := os.Getenv("CALLS"); dir != "" {
			if err := r.note(dir); err != nil {
				t.Error(err)
			}
		}
	})
}

// note writes the calls into a file that is named after them.
func (r *Rig) note(dir string) error {
	var text strings.Builder
	if err := r.book.Write(&text); err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(text.String()))
	return os.WriteFile(filepath.Join(dir, hex.EncodeToString(sum[:8])+".txt"), []byte(text.String()), 0o600)
}
