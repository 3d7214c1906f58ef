package sqs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/aws/wire"
	"fulcrum/local/keep"
)

// in is an input; its members are written as the API names them.
type in = map[string]any

func callOf(action string, body []byte) *wire.Call {
	return &wire.Call{Service: "sqs", Action: action, Caller: "tester", Host: "localhost:4566", Body: body}
}

// client calls a Service as a function would.
type client struct {
	t *testing.T
	s *Service
}

func newClient(t *testing.T) client { return openClient(t, &keep.Store{}) }

func openClient(t *testing.T, store *keep.Store) client {
	t.Helper()
	s, err := New(Options{Region: "us-east-1", Account: "000000000000", Now: time.Now, Mood: wire.Calm{}, Store: store})
	if err != nil {
		t.Fatal(err)
	}
	return client{t, s}
}

// try makes one call and reads the answer into out, if out is not nil.
func (c client) try(action string, input in, out any) error {
	c.t.Helper()
	return c.tryIn(c.t.Context(), action, input, out)
}

func (c client) tryIn(ctx context.Context, action string, input in, out any) error {
	c.t.Helper()
	body, err := json.Marshal(input)
	if err != nil {
		c.t.Fatal(err)
	}
	answer, err := c.s.Do(ctx, callOf(action, body))
	if err != nil || out == nil {
		return err
	}
	encoded, err := json.Marshal(answer)
	if err != nil {
		c.t.Fatal(err)
	}
	return json.Unmarshal(encoded, out)
}

func (c client) must(action string, input in, out any) {
	c.t.Helper()
	if err := c.try(action, input, out); err != nil {
		c.t.Fatalf("%s: %v", action, err)
	}
}

// create makes a queue and answers its URL.
func (c client) create(name string, attributes map[string]string) string {
	c.t.Helper()
	var out struct{ QueueUrl string }
	c.must("CreateQueue", in{"QueueName": name, "Attributes": attributes}, &out)
	return out.QueueUrl
}

// withDeadLetters makes a queue name and its dead-letter queue, and answers
// their URLs.
func (c client) withDeadLetters(name string, max int, attributes map[string]string) (source, dead string) {
	c.t.Helper()
	stem, fifo := strings.CutSuffix(name, ".fifo")
	deadName := stem + "-dead"
	if fifo {
		deadName += ".fifo"
	}
	all := map[string]string{"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, c.s.arn(deadName), max)}
	for k, v := range attributes {
		all[k] = v
	}
	dead = c.create(deadName, attributes)
	return c.create(name, all), dead
}

func (c client) send(url, body string, more in) receipt {
	c.t.Helper()
	input := in{"QueueUrl": url, "MessageBody": body}
	for k, v := range more {
		input[k] = v
	}
	var out struct{ MessageId, MD5OfMessageBody, MD5OfMessageAttributes, SequenceNumber string }
	c.must("SendMessage", input, &out)
	return receipt{MessageID: out.MessageId, MD5OfMessageBody: out.MD5OfMessageBody, MD5OfMessageAttributes: out.MD5OfMessageAttributes, SequenceNumber: out.SequenceNumber}
}

// receive takes up to 10 messages with all attributes.
func (c client) receive(url string, more in) []received {
	c.t.Helper()
	input := in{"QueueUrl": url, "MaxNumberOfMessages": 10, "MessageSystemAttributeNames": []string{"All"}, "MessageAttributeNames": []string{"All"}}
	for k, v := range more {
		input[k] = v
	}
	var out receiveOutput
	c.must("ReceiveMessage", input, &out)
	return out.Messages
}

// one takes the one message that must be there.
func (c client) one(url string) received {
	c.t.Helper()
	got := c.receive(url, in{"MaxNumberOfMessages": 1})
	if len(got) != 1 {
		c.t.Fatalf("received %d messages, want 1", len(got))
	}
	return got[0]
}

func (c client) delete(url string, m received) {
	c.t.Helper()
	c.must("DeleteMessage", in{"QueueUrl": url, "ReceiptHandle": m.ReceiptHandle}, nil)
}

func (c client) attributes(url string) map[string]string {
	c.t.Helper()
	var out struct{ Attributes map[string]string }
	c.must("GetQueueAttributes", in{"QueueUrl": url, "AttributeNames": []string{"All"}}, &out)
	return out.Attributes
}

// counts are the messages of a queue: visible, in flight, delayed.
func (c client) counts(url string) [3]string {
	c.t.Helper()
	a := c.attributes(url)
	return [3]string{a["ApproximateNumberOfMessages"], a["ApproximateNumberOfMessagesNotVisible"], a["ApproximateNumberOfMessagesDelayed"]}
}

func bodies(messages []received) []string {
	var out []string
	for _, m := range messages {
		out = append(out, m.Body)
	}
	return out
}

func (c client) wantBodies(got []received, want ...string) {
	c.t.Helper()
	if !slices.Equal(bodies(got), want) {
		c.t.Errorf("received %q, want %q", bodies(got), want)
	}
}

// code is what a client of SQS reports as the code of err.
func code(err error) string {
	var e *wire.Error
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &e):
		return err.Error()
	case e.Query != "":
		return e.Query
	}
	return e.Code
}

