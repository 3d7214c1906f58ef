// Package joinedly is what is special about Joinedly, an onboarding product: a
// candidate who is marked Hired in Lever becomes a joiner with an office and a
// team. Nothing is written to Lever.
//
// There is one joiner for each opportunity, however often it is hired:
//
//	in Lever                              the joiner is     Joinedly is told
//	hired                                 started           joiner.hired
//	hired, but a name has no match        needs_attention   joiner.hired
//	hired, but something needed is missing  held            nothing
//	another state of the same hire        as above          joiner.changed
//	no longer hired                       withdrawn         joiner.withdrawn
//	hired again                           as above          joiner.hired, the same joiner
//	deleted or anonymized                 erased, for good  joiner.erased
package joinedly

import (
	"context"
	"time"

	"fulcrum/shared/catalog"
	"fulcrum/shared/fault"
	"fulcrum/shared/hire"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// name is Joinedly's name everywhere.
const name = "joinedly"

// Partner is Joinedly's side of the sync function.
type Partner struct{ known *catalog.Catalog }

// New makes Joinedly's side of the sync function.
func New() *Partner { return &Partner{known: catalog.New(time.Now)} }

// Name is joinedly.
func (*Partner) Name() string { return name }

// Sync brings an opportunity's joiner up to date. The event only says where to
// look: whether the candidate is hired is for Lever to say.
func (p *Partner) Sync(ctx context.Context, w *partner.Work) error {
	id := w.Event.IDs.Opportunity
	if id == "" {
		w.Ignore("no_opportunity_named")
		return nil
	}
	s, err := begin(ctx, w, id)
	if err != nil {
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
	object    store.Object
	was       state
	settings  Settings
	directory Directory
}

// begin reads what is known. It comes before Lever is read, so that an older state
// of Lever's never overwrites a newer one.
func begin(ctx context.Context, w *partner.Work, id string) (*sync, error) {
	s := &sync{Work: w}
	var err error
	if s.object, err = w.Object(ctx, joinerKind, id, &s.was); err != nil {
		return nil, err
	}
	if s.settings, err = settings(ctx, w); err != nil {
		return nil, err
	}
	_, s.directory, err = directory(ctx, w)
	return s, err
}

// bring makes a joiner of a hire, or brings it up to date.
func (s *sync) bring(ctx context.Context, h *hire.Hire) error {
	j, problems := mapJoiner(s.Connection.Account, h, s.settings, s.directory)
	j.Hire = s.was.hires(j.HiredAt)
	now := state{Status: statusOf(problems), Told: s.was.Told, Hires: j.Hire, HiredAt: j.HiredAt, Joiner: &j, Problems: problems}
	if err := s.attend(ctx, problems); err != nil {
		return err
	}
	at := h.Opportunity.UpdatedAt
	if now.Status == Held {
		s.Ignore(fault.Reason("held_" + string(firstHolding(problems))))
		return s.put(at, now)
	}
	if s.was.has(j) {
		return s.put(at, now)
	}
	now.Told = true
	return s.put(at, now, told(s.was, j))
}

// withdraw ends a joiner who is no longer hired.
func (s *sync) withdraw(ctx context.Context, h *hire.Hire) error {
	if s.was.Status == "" {
		s.Ignore("not_hired")
		return nil
	}
	if err := s.attend(ctx, nil); err != nil {
		return err
	}
	at := h.Opportunity.UpdatedAt
	now := state{Status: Withdrawn, Told: s.was.Told, Hires: s.was.Hires, HiredAt: s.was.HiredAt}
	if !s.was.Told {
		s.Ignore("not_hired")
		return s.put(at, now)
	}
	return s.put(at, now, withdrawn(s.reference(), s.was, at.Time()))
}
