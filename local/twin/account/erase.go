package account

import (
	"maps"
	"slices"
)

// DeletedOpportunity is a candidacy in the list of deleted ones, as it was.
type DeletedOpportunity struct {
	OpportunityView
	DeletedAt int64   `json:"deletedAt"`
	DeletedBy *string `json:"deletedBy"`
}

// DeletedApplication is an application in the list of deleted ones.
type DeletedApplication struct {
	ID            string `json:"id"`
	DeletedAt     int64  `json:"deletedAt"`
	OpportunityID string `json:"opportunityId"`
	PostingID     string `json:"postingId"`
}

// Delete removes the candidacy for good, and the contact with its last one.
func (a *Account) Delete(o *Opportunity, by string) {
	now := a.now()
	a.deletedOpportunities = append(
		a.deletedOpportunities,
		&DeletedOpportunity{OpportunityView: a.View(o), DeletedAt: now, DeletedBy: optional(by)},
	)
	if app := o.Application; app != nil {
		a.deletedApplications = append(
			a.deletedApplications,
			DeletedApplication{ID: app.ID, DeletedAt: now, OpportunityID: o.ID, PostingID: app.Posting},
		)
		delete(a.applications, app.ID)
	}
	a.remove(o)
	delete(a.opportunities, o.ID)
	c := o.Contact
	c.opportunities = without(c.opportunities, o)
	if len(c.opportunities) == 0 {
		a.setEmails(c, nil)
		delete(a.contacts, c.ID)
	}
	a.tell(CandidateDeleted, o, o.ids())
}

// DeletedOpportunities are those deleted within the range, oldest first.
func (a *Account) DeletedOpportunities(within Range) []*DeletedOpportunity {
	return slices.DeleteFunc(
		slices.Clone(a.deletedOpportunities), func(d *DeletedOpportunity) bool { return !within.Allows(d.DeletedAt) },
	)
}

// DeletedApplications are those deleted within the range, oldest first.
func (a *Account) DeletedApplications(within Range) []DeletedApplication {
	return slices.DeleteFunc(
		slices.Clone(a.deletedApplications), func(d DeletedApplication) bool { return !within.Allows(d.DeletedAt) },
	)
}

// DeletedPostings are those deleted within the range, oldest first.
func (a *Account) DeletedPostings(within Range) []DeletedPosting {
	return slices.DeleteFunc(slices.Clone(a.deletedPostings), func(d DeletedPosting) bool { return !within.Allows(d.DeletedAt) })
}

// Anonymize wipes the personal data of a contact, wherever it stands: in the
// contact, in its applications, offers, files and résumés. Notes and feedback
// are people's texts and go as well.
func (a *Account) Anonymize(c *Contact) {
	a.setEmails(c, nil)
	c.Name, c.Headline, c.Location, c.Phones, c.Links, c.Consent = "", "", "", nil, nil, nil
	c.Anonymized = true
	for _, o := range c.opportunities {
		o.wipe()
	}
	for _, d := range a.deletedOpportunities {
		if d.Contact == c.ID {
			d.Name, d.Headline, d.Location, d.Phones, d.Emails, d.Links = "", "", "", []Phone{}, []string{}, []string{}
		}
	}
	a.contactChanged(c)
}

func (o *Opportunity) wipe() {
	o.files, o.resumes, o.fileActions, o.notes, o.feedback, o.forms = nil, nil, nil, nil, nil, nil
	if app := o.Application; app != nil {
		app.Name, app.Company, app.Phone, app.Email, app.Comments = nil, nil, nil, nil, nil
		app.Links, app.CustomQuestions = []string{}, []Form{}
		app.IPAddress, app.UserAgent, app.Referer, app.AcceptLanguage = nil, nil, nil, nil
	}
	for _, offer := range o.offers {
		offer.wipe()
	}
}

func (offer *Offer) wipe() {
	offer.Fields = slices.Clone(offer.Fields)
	for i := range offer.Fields {
		if offer.Fields[i].Identifier == "candidate_name" {
			offer.Fields[i].Value = nil
		}
	}
	offer.Signatures = maps.Clone(offer.Signatures)
	for role, s := range offer.Signatures {
		s.Name, s.Email = nil, nil
		offer.Signatures[role] = s
	}
}
