package schedule_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/lambda"
	"fulcrum/local/schedule"
	"fulcrum/local/template"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// call is one event that the function F was given, and when, since the clock
// began.
type call struct {
	at    time.Duration
	event string
}

// bench runs a clock in virtual time, which begins at 2000-01-01 00:00 UTC.
type bench struct {
	log bytes.Buffer // read only after run

	mu    sync.Mutex
	calls []call
}

// run runs one schedule of F for a while. answer says how the function does.
func (b *bench) run(t *testing.T, s template.Schedule, long time.Duration, answer func(ctx context.Context, since time.Duration) (lambda.Answer, error)) {
	t.Helper()
	s.Function, s.Enabled = "F", true
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	begin := time.Now()
	c, err := schedule.New(schedule.Options{
		Schedules: []template.Schedule{s}, Region: "eu-west-1", Account: "123456789012", Log: slog.New(slog.NewTextHandler(&b.log, nil)),
		Functions: []template.Function{{ID: "F", Async: template.Retry{Attempts: 2, Age: 6 * time.Hour}}},
		Invoke: func(ctx context.Context, function string, event []byte) (lambda.Answer, error) {
			b.mu.Lock()
			b.calls = append(b.calls, call{time.Since(begin), string(event)})
			b.mu.Unlock()
			return answer(ctx, time.Since(begin))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), long)
	defer stop()
	c.Run(ctx)
}

func (b *bench) times() []time.Duration {
	var out []time.Duration
	for _, c := range b.calls {
		out = append(out, c.at)
	}
	return out
}

func well(context.Context, time.Duration) (lambda.Answer, error) { return lambda.Answer{}, nil }

func TestWhenSchedulesFire(t *testing.T) {
	minutes := func(all ...int) []time.Duration {
		var out []time.Duration
		for _, m := range all {
			out = append(out, time.Duration(m)*time.Minute)
		}
		return out
	}
	begin := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		schedule template.Schedule
		long     int // minutes
		want     []time.Duration
	}{
		"a rate of Scheduler, at once":                {template.Schedule{Scheduler: true, Expression: "rate(15 minutes)"}, 40, minutes(0, 15, 30)},
		"a rate of a rule, after an interval":         {template.Schedule{Expression: "rate(15 minutes)"}, 40, minutes(15, 30)},
		"a rate with a start":                         {template.Schedule{Scheduler: true, Expression: "rate(15 minutes)", Start: begin.Add(20 * time.Minute)}, 40, minutes(20, 35)},
		"a rate with a start in the past":             {template.Schedule{Scheduler: true, Expression: "rate(15 minutes)", Start: begin.Add(-10 * time.Minute)}, 40, minutes(5, 20, 35)},
		"a rate with an end":                          {template.Schedule{Scheduler: true, Expression: "rate(15 minutes)", End: begin.Add(15 * time.Minute)}, 60, minutes(0, 15)},
		"a calendar":                                  {template.Schedule{Scheduler: true, Expression: "cron(10,20 * * * ? *)"}, 75, minutes(10, 20, 70)},
		"a calendar at the moment at which it begins": {template.Schedule{Scheduler: true, Expression: "cron(0 * * * ? *)"}, 30, minutes(0)},
		"a calendar with a start":                     {template.Schedule{Scheduler: true, Expression: "cron(10,20 * * * ? *)", Start: begin.Add(20 * time.Minute)}, 65, minutes(20)},
		"one moment":                                  {template.Schedule{Scheduler: true, Expression: "at(2000-01-01T00:07:00)"}, 60, minutes(7)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &bench{}
				b.run(t, tt.schedule, time.Duration(tt.long)*time.Minute, well)
				if got := b.times(); !reflect.DeepEqual(got, tt.want) {
					t.Errorf("fired at %v, want %v", got, tt.want)
				}
				if b.log.Len() > 0 {
					t.Errorf("log:\n%s", b.log.String())
				}
			})
		})
	}
}

