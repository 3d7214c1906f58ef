package joinedly

import (
	"time"

	"fulcrum/shared/document"
	"fulcrum/shared/hire"
)

// version is the version of the documents' data.
const version = 1

// Reference says which joiner is meant.
type Reference struct {
	// ID is lever:{account}:{opportunity}, the same for every hire of the
	// opportunity: what Joinedly keys its joiners by.
	ID            string `json:"id"`
	OpportunityID string `json:"opportunityId"`
	// ContactID is the person's, the same in all their candidacies. It is empty of
	// who is withdrawn and erased.
	ContactID string `json:"contactId"`
}

// Joiner is what Joinedly is given of a hire: the data of joiner.hired and
// joiner.changed. Empty members are unknown in Lever.
type Joiner struct {
	Reference
	// Hire counts the hires of this opportunity from 1: who is hired again after
	// being withdrawn is the same joiner with the next number.
	Hire      int    `json:"hire"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	// CheckName says that the name had one word or more than two: Lever has one
	// name, and where it is to be cut is a guess.
	CheckName     bool   `json:"checkName"`
	PersonalEmail string `json:"personalEmail"`
	Phone         string `json:"phone"`
	JobTitle      string `json:"jobTitle"`
	// Office and Team are of the directory that Joinedly gave, null where no name is
	// equal to Lever's.
	Office         *Entry  `json:"office"`
	Team           *Entry  `json:"team"`
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

// Place is where Lever has the joiner, in Lever's spelling.
type Place struct {
	Location   string `json:"location"`
	Team       string `json:"team"`
	Department string `json:"department"`
}

// Withdrawal is the data of joiner.withdrawn: the candidate is no longer hired.
type Withdrawal struct {
	Reference
	Hire    int    `json:"hire"`
	HiredAt string `json:"hiredAt"`
}

// Erasure is the data of joiner.erased: everything that came from Lever about the
// person has to go.
type Erasure struct {
	Reference
	// Because is deleted or anonymized.
	Because string `json:"because"`
}

// told tells Joinedly of a joiner who is new, back, or other than it was told.
func told(was state, j Joiner) document.Document {
	documentType := "joiner.changed"
	if !was.Told || was.Status == Withdrawn {
		documentType = "joiner.hired"
	}
	at, err := time.Parse(time.RFC3339Nano, j.HiredAt)
	if err != nil {
		at = time.Time{}
	}
	return document.Document{Type: documentType, Version: version, OccurredAt: at, Data: j}
}

func withdrawn(r Reference, was state, at time.Time) document.Document {
	data := Withdrawal{Reference: r, Hire: was.Hires, HiredAt: was.HiredAt}
	return document.Document{Type: "joiner.withdrawn", Version: version, OccurredAt: at, Data: data}
}

func erased(r Reference, standing hire.Standing, at time.Time) document.Document {
	return document.Document{Type: "joiner.erased", Version: version, OccurredAt: at, Data: Erasure{Reference: r, Because: standing.Because()}}
}
