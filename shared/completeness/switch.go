package completeness

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
	"fulcrum/shared/subscribe"
)

// The reasons of the attention items here.
const (
	SwitchedOff fault.Reason = "event_switched_off"
	WebhookGone fault.Reason = "webhook_gone"
)

// switches infers which events are switched off at Lever, and compares the webhooks
// there with ours now and then.
func (w *comparison) switches(ctx context.Context) error {
	missing := maps.Clone(w.window.Missing)
	if missing == nil {
		missing = map[lever.Event]int{}
	}
	var err error
	for _, e := range w.watched {
		switch {
		case w.seen[e] > 0:
			if missing[e] >= windowsOff {
				err = errors.Join(err, w.clear(ctx, SwitchedOff, e))
			}
			delete(missing, e)
		case w.missing[e] > 0:
			missing[e]++
		}
		if missing[e] >= windowsOff {
			err = errors.Join(err, w.raise(ctx, SwitchedOff, e, fmt.Sprintf("In Lever, open Settings > Integrations and API > Webhooks and switch %s on. Changes are read every 15 minutes until then.", e)))
		}
	}
	w.window.Missing = missing
	if err != nil || lever.At(w.now()) < w.window.HooksAt+ms(hooksEvery) {
		return err
	}
	gone, err := w.webhooks(ctx)
	if !gone { // else the next window looks whether it is there again
		w.window.HooksAt = lever.At(w.now())
	}
	return err
}

// webhooks compares the webhooks that we made with those at Lever, and deletes there
// what is at addresses of ours and not known. It reports whether one is gone. A key may
// lack the right to list them: then nothing is known.
func (w *comparison) webhooks(ctx context.Context) (gone bool, err error) {
	there, err := lever.Collect(w.client.Webhooks(ctx))
	if lever.Forbidden(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("webhooks: %w", err)
	}
	ours, err := w.table.Webhooks(ctx, w.connection.ID)
	if err != nil {
		return false, err
	}
	if len(subscribe.Strays(ours, there)) > 0 {
		err = subscribe.Tidy(ctx, w.table, w.client, w.connection.ID, there)
	}
	for _, h := range ours {
		if h.Current.LeverID == "" {
			continue // made by a person: its id is not known
		}
		is := slices.ContainsFunc(there, func(t lever.Webhook) bool { return t.ID == h.Current.LeverID && t.URL == h.Current.URL })
		gone, err = gone || !is, errors.Join(err, w.tell(ctx, h.Event, is))
	}
	return gone, err
}

// tell has people told of an event whose webhook is not at Lever as we made it, until it
// is.
func (w *comparison) tell(ctx context.Context, e lever.Event, is bool) error {
	if is {
		return w.clear(ctx, WebhookGone, e)
	}
	return w.raise(ctx, WebhookGone, e, fmt.Sprintf("The webhook for %s was removed or changed in Lever. Connect again, and it is made anew.", e))
}

func (w *comparison) raise(ctx context.Context, reason fault.Reason, e lever.Event, step string) error {
	return w.table.Raise(ctx, store.Attention{
		Connection: w.connection.ID, Partner: w.connection.Partner, Reason: reason, About: about(e), Step: step,
		Details: map[string]string{"event": string(e)},
	})
}

func (w *comparison) clear(ctx context.Context, reason fault.Reason, e lever.Event) error {
	return w.table.ClearOpen(ctx, w.connection.ID, reason, about(e))
}

// about is what an attention item of an event's webhook is about. It says that the
// connection itself needs somebody; see package status.
func about(e lever.Event) string { return "webhook#" + string(e) }
