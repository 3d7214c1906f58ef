package mishap

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
	calls, schedules, first := run(s), 1, 0
	if left == 0 {
		return schedules
	}
	if len(s) > 0 {
		first = s[len(s)-1].Call
	}
	for i := first; i < len(calls); i++ {
		for _, mode := range modes(calls[i]) {
			// Schedules live on in failures' names: each gets its own memory.
			next := append(s[:len(s):len(s)], Mishap{i + 1, mode})
			schedules += walk(next, left-1, modes, run)
		}
	}
	return schedules
}
