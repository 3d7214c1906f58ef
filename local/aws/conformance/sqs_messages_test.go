package conformance

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Q03: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
// (the SDK verifies the MD5 of the body by itself).
func TestQ03RoundTrip(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q03", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue()
		const body = "é ☃ 😀 <&\"> \t\n end"
		sent := p.send(url, body)
		m := p.one(url)
		if *m.Body != body || *m.MessageId != *sent.MessageId || *m.MD5OfBody != *sent.MD5OfMessageBody || len(*m.MD5OfBody) != 2*16 {
			t.Errorf("received %+v of %+v", m, sent)
		}
		if _, err := hex.DecodeString(*m.MD5OfBody); err != nil {
			t.Error(err)
		}
		p.wantSystem(m, "ApproximateReceiveCount", "1")
		for _, name := range []string{"SentTimestamp", "ApproximateFirstReceiveTimestamp"} {
			ms, err := strconv.ParseInt(m.Attributes[name], 10, 64)
			if age := time.Since(time.UnixMilli(ms)); err != nil || age < -time.Minute || age > time.Minute {
				t.Errorf("%s is %q", name, m.Attributes[name])
			}
		}
		if m.Attributes["SenderId"] == "" {
			t.Error("no sender")
		}
		p.delete(url, m)
		p.wantCounts(url, "0 0 0")
	})
}

// Q04: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-message-attributes
// The digest of the two texts was recorded from AWS by LocalStack.
func TestQ04MessageAttributes(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q04", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue("VisibilityTimeout", "0")
		all := map[string]types.MessageAttributeValue{
			"General": {DataType: aws.String("String"), StringValue: aws.String("Kenobi")},
			"Hello":   {DataType: aws.String("String"), StringValue: aws.String("There")},
			"Number":  {DataType: aws.String("Number"), StringValue: aws.String("-1.5")},
			"Blob.x":  {DataType: aws.String("Binary.png"), BinaryValue: []byte{0, 255}},
		}
		sent := p.send(url, "x", func(in *sqs.SendMessageInput) { in.MessageAttributes = all })
		ask := func(names ...string) types.Message {
			out, err := p.ReceiveMessage(p.ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: 5, MessageAttributeNames: names})
			p.ok(err)
			if len(out.Messages) != 1 {
				t.Fatalf("received %d messages", len(out.Messages))
			}
			return out.Messages[0]
		}
		m := ask("All")
		if len(m.MessageAttributes) != 4 || aws.ToString(m.MD5OfMessageAttributes) != aws.ToString(sent.MD5OfMessageAttributes) {
			t.Errorf("received %+v of %+v", m, sent)
		}
		if b := m.MessageAttributes["Blob.x"]; !slices.Equal(b.BinaryValue, []byte{0, 255}) || *b.DataType != "Binary.png" {
			t.Errorf("bytes %+v", b)
		}
		if m = ask("General", "Hello", "None"); len(m.MessageAttributes) != 2 || aws.ToString(m.MD5OfMessageAttributes) != "fca026605781cb4126a1e9044df24232" {
			t.Errorf("by name %+v", m)
		}
		if m = ask("Blob.*"); len(m.MessageAttributes) != 1 {
			t.Errorf("by prefix %+v", m)
		}
		if m = ask(); len(m.MessageAttributes) != 0 || m.MD5OfMessageAttributes != nil {
			t.Errorf("unasked %+v", m)
		}
	})
}

// Q07: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html
// and …/API_ChangeMessageVisibilityBatch.html: each entry answers for itself.
func TestQ07BatchesOfHandles(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q07", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue()
		p.send(url, "x")
		m := p.one(url)
		hidden, err := p.ChangeMessageVisibilityBatch(p.ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &url, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
			{Id: aws.String("good"), ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 60},
			{Id: aws.String("bad"), ReceiptHandle: aws.String("junk"), VisibilityTimeout: 60},
		}})
		p.ok(err)
		if got := outcome(ids(hidden.Successful, func(e types.ChangeMessageVisibilityBatchResultEntry) string { return *e.Id }), hidden.Failed); got != "good|bad ReceiptHandleIsInvalid true" {
			t.Errorf("hidden %q", got)
		}
		deleted, err := p.DeleteMessageBatch(p.ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &url, Entries: []types.DeleteMessageBatchRequestEntry{
			{Id: aws.String("bad"), ReceiptHandle: aws.String("junk")}, {Id: aws.String("good"), ReceiptHandle: m.ReceiptHandle},
		}})
		p.ok(err)
		if got := outcome(ids(deleted.Successful, func(e types.DeleteMessageBatchResultEntry) string { return *e.Id }), deleted.Failed); got != "good|bad ReceiptHandleIsInvalid true" {
			t.Errorf("deleted %q", got)
		}
		p.wantCounts(url, "0 0 0")
	})
}

