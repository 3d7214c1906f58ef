package sqs

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"fulcrum/local/aws/wire"
)

// draft is a message as its sender gives it.
type draft struct {
	MessageBody            string
	DelaySeconds           *int
	MessageAttributes      map[string]attribute
	MessageDeduplicationID string `json:"MessageDeduplicationId"`
	MessageGroupID         string `json:"MessageGroupId"`
}

type sendInput struct {
	target
	draft
}

// receipt tells a sender what became of its message.
type receipt struct {
	ID                     string `json:"Id,omitempty"` // of the entry, in a batch
	MessageID              string `json:"MessageId"`
	MD5OfMessageBody       string
	MD5OfMessageAttributes string `json:",omitempty"`
	SequenceNumber         string `json:",omitempty"`
}

func (t *tx) sendMessage(q *queue, in sendInput) (any, error) {
	if err := q.addressed(in.draft); err != nil {
		return nil, err
	}
	return t.send(q, in.draft)
}

type sendEntry struct {
	ID string `json:"Id"`
	draft
}

func (e sendEntry) id() string { return e.ID }

type sendBatchInput struct {
	target
	Entries []sendEntry
}

func (t *tx) sendMessageBatch(q *queue, in sendBatchInput) (any, error) {
	if err := checkEntries(in.Entries); err != nil {
		return nil, err
	}
	total := 0
	for _, e := range in.Entries {
		// SQS refuses the whole batch for this, not the entry alone.
		if err := q.addressed(e.draft); err != nil {
			return nil, invalid("%s", err.Message)
		}
		total += size(e.MessageBody, e.MessageAttributes)
	}
	if total > maxSize {
		return nil, named("BatchRequestTooLong", "Batch requests cannot be longer than %d bytes. You have sent %d bytes.", maxSize, total)
	}
	return each(in.Entries, func(e sendEntry) (any, error) {
		r, err := t.send(q, e.draft)
		r.ID = e.ID
		return r, err
	}), nil
}

// addressed refuses a draft for a FIFO queue that does not say its group, or
// gives nothing to recognise it by.
func (q *queue) addressed(d draft) *wire.Error {
	switch {
	case !q.fifo():
		return nil
	case d.MessageGroupID == "":
		return missing("MessageGroupId")
	case d.MessageDeduplicationID == "" && q.settings["ContentBasedDeduplication"] != "true":
		return invalid("The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
	}
	return nil
}

// send puts the draft into the queue, unless a FIFO queue has had it before.
func (t *tx) send(q *queue, d draft) (receipt, error) {
	if err := q.check(d); err != nil {
		return receipt{}, err
	}
	m := &message{
		ID: newID(), Body: d.MessageBody, Attributes: d.MessageAttributes,
		Group: d.MessageGroupID, Dedup: q.dedupID(d), Sender: t.call.Caller,
		Sent: t.now, Enqueued: t.now,
	}
	if delay := q.delay(d); delay > 0 {
		m.flight.Until = t.now.Add(delay)
	}
	r := receipt{MD5OfMessageBody: md5Hex(m.Body), MD5OfMessageAttributes: md5OfAttributes(m.Attributes)}
	if first, ok := t.earlier(q, m); ok {
		r.MessageID, r.SequenceNumber = first.MessageID, sequence(first.Order)
		return r, nil
	}
	t.put(q, m)
	r.MessageID = m.ID
	if q.fifo() {
		r.SequenceNumber = sequence(m.Order)
		t.remember(q, m)
	}
	return r, nil
}

// check refuses a draft that the queue cannot take.
func (q *queue) check(d draft) error {
	switch limit := q.settings.number("MaximumMessageSize"); {
	case d.MessageBody == "":
		return missing("MessageBody")
	case strings.ContainsFunc(d.MessageBody, forbidden):
		return wire.Errorf("InvalidMessageContents", "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF")
	case size(d.MessageBody, d.MessageAttributes) > limit:
		return invalid("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", limit)
	}
	if err := checkAttributes(d.MessageAttributes); err != nil {
		return err
	}
	if err := q.checkDelay(d.DelaySeconds); err != nil {
		return err
	}
	if d.MessageDeduplicationID != "" && !q.fifo() {
		return invalidValue(d.MessageDeduplicationID, "MessageDeduplicationId", "The request include parameter that is not valid for this queue type.")
	}
	for name, id := range map[string]string{"MessageGroupId": d.MessageGroupID, "MessageDeduplicationId": d.MessageDeduplicationID} {
		if len(id) > 128 || !made(id, alphanumeric+"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") {
			return invalidValue(id, name, name+" can only include alphanumeric and punctuation characters. 1 to 128 in length.")
		}
	}
	return nil
}

// forbidden are the characters that XML, and so SQS, does not know.
func forbidden(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

func (q *queue) checkDelay(seconds *int) error {
	switch {
	case seconds == nil:
		return nil
	case *seconds < 0 || *seconds > 900:
		return invalidValue(*seconds, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.")
	case q.fifo() && *seconds > 0:
		return invalidValue(*seconds, "DelaySeconds", "The request include parameter that is not valid for this queue type.")
	}
	return nil
}

func (q *queue) delay(d draft) time.Duration {
	if d.DelaySeconds != nil && !q.fifo() {
		return time.Duration(*d.DelaySeconds) * time.Second
	}
	return q.settings.seconds("DelaySeconds")
}

// checkAttributes refuses message attributes by the rules of
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-message-attributes
func checkAttributes(attributes map[string]attribute) error {
	if len(attributes) > 10 {
		return invalid("Number of message attributes [%d] exceeds the allowed maximum [10].", len(attributes))
	}
	for name, a := range attributes {
		if err := checkAttributeName(name); err != nil {
			return err
		}
		if err := a.check(name); err != nil {
			return err
		}
	}
	return nil
}

func checkAttributeName(name string) error {
	lower := strings.ToLower(name)
	switch {
	case name == "" || len(name) > 256 || !made(name, alphanumeric+"_-."):
		return invalid("The message attribute name '%s' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.", name)
	case strings.HasPrefix(name, "."), strings.HasSuffix(name, "."), strings.Contains(name, ".."):
		return invalid("The message attribute name '%s' must not start or end with a period, or have two in a row.", name)
	case strings.HasPrefix(lower, "aws."), strings.HasPrefix(lower, "amazon."):
		return invalid("The message attribute name '%s' uses a reserved prefix.", name)
	}
	return nil
}

func (a attribute) check(name string) error {
	kind, _, _ := strings.Cut(a.DataType, ".")
	empty := false
	switch {
	case kind == "Binary":
		empty = len(a.BinaryValue) == 0 || a.StringValue != nil
	case kind == "String", kind == "Number":
		empty = a.StringValue == nil || *a.StringValue == "" || a.BinaryValue != nil
	default:
		return invalid("The message attribute '%s' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.", name)
	}
	if empty || len(a.DataType) > 256 {
		return invalid("Message (user) attribute '%s' must contain a non-empty value of type '%s'.", name, kind)
	}
	if kind == "Number" && !isNumber(*a.StringValue) {
		return invalid("Can't cast the value of message (user) attribute '%s' to a number.", name)
	}
	return nil
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return made(s, "0123456789+-.eE") && (err == nil || errors.Is(err, strconv.ErrRange))
}
