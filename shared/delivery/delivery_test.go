package delivery_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"fulcrum/shared/delivery"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

const (
	secret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	newSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
)

// table is a Table in memory.
type table struct {
	mu         sync.Mutex
	deliveries map[string]store.Delivery
	endpoint   store.Endpoint
	arrived    []string
	err        error
}

func newTable(deliveries ...store.Delivery) *table {
	t := &table{deliveries: map[string]store.Delivery{}, endpoint: store.Endpoint{URL: "https://joinedly.example/hooks", Secrets: []string{secret}}}
	for _, d := range deliveries {
		t.deliveries[d.ID] = d
	}
	return t
}

func (t *table) Delivery(_ context.Context, _, id string) (store.Delivery, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	d, ok := t.deliveries[id]
	if !ok {
		return d, store.ErrNotFound
	}
	return d, t.err
}

func (t *table) Endpoint(context.Context, string) (store.Endpoint, error) { return t.endpoint, nil }

func (t *table) Attempted(_ context.Context, d store.Delivery) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	d.Attempts++
	t.deliveries[d.ID] = d
	return nil
}

func (t *table) Arrive(_ context.Context, d store.Delivery) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	d.State = store.Arrived
	t.deliveries[d.ID] = d
	t.arrived = append(t.arrived, d.ID)
	return nil
}

// later is a Queue that keeps what is to be tried again.
type later struct {
	mu     sync.Mutex
	delays []time.Duration
}

func (l *later) Send(_ context.Context, _ queue.Delivery, delay time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delays = append(l.delays, delay)
	return nil
}

// endpoint is a partner that answers with a status.
type endpoint struct {
	mu     sync.Mutex
	status int
	err    error
	hang   bool
	posts  []*http.Request
	bodies []string
}

func (e *endpoint) RoundTrip(req *http.Request) (*http.Response, error) {
	if e.hang {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.posts, e.bodies = append(e.posts, req), append(e.bodies, string(body))
	if e.err != nil {
		return nil, e.err
	}
	return &http.Response{StatusCode: e.status, Header: http.Header{"Location": {"http://127.0.0.1/"}}, Body: io.NopCloser(strings.NewReader("thanks")), Request: req}, nil
}

func item(id string) store.Delivery {
	return store.Delivery{ID: id, Connection: "con_1", Partner: "joinedly", State: store.Pending, Body: []byte(`{"type":"joiner.hired"}`)}
}

func batch(t *testing.T, ids ...string) events.SQSEvent {
	t.Helper()
	var b events.SQSEvent
	for _, id := range ids {
		body, err := json.Marshal(queue.Delivery{Connection: "con_1", Delivery: id})
		if err != nil {
			t.Fatal(err)
		}
		b.Records = append(b.Records, events.SQSMessage{MessageId: "m-" + id, Body: string(body)})
	}
	return b
}

func handle(t *testing.T, tb *table, l *later, e *endpoint, b events.SQSEvent) []events.SQSBatchItemFailure {
	t.Helper()
	out, err := delivery.New(tb, l, e, time.Now).Handle(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return out.BatchItemFailures
}

func TestADocumentIsPostedSigned(t *testing.T) {
	tb, e := newTable(item("dlv_1")), &endpoint{status: 204}
	tb.endpoint.Secrets = []string{newSecret, secret}
	if failed := handle(t, tb, &later{}, e, batch(t, "dlv_1")); failed != nil {
		t.Fatalf("failed: %v", failed)
	}
	if e.posts[0].Header.Get("webhook-id") != "dlv_1" || e.bodies[0] != `{"type":"joiner.hired"}` {
		t.Errorf("posted %q as %v", e.bodies[0], e.posts[0].Header)
	}
	for _, s := range tb.endpoint.Secrets {
		verifier, err := standardwebhooks.NewWebhook(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := verifier.Verify([]byte(e.bodies[0]), e.posts[0].Header); err != nil {
			t.Errorf("a foreign verifier refuses the signature: %v", err)
		}
		if err := verifier.Verify([]byte(e.bodies[0]+" "), e.posts[0].Header); err == nil {
			t.Error("the signature does not cover the body")
		}
	}
	if len(tb.arrived) != 1 {
		t.Errorf("arrived: %v", tb.arrived)
	}
}

func TestWhatCountsAsArrived(t *testing.T) {
	tests := map[string]struct {
		endpoint *endpoint
		arrives  bool
	}{
		"200":                    {&endpoint{status: 200}, true},
		"202":                    {&endpoint{status: 202}, true},
		"a redirect does not":    {&endpoint{status: 302}, false},
		"400 does not":           {&endpoint{status: 400}, false},
		"500 does not":           {&endpoint{status: 500}, false},
		"no answer does not":     {&endpoint{err: errors.New("refused")}, false},
		"a hung answer does not": {&endpoint{hang: true}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tb, l := newTable(item("dlv_1")), &later{}
				if failed := handle(t, tb, l, tt.endpoint, batch(t, "dlv_1")); failed != nil {
					t.Fatalf("the message fails: %v; the queue would count it and give it up", failed)
				}
				if (len(tb.arrived) == 1) != tt.arrives || (len(l.delays) == 0) != tt.arrives {
					t.Errorf("arrived %v, tried again in %v", tb.arrived, l.delays)
				}
				if len(tt.endpoint.posts) > 1 {
					t.Errorf("%d posts in one attempt", len(tt.endpoint.posts))
				}
			})
		})
	}
}

