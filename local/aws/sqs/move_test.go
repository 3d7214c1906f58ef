package sqs

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"
)

// deadLetters makes a queue q, its dead-letter queue, and n dead letters.
func (c client) deadLetters(n int) (source, dead string) {
	c.t.Helper()
	source, dead = c.withDeadLetters("q", 1, nil)
	for i := range n {
		c.send(source, fmt.Sprint(i), nil)
	}
	for range 2 {
		c.receive(source, in{"VisibilityTimeout": 0})
	}
	if got := c.counts(dead); got != [3]string{fmt.Sprint(n), "0", "0"} {
		c.t.Fatalf("dead letters %v", got)
	}
	return source, dead
}

func (c client) start(more in) string {
	c.t.Helper()
	input := in{"SourceArn": c.s.arn("q-dead")}
	for k, v := range more {
		input[k] = v
	}
	var out struct{ TaskHandle string }
	c.must("StartMessageMoveTask", input, &out)
	return out.TaskHandle
}

func (c client) tasks(most int) []moveStatus {
	c.t.Helper()
	var out struct{ Results []moveStatus }
	c.must("ListMessageMoveTasks", in{"SourceArn": c.s.arn("q-dead"), "MaxResults": most}, &out)
	return out.Results
}

func TestAMoveTaskTakesDeadLettersBack(t *testing.T) {
	tests := map[string]struct {
		more in
		want moveStatus
		to   string
	}{
		"to where they came from": {to: "q", want: moveStatus{}},
		"to a queue of choice":    {more: in{"DestinationArn": "arn:aws:sqs:us-east-1:000000000000:elsewhere"}, to: "elsewhere", want: moveStatus{DestinationArn: "arn:aws:sqs:us-east-1:000000000000:elsewhere"}},
		"one a second":            {more: in{"MaxNumberOfMessagesPerSecond": 1}, to: "q", want: moveStatus{MaxNumberOfMessagesPerSecond: 1}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T, c client) {
				c.create("elsewhere", nil)
				_, dead := c.deadLetters(3)
				handle, started := c.start(tt.more), time.Now()
				want := tt.want
				want.SourceArn, want.StartedTimestamp, want.ApproximateNumberOfMessagesToMove = c.s.arn("q-dead"), started.UnixMilli(), 3
				want.Status, want.TaskHandle = running, handle
				if got := c.tasks(1); len(got) != 1 || got[0] != want {
					t.Errorf("while it runs %+v, want %+v", got, want)
				}
				time.Sleep(4 * time.Second)
				want.Status, want.TaskHandle, want.ApproximateNumberOfMessagesMoved = completed, "", 3
				if got := c.tasks(1); len(got) != 1 || got[0] != want {
					t.Errorf("in the end %+v, want %+v", got, want)
				}
				c.wantBodies(c.receive(tt.to, nil), "0", "1", "2")
				if got := c.counts(dead); got != [3]string{"0", "0", "0"} {
					t.Errorf("dead letters %v", got)
				}
			})
		})
	}
}

func TestAMovedMessageIsANewOne(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		source, dead := c.withDeadLetters("q", 1, map[string]string{"MessageRetentionPeriod": "600"})
		sent := c.send(source, "x", in{"MessageGroupId": "g", "MessageAttributes": in{"a": text("b")}})
		c.receive(source, in{"VisibilityTimeout": 0})
		c.receive(source, nil)
		time.Sleep(9 * time.Minute)
		start := time.Now()
		c.start(nil)
		time.Sleep(9 * time.Minute)
		m := c.one(source)
		if m.MessageID == sent.MessageID || m.MD5OfMessageAttributes != sent.MD5OfMessageAttributes || m.Attributes["MessageGroupId"] != "g" {
			t.Errorf("moved %+v of %+v", m, sent)
		}
		if m.Attributes["ApproximateReceiveCount"] != "1" || m.Attributes["DeadLetterQueueSourceArn"] != "" || m.Attributes["SentTimestamp"] != milliseconds(start.Add(2*time.Millisecond)) {
			t.Errorf("attributes %v", m.Attributes)
		}
		if got := c.counts(dead); got != [3]string{"0", "0", "0"} {
			t.Errorf("dead letters %v", got)
		}
	})
}

