package account

import (
	"fmt"

	"fulcrum/local/twin/shelf"
)

// build makes an account with empty shelves.
func build(cfg Config) *Account {
	r := cfg.Rack
	a := &Account{
		cfg: cfg, ids: shelf.NewIDs(r, "ids"), byEmail: map[string]*Contact{},
		opportunities: map[string]*Opportunity{}, applications: map[string]*Application{},
	}
	a.users = shelf.NewRow(r, "users", shelf.JSON((*User).key))
	a.stages = shelf.NewRow(r, "stages", shelf.JSONAs((*Stage).key, (*Stage).kept, (*DispositionStage).stage))
	a.reasons = shelf.NewRow(r, "reasons", shelf.JSON((*Reason).key))
	a.postings = shelf.NewRow(r, "postings", shelf.JSONAs((*Posting).key, (*Posting).kept, (*keptPosting).posting))
	a.templates = shelf.NewRow(
		r, "feedback-templates", shelf.JSONAs((*FeedbackTemplate).key, (*FeedbackTemplate).kept, (*keptTemplate).template),
	)
	a.forms = shelf.NewRow(r, "form-templates", shelf.JSON((*FormTemplate).key))
	a.requisitions = shelf.NewRow(r, "requisitions", shelf.JSON((*Requisition).key))
	a.contents = shelf.New(r, "contents", shelf.Form[content]{
		ID:    func(c *content) string { return c.id },
		Write: func(c *content) ([]byte, error) { return c.bytes, nil },
		Read:  func(key string, value []byte) (*content, error) { return &content{key, value}, nil },
	})
	a.uploads = shelf.New(r, "uploads", shelf.JSONAs(
		func(u *Upload) string { return u.ID }, func(u *Upload) *Upload { return u }, a.rebased,
	))
	a.deletedOpportunities = shelf.New(r, "deleted-opportunities", shelf.JSON(func(d *DeletedOpportunity) string { return d.ID }))
	a.deletedApplications = shelf.New(r, "deleted-applications", shelf.JSON(func(d *DeletedApplication) string { return d.ID }))
	a.deletedPostings = shelf.New(r, "deleted-postings", shelf.JSON(func(d *DeletedPosting) string { return d.ID }))
	a.contacts = shelf.New(r, "contacts", shelf.JSONAs(
		func(c *Contact) string { return c.ID }, a.keptContact, a.contact,
	))
	return a
}

// rebased is an upload of a twin that may have been reached elsewhere.
func (a *Account) rebased(u *Upload) (*Upload, error) {
	u.URI = a.uploadURI(u.ID)
	return u, nil
}

func (s *Stage) kept() *DispositionStage { return (*DispositionStage)(s) }

func (s *DispositionStage) stage() (*Stage, error) { return (*Stage)(s), nil }

// The kept types are objects with the members that the API does not show.
type keptPosting struct {
	*Posting
	Questions []Form `json:",omitzero"`
}

func (p *Posting) kept() *keptPosting { return &keptPosting{p, p.Questions} }

func (k *keptPosting) posting() (*Posting, error) {
	k.Posting.Questions = k.Questions
	return k.Posting, nil
}

type keptTemplate struct {
	*FeedbackTemplate
	ByAPI bool
}

func (t *FeedbackTemplate) kept() *keptTemplate { return &keptTemplate{t, t.api} }

func (k *keptTemplate) template() (*FeedbackTemplate, error) {
	k.FeedbackTemplate.api = k.ByAPI
	return k.FeedbackTemplate, nil
}

// keptContact is a person with all candidacies and what hangs on them.
type keptContact struct {
	Contact
	// Finds are the addresses by which the person is found: another one may have
	// had the same address before.
	Finds         []string           `json:",omitzero"`
	Opportunities []*keptOpportunity `json:",omitzero"`
}

type keptOpportunity struct {
	Opportunity
	Stage       string
	Application *keptApplication `json:",omitzero"`
	Notes       []*keptNote      `json:",omitzero"`
	Offers      []*Offer         `json:",omitzero"`
	Feedback    []*Feedback      `json:",omitzero"`
	Panels      []*Panel         `json:",omitzero"`
	Interviews  []*Interview     `json:",omitzero"`
	Forms       []*Form          `json:",omitzero"`
	Resumes     []*Resume        `json:",omitzero"`
	Files       []*File          `json:",omitzero"`
	FileActions []FileAction     `json:",omitzero"`
}

type keptApplication struct {
	*Application
	Location string
}

type keptNote struct {
	*Note
	ByAPI bool
}

func (a *Account) keptContact(c *Contact) *keptContact {
	k := &keptContact{Contact: *c}
	for _, e := range c.Emails {
		if e = canonical(e); a.byEmail[e] == c {
			k.Finds = append(k.Finds, e)
		}
	}
	for _, o := range c.opportunities {
		k.Opportunities = append(k.Opportunities, o.kept())
	}
	return k
}

func (o *Opportunity) kept() *keptOpportunity {
	k := &keptOpportunity{
		Opportunity: *o, Stage: o.stage.ID, Offers: o.offers, Feedback: o.feedback, Panels: o.panels, Interviews: o.interviews,
		Forms: o.forms, Resumes: o.resumes, Files: o.files, FileActions: o.fileActions,
	}
	if o.Application != nil {
		k.Application = &keptApplication{o.Application, o.Application.location}
	}
	for _, n := range o.notes {
		k.Notes = append(k.Notes, &keptNote{n, n.api})
	}
	return k
}

// contact brings a person back, findable by all that it has.
func (a *Account) contact(k *keptContact) (*Contact, error) {
	// A copy, so that the written form can go.
	c := new(k.Contact)
	for _, e := range k.Finds {
		a.byEmail[e] = c
	}
	for _, x := range k.Opportunities {
		o := x.opportunity()
		if o.stage = a.stages.See(x.Stage); o.stage == nil {
			return nil, fmt.Errorf("opportunity %s: stage %s is not there", o.ID, x.Stage)
		}
		for _, offer := range o.offers {
			a.rebase(o, offer)
		}
		o.Contact = c
		c.opportunities = append(c.opportunities, o)
		a.opportunities[o.ID] = o
		a.order = append(a.order, o)
		if o.Application != nil {
			a.applications[o.Application.ID] = o.Application
		}
	}
	return c, nil
}

func (k *keptOpportunity) opportunity() *Opportunity {
	o := new(k.Opportunity)
	o.offers, o.feedback, o.panels, o.interviews = k.Offers, k.Feedback, k.Panels, k.Interviews
	o.forms, o.resumes, o.files, o.fileActions = k.Forms, k.Resumes, k.Files, k.FileActions
	if k.Application != nil {
		o.Application = k.Application.Application
		o.Application.location = k.Application.Location
	}
	for _, n := range k.Notes {
		n.Note.api = n.ByAPI
		o.notes = append(o.notes, n.Note)
	}
	return o
}

// rebase gives an offer's letters their addresses on a twin that may have been
// reached elsewhere.
func (a *Account) rebase(o *Opportunity, offer *Offer) {
	if offer.SentDocument != nil {
		offer.SentDocument.DownloadURL = a.letterURL(o, offer, "sent")
	}
	if offer.SignedDocument != nil {
		offer.SignedDocument.DownloadURL = a.letterURL(o, offer, "signed")
	}
}
