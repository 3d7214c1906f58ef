package action

import (
	"context"
	"log/slog"
	"slices"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// Doubled is the reason of an action that Lever has done twice and of which its
// API cannot remove the second: a person has to.
const Doubled fault.Reason = "double_in_lever"

// reconcile looks for what Lever has applied after it was given up: doubles of
// what is done are removed, and a step that was parked is done after all.
func (x *execution) reconcile(ctx context.Context) error {
	doubles, landed, parked := false, false, false
	for i := range x.w.Action.Steps {
		is := &x.w.Action.Steps[i]
		was := is.State
		if err := x.settle(ctx, is); err != nil {
			return err
		}
		doubles = doubles || len(is.Doubles) > 0
		landed = landed || is.State != was
		parked = parked || is.State == store.ActionParked
	}
	switch {
	case doubles:
		return x.finish(ctx, x.w.Action.State, Doubled)
	case landed && !parked:
		x.w.Action.State, x.w.Action.Reason, x.w.Action.EndedAt = store.ActionPlanned, "", 0
		return nil
	}
	return x.leave(ctx, 0)
}

// settle looks for what a step has written, once none of its requests can be under
// way any more. Where that fails the step stays as it was, and is looked at again.
func (x *execution) settle(ctx context.Context, is *store.ActionStep) error {
	t, marked := kind(is.Kind).trace()
	if !marked || unaccounted(*is) <= 0 {
		return nil
	}
	ids, err := t.find(ctx, x.site(is))
	if err != nil && !lever.NotFound(err) {
		return err
	}
	now := *is
	land(&now, ids)
	if err := x.removeDoubles(ctx, t, &now, ids); err != nil {
		return err
	}
	*is = now
	return nil
}

// land takes a step that was given up for done where what it wrote is there, and
// settles that none of its requests is under way any more.
func land(is *store.ActionStep, ids []string) {
	switch {
	case is.State == store.ActionDone:
		is.Unsure = min(is.Unsure, 1)
	case len(ids) == 0:
		is.Unsure = 0
	default:
		is.Unsure = 1
		applied(is, ids[0])
	}
}

// removeDoubles leaves the one of ids that the partner knows of, else the oldest.
// What cannot be removed is noted.
func (x *execution) removeDoubles(ctx context.Context, t trace, is *store.ActionStep, ids []string) error {
	if len(ids) < 2 {
		return nil
	}
	keep := ids[0]
	if slices.Contains(ids, is.LeverID) {
		keep = is.LeverID
	}
	is.LeverID, is.Doubles = keep, nil
	log := slog.With("partner", x.w.Action.Partner, "connection", x.w.Action.Connection, "action", x.w.Action.ID, "step", is.Name)
	for _, id := range ids {
		switch {
		case id == keep:
		case t.remove == nil:
			is.Doubles = append(is.Doubles, id)
			log.ErrorContext(ctx, "double in Lever that only a person can remove", "double", id)
		default:
			if err := t.remove(ctx, x.site(is), id); err != nil {
				return err
			}
			log.WarnContext(ctx, "double removed in Lever", "double", id)
		}
	}
	return nil
}
