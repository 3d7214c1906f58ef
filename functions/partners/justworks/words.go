package justworks

// label is a field as people call it.
func label(n Name) string {
	return map[Name]string{
		MemberType: "Member type", CompensationAmount: "Compensation amount (salary or wage)", TypeOfEarnings: "Type of earnings (salary or wage)",
		ExemptionStatus: "Exemption status", FirstName: "First name", LastName: "Last name", Title: "Title", Manager: "Manager",
		Department: "Department", Office: "Office", StartDate: "Start date", HomeEmail: "Home email", WorkEmail: "Work email",
	}[n]
}

// says is a reason as a sentence, or the reason itself where it has none.
func says(r Reason) string {
	if s, ok := map[Reason]string{
		OfferNotCompleted: "Lever's offer workflow is not completed", NotInLever: "Lever has no value", NoJob: "no job was chosen for the candidate in Lever",
		UnsupportedEarnings: "only hour (wage) and year (salary) are accepted", UnreadableAmount: "the amount is no decimal number",
		FinerThanCents: "the amount is finer than cents", ZeroAmount: "the amount is nothing", UnknownMemberType: "no member type of Justworks belongs to it",
		UnknownExemption: "it is neither exempt nor non-exempt", RosterMissing: "Justworks has not said yet what there is",
		OfficeUnmatched: "Justworks has no office of that name", DepartmentUnmatched: "Justworks has no department of that name",
		ManagerUnmatched: "Justworks has no active member of that name", Ambiguous: "Justworks has several of that name",
		UnreadableDate: "the offer's start date is no date", CheckName: "Check where the name is cut in two",
		StartInThePast: "The start date lies before the hire", HourlyAndExempt: "Wages are not exempt", InternAndExempt: "Paid internships are not exempt",
		NewerOffer: "A newer offer is not completed; these values are the completed one's", NotUSD: "The amount is not in US dollars",
		AlreadyMember: "An active member has this e-mail address", InvitedBefore: "The same person was invited before", PossibleRehire: "A former member has this e-mail address",
	}[r]; ok {
		return s
	}
	return string(r)
}

// origin is where a value comes from, as people call it.
func origin(source string) string {
	if source == byReviewer {
		return "a reviewer"
	}
	if source == "" {
		return ""
	}
	return "Lever: " + source
}
