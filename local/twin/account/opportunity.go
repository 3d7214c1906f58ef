package account

import (
	"encoding/json"
	"slices"
	"strings"
)

// The origins of a candidacy.
const (
	originApplied  = "applied"
	originSourced  = "sourced"
	originReferred = "referred"
	originInternal = "internal"
)

// Origins are all origins, in the order in which Lever fills them in for a
// webhook that names none.
func Origins() []string {
	return []string{originApplied, originSourced, originReferred, "university", originInternal, "agency"}
}

// Archived says when and why a candidacy or an application was archived.
type Archived struct {
	Reason     string `json:"reason"`
	ArchivedAt int64  `json:"archivedAt"`
}

// StageChange is one step of a candidacy, the first included. UserID is left
// out when nobody did it, as for people who apply.
type StageChange struct {
	ToStageID    string `json:"toStageId"`
	ToStageIndex int    `json:"toStageIndex"`
	UpdatedAt    int64  `json:"updatedAt"`
	UserID       string `json:"userId,omitempty"`
}

// Opportunity is one candidacy of a contact, with at most one application.
type Opportunity struct {
	ID           string
	Contact      *Contact     `json:"-"`
	Application  *Application `json:"-"`
	Origin       string
	Confidential bool          `json:",omitzero"`
	Archived     *Archived     `json:",omitzero"`
	Tags         []string      `json:",omitzero"`
	Sources      []string      `json:",omitzero"`
	Followers    []string      `json:",omitzero"`
	SourcedBy    *string       `json:",omitzero"`
	Owner        *string       `json:",omitzero"`
	StageChanges []StageChange `json:",omitzero"`
	CreatedAt    int64
	// UpdatedAt is nil for old objects that were not touched since Lever has
	// the member.
	UpdatedAt         *int64 `json:",omitzero"`
	LastInteractionAt int64
	LastAdvancedAt    int64
	SnoozedUntil      *int64 `json:",omitzero"`
	// DataProtection is what the person agreed to, in Lever's shape; nil is null.
	DataProtection json.RawMessage `json:",omitzero"`

	stage *Stage

	offers      []*Offer
	notes       []*Note
	feedback    []*Feedback
	panels      []*Panel
	interviews  []*Interview
	forms       []*Form
	resumes     []*Resume
	files       []*File
	fileActions []FileAction
}

// StageID is the stage of the candidacy; archiving keeps it.
func (o *Opportunity) StageID() string { return o.stage.ID }

// StageText is the stage as people see it.
func (o *Opportunity) StageText() string { return o.stage.Text }

// Opportunity is the candidacy with the id.
func (a *Account) Opportunity(id string) (*Opportunity, error) {
	o := a.opportunities[id]
	if o == nil {
		return nil, NotFound("opportunities", id)
	}
	_, err := a.Contact(o.Contact.ID)
	return o, err
}

// OpportunityView is a candidacy in Lever's shape. Expandable members hold ids.
type OpportunityView struct {
	ID                string          `json:"id"`
	Name              string          `json:"name"`
	Contact           string          `json:"contact"`
	Headline          string          `json:"headline"`
	Stage             string          `json:"stage"`
	Confidentiality   string          `json:"confidentiality"`
	Location          string          `json:"location"`
	Phones            []Phone         `json:"phones"`
	Emails            []string        `json:"emails"`
	Links             []string        `json:"links"`
	Archived          *Archived       `json:"archived"`
	Tags              []string        `json:"tags"`
	Sources           []string        `json:"sources"`
	StageChanges      []StageChange   `json:"stageChanges"`
	Origin            string          `json:"origin"`
	SourcedBy         *string         `json:"sourcedBy"`
	Owner             *string         `json:"owner"`
	Followers         []string        `json:"followers"`
	Applications      []string        `json:"applications"`
	CreatedAt         int64           `json:"createdAt"`
	UpdatedAt         *int64          `json:"updatedAt"`
	LastInteractionAt int64           `json:"lastInteractionAt"`
	LastAdvancedAt    int64           `json:"lastAdvancedAt"`
	SnoozedUntil      *int64          `json:"snoozedUntil"`
	URLs              OpportunityURLs `json:"urls"`
	IsAnonymized      bool            `json:"isAnonymized"`
	DataProtection    json.RawMessage `json:"dataProtection"`
	// OpportunityLocation is absent where there is no application, and in the
	// answers to writes.
	OpportunityLocation string `json:"opportunityLocation,omitempty"`
}

// OpportunityURLs are pages for people.
type OpportunityURLs struct {
	List string `json:"list"`
	Show string `json:"show"`
}

// View is the candidacy as GET answers it.
func (a *Account) View(o *Opportunity) OpportunityView {
	v := a.Written(o)
	if o.Application != nil {
		v.OpportunityLocation = o.Application.location
	}
	return v
}

// Written is the candidacy as the answers to create and addLinks show it.
func (a *Account) Written(o *Opportunity) OpportunityView {
	v := a.Blanked(o)
	c := o.Contact
	v.Name, v.Headline, v.Location = c.Name, c.Headline, c.Location
	v.Phones, v.Emails, v.Links = full(c.Phones), full(c.Emails), full(c.Links)
	return v
}

