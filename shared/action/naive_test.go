package action_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/mishap"
	"fulcrum/shared/account"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

// naive posts the note and has the queue repeat what fails.
func naive(b *bench, _ scene, world *mishap.World, id string) func(context.Context, queue.Action) error {
	return plain(b, world, id, func(context.Context, *lever.Client, ask) (bool, error) { return false, nil })
}

// eager looks whether the note is there before it posts it, and does not wait for
// what may be under way.
func eager(b *bench, _ scene, world *mishap.World, id string) func(context.Context, queue.Action) error {
	return plain(b, world, id, func(ctx context.Context, l *lever.Client, a ask) (bool, error) {
		notes, err := lever.Collect(l.Notes(ctx, a.Opportunity))
		return len(notes) > 0, err
	})
}

// plain posts the note unless it is there, and notes that it is done.
func plain(b *bench, world *mishap.World, id string, there func(context.Context, *lever.Client, ask) (bool, error)) func(context.Context, queue.Action) error {
	return func(ctx context.Context, m queue.Action) error {
		var transport http.RoundTripper = b.Rig
		if m.Action == id {
			transport = world.Life()
		}
		env := b.Env(b.T, "PartnerJoinedlySync").Through(transport)
		table := store.FromEnv(env)
		item, err := table.Action(ctx, m.Connection, m.Action)
		if err != nil || item.State.Ended() {
			return err
		}
		client, err := account.FromEnv(env, table).Client(ctx, store.Connection{ID: connection, Partner: "joinedly", Environment: lever.Production}, rate.Interactive)
		if err != nil {
			return err
		}
		a := b.askOf(item)
		if done, err := there(ctx, client, a); err != nil || !done && post(ctx, client, a) != nil {
			return fmt.Errorf("again: %w", err)
		}
		item.State, item.LookAt = store.ActionDone, 0
		_, err = table.SaveAction(ctx, item)
		return err
	}
}

func post(ctx context.Context, l *lever.Client, a ask) error {
	_, err := l.CreateNote(ctx, a.User, a.Opportunity, a.Text)
	return err
}

// A harness that does not see what these do would see nothing.
func TestTheHarnessFindsHandlersThatDoTooLittle(t *testing.T) {
	for name, handle := range map[string]handler{"naive": naive, "eager": eager} {
		t.Run(name, func(t *testing.T) {
			in(t, func(b *bench) {
				s := scenes(b)["a note"]
				doubled := 0
				n := mishap.Walk(1, mishap.Call.Modes, func(schedule mishap.Schedule) []mishap.Call {
					p := b.play(s, schedule, handle)
					if s.seen(b, p.ask)[0] > 1 {
						doubled++
					}
					return p.calls
				})
				b.Logf("%d of %d schedules end in two notes", doubled, n)
				if doubled == 0 {
					b.Error("no schedule ends in two notes")
				}
			})
		})
	}
}

// A frozen worker comes back long after others have gone on, and does not even
// notice that its function's time is over.
func TestAWorkerThatWasFrozenWritesNothing(t *testing.T) {
	frozen := func(mishap.Call) []mishap.Mode { return []mishap.Mode{mishap.Frozen} }
	for _, name := range []string{"a note", "a stage", "an opportunity with a note and tags"} {
		t.Run(name, func(t *testing.T) {
			in(t, func(b *bench) {
				s := scenes(b)[name]
				mishap.Walk(1, frozen, func(schedule mishap.Schedule) []mishap.Call {
					before := b.writes()
					p := b.play(s, schedule, timeless)
					time.Sleep(time.Hour)
					synctest.Wait()
					if wrong := b.wrong(s, p); len(wrong) > 0 {
						b.Errorf("with %s: %+v", schedule, wrong)
					}
					if n := b.writes() - before; n != len(b.now(p.id).Steps) {
						b.Errorf("with %s: %d requests that write, for %d steps", schedule, n, len(b.now(p.id).Steps))
					}
					return p.calls
				})
			})
		})
	}
}

// timeless is lives without the end of a function's time.
func timeless(b *bench, s scene, world *mishap.World, id string) func(context.Context, queue.Action) error {
	run := lives(b, s, world, id)
	return func(ctx context.Context, m queue.Action) error { return run(context.WithoutCancel(ctx), m) }
}

// writes counts the requests to Lever that changed something.
func (b *bench) writes() (n int) {
	b.Helper()
	requests, err := b.twin.Requests(b.home.Account)
	b.check(err)
	for _, r := range requests {
		if r.Method != http.MethodGet && r.Status/100 == 2 {
			n++
		}
	}
	return n
}