func TestTheEventIsThatOfTheService(t *testing.T) {
	const id = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`
	const arn = "arn:aws:scheduler:eu-west-1:123456789012:schedule/default/s"
	tests := map[string]struct {
		schedule template.Schedule
		want     string
	}{
		"of Scheduler": {template.Schedule{Scheduler: true, ARN: arn},
			`^{"version":"0","id":"` + id + `","detail-type":"Scheduled Event","source":"aws.scheduler","account":"123456789012","time":"2000-01-01T00:05:00Z","region":"eu-west-1","resources":\["` + arn + `"\],"detail":"{}"}$`},
		"of a rule": {template.Schedule{ARN: "arn:aws:events:eu-west-1:123456789012:rule/s"},
			`^{"version":"0","id":"` + id + `","detail-type":"Scheduled Event","source":"aws.events","account":"123456789012","time":"2000-01-01T00:05:00Z","region":"eu-west-1","resources":\["arn:aws:events:eu-west-1:123456789012:rule/s"\],"detail":{}}$`},
		"the template's own": {template.Schedule{Scheduler: true, Input: `{"a":[1]}`}, `^{"a":\[1\]}$`},
		"with what Scheduler knows": {template.Schedule{Scheduler: true, ARN: arn, Input: `["<aws.scheduler.schedule-arn>","<aws.scheduler.scheduled-time>","<aws.scheduler.execution-id>","<aws.scheduler.attempt-number>"]`},
			`^\["` + arn + `","2000-01-01T00:05:00Z","[0-9a-f]{16}","1"\]$`},
		"a rule knows none of it": {template.Schedule{Input: `"<aws.scheduler.attempt-number>"`}, `^"<aws.scheduler.attempt-number>"$`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &bench{}
				tt.schedule.Expression = "cron(5 0 1 1 ? 2000)"
				b.run(t, tt.schedule, time.Hour, well)
				if len(b.calls) != 1 || !json.Valid([]byte(b.calls[0].event)) || !regexp.MustCompile(tt.want).MatchString(b.calls[0].event) {
					t.Errorf("calls %+v", b.calls)
				}
			})
		})
	}
}

func TestAnEventIsTriedAsAsynchronousEventsAre(t *testing.T) {
	failed := func(context.Context, time.Duration) (lambda.Answer, error) { return lambda.Answer{Failed: true}, nil }
	until := func(d time.Duration, err error) func(context.Context, time.Duration) (lambda.Answer, error) {
		return func(_ context.Context, since time.Duration) (lambda.Answer, error) {
			if since < d {
				return lambda.Answer{}, err
			}
			return lambda.Answer{}, nil
		}
	}
	away := errors.New("away")
	tests := map[string]struct {
		answer func(context.Context, time.Duration) (lambda.Answer, error)
		want   []time.Duration
		log    string
	}{
		"a function that fails, three times": {failed, []time.Duration{0, time.Minute, 3 * time.Minute}, `level=ERROR msg="scheduled event is given up" function=F schedule=arn reason="the function failed"`},
		"one that fails once": {func(_ context.Context, since time.Duration) (lambda.Answer, error) {
			return lambda.Answer{Failed: since == 0}, nil
		}, []time.Duration{0, time.Minute}, `level=WARN msg="scheduled event will be tried again" function=F schedule=arn again_in=1m0s reason="the function failed"`},
		"one that is throttled, with growing pauses":                   {until(7*time.Second, lambda.ErrThrottled), []time.Duration{0, time.Second, 3 * time.Second, 7 * time.Second}, "again_in=4s"},
		"one that Lambda does not take, as often as the schedule says": {until(time.Hour, away), []time.Duration{0, time.Second, 3 * time.Second, 7 * time.Second}, "given up"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &bench{}
				b.run(t, template.Schedule{Scheduler: true, ARN: "arn", Expression: "rate(1 day)", Retry: template.Retry{Attempts: 3, Age: time.Minute}}, 12*time.Hour, tt.answer)
				if got := b.times(); !reflect.DeepEqual(got, tt.want) || !strings.Contains(b.log.String(), tt.log) {
					t.Errorf("tried at %v, want %v; log:\n%s", got, tt.want, b.log.String())
				}
				for _, c := range b.calls {
					if c.event != b.calls[0].event {
						t.Error("a try has another event")
					}
				}
			})
		})
	}
}

func TestAThrottledEventIsGivenUpWhenItIsTooOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{}
		b.run(t, template.Schedule{Expression: "cron(0 0 1 1 ? 2000)"}, 24*time.Hour, func(context.Context, time.Duration) (lambda.Answer, error) {
			return lambda.Answer{}, lambda.ErrThrottled
		})
		last := b.calls[len(b.calls)-1].at
		if last > 6*time.Hour || last < 5*time.Hour+50*time.Minute || !strings.Contains(b.log.String(), "given up") {
			t.Errorf("last try at %v", last)
		}
	})
}

func TestALongRunDoesNotKeepTheClockFromFiring(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{}
		b.run(t, template.Schedule{Scheduler: true, Expression: "rate(1 minute)"}, 150*time.Second, func(context.Context, time.Duration) (lambda.Answer, error) {
			time.Sleep(10 * time.Minute)
			return lambda.Answer{}, nil
		})
		if got := b.times(); !reflect.DeepEqual(got, []time.Duration{0, time.Minute, 2 * time.Minute}) {
			t.Errorf("fired at %v", got)
		}
	})
}

func TestStoppingWaitsForRunningFunctionsButNotForTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{}
		begin := time.Now()
		b.run(t, template.Schedule{Scheduler: true, Expression: "rate(1 day)"}, 5*time.Second, func(ctx context.Context, _ time.Duration) (lambda.Answer, error) {
			time.Sleep(20 * time.Second)
			return lambda.Answer{Failed: true}, ctx.Err()
		})
		if took := time.Since(begin); took != 20*time.Second || len(b.calls) != 1 {
			t.Errorf("ended after %v and %d calls", took, len(b.calls))
		}
	})
}

func TestSchedulesThatCannotRun(t *testing.T) {
	tests := map[string]struct {
		schedule template.Schedule
		want     string
	}{
		"a wrong expression, enabled or not": {template.Schedule{Function: "F", Expression: "rate(soon)"}, "F: rate(soon): not a number of minutes, hours or days (1 minute, 5 minutes)"},
		"an input that is not JSON":          {template.Schedule{Function: "F", ARN: "arn", Expression: "rate(1 day)", Input: "{"}, "F: the input of arn is not JSON"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := schedule.New(schedule.Options{Schedules: []template.Schedule{tt.schedule}}); err == nil || err.Error() != tt.want {
				t.Errorf("got %v", err)
			}
		})
	}
	c, err := schedule.New(schedule.Options{Schedules: []template.Schedule{{Function: "F", Expression: "rate(1 minute)"}}})
	if err != nil {
		t.Fatal(err)
	}
	c.Run(t.Context()) // returns at once: nothing is enabled
}
