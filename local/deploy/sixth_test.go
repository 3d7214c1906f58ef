package deploy_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fulcrum/local/rig"
)

// project is a copy of the project, to be changed.
type project struct {
	*testing.T
	dir string
}

// copied has all that is needed to build and test.
func copied(t *testing.T) project {
	t.Helper()
	p := project{t, t.TempDir()}
	root := rig.Root("")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative := strings.TrimPrefix(strings.TrimPrefix(path, filepath.Clean(root)), "/")
		if d.IsDir() {
			if strings.HasPrefix(d.Name(), ".") && relative != "" {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(p.dir, relative), 0o755)
		}
		text, err := os.ReadFile(path)
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		return os.WriteFile(filepath.Join(p.dir, relative), text, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p project) read(path string) string {
	p.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, path))
	if err != nil {
		p.Fatal(err)
	}
	return string(text)
}

func (p project) write(path, text string) {
	p.Helper()
	full := filepath.Join(p.dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		p.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		p.Fatal(err)
	}
}

// change replaces texts of a file, each wherever it stands; one that is not there
// fails the test.
func (p project) change(path string, pairs ...string) {
	p.Helper()
	text := p.read(path)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			p.Fatalf("%s has no %q", path, pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	p.write(path, text)
}

// lines says each line that the pattern finds once more, for Acme, behind itself.
func (p project) lines(path, pattern string) {
	p.Helper()
	line := regexp.MustCompile(`(?m)^.*` + pattern + `.*\n`)
	text := p.read(path)
	if !line.MatchString(text) {
		p.Fatalf("%s has no line like %s", path, pattern)
	}
	p.write(path, line.ReplaceAllStringFunc(text, func(found string) string { return found + acme(found) }))
}

// between is the text from one to before the other.
func (p project) between(path, from, to string) string {
	p.Helper()
	text := p.read(path)
	start := strings.Index(text, from)
	end := strings.Index(text[max(start, 0)+len(from):], to)
	if start < 0 || end < 0 {
		p.Fatalf("%s has nothing from %q to %q", path, from, to)
	}
	return text[start : start+len(from)+end]
}

func (p project) run(name string, args ...string) {
	p.Helper()
	c := exec.CommandContext(p.Context(), name, args...)
	c.Dir = p.dir
	c.Env = append(os.Environ(), "SOAK=", "CALLS=")
	if out, err := c.CombinedOutput(); err != nil {
		p.Errorf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// acme is what stands for Joinedly, said of Acme.
func acme(text string) string {
	return strings.NewReplacer("joinedly", "acme", "Joinedly", "Acme", "listJoiners", "listAcmeJoiners").Replace(text)
}

// The steps are those of CONTRIBUTING.md.
func TestASixthPartner(t *testing.T) {
	rig.Soak(t)
	p := copied(t)
	p.folder()
	p.stanza()
	p.named()
	p.contract()
	p.surroundings()
	p.samples()
	p.run("go", "vet", "./functions/...", "./local/rig", "./local/seed")
	p.run("go", "test", "./local/seed", "-update")
	p.run("go", "test", "./functions/partners", "./functions/partners/acme/...", "./local/contract")
	p.run("go", "test", "./local/rig", "-run", "Bundle")
	p.run("go", "test", "./local/deploy")
}

// folder is step 1, and step 7: the kit lies in the folder.
func (p project) folder() {
	from := filepath.Join(p.dir, "functions/partners/joinedly")
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		relative := strings.TrimPrefix(path, p.dir+"/")
		p.write(acme(relative), acme(p.read(relative)))
		return nil
	})
	if err != nil {
		p.Fatal(err)
	}
	p.change("functions/partners/partners_test.go", `"brainner evidenced`, `"acme brainner evidenced`)
}

// stanza is step 2.
func (p project) stanza() {
	stanza := p.between("template.yaml", "  # Joinedly.\n", "  # Justworks.\n")
	p.change("template.yaml", "  # How customers connect and disconnect.\n", acme(stanza)+"  # How customers connect and disconnect.\n")
}

// named is step 3.
func (p project) named() {
	p.change("template.yaml",
		"Default: joinedly,", "Default: acme,joinedly,",
		"(joinedly|", "(acme|joinedly|",
		"!Or [!Condition Joinedly, ", "!Or [!Condition Acme, !Condition Joinedly, ")
	p.lines("template.yaml", `^  Joinedly: !Not`)
	p.lines("template.yaml", `- !If \[Joinedly, !GetAtt PartnerJoinedly`)
	p.lines("local/deploy/testdata/calls.txt", "(Joinedly|joinedly)")
	p.lines("local/deploy/calls_test.go", `"PartnerJoinedlyApi " \+ secret`)
}

// contract is step 4.
func (p project) contract() {
	const document = "openapi.yaml"
	routes := p.between(document, "  /v1/joinedly/", "  /v1/justworks/")
	settings := p.between(document, "    JoinedlySettings:\n", "    JustworksSettings:\n")
	schemas := p.between(document, "    JoinedlyEntry:\n", "    ListedJoiner:\n")
	tag := p.between(document, "  - name: Joinedly\n", "  - name: Justworks\n")
	p.change(document,
		routes, routes+acme(routes), settings, settings+acme(settings), schemas, schemas+acme(schemas), tag, tag+acme(tag),
		`        - $ref: "#/components/schemas/JoinedlySettings"`+"\n",
		`        - $ref: "#/components/schemas/JoinedlySettings"`+"\n"+`        - $ref: "#/components/schemas/AcmeSettings"`+"\n")
}

// surroundings is step 5.
func (p project) surroundings() {
	p.lines("local/seed/seed.go", `\{Name: "joinedly"`)
	p.lines("local/rig/live.go", `("fulcrum/functions/partners/joinedly"|"PartnerJoinedly\w+":)`)
}

// samples is step 6.
func (p project) samples() {
	p.write("local/seed/sample_acme_test.go", acme(p.read("local/seed/sample_joinedly_test.go")))
	p.lines("local/seed/sample_test.go", `maps\.Copy\(all, joinedlySamples\(\)\)`)
}
