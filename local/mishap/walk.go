package mishap

import (
	"fmt"
	"strings"
)

// Walk runs all schedules with up to so many mishaps, the one without any first.
// modes says in which ways a call is to go wrong: Call.Modes, or less where only
// some calls are of interest. run runs one schedule and gives the calls that it
// made: what comes after a mishap differs from run to run, so a second mishap is
// tried at every call that the run with the first one made. It gives how many
// schedules there were.
func Walk(mishaps int, modes func(Call) []Mode, run func(Schedule) []Call) (schedules int) {
	return walk(nil, mishaps, modes, run)
}

func walk(s Schedule, left int, modes func(Call) []Mode, run func(Schedule) []Call) int {
	calls, schedules := run(s), 1
	if left == 0 {
		return schedules
	}
	for _, next := range s.Then(calls, modes) {
		schedules += walk(next, left-1, modes, run)
	}
	return schedules
}

// Then are the schedules with one mishap more, at each of the calls that a run of
// this one made. Nothing is to be learned from a mishap before the last one: what a
// run does up to its first mishap is what it does without the later ones, so that
// schedule is one of those with the other mishap first.
func (s Schedule) Then(calls []Call, modes func(Call) []Mode) []Schedule {
	first := 0
	if len(s) > 0 {
		first = s[len(s)-1].Call
	}
	var all []Schedule
	for i := first; i < len(calls); i++ {
		for _, mode := range modes(calls[i]) {
			// Schedules live on in failures' names: each gets its own memory.
			all = append(all, append(s[:len(s):len(s)], Mishap{i + 1, mode}))
		}
	}
	return all
}

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
