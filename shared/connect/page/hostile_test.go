package page_test

import (
	"net/http"
	"testing"

	"fulcrum/local/hostile"
	"fulcrum/local/tried"
	"fulcrum/shared/connect/page"
	"fulcrum/shared/connect/permission"
	"fulcrum/shared/definition"
	"fulcrum/shared/frame"
	"fulcrum/shared/match"
	"fulcrum/shared/status"
)

// screens are all set-up pages with a name in every place that a stranger writes.
func screens(name string) map[string]any {
	f := page.Frame{Frame: frame.Frame{Title: name, Owner: name, Notes: []string{name}}, Partner: name, Action: "/connect/x"}
	events := []page.Event{{Name: "candidateHired", Title: name, URL: "https://gateway.test/" + name}}
	fields := []page.Field{
		{Name: "a", Label: name, Help: name, Kind: definition.Text, Input: "text", Value: name, Wrong: name},
		{Name: "b", Label: name, Help: name, Kind: definition.Texts, Lines: true, Value: name},
		{Name: "c", Label: name, Help: name, Kind: definition.Choose, Options: []page.Option{{Choice: definition.Choice{Value: name, Label: name}, Chosen: true}}},
		{Name: "d", Label: name, Help: name, Kind: definition.Boolean},
		{Name: "e", Label: name, Help: name, Kind: definition.Names, Lines: true, Value: name, Folded: true, Wrong: name},
	}
	return map[string]any{
		"start": page.Start{Frame: f, Customer: name, Does: []string{name}, Guide: []string{name}},
		"match": page.Match{Frame: f, Lists: []page.MatchList{
			{Setting: "a", Label: name, Partner: name, Given: true, Options: []string{name}, Few: true, Rows: rows(name), Lonely: []string{name}},
			{Setting: "b", Label: name, Partner: name, Given: true, Options: []string{name}, Rows: rows(name)}, {Setting: "c", Label: name, Partner: name},
		}},
		"imports": page.Imports{Frame: f, Rows: []page.Import{{Name: name, State: name}}, Live: true},
		"connect": page.Connect{Frame: f, Button: name, ByKey: true, Results: []permission.Result{{Label: name}}, ReturnTo: "https://a.test/" + name},
		"leave":   page.Leave{Frame: f, Address: "https://lever.test/" + name},
		"message": page.Message{Frame: f, Text: []string{name}, Again: true},
		"setup": page.Setup{
			Frame: f, Typed: true, Guide: []string{name}, Match: name, Imports: page.Imports{Frame: f, Rows: []page.Import{{Name: name, State: name}}}, Settings: fields, Apply: name, Customer: name, ReturnTo: "https://a.test/" + name,
			Webhooks: page.Webhooks{Frame: f, State: status.State(name), Events: events, Missing: []string{name}, Live: true},
		},
	}
}

// rows are names of Lever's, one of which has a proposal.
func rows(name string) []page.MatchRow {
	return []page.MatchRow{
		{ID: "0", Named: match.Named{Name: name, Match: match.Near, Departments: []string{name}}, Asked: true, Value: name, Proposed: true},
		{ID: "1", Named: match.Named{Name: name, Match: match.Exact, With: name}},
	}
}

func TestANameChangesNoPagesStructure(t *testing.T) {
	pages, err := page.New()
	if err != nil {
		t.Fatal(err)
	}
	structure := func(screen, name string) []string {
		t.Helper()
		out, err := pages.Show(http.StatusOK, screen, screens(name)[screen])
		if err != nil {
			t.Fatal(err)
		}
		s, err := hostile.Structure(out.Body)
		if err != nil {
			t.Fatalf("%s with %.60q: %v", screen, name, err)
		}
		return s
	}
	for screen := range screens("X") {
		plain := structure(screen, "X")
		tried.Note(t, "hostile names on pages", len(hostile.Names()))
		for _, name := range hostile.Names() {
			if d := hostile.Difference(plain, structure(screen, name)); d != "" {
				t.Errorf("%.60q changes %s: %s", name, screen, d)
			}
		}
	}
}
