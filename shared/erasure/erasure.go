// Package erasure brings the forgetting of people to its end. A commit of the
// partner's has emptied the objects of somebody who was deleted or anonymized in
// Lever, has left a tombstone that keeps late events from bringing them back, and
// has written the document that tells the partner. What is left is done here, by
// the clock, for all partners in the same way:
//
//	actions     those about the person that are not done are not done any more,
//	            and what they asked for is forgotten
//	deliveries  earlier documents of the objects lose their bodies; one that has not
//	            arrived is not sent any more
//	events      those that are parked end, because nothing can come of them
//	letters     mails that wait for their day are not sent
//
// Queues, dead letters and logs hold ids only, and nothing else of a person is
// kept. When our stores are empty and the partner has taken the document, the
// receipt is complete. Whatever crashes, the next run goes on: everything here may
// be done twice.
package erasure

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/metric"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

const (
	// batch is how many erasures one run looks at.
	batch = 100
	// toldWithin and clearedWithin are the times after which a person has to look.
	toldWithin    = time.Hour
	clearedWithin = 24 * time.Hour
)

// Late is the reason of the attention item about an erasure that takes too long.
const Late fault.Reason = "erasure_late"

// Deliveries sends a delivery on its way.
type Deliveries interface {
	Send(ctx context.Context, m queue.Delivery, delay time.Duration) error
}

// Eraser brings erasures to their ends. It is safe for concurrent use.
type Eraser struct {
	table      *store.Table
	deliveries Deliveries
	now        func() time.Time
}

// New makes an Eraser. now is the clock.
func New(table *store.Table, deliveries Deliveries, now func() time.Time) *Eraser {
	return &Eraser{table: table, deliveries: deliveries, now: now}
}

// Due goes on with the erasures that have not ended. It goes on past one that
// fails: its time comes again.
func (e *Eraser) Due(ctx context.Context) error {
	due, err := e.table.DueErasures(ctx, batch)
	if err != nil {
		return err
	}
	late := 0
	var errs []error
	for _, d := range due {
		mine, err := e.table.LookErasure(ctx, d)
		if err != nil || !mine {
			errs = append(errs, err)
			continue
		}
		isLate, err := e.one(ctx, d)
		if isLate {
			late++
		}
		errs = append(errs, err)
	}
	metric.Count(ctx, "ErasuresLate", late)
	return errors.Join(errs...)
}

// one goes on with one erasure, and reports whether it takes too long.
func (e *Eraser) one(ctx context.Context, d store.Due) (late bool, err error) {
	one, err := e.table.Erasure(ctx, d.Connection(), d.ID())
	if err != nil {
		return false, err
	}
	if one, err = e.Run(ctx, one); err != nil {
		slog.WarnContext(ctx, "erasure goes on later", "connection", one.Connection, "erasure", one.ID, "error", err.Error())
	}
	age := e.now().Sub(one.BegunAt.Time())
	late = one.ToldAt == 0 && age > toldWithin || one.ClearedAt == 0 && age > clearedWithin
	if one.EndedAt == 0 && !late {
		return false, err
	}
	return late, errors.Join(err, e.attend(ctx, one, late))
}

// attend opens the attention item of an erasure that is late, or closes it.
func (e *Eraser) attend(ctx context.Context, one store.Erasure, late bool) error {
	if !late {
		return e.table.ClearOpen(ctx, one.Connection, Late, "erasure#"+one.ID)
	}
	c, err := e.table.Connection(ctx, one.Connection)
	if err != nil {
		return err
	}
	return e.table.Raise(ctx, store.Attention{
		Connection: c.ID, Partner: c.Partner, Reason: Late, About: "erasure#" + one.ID,
		Step: "Somebody was erased in Lever, and the partner has not taken the document that says so within an hour. Look at the endpoint, then redrive the parked delivery.",
	})
}

