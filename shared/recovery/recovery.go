// Package recovery closes the gap of a connection that did not work for a while:
// it brings back on its way what was parked, and has what changed in Lever
// meanwhile looked at again. Both may take longer than a call lasts, so what is to
// be done is in the table: who asked for it does what it can, and the clock goes
// on until it is done. Whatever is done twice has one effect, because events are
// hints and the ledger knows them by their ids.
package recovery

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"fulcrum/shared/fault"
	"fulcrum/shared/held"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

const (
	// settle is how long after the request what is parked is looked at for the last
	// time: a function that had read the connection before may still park work.
	settle = 3 * time.Minute
	// margin is how far before the last good event a reading begins: Lever's clock
	// and ours differ, and a change is visible a moment after its time.
	margin = 10 * time.Minute
	// reserve is what must be left of a call's time for noting how far it came.
	reserve = 4 * time.Second
	// batch is how many recoveries one run of the clock looks at, and together how
	// many messages are sent side by side.
	batch    = 50
	together = 8
)

// Clients makes the Lever client of a connection; see account.Accounts.
type Clients interface {
	Client(ctx context.Context, c store.Connection, class rate.Class) (*lever.Client, error)
}

// Queues send events, deliveries and actions on their way.
type Queues struct {
	Events interface {
		Send(ctx context.Context, partner string, e queue.Event) error
	}
	Deliveries interface {
		Send(ctx context.Context, m queue.Delivery, delay time.Duration) error
	}
	Actions interface {
		Send(ctx context.Context, partner string, m queue.Action, delay time.Duration) error
	}
}

// Runner does recoveries. It is safe for concurrent use.
type Runner struct {
	table   *store.Table
	clients Clients
	queues  Queues
	now     func() time.Time
}

// New makes a Runner. now is the clock.
func New(table *store.Table, clients Clients, queues Queues, now func() time.Time) *Runner {
	return &Runner{table: table, clients: clients, queues: queues, now: now}
}

// Retry is a recovery that retries what is parked for a reason.
func (r *Runner) Retry(c store.Connection, reason fault.Reason) store.Recovery {
	again := r.table.NewRecovery(c.ID, store.Retry)
	again.Reason = reason
	return again
}

// Reread is a recovery that has what changed since the last good event looked at
// again. events are those that the partner uses.
func (r *Runner) Reread(c store.Connection, lastGood lever.Time, events []lever.Event) store.Recovery {
	again := r.table.NewRecovery(c.ID, store.Reread)
	again.Since = max(lastGood-lever.Time(margin.Milliseconds()), c.CreatedAt)
	again.Events = events
	again.Confidential = slices.Contains(c.Scopes, Confidential)
	return again
}

// Confidential is the scope with which Lever shows confidential postings and what
// belongs to them.
const Confidential = "confidential:access:admin"

