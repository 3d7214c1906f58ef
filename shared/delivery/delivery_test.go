package delivery_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/delivery"
	"fulcrum/shared/fault"
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

// later is a Queue that keeps what is to be tried again.
type later struct {
	mu     sync.Mutex
	sent   []string
	delays []time.Duration
}

func (l *later) Send(_ context.Context, m queue.Delivery, delay time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent, l.delays = append(l.sent, m.Delivery), append(l.delays, delay)
	return nil
}

// endpoint is a partner that answers with a status.
type endpoint struct {
	mu     sync.Mutex
	status int
	err    error
	hang   bool
	header http.Header
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
	header := http.Header{"Location": {"http://127.0.0.1/"}}
	maps.Copy(header, e.header)
	return &http.Response{StatusCode: e.status, Header: header, Body: io.NopCloser(strings.NewReader("thanks")), Request: req}, nil
}

// bench is a Deliverer over a table with an endpoint.
type bench struct {
	*testing.T
	table    *store.Table
	later    *later
	endpoint *endpoint
}

func in(t *testing.T, f func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t, store.FromEnv(rig.New(t, engine.Options{}).Env(t, "HubDeliver")), &later{}, &endpoint{status: 204}}
		b.set(store.Endpoint{URL: "https://joinedly.example/hooks", Secrets: []string{secret}})
		f(b)
	})
}

func (b *bench) set(e store.Endpoint) {
	b.Helper()
	e.Partner = "joinedly"
	if err := b.table.PutEndpoint(b.Context(), e); err != nil {
		b.Fatal(err)
	}
}

// queued writes deliveries of one object, each behind the one before.
func (b *bench) queued(ids ...string) {
	b.Helper()
	previous := ""
	for i, id := range ids {
		d := store.Delivery{
			ID: id, Connection: "con_1", Partner: "joinedly", Type: "joiner.hired", Object: "joiner#o-1", Revision: int64(i + 1), Previous: previous,
			Body: []byte(`{"type":"joiner.hired"}`),
		}
		if err := b.table.Commit(b.Context(), store.Commit{Deliveries: []store.Delivery{d}}); err != nil {
			b.Fatal(err)
		}
		previous = id
	}
}

// item is a delivery as the table has it.
func (b *bench) item(id string) store.Delivery {
	b.Helper()
	d, err := b.table.Delivery(b.Context(), "con_1", id)
	if err != nil {
		b.Fatal(err)
	}
	return d
}

func (b *bench) expect(id string, state store.DeliveryState, reason fault.Reason) {
	b.Helper()
	if d := b.item(id); d.State != state || d.Reason != reason {
		b.Errorf("%s is %s %s; want %s %s", id, d.State, d.Reason, state, reason)
	}
}

func (b *bench) batch(ids ...string) events.SQSEvent {
	b.Helper()
	var all events.SQSEvent
	for _, id := range ids {
		body, err := json.Marshal(queue.Delivery{Connection: "con_1", Delivery: id})
		if err != nil {
			b.Fatal(err)
		}
		all.Records = append(all.Records, events.SQSMessage{MessageId: "m-" + id, Body: string(body)})
	}
	return all
}

// handle works off messages and gives those that failed.
func (b *bench) handle(all events.SQSEvent) []events.SQSBatchItemFailure {
	b.Helper()
	d := delivery.New(b.table, b.later, delivery.Addresses{}, b.endpoint, time.Now)
	out, err := d.Handle(b.Context(), all)
	if err != nil {
		b.Fatal(err)
	}
	return out.BatchItemFailures
}

func (b *bench) deliver(ids ...string) {
	b.Helper()
	if failed := b.handle(b.batch(ids...)); failed != nil {
		b.Fatalf("messages fail: %v; the queue would count them and give them up", failed)
	}
}

