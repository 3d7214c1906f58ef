package account

// The events that Lever sends to webhooks.
const (
	ApplicationCreated     = "applicationCreated"
	CandidateHired         = "candidateHired"
	CandidateStageChange   = "candidateStageChange"
	CandidateArchiveChange = "candidateArchiveChange"
	CandidateDeleted       = "candidateDeleted"
	InterviewCreated       = "interviewCreated"
	InterviewUpdated       = "interviewUpdated"
	InterviewDeleted       = "interviewDeleted"
	ContactCreated         = "contactCreated"
	ContactUpdated         = "contactUpdated"
)

// EventNames are all events, in the order of Lever's webhooks page.
func EventNames() []string {
	return []string{
		ApplicationCreated, CandidateHired, CandidateStageChange, CandidateArchiveChange, CandidateDeleted,
		InterviewCreated, InterviewUpdated, InterviewDeleted, ContactCreated, ContactUpdated,
	}
}

// Event is one thing that happened, before it is addressed to a webhook.
type Event struct {
	Name string
	// At is when it happened.
	At int64
	// Origin is the opportunity's, for webhooks that want some origins only.
	// It is empty for events that have no opportunity.
	Origin string
	// Data is the delivery's data: ids only.
	Data any
}

type candidacyData struct {
	OpportunityID string `json:"opportunityId"`
	CandidateID   string `json:"candidateId"`
	ContactID     string `json:"contactId"`
}

type applicationData struct {
	ApplicationID string `json:"applicationId"`
	candidacyData
}

type stageData struct {
	candidacyData
	ToStageID   string `json:"toStageId"`
	FromStageID string `json:"fromStageId"`
}

type archiveData struct {
	candidacyData
	ToArchived   *Archived `json:"toArchived"`
	FromArchived *Archived `json:"fromArchived"`
}

type interviewData struct {
	candidacyData
	InterviewID string `json:"interviewId"`
	PanelID     string `json:"panelId"`
	UpdatedAt   int64  `json:"updatedAt"`
}

type contactData struct {
	ContactID string `json:"contactId"`
}

// ids names the candidacy in an event; Lever's legacy candidate id is the
// opportunity's.
func (o *Opportunity) ids() candidacyData {
	return candidacyData{OpportunityID: o.ID, CandidateID: o.ID, ContactID: o.Contact.ID}
}

func (a *Account) tell(name string, o *Opportunity, data any) {
	a.cfg.Emit(Event{Name: name, At: a.now(), Origin: o.Origin, Data: data})
}

func (a *Account) tellContact(name string, c *Contact) {
	a.cfg.Emit(Event{Name: name, At: a.now(), Data: contactData{ContactID: c.ID}})
}

func (a *Account) tellInterview(name string, o *Opportunity, i *Interview) {
	a.tell(name, o, interviewData{candidacyData: o.ids(), InterviewID: i.ID, PanelID: i.Panel, UpdatedAt: a.now()})
}
