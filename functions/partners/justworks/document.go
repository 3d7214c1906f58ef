package justworks

import (
	"slices"
	"time"

	"fulcrum/shared/document"
)

// version is the version of the documents' data.
const version = 1

// Name is the name of a field of a pending hire.
type Name string

// The twelve fields that come from Lever, and the one that Lever does not have and
// an invitation needs.
const (
	MemberType         Name = "memberType"
	CompensationAmount Name = "compensationAmount"
	TypeOfEarnings     Name = "typeOfEarnings"
	ExemptionStatus    Name = "exemptionStatus"
	FirstName          Name = "firstName"
	LastName           Name = "lastName"
	Title              Name = "title"
	Manager            Name = "manager"
	Department         Name = "department"
	Office             Name = "office"
	StartDate          Name = "startDate"
	HomeEmail          Name = "homeEmail"
	WorkEmail          Name = "workEmail"
)

// synced are the fields that come from Lever, in the order of Justworks' help
// center.
func synced() []Name {
	return []Name{
		MemberType, CompensationAmount, TypeOfEarnings, ExemptionStatus, FirstName, LastName,
		Title, Manager, Department, Office, StartDate, HomeEmail,
	}
}

// PendingHire is what Justworks is given of a hire: the data of
// pending_hire.created and .changed, and of the API's answers.
type PendingHire struct {
	// ID is the opportunity's id in Lever: one pending hire per opportunity, however
	// often it is hired.
	ID            string `json:"id"`
	OpportunityID string `json:"opportunityId"`
	// ContactID is the person's, the same in all their candidacies.
	ContactID string `json:"contactId"`
	Status    Status `json:"status"`
	// Hire counts the hires of this opportunity from 1; HiredAt is the last one's.
	Hire    int    `json:"hire"`
	HiredAt string `json:"hiredAt"`
	// OfferID is the completed offer that the fields come from, empty where there is
	// none; OfferCompleted says so.
	OfferID        string `json:"offerId"`
	OfferCompleted bool   `json:"offerCompleted"`
	// Fields are the twelve by their names. WorkEmail is for the reviewer to add.
	Fields    map[Name]Field `json:"fields"`
	WorkEmail Field          `json:"workEmail"`
	// Missing are the fields that an invitation needs and that are empty, Confirm
	// what it has to confirm, by reason.
	Missing []Name   `json:"missing"`
	Confirm []Reason `json:"confirm"`
	// Notes say what else a reviewer should know, by reason.
	Notes []Reason `json:"notes"`
	// Member is who of the company has the hire's e-mail already, null for nobody.
	Member *Known `json:"member"`
	// AfterInvitation says what Lever did to a hire that was invited, and when; null
	// for nothing.
	AfterInvitation *Late `json:"afterInvitation"`
	// Invited, Dismissed and Withdrawn are who did so and when, null for nobody.
	Invited   *Act `json:"invited"`
	Dismissed *Act `json:"dismissed"`
	Withdrawn *Act `json:"withdrawn"`
	// SupersededBy is the newer hire of the same person.
	SupersededBy string `json:"supersededBy"`
	// History are the changes of values, the oldest first, at most maxHistory.
	History []Change `json:"history"`
}

// Field is one value, where it comes from, or why it is empty.
type Field struct {
	Reading
	// Edit says that a reviewer has chosen the value, which Lever changes no more.
	Edit *Act `json:"edit"`
	// Lever is what Lever says, where a reviewer's edit or an invitation has the
	// value stay as it is; else null.
	Lever *Reading `json:"lever"`
}

// Reading is what was read of a field.
type Reading struct {
	Value string `json:"value"`
	// ID is Justworks' own id of what the value names: a member, an office.
	ID string `json:"id,omitempty"`
	// Source is Lever's object and member, or reviewer.
	Source string `json:"source,omitempty"`
	// Reason says why the value is empty.
	Reason Reason `json:"reason,omitempty"`
	// Seen is what stands in Lever, where the value is not the same text: it was not
	// taken, or it means the value. Accepted is what would have been taken.
	Seen     string   `json:"seen,omitempty"`
	Accepted []string `json:"accepted,omitempty"`
	// Suggestion is Justworks' name that is nearly the one seen.
	Suggestion string `json:"suggestion,omitempty"`
	// Warnings ask a person to look at the value.
	Warnings []Reason `json:"warnings,omitempty"`
}

// Act is who did something, and when (RFC 3339). By is the id of an admin of the
// roster, key: and the id of an API key, or lever.
type Act struct {
	By string `json:"by"`
	At string `json:"at"`
}

// Late is what Lever did to a hire after it was invited.
type Late struct {
	At string `json:"at"`
	// Unhired says that the candidate is not hired any more.
	Unhired bool `json:"unhired"`
	// Fields are those whose value is another in Lever than was invited with.
	Fields []Name `json:"fields"`
}

// Change is one value that became another.
type Change struct {
	Act
	Field  Name   `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Withdrawal is the data of pending_hire.withdrawn.
type Withdrawal struct {
	ID            string `json:"id"`
	OpportunityID string `json:"opportunityId"`
	ContactID     string `json:"contactId"`
	Hire          int    `json:"hire"`
	HiredAt       string `json:"hiredAt"`
}

// Erasure is the data of pending_hire.erased: everything that came from Lever about
// the person has to go. Who was invited is a member, and that is Justworks' own.
type Erasure struct {
	ID            string `json:"id"`
	OpportunityID string `json:"opportunityId"`
	ContactID     string `json:"contactId"`
	// Because is deleted or anonymized.
	Because string `json:"because"`
	Invited bool   `json:"invited"`
}

// Field is a field by its name, workEmail among them.
func (h PendingHire) Field(n Name) Field {
	if n == WorkEmail {
		return h.WorkEmail
	}
	return h.Fields[n]
}

func (h *PendingHire) set(n Name, f Field) {
	if n == WorkEmail {
		h.WorkEmail = f
		return
	}
	h.Fields[n] = f
}

// maxHistory bounds the history: what is older goes.
const maxHistory = 200

func (h *PendingHire) note(c Change) {
	h.History = append(h.History, c)
	h.History = slices.Delete(h.History, 0, max(0, len(h.History)-maxHistory))
}

// told tells Justworks of what became of a hire.
func told(was, now PendingHire, at time.Time) document.Document {
	d := document.Document{Type: "pending_hire.changed", Version: version, OccurredAt: at, Data: now}
	switch {
	case now.Status == Withdrawn:
		d.Type, d.Data = "pending_hire.withdrawn", Withdrawal{
			ID: now.ID, OpportunityID: now.OpportunityID, ContactID: now.ContactID, Hire: now.Hire, HiredAt: now.HiredAt,
		}
	case was.Status == "", was.Status == Withdrawn:
		d.Type = "pending_hire.created"
	}
	return d
}

// erasure tells Justworks that everything of a hire has to go.
func erasure(was PendingHire, because string, at time.Time) document.Document {
	return document.Document{Type: "pending_hire.erased", Version: version, OccurredAt: at, Data: Erasure{
		ID: was.ID, OpportunityID: was.OpportunityID, ContactID: was.ContactID, Because: because, Invited: was.Invited != nil,
	}}
}
