package desk

import (
	"fulcrum/local/twin/account"
)

// AddOffer adds an offer to a candidate.
func (d *Desk) AddOffer(accountID, opportunityID string, f account.OfferFields) (account.Offer, error) {
	return on(d, accountID, opportunityID, func(a *account.Account, o *account.Opportunity) (account.Offer, error) {
		return copied(a.AddOffer(o, f))
	})
}

// ChangeOffer edits an offer, sends it, or marks it as signed.
func (d *Desk) ChangeOffer(accountID, opportunityID, offerID string, f account.OfferFields) (account.Offer, error) {
	return on(d, accountID, opportunityID, func(a *account.Account, o *account.Opportunity) (account.Offer, error) {
		return copied(a.ChangeOffer(o, offerID, f))
	})
}

// Interview is an interview as a person gives it. What is left out is filled in.
type Interview struct {
	// Panel is the id of a panel to add to; empty is a panel of its own.
	Panel   string `json:"panel"`
	Subject string `json:"subject"`
	Note    string `json:"note"`
	// Interviewers are ids, e-mails or names of users.
	Interviewers []string `json:"interviewers"`
	// Date is in milliseconds, Duration in minutes.
	Date     int64   `json:"date"`
	Duration int     `json:"duration"`
	Location *string `json:"location"`
	// FeedbackTemplate is the id of what the interviewers fill in.
	FeedbackTemplate *string `json:"feedbackTemplate"`
}

func (i Interview) fields(a *account.Account) (account.InterviewFields, error) {
	f := account.InterviewFields{
		Panel: i.Panel, Subject: i.Subject, Note: i.Note, Date: i.Date, Duration: i.Duration, Location: i.Location,
		FeedbackTemplate: i.FeedbackTemplate,
	}
	for _, name := range i.Interviewers {
		u, err := a.UserNamed(name)
		if err != nil {
			return f, err
		}
		who := account.InterviewerField{ID: u.ID}
		if i.FeedbackTemplate != nil {
			who.FeedbackTemplate = *i.FeedbackTemplate
		}
		f.Interviewers = append(f.Interviewers, who)
	}
	return f, nil
}

// Schedule schedules an interview.
func (d *Desk) Schedule(accountID, opportunityID string, i Interview) (account.Interview, error) {
	return on(d, accountID, opportunityID, func(a *account.Account, o *account.Opportunity) (none account.Interview, err error) {
		f, err := i.fields(a)
		if err != nil {
			return none, err
		}
		return copied(a.Schedule(o, f, a.SuperAdmin()))
	})
}

// Reschedule changes an interview; what is left out stays as it is.
func (d *Desk) Reschedule(accountID, opportunityID, interviewID string, i Interview) (account.Interview, error) {
	return on(d, accountID, opportunityID, func(a *account.Account, o *account.Opportunity) (none account.Interview, err error) {
		old, err := o.Interview(interviewID)
		if err != nil {
			return none, err
		}
		f, err := i.over(*old).fields(a)
		if err != nil {
			return none, err
		}
		return copied(a.ChangeInterview(o, interviewID, f, false))
	})
}

// over is the interview with the gaps filled from the old one.
func (i Interview) over(old account.Interview) Interview {
	fill(&i.Subject, old.Subject)
	fill(&i.Note, old.Note)
	fill(&i.Date, old.Date)
	fill(&i.Duration, old.Duration)
	fill(&i.Location, old.Location)
	fill(&i.FeedbackTemplate, old.FeedbackTemplate)
	if len(i.Interviewers) == 0 {
		for _, who := range old.Interviewers {
			i.Interviewers = append(i.Interviewers, who.ID)
		}
	}
	return i
}

// fill sets *to unless it holds something.
func fill[T comparable](to *T, from T) {
	var zero T
	if *to == zero {
		*to = from
	}
}

// Cancel cancels an interview.
func (d *Desk) Cancel(accountID, opportunityID, interviewID string) (Added, error) {
	return d.act(accountID, opportunityID, func(a *account.Account, o *account.Opportunity) error {
		return a.Cancel(o, interviewID)
	})
}

// Upload is a file as a person gives it.
type Upload struct {
	Name string `json:"name"`
	// Content is base64 in JSON; Text is taken when it is empty.
	Content []byte `json:"content"`
	Text    string `json:"text"`
	// Status is processed unless it is named.
	Status string `json:"status"`
	// ParsedData is what Lever has read in a résumé.
	ParsedData account.ParsedData `json:"parsedData"`
}

func (u Upload) blob() account.Blob {
	if len(u.Content) == 0 {
		u.Content = []byte(u.Text)
	}
	return account.Blob{Name: u.Name, Content: u.Content, Status: u.Status}
}

// AddResume adds a résumé.
func (d *Desk) AddResume(accountID, opportunityID string, u Upload) (account.Resume, error) {
	return on(d, accountID, opportunityID, func(a *account.Account, o *account.Opportunity) (account.Resume, error) {
		return copied(a.AddResume(o, u.blob(), u.ParsedData))
	})
}

// AddFile adds a file.
func (d *Desk) AddFile(accountID, opportunityID string, u Upload) (account.File, error) {
	return on(d, accountID, opportunityID, func(a *account.Account, o *account.Opportunity) (account.File, error) {
		return copied(a.AddFile(o, u.blob(), a.SuperAdmin()))
	})
}

// AddNote adds a note that a person wrote; the API cannot change it.
func (d *Desk) AddNote(accountID, opportunityID string, f account.NoteFields) (account.Note, error) {
	return on(d, accountID, opportunityID, func(a *account.Account, o *account.Opportunity) (account.Note, error) {
		f.By, f.ByAPI = a.SuperAdmin(), false
		return copied(a.AddNote(o, f))
	})
}

// AddFeedback adds feedback that a person wrote, with the account's own
// template unless another is named.
func (d *Desk) AddFeedback(accountID, opportunityID string, f account.Filling) (account.Feedback, error) {
	return on(d, accountID, opportunityID, func(a *account.Account, o *account.Opportunity) (account.Feedback, error) {
		if f.By == "" {
			f.By = a.SuperAdmin()
		}
		if own := a.FeedbackTemplates(); f.BaseTemplateID == "" && len(own) > 0 {
			f.BaseTemplateID = own[0].ID
		}
		return copied(a.AddFeedback(o, f))
	})
}

// ChangeFeedback changes answers of feedback, as its author does.
func (d *Desk) ChangeFeedback(accountID, opportunityID, feedbackID string, given []account.Given) (
	account.FeedbackDocument, error,
) {
	return on(d, accountID, opportunityID, func(a *account.Account, o *account.Opportunity) (account.FeedbackDocument, error) {
		return a.ChangeFeedback(o, feedbackID, given, nil)
	})
}
