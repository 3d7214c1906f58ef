package brainner

import (
	"bytes"
	"encoding/json"
	"testing"

	"fulcrum/functions/partners"
	"fulcrum/shared/lever"
)

func TestSettingsAreThoseOfTheFile(t *testing.T) {
	d, err := partners.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(d.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	var s Settings
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&s); err != nil {
		t.Errorf("a setting of partner.json is none here: %v", err)
	}
	back, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var here, there map[string]any
	if json.Unmarshal(back, &here) != nil || json.Unmarshal(text, &there) != nil || len(here) != len(there) {
		t.Errorf("here are %d settings, in partner.json %d", len(here), len(there))
	}
	if s.AutoGenerateJobs || !s.AutoImportCandidates || s.PostResults != PostForm || s.RetentionDays != 365 || s.receives() {
		t.Errorf("defaults %+v", s)
	}
}

func TestWhichPostingsMayBeJobs(t *testing.T) {
	posting := func(change func(*lever.Posting)) *lever.Posting {
		p := &lever.Posting{State: lever.PostingPublished, Tags: []string{"urgent"}}
		p.Categories = lever.Categories{Location: "Lisbon", AllLocations: []string{"Lisbon", "Porto"}, Department: "Product"}
		change(p)
		return p
	}
	as := func(*lever.Posting) {}
	hidden := func(p *lever.Posting) { p.Confidentiality = lever.Confidential }
	in := func(state string) func(*lever.Posting) { return func(p *lever.Posting) { p.State = state } }
	tests := map[string]struct {
		settings Settings
		posting  *lever.Posting
		because  string
	}{
		"one that is published":                       {Settings{}, posting(as), ""},
		"one that is internal":                        {Settings{}, posting(in(lever.PostingInternal)), ""},
		"one that is closed":                          {Settings{}, posting(in(lever.PostingClosed)), closed},
		"one that was rejected":                       {Settings{}, posting(in(lever.PostingRejected)), closed},
		"one that is confidential":                    {Settings{}, posting(hidden), confidential},
		"one that is confidential, where that is fit": {Settings{IncludeConfidential: true}, posting(hidden), ""},
		"one in another of its chosen places":         {Settings{Locations: []string{"Porto"}}, posting(as), ""},
		"one elsewhere":                               {Settings{Locations: []string{"Berlin"}}, posting(as), notChosen},
		"one of another department":                   {Settings{Departments: []string{"Sales"}}, posting(as), notChosen},
		"one with a chosen tag":                       {Settings{Tags: []string{"urgent", "x"}}, posting(as), ""},
		"one where not all that is chosen fits":       {Settings{Tags: []string{"urgent"}, Departments: []string{"Sales"}}, posting(as), notChosen},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if because, ok := tt.settings.takes(tt.posting); because != tt.because || ok != (because == "") {
				t.Errorf("%q, %v", because, ok)
			}
		})
	}
}
