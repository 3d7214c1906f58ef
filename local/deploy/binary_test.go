package deploy_test

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"fulcrum/local/rig"
)

// built is the binary that `sam build` would have of a function, from a folder.
func built(t *testing.T, dir, function string) []byte {
	t.Helper()
	to := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "make", "build-"+function, "ARTIFACTS_DIR="+to)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-buildvcs=auto") // as where nobody has set it
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	binary, err := os.ReadFile(filepath.Join(to, "bootstrap"))
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// A binary is the same from any folder and at any commit, so that a release changes
// the functions whose code has changed, and runs by itself where Lambda runs it.
func TestBinariesAreTheSameFromEverywhereAndNeedNothing(t *testing.T) {
	rig.Soak(t)
	const function = "HubAuthorize"
	here := built(t, rig.Root(""), function)
	if there := built(t, copied(t).dir, function); !bytes.Equal(here, there) {
		t.Errorf("%d bytes here and %d from a copy, and not the same", len(here), len(there))
	}
	file, err := elf.NewFile(bytes.NewReader(here))
	if err != nil {
		t.Fatal(err)
	}
	interpreted := slices.ContainsFunc(file.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP })
	if file.Machine != elf.EM_AARCH64 || interpreted {
		t.Errorf("it is for %v, and needs an interpreter: %v", file.Machine, interpreted)
	}
}
