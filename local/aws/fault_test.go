package aws_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	engine "fulcrum/local/aws"
	"fulcrum/local/aws/wire"
)

// sender sends to a queue as a function of some name.
type sender struct {
	t   *testing.T
	api *sqs.Client
	url string
}

func newSender(t *testing.T, e *engine.Engine, name string) sender {
	t.Helper()
	s := sender{t, sqs.NewFromConfig(config(e, name, 1)), "http://" + host + "/000000000000/work"}
	_, err := s.api.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("work")})
	must(t, err)
	return s
}

func (s sender) send() error {
	_, err := s.api.SendMessage(s.t.Context(), &sqs.SendMessageInput{QueueUrl: &s.url, MessageBody: aws.String("x")})
	return err
}

// sent is how many messages the queue holds.
func (s sender) sent() string {
	s.t.Helper()
	out, err := s.api.GetQueueAttributes(s.t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &s.url, AttributeNames: []types.QueueAttributeName{"ApproximateNumberOfMessages"}})
	must(s.t, err)
	return out.Attributes["ApproximateNumberOfMessages"]
}

// codeOf is the code of an answered error, "cut" where there is no answer.
func codeOf(err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return api.ErrorCode()
	}
	return "cut"
}

func TestFaults(t *testing.T) {
	tests := map[string]struct {
		faults []engine.Fault
		want   []string // the codes of three sends
		sent   string
		took   time.Duration
	}{
		"none":                      {want: []string{"", "", ""}, sent: "3"},
		"a status":                  {faults: []engine.Fault{{Status: 503, Code: "Unwell", Times: 1}}, want: []string{"Unwell", "", ""}, sent: "2"},
		"a status without a code":   {faults: []engine.Fault{{Status: 500, Times: 2}}, want: []string{"InternalServerError", "InternalServerError", ""}, sent: "1"},
		"for ever":                  {faults: []engine.Fault{{Status: 500, Times: -1}}, want: []string{"InternalServerError", "InternalServerError", "InternalServerError"}, sent: "0"},
		"never":                     {faults: []engine.Fault{{Status: 500}}, want: []string{"", "", ""}, sent: "3"},
		"a delay":                   {faults: []engine.Fault{{DelayMS: 1500, Times: 2}}, want: []string{"", "", ""}, sent: "3", took: 3 * time.Second},
		"a lost answer":             {faults: []engine.Fault{{DropAnswer: true, Times: 1}}, want: []string{"cut", "", ""}, sent: "3"},
		"of the service":            {faults: []engine.Fault{{Service: "sqs", Status: 500, Times: 1}}, want: []string{"InternalServerError", "", ""}, sent: "2"},
		"of another service":        {faults: []engine.Fault{{Service: "dynamodb", Status: 500, Times: 1}}, want: []string{"", "", ""}, sent: "3"},
		"of some actions":           {faults: []engine.Fault{{Action: "Send*", Status: 500, Times: 1}}, want: []string{"InternalServerError", "", ""}, sent: "2"},
		"of other actions":          {faults: []engine.Fault{{Action: "Receive*", Status: 500, Times: 1}}, want: []string{"", "", ""}, sent: "3"},
		"of some callers":           {faults: []engine.Fault{{Caller: "webhooks-*", Status: 500, Times: 1}}, want: []string{"InternalServerError", "", ""}, sent: "2"},
		"of another caller":         {faults: []engine.Fault{{Caller: "hub-*", Status: 500, Times: 1}}, want: []string{"", "", ""}, sent: "3"},
		"of a pattern that is none": {faults: []engine.Fault{{Action: "[", Status: 500, Times: 1}}, want: []string{"", "", ""}, sent: "3"},
		"one after the other":       {faults: []engine.Fault{{Status: 500, Code: "First", Times: 1}, {Status: 500, Code: "Second", Times: 1}}, want: []string{"First", "Second", ""}, sent: "1"},
		"a status and a delay":      {faults: []engine.Fault{{Status: 500, DelayMS: 1000, Times: 1}}, want: []string{"InternalServerError", "", ""}, sent: "2", took: time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := start(t, engine.Options{})
				s := newSender(t, e, "webhooks-candidate-hired")
				for _, f := range tt.faults {
					e.Inject(f)
				}
				began := time.Now()
				for i, want := range tt.want {
					if got := codeOf(s.send()); got != want {
						t.Errorf("send %d: %q, want %q", i+1, got, want)
					}
				}
				if took := time.Since(began); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				e.Heal()
				if got := s.sent(); got != tt.sent {
					t.Errorf("%s messages, want %s", got, tt.sent)
				}
			})
		})
	}
}

func TestAFaultIsRecordedAsWhatItAnswers(t *testing.T) {
	var rec recorder
	e := start(t, engine.Options{Observe: rec.observe})
	s := newSender(t, e, "hub-deliver")
	e.Inject(engine.Fault{Status: 400, Code: "Unwell", Times: 1})
	e.Inject(engine.Fault{DropAnswer: true, Times: 1})
	for range 2 {
		if s.send() == nil {
			t.Error("no error")
		}
	}
	if got := fmt.Sprint(rec.all[1].Code, ", ", rec.all[2].Code); got != "Unwell, answer lost" {
		t.Errorf("recorded %s", got)
	}
}

