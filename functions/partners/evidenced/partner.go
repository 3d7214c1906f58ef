// Package evidenced is what is special about Evidenced, a product for structured
// interviews: jobs, people and interviews of Lever's are there, to be read only,
// and each interviewer's decision comes to stand at the interview in Lever.
//
// A candidate is a person (Lever's contact), a candidacy one of the person's
// opportunities. What Evidenced is told, always with the candidate as a whole:
//
//	in Lever                               the candidacy is   Evidenced is told
//	active, on a posting that syncs        active             candidate.created, or
//	                                                          .candidacy_added to one it has
//	in another stage                       active             candidate.stage_changed
//	archived                               inactive           candidate.archived
//	archived as hired                      inactive, hired    candidate.hired
//	archived no longer                     active             candidate.reactivated
//	anything else that is mapped           as it was          candidate.changed
//	deleted, anonymized or confidential    gone               candidate.erased
//
// and of interviews interview.scheduled, .changed and .cancelled, of postings
// job.created, .changed and .removed, of users user.created and .changed. What was
// never active while connected is left out.
package evidenced

import (
	"context"
	"time"

	"fulcrum/shared/catalog"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
)

// name is Evidenced's name everywhere.
const name = "evidenced"

// Partner is Evidenced's side of the sync function.
type Partner struct {
	known *catalog.Catalog
	now   func() time.Time
}

// New makes Evidenced's side of the sync function.
func New() *Partner { return &Partner{known: catalog.New(time.Now), now: time.Now} }

// Name is evidenced.
func (*Partner) Name() string { return name }

// Sync brings an opportunity's candidacy up to date, and its interviews where the
// event is about one. The event only says where to look.
func (p *Partner) Sync(ctx context.Context, w *partner.Work) error {
	id := w.Event.IDs.Opportunity
	if id == "" {
		w.Ignore("no_opportunity_named")
		return nil
	}
	l, err := p.begin(ctx, w, id)
	if err != nil {
		return err
	}
	if ofInterview(w.Event.Event) {
		if err := l.recall(ctx, w.Event.IDs.Interview); err != nil {
			return err
		}
	}
	there, err := l.read(ctx)
	if err != nil || !there {
		return err
	}
	held, err := l.decide(ctx)
	if err != nil || !held {
		return err
	}
	if ofInterview(w.Event.Event) {
		if err := l.interviews(ctx); err != nil {
			return err
		}
	}
	return l.put()
}

func ofInterview(e lever.Event) bool {
	return e == lever.InterviewCreated || e == lever.InterviewUpdated || e == lever.InterviewDeleted
}
