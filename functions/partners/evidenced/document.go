package evidenced

import (
	"fulcrum/shared/document"
	"fulcrum/shared/lever"
)

// version is the version of the documents' data.
const version = 1

// Candidate is a person. Empty members are unknown in Lever; what there is none of
// is left out.
type Candidate struct {
	// ID is Lever's id of the contact.
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Headline string   `json:"headline"`
	Emails   []string `json:"emails"`
	Phones   []Phone  `json:"phones"`
	// UserID is the user with the same e-mail address: that person must never be
	// shown this profile. Empty where there is none.
	UserID string `json:"userId,omitempty"`
	// Candidacies are in the order of their ids.
	Candidacies []Candidacy `json:"candidacies"`
}

// Phone is a number with its type: mobile, home, work, skype or other.
type Phone struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// Candidacy is one of a person's opportunities.
type Candidacy struct {
	// ID is Lever's id of the opportunity.
	ID    string `json:"id"`
	JobID string `json:"jobId"`
	Stage Stage  `json:"stage"`
	// Active is false once the opportunity is archived.
	Active bool `json:"active"`
	// Outcome is hired of who was archived as hired, archived of who was archived
	// otherwise, and empty while active.
	Outcome    string `json:"outcome,omitempty"`
	CreatedAt  string `json:"createdAt"` // RFC 3339, UTC
	ArchivedAt string `json:"archivedAt,omitempty"`
}

// The outcomes of a candidacy.
const (
	outcomeHired    = "hired"
	outcomeArchived = "archived"
)

// Stage is a step of the customer's pipeline. The id stays, the text is the
// customer's.
type Stage struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// CandidateChange is the data of the documents about a candidate.
type CandidateChange struct {
	// CandidacyID is the candidacy that changed.
	CandidacyID string    `json:"candidacyId"`
	Candidate   Candidate `json:"candidate"`
}

// Erasure is the data of candidate.erased: everything of Lever's about what is
// named has to go.
type Erasure struct {
	CandidateID string `json:"candidateId"`
	// Candidacies are those that are gone, InterviewIDs the interviews of theirs.
	CandidacyIDs []string `json:"candidacyIds"`
	InterviewIDs []string `json:"interviewIds"`
	// Whole says that no candidacy of the person is left, so that the person has to
	// go too.
	Whole bool `json:"whole"`
	// Because is deleted, anonymized, confidential, or merged: Lever has given the
	// candidacy to another person.
	Because string `json:"because"`
}

// Interview is one conversation: the data of the documents about interviews.
type Interview struct {
	ID          string `json:"id"`
	CandidacyID string `json:"candidacyId"`
	CandidateID string `json:"candidateId"`
	PanelID     string `json:"panelId"`
	// State is scheduled or cancelled.
	State    string `json:"state"`
	Subject  string `json:"subject"`
	StartsAt string `json:"startsAt"` // RFC 3339, UTC
	// Minutes is how long the interview is to take.
	Minutes  int    `json:"minutes"`
	Timezone string `json:"timezone"`
	Location string `json:"location"`
	StageID  string `json:"stageId"`
	// FeedbackTemplateID is Lever's id of the form to fill in, empty for none.
	FeedbackTemplateID string        `json:"feedbackTemplateId,omitempty"`
	Interviewers       []Interviewer `json:"interviewers"`
	CancelledAt        string        `json:"cancelledAt,omitempty"`
}

// The states of an interview.
const (
	scheduled = "scheduled"
	cancelled = "cancelled"
)

// Interviewer is a user who interviews.
type Interviewer struct {
	UserID             string `json:"userId"`
	Name               string `json:"name"`
	Email              string `json:"email"`
	FeedbackTemplateID string `json:"feedbackTemplateId,omitempty"`
}

// Job is a posting: the data of job.created and job.changed.
type Job struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// State is open, draft or closed; LeverState is Lever's own word.
	State           string   `json:"state"`
	LeverState      string   `json:"leverState"`
	Team            string   `json:"team"`
	Department      string   `json:"department"`
	Location        string   `json:"location"`
	Commitment      string   `json:"commitment"`
	Tags            []string `json:"tags"`
	OwnerID         string   `json:"ownerId,omitempty"`
	HiringManagerID string   `json:"hiringManagerId,omitempty"`
	Confidential    bool     `json:"confidential"`
}

// The states of a job.
const (
	jobOpen   = "open"
	jobDraft  = "draft"
	jobClosed = "closed"
)

// Removal is the data of job.removed.
type Removal struct {
	ID string `json:"id"`
	// Because is deleted, confidential or not_synced: the customer has chosen other
	// postings.
	Because string `json:"because"`
}

// User is somebody who works in Lever: the data of user.created and user.changed.
// Nobody is invited by it.
type User struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Email         string `json:"email"`
	Role          string `json:"role"`
	JobTitle      string `json:"jobTitle"`
	Active        bool   `json:"active"`
	DeactivatedAt string `json:"deactivatedAt,omitempty"` // RFC 3339, UTC
}

// told is a document of Lever's time at.
func told(documentType string, at lever.Time, data any) document.Document {
	return document.Document{Type: documentType, Version: version, OccurredAt: at.Time(), Data: data}
}

func stamp(at lever.Time) string { return document.Time(at.Time()) }
