package action

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// machine is a marked step and what Lever makes of its requests.
type machine struct {
	step store.ActionStep
	now  lever.Time
	// lands are the times at which requests are applied; one that never is, is not
	// among them.
	lands []lever.Time
	// latest is how late Lever may apply a request.
	latest time.Duration

	posted, looked lever.Time
	looks          int
	certain        bool // the last request has a certain answer
	answers        []string
}

// there is how many requests have been applied by now.
func (m *machine) there() (n int) {
	for _, at := range m.lands {
		if at <= m.now {
			n++
		}
	}
	return n
}

// pass lets time pass.
func (m *machine) pass(t *rapid.T) {
	m.now = after(m.now, time.Duration(rapid.IntRange(1, 600).Draw(t, "seconds"))*time.Second)
}

// request makes a request, if the step is to make one, which Lever applies at
// once, late or never, and answers or not.
func (m *machine) request(t *rapid.T) {
	if m.step.State != store.ActionPlanned || m.now < m.step.LookAt {
		t.Skip("no request is due")
	}
	if m.posted != 0 && !m.certain {
		if m.looks < looks || m.now < after(m.posted, settle) {
			t.Fatalf("the request is repeated after %d looks and %d ms", m.looks, m.now-m.posted)
		}
	}
	begin(&m.step, m.now)
	m.posted, m.looks, m.certain = m.now, 0, true
	switch rapid.SampledFrom(m.answers).Draw(t, "answer") {
	case "done":
		m.lands = append(m.lands, m.now)
		applied(&m.step, "id")
	case "refused":
		refused(&m.step)
	case "late":
		delay := time.Duration(rapid.Int64Range(0, int64(m.latest)).Draw(t, "delay"))
		m.lands = append(m.lands, after(m.now, delay))
		m.unclear()
	case "never":
		m.unclear()
	case "died":
		// Its worker is gone; another one finds the step posting.
		m.certain = false
	}
}

func (m *machine) unclear() {
	m.certain = false
	unclear(&m.step, true)
}

// look looks for the mark, if it is time to.
func (m *machine) look(t *rapid.T) {
	if m.step.State == store.ActionPosting {
		m.unclear()
	}
	if m.step.State != store.ActionAmbiguous || m.now < m.step.LookAt {
		t.Skip("no look is due")
	}
	if m.looks > 0 && m.now < after(m.looked, between) {
		t.Fatalf("two looks are %d ms apart", m.now-m.looked)
	}
	m.looks++
	m.looked = m.now
	if m.there() > 0 {
		applied(&m.step, "id")
		return
	}
	missing(&m.step, true, m.now)
}

// check is what holds at any time.
func (m *machine) check(t *rapid.T) {
	if m.step.Tries > mostTries {
		t.Fatalf("%d requests were made", m.step.Tries)
	}
	if len(m.lands) > m.step.Unsure {
		t.Fatalf("%d requests are or will be applied, and the step knows of %d", len(m.lands), m.step.Unsure)
	}
	if m.latest <= settle && len(m.lands) > 1 {
		t.Fatalf("%d requests are applied though none later than the settle time", len(m.lands))
	}
	if m.step.State == store.ActionDone && m.there() == 0 {
		t.Fatal("the step is done and nothing is there")
	}
	// What the step ends with accounts for all that may still come.
	if ended := m.step.State.Ended(); ended && len(m.lands) > 1 && unaccounted(m.step) == 0 {
		t.Fatal("there may be a double, and nobody looks for it")
	}
}

func TestAStepRepeatsNothingThatMayBeUnderWay(t *testing.T) {
	for name, latest := range map[string]time.Duration{"Lever is late within the settle time": settle, "Lever is later": 3 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				m := &machine{step: store.ActionStep{State: store.ActionPlanned}, now: 1, latest: latest, answers: []string{"done", "refused", "late", "never", "died"}}
				t.Repeat(map[string]func(*rapid.T){"pass": m.pass, "request": m.request, "look": m.look, "": m.check})
			})
		})
	}
}

// Without certain answers too a step comes to an end, and what it then makes of what has landed is what is there.
func TestAStepEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{step: store.ActionStep{State: store.ActionPlanned}, now: 1, latest: 30 * time.Minute, answers: []string{"done", "late", "never", "died"}}
		for turn := 0; !m.step.State.Ended(); turn++ {
			if turn > 5*mostTries {
				t.Fatalf("no end after %d turns: %+v", turn, m.step)
			}
			m.now = max(m.now, m.step.LookAt)
			if m.step.State == store.ActionPlanned {
				m.request(t)
			} else {
				m.look(t)
			}
			m.check(t)
		}
		m.now = after(m.now, m.latest)
		before := m.step.State
		land(&m.step, make([]string, m.there()))
		if done := m.step.State == store.ActionDone; done != (m.there() > 0) || unaccounted(m.step) != 0 {
			t.Fatalf("with %d there, a step that was %s is %+v", m.there(), before, m.step)
		}
	})
}

func TestPausesGrowAndHaveAnEnd(t *testing.T) {
	for tries, most := range map[int]time.Duration{1: firstPause, 2: 2 * firstPause, 5: 16 * firstPause, 12: longest, 1000: longest} {
		for range 100 {
			if p := pause(tries); p < most/2 || p >= most {
				t.Fatalf("pause %v after %d tries, want %v to %v", p, tries, most/2, most)
			}
		}
	}
}
