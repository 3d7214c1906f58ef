package conformance

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Q12: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
func TestQ12GroupsAreInOrderAndBlocked(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q12", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue("FifoQueue", "true")
		p.send(url, "a1", of("a"))
		p.send(url, "a2", of("a"))
		p.send(url, "b1", of("b"))
		head := p.one(url)
		p.bodies(p.receive(url, 10, 5), "b1")
		p.none(url)
		p.delete(url, head)
		p.bodies(p.receive(url, 10, 5), "a2")
		p.wantSystem(head, "MessageGroupId", "a")
		if len(head.Attributes["SequenceNumber"]) != 20 || head.Attributes["MessageDeduplicationId"] == "" {
			t.Errorf("attributes %v", head.Attributes)
		}
	})
}

// Q13: as Q12 (the order holds over retries).
func TestQ13TheHeadComesFirstAgain(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q13", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue("FifoQueue", "true", "VisibilityTimeout", "1")
		for _, body := range []string{"1", "2", "3"} {
			p.send(url, body, of("g"))
		}
		p.bodies(p.receive(url, 1, 5), "1")
		p.bodies(p.receive(url, 10, 5), "1", "2", "3")
	})
}

// Q14: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-key-terms.html
// and …/FIFO-queues-exactly-once-processing.html
func TestQ14Deduplication(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q14", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue("FifoQueue", "true")
		first := p.send(url, "x", ofID("g", "d"))
		p.delete(url, p.one(url))
		for _, again := range []func(*sqs.SendMessageInput){ofID("g", "d"), ofID("h", "d")} {
			if out := p.send(url, "y", again); *out.MessageId != *first.MessageId {
				t.Errorf("a duplicate has id %s, want %s", *out.MessageId, *first.MessageId)
			}
		}
		p.none(url)

		url = p.queue("FifoQueue", "true", "ContentBasedDeduplication", "true")
		p.send(url, "x", ofID("g", ""))
		p.send(url, "x", ofID("g", ""))
		p.send(url, "y", ofID("g", ""))
		p.bodies(p.receive(url, 10, 5), "x", "y")
	})
}

// Q15: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
// and …/API_CreateQueue.html; the codes were recorded from AWS by LocalStack.
func TestQ15WhatAFIFOQueueRefuses(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q15", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue("FifoQueue", "true")
		_, err := p.trySend(url, "x", func(in *sqs.SendMessageInput) { in.MessageDeduplicationId = aws.String("d") })
		p.refused(err, "MissingParameter")
		_, err = p.trySend(url, "x", ofID("g", ""))
		p.refused(err, "InvalidParameterValue")
		_, err = p.trySend(url, "x", of("g"), delayed(1))
		p.refused(err, "InvalidParameterValue")
		_, err = p.CreateQueue(p.ctx, &sqs.CreateQueueInput{QueueName: aws.String("conformance-no-suffix"), Attributes: map[string]string{"FifoQueue": "true"}})
		p.refused(err, "InvalidParameterValue")
		p.none(url)
	})
}

// Q16: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
// and, for the deduplication id in the dead-letter queue,
// …/sqs-configure-dead-letter-queue-redrive.html
func TestQ16DeadLettersOfAFIFOQueue(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q16", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url, dead := p.withDeadLetters(1, "FifoQueue", "true", "VisibilityTimeout", "1")
		sent := p.send(url, "1", of("g"))
		p.send(url, "2", of("g"))
		p.bodies(p.receive(url, 1, 5), "1")
		second := p.one(url)
		if *second.Body != "2" {
			t.Errorf("the group goes on with %q", *second.Body)
		}
		m := p.one(dead)
		if *m.MessageId != *sent.MessageId || *m.Body != "1" {
			t.Errorf("dead letter %+v", m)
		}
		p.wantSystem(m, "MessageGroupId", "g", "MessageDeduplicationId", *sent.MessageId)
	})
}

// Q18: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
func TestQ18GroupsInAStandardQueue(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q18", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue()
		group := func(in *sqs.SendMessageInput) { in.MessageGroupId = aws.String("customer-1") }
		p.send(url, "1", group)
		p.send(url, "2", group)
		first, second := p.one(url), p.one(url)
		p.wantSystem(first, "MessageGroupId", "customer-1")
		got := []string{*first.Body, *second.Body}
		slices.Sort(got)
		if !slices.Equal(got, []string{"1", "2"}) {
			t.Errorf("received %q", got)
		}
		_, err := p.trySend(url, "3", func(in *sqs.SendMessageInput) { in.MessageGroupId = aws.String("customer 1") })
		p.refused(err, "InvalidParameterValue")
	})
}
