package action

import (
	"math/rand/v2"
	"time"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

const (
	// window is how long after a request was noted it may be sent, and be waited
	// for. It is at most half of every settle time.
	window = 15 * time.Second
	// settle is how long Lever may take to apply a request whose caller has given
	// it up. Lever publishes nothing about it; what takes longer is a double, and
	// removed.
	settle = 5 * time.Minute
	// between is the time between two looks: a list may lag behind.
	between = time.Minute
	looks   = 2
	// calm is settle for what may be repeated without harm.
	calm = 2 * window
	// mostTries is how many requests of one step are made of which Lever gives no
	// certain answer. With the pauses between them that is half a working day.
	mostTries = 12
	// firstPause is what follows the first try; each pause is up to twice the one
	// before, up to longest.
	firstPause = 10 * time.Second
	longest    = time.Hour
)

// NotApplied is the reason of a step that Lever does not do however often it is
// asked.
const NotApplied fault.Reason = "not_applied"

// begin notes that a request of the step is about to be made.
func begin(s *store.ActionStep, now lever.Time) {
	s.State, s.PostedAt, s.Looks, s.LookAt = store.ActionPosting, now, 0, 0
	s.Tries++
	s.Unsure++
}

// end ends the step.
func end(s *store.ActionStep, state store.ActionState, reason fault.Reason) {
	s.State, s.Reason, s.LookAt = state, reason, 0
}

// applied ends the step with what was written.
func applied(s *store.ActionStep, leverID string) {
	end(s, store.ActionDone, "")
	s.LeverID = leverID
}

// refused takes back a request of which it is certain that Lever has not done it.
// When it is made again is a matter of the action.
func refused(s *store.ActionStep) {
	s.State, s.LookAt = store.ActionPlanned, 0
	s.Tries--
	s.Unsure--
}

// unclear is a request of which it is not known whether Lever has done it.
func unclear(s *store.ActionStep, careful bool) {
	wait := calm
	if careful {
		wait = settle
	}
	s.State, s.LookAt = store.ActionAmbiguous, after(s.PostedAt, wait)
}

// missing is a look in vain. After the last one the request is to be made again.
func missing(s *store.ActionStep, careful bool, now lever.Time) {
	s.Looks++
	if careful && s.Looks < looks {
		s.LookAt = after(now, between)
		return
	}
	again(s, now)
}

// again has the request made again after a pause, or parks the step when it was
// made often enough.
func again(s *store.ActionStep, now lever.Time) {
	if s.Tries >= mostTries {
		end(s, store.ActionParked, NotApplied)
		return
	}
	s.State, s.LookAt = store.ActionPlanned, after(now, pause(s.Tries))
}

func after(at lever.Time, d time.Duration) lever.Time { return at + lever.Time(d.Milliseconds()) }

// pause is what follows after so many tries: half of it is by chance, so that what
// failed together does not come back together.
func pause(tries int) time.Duration {
	full := longest
	if tries < 10 {
		full = min(firstPause<<max(tries-1, 0), longest)
	}
	return full/2 + rand.N(full/2)
}
