package action

import (
	"context"
	"log/slog"

	"fulcrum/shared/document"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// The types of the documents that tell a partner what became of its action.
const (
	DoneType   = "action.done"
	ParkedType = "action.parked"
)

// conclude ends the action where its steps have ended, or has it looked at again
// when the first of them is due. A step that waits for one that is parked has no
// time of its own.
func (x *execution) conclude(ctx context.Context) error {
	var next lever.Time
	for _, s := range x.w.Action.Steps {
		if !s.State.Ended() && s.LookAt != 0 && (next == 0 || s.LookAt < next) {
			next = s.LookAt
		}
	}
	if next != 0 {
		return x.leave(ctx, next)
	}
	state, reason := outcome(x.w.Action.Steps)
	return x.finish(ctx, state, reason)
}

// outcome is what ended steps come to: parked where one of them is, superseded
// where nothing was done, else done.
func outcome(steps []store.ActionStep) (store.ActionState, fault.Reason) {
	state, reason := store.ActionSuperseded, fault.Reason("")
	for _, s := range steps {
		switch s.State {
		case store.ActionParked:
			return store.ActionParked, s.Reason
		case store.ActionDone:
			state = store.ActionDone
		case store.ActionSuperseded:
			reason = s.Reason
		}
	}
	if state == store.ActionDone {
		reason = ""
	}
	return state, reason
}

// finish ends the action and tells the partner.
func (x *execution) finish(ctx context.Context, state store.ActionState, reason fault.Reason) error {
	w := *x.w
	a := &w.Action
	now := lever.At(x.now())
	a.State, a.Reason, a.EndedAt, a.HeldUntil, a.Tries, a.LookAt = state, reason, now, 0, 0, 0
	if doubtful(a.Steps) {
		a.LookAt = after(now, reconcileAfter)
	}
	var objects []store.Object
	if k, ok := x.actor.(Keeper); ok && w.Lever != nil {
		var err error
		if objects, err = k.Keep(ctx, &w); err != nil {
			return err
		}
	}
	ended, d, err := x.table.EndAction(ctx, *a, told(*a, now), objects...)
	if err != nil {
		return err
	}
	x.w.Action = ended
	slog.InfoContext(ctx, "action ended", "partner", a.Partner, "connection", a.Connection, "action", a.ID, "state", state, "reason", reason, "delivery", d.ID)
	return x.deliver(ctx, ended)
}

// doubtful reports whether Lever may have applied, or may still apply, a request
// besides the one that the item knows of.
func doubtful(steps []store.ActionStep) bool {
	for _, s := range steps {
		if _, marked := kind(s.Kind).trace(); marked && unaccounted(s) > 0 {
			return true
		}
	}
	return false
}

// unaccounted is how many requests of the step may have been applied besides the
// one that made it done.
func unaccounted(s store.ActionStep) int {
	if s.State == store.ActionDone {
		return s.Unsure - 1
	}
	return s.Unsure
}

// Outcome is an action as partners see it.
type Outcome struct {
	ID    string `json:"id"`
	Kind  string `json:"kind"`
	Ref   string `json:"ref"`
	State string `json:"state"`
	// Reason is why it is parked or superseded, or what is wrong though it is done.
	Reason string        `json:"reason,omitempty"`
	Steps  []StepOutcome `json:"steps"`
	// AcceptedAt and EndedAt are RFC 3339 in UTC.
	AcceptedAt string `json:"acceptedAt"`
	EndedAt    string `json:"endedAt,omitempty"`
}

// StepOutcome is one write of an action as partners see it: which state it has,
// Lever's ids of the opportunity and of what was written, and of the user in whose
// name.
type StepOutcome struct {
	Name        string   `json:"name"`
	State       string   `json:"state"`
	Reason      string   `json:"reason,omitempty"`
	Opportunity string   `json:"opportunity,omitempty"`
	LeverID     string   `json:"leverId,omitempty"`
	As          string   `json:"as,omitempty"`
	Doubles     []string `json:"doubles,omitempty"`
}

// OutcomeOf is the action as partners see it.
func OutcomeOf(a store.Action) Outcome {
	o := Outcome{
		ID: a.ID, Kind: a.Kind, Ref: a.Ref, State: string(a.State), Reason: string(a.Reason), Steps: []StepOutcome{},
		AcceptedAt: document.Time(a.CreatedAt.Time()), EndedAt: document.Time(a.EndedAt.Time()),
	}
	for _, s := range a.Steps {
		o.Steps = append(o.Steps, StepOutcome{
			Name: s.Name, State: string(s.State), Reason: string(s.Reason), Opportunity: s.Opportunity, LeverID: s.LeverID,
			As: s.As, Doubles: s.Doubles,
		})
	}
	return o
}

// told is the document about an action that has ended.
func told(a store.Action, at lever.Time) document.Document {
	d := document.Document{Type: DoneType, Version: 1, OccurredAt: at.Time(), Data: OutcomeOf(a)}
	if a.State == store.ActionParked {
		d.Type = ParkedType
	}
	return d
}