func TestACallIsNotAppliedForACallerWhoDidNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, engine.Options{})
		s := newSender(t, e, "hub-deliver")
		e.Inject(engine.Fault{DelayMS: 5000, Times: 1})
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		_, err := s.api.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &s.url, MessageBody: aws.String("x")})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		time.Sleep(time.Minute)
		if got := s.sent(); got != "0" {
			t.Errorf("%s messages", got)
		}
	})
}

func TestFaultsOverHTTP(t *testing.T) {
	tests := map[string]struct {
		method, body string
		status       int
		want         []string // the codes of two sends
	}{
		"one is injected":           {method: http.MethodPost, body: `{"service":"sqs","action":"SendMessage","function":"hub-deliver","status":500,"code":"Unwell"}`, status: 204, want: []string{"Unwell", ""}},
		"one for two calls":         {method: http.MethodPost, body: `{"status":500,"times":2}`, status: 204, want: []string{"InternalServerError", "InternalServerError"}},
		"one that loses the answer": {method: http.MethodPost, body: `{"dropAnswer":true}`, status: 204, want: []string{"cut", ""}},
		"all are healed":            {method: http.MethodDelete, status: 204, want: []string{"", ""}},
		"one that is no JSON":       {method: http.MethodPost, body: `{`, status: 400, want: []string{"", ""}},
		"another method":            {method: http.MethodGet, status: 405, want: []string{"", ""}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := start(t, engine.Options{})
			s := newSender(t, e, "hub-deliver")
			if tt.method == http.MethodDelete {
				e.Inject(engine.Fault{Status: 500, Times: -1})
			}
			w := httptest.NewRecorder()
			e.ServeFaults(w, httptest.NewRequest(tt.method, "/", strings.NewReader(tt.body)))
			if w.Code != tt.status {
				t.Errorf("status %d, want %d", w.Code, tt.status)
			}
			for _, want := range tt.want {
				if got := codeOf(s.send()); got != want {
					t.Errorf("%q, want %q", got, want)
				}
			}
		})
	}
}

func TestAMoodIsItsSeed(t *testing.T) {
	kinds := []string{wire.Reorder, wire.Twice, wire.StaleIndex, wire.Conflict, wire.Throttle, wire.Fail, wire.LoseAnswer}
	strikes := func(seed uint64) string {
		m := engine.NewMood(seed)
		var all strings.Builder
		for i := range 1000 {
			fmt.Fprint(&all, m.Strikes(kinds[i%len(kinds)]), " ")
		}
		return all.String()
	}
	if first, again := strikes(1), strikes(1); first != again || first == strikes(2) {
		t.Error("the strikes are not those of the seed")
	}
	m := engine.NewMood(3)
	for _, kind := range append(kinds, "kindness") {
		n := 0
		for range 10_000 {
			if m.Strikes(kind) {
				n++
			}
		}
		if never := kind == "kindness"; never != (n == 0) || n > 4000 {
			t.Errorf("%s struck %d times in 10000", kind, n)
		}
	}
}

// TestAHostileEngineLosesNothing sends and receives through an engine that does
// all that AWS may do. The SDK tries again, so every message arrives, some more
// than once.
func TestAHostileEngineLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		e := start(t, engine.Options{Mood: engine.NewMood(7), Observe: rec.observe})
		api := sqs.NewFromConfig(config(e, "hub-deliver", 10))
		queue, err := api.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("work")})
		must(t, err)
		const n = 300
		for i := range n {
			_, err := api.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue.QueueUrl, MessageBody: aws.String(fmt.Sprint(i))})
			must(t, err)
		}
		seen := map[string]int{}
		var order []string
		for len(seen) < n {
			got, err := api.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20})
			must(t, err)
			for _, m := range got.Messages {
				seen[*m.Body]++
				order = append(order, *m.Body)
				_, err := api.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: queue.QueueUrl, ReceiptHandle: m.ReceiptHandle})
				must(t, err)
			}
		}
		inOrder := true
		for i, body := range order[:n/2] {
			inOrder = inOrder && body == fmt.Sprint(i)
		}
		codes := map[string]int{}
		for _, r := range rec.all {
			codes[r.Code]++
		}
		if len(order) == n || inOrder || codes["RequestThrottled"] == 0 || codes["InternalServerError"] == 0 || codes["answer lost"] == 0 {
			t.Errorf("not very hostile: %d messages, in order %v, codes %v", len(order), inOrder, codes)
		}
	})
}

func TestAPoliteEngineIsPolite(t *testing.T) {
	var rec recorder
	e := start(t, engine.Options{Observe: rec.observe})
	s := newSender(t, e, "hub-deliver")
	for range 500 {
		must(t, s.send())
	}
	if got := s.sent(); got != "500" {
		t.Errorf("%s messages", got)
	}
	for _, r := range rec.all {
		if r.Code != "" {
			t.Errorf("recorded %+v", r)
		}
	}
}
