package action_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/action"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// states are the states of an action and of its steps, with their reasons.
func states(a store.Action) string {
	all := []string{strings.TrimSpace(string(a.State) + " " + string(a.Reason))}
	for _, s := range a.Steps {
		all = append(all, strings.TrimSpace(s.Name+": "+string(s.State)+" "+string(s.Reason)))
	}
	return strings.Join(all, ", ")
}

func (b *bench) expect(a store.Action, want string) {
	b.Helper()
	if got := states(a); got != want {
		b.Errorf("%s, want %s", got, want)
	}
}

func (b *bench) inject(f api.Fault) {
	b.Helper()
	b.check(b.twin.Inject(f))
}

func TestWhatAPersonDidMeanwhileStays(t *testing.T) {
	toOffer := action.Stage{To: "offer", From: "lead-new"}
	tests := map[string]struct {
		write func(b *bench) action.Write
		act   func(b *bench, opportunity string) (desk.Added, error)
		want  string
	}{
		"moved elsewhere": {
			write: func(*bench) action.Write { return toOffer },
			act: func(b *bench, o string) (desk.Added, error) {
				return b.twin.Move(b.home.Account, o, "lead-responded")
			},
			want: "superseded moved_meanwhile, only: superseded moved_meanwhile",
		},
		"moved to the same stage": {
			write: func(*bench) action.Write { return toOffer },
			act:   func(b *bench, o string) (desk.Added, error) { return b.twin.Move(b.home.Account, o, "offer") },
			want:  "done, only: done",
		},
		"moved, where that does not matter": {
			write: func(*bench) action.Write { return action.Stage{To: "offer"} },
			act: func(b *bench, o string) (desk.Added, error) {
				return b.twin.Move(b.home.Account, o, "lead-responded")
			},
			want: "done, only: done",
		},
		"archived instead of moved": {
			write: func(*bench) action.Write { return toOffer },
			act: func(b *bench, o string) (desk.Added, error) {
				return b.twin.Archive(b.home.Account, o, "Withdrew")
			},
			want: "superseded archived_meanwhile, only: superseded archived_meanwhile",
		},
		"hired instead of archived": {
			write: func(b *bench) action.Write { return action.Archive{Reason: b.home.Reasons[0].ID} },
			act:   func(b *bench, o string) (desk.Added, error) { return b.twin.Hire(b.home.Account, o, "") },
			want:  "superseded archived_meanwhile, only: superseded archived_meanwhile",
		},
		"archived for the same reason": {
			write: func(b *bench) action.Write { return action.Archive{Reason: b.home.Reasons[0].ID} },
			act: func(b *bench, o string) (desk.Added, error) {
				return b.twin.Archive(b.home.Account, o, b.home.Reasons[0].ID)
			},
			want: "done, only: done",
		},
		"moved before it was archived": {
			write: func(b *bench) action.Write { return action.Archive{Reason: b.home.Reasons[0].ID, From: "lead-new"} },
			act:   func(b *bench, o string) (desk.Added, error) { return b.twin.Move(b.home.Account, o, "offer") },
			want:  "superseded moved_meanwhile, only: superseded moved_meanwhile",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, func(b *bench) {
				a := known(b)
				_, err := tt.act(b, a.Opportunity)
				b.check(err)
				before, writes := b.view(a.Opportunity), b.writes()
				ended := b.finish(write(func(*action.Work, ask) action.Write { return tt.write(b) }), b.accept(a).ID)
				b.expect(ended, tt.want)
				if told := b.told(ended.ID); len(told) != 1 || told[0].State != string(ended.State) || told[0].Reason != string(ended.Reason) {
					b.Errorf("told %+v", told)
				}
				if after := b.view(a.Opportunity); ended.State == store.ActionSuperseded && (b.writes() != writes || fmt.Sprint(after.StageChanges, after.Archived) != fmt.Sprint(before.StageChanges, before.Archived)) {
					b.Error("something was written all the same")
				}
			})
		})
	}
}

