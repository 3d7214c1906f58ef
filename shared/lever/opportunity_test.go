package lever_test

import (
	"encoding/json"
	"testing"

	"fulcrum/shared/lever"
)

func opportunityOf(t *testing.T, text string) *lever.Opportunity {
	t.Helper()
	o := new(lever.Opportunity)
	if err := json.Unmarshal([]byte(text), o); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestWhoWasAnonymized(t *testing.T) {
	tests := map[string]struct {
		opportunity string
		want        bool
	}{
		"somebody who is known":                     {`{"contact": {"id": "c", "isAnonymized": false}}`, false},
		"a contact of which only the id is given":   {`{"contact": "c"}`, false},
		"an opportunity that was anonymized":        {`{"contact": "c", "isAnonymized": true}`, true},
		"the opportunity of an anonymized person":   {`{"contact": {"id": "c", "isAnonymized": true}}`, true},
		"an opportunity of whose person another is": {`{"contact": {"id": "c"}, "isAnonymized": true}`, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := opportunityOf(t, tt.opportunity).Anonymized(); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestTheApplicationOfAnOpportunity(t *testing.T) {
	tests := map[string]struct {
		opportunity   string
		want, posting string
	}{
		"an opportunity without one":       {`{"applications": []}`, "", ""},
		"one of which only the id is":      {`{"applications": ["a"]}`, "", ""},
		"one that is an object":            {`{"applications": [{"id": "a", "posting": "p"}]}`, "a", "p"},
		"one whose posting is an object":   {`{"applications": [{"id": "a", "posting": {"id": "p"}}]}`, "a", "p"},
		"the first that is given in whole": {`{"applications": ["x", {"id": "a", "posting": "p"}, {"id": "b"}]}`, "a", "p"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if a := opportunityOf(t, tt.opportunity).Application(); a.ID != tt.want || a.Posting.ID != tt.posting {
				t.Errorf("got %+v", a)
			}
		})
	}
}
