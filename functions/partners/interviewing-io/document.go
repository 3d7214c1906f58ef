package interviewingio

import (
	"fulcrum/shared/document"
	"fulcrum/shared/lever"
)

// version is the version of the documents' data.
const version = 1

// The types of the documents about candidates; those about exports are action.done
// and action.parked (package action).
const (
	stageChanged = "candidate.stage_changed"
	erased       = "candidate.erased"
)

// Stage is a step of the customer's pipeline. The id stays, the text is the
// customer's.
type Stage struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// StageChange is the data of candidate.stage_changed: how far a candidate has come
// whom we brought to Lever.
type StageChange struct {
	InterviewID string `json:"interviewId"`
	// OpportunityID is Lever's.
	OpportunityID string `json:"opportunityId"`
	// From is the stage that was told before, Stage the present one.
	From    Stage  `json:"from"`
	Stage   Stage  `json:"stage"`
	Outcome string `json:"outcome"`
	// ChangedAt is when it changed in Lever: RFC 3339, UTC.
	ChangedAt string `json:"changedAt"`
}

// The outcomes of a candidacy.
const (
	outcomeHired    = "hired"
	outcomeArchived = "archived"
)

// Erasure is the data of candidate.erased: the candidate was deleted or anonymized
// in Lever.
type Erasure struct {
	InterviewID   string `json:"interviewId"`
	OpportunityID string `json:"opportunityId"`
	Because       string `json:"because"`
}

// told is a document of Lever's time at.
func told(documentType string, at lever.Time, data any) document.Document {
	return document.Document{Type: documentType, Version: version, OccurredAt: at.Time(), Data: data}
}

func stamp(at lever.Time) string { return document.Time(at.Time()) }
