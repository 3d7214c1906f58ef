package choice_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"fulcrum/shared/connect/choice"
	"fulcrum/shared/definition"
	"fulcrum/shared/lever"
)

// account has one of each that may be chosen, and one that may not.
type account struct{ calls int }

func (a *account) RoundTrip(req *http.Request) (*http.Response, error) {
	a.calls++
	body, ok := map[string]string{
		"/v1/stages":          `{"data":[{"id":"lead-new","text":"New lead"}]}`,
		"/v1/archive_reasons": `{"data":[{"id":"r-1","text":"Underqualified","status":"active","type":"non-hired"},{"id":"r-2","text":"Old","status":"inactive","type":"non-hired"},{"id":"r-3","text":"Hired","status":"active","type":"hired"}]}`,
		"/v1/users":           `{"data":[{"id":"u-1","name":"Ada","email":"ada@x.example"},{"id":"u-2","name":"Gone","email":"gone@x.example","deactivatedAt":1}]}`,
		"/v1/postings":        `{"data":[{"id":"p-1","text":"Engineer","state":"published"},{"id":"p-2","text":"Old","state":"closed"}]}`,
	}[req.URL.Path]
	status := http.StatusOK
	if !ok {
		status, body = http.StatusForbidden, `{"code":"Forbidden"}`
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
}

func client(t *testing.T, a *account) *lever.Client {
	t.Helper()
	c, err := lever.New(lever.Options{BaseURL: "https://lever.example/v1", Auth: lever.APIKey("k"), Transport: a})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOnlyWhatMayBeUsedIsOffered(t *testing.T) {
	tests := map[definition.Source]definition.Choice{
		definition.Stages:         {Value: "lead-new", Label: "New lead"},
		definition.ArchiveReasons: {Value: "r-1", Label: "Underqualified"},
		definition.Users:          {Value: "ada@x.example", Label: "Ada <ada@x.example>"},
		definition.Postings:       {Value: "p-1", Label: "Engineer"},
	}
	for from, want := range tests {
		t.Run(string(from), func(t *testing.T) {
			got, err := choice.Of(t.Context(), client(t, &account{}), from)
			if err != nil || len(got) != 1 || got[0] != want {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	if _, err := choice.Of(t.Context(), client(t, &account{}), "moons"); err == nil {
		t.Error("a list that is none is offered")
	}
}

func TestOnlyWhatChangesIsLookedUp(t *testing.T) {
	d := definition.Definition{Settings: []definition.Setting{
		{Name: "enabled", Kind: definition.Boolean},
		{Name: "stage", Kind: definition.Choose, From: definition.Stages, RequiredWhen: &definition.Condition{Setting: "enabled", Is: true}},
		{Name: "posting", Kind: definition.Choose, From: definition.Postings},
	}}
	values := func(text string) (v definition.Values) {
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	tests := map[string]struct{ before, after, names string }{
		"nothing that is the same":            {`{"stage":"a","posting":"p"}`, `{"stage":"a","posting":"p"}`, ""},
		"what is new":                         {`{"stage":null,"posting":"p"}`, `{"stage":"a","posting":"p"}`, "stage"},
		"what is taken out is not":            {`{"stage":"a"}`, `{"stage":null}`, ""},
		"what only now has to be there":       {`{"enabled":false,"stage":"a"}`, `{"enabled":true,"stage":"a"}`, "stage"},
		"what had to be there before, is not": {`{"enabled":true,"stage":"a"}`, `{"enabled":true,"stage":"a","posting":"p"}`, "posting"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var names []string
			for _, s := range choice.Live(d, values(tt.before), values(tt.after)) {
				names = append(names, s.Name)
			}
			if got := strings.Join(names, " "); got != tt.names {
				t.Errorf("looked up %q", got)
			}
		})
	}
}

func TestAValueIsInTheAccountOrWrong(t *testing.T) {
	tests := map[string]struct {
		from  definition.Source
		value string
		wrong string
	}{
		"a stage":                 {definition.Stages, "lead-new", ""},
		"a stage that is gone":    {definition.Stages, "gone", "none of the stages"},
		"a user, however written": {definition.Users, "Ada@X.example", ""},
		"a user who has left":     {definition.Users, "gone@x.example", "active Lever user"},
		"a user who is none":      {definition.Users, "nobody@x.example", "active Lever user"},
		"a reason of a hire":      {definition.ArchiveReasons, "r-3", "archive reasons"},
		"a job that is closed":    {definition.Postings, "p-2", "jobs"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			value, err := json.Marshal(tt.value)
			if err != nil {
				t.Fatal(err)
			}
			wrong, err := choice.Check(t.Context(), client(t, &account{}), []definition.Setting{{Name: "s", From: tt.from}}, definition.Values{"s": value})
			if err != nil || (len(wrong) > 0) != (tt.wrong != "") || len(wrong) > 0 && !strings.Contains(wrong[0].Detail, tt.wrong) {
				t.Errorf("%+v, %v", wrong, err)
			}
		})
	}
}
