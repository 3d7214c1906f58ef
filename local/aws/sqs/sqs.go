// Package sqs is the SQS of the embedded AWS: standard and FIFO queues with
// visibility timeouts, delays, dead-letter queues and their redrive, long
// polling and fair queues, in one process.
//
// What time does to a queue (messages that show themselves again, that exceed
// their retention, that a move task takes along) is worked out when a call looks
// at the queue, so nothing runs between calls, and a restart loses nothing.
package sqs

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"fulcrum/local/aws/wire"
	"fulcrum/local/keep"
)

// The quotas of
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
const (
	maxSize       = 1 << 20      // bytes of a message, and of a batch
	maxVisibility = 12 * 60 * 60 // seconds
	maxInFlight   = 120_000      // messages of a queue
	maxEntries    = 10           // of a batch, and of one receive
)

// Options are what a Service needs; all must be set.
type Options struct {
	Region, Account string
	// Now is the clock of all stamps and time-outs. Waiting is done with the
	// timers of package time, so the two should run alike.
	Now func() time.Time
	// Mood may have standard queues reorder and deliver twice.
	Mood  wire.Mood
	Store *keep.Store
	// Landed has messages that are in flight in Store received again at once, and
	// takes back that receive: nobody worked on them to the end.
	Landed bool
}

// Service answers the calls to SQS. It is safe for concurrent use.
type Service struct {
	options Options
	actions map[string]action

	mu      sync.Mutex
	queues  map[string]*queue // by name
	moves   []*move           // the oldest first
	deleted map[string]time.Time
	order   uint64
}

type action func(ctx context.Context, c *wire.Call) (any, error)

// New loads the queues that the store has.
func New(o Options) (*Service, error) {
	s := &Service{options: o, queues: map[string]*queue{}, deleted: map[string]time.Time{}}
	s.actions = map[string]action{
		"CreateQueue":                  within(s, (*tx).createQueue),
		"GetQueueUrl":                  within(s, (*tx).queueURL),
		"ListQueues":                   within(s, (*tx).listQueues),
		"DeleteQueue":                  onQueue(s, (*tx).deleteQueue),
		"PurgeQueue":                   onQueue(s, (*tx).purgeQueue),
		"GetQueueAttributes":           onQueue(s, (*tx).queueAttributes),
		"SetQueueAttributes":           onQueue(s, (*tx).setQueueAttributes),
		"SendMessage":                  onQueue(s, (*tx).sendMessage),
		"SendMessageBatch":             onQueue(s, (*tx).sendMessageBatch),
		"ReceiveMessage":               s.receiveMessage,
		"DeleteMessage":                onQueue(s, (*tx).deleteMessage),
		"DeleteMessageBatch":           onQueue(s, (*tx).deleteMessageBatch),
		"ChangeMessageVisibility":      onQueue(s, (*tx).changeVisibility),
		"ChangeMessageVisibilityBatch": onQueue(s, (*tx).changeVisibilityBatch),
		"StartMessageMoveTask":         within(s, (*tx).startMove),
		"ListMessageMoveTasks":         within(s, (*tx).listMoves),
		"CancelMessageMoveTask":        within(s, (*tx).cancelMove),
	}
	return s, s.load()
}

// Do applies one call. Only ReceiveMessage may take its time; it ends with ctx.
func (s *Service) Do(ctx context.Context, c *wire.Call) (any, error) {
	act, ok := s.actions[c.Action]
	if !ok {
		return nil, wire.NotSupported("SQS " + c.Action)
	}
	return act(ctx, c)
}

// tx is one hold of the service: nobody else acts while it lasts, and what it
// changes is saved in one piece before anybody hears of it.
type tx struct {
	*Service
	call    *wire.Call
	now     time.Time
	changes []keep.Change
	err     error // of encoding a change
}

// hold runs f in a tx. What f has changed is saved even if it fails: messages
// may have expired in the same breath.
func (s *Service) hold(c *wire.Call, f func(*tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &tx{Service: s, call: c, now: s.options.Now()}
	t.advance()
	err := f(t)
	if t.err == nil {
		t.err = s.options.Store.Save(t.changes...)
	}
	if t.err != nil {
		return &wire.Error{Code: "InternalFailure", Message: t.err.Error(), Status: http.StatusInternalServerError}
	}
	return err
}

// within is the action that reads its input and runs f in a tx.
func within[In any](s *Service, f func(*tx, In) (any, error)) action {
	return func(_ context.Context, c *wire.Call) (answer any, err error) {
		var in In
		if err := c.Input(&in); err != nil {
			return nil, err
		}
		err = s.hold(c, func(t *tx) (err error) {
			answer, err = f(t, in)
			return err
		})
		return answer, err
	}
}

// target is the part of an input that names the queue.
type target struct {
	QueueURL string `json:"QueueUrl"`
}

func (t target) url() string { return t.QueueURL }

// onQueue is within for an action on one queue, which is brought up to now.
func onQueue[In interface{ url() string }](s *Service, f func(*tx, *queue, In) (any, error)) action {
	return within(s, func(t *tx, in In) (any, error) {
		q, err := t.queueAt(in.url())
		if err != nil {
			return nil, err
		}
		return f(t, q, in)
	})
}

// queueAt is the queue of a URL, or of a name, brought up to now. The URL's host
// and account do not matter.
func (t *tx) queueAt(url string) (*queue, error) {
	if url == "" {
		return nil, missing("QueueUrl")
	}
	t.call.Resource = t.arn(path.Base(url))
	q := t.queues[path.Base(url)]
	if q == nil {
		return nil, noQueue()
	}
	t.update(q, t.now)
	return q, nil
}

// update does to q what time has done until then: messages show themselves, and
// messages beyond the retention are gone.
func (t *tx) update(q *queue, then time.Time) {
	q.show(then)
	end := then.Add(-q.settings.seconds("MessageRetentionPeriod"))
	for len(q.ages.list) > 0 && !q.ages.top().Enqueued.After(end) {
		t.remove(q, q.ages.top())
	}
}

func (s *Service) arn(name string) string {
	return fmt.Sprintf("arn:aws:sqs:%s:%s:%s", s.options.Region, s.options.Account, name)
}

// byARN is the queue of an ARN, nil if there is none.
func (s *Service) byARN(arn string) *queue {
	q := s.queues[arn[strings.LastIndexByte(arn, ':')+1:]]
	if q == nil || q.arn != arn {
		return nil
	}
	return q
}

// urlOf is where the caller reaches the queue: under the name by which it
// reached us.
func (t *tx) urlOf(name string) string {
	return fmt.Sprintf("http://%s/%s/%s", t.call.Host, t.options.Account, name)
}

// turn is the next place in the order of all messages. It grows over restarts
// too, as long as the clock does, and has 20 digits as SQS's sequence numbers.
func (t *tx) turn() uint64 {
	const base = 10_000_000_000_000_000_000
	t.order = max(t.order+1, base+uint64(t.now.UnixNano()))
	return t.order
}
