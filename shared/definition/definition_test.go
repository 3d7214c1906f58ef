package definition

import (
	"encoding/json"
	"strings"
	"testing"
)

// sixth is the definition of a partner.
const sixth = `{"title":"Sixth","support":"a@b.c","apply":"Save",
	"connect":{"by":"oauth","button":"Go","does":["reads"],"scopes":["offline_access"]},
	"webhooks":{"madeBy":"integration","typedTokens":false,"events":[{"event":"candidateHired","title":"Candidate Hired","required":true}]},
	"settings":[{"name":"on","label":"On","kind":"boolean","default":false}]}`

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
			if _, err := Parse("sixth", []byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.problem) {
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
