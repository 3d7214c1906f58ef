package evidenced

import (
	"cmp"
	"context"

	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// erase forgets the candidacy, its interviews, and with the last candidacy the
// person. Who was anonymized is forgotten whole. What stays is that there was
// something.
func (l *look) erase(ctx context.Context, because string) error {
	if !l.was.known() {
		return l.refuse(because)
	}
	if err := l.meet(ctx, l.was.CandidateID); err != nil {
		return err
	}
	ids := []string{l.object.ID}
	if because == anonymized && l.candidate.Candidate != nil {
		ids = ids[:0]
		for _, c := range l.candidate.Candidate.Candidacies {
			ids = append(ids, c.ID)
		}
	}
	e := Erasure{CandidateID: l.was.CandidateID, CandidacyIDs: ids, InterviewIDs: []string{}, Because: because}
	for _, id := range ids {
		interviews, err := l.forget(ctx, id, because)
		if err != nil {
			return err
		}
		e.InterviewIDs = append(e.InterviewIDs, interviews...)
	}
	if l.candidate.Candidate == nil {
		l.Erase(partner.Forget{Because: because, Opportunities: ids})
		return nil
	}
	return l.part(l.person, l.candidate, e)
}

// refuse keeps out what was never known.
func (l *look) refuse(because string) error {
	if because == confidential {
		l.Ignore(confidential)
		return nil
	}
	l.Ignore("not_known")
	l.Erase(partner.Forget{Because: because, Opportunities: []string{l.object.ID}})
	return l.Put(l.object, 0, candidacyState{Gone: because})
}

// forget forgets one candidacy, what decisions say of it, and its interviews, whose
// ids it gives.
func (l *look) forget(ctx context.Context, id, because string) ([]string, error) {
	object, was := l.object, l.was
	if id != l.object.ID {
		var err error
		was = candidacyState{}
		if object, err = l.Object(ctx, candidacyKind, id, &was); err != nil {
			return nil, err
		}
	}
	for _, interview := range was.Interviews {
		o, err := l.Object(ctx, interviewKind, interview, new(interviewState))
		if err != nil {
			return nil, err
		}
		if err := l.Put(o, 0, interviewState{Gone: because}); err != nil {
			return nil, err
		}
	}
	for _, decision := range was.Decisions {
		o, err := l.Object(ctx, decisionKind, decision, new(decisionState))
		if err != nil {
			return nil, err
		}
		if err := l.Put(o, 0, decisionState{Gone: because}); err != nil {
			return nil, err
		}
	}
	return was.Interviews, l.Put(object, 0, candidacyState{Gone: because})
}

// part takes candidacies from a person, who is forgotten with the last one.
func (l *look) part(person store.Object, left candidateState, e Erasure) error {
	rest := *left.Candidate
	for _, id := range e.CandidacyIDs {
		rest.without(id)
	}
	e.Whole = len(rest.Candidacies) == 0
	state, forget := candidateState{Candidate: &rest}, partner.Forget{Because: e.Because, Opportunities: e.CandidacyIDs}
	if e.Whole {
		state = candidateState{Gone: e.Because}
	} else {
		forget.Staying = []store.Object{person}
	}
	if e.Because != merged {
		l.Erase(forget)
	}
	when := cmp.Or(l.Event.TriggeredAt, lever.At(l.partner.now()))
	return l.Put(person, person.UpdatedAt, state, told("candidate.erased", when, e))
}
