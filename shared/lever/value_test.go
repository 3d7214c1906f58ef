package lever_test

import (
	"encoding/json"
	"testing"
	"time"

	"fulcrum/shared/lever"
)

func TestTimes(t *testing.T) {
	tests := map[string]struct {
		raw   string
		want  lever.Time
		wrong bool
	}{
		"a number":          {raw: `1564616083454`, want: 1564616083454},
		"a number in text":  {raw: `"1564616083454"`, want: 1564616083454},
		"null":              {raw: `null`},
		"an empty text":     {raw: `""`},
		"a date is no time": {raw: `"2026-11-21"`, wrong: true},
		"a fraction":        {raw: `1.5`, wrong: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got lever.Time
			if err := json.Unmarshal([]byte(tt.raw), &got); (err != nil) != tt.wrong || got != tt.want {
				t.Errorf("%d, %v; want %d", got, err, tt.want)
			}
		})
	}
	if got := lever.Time(1564616083454).Time(); got != time.Date(2019, 7, 31, 23, 34, 43, 454e6, time.UTC) {
		t.Errorf("Time is %v", got)
	}
	if !lever.Time(0).Time().IsZero() {
		t.Error("no time is a time")
	}
}

func TestRefs(t *testing.T) {
	tests := map[string]struct {
		raw, id, text string
		expanded      bool
	}{
		"an id":                {raw: `"lead-new"`, id: "lead-new"},
		"an object":            {raw: `{"id":"lead-new","text":"New lead","more":1}`, id: "lead-new", text: "New lead", expanded: true},
		"null":                 {raw: `null`},
		"an object without id": {raw: `{"text":"New lead"}`, text: "New lead", expanded: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got lever.Ref[lever.Stage]
			if err := json.Unmarshal([]byte(tt.raw), &got); err != nil {
				t.Fatal(err)
			}
			if got.ID != tt.id || (got.Object != nil) != tt.expanded || (tt.expanded && got.Object.Text != tt.text) {
				t.Errorf("%+v", got)
			}
			if text, err := json.Marshal(got); err != nil || string(text) != `"`+tt.id+`"` {
				t.Errorf("written as %s, %v", text, err)
			}
		})
	}
	var ref lever.Ref[lever.Stage]
	if err := json.Unmarshal([]byte(`5`), &ref); err == nil {
		t.Error("a number is an id")
	}
}

func TestEventSlugs(t *testing.T) {
	for event, want := range map[lever.Event]string{
		lever.CandidateHired: "candidate-hired", lever.CandidateArchiveChange: "candidate-archive-change", "": "",
	} {
		if got := event.Slug(); got != want {
			t.Errorf("slug of %q is %q", event, got)
		}
	}
}

func TestOfferFields(t *testing.T) {
	var o lever.Offer
	if err := json.Unmarshal([]byte(`{"fields":[
		{"identifier":"job_title","value":" Engineer "},
		{"identifier":"salary_amount","value":42.50},
		{"identifier":"offered_equity","value":null},
		{"identifier":"missing_value"},
		{"identifier":"anticipated_start_date","value":1628467200000},
		{"identifier":"evening","value":1628549999000},
		{"identifier":"as_text","value":"2021-08-09T00:00:00Z"},
		{"identifier":"nonsense","value":"soon"}]}`), &o); err != nil {
		t.Fatal(err)
	}
	for identifier, want := range map[string]string{
		"job_title": "Engineer", "salary_amount": "42.50", "offered_equity": "", "missing_value": "", "not_there": "",
	} {
		if got := o.String(identifier); got != want {
			t.Errorf("%s is %q, want %q", identifier, got, want)
		}
	}
	for identifier, want := range map[string]string{
		"anticipated_start_date": "2021-08-09", "evening": "2021-08-09", "as_text": "2021-08-09", "nonsense": "", "not_there": "",
	} {
		if got := o.Date(identifier); got != want {
			t.Errorf("date %s is %q, want %q", identifier, got, want)
		}
	}
}

func TestTheSignedOffer(t *testing.T) {
	tests := map[string]struct {
		offers []lever.Offer
		want   string
	}{
		"none":                             {},
		"a draft is not signed":            {offers: []lever.Offer{{ID: "a", Status: "draft"}}},
		"the newest of two":                {offers: []lever.Offer{{ID: "a", Status: "signed", CreatedAt: 1}, {ID: "b", Status: "signed", CreatedAt: 2}}, want: "b"},
		"a newer one that was denied":      {offers: []lever.Offer{{ID: "a", Status: "signed", CreatedAt: 1}, {ID: "b", Status: "denied", CreatedAt: 2}}, want: "a"},
		"signed by hand without document":  {offers: []lever.Offer{{ID: "a", Status: "signed"}}, want: "a"},
		"whatever their order in the list": {offers: []lever.Offer{{ID: "b", Status: "signed", CreatedAt: 2}, {ID: "a", Status: "signed", CreatedAt: 1}}, want: "b"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := lever.Signed(tt.offers)
			if (got == nil) != (tt.want == "") || got != nil && got.ID != tt.want {
				t.Errorf("%+v, want %q", got, tt.want)
			}
		})
	}
}
