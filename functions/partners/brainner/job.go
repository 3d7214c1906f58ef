package brainner

import (
	"cmp"
	"context"
	"fmt"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// admitJob reports whether the application's posting is a job that takes
// candidates. One that is none becomes one where the customer wants that; else the
// application is counted as not taken.
func (l *look) admitJob(ctx context.Context) (bool, error) {
	var was jobState
	object, err := l.Object(ctx, jobKind, l.posting, &was)
	if err != nil {
		return false, err
	}
	switch {
	case was.Job != nil:
		return l.stillOpen(ctx, was)
	case was.Gone == deleted:
		l.Ignore("posting_deleted")
		return false, nil
	case !l.settings.AutoGenerateJobs:
		return false, l.skip(object, was)
	}
	p, because, err := seePosting(ctx, l.Lever, l.posting)
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
	return true, l.partner.putJob(l.Work, object, was, p, arrival{source: Auto})
}

// stillOpen reports whether a job takes candidates: its posting may have been
// closed, or made confidential, since it was last read.
func (l *look) stillOpen(ctx context.Context, was jobState) (bool, error) {
	if was.Since != 0 && applied(l.opportunity) < was.Since {
		l.Ignore("applied_before_job_was_imported")
		return false, nil
	}
	p, err := l.account.Posting(ctx, l.posting)
	because, err := partner.Unseen(ctx, err, l.Lever.MayReadPostings)
	if err != nil {
		return false, fmt.Errorf("read posting: %w", err)
	}
	if because == "" {
		because = l.settings.ends(p)
	}
	if because == "" && !open(p) {
		because = closed
	}
	if because != "" {
		l.Ignore(fault.Reason("posting_" + because))
	}
	return because == "", nil
}

// skip counts an application that was not taken because its posting is no job.
func (l *look) skip(object store.Object, was jobState) error {
	l.Ignore("job_not_imported")
	if l.was.Skipped {
		return nil
	}
	was.Skipped++
	if err := l.Put(object, 0, was); err != nil {
		return err
	}
	return l.Put(l.object, 0, applicationState{PostingID: l.posting, Skipped: true})
}

// seePosting reads a posting with its text, and says why there is none to be seen.
func seePosting(ctx context.Context, client *lever.Client, id string) (p *lever.Posting, because string, err error) {
	p, err = client.Posting(ctx, id, "owner", "hiringManager")
	if because, err = partner.Unseen(ctx, err, client.MayReadPostings); err != nil {
		return nil, "", fmt.Errorf("read posting: %w", err)
	}
	return p, because, nil
}

// arrival is how a job comes that is new, and since when it takes who applies.
type arrival struct {
	source Source
	since  lever.Time
}

// putJob brings a posting's job up to date. how is for one that is new.
func (p *Partner) putJob(w *partner.Work, object store.Object, was jobState, posting *lever.Posting, how arrival) error {
	documentType := "job.imported"
	if was.Job != nil {
		documentType, how = "job.updated", arrival{was.Job.Source, was.Since}
	}
	now := mapJob(posting, how.source)
	if was.Job != nil && was.Job.Open && !now.Open {
		documentType = "job.closed"
	}
	when := cmp.Or(posting.UpdatedAt, posting.CreatedAt, lever.At(p.now()))
	state := jobState{Job: &now, Since: how.since, Skipped: was.Skipped}
	return w.Put(object, max(posting.UpdatedAt, object.UpdatedAt), state, told(documentType, when, now))
}

// removeJob ends a job that is no longer to be seen.
func (p *Partner) removeJob(w *partner.Work, object store.Object, was jobState, because string) error {
	state := jobState{Gone: because, Since: was.Since, Skipped: was.Skipped}
	return w.Put(object, object.UpdatedAt, state, told("job.withdrawn", lever.At(p.now()), JobWithdrawal{ID: object.ID, Because: because}))
}
