package justworks

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"fulcrum/shared/match"
)

// contractor reports whether a member type is one without wage and hour rules:
// those who are paid on an invoice. All others need pay and exemption status.
func contractor(memberType string) bool {
	return strings.Contains(strings.ToLower(memberType), "contractor")
}

// needed are the fields that an invitation needs: what Justworks asks of a person
// to add. The work e-mail is among them, and Lever has none.
func (h *PendingHire) needed() []Name {
	all := []Name{MemberType, FirstName, LastName, Title, Office, StartDate, WorkEmail}
	if contractor(h.Field(MemberType).Value) {
		return all
	}
	return append(all, CompensationAmount, TypeOfEarnings, ExemptionStatus)
}

// settle brings up to date what follows from the values: what is missing, what has
// to be confirmed, and who of the company it is already. Of a hire that was invited
// it stays as it was then.
func (h *PendingHire) settle(r Roster) {
	if h.Status == Invited {
		return
	}
	f := h.Field(ExemptionStatus)
	f.Warnings = exemptionWarnings(f.Value, h.Field(TypeOfEarnings).Value, h.Field(MemberType).Value)
	h.set(ExemptionStatus, f)
	h.Missing = []Name{}
	for _, n := range h.needed() {
		if h.Field(n).Value == "" {
			h.Missing = append(h.Missing, n)
		}
	}
	if known := r.known(h.Field(HomeEmail).Value, h.Field(WorkEmail).Value); known != nil || h.Member != nil && h.Member.Reason != InvitedBefore {
		h.Member = known
	}
	h.Confirm = []Reason{}
	if h.Member != nil && h.Member.Reason != PossibleRehire {
		h.Confirm = append(h.Confirm, h.Member.Reason)
	}
	if slices.Contains(h.Field(CompensationAmount).Warnings, NotUSD) {
		h.Confirm = append(h.Confirm, NotUSD)
	}
}

// edit sets a field to what a reviewer chose, or back to Lever's value where text is
// nil. problem says what is wrong with the text: "has to be a date".
func (h *PendingHire) edit(n Name, text *string, r Roster, by Act) (problem string) {
	f, now := h.Field(n), Reading{}
	lever := f.inLever()
	switch {
	case text != nil:
		if now, problem = chosen(n, *text, r); problem != "" {
			return problem
		}
		if f.Edit != nil && f.Edit.By == by.By && now.Value == f.Value && now.ID == f.ID {
			return "" // said once more, as by who had no answer: nothing to tell of
		}
		h.set(n, Field{Reading: now, Edit: &by, Lever: &lever})
	case f.Edit == nil:
		return ""
	default:
		now = lever
		h.set(n, Field{Reading: lever})
	}
	if now.Value != f.Value {
		h.note(Change{Act: by, Field: n, Before: f.Value, After: now.Value})
	}
	return ""
}

const byReviewer = "reviewer"

// chosen is the reading of what a reviewer chose for a field.
func chosen(n Name, text string, r Roster) (Reading, string) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxText || strings.ContainsFunc(text, unicode.IsControl) {
		return Reading{}, "has to be a text of 1 to 254 bytes; null is Lever's own value"
	}
	switch n {
	case Office:
		return placed(text, r, r.Offices, "office")
	case Department:
		return placed(text, r, r.Departments, "department")
	case Manager:
		return managed(text, r)
	}
	value, problem := typed(n, text)
	return Reading{Value: value, Source: byReviewer}, problem
}

// typed is what a reviewer typed into a field of some form.
func typed(n Name, text string) (value, problem string) {
	switch n {
	case CompensationAmount:
		amount, why := decimal(text)
		return amount, unless(why == "", "has to be an amount with two decimals at most, like 42.50")
	case TypeOfEarnings:
		return text, unless(text == Salary || text == Wage, "has to be salary or wage")
	case ExemptionStatus:
		return text, unless(text == Exempt || text == NonExempt, "has to be exempt or non_exempt")
	case StartDate:
		_, err := time.Parse(time.DateOnly, text)
		return text, unless(err == nil, "has to be a date like 2026-12-01")
	case HomeEmail, WorkEmail:
		return text, unless(isEmail(text), "has to be an e-mail address")
	}
	return text, ""
}

func unless(ok bool, problem string) string {
	if ok {
		return ""
	}
	return problem
}

// placed is a reviewer's choice among Justworks' own offices or departments, by id
// or by name.
func placed(text string, r Roster, among []Place, what string) (Reading, string) {
	if i := slices.IndexFunc(among, func(p Place) bool { return p.ID == text }); i >= 0 {
		return Reading{Value: among[i].Name, ID: among[i].ID, Source: byReviewer}, ""
	}
	if m := match.Find(text, namesOf(among)); m.Kind == match.Exact {
		return Reading{Value: among[m.Index].Name, ID: among[m.Index].ID, Source: byReviewer}, ""
	}
	if r.empty() || what == "office" && text == remote {
		return Reading{Value: text, Source: byReviewer}, ""
	}
	return Reading{}, "has to be the id or the name of one " + what + " of the roster"
}

// managed is a reviewer's choice among the active members, by id, e-mail or name.
func managed(text string, r Roster) (Reading, string) {
	active := r.active()
	i := slices.IndexFunc(active, func(m Member) bool { return m.ID == text || m.has(text) })
	if m := match.Find(text, memberNames(active)); i < 0 && m.Kind == match.Exact {
		i = m.Index
	}
	switch {
	case i >= 0:
		return Reading{Value: active[i].Name, ID: active[i].ID, Source: byReviewer}, ""
	case r.empty():
		return Reading{Value: text, Source: byReviewer}, ""
	}
	return Reading{}, "has to be the id, an e-mail or the name of one active member of the roster"
}

// review takes a pending hire into review.
func (h *PendingHire) review() {
	if h.Status == Pending {
		h.Status = InReview
	}
}

// invite ends the review with an invitation.
func (h *PendingHire) invite(by Act) { h.Status, h.Invited = Invited, &by }

// dismiss ends the review without one.
func (h *PendingHire) dismiss(by Act) { h.Status, h.Dismissed = Dismissed, &by }
