package action

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"fulcrum/shared/account"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

const (
	// hold is how long a worker has an action after its last sign of life.
	hold = time.Minute
	// mostLooks is how often in a row an action is looked at in vain before it is
	// parked: with the pauses between, about a day.
	mostLooks = 30
	// reconcileAfter is how long after its end an action is looked at for doubles.
	reconcileAfter = time.Hour
)

// Clients makes the Lever client of a connection; see account.Accounts.
type Clients interface {
	Client(ctx context.Context, c store.Connection, class rate.Class) (*lever.Client, error)
}

// Queue takes an action that is to be looked at again; see queue.Actions.
type Queue interface {
	Send(ctx context.Context, partner string, m queue.Action, delay time.Duration) error
}

// Deliveries sends a delivery on its way; see queue.Deliveries.
type Deliveries interface {
	Send(ctx context.Context, m queue.Delivery, delay time.Duration) error
}

// Runner works on one partner's actions. It is safe for concurrent use.
type Runner struct {
	actor      Actor
	table      *store.Table
	clients    Clients
	queue      Queue
	deliveries Deliveries
	now        func() time.Time
	newID      func() string
}

// New makes a partner's Runner. now is the clock; newID makes a name that nobody
// else has.
func New(a Actor, table *store.Table, clients Clients, q Queue, deliveries Deliveries, now func() time.Time, newID func() string) *Runner {
	return &Runner{actor: a, table: table, clients: clients, queue: q, deliveries: deliveries, now: now, newID: newID}
}

// Run looks at an action: it goes on with it, or, some time after its end, removes
// what Lever has applied twice. It is safe to repeat, at any time and by several
// workers. An error has the message come again; where more is to be done later,
// Run has sent a message for it.
func (r *Runner) Run(ctx context.Context, connectionID, id string) error {
	a, err := r.table.Action(ctx, connectionID, id)
	if errors.Is(err, store.ErrNotFound) {
		slog.WarnContext(ctx, "action is gone", "partner", r.actor.Name(), "connection", connectionID, "action", id)
		return nil
	}
	if err != nil {
		return err
	}
	now := lever.At(r.now())
	switch {
	case a.State.Ended() && (a.LookAt == 0 || now < a.LookAt):
		return r.deliver(ctx, a)
	case now < a.LookAt:
		return r.later(ctx, a)
	}
	held, err := r.table.HoldAction(ctx, a, r.newID(), hold)
	if errors.Is(err, store.ErrMoved) {
		// Somebody else is at it, and may die of it.
		return r.send(ctx, a, hold)
	}
	if err != nil {
		return err
	}
	return r.work(ctx, held)
}

// work works on an action that is held.
func (r *Runner) work(ctx context.Context, a store.Action) error {
	x := &execution{Runner: r, w: &Work{Action: a, table: r.table}}
	err := x.open(ctx)
	if err == nil && a.State.Ended() {
		err = x.reconcile(ctx)
	}
	if err == nil && !x.w.Action.State.Ended() {
		err = x.advance(ctx)
	}
	if err != nil {
		err = x.failed(ctx, err)
	}
	if errors.Is(err, store.ErrMoved) {
		// Whoever has it now goes on.
		return r.send(ctx, a, hold)
	}
	return err
}

// deliver sends what tells the partner of the action's end. A repeated message
// sends it again: the try before may have ended between the end and this.
func (r *Runner) deliver(ctx context.Context, a store.Action) error {
	if a.LastTold == "" {
		return nil
	}
	return r.deliveries.Send(ctx, queue.Delivery{Connection: a.Connection, Delivery: a.LastTold}, 0)
}

// later has the action looked at when it is due.
func (r *Runner) later(ctx context.Context, a store.Action) error {
	return r.send(ctx, a, a.LookAt.Time().Sub(r.now()))
}

// send has the action looked at after a delay. What waits longer than a queue
// holds a message comes early and is sent again.
func (r *Runner) send(ctx context.Context, a store.Action, delay time.Duration) error {
	// A message that comes a moment early would only be sent again.
	delay += time.Second
	return r.queue.Send(ctx, a.Partner, queue.Action{Connection: a.Connection, Action: a.ID}, min(delay, queue.MaxDelay))
}

// execution is one worker's look at one action, which it holds.
type execution struct {
	*Runner
	w *Work
}

// open makes what the action is worked on with.
func (x *execution) open(ctx context.Context) (err error) {
	c, err := x.table.Connection(ctx, x.w.Action.Connection)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return fault.Permanent("connection_unknown", err)
	case err != nil:
		return err
	case c.Partner != x.actor.Name() || x.w.Action.Partner != c.Partner:
		return fault.Permanent("connection_of_another_partner", errors.New("connection of another partner"))
	}
	if c.PausedAt != 0 {
		return fault.Permanent(account.Paused, errors.New("the connection is paused"))
	}
	x.w.Connection = c
	x.w.Lever, err = x.clients.Client(ctx, c, rate.Interactive)
	return err
}

// save writes what has become of the action and keeps holding it.
func (x *execution) save(ctx context.Context) error {
	a := x.w.Action
	a.HeldUntil = after(lever.At(x.now()), hold)
	a.LookAt, a.State = a.HeldUntil, underway(a.Steps)
	return x.write(ctx, a)
}

// leave writes what has become of the action, and has it looked at again at a
// time, zero for never.
func (x *execution) leave(ctx context.Context, at lever.Time) error {
	a := x.w.Action
	a.HeldUntil, a.LookAt = 0, at
	if !a.State.Ended() {
		a.State = underway(a.Steps)
	}
	if err := x.write(ctx, a); err != nil || at == 0 {
		return err
	}
	return x.later(ctx, x.w.Action)
}

func (x *execution) write(ctx context.Context, a store.Action) error {
	written, err := x.table.SaveAction(ctx, a)
	if err == nil {
		x.w.Action = written
	}
	return err
}

// failed is what follows an error: where no try can help the action is parked,
// and when it was tried often enough; else it is looked at again later.
func (x *execution) failed(ctx context.Context, err error) error {
	a := &x.w.Action
	a.Tries++
	reason, parks := fault.Parks(err)
	if !parks && a.Tries > mostLooks {
		reason, parks = "tries_used_up", true
	}
	log := slog.With("partner", a.Partner, "connection", a.Connection, "action", a.ID, "error", err.Error())
	switch {
	case parks && a.State.Ended():
		log.ErrorContext(ctx, "action could not be looked at for doubles", "reason", reason)
		return x.leave(ctx, 0)
	case parks:
		log.ErrorContext(ctx, "action parked", "reason", reason)
		return x.finish(ctx, store.ActionParked, reason)
	}
	log.WarnContext(ctx, "action will be looked at again")
	return x.leave(ctx, after(lever.At(x.now()), pause(a.Tries)))
}
