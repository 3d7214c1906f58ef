package joinedly

import (
	"time"

	"fulcrum/shared/document"
)

// Joiner is what Joinedly is given of a hire: version 1 of the data of
// joiner.hired and joiner.changed. Empty members are unknown in Lever.
type Joiner struct {
	// ID is the same for every hire of this opportunity.
	ID            string `json:"id"`
	OpportunityID string `json:"opportunityId"`
	ContactID     string `json:"contactId"`
	FirstName     string `json:"firstName"`
	LastName      string `json:"lastName"`
	// CheckName says that the name had one word or more than two: Lever has one
	// name, and where it is to be cut is a guess.
	CheckName      bool    `json:"checkName"`
	PersonalEmail  string  `json:"personalEmail"`
	Phone          string  `json:"phone"`
	JobTitle       string  `json:"jobTitle"`
	StartDate      string  `json:"startDate"` // YYYY-MM-DD
	EmploymentType string  `json:"employmentType"`
	Manager        Manager `json:"manager"`
	Lever          Place   `json:"lever"`
	HiredAt        string  `json:"hiredAt"` // RFC 3339, UTC
}

// Manager is who the joiner will report to.
type Manager struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Place is where Lever has the joiner.
type Place struct {
	Location   string `json:"location"`
	Team       string `json:"team"`
	Department string `json:"department"`
}

// tell tells Joinedly of a joiner's state after the revision that was known.
func tell(revision int64, j Joiner) document.Document {
	documentType := "joiner.changed"
	if revision == 0 {
		documentType = "joiner.hired"
	}
	at, err := time.Parse(time.RFC3339Nano, j.HiredAt)
	if err != nil {
		at = time.Time{}
	}
	return document.Document{Type: documentType, Version: 1, OccurredAt: at, Data: j}
}
