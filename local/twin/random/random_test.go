package random

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

func TestEveryKindHasItsForm(t *testing.T) {
	s := New(nil)
	tests := map[string]struct{ got, form string }{
		"a UUID is of version 4":           {s.UUID(), `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`},
		"a signature token is 48 digits":   {s.Hex(48), `^[0-9a-f]{48}$`},
		"a text needs no escaping in URLs": {s.Text(43), `^[0-9A-Za-z_-]{43}$`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if !regexp.MustCompile(tt.form).MatchString(tt.got) {
				t.Errorf("%q is not of the form %s", tt.got, tt.form)
			}
		})
	}
}

func TestTheSameSeedGivesTheSameIds(t *testing.T) {
	a, b := New(rand.NewChaCha8([32]byte{1})), New(rand.NewChaCha8([32]byte{1}))
	other := New(rand.NewChaCha8([32]byte{2}))
	first := a.UUID()
	if got := b.UUID(); got != first {
		t.Errorf("same seed: %s, then %s", first, got)
	}
	if other.UUID() == first {
		t.Error("another seed gave the same id")
	}
}

func TestASourceThatRunsDryGoesOn(t *testing.T) {
	s := New(strings.NewReader("only twenty bytes..."))
	if a, b := s.UUID(), s.UUID(); a == b {
		t.Errorf("the same id twice: %s", a)
	}
}
