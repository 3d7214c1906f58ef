package brainner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fulcrum/shared/backfill"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// The kinds of Brainner's imports. Those of one job have the parameter posting. What
// is refreshed is imported of its own accord, as partner.json says, from when the
// connection is made: Lever has no webhook for postings, and who applied while its
// webhook was off comes by the walk through changes. Nothing older comes unless
// somebody asks for it.
const (
	importJob        = "job"        // one posting, by hand
	importCandidates = "candidates" // a job's applicants, by hand
	importCount      = "count"      // counts what importCandidates would do
	refreshJobs      = "jobs"       // all jobs, and what has become of their postings
	refreshChanges   = "changes"    // what changed since the last time
	refreshAll       = "all"        // every candidate, for what Lever does not tell
)

// Imports are the walks of Brainner's imports.
func (p *Partner) Imports() backfill.Sources {
	return backfill.Sources{
		importJob:        walk(p.jobPage),
		importCandidates: walk(p.candidatesPage),
		importCount:      walk(p.countPage),
		refreshJobs:      walk(p.jobsPage),
		refreshChanges:   changes{walk(p.changesPage)},
		refreshAll:       daily{walk(p.allPage), p.now},
	}
}

// walk does the work of a page of a walk that is not cut.
type walk func(context.Context, *backfill.Job, store.ImportPart) (backfill.Page, error)

// Parts is one part.
func (walk) Parts(context.Context, *backfill.Job) ([]store.ImportPart, error) {
	return backfill.Whole(), nil
}

// Page does the work of one page.
func (w walk) Page(ctx context.Context, j *backfill.Job, part store.ImportPart) (backfill.Page, error) {
	return w(ctx, j, part)
}

// jobPage imports one posting. One that cannot be a job parks the import: whoever
// asked for it has to see it.
func (p *Partner) jobPage(ctx context.Context, j *backfill.Job, _ store.ImportPart) (backfill.Page, error) {
	changed, err := j.Change(ctx, func(w *partner.Work) error {
		var was jobState
		object, err := w.Object(ctx, jobKind, j.Import.Params["posting"], &was)
		if err != nil {
			return err
		}
		s, err := settings(ctx, w)
		if err != nil {
			return err
		}
		posting, because, err := seePosting(ctx, j.Lever, object.ID)
		if err != nil {
			return err
		}
		if because == "" {
			because, _ = s.takes(posting)
		}
		if because != "" {
			return fault.Permanent(fault.Reason("posting_"+because), errors.New("the posting cannot be a job"))
		}
		return p.putJob(w, object, was, posting, arrival{Manual, j.Import.StartedAt})
	})
	page := backfill.Page{Read: 1}
	if changed {
		page.Changed = 1
	}
	return page, err
}

// applicants reads a page of the active applicants of the import's posting.
func applicants(ctx context.Context, j *backfill.Job, part store.ImportPart) (lever.Page[lever.Opportunity], error) {
	s, err := settings(ctx, j.Own())
	if err != nil {
		return lever.Page[lever.Opportunity]{}, err
	}
	f := lever.OpportunityFilter{
		Postings: []string{j.Import.Params["posting"]}, Archived: "false", Confidentiality: s.confidentiality(),
		Expand: []string{"applications", "contact", "stage"}, Offset: part.Offset,
	}
	return pageOf(ctx, j, f)
}

func pageOf(ctx context.Context, j *backfill.Job, f lever.OpportunityFilter) (lever.Page[lever.Opportunity], error) {
	for page, err := range j.Lever.OpportunityPages(ctx, f) {
		if err != nil {
			return page, fmt.Errorf("read opportunities: %w", err)
		}
		return page, nil
	}
	return lever.Page[lever.Opportunity]{}, nil
}

// countPage counts the applicants, and as changed those who are no candidates yet.
func (p *Partner) countPage(ctx context.Context, j *backfill.Job, part store.ImportPart) (backfill.Page, error) {
	page, err := applicants(ctx, j, part)
	if err != nil {
		return backfill.Page{}, err
	}
	n, err := backfill.Each(ctx, page.Items, func(ctx context.Context, o lever.Opportunity) (bool, error) {
		var was applicationState
		_, err := j.Own().Object(ctx, applicationKind, o.ID, &was)
		return !was.Taken && !was.forGood(), err
	})
	return backfill.Page{Next: page.Next, Read: len(page.Items), Changed: n}, err
}

// candidatesPage takes the applicants. Those who are candidates already stay as they
// are, unless an evaluation of all is asked for.
func (p *Partner) candidatesPage(ctx context.Context, j *backfill.Job, part store.ImportPart) (backfill.Page, error) {
	page, err := applicants(ctx, j, part)
	if err != nil {
		return backfill.Page{}, err
	}
	n, err := backfill.Each(ctx, page.Items, func(ctx context.Context, o lever.Opportunity) (bool, error) {
		return p.take(ctx, j, &o, func(l *look) func(context.Context) (bool, error) {
			if j.Import.Params["reEvaluate"] == "yes" {
				l.askedBy = fmt.Sprintf("%s@%d", j.Import.ID, j.Import.StartedAt)
			} else if l.was.Taken {
				return nil
			}
			return l.admitByHand
		})
	})
	return backfill.Page{Next: page.Next, Read: len(page.Items), Changed: n}, err
}

