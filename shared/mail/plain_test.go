package mail_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"fulcrum/shared/mail"
)

func TestPlain(t *testing.T) {
	tests := map[string]struct {
		text  string
		limit int
		want  string
	}{
		"a name stays":                           {text: "Ada Lovelace", want: "Ada Lovelace"},
		"and one with an apostrophe":             {text: "Conan O’Brien-D'Arcy", want: "Conan O’Brien-D'Arcy"},
		"and initials":                           {text: "J.R.R. Tolkien Jr.", want: "J.R.R. Tolkien Jr."},
		"and a title":                            {text: "Dr. Martin Luther King", want: "Dr. Martin Luther King"},
		"and composed letters":                   {text: "Zoë Nguyễn", want: "Zoë Nguyễn"},
		"and letters with their marks":           {text: "Zoe\u0308 Nguye\u0302\u0303n", want: "Zoe\u0308 Nguye\u0302\u0303n"},
		"and Hebrew with points":                 {text: "שָׁלוֹם", want: "שָׁלוֹם"},
		"and Arabic":                             {text: "محمد عبد الله", want: "محمد عبد الله"},
		"and Persian with its non-joiner":        {text: "علی\u200cرضا", want: "علی\u200cرضا"},
		"and Sinhala with its joiner":            {text: "ශ්\u200dරී", want: "ශ්\u200dරී"},
		"and Chinese":                            {text: "李小龍", want: "李小龍"},
		"and a family of emoji":                  {text: "👩\u200d👩\u200d👧", want: "👩\u200d👩\u200d👧"},
		"blanks are one":                         {text: "  Ada \t\u00a0\u3000 Lovelace\n", want: "Ada Lovelace"},
		"lines become one":                       {text: "Ada\r\nBcc: x", want: "Ada Bcc: x"},
		"the direction stays":                    {text: "\u202eAda\u202c \u2067x\u2069\u200f", want: "Ada x"},
		"what is not seen goes":                  {text: "A\u200bd\u00ada\ufeff\U000e0041", want: "Ada"},
		"a joiner at the end goes":               {text: "Ada\u200d", want: "Ada"},
		"what nobody sees is empty":              {text: "\u200b\u202e\u3164 \u2800\x00", want: ""},
		"what is not UTF-8 is shown as such":     {text: "A\xffda", want: "A\ufffdda"},
		"marks are bounded":                      {text: "A" + strings.Repeat("\u0301", 9) + "da", want: "A\u0301\u0301\u0301\u0301da"},
		"a mark needs a letter":                  {text: "\u0301 \u0338Ada", want: "Ada"},
		"a domain is no link":                    {text: "Ada.evil.com", want: "Ada. evil. com"},
		"nor one with another dot":               {text: "evil。com", want: "evil。 com"},
		"nor an address":                         {text: "ada@evil.com", want: "ada at evil. com"},
		"nor a scheme":                           {text: "https://localhost/x", want: "https: //localhost/x"},
		"nor what begins with www":               {text: "WWW.x", want: "WWW. x"},
		"nor a share":                            {text: `\\server\x`, want: "server x"},
		"tags are for html/template":             {text: "<b>Ada</b>", want: "<b>Ada</b>"},
		"it is cut":                              {text: "Ada Lovelace", limit: 8, want: "Ada Lov…"},
		"it is not cut where it fits":            {text: "Ada Love", limit: 8, want: "Ada Love"},
		"it is cut at a word without the blank":  {text: "Ada Lovelace", limit: 5, want: "Ada…"},
		"it is not cut between letter and marks": {text: "Zoe\u0308\u0301 x", limit: 4, want: "Zo…"},
		"it is not cut within a family of emoji": {text: "x👩\u200d👩", limit: 3, want: "x…"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.limit == 0 {
				tt.limit = 80
			}
			if got := mail.Plain(tt.text, tt.limit); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// hostile are names that strangers may type: each alone, before and behind another.
func hostile(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/names.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(text)) {
		name, err := strconv.Unquote(strings.TrimSpace(line))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, name, name+" Lovelace", "Ada "+name, "Ada"+name+"Lovelace")
	}
	if len(all) < 200 {
		t.Fatalf("%d names only", len(all))
	}
	return all
}

func TestPlainOfHostileNames(t *testing.T) {
	for _, name := range hostile(t) {
		expectPlain(t, name)
	}
}

func FuzzPlain(f *testing.F) {
	for _, name := range hostile(f) {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) { expectPlain(t, name) })
}

var (
	link   = regexp.MustCompile(`(?i)[^\s][.\x{3002}\x{ff0e}\x{ff61}\x{2024}][\pL\pN][\pL\pM\pN-]|www\.\S|[:\x{ff1a}]\S|[@\x{ff20}\\]`)
	heaped = regexp.MustCompile(`\pM{5}|(^|\s)\pM`)
)

func expectPlain(t *testing.T, name string) {
	t.Helper()
	got := mail.Plain(name, 80)
	switch {
	case !utf8.ValidString(got), utf8.RuneCountInString(got) > 80:
		t.Errorf("%.60q is %q: not UTF-8, or too long", name, got)
	case strings.ContainsFunc(got, func(r rune) bool {
		return !unicode.IsGraphic(r) && r != '\u200c' && r != '\u200d' || r != ' ' && unicode.IsSpace(r)
	}):
		t.Errorf("%.60q is %q: not one plain line", name, got)
	case link.MatchString(got), heaped.MatchString(got):
		t.Errorf("%.60q is %q: a link in it, or heaps of marks", name, got)
	case mail.Plain(got, 80) != got:
		t.Errorf("%.60q is %q, and then %q", name, got, mail.Plain(got, 80))
	}
}
