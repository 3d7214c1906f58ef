// Package action writes to Lever what partners ask for, each thing with exactly
// one visible effect. Lever has no idempotency keys: a request that is repeated
// writes twice, and of a request without an answer nobody knows whether it wrote.
//
// So an action is an item in the table before anything is asked of Lever (package
// store): planned → posting → done, or ambiguous → done, or superseded, or parked.
// A partner gives it as steps, each one write. Before a request goes out, the
// table has that it does; what is written carries a mark that no other step has.
// When a request has no certain answer, the step waits until a request that is
// still under way would have been applied, looks twice for its mark, and only then
// asks again. What Lever applies even later is a double: it is looked for an hour
// after the action's end and removed, where Lever's API can remove it.
//
// A write that may be repeated without harm (a stage, an archive, tags) is
// compared with Lever's present state instead. Where a person has moved the
// candidate meanwhile, it is superseded: people win.
//
// Two workers may come at the same action. One holds it, every change names the
// turn that it read, and a request is sent only within moments of its being noted:
// a worker that was frozen meanwhile sends nothing.
//
// What Lever keeps when it anonymizes a candidate (notes, forms, feedback) should
// hold a reference and a verdict, and no more of a person than the product is for.
package action

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// Actor is a partner's side of its actions. An Actor that is a Keeper too changes
// its objects with the end of an action.
type Actor interface {
	// Name is the partner's.
	Name() string
	// Plan gives the steps of an action, in the order in which they are made. It
	// is called whenever the action is worked on, so it reads what it needs anew;
	// a step keeps its name and its kind from call to call. Steps that do not
	// depend on each other do not wait for each other. An error marked by package
	// fault parks the action under that reason until it is resumed; any other has
	// it tried again later.
	Plan(ctx context.Context, w *Work) ([]Step, error)
}

// Keeper is an Actor that keeps objects of its own.
type Keeper interface {
	// Keep gives the objects that change with the action's end. They carry the
	// revision that was read, and the action ends only if they still have it.
	Keep(ctx context.Context, w *Work) ([]store.Object, error)
}

// Step is one write of an action.
type Step struct {
	// Name tells the step from the action's others.
	Name string
	// On is Lever's id of the opportunity that is written to, or Of the name of
	// the step that makes it. An Opportunity has neither.
	On, Of string
	// As is Lever's id of the user in whose name it is done; see Work.User.
	As    string
	Write Write
}

// maxSteps bounds an action: its steps are in one item of the table.
const maxSteps = 100

// Work is one action being worked on.
type Work struct {
	Action     store.Action
	Connection store.Connection
	Lever      *lever.Client

	table *store.Table
}

// Request decodes what the partner sent.
func (w *Work) Request(v any) error {
	if err := json.Unmarshal(w.Action.Request, v); err != nil {
		// What encoding/json says may repeat the value.
		return fault.Permanent("request_unreadable", errors.New("the request cannot be read"))
	}
	return nil
}

// Made is Lever's id of what a step has written, empty while it has not.
func (w *Work) Made(step string) string {
	for _, s := range w.Action.Steps {
		if s.Name == step && s.State == store.ActionDone {
			return s.LeverID
		}
	}
	return ""
}

// Own is the partner's own work beside the action: its settings and its objects.
func (w *Work) Own() *partner.Work { return partner.Eventless(w.Connection, w.Lever, w.table) }

// Object reads what the partner knows of a Lever object, and its state into state.
func (w *Work) Object(ctx context.Context, kind, id string, state any) (store.Object, error) {
	return w.Own().Object(ctx, kind, id, state)
}

// Person is somebody in whose name something may be written: by Lever's id of the
// user, or by e-mail.
type Person struct{ ID, Email string }

// NoUser is the reason for which an action is held whose people are all no active
// users of Lever's.
const NoUser fault.Reason = "no_active_user"

// The reasons for which an action is held because the customer's choice does not
// fit the account any more.
const (
	NoStage               fault.Reason = "stage_not_found"
	NoArchiveReason       fault.Reason = "archive_reason_not_found"
	InactiveArchiveReason fault.Reason = "archive_reason_inactive"
)

// Chosen are the reasons that another choice of the customer's may have mended.
func Chosen() []fault.Reason {
	return []fault.Reason{NoUser, NoStage, NoArchiveReason, InactiveArchiveReason}
}

// User is Lever's id of the first of people who is an active user there: the
// requester, then whom the customer has set for when that cannot be. first reports
// whether it is the first of them. Where nobody is, the error holds the action.
func (w *Work) User(ctx context.Context, people ...Person) (id string, first bool, err error) {
	for i, p := range people {
		if id, err = w.active(ctx, p); err != nil || id != "" {
			return id, i == 0, err
		}
	}
	return "", false, fault.Permanent(NoUser, errors.New("nobody in whose name to write is an active user"))
}

func (w *Work) active(ctx context.Context, p Person) (string, error) {
	switch {
	case p.ID != "":
		u, err := w.Lever.User(ctx, p.ID)
		if err != nil || u.DeactivatedAt != 0 {
			return "", unless(lever.NotFound, err)
		}
		return u.ID, nil
	case p.Email != "":
		for u, err := range w.Lever.Users(ctx, lever.UserFilter{Email: p.Email}) {
			if err != nil {
				return "", err
			}
			if u.DeactivatedAt == 0 && strings.EqualFold(u.Email, p.Email) {
				return u.ID, nil
			}
		}
	}
	return "", nil
}

// unless is err, or nil where it is of the kind.
func unless(kind func(error) bool, err error) error {
	if kind(err) {
		return nil
	}
	return err
}

// NeedStage fails with a fault unless the account has the stage: another one is
// never chosen in its place.
func (w *Work) NeedStage(ctx context.Context, id string) error {
	stages, err := lever.Collect(w.Lever.Stages(ctx))
	if err == nil && !slices.ContainsFunc(stages, func(s lever.Stage) bool { return s.ID == id }) {
		err = fault.Permanent(NoStage, errors.New("the account has no such stage"))
	}
	return err
}

// NeedArchiveReason fails with a fault unless the account has the archive reason
// and it is active.
func (w *Work) NeedArchiveReason(ctx context.Context, id string) error {
	reason, err := w.Lever.ArchiveReason(ctx, id)
	switch {
	case lever.NotFound(err):
		return fault.Permanent(NoArchiveReason, err)
	case err == nil && reason.Status != lever.Active:
		return fault.Permanent(InactiveArchiveReason, errors.New("the archive reason is inactive"))
	}
	return err
}

// check fails where a plan cannot be worked on.
func check(steps []Step) error {
	names := map[string]bool{}
	for _, s := range steps {
		_, creates := s.Write.(Opportunity)
		switch {
		case s.Name == "" || names[s.Name] || s.Write == nil:
			return fault.Permanent("plan_unusable", fmt.Errorf("step %.40q has no name of its own, or nothing to write", s.Name))
		case creates == (s.On != "" || s.Of != "") || s.Of != "" && !names[s.Of]:
			return fault.Permanent("plan_unusable", fmt.Errorf("step %.40q does not say on which opportunity", s.Name))
		}
		names[s.Name] = true
	}
	if len(steps) == 0 || len(steps) > maxSteps {
		return fault.Permanent("plan_unusable", fmt.Errorf("an action has 1 to %d steps", maxSteps))
	}
	return nil
}
