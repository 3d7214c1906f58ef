package action_test

import (
	"context"
	"testing"

	"fulcrum/local/twin/api"
	"fulcrum/shared/action"
	"fulcrum/shared/fault"
	"fulcrum/shared/store"
)

func TestWhatLeverRefusesIsParkedAtOnce(t *testing.T) {
	tests := map[string]struct {
		fault  api.Fault
		before func(b *bench, a *ask)
		want   string
	}{
		"the user is unknown":         {before: func(_ *bench, a *ask) { a.User = "00000000-0000-4000-8000-000000000000" }, want: "lever_refuses"},
		"the opportunity is unknown":  {before: func(_ *bench, a *ask) { a.Opportunity = "00000000-0000-4000-8000-000000000000" }, want: "opportunity_not_found"},
		"the credential may not":      {fault: api.Fault{Match: "POST *", Status: 403, Times: 1}, want: "lever_forbids"},
		"the plan may not read":       {fault: api.Fault{Match: "GET *", Status: 403, Times: 1}, want: "lever_forbids"},
		"the request is not as it is": {fault: api.Fault{Match: "POST *", Status: 422, Times: 1}, want: "lever_refuses"},
		"the key is revoked": {before: func(b *bench, _ *ask) {
			for _, k := range b.twin.Keys(b.home.Account) {
				b.check(b.twin.RemoveKey(b.home.Account, k.ID))
			}
		}, want: "disconnected"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, func(b *bench) {
				a := known(b)
				if tt.before != nil {
					tt.before(b, &a)
				}
				if tt.fault.Match != "" {
					b.inject(tt.fault)
				}
				ended := b.finish(plan(reading), b.accept(a).ID)
				if ended.State != store.ActionParked || ended.Reason != fault.Reason(tt.want) || ended.EndedAt-ended.CreatedAt > 60_000 {
					b.Errorf("%s after %d ms, want parked %s", states(ended), ended.EndedAt-ended.CreatedAt, tt.want)
				}
			})
		})
	}
}

// reading is note by a plan that reads Lever first.
func reading(ctx context.Context, w *action.Work) ([]action.Step, error) {
	if err := w.NeedStage(ctx, "offer"); err != nil {
		return nil, err
	}
	return note(ctx, w)
}
