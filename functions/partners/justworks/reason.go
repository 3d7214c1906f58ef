package justworks

// Reason says why a field is empty, or what a person has to look at, in a word
// that keeps its meaning.
type Reason string

// Why a field is empty.
const (
	// OfferNotCompleted: Lever's offer workflow is not completed.
	OfferNotCompleted Reason = "offer_not_completed"
	// NotInLever: Lever has no value, neither in the offer nor in the posting.
	NotInLever Reason = "not_in_lever"
	// NoJob: no job was chosen for the candidate.
	NoJob Reason = "no_job"
	// UnsupportedEarnings: the type of earnings is none that Justworks takes. The
	// amount is left empty with it: of what it would be, nobody knows.
	UnsupportedEarnings Reason = "unsupported_type_of_earnings"
	// UnreadableAmount, FinerThanCents and ZeroAmount: the amount is no decimal
	// number, has digits behind the cents, or is nothing.
	UnreadableAmount Reason = "amount_not_readable"
	FinerThanCents   Reason = "amount_finer_than_cents"
	ZeroAmount       Reason = "amount_zero"
	// UnknownMemberType and UnknownExemption: the table of the settings, or the two
	// words that are known, have no such value.
	UnknownMemberType Reason = "member_type_unknown"
	UnknownExemption  Reason = "exemption_status_unknown"
	// RosterMissing: Justworks has not given its offices, departments or members.
	RosterMissing Reason = "roster_missing"
	// OfficeUnmatched, DepartmentUnmatched and ManagerUnmatched: Justworks has no
	// such name. With Ambiguous it has several.
	OfficeUnmatched     Reason = "office_does_not_match"
	DepartmentUnmatched Reason = "department_does_not_match"
	ManagerUnmatched    Reason = "manager_does_not_match"
	Ambiguous           Reason = "several_of_that_name"
	// UnreadableDate: the offer's start date is no date.
	UnreadableDate Reason = "date_not_readable"
)

// What a person has to look at.
const (
	// CheckName: where Lever's one name is to be cut is a guess.
	CheckName Reason = "check_name"
	// StartInThePast: the start date lies before the day of the hire.
	StartInThePast Reason = "start_date_in_the_past"
	// HourlyAndExempt and InternAndExempt: wages and paid internships are not exempt.
	HourlyAndExempt Reason = "hourly_and_exempt"
	InternAndExempt Reason = "intern_and_exempt"
	// NewerOffer: an offer newer than the completed one is not completed.
	NewerOffer Reason = "newer_offer_not_completed"
)

// What an invitation has to confirm.
const (
	// NotUSD: the amount is of another currency.
	NotUSD Reason = "currency_not_usd"
	// AlreadyMember: an active member has the hire's e-mail.
	AlreadyMember Reason = "already_a_member"
	// InvitedBefore: the same person was invited from another opportunity.
	InvitedBefore Reason = "invited_before"
	// PossibleRehire is no obstacle: a former member has the hire's e-mail.
	PossibleRehire Reason = "possible_rehire"
)
