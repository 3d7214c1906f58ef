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
	p, err := l.account.Posting(ctx, id)
	because, err := partner.Unseen(ctx, err, l.Lever.MayReadPostings)
	if err != nil {
		return false, fmt.Errorf("read posting: %w", err)
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
