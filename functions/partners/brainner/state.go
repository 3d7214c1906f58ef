package brainner

import (
	"slices"

	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
)

// The kinds of the objects that Brainner has of Lever's.
const (
	jobKind         = "job"         // by posting
	applicationKind = "application" // by opportunity
	candidateKind   = "candidate"   // by {posting}#{contact}
	resultKind      = "result"      // by opportunity
	walkKind        = "walk"        // by kind of import
	templateKind    = "template"
)

// The reasons why something is not taken, or gone. What was deleted or anonymized
// stays gone: nothing that comes late brings it back.
const (
	deleted      = partner.Deleted
	anonymized   = partner.Anonymized
	confidential = partner.Confidential
	closed       = "closed"
	notChosen    = "not_chosen"
	moved        = "moved"
)

// jobState is what is known of a posting. Without a Job it counts the applications
// that were not taken because it is none.
type jobState struct {
	Job *Job `json:"job,omitempty"`
	// Gone is why the job was removed.
	Gone string `json:"gone,omitempty"`
	// Since is when a job was imported by hand: who applied before comes by hand too.
	// It is zero of a job that came by itself.
	Since   lever.Time `json:"since,omitempty"`
	Skipped int        `json:"skipped,omitempty"`
}

// applicationState is what is known of an opportunity.
type applicationState struct {
	PostingID string `json:"postingId,omitempty"`
	ContactID string `json:"contactId,omitempty"`
	// Taken says that there is a candidate of it, Skipped that it was counted as
	// not taken.
	Taken   bool   `json:"taken,omitempty"`
	Skipped bool   `json:"skipped,omitempty"`
	Gone    string `json:"gone,omitempty"`
}

// forGood reports whether the application is gone and does not come back.
func (s applicationState) forGood() bool { return s.Gone == deleted || s.Gone == anonymized }

// candidateState is what is known of a person on a job. Once gone, nothing is left
// but that.
type candidateState struct {
	Candidate *Candidate `json:"candidate,omitempty"`
	Gone      string     `json:"gone,omitempty"`
	// SeenAt is Lever's time of the newest application's state, as it was told.
	SeenAt lever.Time `json:"seenAt,omitempty"`
	// ResumeOf is the opportunity that has the résumé.
	ResumeOf string `json:"resumeOf,omitempty"`
	// AskedBy is the import that asked for the last evaluation anew.
	AskedBy string `json:"askedBy,omitempty"`
}

// resultState is the current result of an opportunity.
type resultState struct {
	Gone string `json:"gone,omitempty"`
	// Action is the action that wrote it, Hash tells results apart.
	Action string `json:"action,omitempty"`
	Hash   string `json:"hash,omitempty"`
	// Kind is form or note, LeverID Lever's id of it.
	Kind       PostMode   `json:"kind,omitempty"`
	LeverID    string     `json:"leverId,omitempty"`
	Evaluation int        `json:"evaluation,omitempty"`
	AcceptedAt lever.Time `json:"acceptedAt,omitempty"`
}

// without is a list without a value.
func without(list []string, value string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == value })
}