// One of many is not held up by the others, and each has an outcome of its own.
func TestABulkIsDoneAsFarAsItGoes(t *testing.T) {
	in(t, func(b *bench) {
		reason, user := b.home.Reasons[0].ID, b.home.Users[1].ID
		var all []string
		for range 6 {
			all = append(all, b.candidate().OpportunityID)
		}
		_, err := b.twin.Hire(b.home.Account, all[1], "")
		b.check(err)
		_, err = b.twin.Delete(b.home.Account, all[2])
		b.check(err)
		b.inject(api.Fault{Match: "PUT /v1/opportunities/" + all[3] + "/archived", DropAnswer: true, Times: 1})
		b.inject(api.Fault{Match: "PUT /v1/opportunities/" + all[4] + "/archived", Status: 429, Times: 1})
		b.inject(api.Fault{Match: "GET /v1/opportunities/" + all[5], Status: 500, Times: 8})
		archive := plan(func(_ context.Context, w *action.Work) (steps []action.Step, err error) {
			for i, o := range all {
				steps = append(steps, action.Step{Name: fmt.Sprint(i), On: o, As: user, Write: action.Archive{Reason: reason}})
			}
			return steps, nil
		})
		ended := b.finish(archive, b.accept(ask{}).ID)
		b.expect(ended, "parked opportunity_not_found, 0: done, 1: superseded archived_meanwhile, 2: parked opportunity_not_found, 3: done, 4: done, 5: done")
		for _, i := range []int{0, 3, 4, 5} {
			if archived := b.view(all[i]).Archived; archived == nil || archived.Reason != reason {
				b.Errorf("%d is archived as %+v", i, archived)
			}
		}
		requests, err := b.twin.Requests(b.home.Account)
		b.check(err)
		for _, r := range requests {
			if r.Method == http.MethodPut && r.PerformAs != user {
				b.Errorf("%s as %q", r.Path, r.PerformAs)
			}
		}
	})
}

func TestInWhoseNameItIsWritten(t *testing.T) {
	tests := map[string]struct {
		requester string // an e-mail
		gone      bool   // the fallback user is deactivated
		as        int    // which user wrote, below zero for nobody
		first     bool
	}{
		"the requester's":     {requester: "ruben", as: 1, first: true},
		"the fallback user's": {requester: "nobody", as: 0},
		"the fallback user's, for somebody who has left": {requester: "ines", as: 0},
		"nobody's, and it is held":                       {requester: "nobody", gone: true, as: -1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, func(b *bench) {
				fallback, requester := b.home.Users[0], strings.Replace(b.home.Users[0].Email, "olive", tt.requester, 1)
				b.deactivate(b.home.Users[2].ID, true)
				b.deactivate(fallback.ID, tt.gone)
				first := false
				actor := plan(func(ctx context.Context, w *action.Work) ([]action.Step, error) {
					a, err := asked(w)
					if err != nil {
						return nil, err
					}
					user, is, err := w.User(ctx, action.Person{Email: requester}, action.Person{ID: fallback.ID})
					first = is
					return []action.Step{{Name: "note", On: a.Opportunity, As: user, Write: action.Note{Text: a.Text}}}, err
				})
				a := known(b)
				ended := b.finish(actor, b.accept(a).ID)
				if tt.as < 0 {
					b.expect(ended, "parked no_active_user")
					b.deactivate(fallback.ID, false)
					_, err := b.deploy(actor, b).intake.Resume(b.Context(), connection, ended.ID)
					b.check(err)
					ended, tt.as = b.finish(actor, ended.ID), 0
				}
				b.expect(ended, "done, note: done")
				profile, err := b.twin.Profile(b.home.Account, a.Opportunity)
				b.check(err)
				want := b.home.Users[tt.as].ID
				if len(profile.Notes) != 1 || *profile.Notes[0].User != want || ended.Steps[0].As != want || first != tt.first {
					b.Errorf("%d notes; as %s, want %s; the first of those asked for: %v", len(profile.Notes), ended.Steps[0].As, want, first)
				}
			})
		})
	}
}

func (b *bench) deactivate(user string, gone bool) {
	b.Helper()
	_, err := b.twin.ChangeUser(b.home.Account, user, desk.Person{Deactivated: &gone})
	b.check(err)
}

func TestLeverIsAwayForHours(t *testing.T) {
	for name, f := range map[string]api.Fault{
		"and says so":         {Match: "* /v1/*", Status: 503, Times: -1},
		"and does not answer": {Match: "* /v1/*", Status: 503, DelayMS: 60_000, Times: -1},
		"for writes only":     {Match: "POST *", Status: 500, Times: -1},
		"and throttles":       {Match: "POST *", Status: 429, Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(b *bench) {
				a := known(b)
				id := b.accept(a).ID
				b.inject(f)
				go func() {
					time.Sleep(3 * time.Hour)
					b.twin.Heal()
				}()
				ended := b.finish(plan(note), id)
				b.expect(ended, "done, note: done")
				if n := notes(b, a)[0]; n != 1 {
					b.Errorf("%d notes", n)
				}
			})
		})
	}
}

func note(_ context.Context, w *action.Work) ([]action.Step, error) {
	a, err := asked(w)
	return []action.Step{{Name: "note", On: a.Opportunity, As: a.User, Write: action.Note{Text: a.Text, Instead: a.Before}}}, err
}

