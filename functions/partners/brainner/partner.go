// Package brainner is what is special about Brainner, a product that screens
// résumés against a recruiter's criteria: jobs and their applicants come from
// Lever, results go to the candidate's profile there, and a recruiter's advancing
// and archiving is done in Lever.
//
// A job is a posting. A candidate is a person on a job, whatever the number of
// that person's applications to it; the newest application is the one that counts.
// What comes by itself depends on what the customer has applied (B-10 to B-15):
//
//	Auto-generate jobs   a posting becomes a job with the next application to it,
//	                     whether it is old or new
//	Auto-import          who applies to a job becomes a candidate
//
// Nothing comes by itself before the settings were applied once. By hand, jobs and
// the earlier applicants of a job are imported at any time. What Brainner is told:
//
//	job.imported, .updated, .closed
//	job.withdrawn                       no longer to be seen
//	candidate.received                  a new one
//	candidate.updated                   newer facts; newResume asks whether to
//	                                    evaluate again
//	candidate.reevaluation_requested    a recruiter asked for another evaluation
//	candidate.erased                 deleted, anonymized, or no longer to be seen
//
// Résumés do not travel in documents: a document says where a link to one is got.
package brainner

import (
	"context"
	"time"

	"fulcrum/shared/catalog"
	"fulcrum/shared/partner"
)

// name is Brainner's name everywhere.
const name = "brainner"

// Partner is Brainner's side of the sync function.
type Partner struct {
	known *catalog.Catalog
	now   func() time.Time
}

// New makes Brainner's side of the sync function.
func New() *Partner { return &Partner{known: catalog.New(time.Now), now: time.Now} }

// Name is brainner.
func (*Partner) Name() string { return name }

// Sync brings an opportunity's candidate up to date. The event only says where to
// look.
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
	there, err := l.read(ctx)
	if err != nil || !there {
		return err
	}
	return l.decide(ctx, l.admit)
}
