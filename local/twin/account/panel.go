package account

import (
	"slices"
	"time"
)

// Panel is a day of interviews.
type Panel struct {
	ID                string
	Applications      []string
	CanceledAt        *int64
	CreatedAt         int64
	Timezone          string
	FeedbackReminder  string
	User              *string
	Stage             string
	Note              *string
	ExternallyManaged bool
	ExternalURL       *string
}

func (p *Panel) key() string { return p.ID }

// PanelView is a panel in Lever's shape.
type PanelView struct {
	ID                string          `json:"id"`
	Applications      []string        `json:"applications"`
	CanceledAt        *int64          `json:"canceledAt"`
	CreatedAt         int64           `json:"createdAt"`
	End               int64           `json:"end"`
	ExternallyManaged bool            `json:"externallyManaged"`
	ExternalURL       *string         `json:"externalUrl"`
	FeedbackReminder  string          `json:"feedbackReminder"`
	Interviews        []PanelInterval `json:"interviews"`
	Note              *string         `json:"note"`
	Stage             string          `json:"stage"`
	Start             int64           `json:"start"`
	Timezone          string          `json:"timezone"`
	User              *string         `json:"user"`
}

// PanelInterval is an interview as it stands inside a panel.
type PanelInterval struct {
	ID               string             `json:"id"`
	Date             int64              `json:"date"`
	Duration         int                `json:"duration"`
	FeedbackReminder string             `json:"feedbackReminder"`
	FeedbackTemplate *string            `json:"feedbackTemplate"`
	Interviewers     []PanelInterviewer `json:"interviewers"`
	Location         *string            `json:"location"`
	Note             string             `json:"note"`
	Subject          string             `json:"subject"`
}

// PanelInterviewer is an interviewer as panels show them.
type PanelInterviewer struct {
	Interviewer
	ResponseStatus string `json:"responseStatus"`
}

// PanelFields are a panel on its way in.
type PanelFields struct {
	Applications     []string          `json:"applications"`
	Timezone         string            `json:"timezone"`
	FeedbackReminder string            `json:"feedbackReminder"`
	Note             *string           `json:"note"`
	ExternalURL      *string           `json:"externalUrl"`
	Interviews       []InterviewFields `json:"interviews"`
}

func (a *Account) checkPanel(o *Opportunity, f PanelFields) error {
	if f.Timezone == "" {
		return Invalid("timezone is required")
	}
	if _, err := time.LoadLocation(f.Timezone); err != nil {
		return Invalid("timezone %q is not a time zone", f.Timezone)
	}
	if len(f.Interviews) == 0 {
		return Invalid("interviews is required")
	}
	for _, id := range f.Applications {
		if _, err := o.FindApplication(id); err != nil {
			return err
		}
	}
	for _, i := range f.Interviews {
		if err := a.checkInterview(i); err != nil {
			return err
		}
	}
	return nil
}

// AddPanel adds a panel that is managed from outside, with its interviews.
func (a *Account) AddPanel(o *Opportunity, f PanelFields, by string) (*Panel, error) {
	if err := a.checkPanel(o, f); err != nil {
		return nil, err
	}
	p := a.newPanel(o, f, by, true)
	a.scheduleAll(o, p, f, by)
	return p, nil
}

func (a *Account) scheduleAll(o *Opportunity, p *Panel, f PanelFields, by string) {
	for _, i := range f.Interviews {
		if i.FeedbackReminder == "" {
			i.FeedbackReminder = p.FeedbackReminder
		}
		a.schedule(o, p, i, by)
	}
}

func (a *Account) newPanel(o *Opportunity, f PanelFields, by string, outside bool) *Panel {
	p := &Panel{ID: a.newID(), CreatedAt: a.now(), User: optional(by), Stage: o.stage.ID, ExternallyManaged: outside}
	p.set(f)
	o.panels = append(o.panels, p)
	return p
}

func (p *Panel) set(f PanelFields) {
	p.Applications, p.Timezone, p.Note, p.ExternalURL = full(f.Applications), f.Timezone, f.Note, f.ExternalURL
	if p.FeedbackReminder = f.FeedbackReminder; p.FeedbackReminder == "" {
		p.FeedbackReminder = "daily"
	}
}

// ChangePanel replaces a panel that is managed from outside, and its
// interviews: they are cancelled and made anew.
func (a *Account) ChangePanel(o *Opportunity, id string, f PanelFields, by string) (*Panel, error) {
	p, err := o.outsidePanel(id)
	if err != nil {
		return nil, err
	}
	if err := a.checkPanel(o, f); err != nil {
		return nil, err
	}
	p.set(f)
	for _, i := range o.inPanel(p) {
		a.dropInterview(o, i)
	}
	a.scheduleAll(o, p, f, by)
	return p, nil
}

// DeletePanel removes a panel that is managed from outside, and its interviews.
func (a *Account) DeletePanel(o *Opportunity, id string) error {
	p, err := o.outsidePanel(id)
	if err != nil {
		return err
	}
	for _, i := range o.inPanel(p) {
		a.dropInterview(o, i)
	}
	o.panels = without(o.panels, p)
	return nil
}

// outsidePanel is the panel with the id, if the API may change it.
func (o *Opportunity) outsidePanel(id string) (*Panel, error) {
	if id == "" {
		return nil, Invalid("panel is required")
	}
	p, err := o.Panel(id)
	if err == nil && !p.ExternallyManaged {
		return nil, Forbidden("panel %s is not externally managed", id)
	}
	return p, err
}

// Panel is the candidacy's panel with the id.
func (o *Opportunity) Panel(id string) (*Panel, error) { return find(o.panels, "panels", id) }

// Panels are the candidacy's panels, oldest first.
func (o *Opportunity) Panels() []*Panel { return slices.Clone(o.panels) }

// inPanel are the interviews of the panel.
func (o *Opportunity) inPanel(p *Panel) []*Interview {
	return slices.DeleteFunc(slices.Clone(o.interviews), func(i *Interview) bool { return i.Panel != p.ID })
}

// PanelView is the panel in Lever's shape. It lasts from the start of its first
// interview to the end of its last one.
func (o *Opportunity) PanelView(p *Panel) PanelView {
	v := PanelView{
		ID: p.ID, Applications: full(p.Applications), CanceledAt: p.CanceledAt, CreatedAt: p.CreatedAt,
		ExternallyManaged: p.ExternallyManaged, ExternalURL: p.ExternalURL, FeedbackReminder: p.FeedbackReminder,
		Interviews: []PanelInterval{}, Note: p.Note, Stage: p.Stage, Timezone: p.Timezone, User: p.User,
	}
	for _, i := range o.inPanel(p) {
		if v.Start == 0 || i.Date < v.Start {
			v.Start = i.Date
		}
		v.End = max(v.End, i.end())
		v.Interviews = append(v.Interviews, i.inside())
	}
	return v
}

func (i *Interview) inside() PanelInterval {
	x := PanelInterval{
		ID: i.ID, Date: i.Date, Duration: i.Duration, FeedbackReminder: i.FeedbackReminder, FeedbackTemplate: i.FeedbackTemplate,
		Interviewers: []PanelInterviewer{}, Location: i.Location, Note: i.Note, Subject: i.Subject,
	}
	for _, who := range i.Interviewers {
		x.Interviewers = append(x.Interviewers, PanelInterviewer{Interviewer: who, ResponseStatus: "needsAction"})
	}
	return x
}

func (o *Opportunity) applicationIDs() []string {
	if o.Application == nil {
		return nil
	}
	return []string{o.Application.ID}
}
