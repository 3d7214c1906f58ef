package brainner

import (
	"context"
	"fmt"

	"fulcrum/shared/backfill"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// jobsPage reads all postings, of which a customer has hundreds, brings the jobs up
// to date, and ends those whose posting is no longer to be seen.
func (p *Partner) jobsPage(ctx context.Context, j *backfill.Job, _ store.ImportPart) (backfill.Page, error) {
	s, err := settings(ctx, j.Own())
	if err != nil {
		return backfill.Page{}, err
	}
	filter := lever.PostingFilter{Confidentiality: s.confidentiality(), Expand: []string{"owner", "hiringManager"}}
	listed := map[string]lever.Posting{}
	for posting, err := range j.Lever.Postings(ctx, filter) {
		if err != nil {
			return backfill.Page{}, fmt.Errorf("read postings: %w", err)
		}
		listed[posting.ID] = posting
	}
	changed, err := p.refresh(ctx, j, listed)
	return backfill.Page{Read: len(listed), Changed: changed}, err
}

func (p *Partner) refresh(ctx context.Context, j *backfill.Job, listed map[string]lever.Posting) (changed int, err error) {
	var page store.Listed[store.Object]
	for cursor := ""; ; cursor = page.Next {
		if page, err = j.Table.Objects(ctx, j.Connection.ID, jobKind, store.Paging{Cursor: cursor}); err != nil {
			return changed, err
		}
		n, err := backfill.Each(ctx, page.Items, func(ctx context.Context, o store.Object) (bool, error) { return p.refreshJob(ctx, j, o.ID, listed) })
		changed += n
		if err != nil || page.Next == "" {
			return changed, err
		}
	}
}

// refreshJob brings a job up to date, and erases the candidates of one that has
// become confidential.
func (p *Partner) refreshJob(ctx context.Context, j *backfill.Job, id string, listed map[string]lever.Posting) (bool, error) {
	gone := ""
	changed, err := j.Change(ctx, func(w *partner.Work) error {
		var was jobState
		object, err := w.Object(ctx, jobKind, id, &was)
		if err != nil {
			return err
		}
		if gone = was.Gone; was.Job == nil {
			return nil
		}
		posting, because, err := seen(ctx, w, id, listed)
		switch {
		case err != nil:
			return err
		case because != "":
			gone = because
			return p.removeJob(w, object, was, because)
		case posting.UpdatedAt < object.UpdatedAt:
			return nil
		}
		return p.putJob(w, object, was, posting, arrival{})
	})
	if err == nil && gone == confidential {
		// Those whom an earlier run did not come to, too.
		err = p.removeCandidates(ctx, j, id)
	}
	return changed, err
}

// seen is a job's posting, or why there is none any more. Of one that was not
// listed, which may be newer than the list, Lever is asked itself.
func seen(ctx context.Context, w *partner.Work, id string, listed map[string]lever.Posting) (p *lever.Posting, because string, err error) {
	s, err := settings(ctx, w)
	if err != nil {
		return nil, "", err
	}
	if posting, ok := listed[id]; ok {
		return &posting, s.ends(&posting), nil
	}
	if p, because, err = seePosting(ctx, w.Lever, id); err == nil && because == "" {
		because = s.ends(p)
	}
	return p, because, err
}

// removeCandidates erases the candidates of a job that is no longer to be seen.
func (p *Partner) removeCandidates(ctx context.Context, j *backfill.Job, jobID string) error {
	for o, err := range j.Table.EveryObject(ctx, j.Connection.ID, candidateKind+"#"+jobID) {
		if err != nil {
			return err
		}
		s, err := store.StateOf[candidateState](o)
		if err != nil {
			return err
		}
		if s.Candidate == nil {
			continue
		}
		if err := p.removeCandidate(ctx, j, s.Candidate.OpportunityID); err != nil {
			return err
		}
	}
	return nil
}

func (p *Partner) removeCandidate(ctx context.Context, j *backfill.Job, opportunityID string) error {
	_, err := j.Change(ctx, func(w *partner.Work) error {
		l, err := p.begin(ctx, w, opportunityID)
		if err != nil || l.known.Candidate == nil {
			return err
		}
		return l.part(ctx, l.person, l.known, l.known.Candidate.Opportunities, confidential)
	})
	return err
}
