package hostile_test

import (
	"strings"
	"testing"

	"fulcrum/local/hostile"
)

func TestThereAreSomeTwoHundredNames(t *testing.T) {
	seen := map[string]bool{}
	for _, n := range hostile.Names() {
		if seen[n] {
			t.Errorf("%.40q is there twice", n)
		}
		seen[n] = true
	}
	if len(seen) < 200 {
		t.Errorf("%d names", len(seen))
	}
}

// What is put into a page as it is changes what it consists of; what is escaped
// does not.
func TestAStructureShowsWhatANameDoes(t *testing.T) {
	page := func(name string) []string {
		t.Helper()
		s, err := hostile.Structure(`<!DOCTYPE html><html><body><p title="` + name + `">` + name + `<br><input type="checkbox" checked></p></body></html>`)
		if err != nil {
			s = append(s, err.Error())
		}
		return s
	}
	plain := page("X")
	for _, name := range []string{`<b>x</b>`, `"><img src=x>`, `" onfocus="x`, `<!-- x -->`} {
		if hostile.Difference(plain, page(name)) == "" {
			t.Errorf("%s does not show", name)
		}
	}
	if d := hostile.Difference(plain, page("&lt;b&gt; &#34;")); d != "" {
		t.Error(d)
	}
	if d := hostile.Difference(plain, plain[:3]); !strings.Contains(d, "element 3") {
		t.Error(d)
	}
}
