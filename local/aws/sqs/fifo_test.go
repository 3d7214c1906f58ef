package sqs

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func fifo(more ...string) map[string]string {
	all := map[string]string{"FifoQueue": "true"}
	for i := 0; i < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}

// post sends a message of a group under a deduplication id of its own.
func (c client) post(url, group, body string) receipt {
	c.t.Helper()
	return c.send(url, body, in{"MessageGroupId": group, "MessageDeduplicationId": "of-" + body})
}

func TestAGroupIsBlockedWhileAMessageOfItIsInFlight(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		url := c.create("q.fifo", fifo())
		for _, body := range []string{"a1", "b1", "a2", "b2", "a3"} {
			c.post(url, body[:1], body)
		}
		head := c.one(url)
		c.wantBodies([]received{head}, "a1")
		rest := c.receive(url, nil)
		c.wantBodies(rest, "b1", "b2")
		c.wantBodies(c.receive(url, nil))
		c.delete(url, head)
		c.wantBodies(c.receive(url, in{"MaxNumberOfMessages": 1}), "a2")
		c.delete(url, rest[0])
		c.wantBodies(c.receive(url, nil)) // b2 is still in flight
	})
}

func TestAReceiveTakesAGroupAsFarAsItGoes(t *testing.T) {
	c := newClient(t)
	url := c.create("q.fifo", fifo())
	for i := range 4 {
		c.post(url, "a", fmt.Sprint("a", i))
		c.post(url, "b", fmt.Sprint("b", i))
	}
	c.wantBodies(c.receive(url, in{"MaxNumberOfMessages": 6}), "a0", "a1", "a2", "a3", "b0", "b1")
	c.wantBodies(c.receive(url, nil))
}

func TestTheOrderOfAGroupOutlivesItsRetries(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		url := c.create("q.fifo", fifo("VisibilityTimeout", "10"))
		for _, body := range []string{"1", "2", "3"} {
			c.post(url, "g", body)
		}
		got := c.receive(url, in{"MaxNumberOfMessages": 2})
		c.wantBodies(got, "1", "2")
		c.must("ChangeMessageVisibility", in{"QueueUrl": url, "ReceiptHandle": got[0].ReceiptHandle, "VisibilityTimeout": 0}, nil)
		c.wantBodies(c.receive(url, nil)) // 2 is still in flight
		time.Sleep(10 * time.Second)
		c.wantBodies(c.receive(url, nil), "1", "2", "3")
	})
}

func TestAWaiterIsWokenWhenItsGroupGoesOn(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		url := c.create("q.fifo", fifo())
		c.post(url, "g", "1")
		c.post(url, "g", "2")
		head := c.one(url)
		go func() { time.Sleep(3 * time.Second); c.delete(url, head) }()
		start := time.Now()
		c.wantBodies(c.receive(url, in{"WaitTimeSeconds": 20}), "2")
		if waited := time.Since(start); waited != 3*time.Second {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestDeduplication(t *testing.T) {
	type message struct{ group, dedup, body string }
	tests := map[string]struct {
		attributes    map[string]string
		first, second message
		after         time.Duration
		kept          bool // the second is a message of its own
	}{
		"the same id":                          {first: message{"g", "d", "x"}, second: message{"g", "d", "y"}},
		"another id":                           {first: message{"g", "d", "x"}, second: message{"g", "e", "x"}, kept: true},
		"the same id in another group":         {first: message{"g", "d", "x"}, second: message{"h", "d", "x"}},
		"the same id just before five minutes": {first: message{"g", "d", "x"}, second: message{"g", "d", "x"}, after: 5*time.Minute - 1},
		"the same id after five minutes":       {first: message{"g", "d", "x"}, second: message{"g", "d", "x"}, after: 5 * time.Minute, kept: true},
		"the same content":                     {attributes: fifo("ContentBasedDeduplication", "true"), first: message{"g", "", "x"}, second: message{"g", "", "x"}},
		"other content":                        {attributes: fifo("ContentBasedDeduplication", "true"), first: message{"g", "", "x"}, second: message{"g", "", "y"}, kept: true},
		"the same content under two ids":       {attributes: fifo("ContentBasedDeduplication", "true"), first: message{"g", "d", "x"}, second: message{"g", "e", "x"}, kept: true},
		"a content's own sum as id": {
			attributes: fifo("ContentBasedDeduplication", "true"), first: message{"g", "", "x"},
			second: message{"g", "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "y"},
		},
		"the same id in another group, by group": {attributes: fifo("DeduplicationScope", "messageGroup"), first: message{"g", "d", "x"}, second: message{"h", "d", "x"}, kept: true},
		"the same id in one group, by group":     {attributes: fifo("DeduplicationScope", "messageGroup"), first: message{"g", "d", "x"}, second: message{"g", "d", "x"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T, c client) {
				if tt.attributes == nil {
					tt.attributes = fifo()
				}
				url := c.create("q.fifo", tt.attributes)
				send := func(m message) receipt {
					more := in{"MessageGroupId": m.group}
					if m.dedup != "" {
						more["MessageDeduplicationId"] = m.dedup
					}
					return c.send(url, m.body, more)
				}
				one := send(tt.first)
				c.delete(url, c.one(url)) // what is deleted is remembered too
				time.Sleep(tt.after)
				two := send(tt.second)
				if kept := len(c.receive(url, nil)) == 1; kept != tt.kept {
					t.Errorf("the second arrived: %v", kept)
				}
				if same := one.MessageID == two.MessageID && one.SequenceNumber == two.SequenceNumber; same == tt.kept {
					t.Errorf("the answers %+v and %+v", one, two)
				}
			})
		})
	}
}

func TestOldTracesAreCleared(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		url := c.create("q.fifo", fifo())
		for i := range 10 {
			c.post(url, "g", fmt.Sprint(i))
			time.Sleep(time.Minute)
		}
		c.post(url, "g", "last")
		if got := len(c.s.queues["q.fifo"].traces); got > 6 {
			t.Errorf("%d traces after ten minutes", got)
		}
	})
}

