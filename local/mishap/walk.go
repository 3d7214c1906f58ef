package mishap

// Walk runs all schedules with up to so many mishaps of the modes, the one without
// any first. run runs one and gives how many calls it made: what comes after a
// mishap differs from run to run, so the second mishap is tried at every call that
// the run with the first one made. It gives how many schedules there were.
func Walk(mishaps int, modes []Mode, run func(Schedule) (calls int)) (schedules int) {
	return walk(nil, mishaps, modes, run)
}

func walk(s Schedule, left int, modes []Mode, run func(Schedule) int) int {
	calls, schedules := run(s), 1
	if left == 0 {
		return schedules
	}
	first := 1
	if len(s) > 0 {
		first = s[len(s)-1].Call + 1
	}
	for call := first; call <= calls; call++ {
		for _, mode := range modes {
			// Schedules live on in failures' names: each gets its own memory.
			next := append(s[:len(s):len(s)], Mishap{call, mode})
			schedules += walk(next, left-1, modes, run)
		}
	}
	return schedules
}
