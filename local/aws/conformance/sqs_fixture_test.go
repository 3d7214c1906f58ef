package conformance

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// post is an SQS under test. What it is used for fails the test by itself,
// unless it returns an error.
type post struct {
	*sqs.Client
	t   *testing.T
	ctx context.Context
}

func newPost(t *testing.T, e endpoint) *post {
	return &post{Client: sqs.NewFromConfig(e.config()), t: t, ctx: background(t)}
}

// beside lets a test that waits run beside the others. With foreign endpoints
// it does not: moto wants one call at a time.
func beside(t *testing.T) {
	if os.Getenv("CONFORMANCE") == "" {
		t.Parallel()
	}
}

func (p *post) ok(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// refused wants an error of that code.
func (p *post) refused(err error, code string) {
	p.t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code {
		p.t.Errorf("got %v, want %s", err, code)
	}
}

// queue makes a queue that goes with the test, and answers its URL. The
// attributes are pairs; FifoQueue=true gives it the name of one.
func (p *post) queue(attributes ...string) string {
	p.t.Helper()
	in := &sqs.CreateQueueInput{QueueName: aws.String("conformance-" + rand.Text()), Attributes: pairs(attributes)}
	if in.Attributes["FifoQueue"] == "true" {
		*in.QueueName += ".fifo"
	}
	out, err := p.CreateQueue(p.ctx, in)
	p.ok(err)
	p.t.Cleanup(func() {
		_, err := p.DeleteQueue(context.Background(), &sqs.DeleteQueueInput{QueueUrl: out.QueueUrl})
		if err != nil && !is[*types.QueueDoesNotExist](err) {
			p.t.Error(err)
		}
	})
	return *out.QueueUrl
}

func pairs(list []string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(list); i += 2 {
		m[list[i]] = list[i+1]
	}
	return m
}

// withDeadLetters makes a queue and its dead-letter queue.
func (p *post) withDeadLetters(max int, attributes ...string) (source, dead string) {
	p.t.Helper()
	dead = p.queue(attributes...)
	policy := fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, p.arn(dead), max)
	return p.queue(append(attributes, "RedrivePolicy", policy)...), dead
}

func (p *post) attributes(url string) map[string]string {
	p.t.Helper()
	out, err := p.GetQueueAttributes(p.ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{"All"}})
	p.ok(err)
	return out.Attributes
}

func (p *post) arn(url string) string {
	p.t.Helper()
	return p.attributes(url)["QueueArn"]
}

// counts are the messages of a queue: visible, in flight, delayed.
func (p *post) counts(url string) string {
	p.t.Helper()
	a := p.attributes(url)
	return a["ApproximateNumberOfMessages"] + " " + a["ApproximateNumberOfMessagesNotVisible"] + " " + a["ApproximateNumberOfMessagesDelayed"]
}

func (p *post) wantCounts(url, want string) {
	p.t.Helper()
	if got := p.counts(url); got != want {
		p.t.Errorf("counts %s, want %s", got, want)
	}
}

// send sends a message, and answers what the SDK says of it.
func (p *post) send(url, body string, change ...func(*sqs.SendMessageInput)) *sqs.SendMessageOutput {
	p.t.Helper()
	out, err := p.trySend(url, body, change...)
	p.ok(err)
	return out
}

func (p *post) trySend(url, body string, change ...func(*sqs.SendMessageInput)) (*sqs.SendMessageOutput, error) {
	in := &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body}
	for _, c := range change {
		c(in)
	}
	return p.SendMessage(p.ctx, in)
}

// of is the group of a message, and a deduplication id of its own.
func of(group string) func(*sqs.SendMessageInput) {
	return ofID(group, rand.Text())
}

func ofID(group, id string) func(*sqs.SendMessageInput) {
	return func(in *sqs.SendMessageInput) {
		in.MessageGroupId = &group
		if id != "" {
			in.MessageDeduplicationId = &id
		}
	}
}

