package sqs

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// dedupInterval is how long a FIFO queue knows a deduplication id: after the
// message was received and deleted too.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-key-terms.html
const dedupInterval = 5 * time.Minute

// trace is what a FIFO queue remembers of a message that was sent to it.
type trace struct {
	MessageID string
	Order     uint64
	End       time.Time
}

// sequence is the SequenceNumber of a message.
func sequence(order uint64) string { return strconv.FormatUint(order, 10) }

// dedupID is the deduplication id that the draft gives or, in a FIFO queue,
// that its body makes.
func (q *queue) dedupID(d draft) string {
	if d.MessageDeduplicationID != "" || !q.fifo() {
		return d.MessageDeduplicationID
	}
	sum := sha256.Sum256([]byte(d.MessageBody))
	return hex.EncodeToString(sum[:])
}

// scope is the key under which a message's deduplication id is remembered: of
// the queue, or of the group alone.
func (q *queue) scope(m *message) string {
	if q.settings["DeduplicationScope"] == "messageGroup" {
		return m.Group + " " + m.Dedup // neither can hold a space
	}
	return m.Dedup
}

// earlier is the trace of a message of which m is a duplicate.
func (t *tx) earlier(q *queue, m *message) (trace, bool) {
	first, ok := q.traces[q.scope(m)]
	return first, q.fifo() && ok && t.now.Before(first.End)
}

// remember leaves a trace of m. From time to time it clears the old ones.
func (t *tx) remember(q *queue, m *message) {
	if !t.now.Before(q.cleared.Add(dedupInterval)) {
		for scope, first := range q.traces {
			if !t.now.Before(first.End) {
				delete(q.traces, scope)
				t.saveTrace(q, scope, nil)
			}
		}
		q.cleared = t.now
	}
	left := trace{MessageID: m.ID, Order: m.Order, End: t.now.Add(dedupInterval)}
	q.traces[q.scope(m)] = left
	t.saveTrace(q, q.scope(m), &left)
}
