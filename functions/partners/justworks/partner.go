// Package justworks is what is special about Justworks, a payroll and HR product:
// a candidate who is marked Hired in Lever becomes a pending hire, which the
// company's admins review before they invite the person. Nothing is written to
// Lever, and no file or résumé is read.
//
// There is one pending hire for each opportunity, however often it is hired:
//
//	what happens                          the hire is      Justworks is told
//	hired in Lever                        pending          pending_hire.created
//	Lever has another state of it         as before        pending_hire.changed
//	an admin reviews it, edits a field    in_review        pending_hire.changed
//	an admin invites, or dismisses        invited, dismissed  pending_hire.changed
//	a newer hire of the same person       superseded       pending_hire.changed
//	no longer hired in Lever              withdrawn        pending_hire.withdrawn
//	hired again                           pending          pending_hire.created, the same hire
//	deleted or anonymized in Lever        erased, for good pending_hire.erased
//
// A hire that was invited stays invited and stays as it was, whatever happens in
// Lever; what Lever says then is shown beside it. The admins are told of it by
// mail, as of every hire; see letters.go.
package justworks

import (
	"context"
	"time"

	"fulcrum/shared/catalog"
	"fulcrum/shared/hire"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// name is Justworks' name everywhere.
const name = "justworks"

// hireKind is the kind of the objects that Justworks has of Lever's: one pending
// hire per opportunity.
const hireKind = "pending-hire"

// Partner is Justworks' side of the sync function.
type Partner struct {
	known *catalog.Catalog
	now   func() time.Time
}

// New makes Justworks' side of the sync function. now is the clock.
func New(now func() time.Time) *Partner { return &Partner{known: catalog.New(now), now: now} }

// Name is justworks.
func (*Partner) Name() string { return name }

// Sync brings an opportunity's pending hire up to date. The event only says where
// to look: whether the candidate is hired is for Lever to say.
func (p *Partner) Sync(ctx context.Context, w *partner.Work) error {
	id := w.Event.IDs.Opportunity
	if id == "" {
		w.Ignore("no_opportunity_named")
		return nil
	}
	s := &sync{Work: w, now: p.now()}
	if err := s.begin(ctx, id); err != nil {
		return err
	}
	if s.was.Status == Erased {
		w.Ignore("erased")
		return nil
	}
	h, err := hire.Read(ctx, p.known.For(w), id)
	if err != nil {
		return err
	}
	switch {
	case h.Standing == hire.Gone, h.Standing == hire.Anonymized:
		return s.erase(ctx, h)
	case h.Confidential && !s.settings.IncludeConfidential, h.Standing == hire.Confidential:
		w.Ignore(partner.Confidential)
		return nil
	case h.Standing == hire.NotHired:
		return s.withdraw(ctx, h)
	}
	return s.bring(ctx, h)
}

// sync is one look at one opportunity: what was known before Lever is read.
type sync struct {
	*partner.Work
	now      time.Time
	object   store.Object
	was      PendingHire
	settings Settings
	roster   Roster
}

// begin reads what is known. It comes before Lever is read, so that an older state
// of Lever's never overwrites a newer one.
func (s *sync) begin(ctx context.Context, id string) (err error) {
	if s.object, err = s.Object(ctx, hireKind, id, &s.was); err != nil {
		return err
	}
	if s.settings, err = settings(ctx, s.Work); err != nil {
		return err
	}
	_, s.roster, err = roster(ctx, s.Work)
	return err
}

// bring makes a pending hire of a hire, or brings it up to date.
func (s *sync) bring(ctx context.Context, h *hire.Hire) error {
	now := s.was.hired(source{Hire: h, settings: s.settings, roster: s.roster}, s.now)
	if err := s.among(ctx, &now); err != nil {
		return err
	}
	now.settle(s.roster)
	return s.put(h.Opportunity.UpdatedAt, s.was, now)
}

// put records what became of the hire as of Lever's time.
func (s *sync) put(at lever.Time, was, now PendingHire) error {
	return record(s.Work, s.object, at, change{was, now, s.settings, s.now})
}

// change is what became of a hire, and when.
type change struct {
	was, now PendingHire
	settings Settings
	at       time.Time
}

// record puts a changed hire into the work, with the document that tells of it and
// the letters that it needs.
func record(w *partner.Work, o store.Object, at lever.Time, c change) error {
	if err := w.Put(o, at, c.now, told(c.was, c.now, c.at)); err != nil {
		return err
	}
	for _, l := range c.letters() {
		w.Letter(l)
	}
	return nil
}

// withdraw ends a hire that is none any more.
func (s *sync) withdraw(ctx context.Context, h *hire.Hire) error {
	if s.was.Status == "" {
		s.Ignore("not_hired")
		return nil
	}
	if s.was.Status != Invited {
		if err := s.leave(ctx); err != nil {
			return err
		}
	}
	return s.put(h.Opportunity.UpdatedAt, s.was, s.was.unhired(s.now))
}
