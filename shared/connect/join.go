package connect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"fulcrum/shared/credential"
	"fulcrum/shared/definition"
	"fulcrum/shared/held"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// tries is how often a connection is written when others are quicker.
const tries = 4

// granted is what Lever, or the customer, gave.
type granted struct {
	secret    store.Secret
	expiresAt time.Time // zero for an API key
	account   string    // Lever's id of the account, empty where it is not told
	scopes    []string
}

// unnamed is what the id of an account begins with that Lever does not tell: then
// its anchor stands for it.
const unnamed = "user-"

// join makes a connection of a credential that works, or gives an existing one its
// new credential. It fails with errOther where the account is another than before.
func (s *Setup) join(ctx context.Context, l store.Link, client *lever.Client, g granted) error {
	for range tries {
		err := s.joinOnce(ctx, l, client, g)
		if !errors.Is(err, store.ErrMoved) {
			return err
		}
	}
	return store.ErrMoved
}

func (s *Setup) joinOnce(ctx context.Context, l store.Link, client *lever.Client, g granted) error {
	c, err := s.Table.Connection(ctx, l.Connection)
	created := errors.Is(err, store.ErrNotFound)
	switch {
	case created:
		c, err = s.newConnection(ctx, l, client, g)
	case err == nil:
		err = s.sameAccount(ctx, client, c, g)
	}
	if err != nil {
		return err
	}
	c.Customer, c.Scopes = store.Customer{Name: l.Customer, Reference: l.Reference}, g.scopes
	key, err := s.nextCredential(ctx, c.ID, g)
	if err != nil {
		return err
	}
	action, gap := "connected", []store.Recovery(nil)
	if !created {
		action = "reconnected"
		if gap, err = s.gap(ctx, c); err != nil {
			return err
		}
	}
	err = s.Table.Connect(ctx, c, created, key, credential.Due(key),
		step(c.ID, actor(l), action, nil, map[string]any{"account": c.Account, "environment": c.Environment, "scopes": c.Scopes}), gap...)
	if err != nil {
		return err
	}
	s.run(ctx, gap...)
	return nil
}

func (s *Setup) newConnection(ctx context.Context, l store.Link, client *lever.Client, g granted) (store.Connection, error) {
	anchor, err := anchorOf(ctx, client)
	return store.Connection{
		ID: l.Connection, Partner: l.Partner, Environment: l.Environment,
		Account: cmp.Or(g.account, unnamed+anchor), Anchor: anchor,
	}, err
}

// anchorOf is the oldest user of an account, deactivated ones included: Lever
// deletes no user.
func anchorOf(ctx context.Context, client *lever.Client) (string, error) {
	var oldest lever.User
	for u, err := range client.Users(ctx, lever.UserFilter{Deactivated: true}) {
		if err != nil {
			return "", fmt.Errorf("users of the account: %w", err)
		}
		if oldest.ID == "" || u.CreatedAt < oldest.CreatedAt || u.CreatedAt == oldest.CreatedAt && u.ID < oldest.ID {
			oldest = u
		}
	}
	if oldest.ID == "" {
		return "", errors.New("the lever account has no users")
	}
	return oldest.ID, nil
}

// sameAccount fails with errOther where a credential is of another account than
// the connection's.
func (s *Setup) sameAccount(ctx context.Context, client *lever.Client, c store.Connection, g granted) error {
	if g.account != "" && !strings.HasPrefix(c.Account, unnamed) {
		if g.account != c.Account {
			return errOther
		}
		return nil
	}
	_, err := client.User(ctx, c.Anchor)
	if lever.NotFound(err) {
		return errOther
	}
	return err
}

// nextCredential is the credential that comes after the one that is there.
func (s *Setup) nextCredential(ctx context.Context, connectionID string, g granted) (store.Credential, error) {
	before, err := s.Table.Credential(ctx, connectionID)
	if err = unless(err, store.ErrNotFound); err != nil {
		return before, err
	}
	now := lever.At(s.Now())
	next := store.Credential{
		Connection: connectionID, Version: before.Version, Secret: g.secret, WrittenBy: s.Random(),
		GrantedAt: now, RenewedAt: now,
	}
	if !g.expiresAt.IsZero() {
		next.ExpiresAt = lever.At(g.expiresAt)
	}
	return next, nil
}

// gap is what has to be made up for where a connection is connected anew: what was
// parked meanwhile, and what Lever told nobody.
func (s *Setup) gap(ctx context.Context, c store.Connection) ([]store.Recovery, error) {
	st, err := s.status(ctx, c)
	if err != nil {
		return nil, err
	}
	d, err := s.Definitions(c.Partner)
	if err != nil {
		return nil, err
	}
	return []store.Recovery{
		s.Recovery.Retry(c, credential.Lost),
		s.Recovery.Retry(c, held.Forbidden),
		s.Recovery.Reread(c, cmp.Or(st.LastSeen(), c.ConnectedAt), eventsOf(d)),
	}, nil
}

func eventsOf(d definition.Definition) []lever.Event {
	var all []lever.Event
	for _, e := range d.Webhooks.Events {
		all = append(all, e.Event)
	}
	return all
}

// run begins recoveries that are noted. What fails now the clock goes on with.
func (s *Setup) run(ctx context.Context, noted ...store.Recovery) {
	for _, r := range noted {
		if err := s.Recovery.Run(ctx, r); err != nil {
			slog.WarnContext(ctx, "recovery goes on later", "connection", r.Connection, "error", err.Error())
		}
	}
}
