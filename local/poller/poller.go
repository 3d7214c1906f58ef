// Package poller is the event source mapping of SQS: it receives messages, gives
// them to functions in batches, and deletes those that were worked off.
//
// Sources: Lambda developer guide, "Using Lambda with Amazon SQS", its pages
// "Creating and configuring an Amazon SQS event source mapping", "Configuring
// scaling behavior for SQS event source mappings" and "Handling errors for an
// SQS event source in Lambda".
package poller

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"fulcrum/local/lambda"
	"fulcrum/local/template"
	"fulcrum/shared/pause"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	longPoll     = 20 * time.Second // of one receive
	maxReceive   = 10               // messages of one receive, and of one delete
	deleteTime   = 10 * time.Second
	firstBackoff = 100 * time.Millisecond
	maxBackoff   = 5 * time.Second
)

// Options are what a Poller needs.
type Options struct {
	Sources []template.QueueSource
	// SQS must let one attempt take longer than the 20 seconds of a long poll.
	SQS *sqs.Client
	// Await returns when there is something to receive from a queue, or ctx is over.
	// Where it is nil an empty queue is polled again and again, as in AWS.
	Await func(ctx context.Context, url string)
	// Invoke runs a function, as (*lambda.Pool).Invoke does.
	Invoke func(ctx context.Context, function string, event []byte) (lambda.Answer, error)
	Region string
	// Concurrency is how many batches of a source are worked on at once where the
	// template does not say; 0 is 10.
	Concurrency int
	Log         *slog.Logger
}

// Poller polls the queues of all sources.
type Poller struct {
	sources []*source
}

// source is one event source mapping.
type source struct {
	template.QueueSource
	options    Options
	url        string
	visibility time.Duration
	slots      chan struct{}
}

// New looks up the queues. A queue that is not there is an error. Sources that
// are not enabled are left out.
func New(ctx context.Context, o Options) (*Poller, error) {
	if o.Concurrency == 0 {
		o.Concurrency = 10
	}
	p := &Poller{}
	for _, from := range o.Sources {
		if !from.Enabled {
			continue
		}
		s := &source{QueueSource: from, options: o}
		if s.Concurrency == 0 {
			s.Concurrency = o.Concurrency
		}
		s.slots = make(chan struct{}, s.Concurrency)
		if err := s.lookUp(ctx); err != nil {
			return nil, fmt.Errorf("%s: queue %s: %w", s.Function, s.name(), err)
		}
		p.sources = append(p.sources, s)
	}
	return p, nil
}

func (s *source) name() string { return s.Queue[strings.LastIndexByte(s.Queue, ':')+1:] }

func (s *source) lookUp(ctx context.Context) error {
	name := s.name()
	found, err := s.options.SQS.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		return err
	}
	s.url = *found.QueueUrl
	const visibility = types.QueueAttributeNameVisibilityTimeout
	out, err := s.options.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &s.url, AttributeNames: []types.QueueAttributeName{visibility}})
	if err != nil {
		return err
	}
	seconds, err := strconv.Atoi(out.Attributes[string(visibility)])
	s.visibility = time.Duration(seconds) * time.Second
	return err
}

// Run polls until ctx ends, and returns when the batches that were begun are
// done. It does not wait for a function that is throttled.
func (p *Poller) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, s := range p.sources {
		all.Go(func() { s.run(ctx) })
	}
	all.Wait()
}

// Once works off what can be received now, a batch of each source, and reports
// whether there was anything: for who steps through time instead of waiting. An
// empty queue is not polled, because a poll waits as long as the queue says.
func (p *Poller) Once(ctx context.Context) (worked bool, err error) {
	for _, s := range p.sources {
		there, err := s.visible(ctx)
		if err != nil {
			return worked, err
		}
		if there == "0" {
			continue
		}
		messages, err := s.receive(ctx, s.Batch, longPoll)
		if err != nil {
			return worked, err
		}
		worked = true
		s.work(ctx, messages, time.Now())
	}
	return worked, nil
}

// visible is how many messages can be received.
func (s *source) visible(ctx context.Context) (string, error) {
	const number = types.QueueAttributeNameApproximateNumberOfMessages
	out, err := s.options.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &s.url, AttributeNames: []types.QueueAttributeName{number}})
	if err != nil {
		return "", err
	}
	return out.Attributes[string(number)], nil
}

