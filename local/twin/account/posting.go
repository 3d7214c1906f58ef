package account

import (
	"encoding/json"
	"slices"
)

// The states of a posting. People see internal as "unlisted".
const (
	statePublished = "published"
	stateInternal  = "internal"
	stateClosed    = "closed"
	stateDraft     = "draft"
)

// The values of confidentiality.
const (
	confidential    = "confidential"
	nonConfidential = "non-confidential"
)

// Categories say where a posting belongs.
type Categories struct {
	Commitment   string   `json:"commitment"`
	Department   string   `json:"department"`
	Level        *string  `json:"level"`
	Location     string   `json:"location"`
	Team         string   `json:"team"`
	AllLocations []string `json:"allLocations"`
}

// Content is a posting's text.
type Content struct {
	Description     string        `json:"description"`
	DescriptionHTML string        `json:"descriptionHtml"`
	Lists           []ContentList `json:"lists"`
	Closing         string        `json:"closing"`
	ClosingHTML     string        `json:"closingHtml"`
}

// ContentList is a headed list in a posting's text; its content is HTML.
type ContentList struct {
	Text    string `json:"text"`
	Content string `json:"content"`
}

// SalaryRange is in major units of the currency.
type SalaryRange struct {
	Min      float64 `json:"min"`
	Max      float64 `json:"max"`
	Currency string  `json:"currency"`
	Interval string  `json:"interval"`
}

// Posting is a job that people apply to.
type Posting struct {
	ID                    string       `json:"id"`
	Text                  string       `json:"text"`
	State                 string       `json:"state"`
	DistributionChannels  []string     `json:"distributionChannels"`
	User                  *string      `json:"user"`
	Owner                 *string      `json:"owner"`
	HiringManager         *string      `json:"hiringManager"`
	Categories            Categories   `json:"categories"`
	Tags                  []string     `json:"tags"`
	Content               Content      `json:"content"`
	Country               *string      `json:"country"`
	Followers             []string     `json:"followers"`
	ReqCode               *string      `json:"reqCode"`
	RequisitionCodes      []string     `json:"requisitionCodes"`
	URLs                  *PostingURLs `json:"urls"`
	Confidentiality       string       `json:"confidentiality"`
	CreatedAt             int64        `json:"createdAt"`
	UpdatedAt             int64        `json:"updatedAt"`
	WorkplaceType         string       `json:"workplaceType"`
	SalaryRange           *SalaryRange `json:"salaryRange,omitempty"`
	SalaryDescription     *string      `json:"salaryDescription,omitempty"`
	SalaryDescriptionHTML *string      `json:"salaryDescriptionHtml,omitempty"`
	TranscribeInterviews  bool         `json:"transcribeInterviews"`
	Screening             Screening    `json:"screening"`
	// Questions are the forms that applicants fill in, in order.
	Questions []Form `json:"-"`
}

// PostingURLs are null for drafts and closed postings.
type PostingURLs struct {
	List  string `json:"list"`
	Show  string `json:"show"`
	Apply string `json:"apply"`
}

// Screening says whether Lever screens applicants itself.
type Screening struct {
	Enabled bool `json:"enabled"`
}

func (p *Posting) key() string { return p.ID }

// IsConfidential reports whether the posting is confidential.
func (p *Posting) IsConfidential() bool { return p.Confidentiality == confidential }

// Open reports whether people can apply.
func (p *Posting) Open() bool { return p.State == statePublished || p.State == stateInternal }

// PostingFields are what can be set of a posting; nil members stay as they are.
type PostingFields struct {
	Text                 *string         `json:"text"`
	State                *string         `json:"state"`
	DistributionChannels *[]string       `json:"distributionChannels"`
	Owner                *string         `json:"owner"`
	HiringManager        *string         `json:"hiringManager"`
	Categories           *CategoryFields `json:"categories"`
	Tags                 *[]string       `json:"tags"`
	Content              *Content        `json:"content"`
	Country              *string         `json:"country"`
	RequisitionCodes     *[]string       `json:"requisitionCodes"`
	WorkplaceType        *string         `json:"workplaceType"`
	SalaryRange          *SalaryRange    `json:"salaryRange"`
	SalaryDescription    *string         `json:"salaryDescription"`
	// Confidentiality can be set by people only, not through the API.
	Confidentiality *string `json:"confidentiality"`
	Questions       *[]Form `json:"customQuestions"`
}

