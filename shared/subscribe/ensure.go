package subscribe

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"fulcrum/shared/lever"
	"fulcrum/shared/signing"
	"fulcrum/shared/store"
)

// Ensure makes what is missing, so that each event has one webhook at Lever whose
// key counts, and gives the webhooks. What is as it should be stays. Events whose
// webhooks are made by hand are left to whoever makes them. Where it fails, it is
// safe to repeat, and what it did so far counts; with signing.ErrPending all is
// made, and the keys are about to count.
func (w *Webhooks) Ensure(ctx context.Context, events ...lever.Event) ([]store.Webhook, error) {
	var rows []store.Webhook
	err := w.alone(ctx, func(ctx context.Context) (err error) {
		rows, err = w.reserve(ctx, events, store.ByAPI)
		if err == nil {
			err = w.repairAll(ctx, rows)
		}
		return err
	})
	return rows, errors.Join(err, w.wait(ctx, rows...))
}

// repairAll lists what is at Lever and repairs each webhook that we make. One that
// cannot be repaired does not keep the others.
func (w *Webhooks) repairAll(ctx context.Context, rows []store.Webhook) error {
	there, err := lever.Collect(w.client.Webhooks(ctx))
	if err != nil {
		return fmt.Errorf("list webhooks: %w", err)
	}
	var errs []error
	for i := range rows {
		if rows[i].Made != store.ByAPI {
			continue
		}
		if err := w.repair(ctx, &rows[i], there); err != nil {
			errs = append(errs, fmt.Errorf("webhook %s: %w", rows[i].Event, err))
		}
	}
	return errors.Join(errs...)
}

// repair brings what is at Lever to what a webhook should be.
func (w *Webhooks) repair(ctx context.Context, row *store.Webhook, there []lever.Webhook) error {
	for _, t := range Strays([]store.Webhook{*row}, there) {
		if err := remove(ctx, w.client, t.ID); err != nil {
			return err
		}
	}
	for _, a := range addresses(row) {
		if err := w.one(ctx, row, a, at(there, a.Hook)); err != nil {
			return err
		}
	}
	return nil
}

// one leaves the webhook of an address: that of the table, if it is among those that
// are there, or else a new one.
func (w *Webhooks) one(ctx context.Context, row *store.Webhook, a *store.Address, there []lever.Webhook) error {
	i := slices.IndexFunc(there, func(t lever.Webhook) bool { return known(*row, *a, t) })
	switch {
	case i < 0:
		return w.make(ctx, row, a)
	case there[i].URL != a.URL:
		return w.client.UpdateWebhooks(ctx, lever.Webhook{ID: there[i].ID, URL: a.URL})
	}
	return nil
}

// make makes a webhook and writes its id and key down. If others were quicker with
// that, the next round finds it and deletes it.
func (w *Webhooks) make(ctx context.Context, row *store.Webhook, a *store.Address) error {
	made, err := w.client.CreateWebhook(ctx, row.Event, a.URL)
	if err != nil {
		return fmt.Errorf("create: %w", err)
	}
	err = w.write(ctx, row, a, made)
	if errors.Is(err, ErrNoToken) {
		return errors.Join(err, remove(ctx, w.client, made.ID))
	}
	return err
}

func (w *Webhooks) write(ctx context.Context, row *store.Webhook, a *store.Address, made *lever.Webhook) error {
	change, err := w.key(ctx, *row, a, made.Configuration.SignatureToken)
	if errors.Is(err, signing.ErrToken) {
		return ErrNoToken
	}
	if err != nil {
		return err
	}
	a.LeverID = made.ID
	put, err := w.table.PutWebhook(ctx, *row, change)
	if err == nil {
		*row = put
	}
	return err
}

// remove deletes a webhook at Lever. One that is gone is no error, nor one that
// Lever lets nobody delete but a person: it is none of those that we made.
func remove(ctx context.Context, client *lever.Client, leverID string) error {
	err := client.DeleteWebhook(ctx, leverID)
	if err == nil || lever.NotFound(err) || lever.Forbidden(err) {
		return nil
	}
	return fmt.Errorf("delete: %w", err)
}
