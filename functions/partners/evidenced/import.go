package evidenced

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fulcrum/shared/backfill"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// The kinds of Evidenced's imports; partner.json says which are begun when.
const (
	jobs       = "jobs"
	users      = "users"
	candidates = "candidates"
	// changes are the opportunities that changed while candidates were read: Lever's
	// order is by stage, so one that moved meanwhile may have been passed by.
	changes    = "changes"
	interviews = "interviews"
)

// Imports are the walks of Evidenced's imports.
func (p *Partner) Imports() backfill.Sources {
	return backfill.Sources{
		jobs:       walk{backfill.Whole, p.jobsPage},
		users:      walk{backfill.Whole, p.usersPage},
		candidates: walk{p.windows, p.candidatesPage},
		changes:    changesWalk{walk{page: p.candidatesPage}},
		interviews: walk{backfill.Whole, p.interviewsPage},
	}
}

// walk is a walk whose parts need not be read from anywhere.
type walk struct {
	parts func() []store.ImportPart
	page  func(context.Context, *backfill.Job, store.ImportPart) (backfill.Page, error)
}

// Parts cuts the walk.
func (w walk) Parts(context.Context, *backfill.Job) ([]store.ImportPart, error) {
	return w.parts(), nil
}

// Page does the work of one page.
func (w walk) Page(ctx context.Context, j *backfill.Job, part store.ImportPart) (backfill.Page, error) {
	return w.page(ctx, j, part)
}

const (
	// cuts is into how many windows of creation the candidates are cut, and reach how
	// far back from now they are of one length; the first is open to the past.
	cuts  = 12
	reach = 2 * 365 * 24 * time.Hour
)

func (p *Partner) windows() []store.ImportPart {
	now := p.now()
	return backfill.Windows(lever.Windows(now.Add(-reach), now, cuts))
}

// changesWalk walks through what changed since the candidates were begun.
type changesWalk struct{ walk }

// Parts is one part, from when the import of candidates began.
func (w changesWalk) Parts(ctx context.Context, j *backfill.Job) ([]store.ImportPart, error) {
	since, err := j.Table.Import(ctx, j.Connection.ID, candidates)
	if errors.Is(err, store.ErrNotFound) {
		since.StartedAt = j.Import.StartedAt
	} else if err != nil {
		return nil, err
	}
	return backfill.Windows([]lever.Window{{From: since.StartedAt}}), nil
}

// candidatesPage takes in a page of opportunities: those that are active, or, of
// what changed, those that are held.
func (p *Partner) candidatesPage(ctx context.Context, j *backfill.Job, part store.ImportPart) (backfill.Page, error) {
	s, err := settings(ctx, j.Own())
	if err != nil {
		return backfill.Page{}, err
	}
	f := lever.OpportunityFilter{
		Confidentiality: s.confidentiality(), Expand: []string{"applications", "contact", "stage"}, Offset: part.Offset,
	}
	if j.Import.Kind == changes {
		f.UpdatedAfter, f.UpdatedUntil = part.Window.From, part.Window.Until
	} else {
		f.Archived, f.CreatedAfter, f.CreatedUntil = "false", part.Window.From, part.Window.Until
	}
	for page, err := range j.Lever.OpportunityPages(ctx, f) {
		if err != nil {
			return backfill.Page{}, fmt.Errorf("read opportunities: %w", err)
		}
		n, err := backfill.Each(ctx, page.Items, func(ctx context.Context, o lever.Opportunity) (bool, error) { return p.take(ctx, j, &o) })
		return backfill.Page{Next: page.Next, Read: len(page.Items), Changed: n}, err
	}
	return backfill.Page{}, nil
}

// take takes in an opportunity that was read before what is known of it: a newer
// state stays.
func (p *Partner) take(ctx context.Context, j *backfill.Job, o *lever.Opportunity) (bool, error) {
	return j.Change(ctx, func(w *partner.Work) error {
		l, err := p.begin(ctx, w, o.ID)
		if err != nil || l.was.forGood() || o.UpdatedAt < l.object.UpdatedAt {
			return err
		}
		l.opportunity, l.late = o, true
		if err := l.meet(ctx, o.Contact.ID); err != nil {
			return err
		}
		held, err := l.decide(ctx)
		if err != nil || !held {
			return err
		}
		return l.put()
	})
}

// perPage is how many candidacies' interviews are read for one page.
const perPage = 25

// interviewsPage reads the interviews of a page of candidacies, each with a call of
// its own: Lever lists interviews by opportunity only.
func (p *Partner) interviewsPage(ctx context.Context, j *backfill.Job, part store.ImportPart) (backfill.Page, error) {
	page, err := j.Table.Objects(ctx, j.Connection.ID, candidacyKind, store.Paging{Cursor: part.Offset, Limit: perPage})
	if err != nil {
		return backfill.Page{}, err
	}
	n, err := backfill.Each(ctx, page.Items, func(ctx context.Context, o store.Object) (bool, error) {
		s, err := store.StateOf[candidacyState](o)
		if err != nil || s.Candidacy == nil || !s.Candidacy.Active {
			return false, err
		}
		return p.takeInterviews(ctx, j, o.ID)
	})
	return backfill.Page{Next: page.Next, Read: len(page.Items), Changed: n}, err
}