func TestADocumentIsPostedSigned(t *testing.T) {
	in(t, func(b *bench) {
		secrets := []string{newSecret, secret}
		b.set(store.Endpoint{URL: "https://joinedly.example/hooks", Secrets: secrets})
		b.queued("dlv_1")
		time.Sleep(time.Until(time.Now().Add(time.Hour)))
		b.deliver("dlv_1")
		if b.endpoint.posts[0].Header.Get("webhook-id") != "dlv_1" || b.endpoint.bodies[0] != `{"type":"joiner.hired"}` {
			b.Errorf("posted %q as %v", b.endpoint.bodies[0], b.endpoint.posts[0].Header)
		}
		for _, s := range secrets {
			verifier, err := standardwebhooks.NewWebhook(s)
			if err != nil {
				b.Fatal(err)
			}
			if err := verifier.Verify([]byte(b.endpoint.bodies[0]), b.endpoint.posts[0].Header); err != nil {
				b.Errorf("a foreign verifier refuses the signature: %v", err)
			}
			if err := verifier.Verify([]byte(b.endpoint.bodies[0]+" "), b.endpoint.posts[0].Header); err == nil {
				b.Error("the signature does not cover the body")
			}
		}
		b.expect("dlv_1", store.Arrived, "")
	})
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
			in(t, func(b *bench) {
				b.endpoint = tt.endpoint
				b.queued("dlv_1")
				b.deliver("dlv_1")
				if arrived := b.item("dlv_1").State == store.Arrived; arrived != tt.arrives || (len(b.later.delays) == 0) != tt.arrives {
					b.Errorf("arrived: %v, tried again in %v", arrived, b.later.delays)
				}
				if len(tt.endpoint.posts) > 1 {
					b.Errorf("%d posts in one attempt", len(tt.endpoint.posts))
				}
				if a := b.item("dlv_1").Attempts; len(a) != 1 || a[0].Status != tt.endpoint.status {
					b.Errorf("attempts %+v", a)
				}
			})
		})
	}
}

// An endpoint that refuses one document for good is tried for three days, and then
// the delivery is kept for a person to look at.
func TestADocumentThatIsRefusedIsParkedAfterThreeDays(t *testing.T) {
	in(t, func(b *bench) {
		b.endpoint.status = 422
		b.queued("dlv_1", "dlv_2")
		start, last := time.Now(), time.Duration(0)
		for b.item("dlv_1").State == store.Pending {
			b.deliver("dlv_1")
			d := b.item("dlv_1")
			wait := time.Until(d.NextAt.Time())
			if d.State == store.Pending && wait < last*8/10 {
				b.Errorf("pause %v after %v", wait, last)
			}
			last = max(wait, 0)
			time.Sleep(last)
		}
		b.expect("dlv_1", store.Undelivered, "endpoint_refuses")
		if took, n := time.Since(start), len(b.item("dlv_1").Attempts); took < 72*time.Hour || n < 12 || n > 14 {
			b.Errorf("%d attempts in %v", n, took)
		}
		if len(b.later.sent) == 0 || b.later.sent[len(b.later.sent)-1] != "dlv_2" {
			b.Errorf("the delivery behind it is not on its way: %v", b.later.sent)
		}
		for _, d := range b.later.delays {
			if d > queue.MaxDelay {
				b.Errorf("a queue cannot hold a message for %v", d)
			}
		}
	})
}

func TestAnEndpointIsLeftAloneAsLongAsItAsks(t *testing.T) {
	tests := map[string]struct {
		status int
		header string
		least  time.Duration
		most   time.Duration
	}{
		"in seconds":                         {429, "600", 10 * time.Minute, 10 * time.Minute},
		"as a date":                          {503, "Sat, 01 Jan 2000 02:00:00 GMT", 2 * time.Hour, 2 * time.Hour},
		"but a day at most":                  {503, "99999999999", 24 * time.Hour, 24 * time.Hour},
		"but not in the past":                {503, "Sat, 01 Jan 1990 02:00:00 GMT", time.Second, 10 * time.Second},
		"but not with words":                 {429, "soon", time.Second, 10 * time.Second},
		"but not with another status":        {500, "600", time.Second, 10 * time.Second},
		"but not less than the usual pauses": {429, "1", 2 * time.Second, 10 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, func(b *bench) {
				b.endpoint.status, b.endpoint.header = tt.status, http.Header{"Retry-After": {tt.header}}
				b.queued("dlv_1")
				b.deliver("dlv_1")
				if wait := time.Until(b.item("dlv_1").NextAt.Time()); wait < tt.least-time.Second || wait > tt.most+time.Second {
					b.Errorf("the next attempt is in %v", wait)
				}
			})
		})
	}
}

