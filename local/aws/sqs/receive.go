package sqs

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"fulcrum/local/aws/wire"
)

type receiveInput struct {
	target
	AttributeNames              []string
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             *int
}

type receiveOutput struct {
	Messages []received `json:",omitempty"`
}

// received is a message as its receiver sees it.
type received struct {
	MessageID              string `json:"MessageId"`
	ReceiptHandle          string
	Body                   string
	MD5OfBody              string
	Attributes             map[string]string    `json:",omitempty"`
	MessageAttributes      map[string]attribute `json:",omitempty"`
	MD5OfMessageAttributes string               `json:",omitempty"`
}

// receiveMessage looks for messages until there are some, the wait is over, or
// nobody waits any more.
func (s *Service) receiveMessage(ctx context.Context, c *wire.Call) (any, error) {
	var in receiveInput
	if err := c.Input(&in); err != nil {
		return nil, err
	}
	out, p, err := s.look(c, in)
	if err != nil || len(out.Messages) > 0 || p.patience == 0 {
		return out, err
	}
	over := time.NewTimer(p.patience)
	defer over.Stop()
	for last := false; err == nil && len(out.Messages) == 0 && !last; {
		if last = p.sleep(ctx, over.C); ctx.Err() != nil {
			return receiveOutput{}, nil // a message handed out now would be lost to its visibility timeout
		}
		out, p, err = s.look(c, in)
	}
	return out, err
}

// pause is what a receiver who found nothing waits for.
type pause struct {
	// patience is how long the receiver is willing to wait in all.
	patience time.Duration
	changed  <-chan struct{}
	// next is when the queue changes by itself, zero if it does not.
	next time.Duration
}

// sleep waits until it is worth looking again, and reports whether that is for
// the last time.
func (p pause) sleep(ctx context.Context, over <-chan time.Time) bool {
	var next <-chan time.Time
	if p.next > 0 {
		timer := time.NewTimer(p.next)
		defer timer.Stop()
		next = timer.C
	}
	select {
	case <-p.changed:
	case <-next:
	case <-ctx.Done():
	case <-over:
		return true
	}
	return false
}

// look receives what there is to receive at this moment.
func (s *Service) look(c *wire.Call, in receiveInput) (out receiveOutput, p pause, err error) {
	err = s.hold(c, func(t *tx) error {
		q, err := t.queueAt(in.QueueURL)
		if err != nil {
			return err
		}
		w, err := q.wish(in)
		if err != nil {
			return err
		}
		if !q.fifo() && q.inFlight >= maxInFlight {
			return &wire.Error{Code: "OverLimit", Query: "OverLimit", Status: http.StatusForbidden, Message: "Too many messages in flight."}
		}
		for _, m := range t.take(q, w) {
			out.Messages = append(out.Messages, q.view(m, in))
		}
		if p = (pause{patience: w.wait}); w.wait > 0 {
			p.changed, p.next = q.wait(), t.nextChange(q)
		}
		return nil
	})
	return out, p, err
}

// wish is what a receiver wants, with the queue's defaults filled in.
type wish struct {
	count      int
	hide, wait time.Duration
}

