package sqs

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestLongPolling(t *testing.T) {
	tests := map[string]struct {
		before func(c client, url string)
		during func(c client, url string) // after 3 seconds
		waits  time.Duration
		gets   int
	}{
		"of an empty queue lasts":                {waits: 20 * time.Second},
		"ends with a message that is sent":       {during: func(c client, url string) { c.send(url, "x", nil) }, waits: 3 * time.Second, gets: 1},
		"ends with a message sent with a delay":  {during: func(c client, url string) { c.send(url, "x", in{"DelaySeconds": 4}) }, waits: 7 * time.Second, gets: 1},
		"ends with a delayed message":            {before: func(c client, url string) { c.send(url, "x", in{"DelaySeconds": 5}) }, waits: 5 * time.Second, gets: 1},
		"ends with one that is visible again":    {before: func(c client, url string) { c.send(url, "x", nil); c.receive(url, in{"VisibilityTimeout": 8}) }, waits: 8 * time.Second, gets: 1},
		"gets one that is visible at its end":    {before: func(c client, url string) { c.send(url, "x", nil); c.receive(url, in{"VisibilityTimeout": 20}) }, waits: 20 * time.Second, gets: 1},
		"does not get one that is visible later": {before: func(c client, url string) { c.send(url, "x", nil); c.receive(url, in{"VisibilityTimeout": 21}) }, waits: 20 * time.Second},
		"gets what is there at once":             {before: func(c client, url string) { c.send(url, "x", nil); c.send(url, "y", nil) }, gets: 2},
		"ends when a hidden message is released": {
			before: func(c client, url string) { c.send(url, "x", nil); c.receive(url, nil) },
			during: func(c client, url string) {
				for _, m := range c.s.queues["q"].messages {
					handle := c.s.queues["q"].handle(m)
					c.must("ChangeMessageVisibility", in{"QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": 0}, nil)
				}
			},
			waits: 3 * time.Second, gets: 1,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T, c client) {
				url := c.create("q", map[string]string{"ReceiveMessageWaitTimeSeconds": "20"})
				if tt.before != nil {
					tt.before(c, url)
				}
				if tt.during != nil {
					go func() { time.Sleep(3 * time.Second); tt.during(c, url) }()
				}
				start := time.Now()
				got := c.receive(url, nil)
				if waited := time.Since(start); waited != tt.waits || len(got) != tt.gets {
					t.Errorf("%d messages after %v, want %d after %v", len(got), waited, tt.gets, tt.waits)
				}
			})
		})
	}
}

func TestAReceiverThatHasGoneTakesNothing(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		url := c.create("q", nil)
		ctx, leave := context.WithCancel(t.Context())
		left := make(chan error)
		go func() { left <- c.tryIn(ctx, "ReceiveMessage", in{"QueueUrl": url, "WaitTimeSeconds": 20}, nil) }()
		synctest.Wait()
		leave()
		c.wantCode(<-left, "")
		c.send(url, "x", nil)
		if got := c.counts(url); got != [3]string{"1", "0", "0"} {
			t.Errorf("counts %v", got)
		}
	})
}

func TestAReceiverOfADeletedQueueIsTold(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		url := c.create("q", nil)
		left := make(chan error)
		go func() { left <- c.try("ReceiveMessage", in{"QueueUrl": url, "WaitTimeSeconds": 20}, nil) }()
		synctest.Wait()
		c.must("DeleteQueue", in{"QueueUrl": url}, nil)
		c.wantCode(<-left, "AWS.SimpleQueueService.NonExistentQueue")
	})
}

func TestOneOfManyWaitersGetsTheMessage(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		url := c.create("q", nil)
		got := make(chan int)
		for range 5 {
			go func() { got <- len(c.receive(url, in{"WaitTimeSeconds": 20})) }()
		}
		synctest.Wait()
		c.send(url, "x", nil)
		sum := 0
		for range 5 {
			sum += <-got
		}
		if sum != 1 {
			t.Errorf("%d receives of one message", sum)
		}
	})
}
