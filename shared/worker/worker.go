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

// Events sends an event on its way again.
type Events interface {
	Later(ctx context.Context, partner string, e queue.Event, delay time.Duration) error
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
	events     Events
	now        func() time.Time
	turns      *turns
	others     map[string]Run
}

// New makes a partner's worker. now is the clock.
func New(p partner.Partner, table *store.Table, clients Clients, deliveries Deliveries, again Events, now func() time.Time) *Worker {
	return &Worker{partner: p, table: table, clients: clients, deliveries: deliveries, events: again, now: now, turns: newTurns(), others: map[string]Run{}}
}

// Handle works off a batch, its messages side by side, and names those that
// failed: they come again.
func (w *Worker) Handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	return queue.Batch(ctx, batch, func(ctx context.Context, r events.SQSMessage) error {
		err := w.one(ctx, r)
		if err != nil {
			slog.ErrorContext(ctx, "message not worked off", "partner", w.partner.Name(), "messageId", r.MessageId, "error", err.Error())
		}
		return err
	}), nil
}

// one works off one message: an event, or what another handler is there for.
func (w *Worker) one(ctx context.Context, r events.SQSMessage) error {
	var e queue.Event
	err := json.Unmarshal([]byte(r.Body), &e)
	if err == nil && e.ID == "" {
		return w.other(ctx, r.Body)
	}
	if err != nil || e.Connection == "" {
		return errNotOurs
	}
	log := slog.With("partner", w.partner.Name(), "connection", e.Connection, "id", e.ID, "event", e.Event)
	hook := w.seen(ctx, log, e)
	if e.Test {
		log.InfoContext(ctx, "connection test")
		return nil
	}
	noted, err := w.table.Receive(ctx, store.EventOf(w.partner.Name(), e))
	if err != nil {
		return err
	}
	if noted.Reuse {
		log.WarnContext(ctx, "signature came before with another body", "metric", "SignatureReuse")
	}
	done, err := w.event(ctx, noted)
	if err == nil {
		err = w.replaced(ctx, e, hook)
	}
	if err != nil {
		return w.postpone(ctx, log, noted, err)
	}
	log.InfoContext(ctx, "event worked off", "state", done.State, "reason", done.Reason, "age", w.now().Sub(noted.ReceivedAt.Time()).Milliseconds())
	return nil
}

// event brings an event to its end, or as far as its deliveries are on their way.
func (w *Worker) event(ctx context.Context, noted store.Event) (store.Event, error) {
	ctx, stop := leaveTime(ctx)
	defer stop()
	done, err := w.turns.take(ctx, turnOf(noted))
	if err != nil {
		return noted, err
	}
	defer done()
	for round := 0; noted.State == store.Received; round++ {
		if round == rounds {
			return noted, store.ErrMoved
		}
		if noted, err = w.round(ctx, noted); err != nil {
			return noted, err
		}
	}
	return noted, w.dispatch(ctx, noted)
}

// noteTime is kept of a function's time for noting what came of an event.
const noteTime = 3 * time.Second

// leaveTime ends ctx early enough that the outcome can still be noted.
func leaveTime(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-noteTime))
	}
	return context.WithCancel(ctx)
}

// round computes and commits once. The event it gives is still received when
// somebody else was quicker.
func (w *Worker) round(ctx context.Context, noted store.Event) (store.Event, error) {
	c, err := w.compute(ctx, noted)
	if err != nil {
		return noted, err
	}
	err = w.table.Commit(ctx, c)
	if errors.Is(err, store.ErrMoved) {
		return w.table.Event(ctx, noted.Connection, noted.ID)
	}
	if err != nil {
		return noted, err
	}
	noted.State, noted.Reason = c.State, c.Reason
	for _, d := range c.Deliveries {
		noted.Deliveries = append(noted.Deliveries, d.ID)
	}
	return noted, nil
}

// compute is what the event leads to now. A failure that no try can mend leads to
// its being parked.
func (w *Worker) compute(ctx context.Context, noted store.Event) (store.Commit, error) {
	c, err := w.sync(ctx, noted, urgency(noted))
	if err == nil {
		return c, nil
	}
	if reason, parks := w.parks(noted, err); parks {
		slog.ErrorContext(ctx, "event parked", "connection", noted.Connection, "id", noted.ID, "reason", reason, "error", err.Error())
		return store.Commit{Event: noted, State: store.Parked, Reason: reason}, nil
	}
	return c, err
}

func (w *Worker) sync(ctx context.Context, noted store.Event, class rate.Class) (store.Commit, error) {
	connection, err := w.table.Connection(ctx, noted.Connection)
	if errors.Is(err, store.ErrNotFound) {
		return store.Commit{}, fault.Permanent("connection_unknown", err)
	}
	if err != nil {
		return store.Commit{}, err
	}
	if connection.Partner != w.partner.Name() {
		return store.Commit{}, fault.Permanent("connection_of_another_partner", errors.New("connection of another partner"))
	}
	client, err := w.clients.Client(ctx, connection, class)
	if err != nil {
		return store.Commit{}, err
	}
	if erased, err := w.erased(ctx, noted); erased || err != nil {
		return store.Commit{Event: noted, State: store.Ignored, Reason: store.Erased}, err
	}
	work := partner.NewWork(noted.Message(), connection, client, w.table)
	if err := w.careful(ctx, work); err != nil {
		return store.Commit{}, err
	}
	return work.Commit(noted), nil
}

// erased reports whether the event tells of somebody who is gone for good.
func (w *Worker) erased(ctx context.Context, noted store.Event) (bool, error) {
	if noted.IDs.Opportunity == "" {
		return false, nil
	}
	return w.table.IsErased(ctx, noted.Connection, noted.IDs.Opportunity)
}

// careful has the partner sync. Its panic is this event's alone: neighbours go on,
// and what is wrong may be gone with the next release.
func (w *Worker) careful(ctx context.Context, work *partner.Work) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %T", p)
			slog.ErrorContext(ctx, "event panicked", "partner", w.partner.Name(), "connection", work.Connection.ID, "id", work.Event.ID, "stack", string(debug.Stack()))
		}
	}()
	return w.partner.Sync(ctx, work)
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
