package joinedly

import (
	"context"
	"errors"
	"slices"

	"fulcrum/shared/api"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/match"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

// Report says how the names on both sides match.
type Report struct {
	Offices Matches `json:"offices"`
	Teams   Matches `json:"teams"`
}

// Matches are the names of both sides, each with what it meets on the other.
type Matches struct {
	Lever    []Named `json:"lever"`
	Joinedly []Named `json:"joinedly"`
}

// Named is a name of one side.
type Named struct {
	// ID is Joinedly's, empty of a name of Lever's.
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
	// Departments are those in which Lever has a team of this name.
	Departments []string `json:"departments,omitempty"`
	// Match is exact, several, near or none.
	Match match.Kind `json:"match"`
	// With is the equal name on the other side, Suggestion one that is nearly equal.
	With       string `json:"with,omitempty"`
	Suggestion string `json:"suggestion,omitempty"`
	// Alias says that the names are equal because the customer said so.
	Alias bool `json:"alias,omitempty"`
}

// match shows the locations and teams of Lever's postings beside Joinedly's offices
// and teams. Lever has no list of either, so that what no posting names is not
// among them.
func (a *API) match(ctx context.Context, _ *api.Request, c store.Connection) (*api.Answer, error) {
	w := a.work(c)
	s, err := settings(ctx, w)
	if err != nil {
		return nil, err
	}
	_, d, err := directory(ctx, w)
	if err != nil {
		return nil, err
	}
	postings, err := a.postings(ctx, c, s)
	if err != nil {
		return nil, err
	}
	locations, teams := locationsOf(postings), teamsOf(postings)
	return api.OK(Report{Offices: d.offices(s).report(locations), Teams: d.teams(s).report(teams)})
}

// postings are the customer's postings as they are now: whoever looks has just
// changed something in Lever, or is about to.
func (a *API) postings(ctx context.Context, c store.Connection, s Settings) ([]lever.Posting, error) {
	client, err := a.clients.Client(ctx, c, rate.Interactive)
	if err != nil {
		return nil, unreachable(err)
	}
	seen := ""
	if s.IncludeConfidential {
		seen = "all"
	}
	all, err := a.known.Of(c.ID, client).Since(a.now().Add(-recent)).Postings(ctx, seen)
	return all, unreachable(err)
}

// unreachable makes a problem of what only the customer can mend.
func unreachable(err error) error {
	if _, parks := fault.Parks(err); parks {
		return api.Conflict("Lever does not take this connection's credential. Reconnect it first.")
	}
	if lever.Forbidden(err) {
		return api.Conflict("This connection may not read postings in Lever.")
	}
	if err != nil && errors.Is(err, context.DeadlineExceeded) {
		return &api.Problem{Status: 503, Detail: "Lever took too long to list the postings. Try again."}
	}
	return err
}

func locationsOf(postings []lever.Posting) []Named {
	var names []string
	for _, p := range postings {
		names = append(append(names, p.Categories.Location), p.Categories.AllLocations...)
	}
	var all []Named
	for _, n := range match.Distinct(names) {
		all = append(all, Named{Name: n})
	}
	return all
}

// teamsOf are the teams with their departments: two departments may each have a
// team of one name, which is one name to match.
func teamsOf(postings []lever.Posting) []Named {
	var names []string
	for _, p := range postings {
		names = append(names, p.Categories.Team)
	}
	var all []Named
	for _, n := range match.Distinct(names) {
		var departments []string
		for _, p := range postings {
			if match.Equal(p.Categories.Team, n) {
				departments = append(departments, p.Categories.Department)
			}
		}
		all = append(all, Named{Name: n, Departments: match.Distinct(departments)})
	}
	return all
}

// report matches Lever's names with Joinedly's and the reverse.
func (s side) report(of []Named) Matches {
	out := Matches{Lever: []Named{}, Joinedly: []Named{}}
	for _, n := range of {
		entry, m := s.find(n.Name)
		n.Match, n.Suggestion = m.Kind, m.Suggestion
		if entry != nil {
			n.With, n.Alias = entry.Name, !match.Equal(entry.Name, n.Name)
		}
		out.Lever = append(out.Lever, n)
	}
	for _, e := range s.entries {
		out.Joinedly = append(out.Joinedly, e.among(out.Lever))
	}
	return out
}

// among is what an entry of Joinedly's meets among Lever's names.
func (e Entry) among(of []Named) Named {
	n := Named{ID: e.ID, Name: e.Name}
	if i := slices.IndexFunc(of, func(l Named) bool { return l.With != "" && match.Equal(l.With, e.Name) }); i >= 0 {
		n.Match, n.With, n.Alias = match.Exact, of[i].Name, of[i].Alias
		return n
	}
	var free []string // what equals several of Joinedly's is equal to none
	for _, l := range of {
		if l.With == "" {
			free = append(free, l.Name)
		}
	}
	m := match.Find(e.Name, free)
	n.Match, n.Suggestion = m.Kind, m.Suggestion
	if m.Kind == match.Exact {
		n.Match = match.Several
	}
	return n
}
