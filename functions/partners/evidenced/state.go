package evidenced

import (
	"slices"

	"fulcrum/shared/partner"
)

// The kinds of the objects that Evidenced has of Lever's. A candidacy is what is
// known of an opportunity; the candidate has all that Evidenced is told.
const (
	jobKind       = "job"
	userKind      = "user"
	candidateKind = "candidate" // by contact
	candidacyKind = "candidacy" // by opportunity
	interviewKind = "interview"
	// decisionKind are Evidenced's own, by its ids; templateKind is the template of
	// feedback that they are written with.
	decisionKind = "decision"
	templateKind = "template"
)

// The reasons why something is gone. What was deleted or anonymized stays gone:
// nothing that comes late brings it back.
const (
	deleted      = partner.Deleted
	anonymized   = partner.Anonymized
	confidential = partner.Confidential
	notSynced    = "not_synced"
	merged       = "merged"
)

// candidacyState is what is known of an opportunity. Once it is gone, nothing of
// it is left but that.
type candidacyState struct {
	// Gone is why the candidacy was erased, empty while there is one.
	Gone      string     `json:"gone,omitempty"`
	Candidacy *Candidacy `json:"candidacy,omitempty"`
	// CandidateID is the contact.
	CandidateID string `json:"candidateId,omitempty"`
	// Interviews and Decisions are the ids of the candidacy's interviews, and of the
	// decisions about it.
	Interviews []string `json:"interviews,omitempty"`
	Decisions  []string `json:"decisions,omitempty"`
}

func (s candidacyState) known() bool { return s.Candidacy != nil }

// forGood reports whether the candidacy is gone and does not come back.
func (s candidacyState) forGood() bool { return s.Gone == deleted || s.Gone == anonymized }

// has notes an interview of the candidacy.
func (s *candidacyState) has(interviewID string) {
	if !slices.Contains(s.Interviews, interviewID) {
		s.Interviews = append(slices.Clone(s.Interviews), interviewID)
	}
}

// candidateState is what is known of a person.
type candidateState struct {
	Gone      string     `json:"gone,omitempty"`
	Candidate *Candidate `json:"candidate,omitempty"`
}

// interviewState is what is known of an interview. One that was deleted before it
// was known has no Interview.
type interviewState struct {
	Gone      string     `json:"gone,omitempty"`
	Interview *Interview `json:"interview,omitempty"`
}

// jobState and userState are what is known of a posting and of a user.
type jobState struct {
	Gone string `json:"gone,omitempty"`
	Job  *Job   `json:"job,omitempty"`
}

type userState struct {
	User *User `json:"user,omitempty"`
}