func TestTheRateOfAMoveTask(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		source, _ := c.deadLetters(10)
		c.start(in{"MaxNumberOfMessagesPerSecond": 2})
		for i, want := range []int{0, 2, 4} {
			if i > 0 {
				time.Sleep(time.Second)
			}
			if got := c.tasks(1)[0].ApproximateNumberOfMessagesMoved; got != want {
				t.Errorf("%d moved after %d s, want %d", got, i, want)
			}
		}
		// Who waits is woken by a step, without any other call.
		for len(c.receive(source, nil)) > 0 {
		}
		start := time.Now()
		c.wantBodies(c.receive(source, in{"WaitTimeSeconds": 20}), "4")
		if waited := time.Since(start); waited != time.Second/2 {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestAWaiterSeesATaskThatStartsLater(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		source, _ := c.deadLetters(1)
		go func() { time.Sleep(3 * time.Second); c.start(in{"MaxNumberOfMessagesPerSecond": 1}) }()
		start := time.Now()
		c.wantBodies(c.receive(source, in{"WaitTimeSeconds": 20}), "0")
		if waited := time.Since(start); waited != 4*time.Second {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestCancellingAMoveTask(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		c.deadLetters(5)
		handle := c.start(in{"MaxNumberOfMessagesPerSecond": 1})
		time.Sleep(2 * time.Second)
		var out struct{ ApproximateNumberOfMessagesMoved int }
		c.must("CancelMessageMoveTask", in{"TaskHandle": handle}, &out)
		if out.ApproximateNumberOfMessagesMoved != 2 {
			t.Errorf("%d moved", out.ApproximateNumberOfMessagesMoved)
		}
		time.Sleep(time.Minute)
		if got := c.tasks(1)[0]; got.Status != cancelled || got.ApproximateNumberOfMessagesMoved != 2 || got.TaskHandle != "" {
			t.Errorf("task %+v", got)
		}
		c.wantCode(c.try("CancelMessageMoveTask", in{"TaskHandle": handle}, nil), "ResourceNotFoundException")
	})
}

func TestMoveTasksThatAreRefused(t *testing.T) {
	arn := func(name string) string { return "arn:aws:sqs:us-east-1:000000000000:" + name }
	handle := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	tests := map[string]struct {
		action  string
		input   in
		problem string
	}{
		"from a queue that is not there":    {action: "StartMessageMoveTask", input: in{"SourceArn": arn("none")}, problem: "ResourceNotFoundException"},
		"from no dead-letter queue":         {action: "StartMessageMoveTask", input: in{"SourceArn": arn("q")}, problem: "InvalidParameterValue"},
		"to a queue that is not there":      {action: "StartMessageMoveTask", input: in{"SourceArn": arn("q-dead"), "DestinationArn": arn("none")}, problem: "ResourceNotFoundException"},
		"to where they are":                 {action: "StartMessageMoveTask", input: in{"SourceArn": arn("q-dead"), "DestinationArn": arn("q-dead")}, problem: "InvalidParameterValue"},
		"to a queue of the other type":      {action: "StartMessageMoveTask", input: in{"SourceArn": arn("q-dead"), "DestinationArn": arn("f.fifo")}, problem: "InvalidParameterValue"},
		"none a second":                     {action: "StartMessageMoveTask", input: in{"SourceArn": arn("q-dead"), "MaxNumberOfMessagesPerSecond": 0}, problem: "InvalidParameterValue"},
		"501 a second":                      {action: "StartMessageMoveTask", input: in{"SourceArn": arn("q-dead"), "MaxNumberOfMessagesPerSecond": 501}, problem: "InvalidParameterValue"},
		"a handle that is none":             {action: "CancelMessageMoveTask", input: in{"TaskHandle": "junk!"}, problem: "InvalidParameterValue"},
		"a handle of no queue":              {action: "CancelMessageMoveTask", input: in{"TaskHandle": handle(`{"taskId":"1","sourceArn":"x"}`)}, problem: "ResourceNotFoundException"},
		"a handle of no task":               {action: "CancelMessageMoveTask", input: in{"TaskHandle": handle(`{"taskId":"1","sourceArn":"` + arn("q-dead") + `"}`)}, problem: "ResourceNotFoundException"},
		"a list of a queue that is not":     {action: "ListMessageMoveTasks", input: in{"SourceArn": arn("none")}, problem: "ResourceNotFoundException"},
		"a list of more than is remembered": {action: "ListMessageMoveTasks", input: in{"SourceArn": arn("q-dead"), "MaxResults": 11}, problem: "InvalidParameterValue"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			c.create("f.fifo", fifo())
			c.withDeadLetters("q", 1, nil)
			c.wantCode(c.try(tt.action, tt.input, nil), tt.problem)
		})
	}
}

func TestOneTaskAtATime(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		c.deadLetters(2)
		for i := range 12 {
			c.start(in{"MaxNumberOfMessagesPerSecond": i + 1})
			c.wantCode(c.try("StartMessageMoveTask", in{"SourceArn": c.s.arn("q-dead")}, nil), "InvalidParameterValue")
			time.Sleep(3 * time.Second)
		}
		got := c.tasks(10)
		if len(got) != 10 || got[0].MaxNumberOfMessagesPerSecond != 12 || got[9].MaxNumberOfMessagesPerSecond != 3 {
			t.Errorf("tasks %+v", got)
		}
	})
}

