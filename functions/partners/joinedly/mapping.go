package joinedly

import (
	"fulcrum/shared/document"
	"fulcrum/shared/hire"
)

// mapJoiner is the joiner that a hire makes, and what is wrong with it. Values of a
// signed offer come before those of the posting: they are what was agreed.
func mapJoiner(account string, h *hire.Hire, s Settings, d Directory) (Joiner, []Problem) {
	name, manager := h.Name(), h.Manager()
	j := Joiner{
		Reference:      Reference{ID: joinerID(account, h.Opportunity.ID), OpportunityID: h.Opportunity.ID, ContactID: h.Opportunity.Contact.ID},
		FirstName:      name.First,
		LastName:       name.Last,
		CheckName:      name.Check,
		PersonalEmail:  h.Email(),
		Phone:          h.Phone(),
		JobTitle:       h.JobTitle(),
		StartDate:      h.StartDate(),
		EmploymentType: h.Commitment(),
		Manager:        Manager{Name: manager.Name, Email: manager.Email},
		Lever:          Place{Location: h.Location(), Team: h.Team(), Department: h.Department()},
		HiredAt:        document.Time(h.HiredAt()),
	}
	var problems []Problem
	if j.PersonalEmail == "" {
		problems = append(problems, Problem{Reason: emailMissing, Holds: true})
	}
	if h.Posting == nil {
		problems = append(problems, Problem{Reason: noJob})
	}
	return j, append(problems, j.place(s, d)...)
}

// joinerID is the id of an opportunity's joiner.
func joinerID(account, opportunityID string) string { return "lever:" + account + ":" + opportunityID }

// place gives the joiner the office and team whose names are equal to Lever's.
func (j *Joiner) place(s Settings, d Directory) []Problem {
	if d.Empty() {
		if j.Lever.Location == "" && j.Lever.Team == "" {
			return nil
		}
		return []Problem{{Reason: directoryMissing, Holds: s.OnMismatch == Hold}}
	}
	var problems []Problem
	find := func(side side, name string) *Entry {
		entry, found := side.Find(name)
		if p, wrong := side.problem(name, found); wrong {
			p.Holds = s.OnMismatch == Hold
			problems = append(problems, p)
		}
		return entry
	}
	j.Office, j.Team = find(d.offices(s), j.Lever.Location), find(d.teams(s), j.Lever.Team)
	return problems
}
