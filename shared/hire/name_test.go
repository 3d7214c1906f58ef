package hire

import (
	"encoding/json"
	"testing"

	"fulcrum/shared/lever"
)

func TestNamesAreCutAfterTheFirstWord(t *testing.T) {
	tests := map[string]struct {
		name string
		want Name
	}{
		"two words":                       {"Ada Lovelace", Name{"Ada", "Lovelace", false}},
		"one word":                        {"Cher", Name{"Cher", "", true}},
		"more than two lose nothing":      {"Maria del Carmen Ruiz", Name{"Maria", "del Carmen Ruiz", true}},
		"family name first with a comma":  {"Lovelace, Ada", Name{"Ada", "Lovelace", false}},
		"two family names with a comma":   {"Ruiz Perez, Carmen", Name{"Carmen", "Ruiz Perez", true}},
		"a comma with nothing behind":     {"Lovelace,", Name{"Lovelace,", "", true}},
		"white space of all kinds":        {"  Ada \t Lovelace\n", Name{"Ada", "Lovelace", false}},
		"no name":                         {"", Name{"", "", true}},
		"letters that are not from Latin": {"李 小龙", Name{"李", "小龙", false}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := SplitName(tt.name); got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestThePhoneIsTheMobileOrElseTheFirst(t *testing.T) {
	for phones, want := range map[string]string{
		`[{"type":"home","value":"1"},{"type":"mobile","value":"2"}]`: "2",
		`[{"type":"home","value":"1"},{"type":"work","value":"3"}]`:   "1",
		`[{"value":"4"}]`:                  "4",
		`[{"type":"skype","value":"ada"}]`: "",
		`[]`:                               "",
	} {
		h := Hire{Opportunity: new(lever.Opportunity)}
		if err := json.Unmarshal([]byte(`{"phones":`+phones+`}`), h.Opportunity); err != nil {
			t.Fatal(err)
		}
		if got := h.Phone(); got != want {
			t.Errorf("phone of %s is %q, want %q", phones, got, want)
		}
	}
}

func TestTheContactKnowsThePersonBest(t *testing.T) {
	for name, tt := range map[string]struct{ opportunity, name, email string }{
		"the contact's come first":              {`{"name":"Old Name","emails":["old@x.example"],"contact":{"id":"c","name":"New Name","emails":["new@x.example"]}}`, "New", "new@x.example"},
		"where the contact has none":            {`{"name":"Old Name","emails":["old@x.example"],"contact":{"id":"c","name":" "}}`, "Old", "old@x.example"},
		"where the contact is only named by id": {`{"name":"Old Name","emails":["old@x.example"],"contact":"c"}`, "Old", "old@x.example"},
		"addresses that are blank are none":     {`{"name":"Old Name","emails":[" ","old@x.example "],"contact":"c"}`, "Old", "old@x.example"},
	} {
		h := Hire{Opportunity: new(lever.Opportunity)}
		if err := json.Unmarshal([]byte(tt.opportunity), h.Opportunity); err != nil {
			t.Fatal(err)
		}
		if h.Name().First != tt.name || h.Email() != tt.email {
			t.Errorf("%s: %+v, %q", name, h.Name(), h.Email())
		}
	}
}
