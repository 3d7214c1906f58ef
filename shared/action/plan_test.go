package action_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/api"
	"fulcrum/shared/action"
	"fulcrum/shared/fault"
	"fulcrum/shared/store"
)

func TestAPlanThatCannotBeWorkedOnIsParked(t *testing.T) {
	in(t, func(b *bench) {
		note, made := action.Note{Text: "x"}, action.Opportunity{}
		for name, steps := range map[string][]action.Step{
			"without steps":                        {},
			"with too many":                        make([]action.Step, 101),
			"with a step without a name":           {{On: "o", Write: note}},
			"with two steps of one name":           {{Name: "a", On: "o", Write: note}, {Name: "a", On: "o", Write: note}},
			"with nothing to write":                {{Name: "a", On: "o"}},
			"on no opportunity":                    {{Name: "a", Write: note}},
			"of a step that is not before":         {{Name: "a", Of: "b", Write: note}, {Name: "b", Write: made}},
			"making an opportunity on another one": {{Name: "a", On: "o", Write: made}},
		} {
			ended := b.finish(plan(func(context.Context, *action.Work) ([]action.Step, error) { return steps, nil }), b.accept(ask{}).ID)
			if ended.State != store.ActionParked || ended.Reason != "plan_unusable" {
				b.Errorf("%s: %s", name, states(ended))
			}
		}
	})
}

// A step that may have been written cannot become another one: it would be
// written twice.
func TestAPlanThatChangesIsParked(t *testing.T) {
	in(t, func(b *bench) {
		a, calls := known(b), 0
		ids, _ := b.template()
		b.inject(api.Fault{Match: "POST *", DropAnswer: true, Times: 1})
		ended := b.finish(write(func(*action.Work, ask) action.Write {
			if calls++; calls > 1 {
				return action.Note{Text: "x"}
			}
			return feedback(ids, "")
		}), b.accept(a).ID)
		if ended.Reason != "plan_changed" || ended.State != store.ActionParked {
			b.Error(states(ended))
		}
	})
}

// An error of a plan that says nothing deserves another try.
func TestAPlanMayWait(t *testing.T) {
	in(t, func(b *bench) {
		a := known(b)
		id := b.accept(a).ID
		ended := b.finish(plan(func(ctx context.Context, w *action.Work) ([]action.Step, error) {
			if time.Since(w.Action.CreatedAt.Time()) < 15*time.Minute {
				return nil, errors.New("the interview is not there yet")
			}
			return note(ctx, w)
		}), id)
		b.expect(ended, "done, note: done")
	})
	in(t, func(b *bench) {
		ended := b.finish(plan(func(context.Context, *action.Work) ([]action.Step, error) { return nil, errors.New("never") }), b.accept(ask{}).ID)
		b.expect(ended, "parked tries_used_up")
	})
}

func TestStagesAndReasonsThatAreNotThereAreNotReplaced(t *testing.T) {
	in(t, func(b *bench) {
		inactive := b.home.Reasons[slices.IndexFunc(b.home.Reasons, func(r account.Reason) bool { return r.Status == "inactive" })].ID
		for want, need := range map[string]func(ctx context.Context, w *action.Work) error{
			"parked stage_not_found":          func(ctx context.Context, w *action.Work) error { return w.NeedStage(ctx, "gone") },
			"parked archive_reason_not_found": func(ctx context.Context, w *action.Work) error { return w.NeedArchiveReason(ctx, "gone") },
			"parked archive_reason_inactive":  func(ctx context.Context, w *action.Work) error { return w.NeedArchiveReason(ctx, inactive) },
			"parked nothing_is_missing": func(ctx context.Context, w *action.Work) error {
				err := errors.Join(w.NeedStage(ctx, "offer"), w.NeedArchiveReason(ctx, b.home.Reasons[0].ID))
				if err == nil {
					err = fault.Permanent("nothing_is_missing", errors.New("there they are"))
				}
				return err
			},
		} {
			ended := b.finish(plan(func(ctx context.Context, w *action.Work) ([]action.Step, error) { return nil, need(ctx, w) }), b.accept(ask{}).ID)
			b.expect(ended, want)
		}
	})
}

// A function whose time is nearly over leaves the rest to the next one.
func TestAFunctionStartsNoStepThatItCannotEnd(t *testing.T) {
	in(t, func(b *bench) {
		a := known(b)
		f, id := b.deploy(plan(note), b), b.accept(a).ID
		ctx, stop := context.WithTimeout(b.Context(), 5*time.Second)
		defer stop()
		b.check(f.runner.Run(ctx, connection, id))
		if n := notes(b, a)[0]; n != 0 || b.now(id).State != store.ActionPlanned {
			b.Errorf("%d notes, %s", n, states(b.now(id)))
		}
		b.expect(b.finish(plan(note), id), "done, note: done")
	})
}

// A step that is written to something another step makes is told what that was only when
// it is known to be there.
func TestWhatAStepHasMade(t *testing.T) {
	w := action.Work{Action: store.Action{Steps: []store.ActionStep{
		{Name: "candidate", State: store.ActionDone, LeverID: "o-1"}, {Name: "note", State: store.ActionAmbiguous, LeverID: "n-1"},
	}}}
	for step, want := range map[string]string{"candidate": "o-1", "note": "", "none": ""} {
		if got := w.Made(step); got != want {
			t.Errorf("%s has made %q, want %q", step, got, want)
		}
	}
}