// Due goes on with what nobody is at. It goes on past a recovery that fails: its
// time comes again.
func (r *Runner) Due(ctx context.Context) error {
	due, err := r.table.DueRecoveries(ctx, batch)
	if err != nil {
		return err
	}
	var errs []error
	for _, d := range due {
		mine, err := r.table.Look(ctx, d)
		if err != nil || !mine {
			errs = append(errs, err)
			continue
		}
		one, err := r.table.Recovery(ctx, d.Connection(), d.ID())
		if err == nil {
			err = r.Run(ctx, one)
		}
		if err != nil {
			slog.WarnContext(ctx, "recovery goes on later", "connection", d.Connection(), "error", err.Error())
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Run does what it can of a recovery in the time of its call; the rest is the
// clock's.
func (r *Runner) Run(ctx context.Context, one store.Recovery) error {
	c, err := r.table.Connection(ctx, one.Connection)
	if err != nil {
		return err
	}
	if c.DisconnectingAt != 0 || c.LostAt != 0 {
		return r.table.EndRecovery(ctx, one) // connecting anew begins another
	}
	if one.Kind == store.Reread {
		err = r.reread(ctx, c, one)
	} else {
		err = r.retry(ctx, c, one)
	}
	if errors.Is(err, store.ErrMoved) {
		return nil // another has ended it
	}
	return err
}

// Look notes an event that looks at something again, and sends it on its way. Should
// the queue not take it, the clock sends it. One that is noted already is left alone.
func (r *Runner) Look(ctx context.Context, c store.Connection, e queue.Event) error {
	noted, err := r.table.Receive(ctx, store.EventOf(c.Partner, e))
	if err != nil || noted.State != store.Received {
		return err
	}
	return r.queues.Events.Send(ctx, c.Partner, noted.Message())
}

// hurried reports whether too little is left of the call's time.
func (r *Runner) hurried(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && deadline.Sub(r.now()) < reserve
}

func (r *Runner) retry(ctx context.Context, c store.Connection, one store.Recovery) error {
	if err := r.actions(ctx, c, &one); err != nil {
		return err
	}
	for {
		page, err := r.table.Parked(ctx, c.ID, one.Reason, store.Paging{Cursor: one.Cursor})
		if err != nil {
			return err
		}
		for _, p := range page.Items {
			sent, err := r.again(ctx, c, p)
			if err != nil {
				return err
			}
			one.Count += sent
		}
		one.Cursor = page.Next
		if page.Next == "" && r.now().Sub(one.RequestedAt.Time()) >= settle {
			return r.table.EndRecovery(ctx, one)
		}
		if err := r.table.Advance(ctx, one); err != nil || page.Next == "" || r.hurried(ctx) {
			return err
		}
	}
}

// actions has the actions gone on with that are parked for the recovery's reason.
// One that somebody else changes now is looked at when the recovery comes by again.
func (r *Runner) actions(ctx context.Context, c store.Connection, one *store.Recovery) error {
	parked, err := r.table.ActionsParked(ctx, c.ID, one.Reason)
	if err != nil {
		return err
	}
	for _, p := range parked {
		if held.TooLong(r.now(), p.EndedAt) {
			continue // the clock gives it up
		}
		a, err := r.table.ResumeAction(ctx, c.ID, p.ID)
		if errors.Is(err, store.ErrMoved) {
			continue
		}
		if err != nil {
			return fmt.Errorf("resume action: %w", err)
		}
		if err := r.queues.Actions.Send(ctx, c.Partner, queue.Action{Connection: c.ID, Action: a.ID}, 0); err != nil {
			return err
		}
		one.Count++
	}
	return nil
}

// again brings one parked event or delivery back on its way, and reports how many
// went: none where it is no longer parked.
func (r *Runner) again(ctx context.Context, c store.Connection, p store.Parking) (int, error) {
	if p.Delivery != "" {
		goes, err := r.table.RetryDelivery(ctx, c.ID, p.Delivery)
		if errors.Is(err, store.ErrMoved) || err == nil && !goes {
			return 0, nil
		}
		if err != nil {
			return 0, fmt.Errorf("retry delivery: %w", err)
		}
		return 1, r.queues.Deliveries.Send(ctx, queue.Delivery{Connection: c.ID, Delivery: p.Delivery}, 0)
	}
	if held.TooLong(r.now(), p.At) {
		return 0, r.table.HeldTooLong(ctx, c.ID, p)
	}
	e, err := r.table.RetryEvent(ctx, c.ID, p.Event)
	if errors.Is(err, store.ErrMoved) || errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("retry event: %w", err)
	}
	return 1, r.queues.Events.Send(ctx, c.Partner, e.Message())
}

func (r *Runner) reread(ctx context.Context, c store.Connection, one store.Recovery) error {
	client, err := r.clients.Client(ctx, c, rate.Backfill)
	if err != nil {
		return err
	}
	if one.Cursor == "" {
		if err := r.deleted(ctx, c, client, &one); err != nil {
			return err
		}
	}
	filter := lever.OpportunityFilter{UpdatedAfter: one.Since, Offset: one.Cursor}
	if one.Confidential {
		filter.Confidentiality = "all"
	}
	for page, err := range client.OpportunityPages(ctx, filter) {
		if err != nil {
			return fmt.Errorf("changed opportunities: %w", err)
		}
		var hints []queue.Event
		for _, o := range page.Items {
			hints = append(hints, hintsOf(one, o)...)
		}
		if err := r.send(ctx, c, &one, hints); err != nil {
			return err
		}
		one.Cursor = page.Next
		if page.Next == "" {
			break
		}
		if err := r.table.Advance(ctx, one); err != nil || r.hurried(ctx) {
			return err
		}
	}
	return r.table.EndRecovery(ctx, one)
}

// deleted sends hints of what was deleted, where the partner uses that.
func (r *Runner) deleted(ctx context.Context, c store.Connection, client *lever.Client, one *store.Recovery) error {
	if !slices.Contains(one.Events, lever.CandidateDeleted) {
		return nil
	}
	var hints []queue.Event
	for d, err := range client.DeletedOpportunities(ctx, one.Since, 0) {
		if err != nil {
			return fmt.Errorf("deleted opportunities: %w", err)
		}
		hints = append(hints, hint(*one, lever.CandidateDeleted, d.DeletedAt, lever.IDs{Opportunity: d.ID}))
	}
	return r.send(ctx, c, one, hints)
}

// send puts hints into the partner's queue, as events that the clock found.
func (r *Runner) send(ctx context.Context, c store.Connection, one *store.Recovery, hints []queue.Event) error {
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(together)
	for _, e := range hints {
		e.ReceivedAt = lever.At(r.now())
		all.Go(func() error { return r.queues.Events.Send(ctx, c.Partner, e) })
	}
	one.Count += len(hints)
	return all.Wait()
}

// hintsOf are the events that stand for the change of an opportunity: one that the
// partner uses suffices, because it reads the object whatever the event is called.
func hintsOf(one store.Recovery, o lever.Opportunity) []queue.Event {
	order := []lever.Event{lever.CandidateStageChange, lever.ApplicationCreated, lever.CandidateArchiveChange, lever.CandidateHired}
	if o.Archived != nil && o.Archived.ArchivedAt != 0 {
		order = []lever.Event{lever.CandidateHired, lever.CandidateArchiveChange, lever.CandidateStageChange, lever.ApplicationCreated}
	}
	i := slices.IndexFunc(order, func(e lever.Event) bool { return slices.Contains(one.Events, e) })
	if i < 0 {
		return nil
	}
	ids := lever.IDs{Opportunity: o.ID, Contact: o.Contact.ID}
	if order[i] != lever.ApplicationCreated {
		return []queue.Event{hint(one, order[i], o.UpdatedAt, ids)}
	}
	var all []queue.Event
	for _, a := range o.Applications {
		ids.Application = a.ID
		all = append(all, hint(one, lever.ApplicationCreated, o.UpdatedAt, ids))
	}
	return all
}

// hint is an event of origin reconcile. Its id is the same however often the
// recovery comes by.
func hint(one store.Recovery, event lever.Event, at lever.Time, ids lever.IDs) queue.Event {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %d", one.ID, event, ids.Opportunity, ids.Application, at))
	return queue.Event{
		ID:         "evt_" + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16])),
		Connection: one.Connection, Event: event, TriggeredAt: at, IDs: ids, Origin: string(store.FromClock),
	}
}
