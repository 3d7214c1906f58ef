// Package match finds a name of Lever's among a partner's names: offices for
// locations, teams for teams. Names are equal when they are the same text after
// Unicode's composition (NFC), so that an é is an é however it was typed. Nothing
// else is forgiven: who guesses puts people into the wrong office. What is nearly
// equal is a suggestion for a person.
package match

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Kind says how a name was found.
type Kind string

// The kinds of a match. Several means that more than one is equal, so that none is
// chosen; Near that none is equal, but one is nearly so.
const (
	Exact   Kind = "exact"
	Several Kind = "several"
	Near    Kind = "near"
	None    Kind = "none"
)

// Match is what was found for a name.
type Match struct {
	Kind Kind
	// Index is the equal name's place in the list, -1 unless the match is exact.
	Index int
	// Suggestion is the name that is nearly equal, empty unless the match is near.
	Suggestion string
}

// Find looks for a name among names. An empty name is never found.
func Find(name string, among []string) Match {
	m := Match{Kind: None, Index: -1}
	if name == "" {
		return m
	}
	name = norm.NFC.String(name)
	for i, other := range among {
		if norm.NFC.String(other) != name {
			continue
		}
		if m.Kind == Exact {
			return Match{Kind: Several, Index: -1}
		}
		m.Kind, m.Index = Exact, i
	}
	if m.Kind == None {
		if near := nearest(name, among); near != "" {
			m.Kind, m.Suggestion = Near, near
		}
	}
	return m
}

// Equal reports whether two names are the same text after composition.
func Equal(a, b string) bool { return norm.NFC.String(a) == norm.NFC.String(b) }

// nearest is the name that differs least, empty where all differ too much.
func nearest(name string, among []string) string {
	meant := []rune(plain(name))
	best, least := "", 1+min(2, len(meant)/4)
	for _, other := range among {
		if d := distance(meant, []rune(plain(other))); d < least {
			best, least = other, d
		}
	}
	return best
}

// plain is a name without what people do not mean: case, accents, white space and
// signs.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(unicode.ToUpper(r))
	}, norm.NFKD.String(name))
}

// distance counts the letters to add, to drop or to change to make b of a.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		corner := row[0]
		row[0] = i + 1
		for j := range b {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j]+1, corner+1)
		}
	}
	return row[len(b)]
}

// Distinct are the different names of a list, empty ones left out, in order. Of two
// that are equal after composition the first counts.
func Distinct(names []string) []string {
	seen, out := map[string]bool{}, []string{}
	for _, n := range names {
		if c := norm.NFC.String(n); n != "" && !seen[c] {
			seen[c] = true
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}
