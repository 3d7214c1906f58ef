package poller_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/inproc"
	"fulcrum/local/lambda"
	"fulcrum/local/poller"
	"fulcrum/local/template"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a queue, a function and what happened, in virtual time.
type bench struct {
	t      *testing.T
	engine *aws.Engine
	client *sqs.Client
	url    string
	arn    string
	log    log
	stop   context.CancelFunc
	ended  chan struct{}

	await    func(ctx context.Context, url string)
	receives atomic.Int64

	begin  time.Time
	handle func(ctx context.Context, e event) (string, error)

	mu   sync.Mutex
	seen []event // what the function was given
}

// log is a writer that can be read meanwhile.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (b *bench) events() []event {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.seen)
}

type event struct {
	At      time.Duration // since the poller began
	Records []message
}

// message is one record, as functions read it.
type message struct {
	MessageID, Body, EventSource, EventSourceARN, AWSRegion, MD5OfBody, ReceiptHandle string

	Attributes        map[string]string
	MessageAttributes map[string]struct {
		StringValue, DataType string
		BinaryValue           []byte
		StringListValues      []string
		BinaryListValues      [][]byte
	}
}

func (e event) bodies() []string {
	var out []string
	for _, r := range e.Records {
		out = append(out, r.Body)
	}
	return out
}

// newBench makes a queue q with a dead-letter queue behind it. It runs within
// synctest.
func newBench(t *testing.T, attributes map[string]string) *bench {
	t.Helper()
	b := &bench{t: t, ended: make(chan struct{}), arn: "arn:aws:sqs:us-east-1:000000000000:q",
		handle: func(context.Context, event) (string, error) { return `{}`, nil }}
	e, err := aws.New(aws.Options{Observe: func(r aws.Record) {
		if r.Action == "ReceiveMessage" {
			b.receives.Add(1)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	b.engine = e
	b.client = sqs.New(sqs.Options{Region: aws.Region, BaseEndpoint: sdk.String("http://aws"), RetryMaxAttempts: 1,
		HTTPClient: &http.Client{Transport: inproc.Hosts{"aws": e}},
		Credentials: sdk.CredentialsProviderFunc(func(context.Context) (sdk.Credentials, error) {
			return sdk.Credentials{AccessKeyID: "runner", SecretAccessKey: "local"}, nil
		})})
	b.create("dead", nil)
	all := map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":"3"}`}
	for name, value := range attributes {
		all[name] = value
	}
	b.url = b.create("q", all)
	return b
}

func (b *bench) create(name string, attributes map[string]string) string {
	out, err := b.client.CreateQueue(b.t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		b.t.Fatal(err)
	}
	return *out.QueueUrl
}

func (b *bench) send(bodies ...string) {
	for _, body := range bodies {
		if _, err := b.client.SendMessage(b.t.Context(), &sqs.SendMessageInput{QueueUrl: &b.url, MessageBody: &body}); err != nil {
			b.t.Error(err)
		}
	}
}

// left is how many messages are in a queue, hidden ones too.
func (b *bench) left(queue string) string {
	url := strings.TrimSuffix(b.url, "q") + queue
	out, err := b.client.GetQueueAttributes(b.t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		b.t.Fatal(err)
	}
	return out.Attributes["ApproximateNumberOfMessages"] + "+" + out.Attributes["ApproximateNumberOfMessagesNotVisible"]
}

// run begins to poll. The source is enabled and of the queue q.
func (b *bench) run(source template.QueueSource) {
	b.t.Helper()
	source.Function, source.Queue, source.Enabled = "F", b.arn, true
	if source.Batch == 0 {
		source.Batch = 10
	}
	p, err := poller.New(b.t.Context(), poller.Options{Sources: []template.QueueSource{source}, SQS: b.client, Await: b.await, Invoke: b.invoke, Region: "us-east-1",
		Log: slog.New(slog.NewTextHandler(&b.log, nil))})
	if err != nil {
		b.t.Fatal(err)
	}
	var ctx context.Context
	ctx, b.stop = context.WithCancel(b.t.Context())
	b.begin = time.Now()
	go func() {
		defer close(b.ended)
		p.Run(ctx)
	}()
}

func (b *bench) invoke(ctx context.Context, function string, payload []byte) (lambda.Answer, error) {
	e := event{At: time.Since(b.begin)}
	if err := json.Unmarshal(payload, &e); err != nil || function != "F" {
		b.t.Errorf("%s %s: %v", function, payload, err)
	}
	b.mu.Lock()
	b.seen = append(b.seen, e)
	b.mu.Unlock()
	answer, err := b.handle(ctx, e)
	if answer == "failed" {
		return lambda.Answer{Payload: []byte(`{"errorType":"x"}`), Failed: true}, err
	}
	return lambda.Answer{Payload: []byte(answer)}, err
}

// end stops the poller and sees that it ends.
func (b *bench) end() {
	b.t.Helper()
	b.stop()
	<-b.ended
	if err := b.engine.Close(); err != nil {
		b.t.Error(err)
	}
}

func (b *bench) expect(queue, dead string, calls int) {
	b.t.Helper()
	if got := b.left("q"); got != queue {
		b.t.Errorf("queue %s, want %s", got, queue)
	}
	if got := b.left("dead"); got != dead {
		b.t.Errorf("dead letters %s, want %s", got, dead)
	}
	if calls != len(b.events()) {
		b.t.Errorf("%d calls, want %d; log:\n%s", len(b.events()), calls, b.log.String())
	}
}

func TestARecordIsAsLambdaWritesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		text, binary, number := "hello", []byte{0xff, 0}, "5"
		stringType, binaryType, numberType := "String", "Binary", "Number"
		sent, err := b.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &b.url, MessageBody: &text, MessageAttributes: map[string]types.MessageAttributeValue{
			"s": {DataType: &stringType, StringValue: &text}, "b": {DataType: &binaryType, BinaryValue: binary}, "n": {DataType: &numberType, StringValue: &number},
		}})
		if err != nil {
			t.Fatal(err)
		}
		b.run(template.QueueSource{})
		synctest.Wait()
		b.end()
		if len(b.events()) != 1 {
			t.Fatalf("%d events", len(b.events()))
		}
		r := b.events()[0].Records[0]
		if r.MessageID != *sent.MessageId || r.Body != "hello" || r.MD5OfBody != *sent.MD5OfMessageBody || r.ReceiptHandle == "" ||
			r.EventSource != "aws:sqs" || r.EventSourceARN != b.arn || r.AWSRegion != "us-east-1" {
			t.Errorf("record %+v", r)
		}
		for _, name := range []string{"ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"} {
			if r.Attributes[name] == "" {
				t.Errorf("no attribute %s in %v", name, r.Attributes)
			}
		}
		if a := r.MessageAttributes; a["s"].StringValue != "hello" || a["s"].DataType != "String" || !bytes.Equal(a["b"].BinaryValue, binary) || a["n"].StringValue != "5" ||
			a["s"].StringListValues == nil || a["b"].BinaryListValues == nil {
			t.Errorf("message attributes %+v", a)
		}
	})
}

