package hire_test

import (
	"errors"
	"slices"
	"testing"

	"fulcrum/shared/hire"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

func TestWhoIsGoneAndWasNeverKnown(t *testing.T) {
	missing := errors.New("there is no such opportunity")
	tests := map[string]struct {
		standing hire.Standing
		event    lever.Event
		again    bool
		because  string
	}{
		"who is not there yet is looked for again": {hire.Gone, lever.CandidateHired, true, ""},
		"who was deleted is forgotten":             {hire.Gone, lever.CandidateDeleted, false, partner.Deleted},
		"who was anonymized is forgotten":          {hire.Anonymized, lever.CandidateHired, false, partner.Anonymized},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := partner.NewWork(queue.Event{Event: tt.event, IDs: lever.IDs{Opportunity: "o-1"}}, store.Connection{ID: "con_1"}, nil, nil)
			h := &hire.Hire{Standing: tt.standing, Why: missing}
			if err := h.Unknown(w, "nobody"); errors.Is(err, missing) != tt.again || (err != nil) != tt.again {
				t.Fatalf("got %v", err)
			}
			c := w.Commit(store.Event{})
			if tt.again {
				if len(c.Erasures) > 0 || c.State == store.Ignored {
					t.Errorf("%s, %+v are noted before it is looked at again", c.State, c.Erasures)
				}
				return
			}
			if c.State != store.Ignored || c.Reason != "nobody" || len(c.Erasures) != 1 {
				t.Fatalf("%s for %q, %d erasures", c.State, c.Reason, len(c.Erasures))
			}
			if e := c.Erasures[0]; !e.ForGood || e.Because != tt.because || !slices.Equal(e.Opportunities, []string{"o-1"}) {
				t.Errorf("got %+v", e)
			}
		})
	}
}
