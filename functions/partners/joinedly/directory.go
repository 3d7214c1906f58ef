package joinedly

import (
	"context"
	"encoding/json"
	"fmt"

	"fulcrum/shared/match"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// Directory are the offices and teams that a customer has in Joinedly, as Joinedly
// gave them.
type Directory struct {
	Offices []Entry `json:"offices"`
	Teams   []Entry `json:"teams"`
}

// Entry is one office or team. Its id is given back in joiners.
type Entry = match.Entry

// Empty reports whether the directory says nothing, as one that was never given.
func (d Directory) Empty() bool { return len(d.Offices) == 0 && len(d.Teams) == 0 }

// directory is the connection's directory, and its object.
func directory(ctx context.Context, w *partner.Work) (store.Object, Directory, error) {
	var d Directory
	o, err := w.Object(ctx, match.DirectoryKind, match.DirectoryID, &d)
	return o, d, err
}

// side is one of the two lists that names of Lever's are looked for in.
type side struct {
	match.Side
	// unmatched and ambiguous are what a name is that is not found.
	unmatched, ambiguous reason
}

func (d Directory) offices(s Settings) side {
	return side{match.NewSide(d.Offices, s.OfficeAliases), officeUnmatched, officeAmbiguous}
}

func (d Directory) teams(s Settings) side {
	return side{match.NewSide(d.Teams, s.TeamAliases), teamUnmatched, teamAmbiguous}
}

// problem is what is wrong where a name of Lever's was not found so. That Lever has
// none is not wrong.
func (s side) problem(name string, m match.Match) (Problem, bool) {
	p := Problem{Reason: s.unmatched, Name: name, Suggestion: m.Suggestion}
	if m.Kind == match.Several {
		p.Reason = s.ambiguous
	}
	return p, name != "" && m.Kind != match.Exact
}

const (
	// maxText is the length of an id or a name, in bytes.
	maxText = 200
	// maxDirectory is the length of a directory in bytes: it is one item of the
	// table, which takes 400 KB.
	maxDirectory = 256 << 10
)

// check says what is wrong with a directory, by member; nil for nothing. Two
// entries of one name are a customer's own affair, two of one id are not.
func (d Directory) check() map[string]string {
	wrong := map[string]string{}
	for list, entries := range map[string][]Entry{"offices": d.Offices, "teams": d.Teams} {
		seen := map[string]bool{}
		for i, e := range entries {
			at := fmt.Sprintf("%s[%d]", list, i)
			switch {
			case e.ID == "" || e.Name == "":
				wrong[at] = "needs an id and a name"
			case len(e.ID) > maxText || len(e.Name) > maxText:
				wrong[at] = fmt.Sprintf("has an id or a name longer than %d bytes", maxText)
			case seen[e.ID]:
				wrong[at] = "has the id of another"
			}
			seen[e.ID] = true
		}
	}
	if text, err := json.Marshal(d); err != nil || len(text) > maxDirectory {
		wrong["offices"] = "are, with the teams, more than 256 KiB"
	}
	return wrong
}
