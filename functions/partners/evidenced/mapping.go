package evidenced

import (
	"slices"
	"strings"

	"fulcrum/shared/lever"
)

// mapCandidacy is an opportunity's candidacy. hired says what kind of archive it
// is in.
func mapCandidacy(o *lever.Opportunity, hired bool) Candidacy {
	c := Candidacy{
		ID: o.ID, JobID: o.Application().Posting.ID, Stage: Stage{ID: o.Stage.ID}, Active: o.Archived == nil, CreatedAt: stamp(o.CreatedAt),
	}
	if s := o.Stage.Object; s != nil {
		c.Stage.Text = s.Text
	}
	if o.Archived != nil {
		c.Outcome, c.ArchivedAt = outcomeArchived, stamp(o.Archived.ArchivedAt)
	}
	if hired {
		c.Outcome = outcomeHired
	}
	return c
}

// describe sets who a candidate is: the contact says, or the opportunity where the
// contact is not given.
func (c *Candidate) describe(o *lever.Opportunity) {
	c.ID, c.Name, c.Headline, c.Emails = o.Contact.ID, o.Name, o.Headline, o.Emails
	phones := o.Phones
	if p := o.Contact.Object; p != nil {
		c.Name, c.Headline, c.Emails, phones = p.Name, p.Headline, p.Emails, p.Phones
	}
	c.Emails = append([]string{}, c.Emails...)
	c.Phones = make([]Phone, len(phones))
	for i, p := range phones {
		c.Phones[i] = Phone(p)
	}
}

// mark sets which user is the same person.
func (c *Candidate) mark(users []lever.User) {
	c.UserID = ""
	for _, u := range users {
		if slices.ContainsFunc(c.Emails, func(e string) bool { return sameEmail(e, u.Email) }) {
			c.UserID = u.ID
			return
		}
	}
}

func sameEmail(a, b string) bool {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	return a != "" && strings.EqualFold(a, b)
}

// with has the candidacy among the candidate's, in the place of the one of its id.
func (c *Candidate) with(candidacy Candidacy) {
	c.without(candidacy.ID)
	c.Candidacies = append(c.Candidacies, candidacy)
	slices.SortFunc(c.Candidacies, func(a, b Candidacy) int { return strings.Compare(a.ID, b.ID) })
}

// without has no candidacy of the id among the candidate's.
func (c *Candidate) without(id string) {
	c.Candidacies = slices.DeleteFunc(slices.Clone(c.Candidacies), func(x Candidacy) bool { return x.ID == id })
}

// mapInterview is Lever's interview in the candidacy of a candidate.
func mapInterview(candidateID string, i lever.Interview) Interview {
	out := Interview{
		ID: i.ID, CandidacyID: i.OpportunityID, CandidateID: candidateID, PanelID: i.Panel, State: scheduled,
		Subject: i.Subject, StartsAt: stamp(i.Date), Minutes: i.Duration, Timezone: i.Timezone, Location: i.Location,
		StageID: i.Stage.ID, FeedbackTemplateID: template(i.FeedbackTemplate), Interviewers: make([]Interviewer, len(i.Interviewers)),
	}
	if i.CanceledAt != 0 {
		out.State, out.CancelledAt = cancelled, stamp(i.CanceledAt)
	}
	for n, who := range i.Interviewers {
		out.Interviewers[n] = Interviewer{UserID: who.ID, Name: who.Name, Email: who.Email, FeedbackTemplateID: template(who.FeedbackTemplate)}
	}
	return out
}

// noFeedback is the id of Lever's built-in template that asks for nothing.
const noFeedback = "no-feedback"

func template(id string) string {
	if id == noFeedback {
		return ""
	}
	return id
}

// mapJob is a posting's job.
func mapJob(p *lever.Posting) Job {
	return Job{
		ID: p.ID, Title: p.Text, State: stateOf(p.State), LeverState: p.State,
		Team: p.Categories.Team, Department: p.Categories.Department, Location: p.Categories.Location, Commitment: p.Categories.Commitment,
		Tags: append([]string{}, p.Tags...), OwnerID: p.Owner.ID, HiringManagerID: p.HiringManager.ID,
		Confidential: p.Confidentiality == lever.Confidential,
	}
}

// stateOf is Evidenced's word for the state of a posting. One that was rejected
// goes back to its author, and so is a draft.
func stateOf(leverState string) string {
	switch leverState {
	case lever.PostingPublished, lever.PostingInternal:
		return jobOpen
	case lever.PostingClosed:
		return jobClosed
	}
	return jobDraft
}

func mapUser(u *lever.User) User {
	return User{
		ID: u.ID, Name: u.Name, Email: u.Email, Role: u.AccessRole, JobTitle: u.JobTitle,
		Active: u.DeactivatedAt == 0, DeactivatedAt: stamp(u.DeactivatedAt),
	}
}
