package desk

import (
	"fulcrum/local/twin/account"
)

// Row is a candidate in a list, in words.
type Row struct {
	OpportunityID, Name, Email, Stage, Posting, Origin string
	// Archived is the text of the archive reason; empty is active.
	Archived     string
	Confidential bool
	Anonymized   bool
}

// Candidates are up to limit candidates after the first skip ones, in the order
// of the pipeline, and how many there are in all.
func (d *Desk) Candidates(accountID string, skip, limit int) (rows []Row, total int, err error) {
	rows, err = in(d, accountID, func(a *account.Account) (rows []Row, err error) {
		total = a.Opportunities()
		for _, o := range a.Slice(skip, limit) {
			rows = append(rows, row(a, o))
		}
		return rows, nil
	})
	return rows, total, err
}

func row(a *account.Account, o *account.Opportunity) Row {
	r := Row{
		OpportunityID: o.ID, Name: o.Contact.Name, Stage: o.StageText(), Origin: o.Origin, Confidential: o.Confidential,
		Anonymized: o.Contact.Anonymized,
	}
	if len(o.Contact.Emails) > 0 {
		r.Email = o.Contact.Emails[0]
	}
	if o.Application != nil {
		r.Posting = o.Application.Posting
		if p, err := a.Posting(r.Posting); err == nil {
			r.Posting = p.Text
		}
	}
	if o.Archived != nil {
		r.Archived = o.Archived.Reason
		if reason, err := a.Reason(r.Archived); err == nil {
			r.Archived = reason.Text
		}
	}
	return r
}

// Profile is a candidate with what hangs on it.
type Profile struct {
	Row
	View       account.OpportunityView
	Offers     []account.Offer
	Interviews []account.Interview
	Notes      []account.Note
}

// Profile is the candidate with offers, interviews and notes.
func (d *Desk) Profile(accountID, opportunityID string) (Profile, error) {
	return on(d, accountID, opportunityID, func(a *account.Account, o *account.Opportunity) (Profile, error) {
		return Profile{
			Row: row(a, o), View: a.View(o), Offers: values(o.Offers()), Interviews: values(o.Interviews()),
			Notes: values(o.Notes()),
		}, nil
	})
}
