package account

import (
	"cmp"
	"iter"
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
	a.deletedOpportunities.Put(&DeletedOpportunity{OpportunityView: a.View(o), DeletedAt: now, DeletedBy: optional(by)})
	if app := o.Application; app != nil {
		a.deletedApplications.Put(
			&DeletedApplication{ID: app.ID, DeletedAt: now, OpportunityID: o.ID, PostingID: app.Posting},
		)
		delete(a.applications, app.ID)
	}
	a.dropFiles(o)
	a.remove(o)
	delete(a.opportunities, o.ID)
	c := o.Contact
	c.opportunities = without(c.opportunities, o)
	if len(c.opportunities) == 0 {
		a.setEmails(c, nil)
		a.contacts.Drop(c.ID)
	}
	a.tell(CandidateDeleted, o, o.ids())
}

// DeletedOpportunities are those deleted within the range, oldest first.
func (a *Account) DeletedOpportunities(within Range) []*DeletedOpportunity {
	return deleted(a.deletedOpportunities.All(), within, func(d *DeletedOpportunity) (int64, string) { return d.DeletedAt, d.ID })
}

// DeletedApplications are those deleted within the range, oldest first.
func (a *Account) DeletedApplications(within Range) []*DeletedApplication {
	return deleted(a.deletedApplications.All(), within, func(d *DeletedApplication) (int64, string) { return d.DeletedAt, d.ID })
}

// DeletedPostings are those deleted within the range, oldest first.
func (a *Account) DeletedPostings(within Range) []*DeletedPosting {
	return deleted(a.deletedPostings.All(), within, func(d *DeletedPosting) (int64, string) { return d.DeletedAt, d.ID })
}

func deleted[T any](all iter.Seq[*T], within Range, of func(*T) (at int64, id string)) (list []*T) {
	for x := range all {
		if at, _ := of(x); within.Allows(at) {
			list = append(list, x)
		}
	}
	slices.SortFunc(list, func(x, y *T) int {
		xAt, xID := of(x)
		yAt, yID := of(y)
		return cmp.Or(cmp.Compare(xAt, yAt), cmp.Compare(xID, yID))
	})
	return list
}

// anonymized is what Lever's reports print in the place of the name
// (help.lever.co, article 360033764931). What the API prints is not published.
const anonymized = "Anonymized opportunity"

// Anonymize wipes what says who a contact is: name, addresses and links, what its
// applications say of the person, files and résumés. Notes, forms, answers to
// custom questions, feedback and offers stay as they are, whoever they name
// (help.lever.co, article 360003819811).
func (a *Account) Anonymize(c *Contact) {
	a.setEmails(c, nil)
	c.Name, c.Headline, c.Location, c.Phones, c.Links, c.Consent = anonymized, "", "", nil, nil, nil
	c.Anonymized = true
	for _, o := range c.opportunities {
		a.wipe(o)
	}
	for d := range a.deletedOpportunities.All() {
		if d.Contact == c.ID {
			a.deletedOpportunities.Take(d.ID).wipe()
		}
	}
	a.contactChanged(c)
}

func (a *Account) wipe(o *Opportunity) {
	a.dropFiles(o)
	o.files, o.resumes, o.fileActions = nil, nil, nil
	if app := o.Application; app != nil {
		app.Name, app.Company, app.Phone, app.Email, app.Comments = nil, nil, nil, nil, nil
		app.Links = []string{}
		app.IPAddress, app.UserAgent, app.Referer, app.AcceptLanguage = nil, nil, nil, nil
	}
}

func (d *DeletedOpportunity) wipe() {
	d.Name, d.IsAnonymized = anonymized, true
	d.Headline, d.Location, d.Phones, d.Emails, d.Links = "", "", []Phone{}, []string{}, []string{}
}
