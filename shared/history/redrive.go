package history

import (
	"cmp"
	"context"
	"errors"
	"time"

	"fulcrum/shared/api"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

const (
	// redriven is how many items one call brings back on their way.
	redriven = 100
	// redriveTime is how long it may take for that.
	redriveTime = 5 * time.Second
	// rounds is how often an item is tried that others are changing meanwhile.
	rounds = 3
)

// errNotParked says that something is not parked, or no longer.
var errNotParked = errors.New("not parked")

func notParked() error { return api.Conflict("It is not parked, or no longer.") }

// wish is what a redrive is asked for: one delivery, one event, or all of a reason.
type wish struct {
	Delivery string `json:"delivery"`
	Event    string `json:"event"`
	Reason   string `json:"reason"`
	// Before leaves out what was parked at or after a time, RFC 3339; without it,
	// the time of the call.
	Before string `json:"before"`
}

// tally is what a redrive has brought back on its way.
type tally struct {
	Events     int `json:"events"`
	Deliveries int `json:"deliveries"`
	// Superseded counts deliveries that were ended instead, because a newer state
	// has arrived.
	Superseded int `json:"superseded"`
	// More says that there is more, for another call with the same reason and this
	// Before, which keeps it from taking what was parked anew.
	More   bool   `json:"more"`
	Before string `json:"before,omitempty"`
}

// redrive answers POST …/deliveries/redrive.
func (h *History) redrive(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	var w wish
	if err := api.Decode(r, &w); err != nil {
		return nil, err
	}
	before, err := w.check(h.now())
	if err != nil {
		return nil, err
	}
	var t tally
	where := "/v1/connections/" + c.ID + "/parked"
	switch {
	case w.Delivery != "":
		err = h.redeliver(ctx, c.ID, w.Delivery, &t)
		where = "/v1/connections/" + c.ID + "/deliveries"
	case w.Event != "":
		err = h.unparkID(ctx, c, w.Event, &t)
		where = place(c, w.Event)
	default:
		err = h.redriveAll(ctx, c, fault.Reason(w.Reason), before, &t)
	}
	switch {
	case errors.Is(err, errNotParked):
		return nil, notParked()
	case err != nil:
		return nil, err
	}
	return api.Accepted(where, t)
}

// check refuses a wish that is not one, and gives its time.
func (w wish) check(now time.Time) (lever.Time, error) {
	named := 0
	for _, one := range []struct{ name, value string }{{"delivery", w.Delivery}, {"event", w.Event}, {"reason", w.Reason}} {
		if one.value == "" {
			continue
		}
		if named++; !validID(one.value) {
			return 0, api.Invalid(one.name, "is none that was ever given")
		}
	}
	if named != 1 {
		return 0, api.InvalidAll(api.Wrong{Field: "reason", Detail: "has to be there, or delivery, or event; and only one of them"})
	}
	if w.Before == "" {
		return lever.At(now), nil
	}
	at, err := time.Parse(time.RFC3339, w.Before)
	if err != nil || at.Unix() <= 0 {
		return 0, api.Invalid("before", "has to be a time such as 2026-11-21T12:00:00Z")
	}
	return lever.At(at), nil
}

// redriveAll brings back on its way what was parked for a reason before a time, as
// much as one call may.
func (h *History) redriveAll(ctx context.Context, c store.Connection, reason fault.Reason, before lever.Time, t *tally) error {
	started := h.now()
	t.Before = at(before)
	parked := func(p store.Paging) (store.Listed[store.Parking], error) { return h.table.Parked(ctx, c.ID, reason, p) }
	for p, err := range store.Every(parked) {
		if err != nil || p.At >= before {
			return err
		}
		if t.More = t.done() >= redriven || h.now().Sub(started) > redriveTime; t.More {
			return nil
		}
		// What somebody else took meanwhile, or what has expired, is passed over.
		if err := passed(h.one(ctx, c, p, t)); err != nil {
			return err
		}
	}
	return nil
}

func (t *tally) done() int { return t.Events + t.Deliveries + t.Superseded }

func (h *History) one(ctx context.Context, c store.Connection, p store.Parking, t *tally) error {
	if p.Delivery != "" {
		return h.redeliver(ctx, c.ID, p.Delivery, t)
	}
	return h.unparkID(ctx, c, p.Event, t)
}

func (h *History) unparkID(ctx context.Context, c store.Connection, id string, t *tally) error {
	e, err := h.table.Event(ctx, c.ID, id)
	if err != nil {
		return err
	}
	return h.unpark(ctx, e, t)
}

// unpark brings a parked event back on its way, or, where it is parked because
// deliveries of it are, those. Should the queue not take it, the clock sends it.
func (h *History) unpark(ctx context.Context, e store.Event, t *tally) error {
	retried, err := h.table.RetryEvent(ctx, e.Connection, e.ID)
	if err == nil {
		t.Events++
		return h.events.Send(ctx, e.Partner, retried.Message())
	}
	if !errors.Is(err, store.ErrMoved) || e.State != store.Parked {
		return cmp.Or(passed(err), errNotParked)
	}
	before := t.done()
	for _, id := range e.Deliveries {
		if err := h.redeliver(ctx, e.Connection, id, t); passed(err) != nil {
			return err
		}
	}
	if t.done() == before {
		return errNotParked
	}
	return nil
}

// passed is nil for an error that says that somebody else was quicker.
func passed(err error) error {
	if errors.Is(err, errNotParked) || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrMoved) {
		return nil
	}
	return err
}

// redeliver brings a parked delivery back on its way, or ends it where a newer
// state has arrived. Should the queue not take it, the clock sends it.
func (h *History) redeliver(ctx context.Context, connectionID, id string, t *tally) error {
	for range rounds {
		onItsWay, err := h.table.RetryDelivery(ctx, connectionID, id)
		switch {
		case err == nil && !onItsWay:
			t.Superseded++
			return nil
		case err == nil:
			t.Deliveries++
			return h.deliveries.Send(ctx, queue.Delivery{Connection: connectionID, Delivery: id}, 0)
		case !errors.Is(err, store.ErrMoved):
			return err
		}
	}
	return errNotParked
}