// run receives only when there is a place to work: the visibility timeout runs
// from the moment of the receive.
func (s *source) run(ctx context.Context) {
	var batches sync.WaitGroup
	defer batches.Wait()
	for {
		select {
		case s.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		messages := s.collect(ctx)
		if messages == nil {
			return
		}
		received := time.Now()
		batches.Go(func() {
			defer func() { <-s.slots }()
			s.work(ctx, messages, received)
		})
	}
}

// collect receives a batch: what the first receive that is not empty gives, and
// with a window what comes until it ends or the batch is full. It is nil when
// ctx ends before the first message.
func (s *source) collect(ctx context.Context) []types.Message {
	messages := s.first(ctx)
	if s.Window == 0 {
		return messages
	}
	end := time.Now().Add(s.Window)
	for len(messages) > 0 && len(messages) < s.Batch && ctx.Err() == nil {
		wait := min(time.Until(end).Truncate(time.Second), longPoll)
		if wait <= 0 { // SQS waits whole seconds only
			pause.For(ctx, time.Until(end))
		}
		more, err := s.receive(ctx, s.Batch-len(messages), wait)
		messages = append(messages, more...)
		if err != nil || wait <= 0 && len(more) == 0 {
			break
		}
	}
	return messages
}

// first polls until there are messages. An endpoint that fails is asked less and
// less often.
func (s *source) first(ctx context.Context) []types.Message {
	backoff := firstBackoff
	for {
		if s.options.Await != nil {
			s.options.Await(ctx, s.url)
		}
		messages, err := s.receive(ctx, s.Batch, longPoll)
		switch {
		case len(messages) > 0:
			return messages
		case ctx.Err() != nil:
			return nil
		case err == nil:
			backoff = firstBackoff
			continue
		}
		s.options.Log.Warn("queue cannot be polled", "queue", s.name(), "function", s.Function, "again_in", backoff.String(), "error", err.Error())
		pause.For(ctx, backoff)
		backoff = min(2*backoff, maxBackoff)
	}
}

func (s *source) receive(ctx context.Context, count int, wait time.Duration) ([]types.Message, error) {
	out, err := s.options.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &s.url, MaxNumberOfMessages: int32(min(count, maxReceive)), WaitTimeSeconds: int32(wait / time.Second),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		MessageAttributeNames:       []string{"All"},
	}, func(o *sqs.Options) { o.RetryMaxAttempts = 1 })
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// work gives messages to the function and deletes what it worked off. What it
// did not comes back when its visibility timeout ends.
func (s *source) work(ctx context.Context, messages []types.Message, received time.Time) {
	for _, batch := range s.batches(messages) {
		event, err := encode(batch)
		if err != nil {
			s.options.Log.Error("messages cannot be written as an event", "queue", s.name(), "error", err.Error())
			continue
		}
		answer, err := s.invoke(ctx, event, received)
		if err != nil {
			s.options.Log.Warn("messages stay in the queue", "queue", s.name(), "function", s.Function, "messages", len(batch), "error", err.Error())
			continue
		}
		s.remove(ctx, s.done(batch, answer))
	}
}

// invoke runs the function. While it is throttled the batch waits, as long as
// its messages stay hidden. An event that was begun is not cut short by the end
// of ctx.
func (s *source) invoke(ctx context.Context, event []byte, received time.Time) (lambda.Answer, error) {
	backoff := firstBackoff
	for {
		answer, err := s.options.Invoke(context.WithoutCancel(ctx), s.Function, event)
		if !errors.Is(err, lambda.ErrThrottled) || time.Since(received)+backoff >= s.visibility {
			return answer, err
		}
		if !pause.For(ctx, backoff) {
			return answer, err
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

// done are the messages of a batch that were worked off.
func (s *source) done(batch []record, answer lambda.Answer) []record {
	if answer.Failed {
		return nil
	}
	if !s.Partial {
		return batch
	}
	failed, err := failures(answer.Payload, batch)
	if err != nil {
		s.options.Log.Warn("the whole batch counts as failed", "queue", s.name(), "function", s.Function, "reason", err.Error())
		return nil
	}
	var out []record
	for _, r := range batch {
		if !failed[r.MessageID] {
			out = append(out, r)
		}
	}
	return out
}

// remove deletes messages. What cannot be deleted is given to the function
// again, as in AWS.
func (s *source) remove(ctx context.Context, records []record) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), deleteTime)
	defer stop()
	for len(records) > 0 {
		count := min(len(records), maxReceive)
		var entries []types.DeleteMessageBatchRequestEntry
		for i, r := range records[:count] {
			id := strconv.Itoa(i)
			entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: &id, ReceiptHandle: &r.ReceiptHandle})
		}
		records = records[count:]
		out, err := s.options.SQS.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &s.url, Entries: entries})
		if err == nil && len(out.Failed) > 0 {
			err = fmt.Errorf("%d of %d: %s", len(out.Failed), count, *out.Failed[0].Code)
		}
		if err != nil {
			s.options.Log.Warn("messages cannot be deleted", "queue", s.name(), "error", err.Error())
		}
	}
}
