package store_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/document"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

func wanted() store.Action {
	return store.Action{Connection: "con_1", Partner: "joinedly", Kind: "tell", Ref: "7", Request: []byte(`{"name":"canary"}`)}
}

// accepted is an action that is held by "me".
func accepted(t *testing.T, table *store.Table) store.Action {
	t.Helper()
	a := must[store.Action](t)(table.Accept(t.Context(), wanted(), "key"))
	return must[store.Action](t)(table.HoldAction(t.Context(), a, "me", time.Minute))
}

func ending() document.Document {
	return document.Document{Type: "action.done", Version: 1, OccurredAt: time.Unix(0, 0), Data: "said"}
}

func TestAnActionIsReadAsWritten(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		a := accepted(t, table)
		a.Steps = []store.ActionStep{{Name: "note", Kind: "note", State: store.ActionPosting, Opportunity: "o", As: "u", Tries: 2, Unsure: 1, PostedAt: 5, LookAt: 6, Looks: 1, Doubles: []string{"d"}}}
		a.State, a.Reason, a.LookAt, a.Tries = store.ActionPosting, "why", 99, 4
		a = must[store.Action](t)(table.SaveAction(t.Context(), a))
		got := must[store.Action](t)(table.Action(t.Context(), "con_1", a.ID))
		if string(got.Request) != `{"name":"canary"}` || strings.Contains(dump(t, r), "canary") {
			t.Errorf("request %s", got.Request)
		}
		got.Sealed, a.Sealed = nil, nil
		if !reflect.DeepEqual(got, a) {
			t.Errorf("read %+v\nwant %+v", got, a)
		}
		if a.ID != store.ActionID("con_1", "joinedly", "tell", "7") || a.State.Ended() {
			t.Errorf("%+v", a)
		}
	})
}

func TestIDsOfActionsTellWhatIsAskedForApart(t *testing.T) {
	ids := map[string]bool{}
	for _, id := range []string{
		store.ActionID("a", "b", "c", "d"), store.ActionID("x", "b", "c", "d"), store.ActionID("a", "x", "c", "d"),
		store.ActionID("a", "b", "x", "d"), store.ActionID("a", "b", "c", "x"), store.ActionID("a", "b", "cd", ""), store.ActionID("ab", "", "c", "d"),
	} {
		ids[id] = true
	}
	if len(ids) != 7 || !ids[store.ActionID("a", "b", "c", "d")] {
		t.Errorf("%v", ids)
	}
}

// Who comes late changes nothing, whatever it wants to change.
func TestOnlyTheHolderOfTheTurnChangesAnAction(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx, mine := t.Context(), accepted(t, table)
		if _, err := table.HoldAction(ctx, mine, "other", time.Minute); !errors.Is(err, store.ErrMoved) {
			t.Errorf("a second worker: %v", err)
		}
		time.Sleep(time.Minute + time.Millisecond)
		theirs := must[store.Action](t)(table.HoldAction(ctx, mine, "other", time.Minute))
		for name, change := range map[string]func() error{
			"save": func() error { _, err := table.SaveAction(ctx, mine); return err },
			"hold": func() error { _, err := table.HoldAction(ctx, mine, "me", time.Minute); return err },
			"end": func() error {
				late := mine
				late.State = store.ActionDone
				_, _, err := table.EndAction(ctx, late, ending())
				return err
			},
		} {
			if err := change(); !errors.Is(err, store.ErrMoved) {
				t.Errorf("%s of who comes late: %v", name, err)
			}
		}
		if _, err := table.Delivery(ctx, "con_1", store.DeliveryID("con_1", "action", mine.ID, "action.done", 1)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a document of who comes late: %v", err)
		}
		if got := must[store.Action](t)(table.Action(ctx, "con_1", mine.ID)); got.Holder != "other" || got.Turn != theirs.Turn {
			t.Errorf("%+v", got)
		}
	})
}

// The SDK repeats a write whose answer is lost, and finds its own work.
func TestAnActionsWriteWhoseAnswerIsLostIsDone(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		ctx := t.Context()
		lose := func(action string) { r.AWS.Inject(engine.Fault{Action: action, DropAnswer: true, Times: 1}) }
		lose("TransactWriteItems")
		a := must[store.Action](t)(table.Accept(ctx, wanted(), "key"))
		lose("UpdateItem")
		a = must[store.Action](t)(table.HoldAction(ctx, a, "me", time.Minute))
		lose("UpdateItem")
		a.State = store.ActionPosting
		a = must[store.Action](t)(table.SaveAction(ctx, a))
		lose("TransactWriteItems")
		a.State = store.ActionDone
		a, _, err := table.EndAction(ctx, a, ending())
		check(t, err)
		got := must[store.Action](t)(table.Action(ctx, "con_1", a.ID))
		if got.State != store.ActionDone || got.Turn != a.Turn || got.Told != 1 {
			t.Errorf("%+v", got)
		}
	})
}

