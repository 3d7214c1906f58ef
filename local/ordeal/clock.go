package ordeal

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"fulcrum/local/mishap"
	"fulcrum/local/template"
	"fulcrum/shared/store"
)

const (
	// pulse is how often all clocks run, also those that seem to have nothing to do:
	// well within the hour after which windows of Lever's changes are behind.
	pulse = 40 * time.Minute
	// stride is the pause between two looks at clocks while much time passes.
	stride = 10 * time.Minute
)

// clock is when all clocks of a stack ran last. It is one for all plays of the stack:
// each of them takes a few minutes, and a hundred without a clock are hours.
type clock struct{ ran time.Time }

// often says which of the clocks run: those that look for what is due.
func often(s template.Schedule) bool { return s.Enabled && strings.Contains(s.Expression, "minute") }

// tasks are those that look after a kind of what is due. A task that looks after none
// runs with the pulse.
func tasks() map[string]string {
	return map[string]string{
		"event": "due", "delivery": "due", "letter": "due", "action": "actions", "import": "imports", "window": "windows",
		"untold": "alert", "ending": "end", "recovery": "recover", "erasure": "erasures",
	}
}

// tick runs the clocks whose task has something due by now, and all of them with the
// pulse: a round of clocks that find nothing costs as much as all the rest of a play.
func (p *Play) tick() {
	p.t.Helper()
	if time.Since(p.clock.ran) >= pulse {
		p.run(often)
		p.clock.ran = time.Now()
		return
	}
	var wanted []string
	for _, kind := range p.kinds(time.Now()) {
		wanted = append(wanted, tasks()[kind])
	}
	p.run(func(s template.Schedule) bool { return often(s) && slices.Contains(wanted, task(s)) })
}

// task is what a clock asks for.
func task(s template.Schedule) string {
	var input struct{ Task string }
	if json.Unmarshal([]byte(s.Input), &input) != nil {
		return ""
	}
	return input.Task
}

// run runs clocks once. One whose function fails runs again with the next tick.
func (p *Play) run(which func(template.Schedule) bool) {
	p.t.Helper()
	for _, s := range p.Wiring.Schedules {
		if !which(s) {
			continue
		}
		if _, err := p.Invoke(p.t.Context(), s.Function, []byte(s.Input)); err != nil {
			p.Errorf("clock %s: %v", s.Input, err)
		}
	}
}

// Pass has so much time pass, and the clocks go on.
func (p *Play) Pass(d time.Duration) {
	p.t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); p.tick() {
		time.Sleep(min(stride, time.Until(end)))
	}
}

// Later has so much time pass with the clocks going that a window of Lever's changes
// is closed, once more for each mishap that may keep a clock from it.
func (p *Play) Later() {
	p.t.Helper()
	more := 0
	if p.world != nil {
		more = len(p.schedule)
	}
	p.Pass(window * time.Duration(1+more))
}

// ready has the clocks of the stack be where they are before every play. Where they
// call a function under trial its calls have the same numbers then.
func (p *Play) ready() {
	p.t.Helper()
	time.Sleep(beat) // so that nothing of the play before is of this one
	if p.clocked() {
		time.Sleep(store.WindowEvery)
		p.clock.ran = time.Time{}
	}
	if time.Since(p.clock.ran) >= pulse {
		p.tick()
	}
}

// clocked reports whether a clock calls a function under trial.
func (p *Play) clocked() bool {
	return slices.ContainsFunc(p.Wiring.Schedules, func(s template.Schedule) bool {
		return often(s) && slices.Contains(p.scene.Functions, s.Function)
	})
}

// Late reports whether something of the play lands late, or stands still.
func (p *Play) Late() bool {
	return slices.ContainsFunc(p.schedule, func(m mishap.Mishap) bool { return m.Mode == mishap.Late || m.Mode == mishap.Frozen })
}

// land waits for what is late, and for who stands still.
func (p *Play) land() {
	p.t.Helper()
	if p.Late() {
		p.Pass(lateness)
	}
	p.world.Wait()
}
