// Package delivery is the room behind functions/hub/deliver: it brings documents
// to the partner's endpoint. An attempt that fails is made again later, with
// growing pauses, until it arrives; the deliveries of one Lever object arrive in
// the order of its states.
package delivery

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

const (
	// attemptTime bounds one attempt, answer read.
	attemptTime = 15 * time.Second
	// maxAnswer is how much of an answer is read.
	maxAnswer = 64 << 10
	// firstPause is what follows the first failed attempt; each pause is up to
	// twice the one before.
	firstPause = 5 * time.Second
)

// Table has the deliveries; see store.Table.
type Table interface {
	Delivery(ctx context.Context, connectionID, id string) (store.Delivery, error)
	Endpoint(ctx context.Context, partner string) (store.Endpoint, error)
	Attempted(ctx context.Context, d store.Delivery) error
	Arrive(ctx context.Context, d store.Delivery) error
}

// Queue takes a delivery that is to be tried again.
type Queue interface {
	Send(ctx context.Context, m queue.Delivery, delay time.Duration) error
}

// Deliverer works off the queue of deliveries. It is safe for concurrent use.
type Deliverer struct {
	table Table
	queue Queue
	http  *http.Client
	now   func() time.Time
}

// New makes a Deliverer whose attempts go through transport. now is the clock.
func New(table Table, q Queue, transport http.RoundTripper, now func() time.Time) *Deliverer {
	return &Deliverer{
		table: table, queue: q, now: now,
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
	failed := make([]bool, len(batch.Records))
	var all sync.WaitGroup
	for i, r := range batch.Records {
		all.Go(func() {
			if err := d.one(ctx, r.Body); err != nil {
				failed[i] = true
				slog.ErrorContext(ctx, "delivery not worked off", "message", r.MessageId, "error", err.Error())
			}
		})
	}
	all.Wait()
	var out events.SQSEventResponse
	for i, r := range batch.Records {
		if failed[i] {
			out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: r.MessageId})
		}
	}
	return out, nil
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
	if item.State != store.Pending {
		return nil
	}
	waits, err := d.waits(ctx, item)
	if err != nil {
		return err
	}
	if waits {
		return d.queue.Send(ctx, m, firstPause)
	}
	return d.attempt(ctx, item)
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

// attempt posts the document. When it does not arrive, the next attempt is noted
// first and this message is done with: pauses longer than a function lives are
// not spent waiting.
func (d *Deliverer) attempt(ctx context.Context, item store.Delivery) error {
	log := slog.With("connection", item.Connection, "id", item.Event, "delivery", item.ID, "type", item.Type)
	start := d.now()
	status, err := d.post(ctx, item)
	took := d.now().Sub(start).Milliseconds()
	if err == nil && status/100 == 2 {
		if err := d.table.Arrive(ctx, item); err != nil {
			return fmt.Errorf("note arrival: %w", err)
		}
		log.InfoContext(ctx, "delivered", "status", status, "ms", took)
		return nil
	}
	why := fmt.Sprintf("status %d", status)
	if err != nil {
		why = err.Error()
	}
	delay := pause(item.Attempts)
	log.WarnContext(ctx, "delivery will be tried again", "why", why, "ms", took, "in", delay.String())
	if err := d.table.Attempted(ctx, item); err != nil {
		return err
	}
	return d.queue.Send(ctx, queue.Delivery{Connection: item.Connection, Delivery: item.ID}, delay)
}

func (d *Deliverer) post(ctx context.Context, item store.Delivery) (int, error) {
	endpoint, err := d.table.Endpoint(ctx, item.Partner)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint.URL, bytes.NewReader(item.Body))
	if err != nil {
		return 0, errors.New("the endpoint's address is none")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Fulcrum")
	if err := sign(req.Header, item.ID, d.now(), item.Body, endpoint.Secrets); err != nil {
		return 0, err
	}
	res, err := d.http.Do(req)
	if err != nil {
		return 0, errors.New("no answer from the endpoint")
	}
	defer res.Body.Close()
	// A connection whose answer is read can be used again.
	if _, err := io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer)); err != nil {
		return 0, errors.New("the endpoint's answer broke off")
	}
	return res.StatusCode, nil
}

// pause is what follows after so many attempts before this one: it doubles up to
// the longest that a queue can hold a message, and half of it is by chance, so
// that what failed together does not come back together.
func pause(attempts int) time.Duration {
	full := min(firstPause<<min(attempts, 20), queue.MaxDelay)
	return full/2 + rand.N(full/2)
}
