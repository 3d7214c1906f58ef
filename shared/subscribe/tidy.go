package subscribe

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// tidier holds a connection's webhooks for Tidy. Two who tidy at once do no harm.
const tidier = "tidy"

// Strays are the webhooks at Lever that post to addresses of ours and are not in the
// table. Nobody has their keys, so that nothing they post counts: they were made by
// somebody who did not get so far, or by a call that was given up and applied later.
// What is made by hand is left out, because its id at Lever is not known. there is what
// Lever lists, rows are the connection's webhooks.
func Strays(rows []store.Webhook, there []lever.Webhook) []lever.Webhook {
	var all []lever.Webhook
	for _, row := range rows {
		if row.Made != store.ByAPI {
			continue
		}
		all = append(all, at(there, row.Past...)...)
		for _, a := range addresses(&row) {
			all = append(all, slices.DeleteFunc(at(there, a.Hook), func(t lever.Webhook) bool { return known(row, *a, t) })...)
		}
	}
	return all
}

// known reports whether a webhook at Lever is the one of an address, and its key ours.
func known(row store.Webhook, a store.Address, t lever.Webhook) bool {
	return t.ID == a.LeverID && a.SignedAt != 0 && t.Event == row.Event
}

// Tidy deletes Strays at Lever, makes nothing, and does nothing while others make or
// remove the connection's webhooks. there is what Lever listed before the call: what was
// made since is no business of it.
func Tidy(ctx context.Context, table *store.Table, client *lever.Client, connectionID string, there []lever.Webhook) error {
	free, err := table.HoldWebhooks(ctx, connectionID, tidier, holdTime)
	if err != nil || !free {
		return err
	}
	within, stop := context.WithTimeout(ctx, workTime)
	defer stop()
	err = tidy(within, table, client, connectionID, there)
	return errors.Join(err, table.ReleaseWebhooks(ctx, connectionID, tidier))
}

func tidy(ctx context.Context, table *store.Table, client *lever.Client, connectionID string, there []lever.Webhook) error {
	rows, err := table.Webhooks(ctx, connectionID)
	if err != nil {
		return err
	}
	for _, t := range Strays(rows, there) {
		if err := remove(ctx, client, t.ID); err != nil {
			return fmt.Errorf("webhook of %s that is not in the table: %w", t.Event, err)
		}
	}
	return nil
}
