package action

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// The reasons for which Lever does not do a step: the opportunity is not there, the
// credential may not, or the request is not one that Lever takes.
const (
	NotFound  fault.Reason = "opportunity_not_found"
	Forbidden fault.Reason = "lever_forbids"
	Refused   fault.Reason = "lever_refuses"
)

// room is how much of a function's time there has to be for a step.
const room = 8 * time.Second

// advance takes the action as far as it goes now.
func (x *execution) advance(ctx context.Context) error {
	steps, err := x.plan(ctx)
	if err != nil {
		return err
	}
	var stuck error
	for i, s := range steps {
		if deadline, ok := ctx.Deadline(); ok && deadline.Sub(x.now()) < room {
			return x.leave(ctx, lever.At(x.now()))
		}
		err := x.step(ctx, s, i)
		if err != nil {
			err = fmt.Errorf("step %s: %w", s.Name, err)
		}
		if one := (unmade{}); err != nil && !errors.As(err, &one) {
			return err
		}
		stuck = errors.Join(stuck, err)
	}
	if stuck != nil {
		return stuck
	}
	return x.conclude(ctx)
}

// plan is the partner's plan, brought together with what the item has of it.
func (x *execution) plan(ctx context.Context) ([]Step, error) {
	steps, err := x.actor.Plan(ctx, x.w)
	if _, parks := fault.Parks(err); lever.Forbidden(err) && !parks {
		err = fault.Permanent(Forbidden, err)
	}
	if err == nil {
		err = check(steps)
	}
	if err == nil {
		err = x.join(steps)
	}
	return steps, err
}

// unmade is an error for which a step is not made for now. It does not keep the
// others from going on.
type unmade struct{ error }

func (u unmade) Unwrap() error { return u.error }

// join brings the plan and what the item has of its steps together, in the order
// of the plan. A step with a request that may have been applied can neither drop
// out of the plan nor become another kind of write.
func (x *execution) join(plan []Step) error {
	steps := make([]store.ActionStep, len(plan))
	for i, s := range plan {
		steps[i] = store.ActionStep{Name: s.Name, Kind: string(s.Write.kind()), State: store.ActionPlanned}
	}
	for _, was := range x.w.Action.Steps {
		at := slices.IndexFunc(steps, func(s store.ActionStep) bool { return s.Name == was.Name && s.Kind == was.Kind })
		switch {
		case at >= 0:
			steps[at] = was
		case was.Unsure > 0:
			return fault.Permanent("plan_changed", errors.New("a step that may have been written is planned otherwise"))
		}
	}
	x.w.Action.Steps = steps
	return nil
}

// step takes one step as far as it goes now.
func (x *execution) step(ctx context.Context, s Step, at int) error {
	is := &x.w.Action.Steps[at]
	if s.Of != "" {
		s.On = x.w.Made(s.Of)
	}
	_, creates := s.Write.(Opportunity)
	if is.State.Ended() || s.On == "" && !creates {
		return nil
	}
	is.Opportunity, is.As = s.On, s.As
	_, careful := s.Write.kind().trace()
	if is.State == store.ActionPosting {
		// Its worker has not come back with an answer.
		unclear(is, careful)
	}
	if lever.At(x.now()) < is.LookAt {
		return nil
	}
	if err := x.look(ctx, s, is); err != nil {
		return x.judge(is, err)
	}
	if is.State != store.ActionPlanned || lever.At(x.now()) < is.LookAt {
		return nil
	}
	return x.post(ctx, s, at)
}

// site is where the step writes.
func (x *execution) site(is *store.ActionStep) site {
	return site{lever: x.w.Lever, opportunity: is.Opportunity, as: is.As, mark: mark(x.w.Action.ID, is.Name)}
}

// look compares the step with Lever's state, or, when a request may have been
// applied, looks for what it wrote.
func (x *execution) look(ctx context.Context, s Step, is *store.ActionStep) error {
	ambiguous := is.State == store.ActionAmbiguous
	if c, ok := s.Write.(compared); ok {
		v, err := c.compare(ctx, x.site(is))
		switch {
		case err != nil:
			return err
		case v.done:
			applied(is, is.Opportunity)
		case v.superseded != "":
			end(is, store.ActionSuperseded, v.superseded)
		case ambiguous:
			missing(is, false, lever.At(x.now()))
		}
		return nil
	}
	if !ambiguous {
		return nil
	}
	t, _ := s.Write.kind().trace()
	ids, err := t.find(ctx, x.site(is))
	if err != nil {
		return err
	}
	if len(ids) > 0 {
		applied(is, ids[0])
		return nil
	}
	missing(is, true, lever.At(x.now()))
	return nil
}

// post notes the request, makes it, and notes what came of it.
func (x *execution) post(ctx context.Context, s Step, at int) error {
	now := x.now()
	begin(&x.w.Action.Steps[at], lever.At(now))
	if err := x.save(ctx); err != nil {
		return err
	}
	is := &x.w.Action.Steps[at]
	until := now.Add(window)
	timed, stop := context.WithDeadline(lever.NotAfter(ctx, until, x.now), until)
	id, err := s.Write.write(timed, x.site(is))
	stop()
	var stuck error
	if err == nil {
		x.w.Action.Tries = 0
		applied(is, id)
	} else {
		stuck = x.answered(s, is, err)
	}
	if err := x.save(ctx); err != nil {
		return err
	}
	return stuck
}

// answered notes what an error says of the request.
func (x *execution) answered(s Step, is *store.ActionStep, err error) error {
	if before := (unwritten{}); errors.As(err, &before) || lever.NotApplied(err) {
		refused(is)
		return x.judge(is, err)
	}
	_, careful := s.Write.kind().trace()
	unclear(is, careful)
	return nil
}

// judge parks the step where an error says that it cannot be made.
func (x *execution) judge(is *store.ActionStep, err error) error {
	reason, ends := hopeless(err, is.Opportunity)
	if !ends {
		return unmade{err}
	}
	end(is, store.ActionParked, reason)
	return nil
}

// hopeless reports whether an error says that no try of the step can help, and
// under which reason it is parked.
func hopeless(err error, opportunity string) (fault.Reason, bool) {
	if reason, parks := fault.Parks(err); parks {
		return reason, true
	}
	switch status := lever.StatusOf(err); {
	case status == http.StatusNotFound && opportunity != "":
		return NotFound, true
	case status == http.StatusForbidden:
		return Forbidden, true
	case status/100 == 3, status == http.StatusUnauthorized, status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
		return "", false
	case status/100 == 4:
		return Refused, true
	}
	return "", false
}

// underway is the state of an action that has not ended.
func underway(steps []store.ActionStep) store.ActionState {
	for _, state := range []store.ActionState{store.ActionPosting, store.ActionAmbiguous} {
		if slices.ContainsFunc(steps, func(s store.ActionStep) bool { return s.State == state }) {
			return state
		}
	}
	return store.ActionPlanned
}
