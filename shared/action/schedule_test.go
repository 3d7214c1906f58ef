package action_test

import (
	"context"
	"maps"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"fulcrum/local/mishap"
	"fulcrum/local/rig"
	"fulcrum/local/tried"
	"fulcrum/shared/action"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

const (
	// late is more than an action waits for before it repeats a request, and less
	// than it waits before it looks for doubles.
	late = 20 * time.Minute
	// slow is less than an action waits for.
	slow = 4 * time.Minute
)

// handler makes what runs messages in lives of the world.
type handler func(b *bench, s scene, world *mishap.World, id string) func(context.Context, queue.Action) error

// played is what became of a scene.
type played struct {
	ask   ask
	id    string
	calls []mishap.Call
}

// play runs one schedule of one scene to its end and beyond: the queue delivers
// once more, and what is late is applied.
func (b *bench) play(s scene, schedule mishap.Schedule, handle handler) played {
	b.Helper()
	p := played{ask: s.set(b)}
	world := mishap.New(b.Rig, schedule, b.lateness, b.counts)
	p.id = b.post(s, world, b.request(p.ask))
	run := handle(b, s, world, p.id)
	b.serve(p.id, run)
	b.again(p.id)
	b.serve(p.id, run)
	p.calls = world.Calls()
	world.Wait()
	b.again(p.id)
	b.serve(p.id, run)
	return p
}

// wrong is what is not as it should be: one thing to be seen in Lever, and an
// action that is done and was told once. A double that cannot be removed has to be
// told of.
func (b *bench) wrong(s scene, p played) (wrong []any) {
	b.Helper()
	ended, told := b.now(p.id), b.told(p.id)
	seen, documents := s.seen(b, p.ask), 1
	if ended.Reason == action.Doubled && s.stays {
		for _, step := range ended.Steps {
			seen[0] -= len(step.Doubles)
		}
		documents = 2
	}
	if slices.ContainsFunc(seen, func(n int) bool { return n != 1 }) {
		wrong = append(wrong, "visible in Lever", seen)
	}
	if ended.State != store.ActionDone || len(told) != documents || !b.sent()[ended.LastTold] {
		wrong = append(wrong, ended, told)
	}
	return wrong
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

// lives runs the action's messages each in a life of the world; what is left of
// other actions does not count.
func lives(b *bench, s scene, world *mishap.World, id string) func(context.Context, queue.Action) error {
	return func(ctx context.Context, m queue.Action) error {
		var transport http.RoundTripper = b.Rig
		if m.Action == id {
			transport = world.Life()
		}
		return b.deploy(s.plan, transport).runner.Run(ctx, m.Connection, m.Action)
	}
}

// written reports whether a call changes something in Lever.
func written(c mishap.Call) bool { return c.Host == "lever.test" && !c.Reads }

// Every single mishap of every call, to Lever or to AWS, and some of every two of those
// that concern Lever's writes; make soak plays all of them. Where MISHAPS is set, two of
// any calls, which takes a while.
func TestWhateverGoesWrongLeverHasItOnce(t *testing.T) {
	var names []string
	in(t, func(b *bench) { names = slices.Sorted(maps.Keys(scenes(b))) })
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			walk(t, name, 1, nil)
			if testing.Short() {
				return
			}
			walk(t, name, 2, written)
			if os.Getenv("MISHAPS") != "" {
				walk(t, name, 2, nil)
			}
		})
	}
}

// walk plays all schedules of a scene in a bubble of its own.
func walk(t *testing.T, name string, mishaps int, counts func(mishap.Call) bool) {
	t.Helper()
	in(t, func(b *bench) {
		s := scenes(b)[name]
		b.counts = counts
		n := sampled(mishaps, func(schedule mishap.Schedule) []mishap.Call {
			p := b.play(s, schedule, lives)
			if wrong := b.wrong(s, p); len(wrong) > 0 {
				b.Errorf("with %s: %+v", schedule, wrong)
			}
			return p.calls
		})
		b.Logf("%d schedules of up to %d mishaps", n, mishaps)
		tried.Note(b, "schedules of writes to Lever", n)
	})
}

// sampled is mishap.Walk with all of the schedules of one mishap, and one of so many of
// those of two: make soak plays them all. With -short it is one of so many of all.
func sampled(mishaps int, run func(mishap.Schedule) []mishap.Call) (schedules int) {
	seen := 0
	some := func(all []mishap.Schedule, stride int) (taken []mishap.Schedule) {
		for _, s := range all {
			if seen++; seen%stride == 0 {
				taken = append(taken, s)
			}
		}
		return taken
	}
	stride := 1
	if testing.Short() {
		stride = 5
	}
	calls := run(nil)
	ones, _ := mishap.Schedule(nil).Then(calls, mishap.Call.Modes)
	for _, one := range some(ones, stride) {
		calls := run(one)
		schedules++
		if mishaps < 2 {
			continue
		}
		twos, _ := one.Then(calls, mishap.Call.Modes)
		for _, two := range some(twos, rig.Stride()) {
			run(two)
			schedules++
		}
	}
	return schedules + 1
}

// As long as Lever applies what it is going to apply within the settle time, there
// is no double at any moment, and nothing to be removed.
func TestWhatIsNotTooLateIsNeverWrittenTwice(t *testing.T) {
	for _, name := range []string{"a note", "feedback", "a form", "an opportunity with a note and tags"} {
		t.Run(name, func(t *testing.T) {
			in(t, func(b *bench) {
				s := scenes(b)[name]
				b.lateness, b.counts, s.stays = slow, written, false
				sampled(2, func(schedule mishap.Schedule) []mishap.Call {
					removed := b.removals()
					p := b.play(s, schedule, lives)
					if wrong := b.wrong(s, p); len(wrong) > 0 || b.removals() != removed {
						b.Errorf("with %s: %d removed, %+v", schedule, b.removals()-removed, wrong)
					}
					return p.calls
				})
			})
		})
	}
}

// removals counts the requests to Lever that removed something.
func (b *bench) removals() (n int) {
	b.Helper()
	requests, err := b.twin.Requests(b.home.Account)
	b.check(err)
	for _, r := range requests {
		if r.Method == http.MethodDelete {
			n++
		}
	}
	return n
}
