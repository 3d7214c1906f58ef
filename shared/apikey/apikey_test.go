package apikey_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"regexp"
	"strings"
	"testing"

	"fulcrum/shared/apikey"
)

func minted(t *testing.T, partner, random string) string {
	t.Helper()
	text, err := apikey.Mint(partner, strings.NewReader(random))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAKeyIsReadAsItWasMade(t *testing.T) {
	for _, partner := range []string{"joinedly", "interviewing-io", "p2"} {
		text, err := apikey.Mint(partner, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^ful_[a-z0-9-]+_[0-9a-v]{40}$`).MatchString(text) {
			t.Errorf("a key has the form of %d characters that a scanner does not know", len(text))
		}
		k, err := apikey.Parse(text)
		if err != nil || k.Partner != partner || len(k.Hash) != 64 || !regexp.MustCompile(`^key_[0-9a-v]{16}$`).MatchString(k.ID) {
			t.Errorf("%+v, %v", k, err)
		}
		if strings.Contains(text, strings.TrimPrefix(k.ID, "key_")) {
			t.Error("the id is a part of the key")
		}
	}
}

// The same key has the same hash and id on every machine: they are in tables.
func TestAKeysHashStays(t *testing.T) {
	text := minted(t, "joinedly", "01234567890123456789")
	k, err := apikey.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	const want = "ful_joinedly_60oj4cpk6kr3ee1p60oj4cpk6kr3ee1pnkl4qlt1"
	if text != want || k.Hash != "e5aee69ed3729f0900d51430e477d589eafa2c621434120e7e9a31d2fa59af5b" || k.ID != "key_smned7mjeafgi06l" {
		t.Errorf("%s, %+v", text, k)
	}
}

func TestWhatIsNoKeyIsRefused(t *testing.T) {
	good := minted(t, "joinedly", "01234567890123456789")
	tests := map[string]string{
		"nothing":               "",
		"the prefix alone":      "ful_",
		"no body":               "ful_joinedly_",
		"another prefix":        "sk_" + strings.TrimPrefix(good, "ful_"),
		"another partner":       strings.Replace(good, "joinedly", "justworks", 1),
		"no partner":            strings.Replace(good, "joinedly", "", 1),
		"one character less":    good[:len(good)-1],
		"one character more":    good + "0",
		"capitals":              strings.ToUpper(good),
		"a space":               good + " ",
		"a line's end":          good + "\n",
		"all zeroes":            "ful_joinedly_" + strings.Repeat("0", 40),
		"of another alphabet":   "ful_joinedly_" + strings.Repeat("z", 40),
		"a hostile partner":     "ful_a#b_" + good[len(good)-40:],
		"a very long partner":   "ful_" + strings.Repeat("a", 10_000) + "_" + good[len(good)-40:],
		"a partner of no ASCII": "ful_jöinedly_" + good[len(good)-40:],
	}
	for name, text := range tests {
		if _, err := apikey.Parse(text); !errors.Is(err, apikey.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every single slip is seen.
func TestEveryOtherCharacterIsRefused(t *testing.T) {
	good := minted(t, "joinedly", "01234567890123456789")
	for i := range good {
		for _, c := range "0123456789abcdefghijklmnopqrstuvwxyz_" {
			if slip := good[:i] + string(c) + good[i+1:]; slip != good {
				if _, err := apikey.Parse(slip); err == nil {
					t.Errorf("%s is taken", slip)
				}
			}
		}
	}
}

func TestAKeyIsNotMadeOfWhatIsMissing(t *testing.T) {
	for name, mint := range map[string]func() (string, error){
		"too little chance":  func() (string, error) { return apikey.Mint("joinedly", bytes.NewReader(make([]byte, 19))) },
		"no partner":         func() (string, error) { return apikey.Mint("", rand.Reader) },
		"a partner's title":  func() (string, error) { return apikey.Mint("Joinedly", rand.Reader) },
		"a name with a line": func() (string, error) { return apikey.Mint("a_b", rand.Reader) },
	} {
		if text, err := mint(); err == nil || text != "" {
			t.Errorf("%s: a key is made", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("ful_joinedly_60oj4cpk6kr3ee1p60oj4cpk6kr3ee1pnkl4qlt1")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := apikey.Parse(text)
		if (err == nil) != (k.Hash != "") || err == nil && !strings.HasPrefix(text, "ful_"+k.Partner+"_") {
			t.Errorf("%+v, %v", k, err)
		}
	})
}
