package account

import (
	"slices"
	"time"
)

// Interview is one conversation of a panel.
type Interview struct {
	ID               string        `json:"id"`
	Panel            string        `json:"panel"`
	Subject          string        `json:"subject"`
	Note             string        `json:"note"`
	Interviewers     []Interviewer `json:"interviewers"`
	Timezone         string        `json:"timezone"`
	CreatedAt        int64         `json:"createdAt"`
	Date             int64         `json:"date"`
	Duration         int           `json:"duration"` // minutes
	Location         *string       `json:"location"`
	FeedbackTemplate *string       `json:"feedbackTemplate"`
	FeedbackForms    []string      `json:"feedbackForms"`
	FeedbackReminder string        `json:"feedbackReminder"`
	User             *string       `json:"user"`
	Stage            string        `json:"stage"`
	CanceledAt       *int64        `json:"canceledAt"`
	Postings         []string      `json:"postings"`
	GcalEventURL     *string       `json:"gcalEventUrl"`
	OpportunityID    string        `json:"opportunityId"`
}

func (i *Interview) key() string { return i.ID }

// end is when the interview is over.
func (i *Interview) end() int64 { return i.Date + int64(i.Duration)*60_000 }

// Interviewer is a user who interviews.
type Interviewer struct {
	ID               string `json:"id"`
	Name             string `json:"name"`
	Email            string `json:"email"`
	FeedbackTemplate string `json:"feedbackTemplate"`
}

// InterviewFields are an interview on its way in. Interviewers are named by id.
type InterviewFields struct {
	Panel            string             `json:"panel"`
	Subject          string             `json:"subject"`
	Note             string             `json:"note"`
	Interviewers     []InterviewerField `json:"interviewers"`
	Date             int64              `json:"date"`
	Duration         int                `json:"duration"`
	Location         *string            `json:"location"`
	FeedbackTemplate *string            `json:"feedbackTemplate"`
	FeedbackReminder string             `json:"feedbackReminder"`
}

// InterviewerField names an interviewer and the template to fill in.
type InterviewerField struct {
	ID               string `json:"id"`
	FeedbackTemplate string `json:"feedbackTemplate"`
}

// noFeedback is the id of the built-in template that asks for nothing.
const noFeedback = "no-feedback"

func (a *Account) checkInterview(f InterviewFields) error {
	reminders := []string{"", "once", "daily", "frequently", "none"}
	switch {
	case f.Date <= 0:
		return Invalid("date is required, in milliseconds")
	case f.Duration <= 0:
		return Invalid("duration is required, in minutes")
	case len(f.Interviewers) == 0:
		return Invalid("interviewers is required")
	case !slices.Contains(reminders, f.FeedbackReminder):
		return Invalid("feedbackReminder is not one of %v", reminders[1:])
	}
	for _, who := range f.Interviewers {
		if _, err := a.User(who.ID); err != nil {
			return err
		}
		if t := who.FeedbackTemplate; t != "" && t != noFeedback && a.templates.See(t) == nil {
			return NotFound("feedback_templates", t)
		}
	}
	return nil
}

func (a *Account) setInterview(i *Interview, f InterviewFields) {
	i.Subject, i.Note, i.Date, i.Duration = f.Subject, f.Note, f.Date, f.Duration
	i.Location, i.FeedbackTemplate = f.Location, f.FeedbackTemplate
	if i.FeedbackReminder = f.FeedbackReminder; i.FeedbackReminder == "" {
		i.FeedbackReminder = "daily"
	}
	i.Interviewers = nil
	for _, who := range f.Interviewers {
		u := a.users.See(who.ID)
		if who.FeedbackTemplate == "" {
			who.FeedbackTemplate = noFeedback
		}
		i.Interviewers = append(
			i.Interviewers, Interviewer{ID: u.ID, Name: u.Name, Email: u.Email, FeedbackTemplate: who.FeedbackTemplate},
		)
	}
}

// schedule adds a checked interview to a panel.
func (a *Account) schedule(o *Opportunity, p *Panel, f InterviewFields, by string) *Interview {
	i := &Interview{
		ID: a.newID(), Panel: p.ID, Timezone: p.Timezone, CreatedAt: a.now(), FeedbackForms: []string{}, User: optional(by),
		Stage: o.stage.ID, Postings: []string{}, OpportunityID: o.ID,
	}
	if len(p.Applications) > 0 && o.Application != nil {
		i.Postings = []string{o.Application.Posting}
	}
	a.setInterview(i, f)
	o.interviews = append(o.interviews, i)
	a.interact(o)
	a.tellInterview(InterviewCreated, o, i)
	return i
}

