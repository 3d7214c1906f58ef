package partners

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"fulcrum/shared/lever"
)

func TestEveryPartnerIsDefined(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range all {
		names = append(names, d.Name)
		named, err := Named(d.Name)
		if err != nil || named.Title != d.Title {
			t.Errorf("%s: %+v, %v", d.Name, named, err)
		}
		if _, ok := d.Setting("contacts"); !ok {
			t.Errorf("%s has nobody to tell", d.Name)
		}
	}
	if want := "brainner evidenced interviewing-io joinedly justworks"; strings.Join(names, " ") != want {
		t.Errorf("partners %v", names)
	}
	for _, name := range []string{"", "nobody", "..", "joinedly/sync"} {
		if _, err := Named(name); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestDefaultsAreThoseOfTheFile(t *testing.T) {
	var got struct {
		AutoGenerateJobs, AutoImportCandidates bool
		PostResults                            string
	}
	if err := Defaults("brainner", &got); err != nil || got.AutoGenerateJobs || !got.AutoImportCandidates || got.PostResults != "form" {
		t.Errorf("%+v, %v", got, err)
	}
	if err := Defaults("nobody", &got); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

// sixth is the definition of a partner that is not there.
const sixth = `{"title":"Sixth","support":"a@b.c","apply":"Save",
	"connect":{"by":"oauth","button":"Go","does":["reads"],"scopes":["offline_access"]},
	"webhooks":{"madeBy":"integration","typedTokens":false,"events":[{"event":"candidateHired","title":"Candidate Hired","required":true}]},
	"settings":[{"name":"on","label":"On","kind":"boolean","default":false}]}`

func TestASixthPartnerIsOneFolder(t *testing.T) {
	all, err := read(fstest.MapFS{
		"sixth/partner.json": {Data: []byte(sixth)}, "sixth/partner.go": {}, "partners.go": {},
	})
	if err != nil || len(all) != 1 || all[0].Name != "sixth" || !slices.Equal(all[0].Webhooks.Required(), []lever.Event{lever.CandidateHired}) {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestWhatADefinitionCannotSay(t *testing.T) {
	setting := func(s string) string {
		return strings.Replace(sixth, `{"name":"on","label":"On","kind":"boolean","default":false}`, s, 1)
	}
	tests := map[string]struct{ text, problem string }{
		"a member that is unknown":             {strings.Replace(sixth, `"apply"`, `"aply"`, 1), `unknown field "aply"`},
		"a member of a setting":                {setting(`{"name":"on","lable":"On"}`), `unknown field "lable"`},
		"more than one value":                  {sixth + "{}", "more than one"},
		"no JSON":                              {"{", "unexpected EOF"},
		"no title":                             {strings.Replace(sixth, `"Sixth"`, `" "`, 1), "title is missing"},
		"consent without scopes":               {strings.Replace(sixth, `["offline_access"]`, `[]`, 1), "needs scopes"},
		"a way of connecting that is none":     {strings.Replace(sixth, `"oauth"`, `"carrier pigeon"`, 1), "connect.by"},
		"an API key without permissions":       {strings.Replace(sixth, `"oauth"`, `"apiKey"`, 1), "needs permissions"},
		"a permission that is none":            {strings.Replace(strings.Replace(sixth, `"oauth"`, `"apiKey"`, 1), `"scopes":["offline_access"]`, `"permissions":["all"]`, 1), `permission "all"`},
		"an event without a function":          {strings.Replace(sixth, "candidateHired", "contactCreated", 1), "contactCreated"},
		"no event that is required":            {strings.Replace(sixth, `"required":true`, `"required":false`, 1), "no event is required"},
		"customer's webhooks without tokens":   {strings.Replace(sixth, `"integration"`, `"customer"`, 1), "typed in"},
		"webhooks that nobody makes":           {strings.Replace(sixth, `"integration"`, `"nobody"`, 1), "madeBy"},
		"a setting without a default":          {setting(`{"name":"on","label":"On","kind":"boolean"}`), "no default"},
		"a default that the kind has not":      {setting(`{"name":"on","label":"On","kind":"boolean","default":"no"}`), "true or false"},
		"a setting twice":                      {setting(`{"name":"on","label":"On","kind":"text","default":""},{"name":"on","label":"On","kind":"text","default":""}`), "twice"},
		"a kind that is none":                  {setting(`{"name":"on","label":"On","kind":"colour","default":"red"}`), "kind"},
		"a choice without choices":             {setting(`{"name":"on","label":"On","kind":"choice","default":null}`), "choices"},
		"a choice from nowhere":                {setting(`{"name":"on","label":"On","kind":"choice","default":null,"from":"moon"}`), "moon"},
		"an integer without bounds":            {setting(`{"name":"on","label":"On","kind":"integer","default":0}`), "bounds"},
		"a condition on nothing":               {setting(`{"name":"on","label":"On","kind":"text","default":"","requiredWhen":{"setting":"off","is":true}}`), `"off"`},
		"a scope of what is not true or false": {setting(`{"name":"on","label":"On","kind":"text","default":"","scope":"x"}`), "scope"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := parse("sixth", []byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.problem) {
				t.Errorf("error %v, want one with %s", err, tt.problem)
			}
		})
	}
}

func TestWhatSettingsCanBe(t *testing.T) {
	s := func(kind Kind) Setting {
		return Setting{Kind: kind, Min: 1, Max: 9, Choices: []Choice{{Value: "a"}, {Value: "b"}}}
	}
	fromLever := Setting{Kind: Choose, From: Stages}
	tests := map[string]struct {
		setting Setting
		right   []string
		wrong   []string
	}{
		"true or false":       {s(Boolean), []string{`true`, `false`}, []string{`null`, `"true"`, `1`}},
		"a number":            {s(Integer), []string{`1`, `9`, `null`}, []string{`0`, `10`, `1.5`, `"1"`}},
		"numbers":             {s(Integers), []string{`[]`, `[1,9]`}, []string{`[0]`, `1`, `["1"]`}},
		"a text":              {s(Text), []string{`""`, `"x"`}, []string{`1`, `[]`}},
		"texts":               {s(Texts), []string{`[]`, `["x"]`}, []string{`"x"`, `[1]`}},
		"an address":          {s(Email), []string{`"a@b.example"`, `""`, `null`}, []string{`"Ada <a@b.example>"`, `"a"`, `1`}},
		"addresses":           {s(Emails), []string{`["a@b.example"]`, `[]`}, []string{`["a"]`, `[""]`, `"a@b.example"`}},
		"names":               {s(Names), []string{`{}`, `{"NYC":"New York"}`}, []string{`[]`, `{"NYC":1}`}},
		"a choice":            {s(Choose), []string{`"a"`, `null`}, []string{`"c"`, `1`}},
		"a choice from Lever": {fromLever, []string{`"lead-new"`}, []string{`1`}},
		"a kind that is none": {s("colour"), nil, []string{`"red"`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, v := range tt.right {
				if detail := tt.setting.Check(json.RawMessage(v)); detail != "" {
					t.Errorf("%s %s", v, detail)
				}
			}
			for _, v := range tt.wrong {
				if tt.setting.Check(json.RawMessage(v)) == "" {
					t.Errorf("%s is taken", v)
				}
			}
		})
	}
}

func TestADocumentIsCompletedOrRefusedAsAWhole(t *testing.T) {
	d, err := Named("interviewing-io")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		given string
		wrong string
	}{
		"nothing is right: the configuration is off": {`{}`, ""},
		"enabled needs a user and a stage":           {`{"enabled":true}`, "defaultStage performAs"},
		"enabled with an empty user":                 {`{"enabled":true,"performAs":"","defaultStage":"lead-new"}`, "performAs"},
		"enabled with both":                          {`{"enabled":true,"performAs":"ada@x.example","defaultStage":"lead-new"}`, ""},
		"what is no setting":                         {`{"enable":true}`, "enable"},
		"several at once":                            {`{"tags":1,"enabled":"yes"}`, "enabled tags"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var given Values
			if err := json.Unmarshal([]byte(tt.given), &given); err != nil {
				t.Fatal(err)
			}
			full, wrong := d.Complete(given)
			var names []string
			for _, p := range wrong {
				names = append(names, p.Setting)
			}
			if strings.Join(names, " ") != tt.wrong {
				t.Errorf("wrong %+v", wrong)
			}
			if keys := slices.Collect(maps.Keys(full)); len(keys) != len(d.Settings) && tt.wrong == "" {
				t.Errorf("the document has %v", keys)
			}
		})
	}
}
