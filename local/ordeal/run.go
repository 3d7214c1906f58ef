package ordeal

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"fulcrum/local/mishap"
	"fulcrum/local/partnertest"
	"fulcrum/local/tried"
)

// How many schedules of a scene are played where not all are.
const (
	someOnes, someTwos   = 20, 3
	quickOnes, quickTwos = 5, 1 // with -short
	// longTwos are played in `make soak`, beside all of one mishap.
	longTwos = 1000
	// fewPlays are played at once where the first that shows something is enough.
	fewPlays = 25
)

// Run plays a scene with one mishap and with two: all schedules of one mishap and many
// of two where SOAK is set, else a sample of both that is spread evenly; the log says
// how many of how many. SCHEDULE names the one schedule to play
// instead, as a failure does.
func Run(t *testing.T, s Scene) {
	t.Helper()
	r := &run{t: t, scene: s}
	if !r.rehearse() {
		return
	}
	if text := os.Getenv("SCHEDULE"); text != "" {
		r.repeat(text)
		return
	}
	began := time.Now()
	all := mishap.Schedule(nil).Then(r.best.calls, modes)
	ones := spread(all, someOnes, quickOnes, len(all))
	var pairs []mishap.Schedule
	for i, o := range r.all(ones) {
		pairs = append(pairs, ones[i].Then(o.calls, modes)...)
	}
	twos := spread(pairs, someTwos, quickTwos, longTwos)
	r.all(twos)
	tried.Note(t, "schedules of one mishap", len(ones))
	tried.Note(t, "schedules of two mishaps", len(twos))
	t.Logf("%d calls: %d of %d schedules of one mishap, %d of %d of two, in %v",
		len(r.best.calls), len(ones), len(all), len(twos), len(pairs), time.Since(began).Round(time.Millisecond))
}

// Find plays a scene whose function is wired to do too little: with nothing going
// wrong, then with every single mishap, then with every two. It fails the test unless
// some schedule shows it.
func Find(t *testing.T, s Scene) {
	t.Helper()
	wire := s.Wire
	s.Wire = nil
	r := &run{t: t, scene: s}
	if !r.rehearse() {
		return
	}
	r.scene.Wire = wire
	next := []mishap.Schedule{nil}
	for range 3 {
		var more []mishap.Schedule
		for part := range slices.Chunk(next, fewPlays) {
			for i, o := range r.chunk(part) {
				more = append(more, part[i].Then(o.calls, modes)...)
				if wrong := r.wrong(part[i], o); len(wrong) > 0 {
					t.Logf("with %q%s: %s", part[i], atCalls(part[i], o.calls), wrong[0])
					return
				}
			}
		}
		next = more
	}
	t.Error("no schedule shows it")
}

// Regress plays schedules that went wrong once.
func Regress(t *testing.T, s Scene, schedules ...string) {
	t.Helper()
	r := &run{t: t, scene: s}
	if !r.rehearse() {
		return
	}
	for _, text := range schedules {
		r.repeat(text)
	}
	tried.Note(t, "schedules that went wrong once", len(schedules))
}

// Random plays a scene n times with three to six mishaps at any calls, of any kind:
// which follows from the seed.
func Random(t *testing.T, s Scene, seed uint64, n int) {
	t.Helper()
	r := &run{t: t, scene: s}
	if !r.rehearse() {
		return
	}
	dice := rand.New(rand.NewPCG(seed, 0))
	var all []mishap.Schedule
	for range n {
		all = append(all, throw(dice, len(r.best.calls)))
	}
	r.all(all)
	tried.Note(t, "random schedules of three to six mishaps", n)
}

// throw makes up a schedule for a run of so many calls, which mishaps make longer.
func throw(dice *rand.Rand, calls int) mishap.Schedule {
	kinds := mishap.All()
	var s mishap.Schedule
	for range 3 + dice.IntN(4) {
		s = append(s, mishap.Mishap{Call: 1 + dice.IntN(2*calls), Mode: kinds[dice.IntN(len(kinds))]})
	}
	slices.SortFunc(s, func(a, b mishap.Mishap) int { return cmp.Compare(a.Call, b.Call) })
	return slices.CompactFunc(s, func(a, b mishap.Mishap) bool { return a.Call == b.Call })
}

