package subscribe

import (
	"context"
	"errors"
	"fmt"

	"fulcrum/shared/lever"
	"fulcrum/shared/signing"
	"fulcrum/shared/store"
)

// maxPast is how many former hooks of a webhook are remembered.
const maxPast = 5

// Rotate makes a second webhook for an event, at a second address. Both count,
// and Lever posts to both, until Finish sees a good event at the new one. Repeated
// before that it changes nothing. It fails with ErrByHand for a webhook that is
// made by hand: its token is typed in.
func (w *Webhooks) Rotate(ctx context.Context, event lever.Event) (store.Webhook, error) {
	var row store.Webhook
	err := w.alone(ctx, func(ctx context.Context) (err error) {
		row, err = w.rotate(ctx, event)
		return err
	})
	return row, errors.Join(err, w.wait(ctx, row))
}

func (w *Webhooks) rotate(ctx context.Context, event lever.Event) (store.Webhook, error) {
	row, err := w.table.Webhook(ctx, w.connection.ID, event)
	if err != nil {
		return row, err
	}
	if row.Made != store.ByAPI {
		return row, ErrByHand
	}
	if row.Next == nil {
		next, err := w.address(ctx, event)
		if err != nil {
			return row, err
		}
		row.Next = &next
		if row, err = w.table.PutWebhook(ctx, row); err != nil {
			return row, err
		}
	}
	rows := []store.Webhook{row}
	err = w.repairAll(ctx, rows)
	return rows[0], err
}

// Revoke is Rotate after a breach: the webhook before and its key are gone at
// once. Events that Lever sends to the one before meanwhile are refused there and
// come to the new one.
func (w *Webhooks) Revoke(ctx context.Context, event lever.Event) (store.Webhook, error) {
	var row store.Webhook
	var gone signing.Change
	err := w.alone(ctx, func(ctx context.Context) (err error) {
		if row, err = w.rotate(ctx, event); err == nil {
			row, gone, err = finish(ctx, w.table, w.client, row)
		}
		return err
	})
	if err != nil {
		return row, err
	}
	return row, errors.Join(w.wait(ctx, row), w.keys.Wait(ctx, gone))
}

// Finish is called when a good event was seen at a hook of a webhook, with the
// webhook as store.Table.Seen gave it. If the hook is the one that the webhook is
// going to, the one before is deleted at Lever, and its key with the next change
// in its shard. Otherwise it makes no call.
func Finish(ctx context.Context, table *store.Table, client *lever.Client, seen store.Webhook, hookID string) error {
	if seen.Next == nil || seen.Next.Hook != hookID {
		return nil
	}
	return again(func() error {
		row, err := table.Webhook(ctx, seen.Connection, seen.Event)
		if errors.Is(err, store.ErrNotFound) || err == nil && (row.Next == nil || row.Next.Hook != hookID || row.Next.SignedAt == 0) {
			return nil
		}
		if err == nil {
			_, _, err = finish(ctx, table, client, row)
		}
		return err
	})
}

// finish leaves a webhook only the address that it is going to, and gives the
// change that takes the key of the one before away. What is at Lever goes first:
// what it posts until then still counts.
func finish(ctx context.Context, table *store.Table, client *lever.Client, row store.Webhook) (store.Webhook, signing.Change, error) {
	there, err := lever.Collect(client.Webhooks(ctx))
	if err != nil {
		return row, signing.Change{}, fmt.Errorf("list webhooks: %w", err)
	}
	for _, id := range ids(at(there, row.Current.Hook), row.Current.LeverID) {
		if err := remove(ctx, client, id); err != nil {
			return row, signing.Change{}, err
		}
	}
	gone := signing.Change{Kind: signing.Retire, Shard: row.Current.Shard, Hook: row.Current.Hook}
	if gone.Seq, err = table.NumberChange(ctx, gone.Shard); err != nil {
		return row, gone, err
	}
	row.Past = append(row.Past, row.Current.Hook)
	row.Past = row.Past[max(0, len(row.Past)-maxPast):]
	row.Current, row.Next = *row.Next, nil
	row, err = table.PutWebhook(ctx, row, gone)
	return row, gone, err
}

// ids are those of webhooks at Lever, and one more if it is not among them and not
// empty: lists may leave out what another credential made.
func ids(there []lever.Webhook, more string) []string {
	var all []string
	for _, t := range there {
		if t.ID != more {
			all = append(all, t.ID)
		}
	}
	if more != "" {
		all = append(all, more)
	}
	return all
}