func (q *queue) wish(in receiveInput) (wish, error) {
	w := wish{count: 1, hide: q.settings.seconds("VisibilityTimeout"), wait: q.settings.seconds("ReceiveMessageWaitTimeSeconds")}
	if n := in.MaxNumberOfMessages; n != nil {
		if w.count = *n; w.count < 1 || w.count > maxEntries {
			return w, invalidValue(*n, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
		}
	}
	if n := in.VisibilityTimeout; n != nil {
		if w.hide = time.Duration(*n) * time.Second; *n < 0 || *n > maxVisibility {
			return w, invalidValue(*n, "VisibilityTimeout", "Must be between 0 and 43200, if provided.")
		}
	}
	if n := in.WaitTimeSeconds; n != nil {
		if w.wait = time.Duration(*n) * time.Second; *n < 0 || *n > 20 {
			return w, invalidValue(*n, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")
		}
	}
	known := []string{"All", "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp",
		"SequenceNumber", "MessageDeduplicationId", "MessageGroupId", "AWSTraceHeader", "DeadLetterQueueSourceArn"}
	for _, name := range slices.Concat(in.AttributeNames, in.MessageSystemAttributeNames) {
		if !slices.Contains(known, name) {
			return w, unknownAttribute(name)
		}
	}
	return w, nil
}

// take receives messages, and moves to the dead-letter queue those that were
// received too often. A message stays lifted until all are taken: with a
// visibility timeout of 0 it would be the next one again.
func (t *tx) take(q *queue, w wish) []*message {
	var got []*message
	var current *lane
	policy, dead := t.deadLetters(q)
	for len(got) < w.count {
		m := q.next(current, t.options.Mood)
		if m == nil {
			break
		}
		current = q.lane(m.Group)
		if dead != nil && policy.exhausts(m) {
			t.bury(q, dead, m)
			continue
		}
		q.lift(m)
		m.flight = m.flight.again(t.now, w.hide)
		got = append(got, m)
	}
	for _, m := range got {
		q.settle(m, t.now)
		t.set(bucketFlights, q.name+"/"+m.ID, m.flight)
	}
	return got
}

// again is the flight after one more receive.
func (f flight) again(now time.Time, hide time.Duration) flight {
	if f.Receives == 0 {
		f.First = now
	}
	f.Receives++
	f.Twice = f.Received
	f.Received, f.Last, f.Until = true, now, now.Add(hide)
	return f
}

// exhausts reports whether m has used up its receives. One that is in flight
// has not: its receiver may still succeed.
func (p *redrivePolicy) exhausts(m *message) bool {
	return !m.flight.Received && m.flight.Receives >= p.maxReceives()
}

// deadLetters says when a letter of q is dead and where it goes; nowhere, if
// there is no policy or no such queue any more.
func (t *tx) deadLetters(q *queue) (*redrivePolicy, *queue) {
	p := q.settings.redrive()
	if p == nil {
		return nil, nil
	}
	return p, t.byARN(p.Target)
}

// bury moves m to the dead-letter queue. It stays the message it was: its id,
// when it was sent, how often it was received. In a FIFO queue it counts as
// newly enqueued, under its id as deduplication id.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
func (t *tx) bury(q, dead *queue, m *message) {
	t.remove(q, m)
	m.Source = q.arn
	m.flight.Until = t.now
	if q.fifo() {
		m.Enqueued, m.Dedup = t.now, m.ID
	}
	t.put(dead, m)
}

// nextChange is how long it is until the queue changes without a call, 0 if it
// does not.
func (t *tx) nextChange(q *queue) time.Duration {
	next := t.nextMove()
	if len(q.hidden.list) > 0 {
		if shown := q.hidden.top().flight.Until; next.IsZero() || shown.Before(next) {
			next = shown
		}
	}
	if next.IsZero() {
		return 0
	}
	return next.Sub(t.now)
}

// view is m as the receiver asked to see it.
func (q *queue) view(m *message, in receiveInput) received {
	r := received{
		MessageID: m.ID, ReceiptHandle: q.handle(m), Body: m.Body, MD5OfBody: md5Hex(m.Body),
		MessageAttributes: chosen(m.Attributes, in.MessageAttributeNames),
	}
	r.MD5OfMessageAttributes = md5OfAttributes(r.MessageAttributes)
	names := slices.Concat(in.AttributeNames, in.MessageSystemAttributeNames)
	r.Attributes = m.system(q.fifo())
	maps.DeleteFunc(r.Attributes, func(name, value string) bool {
		return value == "" || !slices.Contains(names, "All") && !slices.Contains(names, name)
	})
	return r
}

// system are the attributes that SQS gives a message; those that it does not
// have are empty.
func (m *message) system(fifo bool) map[string]string {
	all := map[string]string{
		"SenderId":                         m.Sender,
		"SentTimestamp":                    milliseconds(m.Sent),
		"ApproximateReceiveCount":          strconv.Itoa(m.flight.Receives),
		"ApproximateFirstReceiveTimestamp": milliseconds(m.flight.First),
		"MessageGroupId":                   m.Group,
		"MessageDeduplicationId":           m.Dedup,
		"DeadLetterQueueSourceArn":         m.Source,
	}
	if fifo {
		all["SequenceNumber"] = sequence(m.Order)
	}
	return all
}

func milliseconds(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }

// chosen are the message attributes that the names ask for: one by its name,
// those of a prefix by "prefix.*", all by "All" or ".*".
func chosen(attributes map[string]attribute, names []string) map[string]attribute {
	out := map[string]attribute{}
	for name, a := range attributes {
		if slices.ContainsFunc(names, func(want string) bool {
			prefix, isPrefix := strings.CutSuffix(want, ".*")
			return want == "All" || want == name || isPrefix && strings.HasPrefix(name, prefix)
		}) {
			out[name] = a
		}
	}
	return out
}
