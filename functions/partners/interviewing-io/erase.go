package interviewingio

import (
	"context"

	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// missing does what follows from an opportunity of ours not being there. Lever may
// list what it does not give just now: then it is looked at again.
func missing(ctx context.Context, w *partner.Work, object store.Object, was candidacyState, because error) error {
	if was.ContactID == "" && w.Event.Event != lever.CandidateDeleted {
		return because
	}
	if was.ContactID != "" {
		for o, err := range w.Lever.Opportunities(ctx, lever.OpportunityFilter{Contacts: []string{was.ContactID}}) {
			if err != nil {
				return err
			}
			if o.ID == object.ID {
				return because
			}
		}
	}
	return erase(ctx, w, object, was, deleted)
}

// erase forgets a candidacy, and its interview where that stands at this one. What
// stays is that there was something.
func erase(ctx context.Context, w *partner.Work, object store.Object, was candidacyState, because string) error {
	var s interviewState
	interview, err := w.Object(ctx, interviewKind, was.InterviewID, &s)
	if err != nil {
		return err
	}
	if s.Profile != nil && s.Profile.OpportunityID == object.ID {
		if err := w.Put(interview, 0, interviewState{Gone: because}); err != nil {
			return err
		}
	}
	var actions []string
	for _, v := range s.Versions {
		actions = append(actions, v.Action)
	}
	w.Erase(partner.Forget{Because: because, Opportunities: []string{object.ID}, Actions: actions})
	e := Erasure{InterviewID: was.InterviewID, OpportunityID: object.ID, Because: because}
	return w.Put(object, object.UpdatedAt, candidacyState{Gone: because}, told(erased, w.Event.TriggeredAt, e))
}
