package interviewingio

import (
	"context"
	"errors"
	"strconv"
	"time"

	"fulcrum/shared/action"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// export is the kind of the action that writes a result in Lever.
const export = "interview"

// The steps of an export: the opportunity, the note with the feedback, and the
// archive of who was not successful. A correction is a note alone.
const (
	candidate = "candidate"
	feedback  = "feedback"
	archive   = "archive"
)

// asked is the request of an export's action: what the result says is in the
// interview.
type asked struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Hash    string `json:"hash"`
}

func (a asked) ref() string { return a.ID + "/" + strconv.Itoa(a.Version) }

// Events sends an event on its way after a while; see queue.Partners.
type Events interface {
	Later(ctx context.Context, partner string, e queue.Event, delay time.Duration) error
}

// Exports writes results in Lever. It is safe for concurrent use.
type Exports struct {
	table  *store.Table
	events Events
	now    func() time.Time
}

// NewExports makes the Actor of interviewing.io's actions. now is the clock.
func NewExports(table *store.Table, events Events, now func() time.Time) *Exports {
	return &Exports{table: table, events: events, now: now}
}

// Name is interviewing-io.
func (*Exports) Name() string { return name }

// notExported is the reason of results of candidates who are not revealed, where
// the customer does not want those.
const notExported fault.Reason = "unsuccessful_not_exported"

// newerWritten is the reason of results that come after a correction of them.
const newerWritten fault.Reason = "newer_version_written"

var (
	errNotNoted = errors.New("the result is not noted yet")
	errEarlier  = errors.New("an earlier version of the result has not ended")
)

// Plan makes an opportunity of a result, with a note; of a corrected one only the
// note anew, where there is an opportunity that it may be on.
func (x *Exports) Plan(ctx context.Context, w *action.Work) ([]action.Step, error) {
	var a asked
	if err := w.Request(&a); err != nil {
		return nil, err
	}
	var s interviewState
	if _, err := w.Object(ctx, interviewKind, a.ID, &s); err != nil {
		return nil, err
	}
	v := s.version(a.Version)
	switch {
	case s.Gone != "":
		return nil, fault.Permanent("candidate_erased", errors.New("the candidate is gone"))
	case v == nil:
		return nil, errNotNoted
	case s.Profile != nil && s.Profile.Version > a.Version:
		return nil, fault.Permanent(newerWritten, errors.New("a newer version of the result is written"))
	}
	chosen, err := settings(ctx, w.Own())
	if err != nil {
		return nil, err
	}
	p := &planning{Work: w, settings: chosen, result: v.Result, profile: s.Profile}
	if err := p.permitted(); err != nil {
		return nil, err
	}
	if err := x.earlier(ctx, w, s, a.Version); err != nil {
		return nil, err
	}
	steps, err := p.steps(ctx)
	return steps, errors.Join(err, x.held(ctx, w, a.ID, err))
}

// earlier fails while a version before has not ended: versions are written in their
// order. One that may have made an opportunity nobody has found is not passed by.
func (x *Exports) earlier(ctx context.Context, w *action.Work, s interviewState, version int) error {
	for _, v := range s.Versions {
		if v.Version >= version || v.Result == nil {
			continue
		}
		a, err := x.table.Action(ctx, w.Connection.ID, v.Action)
		switch {
		case errors.Is(err, store.ErrNotFound):
			continue
		case err != nil:
			return err
		case !a.State.Ended():
			return errEarlier
		}
		if step := stepOf(a, candidate); step != nil && step.State != store.ActionDone && step.Unsure > 0 {
			return fault.Permanent("earlier_version_unclear", errors.New("it is not known whether an earlier version has made a candidate"))
		}
	}
	return nil
}

func stepOf(a store.Action, step string) *store.ActionStep {
	for i, s := range a.Steps {
		if s.Name == step {
			return &a.Steps[i]
		}
	}
	return nil
}

// planning is a result on its way into Lever.
type planning struct {
	*action.Work
	settings Settings
	result   *Result
	// profile is where an earlier version stands, nil where none does.
	profile *profileState
}

// permitted fails where the customer does not want the result in Lever.
func (p *planning) permitted() error {
	switch {
	case !p.settings.Enabled:
		return fault.Permanent(disabled, errors.New("the configuration is switched off"))
	case p.result == nil, !p.result.revealed() && !p.settings.ExportUnsuccessful && !p.onRevealed():
		return fault.Permanent(notExported, errors.New("who is not revealed is not exported"))
	}
	return nil
}

// onRevealed reports whether there is a profile with the candidate's identity: a
// correction of its feedback reveals nothing.
func (p *planning) onRevealed() bool { return p.profile != nil && p.profile.Revealed }

// fresh reports whether the result needs an opportunity of its own. One that this
// action has begun to make stays in its plan.
func (p *planning) fresh() bool {
	if s := stepOf(p.Action, candidate); s != nil && (s.State != store.ActionPlanned || s.Unsure > 0) {
		return true
	}
	return p.profile == nil || p.result.revealed() && !p.profile.Revealed
}

