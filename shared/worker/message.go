package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"fulcrum/shared/queue"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
	"fulcrum/shared/subscribe"
)

var errNotOurs = errors.New("message is none of ours")

// Run works off something of a connection's by its id.
type Run func(ctx context.Context, connectionID, id string) error

// Also has the worker take messages that name something by a member of their own:
// {"connection": "…", "action": "…"} for Also("action", …).
func (w *Worker) Also(member string, run Run) *Worker {
	w.others[member] = run
	return w
}

func (w *Worker) other(ctx context.Context, body string) error {
	var m map[string]string
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		return errNotOurs
	}
	for member, run := range w.others {
		id := m[member]
		if id == "" || m["connection"] == "" {
			continue
		}
		err := run(ctx, m["connection"], id)
		if err != nil {
			err = fmt.Errorf("%s %s: %w", member, id, err)
		}
		return err
	}
	return errNotOurs
}

// seen notes that a webhook works. That it cannot be noted keeps no event back.
func (w *Worker) seen(ctx context.Context, log *slog.Logger, e queue.Event) store.Webhook {
	if e.Hook == "" {
		return store.Webhook{}
	}
	hook, err := w.table.Seen(ctx, e.Connection, e.Event, e.Hook, e.ReceivedAt, e.Test)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		log.WarnContext(ctx, "webhook not noted as seen", "error", err.Error())
	}
	return hook
}

// replaced deletes the webhook before, at the first good event of the one that
// replaces it.
func (w *Worker) replaced(ctx context.Context, e queue.Event, hook store.Webhook) error {
	if hook.Next == nil || hook.Next.Hook != e.Hook {
		return nil
	}
	connection, err := w.table.Connection(ctx, e.Connection)
	if err != nil {
		return err
	}
	client, err := w.clients.Client(ctx, connection, rate.Event)
	if err != nil {
		return err
	}
	return subscribe.Finish(ctx, w.table, client, hook, e.Hook)
}

// urgency is how urgent an event's calls are: what we found ourselves yields to
// what Lever tells.
func urgency(e store.Event) rate.Class {
	if e.Origin == store.FromClock {
		return rate.Backfill
	}
	return rate.Event
}
