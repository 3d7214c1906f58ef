package brainner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fulcrum/shared/action"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/queue"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

// Writer is Brainner's side of its actions in Lever.
type Writer struct {
	table      *store.Table
	deliveries partner.Deliveries
	now        func() time.Time
}

// NewWriter makes a Writer. now is the clock.
func NewWriter(table *store.Table, deliveries partner.Deliveries, now func() time.Time) *Writer {
	return &Writer{table: table, deliveries: deliveries, now: now}
}

// Name is brainner.
func (*Writer) Name() string { return name }

// Plan gives the steps of a result or a decision.
func (x *Writer) Plan(ctx context.Context, w *action.Work) ([]action.Step, error) {
	s, err := settings(ctx, w.Own())
	if err != nil {
		return nil, err
	}
	if w.Action.Kind == resultAction {
		return x.planResult(ctx, w, s)
	}
	return x.planDecision(ctx, w, s)
}

// planDecision has a step for each candidate. The stage or reason is looked for in
// Lever right before: another one is never taken in its place.
func (x *Writer) planDecision(ctx context.Context, w *action.Work, s Settings) ([]action.Step, error) {
	var q Decision
	if err := w.Request(&q); err != nil {
		return nil, err
	}
	as, _, err := w.User(ctx, action.Person{ID: q.RequestedBy.UserID, Email: q.RequestedBy.Email}, action.Person{Email: s.PerformAs})
	if err != nil {
		return nil, err
	}
	write := func(d Decided) action.Write { return action.Stage{To: q.ToStageID, From: d.StageID} }
	if q.Type == archiveAction {
		write = func(d Decided) action.Write { return action.Archive{Reason: q.ArchiveReasonID, From: d.StageID} }
		err = w.NeedArchiveReason(ctx, q.ArchiveReasonID)
	} else {
		err = w.NeedStage(ctx, q.ToStageID)
	}
	var steps []action.Step
	for _, d := range q.Candidates {
		steps = append(steps, action.Step{Name: d.OpportunityID, On: d.OpportunityID, As: as, Write: write(d)})
	}
	return steps, err
}

// planResult has one step: a form, or a note where there can be none.
func (x *Writer) planResult(ctx context.Context, w *action.Work, s Settings) ([]action.Step, error) {
	var q Result
	if err := w.Request(&q); err != nil {
		return nil, err
	}
	var is resultState
	if _, err := w.Object(ctx, resultKind, q.OpportunityID, &is); err != nil {
		return nil, err
	}
	switch {
	case is.Gone != "":
		return nil, fault.Permanent("candidate_erased", errors.New("the candidate was erased"))
	case is.newerThan(q, w.Action):
		return nil, fault.Permanent("newer_result", errors.New("lever shows a newer result"))
	case s.PostResults == PostOff:
		return nil, fault.Permanent("results_off", errors.New("results are not posted any more"))
	}
	as, err := x.as(ctx, w, s, q)
	if err != nil {
		return nil, err
	}
	step := action.Step{Name: resultAction, On: q.OpportunityID, As: as}
	step.Write, err = x.writeResult(ctx, w, s, q, is)
	return []action.Step{step}, err
}

// newerThan reports whether this is a result of a later evaluation, or came later.
func (s resultState) newerThan(q Result, a store.Action) bool {
	return s.Action != "" && s.Action != a.ID && (s.Evaluation > q.Evaluation || s.Evaluation == q.Evaluation && s.AcceptedAt > a.CreatedAt)
}

// as is in whose name a result is written. Lever takes one without a name too, which
// is done where nobody is named.
func (x *Writer) as(ctx context.Context, w *action.Work, s Settings, q Result) (string, error) {
	var people []action.Person
	if q.RequestedBy.named() {
		people = append(people, action.Person{ID: q.RequestedBy.UserID, Email: q.RequestedBy.Email})
	}
	if s.PerformAs != "" {
		people = append(people, action.Person{Email: s.PerformAs})
	}
	if len(people) == 0 {
		return "", nil
	}
	id, _, err := w.User(ctx, people...)
	return id, err
}

