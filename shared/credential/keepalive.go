package credential

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"fulcrum/shared/document"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

const (
	// quiet is how long a refresh token may lie unused: Lever drops it after 90
	// days.
	quiet = 30 * 24 * time.Hour
	// consentLife is how long a consent lasts, and warning how long before its end
	// the partner is told.
	consentLife = 365 * 24 * time.Hour
	warning     = 30 * 24 * time.Hour
)

// Due is when somebody has to look at a credential again, zero for an API key.
func Due(c store.Credential) lever.Time {
	if c.Secret.APIKey != "" {
		return 0
	}
	due := c.RenewedAt.Time().Add(quiet)
	if c.WarnedAt == 0 && !c.GrantedAt.Time().IsZero() {
		if warn := c.GrantedAt.Time().Add(consentLife - warning); warn.Before(due) {
			due = warn
		}
	}
	return lever.At(due)
}

// KeepAlive looks at every credential that is due: tokens that have been quiet are
// renewed, and of a consent that is about to end the partner is told, once. It
// goes on past a connection that fails.
func (k *Keeper) KeepAlive(ctx context.Context) error {
	ids, err := k.table.DueCredentials(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range ids {
		if err := k.keepAlive(ctx, id); err != nil {
			if _, parks := fault.Parks(err); parks {
				continue // lost, noted and told
			}
			slog.WarnContext(ctx, "credential not kept alive", "connection", id, "error", err.Error())
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (k *Keeper) keepAlive(ctx context.Context, id string) error {
	connection, err := k.table.Connection(ctx, id)
	if err != nil {
		return err
	}
	a, err := k.Auth(ctx, connection)
	if err != nil {
		return err
	}
	if k.now().Sub(a.current.RenewedAt.Time()) >= quiet {
		if err := a.renew(ctx, false); err != nil {
			return err
		}
	}
	return k.warn(ctx, connection, a.current)
}

// warn tells the partner of a consent that is about to end.
func (k *Keeper) warn(ctx context.Context, connection store.Connection, c store.Credential) error {
	ends := c.GrantedAt.Time().Add(consentLife)
	if c.WarnedAt != 0 || c.GrantedAt == 0 || k.now().Before(ends.Add(-warning)) {
		return nil
	}
	c.WarnedAt = lever.At(k.now())
	d, err := k.table.Warn(ctx, connection, c, Due(c), document.Document{
		Type: "connection.expiring", Version: 1, OccurredAt: k.now(),
		Data: map[string]string{"endsAt": document.Time(ends)},
	})
	if errors.Is(err, store.ErrMoved) {
		return nil // another has told
	}
	if err != nil {
		return err
	}
	return k.deliveries.Send(ctx, queue.Delivery{Connection: connection.ID, Delivery: d.ID}, 0)
}