func TestWhatAnAnswerMeansForTheBatch(t *testing.T) {
	one := func(e event) string { return e.Records[0].MessageID }
	report := func(ids ...string) string {
		items := []map[string]string{}
		for _, id := range ids {
			items = append(items, map[string]string{"itemIdentifier": id})
		}
		out, err := json.Marshal(map[string]any{"batchItemFailures": items})
		if err != nil {
			return err.Error()
		}
		return string(out)
	}
	always := func(answer string) func(event) string { return func(event) string { return answer } }
	tests := map[string]struct {
		partial bool
		answer  func(event) string
		left    string
	}{
		"an error of the function leaves all":          {false, always("failed"), "0+2"},
		"any answer deletes all":                       {false, always(`{"batchItemFailures":[{"itemIdentifier":"x"}]}`), "0+0"},
		"no JSON deletes all":                          {false, always("oops"), "0+0"},
		"reporting, an error leaves all":               {true, always("failed"), "0+2"},
		"reporting, one failure leaves one":            {true, func(e event) string { return report(one(e)) }, "0+1"},
		"reporting, the same failure twice leaves one": {true, func(e event) string { return report(one(e), one(e)) }, "0+1"},
		"reporting, an empty list deletes all":         {true, always(`{"batchItemFailures":[]}`), "0+0"},
		"reporting, null for a list deletes all":       {true, always(`{"batchItemFailures":null}`), "0+0"},
		"reporting, an empty object deletes all":       {true, always(`{}`), "0+0"},
		"reporting, null deletes all":                  {true, always(`null`), "0+0"},
		"reporting, nothing deletes all":               {true, always(``), "0+0"},
		"reporting, an unknown message leaves all":     {true, func(e event) string { return report(one(e), "stranger") }, "0+2"},
		"reporting, an empty name leaves all":          {true, func(event) string { return report("") }, "0+2"},
		"reporting, a null name leaves all":            {true, always(`{"batchItemFailures":[{"itemIdentifier":null}]}`), "0+2"},
		"reporting, a wrong member leaves all":         {true, always(`{"batchItemFailures":[{"id":"x"}]}`), "0+2"},
		"reporting, no JSON leaves all":                {true, always("oops"), "0+2"},
		"reporting, a string leaves all":               {true, always(`"ok"`), "0+2"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, nil)
				b.send("a", "b")
				b.handle = func(_ context.Context, e event) (string, error) { return tt.answer(e), nil }
				b.run(template.QueueSource{Partial: tt.partial})
				synctest.Wait()
				b.expect(tt.left, "0+0", 1)
				b.end()
			})
		})
	}
}

