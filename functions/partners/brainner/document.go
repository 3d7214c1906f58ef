package brainner

import (
	"fulcrum/shared/document"
	"fulcrum/shared/lever"
)

// version is the version of the documents' data.
const version = 1

// Job is a posting that candidates are screened for: the data of job.imported,
// .updated and .closed. Empty members are unknown in Lever.
type Job struct {
	// ID is Lever's id of the posting.
	ID    string `json:"id"`
	Title string `json:"title"`
	// Open says that candidates are taken; LeverState is Lever's word for the state.
	Open       bool   `json:"open"`
	LeverState string `json:"leverState"`
	// Description and Closing are plain text, the sections' content is HTML.
	Description   string    `json:"description"`
	Sections      []Section `json:"sections"`
	Closing       string    `json:"closing"`
	Team          string    `json:"team"`
	Department    string    `json:"department"`
	Location      string    `json:"location"`
	Locations     []string  `json:"locations"`
	Commitment    string    `json:"commitment"`
	WorkplaceType string    `json:"workplaceType"`
	Tags          []string  `json:"tags"`
	Owner         Person    `json:"owner"`
	HiringManager Person    `json:"hiringManager"`
	// Source is auto of a job that came with an application, manual of one that was
	// imported by hand.
	Source Source `json:"source"`
}

// Section is a headed list of a job's text.
type Section struct {
	Title string `json:"title"`
	HTML  string `json:"html"`
}

// Person is somebody who works in Lever.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Source is how a job came.
type Source string

// The sources of a job.
const (
	Auto   Source = "auto"
	Manual Source = "manual"
)

// JobWithdrawal is the data of job.withdrawn: the job's posting is no longer to be seen.
type JobWithdrawal struct {
	ID string `json:"id"`
	// Because is deleted or confidential.
	Because string `json:"because"`
}

// Candidate is a person on a job: the data of candidate.received, .updated and
// .reevaluation_requested. Empty members are unknown in Lever.
type Candidate struct {
	// ID is {job}#{contact}.
	ID        string `json:"id"`
	JobID     string `json:"jobId"`
	ContactID string `json:"contactId"`
	// OpportunityID is the newest application's: results and actions name it.
	OpportunityID string `json:"opportunityId"`
	ApplicationID string `json:"applicationId"`
	// Opportunities are those of all applications of the person to the job.
	Opportunities []string `json:"opportunities"`
	Name          string   `json:"name"`
	Headline      string   `json:"headline"`
	Location      string   `json:"location"`
	Emails        []string `json:"emails"`
	Phones        []Phone  `json:"phones"`
	Links         []string `json:"links"`
	Origin        string   `json:"origin"`
	Sources       []string `json:"sources"`
	Tags          []string `json:"tags"`
	Stage         Stage    `json:"stage"`
	// Archived says that the candidate is no longer active in Lever.
	Archived  bool   `json:"archived"`
	AppliedAt string `json:"appliedAt"` // RFC 3339, UTC
	Resume    Resume `json:"resume"`
	// Evaluation counts the evaluations that were asked for, from 1.
	Evaluation int `json:"evaluation"`
	// NewResume says that a newer résumé has come since the evaluation was asked
	// for. Whether to evaluate again is a recruiter's question.
	NewResume bool `json:"newResume"`
}

// Phone is a number with its type: mobile, home, work, skype or other.
type Phone struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// Stage is a step of the customer's pipeline. The id stays, the text is the
// customer's.
type Stage struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Resume is a candidate's newest résumé, as far as it can be said without reading
// it.
type Resume struct {
	// ID is Lever's, empty where there is none.
	ID         string `json:"id"`
	Name       string `json:"name"`
	MediaType  string `json:"mediaType"`
	Size       int64  `json:"size"`
	UploadedAt string `json:"uploadedAt"` // RFC 3339, UTC
	// Readable says that it is a document that can be opened; Problem says why not.
	Readable bool          `json:"readable"`
	Problem  ResumeProblem `json:"problem"`
	// Link is the path of the partner API's route that gives a link to it, empty
	// where it is not readable.
	Link string `json:"link"`
}

// ResumeProblem is why a résumé is not readable.
type ResumeProblem string

// The problems of résumés.
const (
	NoResume      ResumeProblem = "missing"
	TooLarge      ResumeProblem = "too_large"
	NoDocument    ResumeProblem = "not_a_document"
	Encrypted     ResumeProblem = "encrypted"
	Empty         ResumeProblem = "empty"
	Processing    ResumeProblem = "processing"    // Lever is not done with it
	Unprocessable ResumeProblem = "unprocessable" // Lever cannot give it
)

// Erasure is the data of candidate.erased: what came from Lever by these
// opportunities has to go, results included.
type Erasure struct {
	CandidateID    string   `json:"candidateId"`
	JobID          string   `json:"jobId"`
	OpportunityIDs []string `json:"opportunityIds"`
	// Whole says that no application to the job is left, so that the candidate has
	// to go.
	Whole bool `json:"whole"`
	// Because is deleted, anonymized, confidential, or moved: Lever has the
	// application on another posting or person.
	Because string `json:"because"`
}

// told is a document of Lever's time at.
func told(documentType string, at lever.Time, data any) document.Document {
	return document.Document{Type: documentType, Version: version, OccurredAt: at.Time(), Data: data}
}

func stamp(at lever.Time) string { return document.Time(at.Time()) }