// modes are those in which a call goes wrong, and that its function stands still
// after it while another sandbox goes on.
func modes(c mishap.Call) []mishap.Mode { return append(c.Modes(), mishap.Frozen) }

// spread takes a sample of schedules that is spread evenly: some, quick with -short,
// long in `make soak`.
func spread(all []mishap.Schedule, some, quick, long int) []mishap.Schedule {
	if testing.Short() {
		some = quick
	}
	if os.Getenv("SOAK") != "" {
		some = long
	}
	if len(all) <= some {
		return all
	}
	var out []mishap.Schedule
	for i := range some {
		out = append(out, all[i*len(all)/some])
	}
	return out
}

// run is a scene with what is seen of it when nothing goes wrong.
type run struct {
	t     *testing.T
	scene Scene
	best  outcome
}

// rehearse plays the scene twice with nothing going wrong. Both have to end alike:
// else a difference would mean nothing.
func (r *run) rehearse() bool {
	r.t.Helper()
	both := r.chunk([]mishap.Schedule{nil, nil})
	if len(both) < 2 {
		return false
	}
	r.best = both[0]
	if diff := differ(both[1].seen, both[0].seen); diff != "" {
		r.t.Errorf("the scene ends differently each time: %s", diff)
	}
	for _, o := range both {
		for _, wrong := range o.wrong {
			r.t.Errorf("with nothing: %s", wrong)
		}
	}
	if len(r.best.calls) == 0 {
		r.t.Error("the functions under trial make no call")
	}
	return !r.t.Failed()
}

// repeat plays one schedule that is given as text.
func (r *run) repeat(text string) {
	r.t.Helper()
	s, err := mishap.Parse(text)
	if err != nil {
		r.t.Fatal(err)
	}
	r.all([]mishap.Schedule{s})
}

// all plays schedules, and fails the test where one ends otherwise than it should.
func (r *run) all(schedules []mishap.Schedule) (played []outcome) {
	r.t.Helper()
	for part := range slices.Chunk(schedules, plays) {
		for i, o := range r.chunk(part) {
			for _, wrong := range r.wrong(part[i], o) {
				r.t.Errorf("with %q%s: %s", part[i], atCalls(part[i], o.calls), wrong)
			}
			played = append(played, o)
		}
	}
	return played
}

// wrong is what is not as it should be after a schedule.
func (r *run) wrong(s mishap.Schedule, o outcome) []string {
	all := slices.Clone(o.wrong)
	if diff := differ(o.seen, r.best.seen); diff != "" {
		all = append(all, diff)
	}
	if most := r.most(s); len(s) > 0 && len(o.calls) > most {
		all = append(all, fmt.Sprintf("%d calls, %d when nothing goes wrong", len(o.calls), len(r.best.calls)))
	}
	return all
}

// atCalls names the calls that went wrong.
func atCalls(s mishap.Schedule, calls []mishap.Call) string {
	text := ""
	for _, m := range s {
		if m.Call <= len(calls) {
			text += fmt.Sprintf(" [%d is %s]", m.Call, calls[m.Call-1].Op)
		}
	}
	return text
}

// most is how many calls a schedule explains: a mishap costs a few runs that are
// made again, by the queue and by a clock, each of them twice in the end.
func (r *run) most(s mishap.Schedule) int { return (1+3*len(s))*len(r.best.calls) + 20*len(s) }

// chunk plays schedules one after the other on one stack. Before the first of them
// the scene happens once for which nothing counts: what people have to mend once per
// customer is then there.
func (r *run) chunk(schedules []mishap.Schedule) (played []outcome) {
	r.t.Helper()
	partnertest.On(r.t, r.scene.Partner, func(t *testing.T, on *partnertest.Stage) {
		queues, err := r.scene.stage(t, on)
		if err != nil {
			t.Fatal(err)
		}
		table := on.Env(t, "HubReconcile").Need("TABLE")
		var last *Play
		runs := &clock{ran: time.Now()}
		for i, s := range slices.Concat([]mishap.Schedule{nil}, schedules) {
			last = &Play{Stage: on, Number: i, t: t, scene: r.scene, schedule: s, queues: queues, clock: runs, table: table}
			played = append(played, last.play())
		}
		last.wrong = nil
		last.expectBalance()
		for _, wrong := range last.wrong {
			t.Error(wrong)
		}
	})
	if len(played) > 0 {
		return played[1:]
	}
	return nil
}
