package account

// Application puts a candidacy on a posting.
type Application struct {
	ID                   string       `json:"id"`
	Type                 string       `json:"type"` // referral, user or posting
	CandidateID          string       `json:"candidateId"`
	OpportunityID        string       `json:"opportunityId"`
	Posting              string       `json:"posting"`
	PostingHiringManager *string      `json:"postingHiringManager"`
	PostingOwner         *string      `json:"postingOwner"`
	Name                 *string      `json:"name"`
	Company              *string      `json:"company"`
	Phone                *AppPhone    `json:"phone"`
	Email                *string      `json:"email"`
	Links                []string     `json:"links"`
	Comments             *string      `json:"comments"`
	User                 *string      `json:"user"`
	CustomQuestions      []Form       `json:"customQuestions"`
	CreatedAt            int64        `json:"createdAt"`
	Archived             *Archived    `json:"archived"`
	RequisitionForHire   *Requirement `json:"requisitionForHire"`
	IPAddress            *string      `json:"ipAddress"`
	Referer              *string      `json:"referer"`
	UserAgent            *string      `json:"userAgent"`
	AcceptLanguage       *string      `json:"acceptLanguage"`
	Timezone             *string      `json:"timezone"`

	location string
}

// AppPhone is a number as applications show it; its type may be null.
type AppPhone struct {
	Type  *string `json:"type"`
	Value string  `json:"value"`
}

// Requirement names the requisition that a hire fills.
type Requirement struct {
	ID                  string  `json:"id"`
	RequisitionCode     string  `json:"requisitionCode"`
	HiringManagerOnHire *string `json:"hiringManagerOnHire"`
}

// Applicant is what people give who apply themselves or are referred.
type Applicant struct {
	Name, Company, Phone, Email, Comments string
	Links                                 []string
	Answers                               []Form
	IPAddress, UserAgent, Timezone        string
}

// attach puts the candidacy on the posting: it inherits the posting's title and
// categories as tags, and the posting's owner follows it.
func (a *Account) attach(o *Opportunity, p *Posting, by string, who *Applicant) {
	app := &Application{
		ID: a.newID(), Type: "user", CandidateID: o.ID, OpportunityID: o.ID, Posting: p.ID,
		PostingHiringManager: p.HiringManager, PostingOwner: p.Owner, User: optional(by), CreatedAt: a.now(),
		Links: []string{}, CustomQuestions: []Form{}, Archived: o.Archived, location: p.Categories.Location,
	}
	if app.location == "" {
		app.location = "unspecified"
	}
	if who != nil {
		app.fill(*who, o.Origin)
	}
	o.Application = app
	a.applications[app.ID] = app
	a.inherit(o, p)
	a.touch(o)
	a.tell(ApplicationCreated, o, applicationData{ApplicationID: app.ID, candidacyData: o.ids()})
}

func (app *Application) fill(who Applicant, origin string) {
	app.Type = "posting"
	if origin == originReferred {
		app.Type = "referral"
	}
	app.Name, app.Email = optional(who.Name), optional(who.Email)
	app.Company, app.Comments = optional(who.Company), optional(who.Comments)
	app.IPAddress, app.UserAgent, app.Timezone = optional(who.IPAddress), optional(who.UserAgent), optional(who.Timezone)
	app.Links, app.CustomQuestions = full(who.Links), full(who.Answers)
	if who.Phone != "" {
		app.Phone = &AppPhone{Value: who.Phone}
	}
}

func (a *Account) inherit(o *Opportunity, p *Posting) {
	c := p.Categories
	for _, tag := range []string{p.Text, c.Department, c.Team, c.Location, c.Commitment} {
		o.Tags = union(o.Tags, present(tag))
	}
	if p.Owner != nil {
		o.Followers = union(o.Followers, []string{*p.Owner})
	}
}

// Apply puts the candidacy on the posting. One that is on a posting already
// stays there, and its contact gets another candidacy: there is at most one
// application to each.
func (a *Account) Apply(o *Opportunity, p *Posting, by string) (*Opportunity, error) {
	if o.Application == nil {
		a.attach(o, p, by, nil)
		return o, nil
	}
	next, _, err := a.Create(Draft{Contact: o.Contact.ID, Posting: p.ID, Origin: o.Origin, Sources: o.Sources, By: by})
	return next, err
}

// Applications are the candidacy's applications, none or one.
func (o *Opportunity) Applications() []*Application {
	if o.Application == nil {
		return nil
	}
	return []*Application{o.Application}
}

// FindApplication is the candidacy's application with the id.
func (o *Opportunity) FindApplication(id string) (*Application, error) {
	if o.Application == nil || o.Application.ID != id {
		return nil, NotFound("applications", id)
	}
	return o.Application, nil
}