func TestMoveTasksThatFail(t *testing.T) {
	tests := map[string]struct {
		more   in
		before func(c client, dead string)
		reason string
	}{
		"when the destination is deleted": {
			more:   in{"DestinationArn": "arn:aws:sqs:us-east-1:000000000000:elsewhere"},
			before: func(c client, _ string) { c.must("DeleteQueue", in{"QueueUrl": "elsewhere"}, nil) },
			reason: "AWS.SimpleQueueService.NonExistentQueue",
		},
		"when the source is deleted and made again": {
			before: func(c client, dead string) { c.must("DeleteQueue", in{"QueueUrl": dead}, nil) },
			reason: "AWS.SimpleQueueService.NonExistentQueue",
		},
		"with a message that came from nowhere": {
			before: func(c client, dead string) { c.send(dead, "direct", nil) },
			reason: "CouldNotDetermineMessageSource",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T, c client) {
				c.create("elsewhere", nil)
				_, dead := c.withDeadLetters("q", 1, nil)
				if tt.reason == "CouldNotDetermineMessageSource" {
					tt.before(c, dead)
				} else {
					c.send(dead, "x", nil)
				}
				c.start(tt.more)
				if tt.reason != "CouldNotDetermineMessageSource" {
					tt.before(c, dead)
				}
				time.Sleep(time.Second)
				c.counts("q")
				if got := c.s.moves[0]; got.Status != failed || got.Reason != tt.reason {
					t.Errorf("task %+v", got)
				}
			})
		})
	}
}

func TestATaskEndsWhenItsMessagesAreGone(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		_, dead := c.deadLetters(3)
		c.start(in{"MaxNumberOfMessagesPerSecond": 1})
		time.Sleep(time.Second)
		c.receive(dead, nil)
		time.Sleep(time.Second)
		if got := c.tasks(1)[0]; got.Status != completed || got.ApproximateNumberOfMessagesMoved != 1 {
			t.Errorf("task %+v", got)
		}
	})
}
