package sqs

import (
	"crypto/md5"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"
)

// message is one message in one queue. What stands in it stays as it is until
// the message goes to another queue; what changes with every receive is its
// flight.
type message struct {
	ID         string
	Body       string
	Attributes map[string]attribute `json:",omitempty"`
	Group      string               `json:",omitempty"`
	Dedup      string               `json:",omitempty"`
	Sender     string
	// Sent is what the message says of itself. Enqueued is what its retention
	// counts from; the two differ after a move to a FIFO dead-letter queue.
	Sent, Enqueued time.Time
	// Source is the ARN of the queue whose dead letter this is.
	Source string `json:",omitempty"`
	// Order is the turn within the queue, and the SequenceNumber of FIFO queues.
	Order uint64

	flight flight
	// turnPlace is the message's place in its lane or among the hidden,
	// agePlace its place among the ages.
	turnPlace, agePlace int
}

// flight is what has become of a message since it was sent. The zero flight is
// a message that was never delayed and never received.
type flight struct {
	// Receives counts over all queues that the message was in.
	Receives    int
	First, Last time.Time
	// Until is when the message shows itself (again); in the past, it is there
	// to be received. Received tells a message in flight from a delayed one.
	Until    time.Time
	Received bool
	// Twice is set when the flight is given to a second receiver.
	Twice bool `json:",omitempty"`
}

// attribute is a message attribute. The lists of the model have never worked in
// SQS, so they are unknown members here.
type attribute struct {
	DataType    string
	StringValue *string `json:",omitempty"`
	BinaryValue []byte  `json:",omitempty"`
}

// newID is a random UUID, as message ids and task ids are.
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// md5OfAttributes is the digest that SQS and its clients compute over message
// attributes: name, type and value of each, in the order of the names, all with
// their length before them. It is empty where there are none.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
func md5OfAttributes(attributes map[string]attribute) string {
	if len(attributes) == 0 {
		return ""
	}
	var b []byte
	field := func(v []byte) { b = append(binary.BigEndian.AppendUint32(b, uint32(len(v))), v...) }
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		field([]byte(name))
		field([]byte(a.DataType))
		if a.StringValue != nil {
			b = append(b, 1)
			field([]byte(*a.StringValue))
		} else {
			b = append(b, 2)
			field(a.BinaryValue)
		}
	}
	return md5Hex(string(b))
}

// size is what counts against the limits on messages: the body, and of each
// attribute the name, the type and the value.
func size(body string, attributes map[string]attribute) int {
	n := len(body)
	for name, a := range attributes {
		n += len(name) + len(a.DataType) + len(a.BinaryValue)
		if a.StringValue != nil {
			n += len(*a.StringValue)
		}
	}
	return n
}
