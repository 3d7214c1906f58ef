package signing_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/tried"
	"fulcrum/shared/signing"
)

// doing is something that a function does to a hook that has the token old and
// the neighbour other.
type doing struct {
	do func(ctx context.Context, w *signing.Writer, id string) error
	// after are the tokens once it is done.
	after []string
}

func doings() map[string]doing {
	return map[string]doing{
		"replaces the key": {after: []string{token("new"), token("old")}, do: func(ctx context.Context, w *signing.Writer, id string) error {
			return w.Replace(ctx, id, hookOf("con_1", token("new")), time.Now().Add(time.Hour))
		}},
		"removes the hook": {do: func(ctx context.Context, w *signing.Writer, id string) error { return w.Remove(ctx, id) }},
	}
}

// A function that dies at any of its calls leaves the old or the new, and
// somebody else, who knows nothing of it, brings it to an end.
func TestDeathAtEveryCall(t *testing.T) {
	for what, d := range doings() {
		for how, death := range rig.Deaths() {
			t.Run(fmt.Sprintf("a function that %s a call while it %s", how, what), func(t *testing.T) {
				calls := 0
				for at := 1; !t.Failed(); at += rig.Stride() {
					done := false
					in(t, engine.Options{}, func(t *testing.T, w *world) { done = w.dies(d, at, death) })
					if done {
						break
					}
					calls = at
				}
				if calls+rig.Stride() <= 8 {
					t.Errorf("only %d calls", calls)
				}
			})
		}
	}
}

// dies reports whether the function made fewer calls than at.
func (w *world) dies(d doing, at int, how rig.Death) bool {
	ids := w.mint(2)
	w.must(w.writer(w).Put(w.t.Context(), ids[0], hookOf("con_1", token("old"))))
	w.must(w.writer(w).Put(w.t.Context(), ids[1], hookOf("con_2", token("other"))))
	time.Sleep(time.Minute)

	m := &rig.Mortal{Next: w, At: at, How: how}
	tried.Note(w.t, "deaths and stalls of a function in set-up, rotation and removal", 1)
	var dying sync.WaitGroup
	dying.Go(func() {
		if err := d.do(w.within(time.Hour), w.writer(m), ids[0]); err == nil && how < rig.Frozen && at <= m.Calls() {
			w.expect(ids[0], d.after...) // what was reported as done is done
		}
	})
	time.Sleep(time.Minute)
	got := fmt.Sprint(w.valid(ids[0]))
	if got != fmt.Sprint([]string{token("old")}) && got != fmt.Sprint(d.after) {
		w.t.Errorf("call %d: between old and new: %s", at, got)
	}
	w.expect(ids[1], token("other"))

	next := w.writer(w)
	w.must(next.Sweep(w.t.Context()))
	w.must(next.Put(w.t.Context(), ids[1], hookOf("con_2", token("other 2"))))
	w.must(d.do(w.t.Context(), next, ids[0]))
	dying.Wait()
	if err := m.Wait(); err != nil {
		w.t.Errorf("call %d did not arrive: %v", at, err)
	}
	time.Sleep(time.Minute)
	w.must(next.Sweep(w.t.Context()))
	w.expect(ids[1], token("other 2"))
	w.expect(ids[0], d.after...)
	return m.Calls() < at
}

// Two functions work on the same shard, and one of them dies, freezes or is late
// at any of its calls, while it writes for both.
func TestDeathOfWhoWritesForOthers(t *testing.T) {
	for how, death := range rig.Deaths() {
		t.Run(how, func(t *testing.T) {
			for at := 1; at < 20; at += rig.Stride() {
				in(t, engine.Options{}, func(t *testing.T, w *world) {
					ids := w.mint(3)
					m := &rig.Mortal{Next: w, At: at, How: death}
					tried.Note(w.t, "deaths and stalls of a function in set-up, rotation and removal", 1)
					var all sync.WaitGroup
					all.Go(func() {
						if err := w.writer(m).Put(w.within(time.Hour), ids[0], hookOf("con_1", token("dying"))); err == nil {
							w.expect(ids[0], token("dying"))
						}
					})
					for i, id := range ids[1:] {
						all.Go(func() {
							time.Sleep(time.Duration(i) * 10 * time.Millisecond)
							w.must(w.writer(w).Put(t.Context(), id, hookOf("con_2", token(id))))
							w.expect(id, token(id))
						})
					}
					all.Wait()
					w.must(m.Wait())
					w.must(w.writer(w).Sweep(t.Context()))
					w.expect(ids[1], token(ids[1]))
					w.expect(ids[2], token(ids[2]))
				})
			}
		})
	}
}

// A write that is on its way for ten minutes does not bring a key back that was
// replaced since.
func TestALateWriteBringsNoKeyBack(t *testing.T) {
	for at := 1; at < 15; at++ {
		in(t, engine.Options{}, func(t *testing.T, w *world) {
			id := w.mint(1)[0]
			m := &rig.Mortal{Next: w, At: at, How: rig.Late}
			tried.Note(w.t, "deaths and stalls of a function in set-up, rotation and removal", 1)
			w.must(w.writer(m).Put(w.within(time.Hour), id, hookOf("con_1", token("leaked"))))
			w.must(w.writer(w).Put(t.Context(), id, hookOf("con_1", token("safe"))))
			w.must(m.Wait())
			time.Sleep(time.Minute)
			w.must(w.writer(w).Sweep(t.Context()))
			w.expect(id, token("safe"))
		})
	}
}