func (p *planning) steps(ctx context.Context) ([]action.Step, error) {
	as, own, err := p.User(ctx, p.people()...)
	if err != nil {
		return nil, err
	}
	note := action.Note{Text: noteText(p.result, own || p.result.Requester == "")}
	if !p.fresh() {
		note.Instead = p.profile.NoteID
		return []action.Step{{Name: feedback, On: p.profile.OpportunityID, As: as, Write: note}}, nil
	}
	if p.Made(candidate) == "" {
		if err := p.NeedStage(ctx, p.settings.DefaultStage); err != nil {
			return nil, err
		}
	}
	steps := []action.Step{
		{Name: candidate, As: as, Write: action.Opportunity{New: newOpportunity(p.result, p.settings)}},
		{Name: feedback, Of: candidate, As: as, Write: note},
	}
	if reason := p.settings.UnsuccessfulReason; reason != "" && !p.result.revealed() {
		if err := p.NeedArchiveReason(ctx, reason); err != nil {
			return nil, err
		}
		steps = append(steps, action.Step{Name: archive, Of: candidate, As: as, Write: action.Archive{Reason: reason, From: p.settings.DefaultStage}})
	}
	return steps, nil
}

// people are those in whose name it may be written: the requester, else the default
// user.
func (p *planning) people() []action.Person {
	fallback := action.Person{Email: p.settings.PerformAs}
	if p.result.Requester == "" {
		return []action.Person{fallback}
	}
	return []action.Person{{Email: p.result.Requester}, fallback}
}

// Keep notes where an interview stands in Lever, and forgets what its result says
// where that is not needed any more.
func (x *Exports) Keep(ctx context.Context, w *action.Work) ([]store.Object, error) {
	var a asked
	if err := w.Request(&a); err != nil {
		// There is nothing to note of an action that cannot be read; it is parked.
		return nil, nil //nolint:nilerr
	}
	var s interviewState
	o, err := w.Object(ctx, interviewKind, a.ID, &s)
	v := s.version(a.Version)
	if err != nil || s.Gone != "" || v == nil {
		return nil, err
	}
	p := w.Own()
	if made := w.Made(candidate); made != "" && v.Result != nil {
		if err := x.introduce(ctx, w, p, a.ID, v.Result.revealed(), &s); err != nil {
			return nil, err
		}
	}
	s.conclude(w.Action, a.Version)
	if err := p.Put(o, 0, s); err != nil {
		return nil, err
	}
	return p.Commit(store.Event{}).Objects, nil
}

// conclude notes the end of a version's action.
func (s *interviewState) conclude(a store.Action, version int) {
	if step := stepOf(a, feedback); step != nil && step.State == store.ActionDone && s.Profile != nil {
		s.Profile.NoteID, s.Profile.As, s.Profile.Version = step.LeverID, step.As, version
	}
	switch {
	case a.State == store.ActionDone:
		s.forget(version, true)
	case a.Reason == disabled, a.Reason == notExported, a.Reason == newerWritten:
		s.forget(version, false)
	}
}

// introduce notes the opportunity that an export has made, and has it looked at a
// little later: who moves it before this is committed is seen then.
func (x *Exports) introduce(ctx context.Context, w *action.Work, p *partner.Work, interviewID string, revealed bool, s *interviewState) error {
	id := w.Made(candidate)
	if s.Profile == nil || s.Profile.OpportunityID != id {
		s.Profile = &profileState{OpportunityID: id, Revealed: revealed, As: stepOf(w.Action, candidate).As}
	}
	var known candidacyState
	o, err := w.Object(ctx, candidacyKind, id, &known)
	if err != nil || o.Revision != 0 {
		return err
	}
	chosen, err := settings(ctx, p)
	if err != nil {
		return err
	}
	now := lever.At(x.now())
	progress := Progress{Stage: Stage{ID: chosen.DefaultStage}, ChangedAt: now}
	if err := p.Put(o, 0, candidacyState{InterviewID: interviewID, Progress: progress}); err != nil {
		return err
	}
	return x.events.Later(ctx, name, queue.Event{
		ID: "look-" + w.Action.ID, Connection: w.Connection.ID, Event: lever.CandidateStageChange, Origin: string(store.FromPartner),
		IDs: lever.IDs{Opportunity: id}, TriggeredAt: now, ReceivedAt: now,
	}, lookAfter)
}

// lookAfter is how long after its making an opportunity is looked at.
const lookAfter = 30 * time.Second

// exportHeld is the reason of attention items about exports that a person has to
// choose something for.
const exportHeld fault.Reason = "export_held"

// mends is the one step that mends what holds an export, empty for what nobody can
// mend by a choice.
func mends(reason fault.Reason) string {
	switch reason {
	case action.NoUser:
		return "Choose an active Lever user as the default “perform as” user, then retry."
	case action.NoStage:
		return "Choose a stage: Lever does not have the default funnel stage any more. Then retry."
	case action.NoArchiveReason, action.InactiveArchiveReason:
		return "Choose another archive reason for unsuccessful candidates, or none, then retry."
	}
	return ""
}

// held raises what a person has to mend before the export can go on, and closes it
// when it is mended. because is why the export cannot go on, nil where it can.
func (x *Exports) held(ctx context.Context, w *action.Work, interviewID string, because error) error {
	c, about := w.Connection, interviewKind+"#"+interviewID
	reason, _ := fault.Parks(because)
	if step := mends(reason); step != "" {
		return x.table.Raise(ctx, store.Attention{
			Connection: c.ID, Partner: c.Partner, Reason: exportHeld, About: about, Step: step, Details: map[string]string{"because": string(reason)},
			Event: lever.CandidateStageChange, IDs: lever.IDs{Interview: interviewID},
		})
	}
	if because != nil {
		return nil
	}
	a, err := x.table.Attention(ctx, c.ID, store.AttentionID(c.ID, exportHeld, about))
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && a.ClearedAt != 0:
		return nil
	case err != nil:
		return err
	}
	return x.table.Clear(ctx, a)
}