// takeInterviews takes in a candidacy's interviews, as many at a time as go into
// one transaction.
func (p *Partner) takeInterviews(ctx context.Context, j *backfill.Job, id string) (changed bool, err error) {
	for more := true; more && err == nil; {
		var c bool
		c, err = j.Change(ctx, func(w *partner.Work) error {
			n, err := p.readInterviews(ctx, w, id)
			more = n == most
			return err
		})
		changed = changed || c
	}
	return changed, err
}

// readInterviews brings a candidacy's interviews up to date, and gives how many of
// them are new.
func (p *Partner) readInterviews(ctx context.Context, w *partner.Work, id string) (int, error) {
	l, err := p.begin(ctx, w, id)
	if err != nil || !l.was.known() {
		return 0, err
	}
	if err := l.recall(ctx, ""); err != nil {
		return 0, err
	}
	l.now = l.was
	if err := l.interviews(ctx); err != nil {
		return 0, ignoreGone(err)
	}
	return len(l.now.Interviews) - len(l.was.Interviews), l.Put(l.object, l.object.UpdatedAt, l.now)
}

// ignoreGone is nil for what Lever no longer gives: an event tells of it, or the
// next time that it is read.
func ignoreGone(err error) error {
	if lever.NotFound(err) || lever.Forbidden(err) {
		return nil
	}
	return err
}

// jobsPage reads all postings, of which a customer has hundreds, and ends the jobs
// whose posting is no longer among them.
func (p *Partner) jobsPage(ctx context.Context, j *backfill.Job, _ store.ImportPart) (backfill.Page, error) {
	s, err := settings(ctx, j.Own())
	if err != nil {
		return backfill.Page{}, err
	}
	listed, err := lever.Collect(j.Lever.Postings(ctx, lever.PostingFilter{Confidentiality: s.confidentiality()}))
	if err != nil {
		return backfill.Page{}, fmt.Errorf("read postings: %w", err)
	}
	seen := map[string]bool{}
	var taken []lever.Posting
	for _, posting := range listed {
		if _, ok := s.takes(&posting); ok {
			seen[posting.ID] = true
			taken = append(taken, posting)
		}
	}
	n, err := backfill.Each(ctx, taken, func(ctx context.Context, posting lever.Posting) (bool, error) { return p.takeJob(ctx, j, &posting) })
	if err != nil {
		return backfill.Page{}, err
	}
	gone, err := p.missingJobs(ctx, j, s, seen)
	return backfill.Page{Read: len(listed), Changed: n + gone}, err
}

func (p *Partner) takeJob(ctx context.Context, j *backfill.Job, posting *lever.Posting) (bool, error) {
	return j.Change(ctx, func(w *partner.Work) error {
		var was jobState
		o, err := w.Object(ctx, jobKind, posting.ID, &was)
		if err != nil || posting.UpdatedAt < o.UpdatedAt {
			return err
		}
		return p.putJob(w, o, was, posting)
	})
}

// missingJobs looks after the jobs whose posting was not listed.
func (p *Partner) missingJobs(ctx context.Context, j *backfill.Job, s Settings, seen map[string]bool) (changed int, err error) {
	for o, err := range j.Table.EveryObject(ctx, j.Connection.ID, jobKind) {
		if err != nil {
			return changed, err
		}
		was, err := store.StateOf[jobState](o)
		if err != nil {
			return changed, err
		}
		if was.Job == nil || seen[o.ID] {
			continue
		}
		c, err := p.missingJob(ctx, j, s, o.ID)
		if err != nil {
			return changed, err
		}
		if c {
			changed++
		}
	}
	return changed, nil
}

// missingJob asks Lever for a posting that was not listed: it may be newer than the
// list.
func (p *Partner) missingJob(ctx context.Context, j *backfill.Job, s Settings, id string) (bool, error) {
	return j.Change(ctx, func(w *partner.Work) error {
		var was jobState
		o, err := w.Object(ctx, jobKind, id, &was)
		if err != nil || was.Job == nil {
			return err
		}
		posting, err := j.Lever.Posting(ctx, id)
		because, err := partner.Unseen(ctx, err, j.Lever.MayReadPostings)
		if err != nil {
			return fmt.Errorf("read posting: %w", err)
		}
		if because == "" {
			because, _ = s.takes(posting)
		}
		if because != "" {
			return p.removeJob(w, o, because)
		}
		return p.putJob(w, o, was, posting)
	})
}