// Blanked is the candidacy as the answers to stage, archive, tag and source
// writes show it: whatever belongs to the contact is empty there.
func (a *Account) Blanked(o *Opportunity) OpportunityView {
	v := OpportunityView{
		ID: o.ID, Contact: o.Contact.ID, Stage: o.stage.ID, Confidentiality: nonConfidential,
		Phones: []Phone{}, Emails: []string{}, Links: []string{}, Archived: o.Archived,
		Tags: full(o.Tags), Sources: full(o.Sources), StageChanges: o.StageChanges, Origin: o.Origin,
		SourcedBy: o.SourcedBy, Owner: o.Owner, Followers: full(o.Followers), Applications: []string{},
		CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt, LastInteractionAt: o.LastInteractionAt,
		LastAdvancedAt: o.LastAdvancedAt, SnoozedUntil: o.SnoozedUntil, IsAnonymized: o.Contact.Anonymized,
		DataProtection: o.DataProtection,
		URLs:           OpportunityURLs{List: a.cfg.Pages + "/candidates", Show: a.cfg.Pages + "/candidates/" + o.ID},
	}
	if o.Confidential {
		v.Confidentiality = confidential
	}
	if o.Application != nil {
		v.Applications = []string{o.Application.ID}
	}
	return v
}

// touch marks what Lever counts as an update.
func (a *Account) touch(o *Opportunity) { o.UpdatedAt = new(a.now()) }

// interact marks what moves lastInteractionAt only. Notes, feedback, interviews
// and files do; recordings show that updatedAt stays.
func (a *Account) interact(o *Opportunity) { o.LastInteractionAt = a.now() }

// OpportunityFields are what a person can change of a candidacy beside its
// stage; nil members stay as they are.
type OpportunityFields struct {
	Owner        *string   `json:"owner"`
	Confidential *bool     `json:"confidential"`
	Tags         *[]string `json:"tags"`
	Sources      *[]string `json:"sources"`
	SnoozedUntil *int64    `json:"snoozedUntil"`
	// DataProtection is {store, contact} of {allowed, expiresAt}.
	DataProtection *json.RawMessage `json:"dataProtection"`
	// ForgetUpdate makes updatedAt null, as it is for old objects.
	ForgetUpdate bool `json:"forgetUpdate"`
}

// ChangeOpportunity changes what f names.
func (a *Account) ChangeOpportunity(o *Opportunity, f OpportunityFields) error {
	if f.Owner != nil {
		u, err := a.UserNamed(*f.Owner)
		if err != nil {
			return err
		}
		o.Owner = &u.ID
	}
	set(&o.Confidential, f.Confidential)
	set(&o.Tags, f.Tags)
	set(&o.Sources, f.Sources)
	set(&o.DataProtection, f.DataProtection)
	setOptional(&o.SnoozedUntil, f.SnoozedUntil)
	a.touch(o)
	if f.ForgetUpdate {
		o.UpdatedAt = nil
	}
	return nil
}

// Tag adds tags to the candidacy, or removes them.
func (a *Account) Tag(o *Opportunity, tags []string, add bool) {
	o.Tags = edit(o.Tags, tags, add)
	a.touch(o)
}

// Source adds sources to the candidacy, or removes them.
func (a *Account) Source(o *Opportunity, sources []string, add bool) {
	o.Sources = edit(o.Sources, sources, add)
	a.touch(o)
}

// Link adds links to the candidacy's contact, or removes them.
func (a *Account) Link(o *Opportunity, links []string, add bool) {
	o.Contact.Links = edit(o.Contact.Links, links, add)
	a.contactChanged(o.Contact)
}

func edit(list, items []string, add bool) []string {
	if add {
		return union(list, items)
	}
	return minus(list, items)
}

// Count is a text and how many candidacies have it.
type Count struct {
	Count int    `json:"count"`
	Text  string `json:"text"`
}

// Tags are all tags in use, by text.
func (a *Account) Tags() []Count {
	return a.count(func(o *Opportunity) []string { return o.Tags })
}

// Sources are all sources in use, by text.
func (a *Account) Sources() []Count {
	return a.count(func(o *Opportunity) []string { return o.Sources })
}

func (a *Account) count(of func(*Opportunity) []string) []Count {
	sums := map[string]int{}
	for _, o := range a.order {
		for _, text := range of(o) {
			sums[text]++
		}
	}
	counts := make([]Count, 0, len(sums))
	for text, n := range sums {
		counts = append(counts, Count{Count: n, Text: text})
	}
	slices.SortFunc(counts, func(x, y Count) int { return strings.Compare(x.Text, y.Text) })
	return counts
}

// slug is the company's name as it stands in addresses.
func (a *Account) slug() string {
	return strings.Map(func(r rune) rune {
		if r == ' ' {
			return '-'
		}
		return r
	}, strings.ToLower(a.cfg.Name))
}
