package history

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strings"

	"fulcrum/shared/api"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// again stands in the id of an event that was made to do something again, between
// the id of what and what tells several of them apart.
const again = "-again-"

// replay answers POST …/events/{e}/replay. An event that has ended is worked off
// again as a new event, which reads Lever as it is now. One that is parked is
// tried again itself, and one that waits for its next try is tried now.
func (h *History) replay(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	e, err := h.event(ctx, r, c)
	if err != nil {
		return nil, err
	}
	switch e.State {
	case store.Received:
		err = h.events.Send(ctx, c.Partner, e.Message())
	case store.Delivering:
		err = api.Conflict("It is still on its way: what it changed is being delivered.")
	case store.Parked:
		e, err = h.parkedAgain(ctx, e)
	default:
		e, err = h.afresh(ctx, r, c, e.ID, e.Message())
	}
	if err != nil {
		return nil, err
	}
	return api.Accepted(place(c, e.ID), show(e))
}

func (h *History) parkedAgain(ctx context.Context, e store.Event) (store.Event, error) {
	err := h.unpark(ctx, e, &tally{})
	if errors.Is(err, errNotParked) {
		return e, notParked()
	}
	if err != nil {
		return e, err
	}
	return h.table.Event(ctx, e.Connection, e.ID)
}

func place(c store.Connection, event string) string {
	return "/v1/connections/" + c.ID + "/events/" + event
}

// afresh notes a new event that looks again at what m points to, and sends it on
// its way. of is what is done again. With the same Idempotency-Key it is the same
// event.
func (h *History) afresh(ctx context.Context, r *api.Request, c store.Connection, of string, m queue.Event) (store.Event, error) {
	key, err := api.IdempotencyKey(r)
	if err != nil {
		return store.Event{}, err
	}
	mark, err := h.mark(key)
	if err != nil {
		return store.Event{}, err
	}
	root, _, _ := strings.Cut(of, again)
	m.ID, m.Connection, m.Origin, m.ReceivedAt = root+again+mark, c.ID, string(store.FromReplay), lever.At(h.now())
	// Noted first: should the queue not take it, the clock sends it.
	e, err := h.table.Receive(ctx, store.EventOf(c.Partner, m))
	if err != nil || e.State != store.Received {
		return e, err
	}
	return e, h.events.Send(ctx, c.Partner, e.Message())
}

// mark is 13 characters, the same for the same key, by chance where there is none.
func (h *History) mark(key string) (string, error) {
	if key != "" {
		sum := sha256.Sum256([]byte(key))
		return text(sum[:8]), nil
	}
	raw := make([]byte, 8)
	if _, err := io.ReadFull(h.random, raw); err != nil {
		return "", fmt.Errorf("new id: %w", err)
	}
	return text(raw), nil
}

func text(raw []byte) string {
	return strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))
}
