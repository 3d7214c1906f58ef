package sqs

import (
	"context"
	"testing"
	"time"
)

func TestAwaitingEndsWhenThereIsSomethingToReceive(t *testing.T) {
	type act func(c client, url string)
	hidden := func(c client, url string) {
		c.send(url, "x", nil)
		c.receive(url, in{"VisibilityTimeout": 300})
	}
	tests := map[string]struct {
		before, during act // during is after an hour
		waits          time.Duration
	}{
		"at once where there is a message":   {before: func(c client, url string) { c.send(url, "x", nil) }},
		"with a message that is sent":        {during: func(c client, url string) { c.send(url, "x", nil) }, waits: time.Hour},
		"with one that is sent with a delay": {during: func(c client, url string) { c.send(url, "x", in{"DelaySeconds": 60}) }, waits: time.Hour + time.Minute},
		"with one that is visible again":     {before: hidden, waits: 5 * time.Minute},
		"with a queue that is deleted":       {during: func(c client, url string) { c.must("DeleteQueue", in{"QueueUrl": url}, nil) }, waits: time.Hour},
		"with its context, after a day":      {waits: 24 * time.Hour},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T, c client) {
				url := c.create("q", nil)
				if tt.before != nil {
					tt.before(c, url)
				}
				if tt.during != nil {
					go func() { time.Sleep(time.Hour); tt.during(c, url) }()
				}
				ctx, stop := context.WithTimeout(t.Context(), 24*time.Hour)
				defer stop()
				start := time.Now()
				c.s.Await(ctx, url)
				if waited := time.Since(start); waited != tt.waits {
					t.Errorf("it waits %v, want %v", waited, tt.waits)
				}
				if tt.during != nil {
					time.Sleep(2 * time.Hour)
				}
			})
		})
	}
}
