package page

import "fulcrum/shared/match"

// Match is the page on which names of Lever's meet the partner's.
type Match struct {
	Frame
	Lists []MatchList
	// Version is that of the settings that the choices are made in.
	Version int64
	// Unmatched is how many names meet none; Only shows those alone.
	Unmatched int
	Only      bool
}

// Asks reports whether there is anything to choose.
func (m Match) Asks() bool {
	for _, l := range m.Lists {
		for _, r := range l.Rows {
			if r.Asked {
				return true
			}
		}
	}
	return false
}

// MatchList is one list of names: offices.
type MatchList struct {
	// Setting is where the choices are kept, and Label what the partner calls them.
	Setting, Label string
	// Partner is the partner's name. Only says that matched names are left out.
	Partner string
	Only    bool
	// Given says that the partner has given its names; Options are those that can be
	// chosen. Few says that they fit into a list.
	Given   bool
	Options []string
	Few     bool
	Rows    []MatchRow
	// Unmatched is how many of all rows meet no name; Hidden is how many are left
	// out of a long list.
	Unmatched, Hidden int
	// Lonely are the partner's names that no name of Lever's meets.
	Lonely []string
}

// MatchRow is a name of Lever's.
type MatchRow struct {
	match.Named
	// ID tells the row's input from others.
	ID string
	// Asked says that there is something to choose, Value is what is chosen, and
	// Proposed that nobody has confirmed it yet.
	Asked    bool
	Value    string
	Proposed bool
}

// Shown is the list with at most so many rows that ask for something; only leaves
// out those that are matched.
func (l MatchList) Shown(only bool, most int) MatchList {
	var shown []MatchRow
	asked := 0
	l.Only = only
	for _, r := range l.Rows {
		if only && r.Match == match.Exact {
			continue
		}
		if r.Asked {
			asked++
		}
		if asked > most || len(shown) >= 4*most {
			l.Hidden++
			continue
		}
		shown = append(shown, r)
	}
	l.Rows = shown
	return l
}
