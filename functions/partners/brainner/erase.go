package brainner

import (
	"cmp"
	"context"

	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// erase forgets the application, its result, and with the last application the
// candidate. Who was anonymized is forgotten whole. What stays is that there was
// something.
func (l *look) erase(ctx context.Context, because string) error {
	if !l.was.Taken {
		return l.refuse(because)
	}
	if err := l.meet(ctx, l.was.PostingID, l.was.ContactID); err != nil {
		return err
	}
	ids := []string{l.object.ID}
	if c := l.known.Candidate; because == anonymized && c != nil {
		ids = c.Opportunities
	}
	return l.part(ctx, l.person, l.known, ids, because)
}

// refuse keeps out what was never taken.
func (l *look) refuse(because string) error {
	if because == confidential {
		l.Ignore(confidential)
		return nil
	}
	l.Ignore("not_known")
	l.Erase(partner.Forget{Because: because, Opportunities: []string{l.object.ID}})
	return l.Put(l.object, 0, applicationState{Gone: because})
}

// leave takes the application from the candidate that it belonged to, where Lever
// has put it on another posting or given it to another person.
func (l *look) leave(ctx context.Context) error {
	before := candidateID(l.was.PostingID, l.was.ContactID)
	if !l.was.Taken || before == l.person.ID {
		return nil
	}
	var left candidateState
	person, err := l.Object(ctx, candidateKind, before, &left)
	if err != nil {
		return err
	}
	l.was.Taken = false
	return l.take(person, left, []string{l.object.ID}, moved)
}

// part forgets applications of a candidate.
func (l *look) part(ctx context.Context, person store.Object, was candidateState, ids []string, because string) error {
	for _, id := range ids {
		object := l.object
		if id != object.ID {
			var err error
			if object, err = l.Object(ctx, applicationKind, id, new(applicationState)); err != nil {
				return err
			}
		}
		if err := l.Put(object, object.UpdatedAt, applicationState{Gone: because}); err != nil {
			return err
		}
		result, err := l.Object(ctx, resultKind, id, new(resultState))
		if err != nil {
			return err
		}
		if result.Revision == 0 {
			continue
		}
		if err := l.Put(result, 0, resultState{Gone: because}); err != nil {
			return err
		}
	}
	return l.take(person, was, ids, because)
}

// take takes applications from a candidate, who is forgotten with the last one.
func (l *look) take(person store.Object, was candidateState, ids []string, because string) error {
	if was.Candidate == nil {
		return nil
	}
	rest, now := *was.Candidate, was
	for _, id := range ids {
		rest.Opportunities = without(rest.Opportunities, id)
		if now.ResumeOf == id {
			now.ResumeOf, rest.Resume = "", Resume{Problem: NoResume}
		}
	}
	e := Erasure{CandidateID: rest.ID, JobID: rest.JobID, OpportunityIDs: full(ids), Because: because, Whole: len(rest.Opportunities) == 0}
	forget := partner.Forget{Because: because, Opportunities: e.OpportunityIDs}
	if now.Candidate = &rest; e.Whole {
		now = candidateState{Gone: because}
	} else {
		forget.Staying = []store.Object{person}
		rest.OpportunityID, now.SeenAt = rest.Opportunities[len(rest.Opportunities)-1], 0
	}
	if because != moved {
		l.Erase(forget)
	}
	when := cmp.Or(l.Event.TriggeredAt, lever.At(l.partner.now()))
	return l.Put(person, person.UpdatedAt, now, told("candidate.erased", when, e))
}
