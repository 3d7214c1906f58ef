// Package delivery is the room behind functions/hub/deliver: it brings documents
// to the partner's endpoint. An attempt that fails is made again later, with
// growing pauses, until it arrives; the deliveries of one Lever object arrive in
// the order of its states.
package delivery

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
	"fulcrum/shared/trace"
)

const (
	// attemptTime bounds one attempt, answer read.
	attemptTime = 15 * time.Second
	// maxAnswer is how much of an answer is read.
	maxAnswer = 64 << 10
)

// Table has the deliveries and the endpoints; see store.Table.
type Table interface {
	Delivery(ctx context.Context, connectionID, id string) (store.Delivery, error)
	Attempted(ctx context.Context, d store.Delivery, a store.Attempt, next lever.Time) error
	Rest(ctx context.Context, d store.Delivery) error
	Arrive(ctx context.Context, d store.Delivery, a store.Attempt) (next string, err error)
	GiveUp(ctx context.Context, d store.Delivery, reason fault.Reason, attempts ...store.Attempt) (next string, err error)

	Endpoint(ctx context.Context, partner string) (store.Endpoint, error)
	Failed(ctx context.Context, e store.Endpoint) (store.Endpoint, error)
	Probe(ctx context.Context, e store.Endpoint, next lever.Time) (bool, error)
	Back(ctx context.Context, e store.Endpoint) error
	Disable(ctx context.Context, e store.Endpoint) error
	Raise(ctx context.Context, a store.Attention) error
}

// Queue takes a delivery that is to be tried again.
type Queue interface {
	Send(ctx context.Context, m queue.Delivery, delay time.Duration) error
}

// Deliverer works off the queue of deliveries. It is safe for concurrent use.
type Deliverer struct {
	table     Table
	queue     Queue
	addresses Addresses
	http      *http.Client
	now       func() time.Time
}