// take takes in an opportunity that was read before what is known of it: a newer
// state stays. how says how one is admitted that was not taken before; nil leaves
// everything as it is.
func (p *Partner) take(ctx context.Context, j *backfill.Job, o *lever.Opportunity, how func(*look) func(context.Context) (bool, error)) (bool, error) {
	return j.Change(ctx, func(w *partner.Work) error {
		l, err := p.begin(ctx, w, o.ID)
		if err != nil {
			return err
		}
		// What is known was read after the page: its candidate too, whoever it is.
		if _, err := l.turn(ctx, o); err != nil {
			return err
		}
		admit := how(l)
		if admit == nil || o.UpdatedAt < l.object.UpdatedAt || l.known.newerThan(o) {
			return nil
		}
		l.Event.Origin = string(store.FromPartner)
		return l.decide(ctx, admit)
	})
}

// admitByHand admits every active applicant of a job.
func (l *look) admitByHand(ctx context.Context) (bool, error) {
	var job jobState
	if _, err := l.Object(ctx, jobKind, l.posting, &job); err != nil {
		return false, err
	}
	return job.Job != nil && job.Job.Open && l.opportunity.Archived == nil, nil
}

// overlap is how far a walk through changes reaches back behind the one before:
// Lever's list may lag, and clocks differ.
const overlap = 5 * time.Minute

// changes is the walk through what changed since the last one.
type changes struct{ walk }

// walked is until when a kind of import has walked.
type walked struct {
	Until lever.Time `json:"until"`
}

// Parts is one part, from where the walk before ended. The first begins now.
func (c changes) Parts(ctx context.Context, j *backfill.Job) ([]store.ImportPart, error) {
	was := walked{Until: j.Import.StartedAt}
	if _, err := j.Own().Object(ctx, walkKind, refreshChanges, &was); err != nil {
		return nil, err
	}
	from := was.Until - lever.Time(overlap.Milliseconds())
	return backfill.Windows([]lever.Window{{From: from, Until: j.Import.StartedAt}}), nil
}

// changesPage brings up to date what changed of the candidates, and takes who
// applied since the walk before and was not told of.
func (p *Partner) changesPage(ctx context.Context, j *backfill.Job, part store.ImportPart) (backfill.Page, error) {
	s, err := settings(ctx, j.Own())
	if err != nil {
		return backfill.Page{}, err
	}
	page, err := pageOf(ctx, j, lever.OpportunityFilter{
		UpdatedAfter: part.Window.From, UpdatedUntil: part.Window.Until, Confidentiality: s.confidentiality(),
		Expand: []string{"applications", "contact", "stage"}, Offset: part.Offset,
	})
	if err != nil {
		return backfill.Page{}, err
	}
	n, err := backfill.Each(ctx, page.Items, func(ctx context.Context, o lever.Opportunity) (bool, error) {
		return p.take(ctx, j, &o, func(l *look) func(context.Context) (bool, error) {
			if !l.was.Taken && applied(&o) < part.Window.From {
				return nil
			}
			return l.admit
		})
	})
	if err == nil && page.Next == "" {
		err = p.walked(ctx, j, refreshChanges, part.Window.Until)
	}
	return backfill.Page{Next: page.Next, Read: len(page.Items), Changed: n}, err
}

// walked notes until when a kind of import has walked.
func (p *Partner) walked(ctx context.Context, j *backfill.Job, kind string, until lever.Time) error {
	_, err := j.Change(ctx, func(w *partner.Work) error {
		var was walked
		object, err := w.Object(ctx, walkKind, kind, &was)
		if err != nil || was.Until > until {
			return err
		}
		return w.Put(object, 0, walked{Until: until})
	})
	return err
}

// daily is a walk that is made once a day, however often it is begun.
type daily struct {
	walk
	now func() time.Time
}

// Parts is one part, or none where less than a day has passed since the last walk.
func (d daily) Parts(ctx context.Context, j *backfill.Job) ([]store.ImportPart, error) {
	var was walked
	if _, err := j.Own().Object(ctx, walkKind, refreshAll, &was); err != nil {
		return nil, err
	}
	if d.now().Sub(was.Until.Time()) < 24*time.Hour {
		return []store.ImportPart{}, nil
	}
	return backfill.Whole(), nil
}

// perPage is how many candidates are looked at again for one page.
const perPage = 25

// allPage looks at a page of candidates again, each application with a call of its
// own: only so it shows that one was deleted or anonymized.
func (p *Partner) allPage(ctx context.Context, j *backfill.Job, part store.ImportPart) (backfill.Page, error) {
	page, err := j.Table.Objects(ctx, j.Connection.ID, candidateKind, store.Paging{Cursor: part.Offset, Limit: perPage})
	if err != nil {
		return backfill.Page{}, err
	}
	var ids []string
	for _, o := range page.Items {
		s, err := store.StateOf[candidateState](o)
		if err != nil {
			return backfill.Page{}, err
		}
		if s.Candidate != nil {
			ids = slices.Concat(ids, s.Candidate.Opportunities)
		}
	}
	n, err := backfill.Each(ctx, ids, func(ctx context.Context, id string) (bool, error) { return p.again(ctx, j, id) })
	if err == nil && page.Next == "" {
		err = p.walked(ctx, j, refreshAll, j.Import.StartedAt)
	}
	return backfill.Page{Next: page.Next, Read: len(ids), Changed: n}, err
}

// again looks at an application that was taken.
func (p *Partner) again(ctx context.Context, j *backfill.Job, id string) (bool, error) {
	return j.Change(ctx, func(w *partner.Work) error {
		w.Event.Origin = string(store.FromClock)
		l, err := p.begin(ctx, w, id)
		if err != nil || !l.was.Taken {
			return err
		}
		there, err := l.read(ctx)
		if err != nil || !there {
			return err
		}
		return l.decide(ctx, l.admit)
	})
}
