package sqs

import (
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
	"time"
)

// A receipt handle names the message and the receive: another receive gives
// another handle, and only the last one counts.

// handle is the receipt handle of m's last receive.
func (q *queue) handle(m *message) string {
	plain := m.ID + " " + strconv.Itoa(m.flight.Receives)
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s %08x", plain, q.seal(plain)))
}

// seal tells a handle of this queue from one of another, and from a typing
// error.
func (q *queue) seal(plain string) uint32 { return crc32.ChecksumIEEE([]byte(q.arn + plain)) }

// open is what a handle names. The message is nil when it is no longer there.
func (q *queue) open(handle string) (m *message, receive int, err error) {
	raw, err := base64.StdEncoding.DecodeString(handle)
	if err != nil {
		return nil, 0, badHandle(handle)
	}
	parts := strings.Split(string(raw), " ")
	if len(parts) != 3 || fmt.Sprintf("%08x", q.seal(parts[0]+" "+parts[1])) != parts[2] {
		return nil, 0, badHandle(handle)
	}
	if receive, err = strconv.Atoi(parts[1]); err != nil {
		return nil, 0, badHandle(handle)
	}
	return q.messages[parts[0]], receive, nil
}

type deleteInput struct {
	target
	ReceiptHandle string
}

func (t *tx) deleteMessage(q *queue, in deleteInput) (any, error) {
	return nil, t.delete(q, in.ReceiptHandle)
}

type deleteEntry struct {
	ID            string `json:"Id"`
	ReceiptHandle string
}

func (e deleteEntry) id() string { return e.ID }

type deleteBatchInput struct {
	target
	Entries []deleteEntry
}

func (t *tx) deleteMessageBatch(q *queue, in deleteBatchInput) (any, error) {
	if err := checkEntries(in.Entries); err != nil {
		return nil, err
	}
	return each(in.Entries, func(e deleteEntry) (any, error) {
		return done{e.ID}, t.delete(q, e.ReceiptHandle)
	}), nil
}

// delete removes the message of a handle. What is gone already is no error, nor
// is a handle that is not the last: that one deletes nothing. A FIFO queue
// refuses a handle whose visibility timeout is over.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
func (t *tx) delete(q *queue, handle string) error {
	m, receive, err := q.open(handle)
	if err != nil || m == nil {
		return err
	}
	last := receive == m.flight.Receives
	if q.fifo() && !(last && m.flight.Received) {
		return invalidValue(handle, "ReceiptHandle", "The receipt handle has expired.")
	}
	if last {
		t.remove(q, m)
	}
	return nil
}

type visibilityInput struct {
	target
	ReceiptHandle     string
	VisibilityTimeout *int
}

func (t *tx) changeVisibility(q *queue, in visibilityInput) (any, error) {
	return nil, t.hide(q, in.ReceiptHandle, in.VisibilityTimeout)
}

type visibilityEntry struct {
	ID                string `json:"Id"`
	ReceiptHandle     string
	VisibilityTimeout *int
}

func (e visibilityEntry) id() string { return e.ID }

type visibilityBatchInput struct {
	target
	Entries []visibilityEntry
}

func (t *tx) changeVisibilityBatch(q *queue, in visibilityBatchInput) (any, error) {
	if err := checkEntries(in.Entries); err != nil {
		return nil, err
	}
	return each(in.Entries, func(e visibilityEntry) (any, error) {
		return done{e.ID}, t.hide(q, e.ReceiptHandle, e.VisibilityTimeout)
	}), nil
}

// hide lets the message of a handle show itself again in so many seconds from
// now. All of its extensions end twelve hours after it was received.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
func (t *tx) hide(q *queue, handle string, seconds *int) error {
	if seconds == nil {
		return missing("VisibilityTimeout")
	}
	if *seconds < 0 || *seconds > maxVisibility {
		return invalidValue(*seconds, "VisibilityTimeout", "Must be between 0 and 43200.")
	}
	m, receive, err := q.open(handle)
	if err != nil {
		return err
	}
	if m == nil || receive != m.flight.Receives {
		return invalidValue(handle, "ReceiptHandle", "Message does not exist or is not available for visibility timeout change.")
	}
	f := m.flight
	f.Until = t.now.Add(time.Duration(*seconds) * time.Second)
	if f.Until.After(f.Last.Add(maxVisibility * time.Second)) {
		return invalidValue(*seconds, "VisibilityTimeout", "Total VisibilityTimeout for the message is beyond the limit [43200 seconds].")
	}
	f.Received = true
	t.fly(q, m, f)
	return nil
}
