package evidenced

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"fulcrum/shared/backfill"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// usersPage reads all users, also those who no longer work in Lever: there is no
// way to ask for what changed.
func (p *Partner) usersPage(ctx context.Context, j *backfill.Job, _ store.ImportPart) (backfill.Page, error) {
	s, err := settings(ctx, j.Own())
	if err != nil || !s.ImportUsers {
		return backfill.Page{}, err
	}
	all, err := lever.Collect(j.Lever.Users(ctx, lever.UserFilter{Deactivated: true}))
	if err != nil {
		return backfill.Page{}, fmt.Errorf("read users: %w", err)
	}
	n, err := backfill.Each(ctx, all, func(ctx context.Context, u lever.User) (bool, error) { return p.takeUser(ctx, j, &u) })
	return backfill.Page{Read: len(all), Changed: n}, err
}

// takeUser brings a user up to date. Whether a candidate is the same person may
// have changed with the e-mail address, and is looked at first: what follows from a
// change must not be lost with it.
func (p *Partner) takeUser(ctx context.Context, j *backfill.Job, u *lever.User) (bool, error) {
	now := mapUser(u)
	var was userState
	if _, err := j.Own().Object(ctx, userKind, u.ID, &was); err != nil || was.User == nil && !now.Active {
		return false, err
	}
	if err := p.markAgain(ctx, j, was.User, now); err != nil {
		return false, err
	}
	return j.Change(ctx, func(w *partner.Work) error {
		var was userState
		o, err := w.Object(ctx, userKind, u.ID, &was)
		if err != nil {
			return err
		}
		documentType := "user.changed"
		if was.User == nil {
			documentType = "user.created"
		}
		when := cmp.Or(u.DeactivatedAt, u.CreatedAt, lever.At(p.now()))
		return w.Put(o, 0, userState{User: &now}, told(documentType, when, now))
	})
}

// markAgain looks again at the candidates with the e-mail addresses that a user has
// or had, where candidates have been imported already.
func (p *Partner) markAgain(ctx context.Context, j *backfill.Job, was *User, now User) error {
	emails := []string{now.Email}
	if was != nil {
		if sameEmail(was.Email, now.Email) && was.Active == now.Active {
			return nil
		}
		emails = append(emails, was.Email)
	}
	i, err := j.Table.Import(ctx, j.Connection.ID, candidates)
	if errors.Is(err, store.ErrNotFound) || err == nil && i.State != store.Imported {
		return nil
	}
	if err != nil {
		return err
	}
	for _, email := range slices.Compact(emails) {
		if err := p.lookForEmail(ctx, j, email); err != nil {
			return err
		}
	}
	return nil
}

func (p *Partner) lookForEmail(ctx context.Context, j *backfill.Job, email string) error {
	if email == "" {
		return nil
	}
	for o, err := range j.Lever.Opportunities(ctx, lever.OpportunityFilter{Email: email}) {
		if err != nil {
			return fmt.Errorf("read opportunities: %w", err)
		}
		if _, err := p.lookAgain(ctx, j, o.ID); err != nil {
			return err
		}
	}
	return nil
}

// lookAgain looks at an opportunity that is held, with nothing remembered of
// Lever's.
func (p *Partner) lookAgain(ctx context.Context, j *backfill.Job, id string) (bool, error) {
	return j.Change(ctx, func(w *partner.Work) error {
		l, err := p.begin(ctx, w, id)
		if err != nil || !l.was.known() {
			return err
		}
		l.account = l.account.Since(p.now())
		there, err := l.read(ctx)
		if err != nil || !there {
			return err
		}
		held, err := l.decide(ctx)
		if err != nil || !held {
			return err
		}
		return l.put()
	})
}