// The end, the document and the objects come together or not at all.
func TestAnActionEndsWithItsDocumentAndItsObjects(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx, a := t.Context(), accepted(t, table)
		a.State = store.ActionDone
		fresh := store.Object{Connection: "con_1", Kind: "interview", ID: "i-1", State: []byte(`"x"`), Hash: "h"}
		stale := fresh
		stale.Revision = 3
		if _, _, err := table.EndAction(ctx, a, ending(), stale); !errors.Is(err, store.ErrMoved) {
			t.Errorf("with an object that has changed: %v", err)
		}
		if got := must[store.Action](t)(table.Action(ctx, "con_1", a.ID)); got.State.Ended() || got.LastTold != "" {
			t.Errorf("the action ended all the same: %+v", got)
		}
		ended, d, err := table.EndAction(ctx, a, ending(), fresh)
		check(t, err)
		got := must[store.Delivery](t)(table.Delivery(ctx, "con_1", ended.LastTold))
		if got.ID != d.ID || got.Partner != "joinedly" || got.Type != "action.done" || got.Event != "" || !strings.Contains(string(got.Body), `"data":"said"`) {
			t.Errorf("delivery %+v", got)
		}
		if o := must[store.Object](t)(table.Object(ctx, "con_1", "interview", "i-1")); o.Revision != 1 {
			t.Errorf("object %+v", o)
		}
		if kept := must[store.Action](t)(table.Action(ctx, "con_1", a.ID)); kept.Sealed != nil || kept.TTL == 0 {
			t.Errorf("the request is kept: %+v", kept)
		}
		// What is told next waits for this, and arrives on its own.
		ended.Reason = "double_in_lever"
		_, second, err := table.EndAction(ctx, ended, ending())
		check(t, err)
		if second.ID == d.ID || second.Previous != d.ID || second.Revision != 2 {
			t.Errorf("the second document is %+v", second)
		}
		must[string](t)(table.Arrive(ctx, got, store.Attempt{Status: 204}))
	})
}

func TestAParkedActionKeepsItsRequestAndGoesOn(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx, a := t.Context(), accepted(t, table)
		a.Steps = []store.ActionStep{
			{Name: "a", State: store.ActionDone, LeverID: "n"},
			{Name: "b", State: store.ActionParked, Reason: "not_applied", Tries: 12, Unsure: 3},
		}
		a.State, a.Reason, a.EndedAt, a.HeldUntil, a.LookAt = store.ActionParked, "not_applied", 5, 0, 0
		parked, _, err := table.EndAction(ctx, a, ending())
		check(t, err)
		resumed := must[store.Action](t)(table.ResumeAction(ctx, "con_1", parked.ID))
		got := must[store.Action](t)(table.Action(ctx, "con_1", parked.ID))
		if got.State != store.ActionPlanned || got.Reason != "" || got.EndedAt != 0 || got.LookAt == 0 || got.TTL != 0 || string(got.Request) != string(wanted().Request) || got.Turn != resumed.Turn {
			t.Errorf("resumed as %+v", got)
		}
		// What Lever may still apply is not forgotten.
		if s := got.Steps; s[0].State != store.ActionDone || s[1].State != store.ActionPlanned || s[1].Tries != 0 || s[1].Unsure != 3 {
			t.Errorf("steps %+v", s)
		}
	})
}

func TestDueActionsAreThoseNobodyHasLookedAt(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx := t.Context()
		for ref, due := range map[string]time.Duration{"late": time.Minute, "later": 2 * time.Minute, "far": time.Hour, "never": -1} {
			a := wanted()
			a.Ref = ref
			a = must[store.Action](t)(table.Accept(ctx, a, ""))
			a.LookAt = 0
			if due > 0 {
				a.LookAt = lever.At(time.Now().Add(due))
			}
			must[store.Action](t)(table.SaveAction(ctx, a))
		}
		refs := map[string]string{}
		for _, ref := range []string{"late", "later", "far", "never"} {
			refs[store.ActionID("con_1", "joinedly", "tell", ref)] = ref
		}
		taken := func() (all []string) {
			check(t, table.DueActions(ctx, time.Minute, 10*time.Minute, func(_ context.Context, d store.DueAction) error {
				if d.Connection != "con_1" || d.Partner != "joinedly" {
					t.Errorf("%+v", d)
				}
				all = append(all, refs[d.ID])
				return nil
			}))
			return all
		}
		for _, step := range []struct {
			wait time.Duration
			want string
		}{
			{time.Minute, ""}, {61 * time.Second, "late"}, {time.Minute, "later"}, {time.Minute, ""},
			{10 * time.Minute, "late later"}, {time.Hour, "late later far"},
		} {
			time.Sleep(step.wait)
			if got := strings.Join(taken(), " "); got != step.want {
				t.Errorf("after %v: %q, want %q", step.wait, got, step.want)
			}
		}
	})
}

func TestAnotherKeysetVersionSealsActionsAnew(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		ctx, a := t.Context(), accepted(t, table)
		set := keysetOf(t, r, "")
		keysetOf(t, r, `{"primary":"new","new":"`+strings.Repeat("n", 40)+`","`+set["primary"]+`":"`+set[set["primary"]]+`"}`)
		other := store.FromEnv(r.Env(t, "PartnerJoinedlySync"))
		check(t, other.Reseal(ctx))
		a.State = store.ActionPosting
		must[store.Action](t)(table.SaveAction(ctx, a))
		keysetOf(t, r, `{"primary":"new","new":"`+strings.Repeat("n", 40)+`"}`)
		last := store.FromEnv(r.Env(t, "PartnerJoinedlySync"))
		if got := must[store.Action](t)(last.Action(ctx, "con_1", a.ID)); string(got.Request) != string(wanted().Request) {
			t.Errorf("request %s", got.Request)
		}
	})
}
