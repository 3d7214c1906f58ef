// Package schedule calls functions by the clock, as EventBridge Scheduler and the
// scheduled rules of EventBridge do: asynchronously, with the events of these
// services, and with Lambda's tries for events that nobody waits for.
//
// Sources: EventBridge Scheduler user guide, "Schedule types on EventBridge
// Scheduler" and "Adding context attributes in EventBridge Scheduler";
// EventBridge user guide, "Creating a scheduled rule"; Lambda developer guide,
// "How Lambda handles errors and retries with asynchronous invocation".
package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"fulcrum/local/lambda"
	"fulcrum/local/template"
	"fulcrum/shared/pause"
)

// Options are what a Clock needs.
type Options struct {
	Schedules []template.Schedule
	// Functions tell how often their events are tried.
	Functions []template.Function
	// Invoke runs a function, as (*lambda.Pool).Invoke does.
	Invoke  func(ctx context.Context, function string, event []byte) (lambda.Answer, error)
	Region  string
	Account string
	Log     *slog.Logger
}

// Clock fires schedules.
type Clock struct {
	options Options
	entries []entry
}

// entry is an enabled schedule, ready to run.
type entry struct {
	template.Schedule
	times expression
	async template.Retry
}

// New reads the schedules' expressions. Those that are not enabled are read too,
// but never fire.
func New(o Options) (*Clock, error) {
	async := map[string]template.Retry{}
	for _, f := range o.Functions {
		async[f.ID] = f.Async
	}
	c := &Clock{options: o}
	for _, s := range o.Schedules {
		times, err := parse(s.Expression, s.Zone)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Function, err)
		}
		if s.Input != "" && !json.Valid([]byte(s.Input)) {
			return nil, fmt.Errorf("%s: the input of %s is not JSON", s.Function, s.ARN)
		}
		if s.Enabled {
			c.entries = append(c.entries, entry{s, times, async[s.Function]})
		}
	}
	return c, nil
}

// Run fires until ctx ends, and returns when no function works on an event any
// more. Tries that are due later are dropped.
func (c *Clock) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, e := range c.entries {
		all.Go(func() { c.run(ctx, e) })
	}
	all.Wait()
}

func (c *Clock) run(ctx context.Context, e entry) {
	var events sync.WaitGroup
	defer events.Wait()
	due := e.first(time.Now())
	for !due.IsZero() && (e.End.IsZero() || !due.After(e.End)) {
		if !pause.For(ctx, time.Until(due)) {
			return
		}
		event := e.event(due, c.options)
		events.Go(func() { c.deliver(ctx, e, event) })
		// What was due while the machine slept is not made up for.
		due = e.times.next(later(due, time.Now()))
	}
}

// first is when a schedule fires first. A rate of EventBridge Scheduler begins
// with the start date, or at once; that of a rule after one interval.
func (e *entry) first(now time.Time) time.Time {
	if e.times.every == 0 {
		return e.times.next(later(now, e.Start).Add(-1))
	}
	switch {
	case !e.Scheduler:
		e.times.anchor = now
		return now.Add(e.times.every)
	case e.Start.IsZero():
		e.times.anchor = now
	default:
		e.times.anchor = e.Start
	}
	if !e.times.anchor.Before(now) {
		return e.times.anchor
	}
	return e.times.next(now)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// event is what the function is given.
func (e *entry) event(due time.Time, o Options) []byte {
	stamp := due.UTC().Format("2006-01-02T15:04:05Z")
	if e.Input != "" {
		if !e.Scheduler {
			return []byte(e.Input)
		}
		return []byte(strings.NewReplacer(
			"<aws.scheduler.schedule-arn>", e.ARN,
			"<aws.scheduler.scheduled-time>", stamp,
			"<aws.scheduler.execution-id>", strings.ReplaceAll(lambda.NewID(), "-", "")[:16],
			"<aws.scheduler.attempt-number>", "1",
		).Replace(e.Input))
	}
	source, detail := "aws.events", "{}"
	if e.Scheduler {
		// Scheduler's detail is a string; a rule's is an object.
		source, detail = "aws.scheduler", `"{}"`
	}
	return fmt.Appendf(nil, `{"version":"0","id":%q,"detail-type":"Scheduled Event","source":%q,"account":%q,"time":%q,"region":%q,"resources":[%q],"detail":%s}`,
		lambda.NewID(), source, o.Account, stamp, o.Region, e.ARN, detail)
}
