package action_test

import (
	"context"
	"flag"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fulcrum/local/mishap"
	"fulcrum/local/tried"
)

// rooms is one run at random: two workers come at the same action, each with mishaps of
// its own, one a while after the other.
type rooms struct {
	Scene   string
	Workers [2]mishap.Schedule
	Gap     time.Duration
	// Late says that what is late is applied when the action has given it up; Timeless
	// that a worker does not notice that its function's time is over.
	Late, Timeless bool
}

func drawRooms(rt *rapid.T) rooms {
	r := rooms{
		Scene: rapid.SampledFrom([]string{"a note", "feedback", "a form", "a stage", "tags", "an opportunity with a note and tags"}).Draw(rt, "scene"),
		Gap:   time.Duration(rapid.IntRange(0, 90).Draw(rt, "gap in seconds")) * time.Second / time.Duration(rapid.SampledFrom([]int{1, 100}).Draw(rt, "part")),
		Late:  rapid.Bool().Draw(rt, "late"), Timeless: rapid.Bool().Draw(rt, "timeless"),
	}
	for i := range r.Workers {
		call := 0
		for range rapid.IntRange(0, 3).Draw(rt, "mishaps") {
			call += rapid.IntRange(1, 8).Draw(rt, "calls later")
			r.Workers[i] = append(r.Workers[i], mishap.Mishap{Call: call, Mode: rapid.SampledFrom(mishap.All()).Draw(rt, "mode")})
		}
	}
	return r
}

// play has both workers come at the action, then the queue again and again until it has
// ended, then once more when all that was late is applied. It gives what is wrong.
func (r rooms) play(b *bench) []any {
	b.lateness = slow
	if r.Late {
		b.lateness = late
	}
	s := scenes(b)[r.Scene]
	s.stays = s.stays && r.Late
	well := mishap.New(b.Rig, nil, b.lateness, nil)
	p := played{ask: s.set(b)}
	p.id = b.post(s, well, b.request(p.ask))
	removed := b.removals()

	var workers sync.WaitGroup
	worlds := [2]*mishap.World{}
	messages := b.receive()
	for i, schedule := range r.Workers {
		worlds[i] = mishap.New(b.Rig, schedule, b.lateness, nil)
		run := lives(b, s, worlds[i], p.id)
		workers.Go(func() {
			time.Sleep(time.Duration(i) * r.Gap)
			ctx, stop := context.WithTimeout(context.Background(), lifetime)
			defer stop()
			if r.Timeless {
				ctx = context.WithoutCancel(ctx)
			}
			// What fails comes again, as it does where nobody is left to say so.
			_ = run(ctx, messages[0].Action)
		})
	}
	b.serve(p.id, lives(b, s, well, p.id))
	workers.Wait()
	for _, w := range worlds {
		w.Wait()
	}
	b.again(p.id)
	b.serve(p.id, lives(b, s, well, p.id))
	wrong := b.wrong(s, p)
	if n := b.removals() - removed; n > 0 && !r.Late {
		wrong = append(wrong, "doubles that had to be removed", n)
	}
	return wrong
}

// Two workers at one action, whatever is lost, late or frozen of either: Lever has one
// effect of each step, the action is done, and the partner is told once.
func TestTwoWorkersAtRandomHaveOneEffect(t *testing.T) {
	sample(t, 25)
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		r := drawRooms(rt)
		var wrong []any
		in(t, func(b *bench) { wrong = r.play(b) })
		if len(wrong) > 0 {
			rt.Fatalf("%+v: %+v", r, wrong)
		}
	})
	tried.Note(t, "pairs of workers at one action at random", runs)
}

// sample has rapid make so many runs, unless it is told how many: each is a stack of its
// own.
func sample(t *testing.T, runs int) {
	t.Helper()
	const name = "rapid.checks"
	checks := flag.Lookup(name)
	if was := checks.Value.String(); was == checks.DefValue {
		if os.Getenv("SOAK") != "" {
			runs = 1000
		}
		if err := flag.Set(name, strconv.Itoa(runs)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := flag.Set(name, was); err != nil {
				t.Error(err)
			}
		})
	}
}