// New makes a Deliverer whose attempts go through transport, or, where that is
// nil, over connections to allowed addresses only. now is the clock.
func New(table Table, q Queue, allowed Addresses, transport http.RoundTripper, now func() time.Time) *Deliverer {
	if transport == nil {
		transport = allowed.transport()
	}
	return &Deliverer{
		table: table, queue: q, addresses: allowed, now: now,
		http: &http.Client{
			Timeout:   attemptTime,
			Transport: transport,
			// In Standard Webhooks a redirect is a failure.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Handle makes one attempt for each delivery of the batch, side by side.
func (d *Deliverer) Handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	return queue.Batch(ctx, batch, func(ctx context.Context, r events.SQSMessage) error {
		err := d.one(ctx, r.Body)
		if err != nil {
			slog.ErrorContext(ctx, "delivery not worked off", "messageId", r.MessageId, "error", err.Error())
		}
		return err
	}), nil
}

func (d *Deliverer) one(ctx context.Context, message string) error {
	var m queue.Delivery
	if err := json.Unmarshal([]byte(message), &m); err != nil || m.Delivery == "" {
		return errors.New("message is none of ours")
	}
	item, err := d.table.Delivery(ctx, m.Connection, m.Delivery)
	if err != nil {
		return err
	}
	ctx = trace.With(ctx, "id", item.Event)
	if item.State != store.Pending {
		return d.follow(ctx, item, item.Next) // the try before may have ended here
	}
	if waits, err := d.waits(ctx, item); err != nil || waits {
		return err // the end of the delivery before sends this one on its way
	}
	endpoint, err := d.table.Endpoint(ctx, item.Partner)
	if err != nil {
		return err
	}
	if endpoint.DisabledAt != 0 {
		return d.giveUp(ctx, item, "endpoint_gone")
	}
	may, err := d.may(ctx, endpoint)
	if err != nil {
		return err
	}
	if !may {
		return d.rest(ctx, item)
	}
	return d.attempt(ctx, item, endpoint)
}

// waits reports whether the object's delivery before this one is still to come.
func (d *Deliverer) waits(ctx context.Context, item store.Delivery) (bool, error) {
	if item.Previous == "" {
		return false, nil
	}
	before, err := d.table.Delivery(ctx, item.Connection, item.Previous)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && before.State == store.Pending, err
}

// follow sends the delivery behind one that has ended on its way.
func (d *Deliverer) follow(ctx context.Context, item store.Delivery, next string) error {
	if next == "" {
		return nil
	}
	return d.queue.Send(ctx, queue.Delivery{Connection: item.Connection, Delivery: next}, 0)
}

// rest leaves a delivery to be sent when its endpoint is back, but not for ever.
func (d *Deliverer) rest(ctx context.Context, item store.Delivery) error {
	since := max(item.CreatedAt, item.RetriedAt).Time()
	if d.now().Sub(since) > waitsAtMost {
		return d.giveUp(ctx, item, "endpoint_away")
	}
	return d.table.Rest(ctx, item)
}

func (d *Deliverer) giveUp(ctx context.Context, item store.Delivery, reason fault.Reason, attempts ...store.Attempt) error {
	d.log(item).ErrorContext(ctx, "delivery parked", "reason", reason)
	next, err := d.table.GiveUp(ctx, item, reason, attempts...)
	if err != nil {
		return fmt.Errorf("note end: %w", err)
	}
	return d.follow(ctx, item, next)
}

func (d *Deliverer) log(item store.Delivery) *slog.Logger {
	return slog.With("connection", item.Connection, "id", item.Event, "delivery", item.ID, "type", item.Type)
}

// attempt posts the document, and ends the delivery or has it tried again.
func (d *Deliverer) attempt(ctx context.Context, item store.Delivery, endpoint store.Endpoint) error {
	tried := d.post(ctx, item, endpoint)
	switch {
	case tried.Status/100 == 2:
		return d.arrived(ctx, item, endpoint, tried.Attempt)
	case tried.Status == http.StatusGone:
		return d.gone(ctx, item, endpoint, tried.Attempt)
	}
	// A document that the endpoint refuses says nothing of the endpoint's health.
	if tried.Status/100 != 4 || tried.Status == http.StatusTooManyRequests {
		if err := d.failed(ctx, endpoint); err != nil {
			return err
		}
	}
	wait, more := pause(item.Tries + 1)
	if !more {
		return d.giveUp(ctx, item, refusal(tried.Status), tried.Attempt)
	}
	return d.again(ctx, item, tried.Attempt, max(wait, tried.asked))
}

func (d *Deliverer) arrived(ctx context.Context, item store.Delivery, endpoint store.Endpoint, a store.Attempt) error {
	next, err := d.table.Arrive(ctx, item, a)
	if err != nil {
		return fmt.Errorf("note arrival: %w", err)
	}
	d.log(item).InfoContext(ctx, "delivered", "status", a.Status, "ms", a.Milliseconds)
	if endpoint.Failures > 0 {
		if err := d.table.Back(ctx, endpoint); err != nil {
			return err
		}
	}
	return d.follow(ctx, item, next)
}

// gone ends deliveries to an endpoint that says that it is gone for good.
func (d *Deliverer) gone(ctx context.Context, item store.Delivery, endpoint store.Endpoint, a store.Attempt) error {
	err := d.table.Raise(ctx, store.Attention{
		Connection: item.Connection, Partner: item.Partner, Reason: "endpoint_gone", About: "endpoint",
		Step: "The endpoint answered 410 Gone and gets nothing any more. Set the partner's endpoint anew, then redrive what is parked as endpoint_gone.",
	})
	if err := errors.Join(err, d.table.Disable(ctx, endpoint)); err != nil {
		return err
	}
	return d.giveUp(ctx, item, "endpoint_gone", a)
}

// refusal is why a delivery is parked after the last attempt.
func refusal(status int) fault.Reason {
	if status/100 == 4 && status != http.StatusTooManyRequests {
		return "endpoint_refuses"
	}
	return "endpoint_away"
}

// again notes the next attempt first; then this message is done with. What waits
// longer than a queue can hold a message is sent by the clock.
func (d *Deliverer) again(ctx context.Context, item store.Delivery, a store.Attempt, wait time.Duration) error {
	d.log(item).WarnContext(ctx, "delivery will be tried again", "status", a.Status, "why", a.Why, "ms", a.Milliseconds, "in", wait.Round(time.Second).String())
	if err := d.table.Attempted(ctx, item, a, lever.At(d.now().Add(wait))); err != nil {
		return err
	}
	if wait > queue.MaxDelay {
		return nil
	}
	return d.queue.Send(ctx, queue.Delivery{Connection: item.Connection, Delivery: item.ID}, wait)
}

// tried is an attempt, and the pause that the endpoint asked for.
type tried struct {
	store.Attempt
	asked time.Duration
}

// post makes one attempt. Why it failed is in the attempt: it is never an error
// of ours.
func (d *Deliverer) post(ctx context.Context, item store.Delivery, endpoint store.Endpoint) tried {
	start := d.now()
	t := tried{Attempt: store.Attempt{At: lever.At(start)}}
	res, err := d.send(ctx, item, endpoint)
	if err == nil {
		t.Status, t.asked = res.StatusCode, asked(res, start)
		t.Digest, err = digest(res.Body)
	}
	if err != nil {
		t.Status, t.Why = 0, err.Error()
	}
	t.Milliseconds = d.now().Sub(start).Milliseconds()
	return t
}

func (d *Deliverer) send(ctx context.Context, item store.Delivery, endpoint store.Endpoint) (*http.Response, error) {
	if err := d.addresses.Check(endpoint.URL); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint.URL, bytes.NewReader(item.Body))
	if err != nil {
		return nil, errAddress
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Fulcrum")
	if err := sign(req.Header, item.ID, d.now(), item.Body, endpoint.Secrets); err != nil {
		return nil, err
	}
	res, err := d.http.Do(req)
	if errors.Is(err, errAddress) {
		return nil, errAddress
	}
	if err != nil {
		return nil, errors.New("no answer from the endpoint")
	}
	return res, nil
}

// digest reads an answer, so that its connection can be used again, and gives the
// beginning of its hash.
func digest(body io.ReadCloser) (string, error) {
	defer body.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(body, maxAnswer))
	if err != nil {
		return "", errors.New("the endpoint's answer broke off")
	}
	if n == 0 {
		return "", nil
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}