// AddInterview adds an interview to a panel that is managed from outside. The
// API may not add to others.
func (a *Account) AddInterview(o *Opportunity, f InterviewFields, by string) (*Interview, error) {
	p, err := o.outsidePanel(f.Panel)
	if err != nil {
		return nil, err
	}
	if err := a.checkInterview(f); err != nil {
		return nil, err
	}
	return a.schedule(o, p, f, by), nil
}

// ChangeInterview replaces an interview. Outside says that the API does it,
// which may change only interviews of panels managed from outside.
func (a *Account) ChangeInterview(o *Opportunity, id string, f InterviewFields, outside bool) (*Interview, error) {
	i, err := o.editable(id, outside)
	if err != nil {
		return nil, err
	}
	if f.Panel != "" && f.Panel != i.Panel {
		return nil, Invalid("an interview cannot change its panel")
	}
	if err := a.checkInterview(f); err != nil {
		return nil, err
	}
	a.setInterview(i, f)
	a.interact(o)
	a.tellInterview(InterviewUpdated, o, i)
	return i, nil
}

func (o *Opportunity) editable(id string, outside bool) (*Interview, error) {
	i, err := o.Interview(id)
	if err != nil {
		return nil, err
	}
	if outside {
		if _, err := o.outsidePanel(i.Panel); err != nil {
			return nil, err
		}
	}
	return i, nil
}

// DeleteInterview removes an interview, and its panel with the last one. Only
// panels that are managed from outside can be changed so.
func (a *Account) DeleteInterview(o *Opportunity, id string) error {
	i, err := o.editable(id, true)
	if err != nil {
		return err
	}
	a.dropInterview(o, i)
	if p := pick(o.panels, i.Panel); len(o.inPanel(p)) == 0 {
		o.panels = without(o.panels, p)
	}
	return nil
}

func (a *Account) dropInterview(o *Opportunity, i *Interview) {
	o.interviews = without(o.interviews, i)
	a.interact(o)
	a.tellInterview(InterviewDeleted, o, i)
}

// Cancel is what a person does: the interview stays readable, with the time at
// which it was cancelled, and webhooks are told that it is deleted.
func (a *Account) Cancel(o *Opportunity, id string) error {
	i, err := o.Interview(id)
	if err != nil {
		return err
	}
	a.cancel(o, i)
	return nil
}

// cancel marks the interview, and its panel with the last one.
func (a *Account) cancel(o *Opportunity, i *Interview) {
	if i.CanceledAt != nil {
		return
	}
	i.CanceledAt = new(a.now())
	on := func(x *Interview) bool { return x.CanceledAt == nil }
	if p := pick(o.panels, i.Panel); p != nil && !slices.ContainsFunc(o.inPanel(p), on) {
		p.CanceledAt = i.CanceledAt
	}
	a.interact(o)
	a.tellInterview(InterviewDeleted, o, i)
}

// cancelComing cancels what is still to come.
func (a *Account) cancelComing(o *Opportunity) {
	for _, i := range o.Interviews() {
		if i.Date > a.now() {
			a.cancel(o, i)
		}
	}
}

// Schedule is what a person does: an interview in a panel of its own, or in one
// that is there. What f leaves out is filled in: tomorrow at this time, an hour,
// the account's first interviewer.
func (a *Account) Schedule(o *Opportunity, f InterviewFields, by string) (*Interview, error) {
	a.assume(o, &f)
	if err := a.checkInterview(f); err != nil {
		return nil, err
	}
	p := pick(o.panels, f.Panel)
	if f.Panel != "" && p == nil {
		return nil, NotFound("panels", f.Panel)
	}
	if p == nil {
		p = a.newPanel(o, PanelFields{Timezone: "UTC", Applications: o.applicationIDs()}, by, false)
	}
	return a.schedule(o, p, f, by), nil
}

func (a *Account) assume(o *Opportunity, f *InterviewFields) {
	if f.Date == 0 {
		f.Date = a.now() + (24 * time.Hour).Milliseconds()
	}
	if f.Duration == 0 {
		f.Duration = 60
	}
	if f.Subject == "" {
		f.Subject = "Interview - " + o.Contact.Name
	}
	if len(f.Interviewers) > 0 {
		return
	}
	for _, u := range a.users.All() {
		if u.AccessRole == "interviewer" && u.DeactivatedAt == nil {
			f.Interviewers = []InterviewerField{{ID: u.ID}}
			return
		}
	}
}

// Interviews are the candidacy's interviews, oldest first.
func (o *Opportunity) Interviews() []*Interview { return slices.Clone(o.interviews) }

// Interview is the candidacy's interview with the id.
func (o *Opportunity) Interview(id string) (*Interview, error) {
	return find(o.interviews, "interviews", id)
}
