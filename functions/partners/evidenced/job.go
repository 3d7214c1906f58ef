package evidenced

import (
	"cmp"
	"context"
	"fmt"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// admitJob reports whether candidates on a posting are to be held, and takes in the
// posting where it is newer than the last time all were read.
func (l *look) admitJob(ctx context.Context, id string) (bool, error) {
	var was jobState
	object, err := l.Object(ctx, jobKind, id, &was)
	if err != nil || was.Job != nil {
		return err == nil, err
	}
	p, because, err := seePosting(ctx, l.account.Client(), l.account.Posting, id)
	if err != nil {
		return false, err
	}
	if because == "" {
		because, _ = l.settings.takes(p)
	}
	if because != "" {
		l.Ignore(fault.Reason("posting_" + because))
		return false, nil
	}
	return true, l.partner.putJob(l.Work, object, was, p)
}

// seePosting reads a posting, and says why there is none to be seen.
func seePosting(ctx context.Context, client *lever.Client, read func(context.Context, string) (*lever.Posting, error), id string) (p *lever.Posting, because string, err error) {
	p, err = read(ctx, id)
	switch {
	case lever.NotFound(err):
		return nil, deleted, nil
	case lever.Forbidden(err):
		because, err = confidential, client.MayReadPostings(ctx)
	}
	if err != nil {
		return nil, "", fmt.Errorf("read posting: %w", err)
	}
	return p, because, nil
}

// putJob brings a posting's job up to date.
func (p *Partner) putJob(w *partner.Work, object store.Object, was jobState, posting *lever.Posting) error {
	now := mapJob(posting)
	documentType := "job.changed"
	if was.Job == nil {
		documentType = "job.created"
	}
	when := cmp.Or(posting.UpdatedAt, posting.CreatedAt, lever.At(p.now()))
	return w.Put(object, posting.UpdatedAt, jobState{Job: &now}, told(documentType, when, now))
}

// removeJob ends a job that is no longer to be seen. Its candidates stay.
func (p *Partner) removeJob(w *partner.Work, object store.Object, because string) error {
	return w.Put(object, object.UpdatedAt, jobState{Gone: because}, told("job.removed", lever.At(p.now()), Removal{ID: object.ID, Because: because}))
}
