package interviewingio

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestWhatTellsWhoItIsIsCovered(t *testing.T) {
	ada := &Candidate{
		Name: "Ada King-Noël O'Hara", Email: "a.king_99@example.com", Phone: "+44 20 7946 0958",
		LinkedIn: "https://www.linkedin.com/in/countess-ada/", Employer: "Analytical Engines (UK)",
	}
	tests := map[string]struct{ text, want string }{
		"the whole name":                          {"Ada King-Noël O'Hara did well", "[removed] did well"},
		"a part of the name in capitals":          {"NOËL did well", "[removed] did well"},
		"a name with an ending":                   {"Ada's heap", "[removed]'s heap"},
		"a name at the end":                       {"it was O'Hara.", "it was [removed]."},
		"a longer word that begins like the name": {"an adagio, the kingdom", "an adagio, the kingdom"},
		"the e-mail":                              {"write a.king_99@example.com now", "write [removed] now"},
		"somebody else's e-mail":                  {"or x@y.co.uk", "or [removed]"},
		"the phone in another form":               {"call (020) 7946-0958!", "call [removed]!"},
		"the link's last part":                    {"as countess-ada there", "as [removed] there"},
		"any link":                                {"see https://ada.dev/x, please", "see [removed] please"},
		"a link without a scheme":                 {"github.com/ada-l", "[removed]"},
		"the employer over two blanks":            {"at analytical  engines (uk)", "at [removed]"},
		"numbers of the interview":                {"O(n) in 45 minutes, 3 of 4", "O(n) in 45 minutes, 3 of 4"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := newVeil(ada).cover(tt.text); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestOfWhoIsNotRevealedNothingIsKept(t *testing.T) {
	r := &Result{
		InterviewID: "iv-1", Outcome: no, Pseudonym: "Quiet Falcon", RecordingURL: "https://interviewing.io/ada", Candidate: &Candidate{Name: "Ada Lovelace", Email: "ada@example.com"},
		Interviewer: Interviewer{Name: "Ada Byron"}, Feedback: &Feedback{Technical: 1, Text: "Lovelace was slow"},
	}
	text, err := json.Marshal(r.kept())
	if err != nil || strings.Contains(strings.ToLower(string(text)), "ada") || strings.Contains(string(text), "Lovelace") || !strings.Contains(string(text), "Quiet Falcon") {
		t.Errorf("kept %s (%v)", text, err)
	}
	if r.Feedback.Text != "Lovelace was slow" || r.Candidate == nil {
		t.Error("what was given is changed")
	}
	r.Outcome, r.Consents = yes, true
	if k := r.kept(); k.Pseudonym != "" || k.Candidate == nil {
		t.Errorf("of who is revealed %+v is kept", k)
	}
}
