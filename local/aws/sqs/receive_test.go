package sqs

import (
	"strconv"
	"testing"
	"time"
)

func TestAMessageIsHiddenWhileItIsInFlight(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		url := c.create("q", map[string]string{"VisibilityTimeout": "10"})
		sent := c.send(url, "x", nil)
		sentAt := time.Now()
		time.Sleep(time.Second)
		first := c.one(url)
		time.Sleep(10*time.Second - 1)
		c.wantBodies(c.receive(url, nil))
		if got := c.counts(url); got != [3]string{"0", "1", "0"} {
			t.Errorf("counts %v", got)
		}
		time.Sleep(time.Nanosecond)
		second := c.one(url)
		if first.ReceiptHandle == second.ReceiptHandle {
			t.Error("two receives have one receipt handle")
		}
		for i, m := range []received{first, second} {
			want := map[string]string{
				"SenderId":                         "tester",
				"SentTimestamp":                    strconv.FormatInt(sentAt.UnixMilli(), 10),
				"ApproximateFirstReceiveTimestamp": strconv.FormatInt(sentAt.UnixMilli()+1000, 10),
				"ApproximateReceiveCount":          strconv.Itoa(i + 1),
			}
			if len(m.Attributes) != len(want) || m.MessageID != sent.MessageID {
				t.Errorf("message %s with %v, want %s with %v", m.MessageID, m.Attributes, sent.MessageID, want)
			}
			for k, v := range want {
				if m.Attributes[k] != v {
					t.Errorf("%s is %q, want %q", k, m.Attributes[k], v)
				}
			}
		}
	})
}

func TestDelays(t *testing.T) {
	tests := map[string]struct {
		queue string
		more  in
		want  time.Duration
	}{
		"of the queue":                      {queue: "7", want: 7 * time.Second},
		"of the message":                    {queue: "0", more: in{"DelaySeconds": 9}, want: 9 * time.Second},
		"of the message before the queue's": {queue: "7", more: in{"DelaySeconds": 2}, want: 2 * time.Second},
		"of 0 before the queue's":           {queue: "7", more: in{"DelaySeconds": 0}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T, c client) {
				url := c.create("q", map[string]string{"DelaySeconds": tt.queue})
				c.send(url, "x", tt.more)
				start := time.Now()
				if tt.want > 0 && c.counts(url) != [3]string{"0", "0", "1"} {
					t.Errorf("counts %v", c.counts(url))
				}
				c.wantBodies(c.receive(url, in{"WaitTimeSeconds": 20}), "x")
				if got := time.Since(start); got != tt.want {
					t.Errorf("received after %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestWhatAReceiverMayAskFor(t *testing.T) {
	tests := map[string]struct {
		more    in
		problem string
	}{
		"one message":             {more: in{"MaxNumberOfMessages": 1}},
		"no message":              {more: in{"MaxNumberOfMessages": 0}, problem: "InvalidParameterValue"},
		"eleven messages":         {more: in{"MaxNumberOfMessages": 11}, problem: "InvalidParameterValue"},
		"a visibility of 12 h":    {more: in{"VisibilityTimeout": 43200}},
		"a longer visibility":     {more: in{"VisibilityTimeout": 43201}, problem: "InvalidParameterValue"},
		"to wait 21 seconds":      {more: in{"WaitTimeSeconds": 21}, problem: "InvalidParameterValue"},
		"to wait less than none":  {more: in{"WaitTimeSeconds": -1}, problem: "InvalidParameterValue"},
		"an unknown attribute":    {more: in{"MessageSystemAttributeNames": []string{"Color"}}, problem: "InvalidAttributeName"},
		"attributes the old way":  {more: in{"AttributeNames": []string{"SenderId"}}},
		"unknown ones, old way":   {more: in{"AttributeNames": []string{"Color"}}, problem: "InvalidAttributeName"},
		"attributes nobody wrote": {more: in{"MessageAttributeNames": []string{"a", "b.*"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			tt.more["QueueUrl"] = c.create("q", nil)
			c.wantCode(c.try("ReceiveMessage", tt.more, nil), tt.problem)
		})
	}
}

func TestAReceiverSeesTheAttributesItAskedFor(t *testing.T) {
	c := newClient(t)
	url := c.create("q", nil)
	c.send(url, "x", nil)
	var out receiveOutput
	c.must("ReceiveMessage", in{"QueueUrl": url, "AttributeNames": []string{"SenderId", "MessageGroupId"}}, &out)
	if len(out.Messages) != 1 || len(out.Messages[0].Attributes) != 1 || out.Messages[0].Attributes["SenderId"] != "tester" {
		t.Errorf("received %+v", out.Messages)
	}
}

func TestAVisibilityTimeoutOfZeroGivesEachMessageOnce(t *testing.T) {
	c := newClient(t)
	url := c.create("q", nil)
	c.send(url, "a", nil)
	c.send(url, "b", nil)
	for range 2 {
		c.wantBodies(c.receive(url, in{"VisibilityTimeout": 0}), "a", "b")
	}
}

func TestAQueueWithTooManyInFlightGivesNoMore(t *testing.T) {
	c := newClient(t)
	url := c.create("q", nil)
	c.send(url, "x", nil)
	c.s.queues["q"].inFlight = maxInFlight
	c.wantCode(c.try("ReceiveMessage", in{"QueueUrl": url}, nil), "OverLimit")
	c.s.queues["q"].inFlight = 0
	c.wantBodies(c.receive(url, nil), "x")
}