// CategoryFields are what can be set of categories; nil members stay.
type CategoryFields struct {
	Commitment   *string   `json:"commitment"`
	Department   *string   `json:"department"`
	Level        *string   `json:"level"`
	Location     *string   `json:"location"`
	Team         *string   `json:"team"`
	AllLocations *[]string `json:"allLocations"`
}

func (a *Account) checkPosting(f PostingFields) error {
	if f.Text != nil && *f.Text == "" {
		return Invalid("a posting needs a text")
	}
	for _, x := range []struct {
		name    string
		value   *string
		allowed []string
	}{
		{"state", f.State, []string{statePublished, stateInternal, stateClosed, stateDraft, "pending", "rejected"}},
		{"workplaceType", f.WorkplaceType, []string{"unspecified", "onsite", "remote", "hybrid"}},
		{"confidentiality", f.Confidentiality, []string{confidential, nonConfidential}},
	} {
		if x.value != nil && !slices.Contains(x.allowed, *x.value) {
			return Invalid("%s is not one of %v", x.name, x.allowed)
		}
	}
	for _, id := range []*string{f.Owner, f.HiringManager} {
		if id != nil && a.users.See(*id) == nil {
			return Invalid("user %s was not found", *id)
		}
	}
	return nil
}

// AddPosting adds a posting made by the user; its state is draft unless named.
func (a *Account) AddPosting(f PostingFields, by string) (*Posting, error) {
	if f.Text == nil {
		return nil, Invalid("a posting needs a text")
	}
	if err := a.checkPosting(f); err != nil {
		return nil, err
	}
	p := &Posting{
		ID: a.newID(), State: stateDraft, User: optional(by), Owner: optional(by), CreatedAt: a.now(),
		Confidentiality: nonConfidential, WorkplaceType: "unspecified", Country: new("US"),
	}
	p.Content.Lists = []ContentList{}
	a.setPosting(p, f)
	if p.Owner != nil {
		p.Followers = []string{*p.Owner}
	}
	a.postings.Add(p)
	return p, nil
}

// ChangePosting changes what f names.
func (a *Account) ChangePosting(id string, f PostingFields) (*Posting, error) {
	p, err := a.Posting(id)
	if err != nil {
		return nil, err
	}
	if err := a.checkPosting(f); err != nil {
		return nil, err
	}
	a.setPosting(p, f)
	return p, nil
}

func (a *Account) setPosting(p *Posting, f PostingFields) {
	set(&p.Text, f.Text)
	set(&p.State, f.State)
	set(&p.DistributionChannels, f.DistributionChannels)
	set(&p.Tags, f.Tags)
	set(&p.Content, f.Content)
	set(&p.RequisitionCodes, f.RequisitionCodes)
	set(&p.WorkplaceType, f.WorkplaceType)
	set(&p.Confidentiality, f.Confidentiality)
	set(&p.Questions, f.Questions)
	setOptional(&p.Owner, f.Owner)
	setOptional(&p.HiringManager, f.HiringManager)
	setOptional(&p.Country, f.Country)
	setOptional(&p.SalaryRange, f.SalaryRange)
	setOptional(&p.SalaryDescription, f.SalaryDescription)
	if f.Categories != nil {
		p.Categories.set(*f.Categories)
	}
	p.UpdatedAt = a.now()
}

// setOptional puts from in the place of *to unless it is nil.
func setOptional[T any](to **T, from *T) {
	if from != nil {
		*to = from
	}
}

