package desk

import (
	"fulcrum/local/twin/account"
)

// Person is a user to add or to change; empty members stay as they are.
type Person struct {
	Name       string `json:"name"`
	Email      string `json:"email"`
	AccessRole string `json:"accessRole"`
	// Deactivated deactivates or reactivates.
	Deactivated *bool `json:"deactivated"`
}

// AddUser adds a user, an interviewer unless another role is named.
func (d *Desk) AddUser(accountID string, p Person) (account.User, error) {
	return in(d, accountID, func(a *account.Account) (account.User, error) {
		return copied(a.AddUser(account.UserFields{Name: p.Name, Email: p.Email, AccessRole: p.AccessRole}))
	})
}

// ChangeUser changes, deactivates or reactivates a user.
func (d *Desk) ChangeUser(accountID, userID string, p Person) (account.User, error) {
	return in(d, accountID, func(a *account.Account) (none account.User, err error) {
		u, err := a.User(userID)
		if err != nil {
			return none, err
		}
		fill(&p.Name, u.Name)
		fill(&p.Email, u.Email)
		fill(&p.AccessRole, u.AccessRole)
		u, err = a.ReplaceUser(userID, account.UserFields{
			Name: p.Name, Email: p.Email, AccessRole: p.AccessRole, ExternalDirectoryID: u.ExternalDirectoryID,
			JobTitle: u.JobTitle, ManagerID: u.ManagerID,
		})
		if err == nil && p.Deactivated != nil {
			u, err = a.SetActive(userID, !*p.Deactivated)
		}
		return copied(u, err)
	})
}

// Posting is a posting to add or to change; nil members stay as they are. Owner
// and hiring manager are ids, e-mails or names of users.
type Posting struct {
	account.PostingFields
	Team       *string `json:"team"`
	Department *string `json:"department"`
	Location   *string `json:"location"`
	Commitment *string `json:"commitment"`
}

// fields resolves names and puts the categories where they belong.
func (p Posting) fields(a *account.Account) (account.PostingFields, error) {
	f := p.PostingFields
	if f.Categories == nil && (p.Team != nil || p.Department != nil || p.Location != nil || p.Commitment != nil) {
		f.Categories = &account.CategoryFields{
			Team: p.Team, Department: p.Department, Location: p.Location, Commitment: p.Commitment,
		}
	}
	for _, name := range []**string{&f.Owner, &f.HiringManager} {
		if *name == nil {
			continue
		}
		u, err := a.UserNamed(**name)
		if err != nil {
			return f, err
		}
		*name = &u.ID
	}
	return f, nil
}

// AddPosting adds a posting. A person's posting is published, inside and outside,
// unless it says otherwise.
func (d *Desk) AddPosting(accountID string, p Posting) (account.Posting, error) {
	return in(d, accountID, func(a *account.Account) (none account.Posting, err error) {
		f, err := p.fields(a)
		if err != nil {
			return none, err
		}
		if f.State == nil {
			f.State = new("published")
		}
		if f.DistributionChannels == nil && *f.State == "published" {
			f.DistributionChannels = &[]string{"internal", "public"}
		}
		added, err := a.AddPosting(f, a.SuperAdmin())
		if err != nil {
			return none, err
		}
		return *a.PostingView(added), nil
	})
}

// ChangePosting changes a posting: its state, confidentiality, people or text.
func (d *Desk) ChangePosting(accountID, postingID string, p Posting) (account.Posting, error) {
	return in(d, accountID, func(a *account.Account) (none account.Posting, err error) {
		f, err := p.fields(a)
		if err != nil {
			return none, err
		}
		changed, err := a.ChangePosting(postingID, f)
		if err != nil {
			return none, err
		}
		return *a.PostingView(changed), nil
	})
}

// DeletePosting removes a posting.
func (d *Desk) DeletePosting(accountID, postingID string) error {
	_, err := in(d, accountID, func(a *account.Account) (none, error) { return none{}, a.DeletePosting(postingID) })
	return err
}

// AddStage adds a stage before another one, named by id or text; empty is
// before offer.
func (d *Desk) AddStage(accountID, text, before string) (account.Stage, error) {
	return in(d, accountID, func(a *account.Account) (account.Stage, error) { return copied(a.AddStage(text, before)) })
}

// RenameStage changes a stage's text.
func (d *Desk) RenameStage(accountID, stageID, text string) (account.Stage, error) {
	return in(d, accountID, func(a *account.Account) (account.Stage, error) { return copied(a.RenameStage(stageID, text)) })
}

// RemoveStage removes a stage, whose candidates move to another one first.
func (d *Desk) RemoveStage(accountID, stageID, moveTo string) error {
	_, err := in(d, accountID, func(a *account.Account) (none, error) {
		return none{}, a.RemoveStage(stageID, moveTo, a.SuperAdmin())
	})
	return err
}

// AddReason adds an archive reason of type hired or non-hired.
func (d *Desk) AddReason(accountID, text, kind string) (account.Reason, error) {
	return in(d, accountID, func(a *account.Account) (account.Reason, error) { return copied(a.AddReason(text, kind)) })
}

// ChangeReason renames an archive reason or sets its status.
func (d *Desk) ChangeReason(accountID, reasonID, text, status string) (account.Reason, error) {
	return in(d, accountID, func(a *account.Account) (account.Reason, error) {
		return copied(a.ChangeReason(reasonID, text, status))
	})
}

// RemoveReason removes an archive reason.
func (d *Desk) RemoveReason(accountID, reasonID string) error {
	_, err := in(d, accountID, func(a *account.Account) (none, error) { return none{}, a.RemoveReason(reasonID) })
	return err
}

// AddRequisition adds a requisition.
func (d *Desk) AddRequisition(accountID string, r account.Requisition) (account.Requisition, error) {
	return in(d, accountID, func(a *account.Account) (account.Requisition, error) { return copied(a.AddRequisition(r)) })
}

// AddFeedbackTemplate adds a feedback template that the API cannot delete.
func (d *Desk) AddFeedbackTemplate(accountID string, f account.TemplateFields) (account.FeedbackTemplate, error) {
	return in(d, accountID, func(a *account.Account) (account.FeedbackTemplate, error) {
		return copied(a.AddFeedbackTemplate(f, false))
	})
}