func TestWhatFailsComesBackAfterItsVisibilityTimeoutAndIsParkedInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, map[string]string{"VisibilityTimeout": "60"})
		b.send("bad")
		b.handle = func(context.Context, event) (string, error) { return "failed", nil }
		b.run(template.QueueSource{})
		time.Sleep(10 * time.Minute)
		b.expect("0+0", "1+0", 3)
		var at []time.Duration
		for _, e := range b.events() {
			at = append(at, e.At.Round(time.Second))
		}
		if want := []time.Duration{0, time.Minute, 2 * time.Minute}; !slices.Equal(at, want) {
			t.Errorf("called at %v, want %v", at, want)
		}
		b.end()
	})
}

func TestABatchIsAsLargeAndAsLateAsTheTemplateSays(t *testing.T) {
	names := func(from, to int) []string {
		var out []string
		for i := from; i <= to; i++ {
			out = append(out, fmt.Sprintf("m%02d", i))
		}
		return out
	}
	tests := map[string]struct {
		source template.QueueSource
		before []string         // sent before the poller begins
		during map[int][]string // sent after as many milliseconds
		want   []time.Duration  // of the calls
		sizes  []int            // of the batches
	}{
		"without a window, what is there": {template.QueueSource{Batch: 4}, names(1, 6), nil, []time.Duration{0, 0}, []int{4, 2}},
		"without a window, at once": {template.QueueSource{Batch: 4}, nil, map[int][]string{500: names(1, 1), 700: names(2, 2)},
			[]time.Duration{500 * time.Millisecond, 700 * time.Millisecond}, []int{1, 1}},
		"with a window, when it ends": {template.QueueSource{Batch: 100, Window: 5 * time.Second}, nil, map[int][]string{1000: names(1, 3), 4500: names(4, 4), 9000: names(5, 5)},
			[]time.Duration{6 * time.Second, 14 * time.Second}, []int{4, 1}},
		"with a window, when it is full": {template.QueueSource{Batch: 3, Window: 60 * time.Second}, nil, map[int][]string{1000: names(1, 2), 9000: names(3, 3)},
			[]time.Duration{9 * time.Second}, []int{3}},
		"with a window, more than one receive holds": {template.QueueSource{Batch: 25, Window: 5 * time.Second}, names(1, 25), nil, []time.Duration{0}, []int{25}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, map[string]string{"VisibilityTimeout": "300"})
				b.send(tt.before...)
				b.run(tt.source)
				for after, bodies := range tt.during {
					time.AfterFunc(time.Duration(after)*time.Millisecond, func() { b.send(bodies...) })
				}
				time.Sleep(2 * time.Minute)
				var at []time.Duration
				var sizes []int
				events := b.events()
				slices.SortStableFunc(events, func(x, y event) int { // batches of one moment come side by side
					return cmp.Or(cmp.Compare(x.At, y.At), len(y.Records)-len(x.Records))
				})
				for _, e := range events {
					at, sizes = append(at, e.At.Round(100*time.Millisecond)), append(sizes, len(e.Records))
				}
				if !reflect.DeepEqual(at, tt.want) || !reflect.DeepEqual(sizes, tt.sizes) {
					t.Errorf("calls at %v of %v, want %v of %v", at, sizes, tt.want, tt.sizes)
				}
				b.expect("0+0", "0+0", len(tt.want))
				b.end()
			})
		})
	}
}

