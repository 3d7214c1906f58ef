package keep

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir, "aws.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func save(t *testing.T, s *Store, changes ...Change) {
	t.Helper()
	if err := s.Save(changes...); err != nil {
		t.Fatal(err)
	}
}

// all are the keys and values of a bucket, as "key=value".
func all(t *testing.T, s *Store, bucket string) []string {
	t.Helper()
	var got []string
	err := s.Load(bucket, func(key string, value []byte) error {
		got = append(got, key+"="+string(value))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestAStoreGivesBackWhatItWasGiven(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "on", "demand")
	s := open(t, dir)
	save(t, s,
		Change{"b", "2", []byte("two")}, Change{"b", "1", []byte("one")}, Change{"b", "3", []byte{}},
		Change{"other", "1", []byte("elsewhere")}, Change{"b", "4", []byte("gone at once")}, Change{"b", "4", nil})
	save(t, s, Change{"b", "1", []byte("uno")}, Change{"b", "none", nil}, Change{"new", "none", nil})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	if got, want := all(t, s, "b"), []string{"1=uno", "2=two", "3="}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := all(t, s, "nowhere"); got != nil {
		t.Errorf("a bucket that there is not has %q", got)
	}
}

func TestSaveIsAllOrNothing(t *testing.T) {
	s := open(t, t.TempDir())
	// bbolt refuses an empty key.
	if err := s.Save(Change{"b", "1", []byte("one")}, Change{"b", "", []byte("x")}); err == nil {
		t.Fatal("no error")
	}
	if got := all(t, s, "b"); got != nil {
		t.Errorf("half of it is there: %q", got)
	}
	if err := s.Save(Change{"", "1", []byte("x")}); err == nil {
		t.Error("a bucket without a name was made")
	}
}

func TestLoadedValuesMayBeKept(t *testing.T) {
	s := open(t, t.TempDir())
	save(t, s, Change{"b", "1", []byte("before")})
	var kept []byte
	if err := s.Load("b", func(_ string, v []byte) error { kept = v; return nil }); err != nil {
		t.Fatal(err)
	}
	save(t, s, Change{"b", "1", []byte("after!")})
	if string(kept) != "before" {
		t.Errorf("kept %q", kept)
	}
}

func TestLoadStopsAtAnError(t *testing.T) {
	s := open(t, t.TempDir())
	save(t, s, Change{"b", "1", []byte("x")}, Change{"b", "2", []byte("x")})
	stop, calls := errors.New("stop"), 0
	if err := s.Load("b", func(string, []byte) error { calls++; return stop }); !errors.Is(err, stop) || calls != 1 {
		t.Errorf("error %v after %d calls", err, calls)
	}
}

func TestWithoutAFolderNothingIsKept(t *testing.T) {
	for name, s := range map[string]*Store{"opened without one": open(t, ""), "the zero Store": {}} {
		t.Run(name, func(t *testing.T) {
			save(t, s, Change{"b", "1", []byte("x")})
			if got := all(t, s, "b"); got != nil {
				t.Errorf("kept %q", got)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAFolderThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ dir, says string }{
		"because another has it": {dir, "is another stack running on it?"},
		"because it is a file":   {file, "make the data folder"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Open(tt.dir, "aws.db"); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestSavedSurvivesKill starts this test in a process of its own, which saves and
// is then killed.
func TestSavedSurvivesKill(t *testing.T) {
	if dir := os.Getenv("KEEP_AND_DIE_IN"); dir != "" {
		keepAndDie(t, dir)
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestSavedSurvivesKill$")
	cmd.Env = append(os.Environ(), "KEEP_AND_DIE_IN="+dir)
	var exit *exec.ExitError
	if out, err := cmd.CombinedOutput(); !errors.As(err, &exit) || !exit.Sys().(syscall.WaitStatus).Signaled() {
		t.Fatalf("not killed: %v\n%s", err, out)
	}
	if got := all(t, open(t, dir), "b"); !slices.Equal(got, []string{"1=one", "2=two"}) {
		t.Errorf("got %q", got)
	}
}

func keepAndDie(t *testing.T, dir string) {
	s := open(t, dir)
	save(t, s, Change{"b", "1", []byte("one")})
	save(t, s, Change{"b", "2", []byte("two")})
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Kill(); err != nil {
		t.Fatal(err)
	}
	select {}
}