func TestSendingToAFIFOQueue(t *testing.T) {
	tests := map[string]struct {
		more    in
		single  string
		inBatch string // recorded from AWS: the whole batch fails, with this code
	}{
		"without a group":                  {more: in{"MessageDeduplicationId": "d"}, single: "MissingParameter", inBatch: "InvalidParameterValue"},
		"without anything to recognise it": {more: in{"MessageGroupId": "g"}, single: "InvalidParameterValue", inBatch: "InvalidParameterValue"},
		"with a delay":                     {more: in{"MessageGroupId": "g", "MessageDeduplicationId": "d", "DelaySeconds": 2}, single: "InvalidParameterValue"},
		"with a delay of 0":                {more: in{"MessageGroupId": "g", "MessageDeduplicationId": "d", "DelaySeconds": 0}},
		"with an id with a space":          {more: in{"MessageGroupId": "g", "MessageDeduplicationId": "d d"}, single: "InvalidParameterValue"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			url := c.create("q.fifo", fifo())
			tt.more["QueueUrl"], tt.more["MessageBody"] = url, "x"
			c.wantCode(c.try("SendMessage", tt.more, nil), tt.single)
			delete(tt.more, "QueueUrl")
			tt.more["Id"] = "1"
			c.wantCode(c.try("SendMessageBatch", in{"QueueUrl": url, "Entries": []in{tt.more}}, nil), tt.inBatch)
		})
	}
}

func TestSequenceNumbersGrow(t *testing.T) {
	c := newClient(t)
	url := c.create("q.fifo", fifo())
	var sent, got []string
	for i := range 5 {
		sent = append(sent, c.post(url, "g", fmt.Sprint(i)).SequenceNumber)
	}
	for _, m := range c.receive(url, nil) {
		got = append(got, m.Attributes["SequenceNumber"])
	}
	if !slices.Equal(sent, got) || !slices.IsSorted(sent) || len(sent[0]) != 20 || sent[0] == sent[4] {
		t.Errorf("sent %v, received %v", sent, got)
	}
	if std := c.send(c.create("q", nil), "x", nil); std.SequenceNumber != "" {
		t.Errorf("a standard queue gave sequence number %s", std.SequenceNumber)
	}
}

func TestAnExpiredHandleDoesNotDeleteFromAFIFOQueue(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		url := c.create("q.fifo", fifo())
		c.post(url, "g", "1")
		m := c.one(url)
		time.Sleep(30 * time.Second)
		c.wantCode(c.try("DeleteMessage", in{"QueueUrl": url, "ReceiptHandle": m.ReceiptHandle}, nil), "InvalidParameterValue")
		again := c.one(url)
		c.wantCode(c.try("DeleteMessage", in{"QueueUrl": url, "ReceiptHandle": m.ReceiptHandle}, nil), "InvalidParameterValue")
		c.delete(url, again)
		c.delete(url, again)
	})
}

func TestADeadLetterLetsItsGroupGoOn(t *testing.T) {
	c := newClient(t)
	url, dead := c.withDeadLetters("q.fifo", 1, fifo())
	first := c.post(url, "g", "1")
	c.post(url, "g", "2")
	c.wantBodies(c.receive(url, in{"MaxNumberOfMessages": 1, "VisibilityTimeout": 0}), "1")
	c.wantBodies(c.receive(url, nil), "2")
	m := c.one(dead)
	if m.MessageID != first.MessageID || m.Attributes["MessageGroupId"] != "g" || m.Attributes["MessageDeduplicationId"] != first.MessageID {
		t.Errorf("dead letter %+v of %+v", m, first)
	}
}

func TestADelayOfAFIFOQueueKeepsTheOrder(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		url := c.create("q.fifo", fifo("DelaySeconds", "5"))
		c.post(url, "g", "1")
		time.Sleep(time.Second)
		c.post(url, "g", "2")
		start := time.Now()
		first := c.receive(url, in{"WaitTimeSeconds": 20})
		c.wantBodies(first, "1")
		if waited := time.Since(start); waited != 4*time.Second {
			t.Errorf("waited %v", waited)
		}
		c.delete(url, first[0])
		c.wantBodies(c.receive(url, in{"WaitTimeSeconds": 20}), "2")
	})
}
