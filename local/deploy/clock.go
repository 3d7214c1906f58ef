package deploy

import (
	"time"

	"fulcrum/local/schedule"
	"fulcrum/local/template"
)

// seldom is from how long a pause on the loss of one run of a clock matters by
// itself: those that come more often have come again before somebody looks.
const seldom = time.Hour

// schedules says that each clock can be read as EventBridge reads it, that what could
// not be begun is not begun for a day, and that what comes seldom is kept then; and
// that every clock has the one role for them, which has the boundary: SAM would make
// others without it.
func schedules(c *check) error {
	for _, s := range c.Wiring.Schedules {
		_, err := schedule.New(schedule.Options{Schedules: []template.Schedule{s}})
		c.want(err == nil, "schedule", s.Function, "%s: %v", s.Expression, err)
		c.want(s.Retry.Attempts <= 3 && s.Retry.Age <= time.Hour, "schedule", s.Function, "%s is tried %d times for %v", s.Input, s.Retry.Attempts, s.Retry.Age)
	}
	return each(c, template.FunctionType, func(id string, f struct {
		Events map[string]struct {
			Type       string `yaml:"Type"`
			Properties struct {
				Expression string `yaml:"ScheduleExpression"`
				Role       string `yaml:"RoleArn"`
				Dead       struct {
					ARN string `yaml:"Arn"`
				} `yaml:"DeadLetterConfig"`
			} `yaml:"Properties"`
		} `yaml:"Events"`
	}) {
		for name, e := range f.Events {
			if e.Type != "ScheduleV2" {
				continue
			}
			c.want(c.idOf(e.Properties.Role) == "ClockRole", "clock role", id, "SAM would make a role for %s", name)
			pause, err := schedule.Pause(e.Properties.Expression)
			c.want(err == nil && (pause < seldom || c.isQueue(e.Properties.Dead.ARN)), "clock lost", id, "%s comes every %v, and is kept nowhere when it cannot begin", name, pause)
		}
	})
}

// asynchronous says what becomes of a run that nobody waits for and that fails: it is
// tried again, not for longer than makes sense, and what was tried in vain is kept.
// Without a word Lambda tries for six hours, and forgets.
func asynchronous(c *check) error {
	clocked := map[string]bool{}
	for _, s := range c.Wiring.Schedules {
		clocked[s.Function] = true
	}
	for id := range clocked {
		f := c.function(id)
		c.want(f.Async.Attempts == 2 && f.Async.Age <= seldom, "asynchronous", id, "a run that fails is tried %d times more, for %v", f.Async.Attempts, f.Async.Age)
		// Lambda waits one minute and then two, and a run may take its time.
		least := 3*time.Minute + 2*f.Timeout
		c.want(f.Async.Age >= least, "asynchronous", id, "two more tries take up to %v, and it is given up after %v", least, f.Async.Age)
		c.want(c.isQueue(f.Failed), "asynchronous", id, "what was tried in vain is kept nowhere")
	}
	return nil
}

// isQueue reports whether arn is a queue of the stack's.
func (c *check) isQueue(arn string) bool {
	id := c.idOf(arn)
	for _, r := range c.of(template.QueueType) {
		if arn != "" && r.ID == id {
			return true
		}
	}
	return false
}

// kept are the queues of what the clock asked for in vain.
func (c *check) kept() map[string]bool {
	all := map[string]bool{}
	for _, f := range c.Wiring.Functions {
		if f.Failed != "" {
			all[c.idOf(f.Failed)] = true
		}
	}
	return all
}
