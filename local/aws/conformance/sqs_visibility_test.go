package conformance

import (
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Q05: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
// and, for the handles, …/sqs-queue-message-identifiers.html
func TestQ05VisibilityTimeout(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q05", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue("VisibilityTimeout", "1")
		p.send(url, "x")
		first := p.one(url)
		start := time.Now()
		p.none(url)
		second := p.one(url)
		if waited := time.Since(start); waited < 900*time.Millisecond || waited > 4*time.Second {
			t.Errorf("visible again after %v", waited)
		}
		p.wantSystem(second, "ApproximateReceiveCount", "2", "ApproximateFirstReceiveTimestamp", first.Attributes["ApproximateFirstReceiveTimestamp"])
		if *first.ReceiptHandle == *second.ReceiptHandle || *first.MessageId != *second.MessageId {
			t.Errorf("received %+v and %+v", first, second)
		}
	})
}

// Q06: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
func TestQ06ChangingTheVisibility(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q06", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue("VisibilityTimeout", "1")
		p.send(url, "x")
		m := p.one(url)
		p.ok(p.hide(url, m, 0))
		start := time.Now()
		m = p.one(url)
		if waited := time.Since(start); waited > 900*time.Millisecond {
			t.Errorf("released, but visible only after %v", waited)
		}
		p.refused(p.hide(url, m, 43201), "InvalidParameterValue")
		p.ok(p.hide(url, m, 3))
		if got := p.receive(url, 1, 2); len(got) != 0 {
			t.Error("visible before the end of its extension")
		}
		p.one(url)
	})
}

// Q21: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
func TestQ21LongPolling(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q21", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue()
		start := time.Now()
		if got := p.receive(url, 1, 1); len(got) != 0 || time.Since(start) < 900*time.Millisecond {
			t.Errorf("%d messages after %v", len(got), time.Since(start))
		}
		sent := make(chan error, 1)
		time.AfterFunc(500*time.Millisecond, func() {
			_, err := p.trySend(url, "x")
			sent <- err
		})
		start = time.Now()
		got := p.receive(url, 1, 10)
		if waited := time.Since(start); len(got) != 1 || waited > 3*time.Second {
			t.Errorf("%d messages after %v", len(got), waited)
		}
		p.ok(<-sent)
	})
}

// Q22: as Q21, and ReceiveMessageWaitTimeSeconds in
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
func TestQ22LongPollingOfTheQueue(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q22", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue("ReceiveMessageWaitTimeSeconds", "5", "VisibilityTimeout", "1")
		p.send(url, "x")
		p.one(url)
		start := time.Now()
		got := p.receive(url, 1, 0) // 0 is not sent, so the queue decides
		if waited := time.Since(start); len(got) != 1 || waited < 900*time.Millisecond || waited > 4*time.Second {
			t.Errorf("%d messages after %v", len(got), waited)
		}
	})
}

// Q30: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
// AWS promises at least once; without a failure on its side it is once.
func TestQ30ManyConsumers(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q30", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue("VisibilityTimeout", "60")
		const messages, consumers = 600, 16
		p.fill(url, messages)
		var mu sync.Mutex
		seen := map[string]int{}
		p.consume(url, consumers, 10, func(got []types.Message) {
			mu.Lock()
			defer mu.Unlock()
			for _, m := range got {
				seen[*m.Body]++
			}
		}, func(types.Message) {})
		for body, n := range seen {
			if n != 1 {
				t.Errorf("message %s was received %d times", body, n)
			}
		}
		if len(seen) != messages {
			t.Errorf("%d messages of %d", len(seen), messages)
		}
	})
}

// Q31: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
func TestQ31ManyConsumersOfGroups(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q31", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue("FifoQueue", "true", "VisibilityTimeout", "60")
		const each, consumers = 10, 8
		groups := []string{"a", "b", "c", "d"}
		for i := range each {
			for _, g := range groups {
				p.send(url, g+string(rune('0'+i)), of(g))
			}
		}
		log := &groupLog{t: t, order: map[string]string{}, open: map[string]int{}}
		p.consume(url, consumers, 3, log.took, log.leave)
		for _, g := range groups {
			if log.order[g] != "0123456789" {
				t.Errorf("group %s came as %s", g, log.order[g])
			}
		}
	})
}

// groupLog notes in what order the messages of groups come, and how many of
// each are with a consumer. A body is the group's letter and a digit.
type groupLog struct {
	t     *testing.T
	mu    sync.Mutex
	order map[string]string
	open  map[string]int
}

// took notes a receive. None of its groups may be with another consumer.
func (l *groupLog) took(messages []types.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range messages {
		if l.open[(*m.Body)[:1]] > 0 {
			l.t.Errorf("%s was received while its group was with another", *m.Body)
		}
	}
	for _, m := range messages {
		l.order[(*m.Body)[:1]] += (*m.Body)[1:]
		l.open[(*m.Body)[:1]]++
	}
}

// leave notes that a message is about to be deleted: its group cannot come to
// another consumer before that.
func (l *groupLog) leave(m types.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[(*m.Body)[:1]]--
}
