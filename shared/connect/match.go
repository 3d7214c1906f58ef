package connect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"fulcrum/shared/connect/page"
	"fulcrum/shared/definition"
	"fulcrum/shared/frame"
	"fulcrum/shared/lever"
	"fulcrum/shared/match"
	"fulcrum/shared/recovery"
	"fulcrum/shared/store"
)

const (
	// recent is how old a list of postings may be that the page shows: whoever looks
	// has just changed something in Lever, and a page that is sent back was just read.
	recent = 10 * time.Second
	// matchRows is how many names of a list are asked for at once. The others come
	// when those are matched.
	matchRows = 50
	// fewNames is how many names of the partner's are offered in a list to choose
	// from; of more, some letters are typed.
	fewNames = 40
)

// showMatch is the page on which names of Lever's meet the partner's. typed are the
// choices that were just sent and refused, by setting and name; wrong says why, nil
// for nothing.
func (v *visit) showMatch(ctx context.Context, code int, typed map[string]map[string]string, wrong []string) (answer, error) {
	c, err := v.connection(ctx)
	if err != nil {
		return answer{}, err
	}
	settings := v.d.Matched()
	if len(settings) == 0 {
		return v.again(), nil
	}
	kept, err := v.settings(ctx, c)
	if err != nil {
		return answer{}, err
	}
	postings, err := v.postings(ctx, c, kept.Values)
	if err != nil {
		return answer{}, err
	}
	p := page.Match{Frame: v.frame("Match "+titles(settings), 2, wrong...), Version: kept.Version, Only: v.query["only"] == "unmatched"}
	if v.query["done"] != "" && len(wrong) == 0 {
		p.Notes = append(p.Notes, "The matches are saved.")
	}
	for _, s := range settings {
		entries, err := v.entries(ctx, c, s)
		if err != nil {
			return answer{}, err
		}
		l := matchList(s, entries, aliasesOf(kept.Values[s.Name]), namesIn(postings, s.Match.From), typed[s.Name])
		l.Partner = v.d.Title
		p.Unmatched += l.Unmatched
		p.Lists = append(p.Lists, l.Shown(p.Only, matchRows))
	}
	return v.Pages.Show(code, "match", p)
}

// titles are settings as a heading says them: offices and teams.
func titles(settings []definition.Setting) string {
	var all []string
	for _, s := range settings {
		all = append(all, strings.ToLower(s.Label))
	}
	return strings.Join(all, " and ")
}

// postings are the customer's, those among them that the settings let be seen.
func (v *visit) postings(ctx context.Context, c store.Connection, values definition.Values) ([]lever.Posting, error) {
	client, err := v.client(ctx, c)
	if err != nil {
		return nil, err
	}
	seen := ""
	for _, s := range v.d.Settings {
		if s.Scope == recovery.Confidential && string(values[s.Name]) == "true" {
			seen = "all"
		}
	}
	return v.known.Of(c.ID, client).Since(v.Now().Add(-recent)).Postings(ctx, seen)
}

// entries are the names of a list that the partner has given, none where it has
// given none.
func (s *Setup) entries(ctx context.Context, c store.Connection, of definition.Setting) ([]match.Entry, error) {
	o, err := s.Table.Object(ctx, c.ID, match.DirectoryKind, match.DirectoryID)
	if err != nil || o.Revision == 0 {
		return nil, err
	}
	lists := map[string]json.RawMessage{}
	if err := json.Unmarshal(o.State, &lists); err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	var entries []match.Entry
	if list := lists[of.Match.With]; list != nil {
		if err := json.Unmarshal(list, &entries); err != nil {
			return nil, fmt.Errorf("directory: %s: %w", of.Match.With, err)
		}
	}
	return entries, nil
}

func namesIn(postings []lever.Posting, from definition.Source) []match.Named {
	if from == definition.Teams {
		return match.Teams(postings)
	}
	return match.Locations(postings)
}

// aliasesOf is the value of a setting of names.
func aliasesOf(value json.RawMessage) map[string]string {
	all := map[string]string{}
	if json.Unmarshal(value, &all) != nil {
		return map[string]string{}
	}
	return all
}