func TestAnEndpointThatIsGoneGetsNothingMore(t *testing.T) {
	in(t, func(b *bench) {
		b.endpoint.status = 410
		b.queued("dlv_1", "dlv_2")
		b.deliver("dlv_1")
		b.deliver("dlv_2")
		b.expect("dlv_1", store.Undelivered, "endpoint_gone")
		b.expect("dlv_2", store.Undelivered, "endpoint_gone")
		if len(b.endpoint.posts) != 1 {
			b.Errorf("%d posts", len(b.endpoint.posts))
		}
		items, err := b.table.Attentions(b.Context(), "con_1", store.Paging{})
		if err != nil || len(items.Items) != 1 || items.Items[0].Reason != "endpoint_gone" {
			b.Errorf("attention items %+v, %v", items, err)
		}
	})
}

// An endpoint that is down is asked now and then, not by everything that waits.
func TestAnEndpointThatIsDownIsProbed(t *testing.T) {
	in(t, func(b *bench) {
		b.endpoint.status = 503
		var ids []string
		for i := range 30 {
			ids = append(ids, fmt.Sprintf("dlv_%d", i))
			b.queued(ids[i])
		}
		b.deliver(ids[:10]...)
		for range 10 {
			b.deliver(ids[10:]...)
			time.Sleep(time.Minute)
		}
		if n := len(b.endpoint.posts); n < 10 || n > 20 {
			b.Errorf("%d posts in ten minutes", n)
		}
		b.endpoint.status = 200
		time.Sleep(10 * time.Minute)
		b.deliver(ids[10])
		b.deliver(ids[11:]...)
		for _, id := range ids[10:] {
			b.expect(id, store.Arrived, "")
		}
	})
}

func TestADeliveryDoesNotWaitForEverForAnEndpointThatRests(t *testing.T) {
	in(t, func(b *bench) {
		b.endpoint.status = 503
		b.queued("dlv_0")
		b.queued("dlv_1")
		time.Sleep(5 * 24 * time.Hour)
		for range 6 {
			b.queued(fmt.Sprint("dlv_x", len(b.endpoint.posts)))
			b.deliver(fmt.Sprint("dlv_x", len(b.endpoint.posts)))
		}
		b.deliver("dlv_1")
		b.expect("dlv_1", store.Undelivered, "endpoint_away")
	})
}

func TestNothingIsSentTwiceOrOutOfOrder(t *testing.T) {
	in(t, func(b *bench) {
		b.queued("dlv_1", "dlv_2", "dlv_3")
		b.deliver("dlv_2")
		b.deliver("dlv_3")
		if len(b.endpoint.posts) != 0 {
			b.Fatal("a delivery overtook the one before it")
		}
		b.deliver("dlv_1")
		if fmt.Sprint(b.later.sent) != "[dlv_2]" {
			b.Fatalf("on their way: %v", b.later.sent)
		}
		b.deliver("dlv_1") // its message came twice: the next may not have been sent
		b.deliver("dlv_2", "dlv_3")
		b.deliver("dlv_2", "dlv_3")
		b.deliver("dlv_3")
		var order []string
		for _, p := range b.endpoint.posts {
			order = append(order, p.Header.Get("webhook-id"))
		}
		if fmt.Sprint(order) != "[dlv_1 dlv_2 dlv_3]" {
			b.Errorf("posted %v", order)
		}
	})
}

func TestOneBadMessageFailsAlone(t *testing.T) {
	in(t, func(b *bench) {
		b.queued("dlv_1")
		b.queued("dlv_2")
		all := b.batch("dlv_1", "dlv_gone", "dlv_2")
		all.Records[1].Body = "not a delivery"
		if failed := b.handle(all); fmt.Sprint(failed) != "[{m-dlv_gone}]" {
			b.Errorf("failed %v", failed)
		}
		b.expect("dlv_1", store.Arrived, "")
		b.expect("dlv_2", store.Arrived, "")
	})
}

func TestAnEndpointThatCannotBeUsedIsTriedLater(t *testing.T) {
	for name, e := range map[string]store.Endpoint{
		"no secret":                     {URL: "https://joinedly.example/"},
		"a secret that is none":         {URL: "https://joinedly.example/", Secrets: []string{"whsec_short"}},
		"an address that is none":       {URL: "://", Secrets: []string{secret}},
		"an address inside the network": {URL: "https://169.254.169.254/latest", Secrets: []string{secret}},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(b *bench) {
				b.set(e)
				b.queued("dlv_1")
				b.deliver("dlv_1")
				if len(b.later.delays) != 1 || len(b.endpoint.posts) > 0 || b.item("dlv_1").Attempts[0].Why == "" {
					b.Errorf("tried again in %v, %d posts, %+v", b.later.delays, len(b.endpoint.posts), b.item("dlv_1").Attempts)
				}
			})
		})
	}
}