func delayed(seconds int32) func(*sqs.SendMessageInput) {
	return func(in *sqs.SendMessageInput) { in.DelaySeconds = seconds }
}

// receive takes up to n messages with all attributes, waiting up to wait seconds.
func (p *post) receive(url string, n, wait int32) []types.Message {
	p.t.Helper()
	got, err := p.tryReceive(url, n, wait)
	p.ok(err)
	return got
}

func (p *post) tryReceive(url string, n, wait int32) ([]types.Message, error) {
	out, err := p.ReceiveMessage(p.ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &url, MaxNumberOfMessages: n, WaitTimeSeconds: wait,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"}, MessageAttributeNames: []string{"All"},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// consume has consumers receive up to n messages at a time until the queue is
// empty, and delete them. Each receive is handed to took, and each message to
// leave before it is deleted.
func (p *post) consume(url string, consumers int, n int32, took func([]types.Message), leave func(types.Message)) {
	var all sync.WaitGroup
	for range consumers {
		all.Go(func() {
			for {
				got, err := p.tryReceive(url, n, 1)
				if err != nil {
					p.t.Error(err)
				}
				if len(got) == 0 {
					return
				}
				took(got)
				for _, m := range got {
					leave(m)
					if err := p.tryDelete(url, m); err != nil {
						p.t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
}

// one takes the one message that must be there within five seconds.
func (p *post) one(url string) types.Message {
	p.t.Helper()
	got := p.receive(url, 1, 5)
	if len(got) != 1 {
		p.t.Fatalf("received %d messages, want 1", len(got))
	}
	return got[0]
}

// none wants that there is nothing to receive.
func (p *post) none(url string) {
	p.t.Helper()
	p.bodies(p.receive(url, 10, 0))
}

func (p *post) bodies(messages []types.Message, want ...string) {
	p.t.Helper()
	var got []string
	for _, m := range messages {
		got = append(got, *m.Body)
	}
	if !slices.Equal(got, want) {
		p.t.Errorf("received %q, want %q", got, want)
	}
}

func (p *post) delete(url string, m types.Message) {
	p.t.Helper()
	p.ok(p.tryDelete(url, m))
}

func (p *post) tryDelete(url string, m types.Message) error {
	_, err := p.DeleteMessage(p.ctx, &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle})
	return err
}

func (p *post) hide(url string, m types.Message, seconds int32) error {
	_, err := p.ChangeMessageVisibility(p.ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: seconds})
	return err
}

func (p *post) set(url string, attributes ...string) error {
	_, err := p.SetQueueAttributes(p.ctx, &sqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: pairs(attributes)})
	return err
}

// wantSystem wants system attributes of a message to be as given.
func (p *post) wantSystem(m types.Message, want ...string) {
	p.t.Helper()
	for name, value := range pairs(want) {
		if m.Attributes[name] != value {
			p.t.Errorf("%s is %q, want %q", name, m.Attributes[name], value)
		}
	}
}

// entriesOf are batch entries with a body each, by id.
func entriesOf(bodies map[string]string) []types.SendMessageBatchRequestEntry {
	var entries []types.SendMessageBatchRequestEntry
	for _, id := range slices.Sorted(maps.Keys(bodies)) {
		entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(id), MessageBody: aws.String(bodies[id])})
	}
	return entries
}

// fill sends n messages to a queue, ten at a time.
func (p *post) fill(url string, n int) {
	p.t.Helper()
	for start := 0; start < n; start += 10 {
		bodies := map[string]string{}
		for i := start; i < min(n, start+10); i++ {
			bodies[fmt.Sprint("m", i)] = fmt.Sprint(i)
		}
		out, err := p.SendMessageBatch(p.ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entriesOf(bodies)})
		p.ok(err)
		if len(out.Failed) > 0 {
			p.t.Fatalf("failed: %v", out.Failed)
		}
	}
}

func bytesOf(n int) string { return strings.Repeat("a", n) }
