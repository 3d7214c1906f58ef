package account

import (
	"slices"
)

// Draft is what is known of a candidacy before it is created. Everything is
// optional.
type Draft struct {
	// ID is the candidacy's; it is made up unless it is given.
	ID string
	// Contact is the id of a known person.
	Contact                         string
	Name, Headline, Location        string
	Emails, Links                   []string
	Phones                          []Phone
	Tags, Sources, Followers        []string
	Stage, Origin, Owner, SourcedBy string
	// Posting is the id of the posting that is applied to.
	Posting      string
	Confidential bool
	Archived     *Archived
	// CreatedAt is now unless it is set; it may only lie in the past.
	CreatedAt int64
	// OwnedByPosting makes the posting's owner the owner.
	OwnedByPosting bool
	// By is the user who creates; empty for people who apply themselves.
	By string
	// Applied carries what an applicant gave besides; nil for the others.
	Applied *Applicant
}

// checked is a draft whose references were looked up.
type checked struct {
	Draft
	contact *Contact
	stage   *Stage
	posting *Posting
}

// Create adds a candidacy. A person known by id or e-mail gets another
// candidacy and keeps the data that Lever has; deduped reports that.
func (a *Account) Create(d Draft) (o *Opportunity, deduped bool, err error) {
	c, err := a.check(d)
	if err != nil {
		return nil, false, err
	}
	deduped = c.contact != nil
	switch {
	case !deduped:
		c.contact = a.addContact(d)
	case d.Contact != "":
		a.extend(c.contact, d)
	}
	o = a.build(c)
	a.put(o)
	if c.posting != nil {
		a.attach(o, c.posting, d.By, d.Applied)
	}
	return o, deduped, nil
}

func (a *Account) check(d Draft) (checked, error) {
	c := checked{Draft: d}
	if d.ID != "" && a.Knows(d.ID) {
		return c, Invalid("the account has given the id %s already", d.ID)
	}
	var err error
	if c.contact, err = a.match(d.Contact, d.Emails); err != nil {
		return c, err
	}
	if d.Posting != "" {
		if c.posting, err = a.Posting(d.Posting); err != nil {
			return c, err
		}
		// Whoever is on a confidential posting is confidential.
		c.Confidential = c.Confidential || c.posting.IsConfidential()
	}
	if c.Stage == "" {
		c.Stage = "lead-new"
	}
	if c.stage, err = a.Stage(c.Stage); err != nil {
		return c, err
	}
	return c, a.checkDraft(c)
}

func (a *Account) checkDraft(c checked) error {
	for _, id := range append(slices.Clone(c.Followers), c.Owner, c.SourcedBy) {
		if id != "" && a.users.See(id) == nil {
			return NotFound("users", id)
		}
	}
	switch {
	case c.Origin != "" && !slices.Contains(Origins(), c.Origin):
		return Invalid("origin is not one of %v", Origins())
	case c.CreatedAt > a.now():
		return Invalid("createdAt lies in the future")
	case c.Confidential && (c.posting == nil || !c.posting.IsConfidential()):
		return Invalid("a confidential opportunity needs a confidential posting")
	}
	return a.checkArchived(c.Draft)
}

func (a *Account) checkArchived(d Draft) error {
	if d.Archived == nil {
		return nil
	}
	if _, err := a.Reason(d.Archived.Reason); err != nil {
		return err
	}
	if at := d.Archived.ArchivedAt; at != 0 && (d.CreatedAt == 0 || at < d.CreatedAt) {
		return Invalid("archived[archivedAt] needs an earlier createdAt")
	}
	return nil
}

func (a *Account) addContact(d Draft) *Contact {
	c := &Contact{ID: a.newID(), Name: d.Name, Headline: d.Headline, Location: d.Location, Phones: d.Phones, Links: d.Links}
	a.contacts.Put(c)
	a.setEmails(c, d.Emails)
	a.tellContact(ContactCreated, c)
	return c
}

func (a *Account) build(c checked) *Opportunity {
	now := a.now()
	at := c.CreatedAt
	if at == 0 {
		at = now
	}
	if c.ID == "" {
		c.ID = a.cfg.NewID()
	}
	o := &Opportunity{
		ID: a.give(c.ID), Contact: c.contact, stage: c.stage, Origin: c.Origin, Confidential: c.Confidential,
		Tags: c.Tags, Sources: c.Sources, Followers: union(c.Followers, present(c.By)), SourcedBy: optional(c.SourcedBy),
		StageChanges: []StageChange{{ToStageID: c.stage.ID, ToStageIndex: a.stageIndex(c.stage), UpdatedAt: at, UserID: c.By}},
		CreatedAt:    at, LastInteractionAt: at, LastAdvancedAt: at, UpdatedAt: &now, Owner: a.ownerOf(c),
	}
	if o.Origin == "" {
		o.Origin = originSourced
	}
	if o.SourcedBy == nil && o.Origin == originSourced {
		o.SourcedBy = optional(c.By)
	}
	if c.Archived != nil {
		o.Archived = &Archived{Reason: c.Archived.Reason, ArchivedAt: c.Archived.ArchivedAt}
		if o.Archived.ArchivedAt == 0 {
			o.Archived.ArchivedAt = at
		}
	}
	return o
}

// present is a list of the string, or an empty one for the empty string.
func present(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// ownerOf is who owns a new candidacy: whom the draft names, the posting's owner
// if that is asked for or if nobody creates, else who creates.
func (a *Account) ownerOf(c checked) *string {
	switch {
	case c.OwnedByPosting && c.posting != nil:
		return c.posting.Owner
	case c.Owner != "":
		return &c.Owner
	case c.By == "" && c.posting != nil:
		return c.posting.Owner
	}
	return optional(c.By)
}

// put makes the candidacy findable.
func (a *Account) put(o *Opportunity) {
	a.opportunities[o.ID] = o
	o.Contact.opportunities = append(o.Contact.opportunities, o)
	a.insert(o)
}
