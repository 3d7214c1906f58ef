package brainner

import (
	"encoding/json"
	"reflect"
	"testing"

	"fulcrum/shared/lever"
)

func decode[T any](t *testing.T, text string) *T {
	t.Helper()
	v := new(T)
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAPostingIsAJob(t *testing.T) {
	p := decode[lever.Posting](t, `{"id":"p-1","text":"Engineer","state":"published","tags":["urgent"],"workplaceType":"hybrid",
		"categories":{"commitment":"Full-time","department":"R&D","location":"Berlin","allLocations":["Berlin","Hamburg"],"team":"Platform"},
		"content":{"description":"We build.","lists":[{"text":"You bring","content":"<li>Go</li>"}],"closing":"Apply."},
		"owner":"u-1","hiringManager":{"id":"u-2","name":"Grace Hopper","email":"grace@example.com"}}`)
	want := Job{
		ID: "p-1", Title: "Engineer", Open: true, LeverState: "published", Description: "We build.", Closing: "Apply.",
		Sections: []Section{{"You bring", "<li>Go</li>"}}, Team: "Platform", Department: "R&D", Location: "Berlin",
		Locations: []string{"Berlin", "Hamburg"}, Commitment: "Full-time", WorkplaceType: "hybrid", Tags: []string{"urgent"},
		Owner: Person{ID: "u-1"}, HiringManager: Person{"u-2", "Grace Hopper", "grace@example.com"}, Source: Auto,
	}
	if got := mapJob(p, Auto); !reflect.DeepEqual(got, want) {
		t.Errorf("\n%+v\nwant\n%+v", got, want)
	}
}

func TestAnOpportunityDescribesACandidate(t *testing.T) {
	full := Candidate{
		ID: "kept", Evaluation: 3, OpportunityID: "o-1", ApplicationID: "a-1", Name: "Ada King", Headline: "Analyst", Location: "London",
		Emails: []string{"ada@example.com"}, Phones: []Phone{{"mobile", "1"}}, Links: []string{"https://x.example"}, Origin: "applied",
		Sources: []string{"Site"}, Tags: []string{"math"}, Stage: Stage{"s-1", "Screen"}, AppliedAt: "2019-07-31T23:34:43.454Z",
	}
	bare := Candidate{
		ID: "kept", Evaluation: 3, OpportunityID: "o-1", Name: "Ada", Emails: []string{}, Phones: []Phone{}, Links: []string{}, Sources: []string{},
		Tags: []string{}, Stage: Stage{ID: "s-1"}, Archived: true, AppliedAt: "2019-07-31T23:34:43.454Z",
	}
	tests := map[string]struct {
		opportunity string
		want        Candidate
	}{
		"the contact comes first": {`{"id":"o-1","name":"Ada","headline":"Analyst","location":"London","emails":["old@example.com"],
			"phones":[{"type":"home","value":"2"}],"links":["https://x.example"],"origin":"applied","sources":["Site"],"tags":["math"],
			"contact":{"id":"c-1","name":"Ada King","emails":["ada@example.com"],"phones":[{"type":"mobile","value":"1"}]},
			"stage":{"id":"s-1","text":"Screen"},"createdAt":1,"applications":[{"id":"a-1","posting":"p-1","createdAt":1564616083454}]}`, full},
		"with next to nothing": {`{"id":"o-1","name":"Ada","contact":"c-1","stage":"s-1","createdAt":1564616083454,"archived":{"reason":"r-1"}}`, bare},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Candidate{ID: "kept", Evaluation: 3, Archived: !tt.want.Archived}
			got.describe(decode[lever.Opportunity](t, tt.opportunity))
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("\n%+v\nwant\n%+v", got, tt.want)
			}
		})
	}
}