// Run does what can be done of an erasure now, and notes how far it came.
func (e *Eraser) Run(ctx context.Context, one store.Erasure) (store.Erasure, error) {
	var err error
	if one.ClearedAt == 0 {
		var rest bool
		if rest, err = e.clear(ctx, &one); err == nil && !rest {
			one.ClearedAt = lever.At(e.now())
		}
	}
	if one.ToldAt == 0 {
		err = errors.Join(err, e.answers(ctx, &one))
	}
	if one.ClearedAt != 0 && one.ToldAt != 0 {
		one.EndedAt = max(one.ClearedAt, one.ToldAt)
		slog.InfoContext(ctx, "erased", "connection", one.Connection, "erasure", one.ID, "because", one.Because)
	}
	return one, errors.Join(err, e.table.SaveErasure(ctx, one))
}

// clear empties our stores, and reports whether something has to wait.
func (e *Eraser) clear(ctx context.Context, one *store.Erasure) (rest bool, err error) {
	one.Stores["objects"] = len(one.Objects)
	actions, err := e.table.ActionsAbout(ctx, one.Connection, one.Opportunities, one.Actions)
	if err != nil {
		return false, err
	}
	objects := slices.Clone(one.Objects)
	for _, a := range actions {
		objects = append(objects, "action#"+a.ID)
		if a.Sealed == nil {
			continue // it was forgotten when it was done
		}
		if err := e.table.EraseAction(ctx, a); err != nil {
			return true, unlessMoved(err)
		}
		one.Stores["actions"]++
	}
	waits, err := e.bodies(ctx, one, objects)
	if err != nil {
		return true, err
	}
	return waits, errors.Join(e.events(ctx, one), e.letters(ctx, one))
}

// bodies takes the bodies away of what was delivered before, and what was not
// delivered off its way. Of an object of which something stays, what is on its way
// arrives first.
func (e *Eraser) bodies(ctx context.Context, one *store.Erasure, objects []string) (waits bool, err error) {
	found, err := e.table.DeliveriesAbout(ctx, one.Connection, objects, one.BegunAt)
	if err != nil {
		return false, err
	}
	for _, d := range found {
		if slices.Contains(one.Documents, d.ID) {
			continue
		}
		if d.State == store.Pending && slices.Contains(one.Staying, d.Object) {
			waits = true
			continue
		}
		next, err := e.table.EraseDelivery(ctx, d)
		if err != nil {
			return true, unlessMoved(err)
		}
		one.Stores["deliveries"]++
		if next == "" {
			continue
		}
		if err := e.deliveries.Send(ctx, queue.Delivery{Connection: one.Connection, Delivery: next}, 0); err != nil {
			return true, err
		}
	}
	return waits, nil
}

func (e *Eraser) events(ctx context.Context, one *store.Erasure) error {
	if !one.ForGood {
		return nil // they may lead to something again
	}
	parked, err := e.table.ParkedAbout(ctx, one.Connection, one.Opportunities)
	for _, p := range parked {
		if err := e.table.EraseEvent(ctx, p); err != nil {
			return err
		}
		one.Stores["events"]++
	}
	return err
}

func (e *Eraser) letters(ctx context.Context, one *store.Erasure) error {
	for _, id := range one.Opportunities {
		n, err := e.table.EraseLetters(ctx, one.Connection, id)
		if err != nil {
			return err
		}
		one.Stores["letters"] += n
	}
	return nil
}

// answers notes what the partner has answered. Without a document the partner never
// had anything of the person.
func (e *Eraser) answers(ctx context.Context, one *store.Erasure) error {
	one.Answers = nil
	told := true
	for _, id := range one.Documents {
		d, err := e.table.Delivery(ctx, one.Connection, id)
		if err != nil {
			return err
		}
		a := store.ErasureAnswer{Delivery: d.ID, Type: d.Type, State: d.State}
		if n := len(d.Attempts); n > 0 {
			a.At, a.Status, a.Digest = d.Attempts[n-1].At, d.Attempts[n-1].Status, d.Attempts[n-1].Digest
		}
		one.Answers = append(one.Answers, a)
		told = told && d.State == store.Arrived
	}
	if told {
		one.ToldAt = lever.At(e.now())
	}
	return nil
}

// unlessMoved leaves to the next run what somebody else works on now.
func unlessMoved(err error) error {
	if errors.Is(err, store.ErrMoved) {
		return nil
	}
	return err
}
