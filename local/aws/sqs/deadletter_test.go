package sqs

import (
	"testing"
	"time"
)

func TestMessagesBeyondTheRetentionAreGone(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		url := c.create("q", map[string]string{"MessageRetentionPeriod": "60"})
		c.send(url, "old", nil)
		c.receive(url, in{"VisibilityTimeout": 1000})
		time.Sleep(30 * time.Second)
		c.send(url, "young", nil)
		time.Sleep(30*time.Second - 1)
		if got := c.counts(url); got != [3]string{"1", "1", "0"} {
			t.Errorf("counts before %v", got)
		}
		time.Sleep(time.Nanosecond)
		if got := c.counts(url); got != [3]string{"1", "0", "0"} {
			t.Errorf("counts after %v", got)
		}
		c.must("SetQueueAttributes", in{"QueueUrl": url, "Attributes": in{"MessageRetentionPeriod": "3600"}}, nil)
		time.Sleep(time.Hour - 31*time.Second)
		c.wantBodies(c.receive(url, nil), "young")
	})
}

func TestADeadLetterKeepsWhatItWas(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		url, dead := c.withDeadLetters("q", 2, nil)
		sent := c.send(url, "x", in{"MessageGroupId": "g", "MessageAttributes": in{"a": text("b")}})
		first := c.receive(url, in{"VisibilityTimeout": 0})[0]
		c.wantBodies(c.receive(url, in{"VisibilityTimeout": 5}), "x")
		time.Sleep(5 * time.Second)
		c.wantBodies(c.receive(url, nil))
		m := c.one(dead)
		want := map[string]string{
			"ApproximateReceiveCount": "3", "DeadLetterQueueSourceArn": c.s.arn("q"), "MessageGroupId": "g",
			"SentTimestamp": first.Attributes["SentTimestamp"], "ApproximateFirstReceiveTimestamp": first.Attributes["ApproximateFirstReceiveTimestamp"],
		}
		for k, v := range want {
			if m.Attributes[k] != v {
				t.Errorf("%s is %q, want %q", k, m.Attributes[k], v)
			}
		}
		if m.MessageID != sent.MessageID || m.MD5OfMessageAttributes != sent.MD5OfMessageAttributes {
			t.Errorf("dead letter %+v of %+v", m, sent)
		}
	})
}

func TestTheRetentionOfADeadLetterCountsFromItsSending(t *testing.T) {
	for name, fifo := range map[string]bool{"in a standard queue": false, "in a FIFO queue from its move": true} {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T, c client) {
				queue, attributes, more := "q", map[string]string{"MessageRetentionPeriod": "600"}, in{}
				if fifo {
					queue, attributes["FifoQueue"] = "q.fifo", "true"
					more = in{"MessageGroupId": "g", "MessageDeduplicationId": "d"}
				}
				url, dead := c.withDeadLetters(queue, 1, attributes)
				c.send(url, "x", more)
				time.Sleep(5 * time.Minute)
				c.receive(url, in{"VisibilityTimeout": 0})
				c.wantBodies(c.receive(url, nil))
				time.Sleep(5 * time.Minute)
				if kept := c.counts(dead)[0] == "1"; kept != fifo {
					t.Errorf("kept for ten minutes after its sending: %v", kept)
				}
			})
		})
	}
}

func TestADeadLetterStaysWhereItsQueueIsGone(t *testing.T) {
	c := newClient(t)
	url, dead := c.withDeadLetters("q", 1, nil)
	c.send(url, "x", nil)
	c.must("DeleteQueue", in{"QueueUrl": dead}, nil)
	for range 3 {
		c.wantBodies(c.receive(url, in{"VisibilityTimeout": 0}), "x")
	}
}

func TestAWaitingReceiverMovesDeadLettersToo(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		url, dead := c.withDeadLetters("q", 1, map[string]string{"VisibilityTimeout": "4"})
		c.send(url, "x", nil)
		c.one(url)
		both := make(chan int)
		for _, u := range []string{url, dead} {
			go func() { both <- len(c.receive(u, in{"WaitTimeSeconds": 20})) }()
		}
		start := time.Now()
		if got := <-both; got != 1 || time.Since(start) != 4*time.Second {
			t.Errorf("%d messages after %v", got, time.Since(start))
		}
		if got := <-both; got != 0 {
			t.Errorf("%d messages at the source", got)
		}
	})
}