func (c client) wantCode(err error, want string) {
	c.t.Helper()
	if got := code(err); got != want {
		c.t.Errorf("error %v, want %s", err, want)
	}
}

// inTime runs a test in virtual time.
func inTime(t *testing.T, test func(t *testing.T, c client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newClient(t)) })
}

// moody answers for each kind of rare thing whether it happens.
type moody map[string]bool

func (m moody) Strikes(kind string) bool { return m[kind] }

func TestWhatTheServiceDoesNotHaveIsNotSupported(t *testing.T) {
	tests := map[string]struct {
		action string
		input  in
		member string
	}{
		"an action":                          {action: "TagQueue", input: in{}, member: "TagQueue"},
		"a member":                           {action: "SendMessage", input: in{"MessageSystemAttributes": in{}}, member: "MessageSystemAttributes"},
		"a member of a member":               {action: "SendMessage", input: in{"MessageAttributes": in{"a": in{"StringListValues": []string{"x"}}}}, member: "StringListValues"},
		"an option of an embedded structure": {action: "ReceiveMessage", input: in{"ReceiveRequestAttemptId": "x"}, member: "ReceiveRequestAttemptId"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			tt.input["QueueUrl"] = c.create("q", nil)
			err := c.try(tt.action, tt.input, nil)
			c.wantCode(err, "NotSupportedHere")
			if err == nil || !strings.Contains(err.Error(), tt.member) {
				t.Errorf("error %v does not name %s", err, tt.member)
			}
		})
	}
}

func TestAMissingQueueIsMissingForEveryAction(t *testing.T) {
	c := newClient(t)
	for _, action := range []string{
		"DeleteQueue", "PurgeQueue", "GetQueueAttributes", "SendMessage", "SendMessageBatch", "ReceiveMessage",
		"DeleteMessage", "DeleteMessageBatch", "ChangeMessageVisibility", "ChangeMessageVisibilityBatch",
	} {
		t.Run(action, func(t *testing.T) {
			c.wantCode(c.try(action, in{"QueueUrl": "http://localhost:4566/000000000000/none"}, nil), "AWS.SimpleQueueService.NonExistentQueue")
			c.wantCode(c.try(action, in{}, nil), "MissingParameter")
		})
	}
	c.wantCode(c.try("GetQueueUrl", in{"QueueName": "none"}, nil), "AWS.SimpleQueueService.NonExistentQueue")
}

func TestACallNamesItsResource(t *testing.T) {
	c := newClient(t)
	url, dead := c.withDeadLetters("work", 3, nil)
	for _, call := range []*wire.Call{
		{Action: "SendMessage", Body: fmt.Appendf(nil, `{"QueueUrl":%q,"MessageBody":"x"}`, url)},
		{Action: "ReceiveMessage", Body: fmt.Appendf(nil, `{"QueueUrl":%q}`, url)},
		{Action: "GetQueueUrl", Body: []byte(`{"QueueName":"work"}`)},
		{Action: "CreateQueue", Body: []byte(`{"QueueName":"work"}`)},
	} {
		if _, err := c.s.Do(t.Context(), call); err != nil || call.Resource != c.s.arn("work") {
			t.Errorf("%s names %q (%v)", call.Action, call.Resource, err)
		}
	}
	move := &wire.Call{Action: "StartMessageMoveTask", Body: fmt.Appendf(nil, `{"SourceArn":%q}`, c.attributes(dead)["QueueArn"])}
	if _, err := c.s.Do(t.Context(), move); err != nil || move.Resource != c.s.arn("work-dead") {
		t.Errorf("StartMessageMoveTask names %q (%v)", move.Resource, err)
	}
}

func TestAQueueIsFoundUnderAnyHost(t *testing.T) {
	c := newClient(t)
	c.create("work", nil)
	for _, url := range []string{"http://other:1/000000000000/work", "https://sqs.us-east-1.amazonaws.com/123456789012/work", "work"} {
		c.send(url, "x", nil)
	}
	if got := c.counts("work"); got != [3]string{"3", "0", "0"} {
		t.Errorf("counts %v", got)
	}
}

func TestAnInputThatIsNoJSONIsRefused(t *testing.T) {
	c := newClient(t)
	_, err := c.s.Do(t.Context(), &wire.Call{Action: "SendMessage", Body: []byte(`{"QueueUrl":5}`)})
	c.wantCode(err, "SerializationException")
}
