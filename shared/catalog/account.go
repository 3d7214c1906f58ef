package catalog

import (
	"context"
	"fmt"
	"slices"

	"fulcrum/shared/lever"
)

// Posting is a job without its text, with owner and hiring manager as objects.
func (a *Account) Posting(ctx context.Context, id string) (*lever.Posting, error) {
	return remembered(ctx, a, "posting", id, func() (*lever.Posting, error) {
		p, err := a.client.Posting(ctx, id, "owner", "hiringManager")
		if err != nil {
			return nil, err
		}
		p.Content = lever.PostingContent{}
		return p, nil
	})
}

// Postings are all jobs that the credential may see, in every state, without their
// texts, with owner and hiring manager as objects: a call for each hundred.
// Confidential ones are among them only if confidentiality is all.
func (a *Account) Postings(ctx context.Context, confidentiality string) ([]lever.Posting, error) {
	return remembered(ctx, a, "postings", confidentiality, func() ([]lever.Posting, error) {
		all := []lever.Posting{}
		filter := lever.PostingFilter{Confidentiality: confidentiality, Expand: []string{"owner", "hiringManager"}}
		for p, err := range a.client.Postings(ctx, filter) {
			if err != nil {
				return nil, err
			}
			p.Content = lever.PostingContent{}
			all = append(all, p)
		}
		return all, nil
	})
}

// User is somebody who works in Lever, also who no longer does.
func (a *Account) User(ctx context.Context, id string) (*lever.User, error) {
	return remembered(ctx, a, "user", id, func() (*lever.User, error) { return a.client.User(ctx, id) })
}

// Users are the active users: a call for each hundred.
func (a *Account) Users(ctx context.Context) ([]lever.User, error) {
	return remembered(ctx, a, "users", "", func() ([]lever.User, error) {
		return lever.Collect(a.client.Users(ctx, lever.UserFilter{}))
	})
}

// Stages are the stages in the order of the pipeline.
func (a *Account) Stages(ctx context.Context) ([]lever.Stage, error) {
	return remembered(ctx, a, "stages", "", func() ([]lever.Stage, error) {
		return lever.Collect(a.client.Stages(ctx))
	})
}

// Stage is one stage; ok is false where Lever has none with that id.
func (a *Account) Stage(ctx context.Context, id string) (s lever.Stage, ok bool, err error) {
	return among(ctx, a, (*Account).Stages, func(s lever.Stage) bool { return s.ID == id })
}

// Reasons are the archive reasons, those no longer in use among them.
func (a *Account) Reasons(ctx context.Context) ([]lever.ArchiveReason, error) {
	return remembered(ctx, a, "reasons", "", func() ([]lever.ArchiveReason, error) {
		return lever.Collect(a.client.ArchiveReasons(ctx, ""))
	})
}

// Reason is one archive reason; ok is false where Lever has none with that id.
func (a *Account) Reason(ctx context.Context, id string) (r lever.ArchiveReason, ok bool, err error) {
	return among(ctx, a, (*Account).Reasons, func(r lever.ArchiveReason) bool { return r.ID == id })
}

// Hired reports whether an opportunity is archived with a reason that means a hire.
// The reason's type tells, not its text: customers rename it.
func (a *Account) Hired(ctx context.Context, o *lever.Opportunity) (bool, error) {
	if o.Archived == nil || o.Archived.Reason == "" {
		return false, nil
	}
	reason, _, err := a.Reason(ctx, o.Archived.Reason)
	if err != nil {
		return false, fmt.Errorf("read archive reasons: %w", err)
	}
	return reason.Type == lever.Hired, nil
}

// among finds one of a list. One that is not in a list that was remembered may be
// newer than it, so the list is read again before it is said not to be there.
func among[T any](ctx context.Context, a *Account, list func(*Account, context.Context) ([]T, error), is func(T) bool) (T, bool, error) {
	var none T
	asked := a.catalog.now()
	for _, account := range []*Account{a, a.Since(asked)} {
		all, err := list(account, ctx)
		if err != nil {
			return none, false, err
		}
		if i := slices.IndexFunc(all, is); i >= 0 {
			return all[i], true, nil
		}
	}
	return none, false, nil
}
