// Package worker is the room behind the partners' sync functions: it works off
// the partner's queue. For each event, in this order: note the receipt, let the
// partner read and map, commit state, documents and outcome in one transaction,
// then send the deliveries on their way. Whatever crashes in between, the next
// try finds what was recorded and finishes it.
package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/queue"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

// rounds is how often one try computes anew when others were quicker.
const rounds = 3

// Deliveries sends a delivery on its way.
type Deliveries interface {
	Send(ctx context.Context, m queue.Delivery, delay time.Duration) error
}

// Clients makes the Lever client of a connection.
type Clients interface {
	Client(ctx context.Context, c store.Connection, class rate.Class) (*lever.Client, error)
}

// Worker works off one partner's queue. It is safe for concurrent use.
type Worker struct {
	partner    partner.Partner
	table      *store.Table
	clients    Clients
	deliveries Deliveries
}

// New makes a partner's worker.
func New(p partner.Partner, table *store.Table, clients Clients, deliveries Deliveries) *Worker {
	return &Worker{partner: p, table: table, clients: clients, deliveries: deliveries}
}

// Handle works off a batch, its messages side by side, and names those that
// failed: they come again.
func (w *Worker) Handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	failed := make([]bool, len(batch.Records))
	var all sync.WaitGroup
	for i, r := range batch.Records {
		all.Go(func() { failed[i] = w.one(ctx, r) != nil })
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

// one works off one message. Its panic is its own: neighbours go on.
func (w *Worker) one(ctx context.Context, r events.SQSMessage) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %T", p)
			slog.ErrorContext(ctx, "event panicked", "partner", w.partner.Name(), "message", r.MessageId, "stack", string(debug.Stack()))
		}
	}()
	var e queue.Event
	if err := json.Unmarshal([]byte(r.Body), &e); err != nil || e.ID == "" || e.Connection == "" {
		slog.ErrorContext(ctx, "message is none of ours", "partner", w.partner.Name(), "message", r.MessageId)
		return errors.New("message is none of ours")
	}
	log := slog.With("partner", w.partner.Name(), "connection", e.Connection, "id", e.ID, "event", e.Event)
	state, err := w.event(ctx, e)
	if err != nil {
		log.WarnContext(ctx, "event will be tried again", "error", err.Error())
		return err
	}
	log.InfoContext(ctx, "event worked off", "state", state)
	return nil
}

// event brings an event to its end, or as far as its deliveries are on their way.
func (w *Worker) event(ctx context.Context, e queue.Event) (store.EventState, error) {
	noted, err := w.table.Receive(ctx, store.Event{
		ID: e.ID, Connection: e.Connection, Event: e.Event, IDs: e.IDs, BodyHash: e.BodyHash,
		TriggeredAt: e.TriggeredAt, ReceivedAt: e.ReceivedAt,
	})
	if err != nil {
		return "", err
	}
	for round := 0; noted.State == store.Received; round++ {
		if round == rounds {
			return "", store.ErrMoved
		}
		if noted, err = w.round(ctx, e, noted); err != nil {
			return "", err
		}
	}
	return noted.State, w.dispatch(ctx, noted)
}

// round computes and commits once. The event it gives is still received when
// somebody else was quicker.
func (w *Worker) round(ctx context.Context, e queue.Event, noted store.Event) (store.Event, error) {
	c, err := w.compute(ctx, e, noted)
	if err != nil {
		return noted, err
	}
	err = w.table.Commit(ctx, c)
	if errors.Is(err, store.ErrMoved) {
		return w.table.Event(ctx, e.Connection, e.ID)
	}
	if err != nil {
		return noted, err
	}
	noted.State = c.State
	for _, d := range c.Deliveries {
		noted.Deliveries = append(noted.Deliveries, d.ID)
	}
	return noted, nil
}

// compute is what the event leads to now. A failure that no try can mend leads to
// its being parked.
func (w *Worker) compute(ctx context.Context, e queue.Event, noted store.Event) (store.Commit, error) {
	c, err := w.sync(ctx, e, noted)
	if reason, parks := fault.Parks(err); parks {
		slog.ErrorContext(ctx, "event parked", "connection", e.Connection, "id", e.ID, "reason", reason, "error", err.Error())
		return store.Commit{Event: noted, State: store.Parked, Reason: reason}, nil
	}
	return c, err
}

func (w *Worker) sync(ctx context.Context, e queue.Event, noted store.Event) (store.Commit, error) {
	connection, err := w.table.Connection(ctx, e.Connection)
	if errors.Is(err, store.ErrNotFound) {
		return store.Commit{}, fault.Permanent("connection_unknown", err)
	}
	if err != nil {
		return store.Commit{}, err
	}
	if connection.Partner != w.partner.Name() {
		return store.Commit{}, fault.Permanent("connection_of_another_partner", errors.New("connection of another partner"))
	}
	client, err := w.clients.Client(ctx, connection, rate.Event)
	if err != nil {
		return store.Commit{}, err
	}
	work := partner.NewWork(e, connection, client, w.table)
	if err := w.partner.Sync(ctx, work); err != nil {
		return store.Commit{}, err
	}
	return work.Commit(noted), nil
}

// dispatch sends the event's deliveries on their way. A repeated event sends them
// again: the try before may have ended between the commit and this.
func (w *Worker) dispatch(ctx context.Context, e store.Event) error {
	if e.State != store.Delivering {
		return nil
	}
	for _, id := range e.Deliveries {
		if err := w.deliveries.Send(ctx, queue.Delivery{Connection: e.Connection, Delivery: id}, 0); err != nil {
			return err
		}
	}
	return nil
}