// writeResult is the form of a result, or the note. What may have been written
// stays of its kind.
func (x *Writer) writeResult(ctx context.Context, w *action.Work, s Settings, q Result, is resultState) (action.Write, error) {
	mode := s.PostResults
	for _, step := range w.Action.Steps {
		if step.Unsure > 0 || step.State.Ended() {
			mode = PostMode(step.Kind)
		}
	}
	if mode == PostForm {
		t, err := x.template(ctx, w)
		if err == nil {
			return action.Form{Form: t.fill(q, is), Reference: t.id(fieldReference)}, nil
		}
		if !lever.Forbidden(err) {
			return nil, err
		}
	}
	note := action.Note{Text: noteText(q, is)}
	if is.Kind == PostNote {
		note.Instead = is.LeverID
	}
	return note, nil
}

// Keep notes the current result with the end of its action.
func (x *Writer) Keep(ctx context.Context, w *action.Work) ([]store.Object, error) {
	if w.Action.Kind != resultAction || w.Action.State != store.ActionDone {
		return nil, nil
	}
	var q Result
	if err := w.Request(&q); err != nil {
		return nil, err
	}
	var was resultState
	object, err := w.Object(ctx, resultKind, q.OpportunityID, &was)
	if err != nil || was.Gone != "" || was.newerThan(q, w.Action) {
		return nil, err
	}
	hash, err := q.hash()
	if err != nil {
		return nil, err
	}
	step := w.Action.Steps[0]
	object.State, err = json.Marshal(resultState{
		Action: w.Action.ID, Hash: hash, Kind: PostMode(step.Kind), LeverID: step.LeverID, Evaluation: q.Evaluation, AcceptedAt: w.Action.CreatedAt,
	})
	return []store.Object{object}, err
}

// Runner goes on with an action; see action.Runner.
type Runner interface {
	Run(ctx context.Context, connectionID, id string) error
}

// Events sends an event to be worked off.
type Events interface {
	Send(ctx context.Context, partner string, e queue.Event) error
}

// After is what follows a decision: its candidates are looked at again, so that
// Brainner is told of their stages as Lever has them now, also of who was left
// alone.
type After struct {
	runner Runner
	table  *store.Table
	events Events
	now    func() time.Time
}

// NewAfter makes an After. now is the clock.
func NewAfter(r Runner, table *store.Table, e Events, now func() time.Time) *After {
	return &After{runner: r, table: table, events: e, now: now}
}

// Run goes on with an action, and has the candidates of a decision that has ended
// looked at again: once, however often it runs.
func (x *After) Run(ctx context.Context, connectionID, id string) error {
	if err := x.runner.Run(ctx, connectionID, id); err != nil {
		return err
	}
	a, err := x.table.Action(ctx, connectionID, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && (!a.State.Ended() || a.Kind == resultAction) {
		return nil
	}
	if err != nil {
		return err
	}
	at := lever.At(x.now())
	for _, s := range a.Steps {
		if s.State != store.ActionDone && s.State != store.ActionSuperseded {
			continue
		}
		e := queue.Event{
			ID: fmt.Sprintf("%s-%s", a.ID, s.Opportunity), Connection: connectionID, Event: lever.ApplicationCreated, TriggeredAt: at, ReceivedAt: at,
			IDs: lever.IDs{Opportunity: s.Opportunity}, Origin: string(store.FromPartner),
		}
		if err := x.events.Send(ctx, name, e); err != nil {
			return err
		}
	}
	return nil
}

// unlessAway is err, or nil where it says that Lever cannot be asked just now.
func unlessAway(err error) error {
	if _, parks := fault.Parks(err); parks || lever.Retryable(err) || errors.Is(err, rate.ErrBusy) {
		return nil
	}
	return err
}
