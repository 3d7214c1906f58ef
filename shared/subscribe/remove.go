package subscribe

import (
	"context"
	"errors"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/signing"
	"fulcrum/shared/store"
)

// Left is a webhook that is still at Lever, or may be, and has to be deleted there
// by a person. Nothing that it posts counts any more.
type Left struct {
	Event   lever.Event
	URL     string
	Because fault.Reason
}

// The reasons for which a webhook is left.
const (
	MadeByHand   fault.Reason = "webhook_made_by_hand"
	NotAllowed   fault.Reason = "webhook_not_ours_to_delete"
	NoCredential fault.Reason = "no_credential"
	Unreachable  fault.Reason = "lever_unreachable"
)

// Remove deletes the connection's webhooks at Lever, those that we made and no
// others, and takes the keys of all away, whatever could be deleted. It gives what
// is left at Lever. Webhooks of which nothing is left are forgotten; the others
// keep their addresses, for a repetition or for connecting anew.
func (w *Webhooks) Remove(ctx context.Context) ([]Left, error) {
	var left []Left
	var changes []signing.Change
	err := w.alone(ctx, func(ctx context.Context) error {
		left = nil
		rows, err := w.table.Webhooks(ctx, w.connection.ID)
		if err != nil {
			return err
		}
		there, because := w.list(ctx)
		for _, row := range rows {
			still := w.removeAt(ctx, row, there, because)
			gone, err := w.forget(ctx, row, len(still) > 0)
			if err != nil {
				return err
			}
			left, changes = append(left, still...), append(changes, gone...)
		}
		return nil
	})
	return left, errors.Join(err, w.keys.Wait(ctx, changes...))
}

// list is what is at Lever, or why that cannot be told.
func (w *Webhooks) list(ctx context.Context) ([]lever.Webhook, fault.Reason) {
	if w.client == nil {
		return nil, NoCredential
	}
	there, err := lever.Collect(w.client.Webhooks(ctx))
	return there, why(err)
}

// why is the reason for which a webhook is left, empty where it is not.
func why(err error) fault.Reason {
	switch {
	case err == nil, lever.NotFound(err):
		return ""
	case lever.Forbidden(err):
		return NotAllowed
	case lever.Unauthorized(err):
		return NoCredential
	}
	if _, parks := fault.Parks(err); parks {
		return NoCredential
	}
	return Unreachable
}

// removeAt deletes a webhook at Lever, with all that may be at its addresses.
func (w *Webhooks) removeAt(ctx context.Context, row store.Webhook, there []lever.Webhook, because fault.Reason) []Left {
	if row.Made == store.ByHand {
		return []Left{{row.Event, row.Current.URL, MadeByHand}}
	}
	var left []Left
	for _, a := range addresses(&row) {
		still := because
		if because == "" {
			still = w.removeAll(ctx, ids(at(there, a.Hook), a.LeverID))
		}
		if still != "" {
			left = append(left, Left{row.Event, a.URL, still})
		}
	}
	if because == "" {
		if still := w.removeAll(ctx, ids(at(there, row.Past...), "")); still != "" {
			left = append(left, Left{row.Event, row.Current.URL, still})
		}
	}
	return left
}

// removeAll deletes webhooks and gives the reason for which one is left.
func (w *Webhooks) removeAll(ctx context.Context, leverIDs []string) (still fault.Reason) {
	for _, id := range leverIDs {
		if because := why(w.client.DeleteWebhook(ctx, id)); because != "" {
			still = because
		}
	}
	return still
}

// forget takes a webhook's keys away, and the webhook itself unless something is
// left of it. It gives the changes of its keys.
func (w *Webhooks) forget(ctx context.Context, row store.Webhook, left bool) ([]signing.Change, error) {
	kind := signing.Retire
	if left {
		kind = signing.Drop
	}
	var gone []signing.Change
	for _, a := range addresses(&row) {
		seq, err := w.table.NumberChange(ctx, a.Shard)
		if err != nil {
			return nil, err
		}
		gone = append(gone, signing.Change{Kind: kind, Shard: a.Shard, Hook: a.Hook, Seq: seq})
		a.SignedAt = 0
	}
	if !left {
		return gone, w.table.DeleteWebhook(ctx, row, gone...)
	}
	_, err := w.table.PutWebhook(ctx, row, gone...)
	return gone, err
}
