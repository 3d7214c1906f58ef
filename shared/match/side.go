package match

import (
	"slices"

	"golang.org/x/text/unicode/norm"

	"fulcrum/shared/lever"
)

// DirectoryKind and DirectoryID are the place, among a connection's objects, of the
// names that the partner has given: one object, whose state is
// {"offices": [{"id": "…", "name": "…"}], "teams": […]}, its lists named as the
// partner names them.
const (
	DirectoryKind = "directory"
	DirectoryID   = "directory"
)

// Entry is one name of the partner's.
type Entry struct {
	// ID is the partner's.
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Named is a name of one side, with what it meets on the other.
type Named struct {
	// ID is the partner's, empty of a name of Lever's.
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
	// Departments are those in which Lever has a team of this name.
	Departments []string `json:"departments,omitempty"`
	// Match is exact, several, near or none.
	Match Kind `json:"match"`
	// With is the equal name on the other side, Suggestion one that is nearly equal.
	With       string `json:"with,omitempty"`
	Suggestion string `json:"suggestion,omitempty"`
	// Alias says that the names are equal because the customer said so.
	Alias bool `json:"alias,omitempty"`
}

// Side is a list of the partner's in which names of Lever's are looked for.
type Side struct {
	entries []Entry
	names   []string
	aliases map[string]string
}

// NewSide makes a Side. aliases are names of Lever's whose name at the partner is
// another, as the customer said.
func NewSide(entries []Entry, aliases map[string]string) Side {
	s := Side{entries: entries, aliases: map[string]string{}}
	for _, e := range entries {
		s.names = append(s.names, e.Name)
	}
	for from, to := range aliases {
		s.aliases[norm.NFC.String(from)] = to
	}
	return s
}

// Find is the entry whose name is equal to Lever's name, or to what the customer
// said that the name means; nil where there is none, or more than one.
func (s Side) Find(name string) (*Entry, Match) {
	if alias, ok := s.aliases[norm.NFC.String(name)]; ok {
		name = alias
	}
	m := Find(name, s.names)
	if m.Kind != Exact {
		return nil, m
	}
	return &s.entries[m.Index], m
}

// Report matches Lever's names with the partner's and the reverse. Both lists are
// there, if empty.
func (s Side) Report(of []Named) (levers, partners []Named) {
	levers, partners = []Named{}, []Named{}
	for _, n := range of {
		entry, m := s.Find(n.Name)
		n.Match, n.Suggestion = m.Kind, m.Suggestion
		if entry != nil {
			n.With, n.Alias = entry.Name, !Equal(entry.Name, n.Name)
		}
		levers = append(levers, n)
	}
	for _, e := range s.entries {
		partners = append(partners, e.among(levers))
	}
	return levers, partners
}

// among is what an entry of the partner's meets among Lever's names.
func (e Entry) among(of []Named) Named {
	n := Named{ID: e.ID, Name: e.Name}
	if i := slices.IndexFunc(of, func(l Named) bool { return l.With != "" && Equal(l.With, e.Name) }); i >= 0 {
		n.Match, n.With, n.Alias = Exact, of[i].Name, of[i].Alias
		return n
	}
	var free []string // what equals several of the partner's is equal to none
	for _, l := range of {
		if l.With == "" {
			free = append(free, l.Name)
		}
	}
	m := Find(e.Name, free)
	n.Match, n.Suggestion = m.Kind, m.Suggestion
	if m.Kind == Exact {
		n.Match = Several
	}
	return n
}

// Locations are the names of the postings' locations, each once, in order. Lever has
// no list of them, so that what no posting names is not among them.
func Locations(postings []lever.Posting) []Named {
	var names []string
	for _, p := range postings {
		names = append(append(names, p.Categories.Location), p.Categories.AllLocations...)
	}
	var all []Named
	for _, n := range Distinct(names) {
		all = append(all, Named{Name: n})
	}
	return all
}

// Teams are the names of the postings' teams with their departments: two departments
// may each have a team of one name, which is one name to match.
func Teams(postings []lever.Posting) []Named {
	var names []string
	for _, p := range postings {
		names = append(names, p.Categories.Team)
	}
	var all []Named
	for _, n := range Distinct(names) {
		var departments []string
		for _, p := range postings {
			if Equal(p.Categories.Team, n) {
				departments = append(departments, p.Categories.Department)
			}
		}
		all = append(all, Named{Name: n, Departments: Distinct(departments)})
	}
	return all
}
