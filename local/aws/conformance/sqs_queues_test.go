package conformance

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Q01: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
// (the name of an existing queue with the same attributes answers its URL, with
// others QueueNameExists).
func TestQ01CreateQueueIsIdempotent(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q01", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue("DelaySeconds", "5")
		again := func(attributes ...string) (string, error) {
			out, err := p.CreateQueue(p.ctx, &sqs.CreateQueueInput{QueueName: aws.String(url[strings.LastIndex(url, "/")+1:]), Attributes: pairs(attributes)})
			if err != nil {
				return "", err
			}
			return *out.QueueUrl, nil
		}
		if got, err := again("DelaySeconds", "5"); got != url {
			t.Errorf("the second time %q (%v), want %q", got, err, url)
		}
		_, err := again("DelaySeconds", "6")
		as[*types.QueueNameExists](t, err)
		p.refused(err, "QueueAlreadyExists")
	})
}

// Q02: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
// and the errors of each action. Clients that knew the query protocol still see
// its code: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-json-faqs.html
func TestQ02AMissingQueue(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q02", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		_, err := p.GetQueueUrl(p.ctx, &sqs.GetQueueUrlInput{QueueName: aws.String("nowhere")})
		as[*types.QueueDoesNotExist](t, err)
		p.refused(err, "AWS.SimpleQueueService.NonExistentQueue")
		url := strings.Replace(p.queue(), "conformance-", "nowhere-", 1)
		_, err = p.trySend(url, "x")
		as[*types.QueueDoesNotExist](t, err)
		_, err = p.ReceiveMessage(p.ctx, &sqs.ReceiveMessageInput{QueueUrl: &url})
		as[*types.QueueDoesNotExist](t, err)
	})
}

// Q25: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html
func TestQ25PurgeEmptiesVisibleAndInFlight(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q25", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue()
		p.fill(url, 12)
		if got := p.receive(url, 10, 5); len(got) == 0 {
			t.Fatal("nothing in flight")
		}
		_, err := p.PurgeQueue(p.ctx, &sqs.PurgeQueueInput{QueueUrl: &url})
		p.ok(err)
		p.wantCounts(url, "0 0 0")
		p.none(url)
	})
}

// Q27: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
// and, for the default of 1 MiB,
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
func TestQ27AttributesOfAQueue(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q27", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url := p.queue()
		p.send(url, "delayed", delayed(60))
		p.send(url, "in flight")
		p.one(url)
		p.send(url, "visible")
		p.send(url, "visible")
		p.wantCounts(url, "2 1 1")
		a := p.attributes(url)
		for name, want := range map[string]string{
			"VisibilityTimeout": "30", "MessageRetentionPeriod": "345600", "MaximumMessageSize": "1048576",
			"DelaySeconds": "0", "ReceiveMessageWaitTimeSeconds": "0", "SqsManagedSseEnabled": "true",
		} {
			if a[name] != want {
				t.Errorf("%s is %q, want %q", name, a[name], want)
			}
		}
		name := url[strings.LastIndex(url, "/")+1:]
		if !strings.HasPrefix(a["QueueArn"], "arn:aws:sqs:us-east-1:") || !strings.HasSuffix(a["QueueArn"], ":"+name) {
			t.Errorf("ARN %s of %s", a["QueueArn"], name)
		}
		if a["CreatedTimestamp"] == "" || a["LastModifiedTimestamp"] == "" {
			t.Errorf("created %q, modified %q", a["CreatedTimestamp"], a["LastModifiedTimestamp"])
		}
		for _, fifoOnly := range []string{"FifoQueue", "ContentBasedDeduplication", "RedrivePolicy"} {
			if _, ok := a[fifoOnly]; ok {
				t.Errorf("a standard queue without policy says %s", fifoOnly)
			}
		}
	})
}

// Q33: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
func TestQ33SettingAttributesOfALiveQueue(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q33", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url, dead := p.queue(), p.queue()
		p.send(url, "x")
		p.ok(p.set(url, "VisibilityTimeout", "1", "RedrivePolicy", `{"deadLetterTargetArn":"`+p.arn(dead)+`","maxReceiveCount":"1"}`))
		start := time.Now()
		p.one(url)
		if got := p.receive(url, 1, 3); len(got) != 0 {
			t.Errorf("received %d messages after the only receive", len(got))
		}
		p.bodies(p.receive(dead, 1, 5), "x")
		if waited := time.Since(start); waited < time.Second {
			t.Errorf("a dead letter after %v", waited)
		}
	})
}
