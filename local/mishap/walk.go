package mishap

import (
	"fmt"
	"slices"
	"strings"
)

// Walk runs all schedules with up to so many mishaps, the one without any first, but
// those that are the same as others; see Then. modes says in which ways a call is to go
// wrong: Call.Modes, or less where only some calls are of interest. run runs one
// schedule and gives the calls that it made: what comes after a mishap differs from run
// to run, so a second mishap is tried at every call that the run with the first one
// made. It gives how many schedules there were.
func Walk(mishaps int, modes func(Call) []Mode, run func(Schedule) []Call) (schedules int) {
	return walk(nil, mishaps, modes, run)
}

func walk(s Schedule, left int, modes func(Call) []Mode, run func(Schedule) []Call) int {
	calls, schedules := run(s), 1
	if left == 0 {
		return schedules
	}
	all, _ := s.Then(calls, modes)
	for _, next := range all {
		schedules += walk(next, left-1, modes, run)
	}
	return schedules
}

// Then are the schedules with one mishap more, at each of the calls that a run of
// this one made, and how many more there are that are the same as one of the others or
// as one with fewer mishaps. Nothing is to be learned from a mishap before the last
// one: what a run does up to its first mishap is what it does without the later ones,
// so that schedule is one of those with the other mishap first.
func (s Schedule) Then(calls []Call, modes func(Call) []Mode) (all []Schedule, same int) {
	w := then{Schedule: s, calls: calls, modes: modes}
	for i := s.last(); i < len(calls); i++ {
		for _, mode := range modes(calls[i]) {
			if w.same(i, mode) {
				same++
				continue
			}
			// Schedules live on in failures' names: each gets its own memory.
			all = append(all, append(s[:len(s):len(s)], Mishap{i + 1, mode}))
		}
	}
	return all, same
}

// last is the number of the call that goes wrong last, zero where none does.
func (s Schedule) last() int {
	if len(s) == 0 {
		return 0
	}
	return s[len(s)-1].Call
}

// then is a schedule whose run is known.
type then struct {
	Schedule
	calls []Call
	modes func(Call) []Mode
}

// same reports whether one more mishap makes a schedule that leads to what another
// leads to. i is the place of the call among the calls, one less than its number.
func (w then) same(i int, mode Mode) bool {
	if i > w.last() && w.healed() {
		// The last mishap has only cost a try: its call was refused without being
		// applied, and was made once more at once. From there on the run is the one
		// without it, which the schedules with one mishap less go through.
		return true
	}
	switch mode {
	case Before:
		return w.endsAlike(i)
	case After:
		// Who ends after a call has done what ends before the next one.
		return i+1 < len(w.calls) && w.calls[i+1].Follows && w.has(i+1, Before)
	}
	return false
}

// endsAlike reports whether a process that ends before a call has done what another
// schedule has it do: nothing was applied since it could have ended before the call
// before, or the mishap there says whether that one was.
func (w then) endsAlike(i int) bool {
	if !w.calls[i].Follows {
		return false
	}
	if i > w.last() {
		return w.calls[i-1].Reads && w.has(i-1, Before)
	}
	if i == 0 {
		return false
	}
	switch w.Schedule[len(w.Schedule)-1].Mode {
	case Error: // as ending before that call
		return w.has(i-1, Before)
	case Lost: // as ending after that call
		return w.has(i-1, After)
	}
	return false
}

// healed reports whether the last mishap refused a call that was made again at once,
// by the same process, and went well.
func (w then) healed() bool {
	n := w.last()
	if n == 0 || n >= len(w.calls) || w.Schedule[len(w.Schedule)-1].Mode != Error {
		return false
	}
	return w.calls[n].Follows && w.calls[n].Again(w.calls[n-1])
}

// has reports whether a call can go wrong in a mode.
func (w then) has(i int, mode Mode) bool { return slices.Contains(w.modes(w.calls[i]), mode) }

// Parse reads a schedule as String writes it.
func Parse(text string) (Schedule, error) {
	if text == "" || text == Schedule(nil).String() {
		return nil, nil
	}
	var s Schedule
	for one := range strings.SplitSeq(text, ", ") {
		var m Mishap
		if _, err := fmt.Sscanf(one, "%d %s", &m.Call, &m.Mode); err != nil {
			return nil, fmt.Errorf("%q is no mishap: %w", one, err)
		}
		s = append(s, m)
	}
	return s, nil
}
