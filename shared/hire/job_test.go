package hire

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"fulcrum/shared/lever"
)

// A hire is read from every shape of an offer that Lever is known to give.
func TestEveryShapeOfAnOfferIsRead(t *testing.T) {
	for name, want := range map[string]struct{ title, location, team, start, manager string }{
		"offer.json":             {"Backend Engineer", "Lisbon", "", "2026-11-16", "b1a6d1f0-52c7-4d0e-9c1b-7a51c0de0005"},
		"offers_documented.json": {"", "", "", "2026-11-16", ""},
		"offers.json":            {"Backend Engineer", "Lisbon", "", "2026-11-16", "b1a6d1f0-52c7-4d0e-9c1b-7a51c0de0005"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("..", "lever", "testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			var list struct{ Data []lever.Offer }
			if err := json.Unmarshal(text, &list); err != nil || len(list.Data) == 0 {
				t.Fatalf("%d offers, %v", len(list.Data), err)
			}
			h := &Hire{Offer: lever.Signed(list.Data)}
			got := struct{ title, location, team, start, manager string }{h.JobTitle(), h.Location(), h.Team(), h.StartDate(), h.offered("direct_manager")}
			if got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}

func TestWhatTheOfferSaysIsTakenAsItStands(t *testing.T) {
	for name, tt := range map[string]struct{ value, want string }{
		"a text":                     {`"Berlin"`, "Berlin"},
		"a text with a blank":        {`"Berlin "`, "Berlin "},
		"blanks alone say nothing":   {`"  "`, "Lisbon"},
		"null says nothing":          {`null`, "Lisbon"},
		"a number is its digits":     {`7`, "7"},
		"an empty text says nothing": {`""`, "Lisbon"},
	} {
		h := &Hire{Posting: &lever.Posting{Categories: lever.Categories{Location: "Lisbon"}}, Offer: new(lever.Offer)}
		if err := json.Unmarshal([]byte(`{"fields":[{"identifier":"location/office","value":`+tt.value+`}]}`), h.Offer); err != nil {
			t.Fatal(err)
		}
		if got := h.Location(); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
