package template

import (
	"slices"
	"time"
)

// QueueSource is an SQS event source mapping: a function works off a queue.
type QueueSource struct {
	Function string
	Queue    string // its ARN
	Enabled  bool
	Batch    int           // messages an event, at most
	Window   time.Duration // how long a batch may fill
	// Concurrency is how many events may be worked on at once; 0 leaves it open.
	Concurrency int
	// Partial has the function say which messages failed
	// (ReportBatchItemFailures).
	Partial bool
}

// queue adds an event of the type SQS. Source: SAM developer guide, "SQS";
// Lambda API reference, "CreateEventSourceMapping".
func (w *wirer) queue(t trigger) error {
	p := struct {
		Queue                          string   `yaml:"Queue"`
		Enabled                        bool     `yaml:"Enabled"`
		BatchSize                      int      `yaml:"BatchSize"`
		MaximumBatchingWindowInSeconds int      `yaml:"MaximumBatchingWindowInSeconds"`
		FunctionResponseTypes          []string `yaml:"FunctionResponseTypes"`
		FilterCriteria                 any      `yaml:"FilterCriteria"`
		ScalingConfig                  struct {
			MaximumConcurrency int `yaml:"MaximumConcurrency"`
		} `yaml:"ScalingConfig"`
	}{Enabled: true, BatchSize: 10}
	if err := w.resolver.decode(t.properties, &p); err != nil {
		return err
	}
	problem := ""
	switch {
	case p.Queue == "":
		problem = "Queue is missing"
	case p.FilterCriteria != nil:
		problem = "FilterCriteria is not supported here"
	case p.BatchSize < 1 || p.BatchSize > 10_000:
		problem = "BatchSize is 1 to 10000"
	case p.BatchSize > 10 && p.MaximumBatchingWindowInSeconds < 1:
		problem = "BatchSize over 10 needs MaximumBatchingWindowInSeconds"
	case p.MaximumBatchingWindowInSeconds < 0 || p.MaximumBatchingWindowInSeconds > 300:
		problem = "MaximumBatchingWindowInSeconds is 0 to 300"
	}
	if problem != "" {
		return w.errorf(t.name, "event %s of %s: %s", t.name.Value, t.function, problem)
	}
	w.Queues = append(w.Queues, QueueSource{
		Function: t.function, Queue: p.Queue, Enabled: p.Enabled, Batch: p.BatchSize,
		Window:      time.Duration(p.MaximumBatchingWindowInSeconds) * time.Second,
		Concurrency: p.ScalingConfig.MaximumConcurrency,
		Partial:     slices.Contains(p.FunctionResponseTypes, "ReportBatchItemFailures"),
	})
	return nil
}

// Schedule calls a function by the clock.
type Schedule struct {
	Function string
	ARN      string
	// Scheduler tells EventBridge Scheduler (ScheduleV2) from a rule of
	// EventBridge (Schedule): they send different events.
	Scheduler  bool
	Enabled    bool
	Expression string         // rate(…), cron(…) or at(…)
	Zone       *time.Location // in which cron and at are meant
	Input      string         // what the function is given; empty for the service's own event
	Start, End time.Time      // zero where there is none
	Retry      Retry          // of the delivery to Lambda
}

// schedule adds an event of the type Schedule or ScheduleV2. Source: SAM
// developer guide, "Schedule" and "ScheduleV2".
func (w *wirer) schedule(t trigger, scheduler bool) error {
	p := struct {
		Name                       string      `yaml:"Name"`
		Schedule                   string      `yaml:"Schedule"`
		ScheduleExpression         string      `yaml:"ScheduleExpression"`
		ScheduleExpressionTimezone string      `yaml:"ScheduleExpressionTimezone"`
		GroupName                  string      `yaml:"GroupName"`
		State                      string      `yaml:"State"`
		Enabled                    *bool       `yaml:"Enabled"`
		Input                      string      `yaml:"Input"`
		StartDate                  string      `yaml:"StartDate"`
		EndDate                    string      `yaml:"EndDate"`
		RetryPolicy                retryConfig `yaml:"RetryPolicy"`
	}{Name: w.name(t.function + t.name.Value), GroupName: "default", State: "ENABLED", RetryPolicy: retryConfig{185, 24 * 60 * 60}}
	if err := w.resolver.decode(t.properties, &p); err != nil {
		return err
	}
	s := Schedule{Function: t.function, Scheduler: scheduler, Expression: p.Schedule + p.ScheduleExpression,
		Enabled: p.State == "ENABLED" && (p.Enabled == nil || *p.Enabled), Input: p.Input, Retry: p.RetryPolicy.retry()}
	if s.ARN = w.arn("events", "rule/"+p.Name); scheduler {
		s.ARN = w.arn("scheduler", "schedule/"+p.GroupName+"/"+p.Name)
	}
	var err error
	if s.Zone, err = time.LoadLocation(p.ScheduleExpressionTimezone); err != nil {
		return w.errorf(t.name, "event %s of %s: %s", t.name.Value, t.function, err)
	}
	for _, date := range []struct {
		text string
		at   *time.Time
	}{{p.StartDate, &s.Start}, {p.EndDate, &s.End}} {
		if date.text == "" {
			continue
		}
		if *date.at, err = time.Parse(time.RFC3339, date.text); err != nil {
			return w.errorf(t.name, "event %s of %s: %q is not a date like 2026-01-31T09:00:00Z", t.name.Value, t.function, date.text)
		}
	}
	w.Schedules = append(w.Schedules, s)
	return nil
}