// matchList is a list of names as the page shows it.
func matchList(s definition.Setting, entries []match.Entry, aliases map[string]string, names []match.Named, typed map[string]string) page.MatchList {
	levers, partners := match.NewSide(entries, aliases).Report(names)
	l := page.MatchList{Setting: s.Name, Label: s.Label, Given: len(entries) > 0, Options: single(entries)}
	l.Few = len(l.Options) <= fewNames
	for i, n := range levers {
		row := page.MatchRow{ID: s.Name + "-" + strconv.Itoa(i), Named: n, Asked: n.Match != match.Several && (n.Match != match.Exact || n.Alias), Value: n.With}
		if n.Match == match.Near {
			row.Value, row.Proposed = n.Suggestion, slices.Contains(l.Options, n.Suggestion)
		}
		if chosen, ok := typed[n.Name]; ok {
			row.Value, row.Proposed = chosen, false
		}
		if n.Match != match.Exact {
			l.Unmatched++
		}
		l.Rows = append(l.Rows, row)
	}
	for _, n := range partners {
		if n.Match != match.Exact {
			l.Lonely = append(l.Lonely, n.Name)
		}
	}
	return l
}

// single are the names that exactly one entry has: no other can be chosen by name.
func single(entries []match.Entry) []string {
	count := map[string]int{}
	var names []string
	for _, e := range entries {
		count[norm.NFC.String(e.Name)]++
		names = append(names, e.Name)
	}
	return slices.DeleteFunc(match.Distinct(names), func(n string) bool { return count[norm.NFC.String(n)] > 1 })
}

// postMatch puts what was chosen into the settings. What was not asked for stays as
// it is.
func (v *visit) postMatch(ctx context.Context) (answer, error) {
	c, err := v.connection(ctx)
	if err != nil {
		return answer{}, err
	}
	version, err := strconv.ParseInt(v.form.Get("version"), 10, 64)
	typed, ok := v.chosen()
	if err != nil || !ok {
		return answer{}, frame.ErrForged
	}
	kept, err := v.settings(ctx, c)
	if err != nil {
		return answer{}, err
	}
	wrong, err := v.mergeInto(ctx, c, kept.Values, typed)
	if err != nil {
		return answer{}, err
	}
	if len(wrong) > 0 {
		return v.showMatch(ctx, http.StatusUnprocessableEntity, typed, wrong[:1])
	}
	_, refused, err := v.apply(ctx, c, newSettings{Version: version, Values: kept.Values}, actor(v.link))
	switch {
	case errors.Is(err, store.ErrMoved):
		return v.showMatch(ctx, http.StatusConflict, nil, []string{"Somebody else has changed the settings meanwhile. These are theirs; nothing of yours was saved."})
	case err != nil:
		return answer{}, err
	case len(refused) > 0:
		return v.showMatch(ctx, http.StatusUnprocessableEntity, typed, []string{"Nothing was saved. " + sentence(v.d, refused[0])})
	}
	return v.Pages.Redirect(v.address() + "?part=match&done=saved"), nil
}

// mergeInto changes settings by choices. It says which of those are no names of the
// partner's.
func (v *visit) mergeInto(ctx context.Context, c store.Connection, values definition.Values, typed map[string]map[string]string) (wrong []string, err error) {
	for _, s := range v.d.Matched() {
		entries, err := v.entries(ctx, c, s)
		if err != nil {
			return nil, err
		}
		merged, unknown := merge(aliasesOf(values[s.Name]), typed[s.Name], single(entries))
		for _, name := range unknown {
			wrong = append(wrong, fmt.Sprintf("Nothing was saved: “%s” is none of the %s in %s, or several have this name.", name, strings.ToLower(s.Label), v.d.Title))
		}
		values[s.Name] = encoded(merged)
	}
	return wrong, nil
}

// chosen are the choices of the form by setting and Lever's name; false for a form
// that is none of ours.
func (v *visit) chosen() (map[string]map[string]string, bool) {
	settings, levers, partners := v.form["setting"], v.form["lever"], v.form["partner"]
	if len(levers) != len(settings) || len(partners) != len(settings) {
		return nil, false
	}
	all := map[string]map[string]string{}
	for i, s := range settings {
		if all[s] == nil {
			all[s] = map[string]string{}
		}
		all[s][levers[i]] = strings.TrimSpace(partners[i])
	}
	return all, true
}

// merge is what aliases become by choices, and which of those are none of names.
func merge(aliases, choices map[string]string, names []string) (merged map[string]string, unknown []string) {
	for from, to := range choices {
		for old := range aliases {
			if match.Equal(old, from) {
				delete(aliases, old)
			}
		}
		i := slices.IndexFunc(names, func(n string) bool { return match.Equal(n, to) })
		switch {
		case to == "":
		case i < 0:
			unknown = append(unknown, to)
		case !match.Equal(from, to):
			aliases[from] = names[i]
		}
	}
	slices.Sort(unknown)
	return aliases, unknown
}