func TestABatchOver6MBIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		for range 8 {
			b.send(strings.Repeat("x", 1<<20))
		}
		b.run(template.QueueSource{})
		synctest.Wait()
		if len(b.events()) != 2 || len(b.events()[0].Records) != 5 || len(b.events()[1].Records) != 3 {
			t.Errorf("%d events", len(b.events()))
		}
		b.expect("0+0", "0+0", 2)
		b.end()
	})
}

func TestNoMoreBatchesRunAtOnceThanTheTemplateSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		for i := range 6 {
			b.send(fmt.Sprint(i))
		}
		var running, most atomic.Int32
		b.handle = func(context.Context, event) (string, error) {
			most.Store(max(most.Load(), running.Add(1)))
			time.Sleep(10 * time.Second)
			running.Add(-1)
			return `{}`, nil
		}
		b.run(template.QueueSource{Batch: 1, Concurrency: 2})
		time.Sleep(5 * time.Second)
		if got := b.left("q"); got != "4+2" {
			t.Errorf("more is taken than can be worked on: %s", got)
		}
		time.Sleep(time.Minute)
		if most.Load() != 2 {
			t.Errorf("%d at once", most.Load())
		}
		b.expect("0+0", "0+0", 6)
		b.end()
	})
}

func TestAThrottledBatchWaitsWhileItsMessagesAreHidden(t *testing.T) {
	tests := map[string]struct {
		throttled time.Duration
		calls     int // with success
		log       string
	}{
		"for a short while":                    {3 * time.Second, 1, ""},
		"for longer than the messages hide":    {45 * time.Second, 1, "messages stay in the queue"},
		"for so long that the messages parked": {10 * time.Minute, 0, "messages stay in the queue"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, map[string]string{"VisibilityTimeout": "30"})
				b.send("a")
				var done atomic.Int32
				b.handle = func(context.Context, event) (string, error) {
					if time.Since(b.begin) < tt.throttled {
						return "", fmt.Errorf("wrapped: %w", lambda.ErrThrottled)
					}
					done.Add(1)
					return `{}`, nil
				}
				b.run(template.QueueSource{})
				time.Sleep(20 * time.Minute)
				if int(done.Load()) != tt.calls || tt.log == "" && b.log.String() != "" || !strings.Contains(b.log.String(), tt.log) {
					t.Errorf("%d successes, log:\n%s", done.Load(), b.log.String())
				}
				b.end()
			})
		})
	}
}

func TestAQueueThatCanBeAwaitedIsNotPolledWhileItIsEmpty(t *testing.T) {
	for name, tt := range map[string]struct {
		awaited     bool
		least, most int64
	}{
		"polled":  {least: 24 * 60 * 3, most: 24*60*3 + 3},
		"awaited": {awaited: true, least: 2, most: 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, nil)
				if tt.awaited {
					b.await = b.engine.Await
				}
				b.run(template.QueueSource{})
				time.Sleep(12 * time.Hour)
				b.send("a")
				time.Sleep(12 * time.Hour)
				b.send("b")
				synctest.Wait()
				b.expect("0+0", "0+0", 2)
				if got := b.events(); got[0].At != 12*time.Hour || got[1].At != 24*time.Hour {
					t.Errorf("the messages are worked off after %v and %v", got[0].At, got[1].At)
				}
				if n := b.receives.Load(); n < tt.least || n > tt.most {
					t.Errorf("%d receives in a day, want %d to %d", n, tt.least, tt.most)
				}
				b.end()
			})
		})
	}
}

func TestAFunctionThatIsStoppedLeavesItsMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.send("a")
		b.handle = func(context.Context, event) (string, error) { return "", lambda.ErrClosed }
		b.run(template.QueueSource{})
		synctest.Wait()
		b.expect("0+1", "0+0", 1)
		b.end()
	})
}

func TestStoppingWaitsForWhatWasBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.send("a")
		b.handle = func(ctx context.Context, _ event) (string, error) {
			time.Sleep(20 * time.Second)
			return `{}`, ctx.Err()
		}
		b.run(template.QueueSource{})
		synctest.Wait()
		b.stop()
		stopped := time.Now()
		<-b.ended
		if waited := time.Since(stopped); waited != 20*time.Second {
			t.Errorf("it ended after %v", waited)
		}
		b.expect("0+0", "0+0", 1)
		b.end()
	})
}

func TestStoppingDoesNotWaitForAThrottledFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.send("a")
		b.handle = func(context.Context, event) (string, error) { return "", lambda.ErrThrottled }
		b.run(template.QueueSource{Window: 5 * time.Second})
		time.Sleep(7 * time.Second)
		b.stop()
		stopped := time.Now()
		<-b.ended
		if waited := time.Since(stopped); waited != 0 {
			t.Errorf("it ended after %v", waited)
		}
		b.end()
	})
}

func TestAQueueThatDoesNotAnswerIsAskedLessAndLessOftenAndThenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.run(template.QueueSource{})
		b.engine.Inject(aws.Fault{Service: "sqs", Action: "ReceiveMessage", Status: 503, Times: -1})
		time.Sleep(21 * time.Second) // past the poll that was under way
		b.send("a")
		time.Sleep(time.Minute)
		if n := strings.Count(b.log.String(), "queue cannot be polled"); n < 10 || n > 25 {
			t.Errorf("%d tries:\n%s", n, b.log.String())
		}
		b.engine.Heal()
		time.Sleep(6 * time.Second)
		b.expect("0+0", "0+0", 1)
		b.end()
	})
}

func TestMessagesThatCannotBeDeletedComeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, map[string]string{"VisibilityTimeout": "30"})
		b.send("a")
		b.engine.Inject(aws.Fault{Service: "sqs", Action: "DeleteMessageBatch", Status: 503, Times: 1})
		b.run(template.QueueSource{})
		time.Sleep(time.Minute)
		b.expect("0+0", "0+0", 2)
		if !strings.Contains(b.log.String(), "messages cannot be deleted") {
			t.Errorf("log:\n%s", b.log.String())
		}
		b.end()
	})
}

func TestAGroupOfAFIFOQueueHasOneBatchAtATimeInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.url = b.create("l.fifo", map[string]string{"FifoQueue": "true", "ContentBasedDeduplication": "true"})
		b.arn = "arn:aws:sqs:us-east-1:000000000000:l.fifo"
		for i := range 4 {
			group, body := "g", fmt.Sprint(i)
			if _, err := b.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &b.url, MessageBody: &body, MessageGroupId: &group}); err != nil {
				t.Fatal(err)
			}
		}
		b.handle = func(context.Context, event) (string, error) {
			time.Sleep(time.Second)
			return `{}`, nil
		}
		b.run(template.QueueSource{Batch: 2, Concurrency: 5})
		time.Sleep(time.Minute)
		b.end()
		if len(b.events()) != 2 || !slices.Equal(b.events()[0].bodies(), []string{"0", "1"}) || !slices.Equal(b.events()[1].bodies(), []string{"2", "3"}) ||
			b.events()[1].At-b.events()[0].At < time.Second {
			t.Errorf("events %+v", b.events())
		}
	})
}

func TestAQueueThatIsNotThereIsNamedAndADisabledSourceIsNotPolled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		source := template.QueueSource{Function: "F", Queue: "arn:aws:sqs:us-east-1:000000000000:nowhere", Enabled: true, Batch: 10}
		_, err := poller.New(t.Context(), poller.Options{SQS: b.client, Sources: []template.QueueSource{source}})
		var missing *types.QueueDoesNotExist
		if !errors.As(err, &missing) || !strings.HasPrefix(err.Error(), "F: queue nowhere: ") {
			t.Errorf("got %v", err)
		}
		source.Enabled = false
		p, err := poller.New(t.Context(), poller.Options{SQS: b.client, Sources: []template.QueueSource{source}})
		if err != nil {
			t.Fatal(err)
		}
		p.Run(t.Context()) // returns at once: there is nothing to poll
		if err := b.engine.Close(); err != nil {
			t.Error(err)
		}
	})
}
