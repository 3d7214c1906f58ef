package action_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"fulcrum/local/mishap"
	"fulcrum/shared/action"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// lateness is more than an action waits for before it repeats a request, and less
// than it waits before it looks for doubles.
const lateness = 20 * time.Minute

// scene is an action and what can be seen of it in Lever.
type scene struct {
	plan plan
	// set makes what the partner asks for.
	set func(b *bench) ask
	// seen counts what is to be seen in Lever of the action.
	seen func(b *bench, a ask) int
}

func note(_ context.Context, w *action.Work) ([]action.Step, error) {
	a, err := asked(w)
	return []action.Step{{Name: "note", On: a.Opportunity, As: a.User, Write: action.Note{Text: a.Text}}}, err
}

func notes(b *bench, a ask) int {
	all, err := lever.Collect(b.lever.Notes(b.Context(), a.Opportunity))
	b.check(err)
	return len(all)
}

func scenes() map[string]scene {
	return map[string]scene{
		"a note": {
			plan: note,
			set: func(b *bench) ask {
				return ask{Opportunity: b.candidate().OpportunityID, User: b.home.Users[0].ID, Text: "Passed"}
			},
			seen: notes,
		},
	}
}

// play runs one schedule of one scene, and gives how many calls were made and what
// is wrong in the end.
func (b *bench) play(s scene, schedule mishap.Schedule) (calls int, wrong []any) {
	b.Helper()
	a := s.set(b)
	request := b.request(a)
	world := mishap.New(b.Rig, schedule, lateness)
	id := b.post(s, world, request)
	run := b.runner(s.plan, world, id)
	b.serve(id, run)
	// The queue may deliver once more, at any time.
	if err := b.once(queue.Action{Connection: connection, Action: id}, run); err != nil {
		wrong = append(wrong, "a message after the end fails", err)
	}
	calls = world.Calls()
	world.Wait()
	b.serve(id, run)
	if seen := s.seen(b, a); seen != 1 {
		wrong = append(wrong, "visible in Lever", seen)
	}
	ended, told := b.now(id), b.told(id)
	if ended.State != store.ActionDone || len(told) != 1 || !b.sent()[ended.LastTold] {
		wrong = append(wrong, ended, told)
	}
	return calls, wrong
}

// post is the partner, who asks until the answer is 202.
func (b *bench) post(s scene, world *mishap.World, r action.Request) string {
	b.Helper()
	for range 10 {
		ctx, stop := context.WithTimeout(b.Context(), lifetime)
		a, err := b.deploy(s.plan, world.Life()).intake.Accept(ctx, r)
		stop()
		if err == nil {
			return a.ID
		}
		time.Sleep(time.Minute)
	}
	b.Fatal("the action is not accepted")
	return ""
}

// runner runs messages of the action in lives of the world; what is left of others
// does not count.
func (b *bench) runner(p plan, world *mishap.World, id string) func(context.Context, queue.Action) error {
	return func(ctx context.Context, m queue.Action) error {
		var transport http.RoundTripper = b.Rig
		if m.Action == id {
			transport = world.Life()
		}
		return b.deploy(p, transport).runner.Run(ctx, m.Connection, m.Action)
	}
}

func TestWhateverGoesWrongLeverHasItOnce(t *testing.T) {
	for name, s := range scenes() {
		t.Run(name, func(t *testing.T) {
			in(t, func(b *bench) {
				start := time.Now()
				n := mishap.Walk(1, mishap.Modes(), func(schedule mishap.Schedule) int {
					calls, wrong := b.play(s, schedule)
					if len(wrong) > 0 {
						t.Errorf("with %s: %+v", schedule, wrong)
					}
					return calls
				})
				t.Logf("%d schedules, %v of virtual time", n, time.Since(start))
			})
		})
	}
}