func ids[E any](entries []E, id func(E) string) (all []string) {
	for _, e := range entries {
		all = append(all, id(e))
	}
	return all
}

// outcome is the answer to a batch in a line: who succeeded | who failed, why,
// and whether it is the sender's fault.
func outcome(successful []string, failed []types.BatchResultErrorEntry) string {
	return strings.Join(successful, " ") + "|" + strings.Join(ids(failed, func(e types.BatchResultErrorEntry) string {
		return fmt.Sprint(*e.Id, " ", *e.Code, " ", e.SenderFault)
	}), ",")
}

// Q11: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-delay-queues.html
// and …/sqs-message-timers.html
func TestQ11Delays(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q11", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		for name, url := range map[string]string{"of the queue": p.queue("DelaySeconds", "1"), "of the message": p.queue()} {
			start := time.Now()
			if name == "of the queue" {
				p.send(url, "x")
			} else {
				p.send(url, "x", delayed(1))
			}
			p.none(url)
			p.one(url)
			if waited := time.Since(start); waited < 900*time.Millisecond || waited > 4*time.Second {
				t.Errorf("%s: received after %v", name, waited)
			}
		}
		_, err := p.trySend(p.queue(), "x", delayed(901))
		p.refused(err, "InvalidParameterValue")
	})
}

// Q20: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html#API_SendMessageBatch_Errors
func TestQ20BatchesThatAreRefused(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q20", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue()
		batch := func(entries ...types.SendMessageBatchRequestEntry) error {
			_, err := p.SendMessageBatch(p.ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entries})
			return err
		}
		as[*types.EmptyBatchRequest](t, batch([]types.SendMessageBatchRequestEntry{}...))
		eleven := map[string]string{}
		for i := range 11 {
			eleven[fmt.Sprint(i)] = "x"
		}
		as[*types.TooManyEntriesInBatchRequest](t, batch(entriesOf(eleven)...))
		one := types.SendMessageBatchRequestEntry{Id: aws.String("a"), MessageBody: aws.String("x")}
		as[*types.BatchEntryIdsNotDistinct](t, batch(one, one))
		as[*types.InvalidBatchEntryId](t, batch(entriesOf(map[string]string{"a.b": "x"})...))
		as[*types.BatchRequestTooLong](t, batch(entriesOf(map[string]string{"a": bytesOf(1 << 19), "b": bytesOf(1<<19 + 1)})...))
		p.none(url)
	})
}

// Q23: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
// (1 MiB since August 2025).
func TestQ23SizesOfMessages(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q23", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue()
		for _, n := range []int{256 << 10, 1 << 20} {
			p.send(url, bytesOf(n))
			m := p.one(url)
			if len(*m.Body) != n {
				t.Errorf("received %d bytes, want %d", len(*m.Body), n)
			}
			p.delete(url, m)
		}
		_, err := p.trySend(url, bytesOf(1<<20+1))
		p.refused(err, "InvalidParameterValue")
	})
}

// Q28: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
func TestQ28Handles(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q28", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue()
		_, err := p.DeleteMessage(p.ctx, &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: aws.String("junk")})
		as[*types.ReceiptHandleIsInvalid](t, err)
		p.send(url, "x")
		m := p.one(url)
		p.delete(url, m)
		p.delete(url, m)
	})
}

// Q29: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
func TestQ29HowManyAtOnce(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q29", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue()
		p.fill(url, 12)
		if got := p.receive(url, 10, 5); len(got) == 0 || len(got) > 10 {
			t.Errorf("received %d messages, want 1 to 10", len(got))
		}
		_, err := p.ReceiveMessage(p.ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 11})
		p.refused(err, "InvalidParameterValue")
	})
}