func (c *Categories) set(f CategoryFields) {
	set(&c.Commitment, f.Commitment)
	set(&c.Department, f.Department)
	set(&c.Team, f.Team)
	setOptional(&c.Level, f.Level)
	set(&c.AllLocations, f.AllLocations)
	if f.Location != nil {
		c.Location = *f.Location
		if f.AllLocations == nil {
			c.AllLocations = []string{c.Location}
		}
	}
}

// Posting is the posting with the id.
func (a *Account) Posting(id string) (*Posting, error) {
	return found(a.postings.Take(id), "postings", id)
}

// PostingNamed is the posting with the id, or else the first with the text.
func (a *Account) PostingNamed(name string) (*Posting, error) {
	if p := a.postings.Take(name); p != nil {
		return p, nil
	}
	for _, p := range a.postings.All() {
		if p.Text == name {
			return a.Posting(p.ID)
		}
	}
	return nil, NotFound("postings", name)
}

// PostingView is the posting with what Lever works out: addresses of its pages
// unless it is a draft or closed, and lists that are never null.
func (a *Account) PostingView(p *Posting) *Posting {
	v := *p
	v.Tags, v.Followers, v.RequisitionCodes = full(p.Tags), full(p.Followers), full(p.RequisitionCodes)
	v.Categories.AllLocations = full(p.Categories.AllLocations)
	if p.Open() {
		list := "https://jobs.lever.co/" + a.slug()
		v.URLs = &PostingURLs{List: list, Show: list + "/" + p.ID, Apply: list + "/" + p.ID + "/apply"}
	}
	if len(v.RequisitionCodes) > 0 {
		v.ReqCode = &v.RequisitionCodes[0]
	}
	return &v
}

// DeletedPosting is a posting in the list of deleted ones.
type DeletedPosting struct {
	ID        string `json:"id"`
	DeletedAt int64  `json:"deletedAt"`
}

// DeletePosting removes a posting. Applications to it keep its id.
func (a *Account) DeletePosting(id string) error {
	if _, err := a.Posting(id); err != nil {
		return err
	}
	a.postings.Drop(id)
	a.deletedPostings.Put(&DeletedPosting{ID: id, DeletedAt: a.now()})
	return nil
}

// PostingForms is what GET /postings/:id/apply asks an applicant.
type PostingForms struct {
	ID                  string          `json:"id"`
	Text                string          `json:"text"`
	CustomQuestions     []Form          `json:"customQuestions"`
	EEOQuestions        json.RawMessage `json:"eeoQuestions"`
	PersonalInformation []Question      `json:"personalInformation"`
	URLs                []Question      `json:"urls"`
	ConsentDisclosures  *string         `json:"consentDisclosures"`
}

// Question is a fixed question of the application form.
type Question struct {
	Text     string  `json:"text"`
	Name     string  `json:"name"`
	Type     string  `json:"type"`
	Required bool    `json:"required"`
	Value    *string `json:"value"`
}

// Forms is what an applicant to the posting is asked. Name and e-mail are
// required. There are no EEO questions here.
func (p *Posting) Forms() PostingForms {
	return PostingForms{
		ID: p.ID, Text: p.Text, CustomQuestions: full(p.Questions), EEOQuestions: json.RawMessage("{}"),
		PersonalInformation: []Question{
			{Text: "Full name", Name: "fullName", Type: "text", Required: true},
			{Text: "Email", Name: "email", Type: "text", Required: true},
			{Text: "Current company", Name: "currentCompany", Type: "text"},
			{Text: "Current location", Name: "currentLocation", Type: "text"},
			{Text: "Phone", Name: "phone", Type: "text"},
			{Text: "Resume", Name: "resume", Type: "file-upload"},
			{Text: "Additional information", Name: "additionalInformation", Type: "textarea"},
		},
		URLs: []Question{{Text: "LinkedIn", Name: "LinkedIn", Type: "text"}, {Text: "Other", Name: "Other", Type: "text"}},
	}
}
