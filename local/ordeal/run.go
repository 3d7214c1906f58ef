package ordeal

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"fulcrum/local/mishap"
	"fulcrum/local/tried"
)

const (
	// Of a scene whose functions make up to fewCalls, all schedules of one mishap are
	// played in `make test`, of another someOnes: its plays take long, and there are up
	// to a thousand. quickOnes and quickTwos are played with -short.
	fewCalls, someOnes   = 24, 16
	someTwos             = 2
	quickOnes, quickTwos = 2, 1
	// longTwos and longThrees are played in `make soak` where it has no end.
	longTwos, longThrees = 1_000, 50
)

// All plays scenes, each as a test of its own. Where UNTIL is set, to
// seconds since 1970, each has its share of the time that is left until then.
func All(t *testing.T, scenes []Scene) {
	t.Helper()
	for i, s := range scenes {
		t.Run(s.Name, func(t *testing.T) {
			r := &run{t: t, scene: s, until: share(len(scenes) - i)}
			r.walk()
		})
	}
}

// share is the end of one of so many equal shares of the time until UNTIL, zero where
// that is not set.
func share(of int) time.Time {
	until, err := strconv.ParseInt(os.Getenv("UNTIL"), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Now().Add(time.Until(time.Unix(until, 0)) / time.Duration(of))
}

// walk plays a scene with one mishap, with two and with three: of the schedules that are
// not the same as others (see mishap.Schedule.Then) all or a sample, as the constants
// above and Scene.Pairs say. The log says how many of how many. SCHEDULE names the one
// schedule to play instead, as a failure does.
func (r *run) walk() {
	r.t.Helper()
	if text := os.Getenv("SCHEDULE"); text != "" {
		r.rounds(r.rehearsal, r.rehearsed(r.given(text)))
		return
	}
	began := time.Now()
	w := &walk{run: r}
	r.rounds(r.rehearsal, r.rehearsed(w.then("one", r.ones, quickOnes, math.MaxInt)),
		w.then("two", r.twos, quickTwos, longTwos), w.then("three", none, 0, longThrees))
	r.t.Logf("%d calls: %sin %v", len(r.best.calls), w.said, time.Since(began).Round(time.Millisecond))
}

// ones, twos and none are how many schedules of one, of two and of three mishaps are
// played in `make test`.
func (r *run) ones() int {
	if len(r.best.calls) > fewCalls {
		return someOnes
	}
	return math.MaxInt
}

func (r *run) twos() int {
	if r.scene.Pairs {
		return math.MaxInt
	}
	return someTwos
}

func none() int { return 0 }

// walk goes from schedules to those with one mishap more.
type walk struct {
	*run
	said string
}

// then is the round of the schedules with one mishap more than those before: some of
// them, quick with -short, long in `make soak`.
func (w *walk) then(mishaps string, some func() int, quick, long int) round {
	return func(before []played) []mishap.Schedule {
		var all []mishap.Schedule
		same := 0
		for _, p := range before {
			more, others := p.schedule.Then(p.calls, w.scene.modes)
			all, same = append(all, more...), same+others
		}
		chosen := spread(all, some(), quick, long)
		return w.counted(chosen, func(n int) {
			what := "schedules of " + mishaps + " mishap" + map[bool]string{true: "s"}[mishaps != "one"]
			if n > 0 {
				tried.Note(w.t, what, n)
			}
			w.said += fmt.Sprintf("%d of %d %s (and %d that are the same as others), ", n, len(all), what, same)
		})
	}
}

// Find plays a scene whose function is wired to do too little: with nothing going
// wrong, then with every single mishap, then with every two. It fails the test unless
// some schedule shows it.
func Find(t *testing.T, s Scene) {
	t.Helper()
	wire := s.Wire
	s.Wire = nil
	r := &run{t: t, scene: s, search: true}
	more := func(before []played) (all []mishap.Schedule) {
		for _, p := range before {
			next, _ := p.schedule.Then(p.calls, s.modes)
			all = append(all, next...)
		}
		return all
	}
	r.rounds(r.rehearsal, r.rehearsed(func([]played) []mishap.Schedule {
		r.scene.Wire = wire
		return []mishap.Schedule{nil}
	}), more, more)
	switch {
	case t.Failed():
	case len(r.wrong) == 0:
		t.Error("no schedule shows it")
	default:
		t.Log(r.wrong[0])
	}
}

// Regress plays schedules that went wrong once.
func Regress(t *testing.T, s Scene, schedules ...string) {
	t.Helper()
	r := &run{t: t, scene: s}
	r.rounds(r.rehearsal, r.rehearsed(r.given(schedules...)))
	tried.Note(t, "schedules that went wrong once", len(schedules))
}

// Random plays a scene n times with three to six mishaps at any calls, of any kind:
// which follows from the seed. Where UNTIL is set it ends then.
func Random(t *testing.T, s Scene, seed uint64, n, of int) {
	t.Helper()
	r := &run{t: t, scene: s, until: share(of)}
	r.rounds(r.rehearsal, r.rehearsed(func([]played) []mishap.Schedule {
		dice := rand.New(rand.NewPCG(seed, 0))
		var all []mishap.Schedule
		for range n {
			all = append(all, throw(dice, len(r.best.calls)))
		}
		return r.counted(all, func(n int) { tried.Note(t, "random schedules of three to six mishaps", n) })
	}))
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
func (s Scene) modes(c mishap.Call) []mishap.Mode {
	if s.Asked {
		return slices.DeleteFunc(c.Modes(), func(m mishap.Mode) bool { return m == mishap.Late })
	}
	return append(c.Modes(), mishap.Frozen)
}

// Seed is SEED, one where that is not set: which schedules are played, where not all
// are, follows from it.
func Seed() uint64 {
	seed, err := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	if err != nil {
		return 1
	}
	return seed
}

// spread takes a sample of schedules: some, quick with -short, long in `make soak`. They
// are in an order in which any first part of them is a sample.
func spread(all []mishap.Schedule, some, quick, long int) []mishap.Schedule {
	if testing.Short() {
		some = quick
	}
	if os.Getenv("SOAK") != "" {
		some = long
	}
	all = slices.Clone(all)
	rand.New(rand.NewPCG(Seed(), 0)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(some, len(all))]
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
// made again, by the queue and by a clock, each of them twice in the end, and the time
// that it takes has clocks look again.
func (r *run) most(s mishap.Schedule) int { return (1+3*len(s))*len(r.best.calls) + 40*len(s) }