func TestPausesGrowUpToWhatAQueueCanHold(t *testing.T) {
	last := time.Duration(0)
	for attempts := range 40 {
		d := item("dlv_1")
		d.Attempts = attempts
		l := &later{}
		handle(t, newTable(d), l, &endpoint{status: 500}, batch(t, "dlv_1"))
		pause := l.delays[0]
		if pause > queue.MaxDelay || pause < 2*time.Second {
			t.Errorf("pause %v after %d attempts", pause, attempts)
		}
		if attempts == 39 && pause < last/4 {
			t.Errorf("pause %v after 40 attempts, %v before", pause, last)
		}
		last = pause
	}
	if last < 7*time.Minute {
		t.Errorf("the pauses do not grow: the last is %v", last)
	}
}

func TestNothingIsSentTwiceOrOutOfOrder(t *testing.T) {
	arrived, second, orphan := item("dlv_1"), item("dlv_2"), item("dlv_3")
	arrived.State, second.Previous, orphan.Previous = store.Arrived, "dlv_1", "dlv_0"
	waiting := item("dlv_1")
	tests := map[string]struct {
		table *table
		ask   string
		posts int
		again int
	}{
		"a delivery that has arrived":                   {newTable(arrived), "dlv_1", 0, 0},
		"a delivery whose predecessor has arrived":      {newTable(arrived, second), "dlv_2", 1, 0},
		"a delivery whose predecessor is still to come": {newTable(waiting, second), "dlv_2", 0, 1},
		"a delivery whose predecessor is long gone":     {newTable(orphan), "dlv_3", 1, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l, e := &later{}, &endpoint{status: 200}
			handle(t, tt.table, l, e, batch(t, tt.ask))
			if len(e.posts) != tt.posts || len(l.delays) != tt.again {
				t.Errorf("%d posts and %d tries again; want %d and %d", len(e.posts), len(l.delays), tt.posts, tt.again)
			}
		})
	}
}

func TestOneBadMessageFailsAlone(t *testing.T) {
	b := batch(t, "dlv_1", "dlv_gone", "dlv_2")
	b.Records[1].Body = "not a delivery"
	tb := newTable(item("dlv_1"), item("dlv_2"))
	failed := handle(t, tb, &later{}, &endpoint{status: 200}, b)
	if fmt.Sprint(failed) != "[{m-dlv_gone}]" || len(tb.arrived) != 2 {
		t.Errorf("failed %v, arrived %v", failed, tb.arrived)
	}
}

func TestAnEndpointThatCannotBeUsedIsTriedLater(t *testing.T) {
	for name, e := range map[string]store.Endpoint{
		"no secret":               {URL: "https://joinedly.example/"},
		"a secret that is none":   {URL: "https://joinedly.example/", Secrets: []string{"whsec_short"}},
		"an address that is none": {URL: "://", Secrets: []string{secret}},
	} {
		t.Run(name, func(t *testing.T) {
			tb, l := newTable(item("dlv_1")), &later{}
			tb.endpoint = e
			handle(t, tb, l, &endpoint{status: 200}, batch(t, "dlv_1"))
			if len(l.delays) != 1 || len(tb.arrived) > 0 {
				t.Errorf("tried again in %v, arrived %v", l.delays, tb.arrived)
			}
		})
	}
}
