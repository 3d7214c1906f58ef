package connect

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"fulcrum/shared/api"
	"fulcrum/shared/credential"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
	"fulcrum/shared/subscribe"
)

// endConnection answers POST …/disconnect.
func (s *Setup) endConnection(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if c.DisconnectedAt == 0 {
		if err := s.disconnect(ctx, c, "key:"+r.Key, s.base(r)); err != nil {
			return nil, problem(err)
		}
	}
	return s.show(ctx, c.ID)
}

// disconnect deletes the webhooks that we made, and no others, takes their keys
// away and erases the credential. What the partner has stays. Where Lever does not
// take the credential any more it succeeds too, and notes what is left there;
// where Lever cannot be reached it fails, and is to be repeated.
func (s *Setup) disconnect(ctx context.Context, c store.Connection, actor, base string) error {
	err := s.Table.Disconnecting(ctx, c.ID, step(c.ID, actor, "disconnecting", nil, nil))
	if err = unless(err, store.ErrMoved); err != nil {
		return err
	}
	client, err := s.client(ctx, c)
	if _, parks := fault.Parks(err); err != nil && !parks {
		return err
	}
	left, err := s.remove(ctx, c, client, base)
	if err != nil {
		return err
	}
	if err := s.Table.StopWindows(ctx, c.ID); err != nil {
		return err
	}
	if err := s.Imports.Stop(ctx, c.ID, credential.Lost); err != nil {
		return err
	}
	err = s.Table.Disconnected(ctx, c.ID, left, step(c.ID, actor, "disconnected", nil, map[string]any{"left": left}))
	if err = unless(err, store.ErrMoved); err != nil {
		return err
	}
	slog.InfoContext(ctx, "disconnected", "connection", c.ID, "partner", c.Partner, "left", len(left))
	return nil
}

// remove removes the webhooks. client is nil where there is no credential.
func (s *Setup) remove(ctx context.Context, c store.Connection, client *lever.Client, base string) ([]store.Left, error) {
	removed, err := s.Webhooks.Of(c, client, base).Remove(ctx)
	if err != nil {
		return nil, err
	}
	left := []store.Left{}
	var errs []error
	for _, l := range removed {
		if l.Because == subscribe.Unreachable {
			errs = append(errs, fmt.Errorf("webhook %s: %w", l.Event, errUnreachable))
		}
		left = append(left, store.Left{Event: l.Event, URL: l.URL, Reason: l.Because})
	}
	return left, errors.Join(errs...)
}

// errUnreachable says that Lever did not answer when a webhook was to be deleted.
var errUnreachable = errors.New("lever does not answer")
