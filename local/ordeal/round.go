package ordeal

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"fulcrum/local/mishap"
	"fulcrum/local/partnertest"
)

// run is a scene with what is seen of it when nothing goes wrong.
type run struct {
	t     *testing.T
	scene Scene
	// until ends it, as far as it has come; zero does not. late says that it is over:
	// the clock that plays see is another.
	until time.Time
	late  atomic.Bool
	// search ends it with the first schedule that shows something.
	search bool

	best outcome
	// judged says that best is known.
	judged bool
	wrong  []string

	next []round
	todo []mishap.Schedule
	done []played
	// counts tell how much of a round was played, of the last one all but left.
	counts []func()
	left   int
}

// played is a schedule with what became of it.
type played struct {
	schedule mishap.Schedule
	outcome
}

// round gives what is to be played when it is known what became of the round before;
// nothing ends the run.
type round func(before []played) []mishap.Schedule

// rounds plays rounds, on as few stacks as it can: to start one takes as long as a
// dozen plays. In the end it fails the test for what is not as it should be.
func (r *run) rounds(all ...round) {
	r.t.Helper()
	r.next = all
	if !r.until.IsZero() {
		defer time.AfterFunc(time.Until(r.until), func() { r.late.Store(true) }).Stop()
	}
	for r.more() {
		before := len(r.done)
		r.stack()
		if len(r.done) == before && len(r.todo) > 0 {
			break // the stack did not start
		}
	}
	for _, count := range r.counts {
		count()
	}
	if r.search && r.judged {
		return
	}
	for _, wrong := range r.wrong {
		r.t.Error(wrong)
	}
}

// more reports whether there is something to play, and begins the next round where the
// one before is over.
func (r *run) more() bool {
	if r.judged && r.late.Load() {
		r.left, r.todo, r.next = r.left+len(r.todo), nil, nil
	}
	if r.over() {
		return false
	}
	if len(r.todo) == 0 && len(r.next) > 0 {
		r.todo, r.next, r.done = r.next[0](r.done), r.next[1:], nil
	}
	return len(r.todo) > 0
}

// over reports whether the run is to end before all is played.
func (r *run) over() bool { return r.search && r.judged && len(r.wrong) > 0 }

// counted has a round counted when the run is over: how much of it was played.
func (r *run) counted(round []mishap.Schedule, count func(n int)) []mishap.Schedule {
	mine := len(r.counts)
	r.counts = append(r.counts, func() {
		left := 0
		if mine == len(r.counts)-1 {
			left = r.left + len(r.todo)
		}
		count(len(round) - left)
	})
	return round
}

// rehearsal plays the scene twice with nothing going wrong.
func (r *run) rehearsal([]played) []mishap.Schedule { return []mishap.Schedule{nil, nil} }

// rehearsed begins a round when both rehearsals have ended alike: else a difference
// would mean nothing.
func (r *run) rehearsed(then round) round {
	return func(both []played) []mishap.Schedule {
		r.best = both[0].outcome
		if diff := differ(both[1].seen, both[0].seen); diff != "" {
			r.wrong = append(r.wrong, "the scene ends differently each time: "+diff)
		}
		for _, o := range both {
			for _, wrong := range o.wrong {
				r.wrong = append(r.wrong, "with nothing: "+wrong)
			}
		}
		if len(r.best.calls) == 0 {
			r.wrong = append(r.wrong, "the functions under trial make no call")
		}
		if len(r.wrong) > 0 {
			return nil
		}
		r.judged = true
		return then([]played{both[0]})
	}
}

// given is a round of schedules that are given as text.
func (r *run) given(texts ...string) round {
	return func([]played) (all []mishap.Schedule) {
		for _, text := range texts {
			s, err := mishap.Parse(text)
			if err != nil {
				r.wrong = append(r.wrong, err.Error())
			}
			all = append(all, s)
		}
		return all
	}
}

// took notes what became of a schedule.
func (r *run) took(s mishap.Schedule, o outcome) {
	r.done = append(r.done, played{s, o})
	if !r.judged {
		return
	}
	for _, wrong := range r.judge(s, o) {
		r.wrong = append(r.wrong, fmt.Sprintf("with %q%s: %s", s, atCalls(s, o.calls), wrong))
	}
}

// judge is what is not as it should be after a schedule.
func (r *run) judge(s mishap.Schedule, o outcome) []string {
	all := slices.Clone(o.wrong)
	if diff := differ(o.seen, r.best.seen); diff != "" {
		all = append(all, diff)
	}
	if most := r.most(s); len(s) > 0 && len(o.calls) > most {
		all = append(all, fmt.Sprintf("%d calls, %d when nothing goes wrong", len(o.calls), len(r.best.calls)))
	}
	return all
}

// stack plays what there is to play on one stack, one after the other. Before the first
// of them the scene happens once for which nothing counts: what people have to mend
// once per customer is then there.
func (r *run) stack() {
	r.t.Helper()
	partnertest.On(r.t, r.scene.Partner, func(t *testing.T, on *partnertest.Stage) {
		queues, err := r.scene.stage(t, on)
		if err != nil {
			t.Fatal(err)
		}
		table := on.Env(t, "HubReconcile").Need("TABLE")
		last := &Play{Stage: on, t: t, scene: r.scene, queues: queues, clock: &clock{ran: time.Now()}, table: table}
		defer func() { last.over() }() // also where a play ends the test
		last.play()
		for number := 1; number <= plays && r.more(); number++ {
			s := r.todo[0]
			r.todo = r.todo[1:]
			last = &Play{Stage: on, Number: number, t: t, scene: r.scene, schedule: s, queues: queues, clock: last.clock, table: table}
			r.took(s, last.play())
		}
		last.wrong = nil
		last.expectBalance()
		for _, wrong := range last.wrong {
			t.Error(wrong)
		}
	})
}
