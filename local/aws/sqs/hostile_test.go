package sqs

import (
	"testing"

	"fulcrum/local/aws/wire"
)

func TestHostileStandardQueues(t *testing.T) {
	hostile := func(t *testing.T, kind string) client {
		c := newClient(t)
		c.s.options.Mood = moody{kind: true}
		return c
	}
	t.Run("give a message out of its turn", func(t *testing.T) {
		c := hostile(t, wire.Reorder)
		url := c.create("q", nil)
		for _, body := range []string{"a", "b", "c"} {
			c.send(url, body, nil)
		}
		if got := bodies(c.receive(url, nil)); len(got) != 3 || got[0] == "a" {
			t.Errorf("received %q", got)
		}
	})
	t.Run("give a message to two", func(t *testing.T) {
		c := hostile(t, wire.Twice)
		url, dead := c.withDeadLetters("q", 1, nil)
		c.send(url, "x", nil)
		first, second := c.one(url), c.one(url)
		if first.MessageID != second.MessageID || first.ReceiptHandle == second.ReceiptHandle {
			t.Errorf("received %+v and %+v", first, second)
		}
		c.wantBodies(c.receive(url, nil)) // not to a third
		c.delete(url, second)
		if c.counts(url) != [3]string{"0", "0", "0"} || c.counts(dead) != [3]string{"0", "0", "0"} {
			t.Errorf("counts %v and %v", c.counts(url), c.counts(dead))
		}
	})
	t.Run("do not give delayed messages, and FIFO queues are never hostile", func(t *testing.T) {
		c := hostile(t, wire.Twice)
		c.s.options.Mood = moody{wire.Twice: true, wire.Reorder: true}
		url := c.create("q", nil)
		c.send(url, "delayed", in{"DelaySeconds": 60})
		c.wantBodies(c.receive(url, nil))
		fifo := c.create("q.fifo", map[string]string{"FifoQueue": "true", "ContentBasedDeduplication": "true"})
		for _, body := range []string{"a", "b", "c"} {
			c.send(fifo, body, in{"MessageGroupId": "g"})
		}
		c.wantBodies(c.receive(fifo, nil), "a", "b", "c")
		c.wantBodies(c.receive(fifo, nil))
	})
}
