// Package interviewingio is what is special about interviewing.io, where engineers
// are interviewed without being known: who passes and agrees is revealed, and comes
// to Lever.
//
//	the interviewer would advance, and the candidate wants to go on
//	    a new opportunity in the default stage, with name, e-mail, phone and link
//	otherwise, where the customer wants those too
//	    a new opportunity under the pseudonym, with nothing that tells who it is
//	otherwise
//	    nothing
//
// and on the opportunity one note with the feedback. Of who is not revealed, name,
// e-mail and the like are dropped before anything is kept, also out of the text of
// the feedback. A correction changes the note. One whom a correction reveals gets
// an opportunity of its own, which nothing links to that of the pseudonym.
//
// Back goes how far the candidates come that were made so, and no others:
//
//	in another stage, hired, archived, active again    candidate.stage_changed
//	deleted or anonymized                              candidate.erased
package interviewingio

import (
	"cmp"
	"context"
	"fmt"

	"fulcrum/shared/action"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// name is interviewing.io's name everywhere.
const name = "interviewing-io"

// disabled is the reason for what has no effect because the customer has switched
// the configuration off.
const disabled = "export_disabled"

// Partner is interviewing.io's side of the sync function.
type Partner struct {
	actions *action.Intake
}

// New makes interviewing.io's side of the sync function.
func New(actions *action.Intake) *Partner { return &Partner{actions: actions} }

// Name is interviewing-io.
func (*Partner) Name() string { return name }

// Sync brings what is known of a candidate that we made up to date. Where the event
// names an interview and no opportunity, somebody asks for what is held of it.
func (p *Partner) Sync(ctx context.Context, w *partner.Work) error {
	id := w.Event.IDs.Opportunity
	switch {
	case id != "":
		return look(ctx, w, id)
	case w.Event.Origin != "" && w.Event.IDs.Interview != "":
		return p.resume(ctx, w)
	}
	w.Ignore("no_opportunity_named")
	return nil
}

// resume has the newest version of an interview's result gone on with.
func (p *Partner) resume(ctx context.Context, w *partner.Work) error {
	var s interviewState
	if _, err := w.Object(ctx, interviewKind, w.Event.IDs.Interview, &s); err != nil {
		return err
	}
	if s.Gone != "" || s.latest().Action == "" {
		w.Ignore("not_ours")
		return nil
	}
	w.Ignore("export_resumed")
	_, err := p.actions.Resume(ctx, w.Connection.ID, s.latest().Action)
	return err
}

// look brings a candidacy up to date with Lever.
func look(ctx context.Context, w *partner.Work, id string) error {
	var was candidacyState
	object, err := w.Object(ctx, candidacyKind, id, &was)
	if err != nil {
		return err
	}
	chosen, err := settings(ctx, w)
	switch {
	case err != nil:
		return err
	case object.Revision == 0:
		w.Ignore("not_ours")
		return nil
	case was.Gone != "":
		w.Ignore("erased")
		return nil
	}
	o, err := w.Lever.Opportunity(ctx, id, "stage", "contact")
	if lever.NotFound(err) {
		return missing(ctx, w, object, was, err)
	}
	if err != nil {
		return fmt.Errorf("read opportunity: %w", err)
	}
	if o.Anonymized() {
		return erase(ctx, w, object, was, anonymized)
	}
	if !chosen.Enabled {
		w.Ignore(disabled)
		return nil
	}
	return put(ctx, w, object, was, o)
}

// put records how far a candidate has come, and has interviewing.io told.
func put(ctx context.Context, w *partner.Work, object store.Object, was candidacyState, o *lever.Opportunity) error {
	hired, err := isHired(ctx, w.Lever, o)
	if err != nil {
		return err
	}
	now := was
	now.ContactID, now.Progress = o.Contact.ID, progress(o, hired)
	from, to := was.Progress, now.Progress
	if from.Stage.ID == to.Stage.ID && from.Outcome == to.Outcome {
		// A stage that was only renamed is no news.
		now.Progress = from
		now.Progress.Stage = to.Stage
		return w.Put(object, max(o.UpdatedAt, object.UpdatedAt), now)
	}
	return w.Put(object, o.UpdatedAt, now, told(stageChanged, cmp.Or(to.ChangedAt, w.Event.TriggeredAt, o.CreatedAt), StageChange{
		InterviewID: was.InterviewID, OpportunityID: object.ID, From: from.Stage, Stage: to.Stage, Outcome: to.Outcome, ChangedAt: stamp(to.ChangedAt),
	}))
}
