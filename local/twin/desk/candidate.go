package desk

import (
	"fulcrum/local/twin/account"
)

// Candidate is a candidate to add. Only the name is needed.
type Candidate struct {
	// ID is the opportunity's; it is made up unless it is given.
	ID       string `json:"id"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Phone    string `json:"phone"`
	Headline string `json:"headline"`
	Location string `json:"location"`
	// Posting is an id or a title; Stage an id or a text.
	Posting string `json:"posting"`
	Stage   string `json:"stage"`
	// Origin is sourced unless it is named. Who is applied starts as a new
	// applicant, others as a new lead.
	Origin  string   `json:"origin"`
	Owner   string   `json:"owner"`
	Tags    []string `json:"tags"`
	Sources []string `json:"sources"`
	Links   []string `json:"links"`
	// CreatedAt lies in the past; 0 is now.
	CreatedAt int64 `json:"createdAt"`
}

// Added names what an act made or changed.
type Added struct {
	OpportunityID string `json:"opportunityId"`
	ContactID     string `json:"contactId"`
	ApplicationID string `json:"applicationId,omitempty"`
	// Deduped says that the contact was known before.
	Deduped bool `json:"deduped,omitempty"`
}

func added(o *account.Opportunity) Added {
	x := Added{OpportunityID: o.ID, ContactID: o.Contact.ID}
	if o.Application != nil {
		x.ApplicationID = o.Application.ID
	}
	return x
}

// AddCandidate adds a candidate and tells webhooks.
func (d *Desk) AddCandidate(accountID string, c Candidate) (Added, error) {
	return in(d, accountID, func(a *account.Account) (Added, error) {
		draft, err := c.draft(a)
		if err != nil {
			return Added{}, err
		}
		o, deduped, err := a.Create(draft)
		if err != nil {
			return Added{}, err
		}
		x := added(o)
		x.Deduped = deduped
		return x, nil
	})
}

func (c Candidate) draft(a *account.Account) (account.Draft, error) {
	if c.Name == "" {
		return account.Draft{}, account.Invalid("name is required")
	}
	d := account.Draft{
		ID: c.ID, Name: c.Name, Headline: c.Headline, Location: c.Location, Origin: c.Origin, Tags: c.Tags, Sources: c.Sources,
		Links:     c.Links,
		CreatedAt: c.CreatedAt, By: a.SuperAdmin(), Stage: "lead-new",
	}
	if c.Email != "" {
		d.Emails = []string{c.Email}
	}
	if c.Phone != "" {
		d.Phones = []account.Phone{{Type: "mobile", Value: c.Phone}}
	}
	if c.Origin == "applied" || c.Origin == "internal" {
		d.By, d.Stage = "", "applicant-new"
	}
	if c.Origin == "applied" || c.Origin == "internal" || c.Origin == "referred" {
		d.Applied = &account.Applicant{Name: c.Name, Email: c.Email, Phone: c.Phone, Links: c.Links}
	}
	err := c.resolve(a, &d)
	return d, err
}

// resolve turns names into ids.
func (c Candidate) resolve(a *account.Account, d *account.Draft) error {
	if c.Stage != "" {
		s, err := a.StageNamed(c.Stage)
		if err != nil {
			return err
		}
		d.Stage = s.ID
	}
	if c.Posting != "" {
		p, err := a.PostingNamed(c.Posting)
		if err != nil {
			return err
		}
		d.Posting = p.ID
	}
	if c.Owner != "" {
		u, err := a.UserNamed(c.Owner)
		if err != nil {
			return err
		}
		d.Owner = u.ID
	}
	return nil
}

// act does something to a candidacy and names it.
func (d *Desk) act(accountID, opportunityID string, do func(*account.Account, *account.Opportunity) error) (Added, error) {
	return on(d, accountID, opportunityID, func(a *account.Account, o *account.Opportunity) (Added, error) {
		return added(o), do(a, o)
	})
}

// Move brings a candidate to the stage, named by id or text.
func (d *Desk) Move(accountID, opportunityID, stage string) (Added, error) {
	return d.act(accountID, opportunityID, func(a *account.Account, o *account.Opportunity) error {
		return a.Move(o, stage, a.SuperAdmin())
	})
}

// Archive archives a candidate for the reason, named by id or text.
func (d *Desk) Archive(accountID, opportunityID, reason string) (Added, error) {
	return d.act(accountID, opportunityID, func(a *account.Account, o *account.Opportunity) error {
		return a.Archive(o, account.Removal{Reason: reason, By: a.SuperAdmin()})
	})
}

// Hire archives a candidate with the account's hired reason, against the
// requisition if one is named.
func (d *Desk) Hire(accountID, opportunityID, requisition string) (Added, error) {
	return d.act(accountID, opportunityID, func(a *account.Account, o *account.Opportunity) error {
		reason, err := a.HiredReason()
		if err != nil {
			return err
		}
		return a.Archive(o, account.Removal{Reason: reason.ID, Requisition: requisition, By: a.SuperAdmin()})
	})
}

// Unarchive brings a candidate back.
func (d *Desk) Unarchive(accountID, opportunityID string) (Added, error) {
	return d.act(accountID, opportunityID, func(a *account.Account, o *account.Opportunity) error {
		a.Unarchive(o)
		return nil
	})
}

// Delete removes a candidate for good.
func (d *Desk) Delete(accountID, opportunityID string) (Added, error) {
	return d.act(accountID, opportunityID, func(a *account.Account, o *account.Opportunity) error {
		a.Delete(o, a.SuperAdmin())
		return nil
	})
}

// Anonymize wipes the personal data of a candidate's contact.
func (d *Desk) Anonymize(accountID, opportunityID string) (Added, error) {
	return d.act(accountID, opportunityID, func(a *account.Account, o *account.Opportunity) error {
		a.Anonymize(o.Contact)
		return nil
	})
}

// Apply puts a candidate on the posting, named by id or title. One that is on a
// posting gets another candidacy, which is the one that is named.
func (d *Desk) Apply(accountID, opportunityID, posting string) (Added, error) {
	return on(d, accountID, opportunityID, func(a *account.Account, o *account.Opportunity) (Added, error) {
		p, err := a.PostingNamed(posting)
		if err != nil {
			return Added{}, err
		}
		next, err := a.Apply(o, p, a.SuperAdmin())
		if err != nil {
			return Added{}, err
		}
		return added(next), nil
	})
}

// ChangeOpportunity changes owner, tags, sources, confidentiality or snoozing.
func (d *Desk) ChangeOpportunity(accountID, opportunityID string, f account.OpportunityFields) (Added, error) {
	return d.act(accountID, opportunityID, func(a *account.Account, o *account.Opportunity) error {
		return a.ChangeOpportunity(o, f)
	})
}

// ChangeContact changes a person's name, addresses and numbers.
func (d *Desk) ChangeContact(accountID, contactID string, f account.ContactFields) (account.ContactView, error) {
	return in(d, accountID, func(a *account.Account) (account.ContactView, error) {
		c, err := a.ChangeContact(contactID, f)
		if err != nil {
			return account.ContactView{}, err
		}
		return c.View(), nil
	})
}

// Opportunity is a candidacy as the API shows it, confidential or not.
func (d *Desk) Opportunity(accountID, opportunityID string) (account.OpportunityView, error) {
	return on(d, accountID, opportunityID, func(a *account.Account, o *account.Opportunity) (account.OpportunityView, error) {
		return a.View(o), nil
	})
}