// Lever takes every write and answers none, and applies nothing: in the end the
// action is parked, and goes on when somebody has it resumed.
func TestWhatLeverNeverDoesIsParkedAndCanBeResumed(t *testing.T) {
	in(t, func(b *bench) {
		a := known(b)
		b.inject(api.Fault{Match: "POST *", Status: 500, Times: -1})
		id := b.accept(a).ID
		ended := b.finish(plan(note), id)
		b.expect(ended, "parked not_applied, note: parked not_applied")
		if took := ended.EndedAt.Time().Sub(ended.CreatedAt.Time()); took < 2*time.Hour || took > 12*time.Hour {
			b.Errorf("parked after %v", took)
		}
		b.twin.Heal()
		resumed, err := b.deploy(plan(note), b).intake.Resume(b.Context(), connection, id)
		b.check(err)
		if resumed.State != store.ActionPlanned {
			b.Errorf("resumed as %s", resumed.State)
		}
		b.expect(b.finish(plan(note), id), "done, note: done")
		if told := b.told(id); len(told) != 2 || told[0].State != "parked" || told[1].State != "done" {
			b.Errorf("told %+v", told)
		}
		if n := notes(b, a)[0]; n != 1 {
			b.Errorf("%d notes", n)
		}
	})
}

// The last request of a step that was given up is applied after all.
func TestWhatLandsAfterItWasParkedIsDone(t *testing.T) {
	in(t, func(b *bench) {
		a := known(b)
		b.inject(api.Fault{Match: "POST *", Status: 500, Times: 11})
		b.inject(api.Fault{Match: "POST *", DelayMS: int(30 * time.Minute / time.Millisecond), Times: -1})
		id := b.accept(a).ID
		b.expect(b.finish(plan(note), id), "done, note: done")
		if told := b.told(id); len(told) != 2 || told[0].State != "parked" || told[1].State != "done" || told[1].Steps[0].LeverID == "" {
			b.Errorf("told %+v", told)
		}
		if n := notes(b, a)[0]; n != 1 {
			b.Errorf("%d notes", n)
		}
	})
}

// What the table keeps of a person is sealed, and gone when the action is done.
func TestNothingOfAPersonIsKept(t *testing.T) {
	in(t, func(b *bench) {
		a := known(b)
		a.Text = "Canary of a person"
		id := b.accept(a).ID
		for _, m := range b.receive() {
			if m.Action != (queue.Action{Connection: connection, Action: id}) {
				b.Errorf("message %+v", m.Action)
			}
			b.done(m)
		}
		if item := b.item(id); item["sealed"] == nil || strings.Contains(fmt.Sprintf("%s", item), "Canary") {
			b.Errorf("the item holds %s", item)
		}
		b.again(id)
		ended := b.finish(plan(note), id)
		if item := b.item(id); item["sealed"] != nil || item["ttl"] == nil || ended.Request != nil {
			b.Errorf("the item of what is done holds %s", item)
		}
		if told := fmt.Sprintf("%+v", b.told(id)); strings.Contains(told, "Canary") {
			b.Errorf("told %s", told)
		}
	})
}

// keeper is an Actor that keeps which note it made.
type keeper struct{ plan }

func (keeper) Keep(ctx context.Context, w *action.Work) ([]store.Object, error) {
	var before string
	o, err := w.Object(ctx, "thing", w.Action.Ref, &before)
	o.State, o.Hash = []byte(fmt.Sprintf("%q", before+w.Made("note"))), "hash"
	return []store.Object{o}, err
}

func TestAnActorsObjectsChangeWithTheEnd(t *testing.T) {
	in(t, func(b *bench) {
		a := known(b)
		id := b.accept(a).ID
		ended := b.finish(keeper{note}, id)
		o, err := b.table.Object(b.Context(), connection, "thing", ended.Ref)
		b.check(err)
		if want := fmt.Sprintf("%q", ended.Steps[0].LeverID); o.Revision != 1 || string(o.State) != want {
			b.Errorf("revision %d, %s, want %s", o.Revision, o.State, want)
		}
	})
}

func TestAnActionOfAnotherPartnerIsNotDone(t *testing.T) {
	in(t, func(b *bench) {
		b.check(b.table.PutConnection(b.Context(), store.Connection{ID: connection, Partner: "justworks", Account: b.home.Account, Environment: lever.Production}))
		b.expect(b.finish(plan(note), b.accept(known(b)).ID), "parked connection_of_another_partner")
	})
}

func TestAMessageOfNoActionIsDoneWith(t *testing.T) {
	in(t, func(b *bench) {
		if err := b.deploy(plan(note), b).runner.Run(b.Context(), connection, "act_gone"); err != nil {
			b.Error(err)
		}
	})
}
