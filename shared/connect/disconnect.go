package connect

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

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

const (
	// patience is how long the clock leaves alone what somebody is disconnecting.
	patience = 2 * time.Minute
	// endingsAtOnce is how many connections one run of the clock ends, and endingTime
	// what must be left of its time for one.
	endingsAtOnce = 20
	endingTime    = 22 * time.Second
)

// endings disconnects what the staff wants disconnected, and what nobody has ended
// who began to.
func (s *Setup) endings(ctx context.Context) error {
	due, err := s.Table.Endings(ctx, endingsAtOnce)
	if err != nil {
		return err
	}
	var errs []error
	for _, d := range due {
		if deadline, ok := ctx.Deadline(); ok && deadline.Sub(s.Now()) < endingTime {
			break
		}
		mine, err := s.Table.TakeEnding(ctx, d)
		if err == nil && mine {
			err = s.endOne(ctx, d.Connection())
		}
		if err != nil {
			slog.WarnContext(ctx, "disconnected later", "connection", d.Connection(), "error", err.Error())
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (s *Setup) endOne(ctx context.Context, id string) error {
	wanted, err := s.Table.Ending(ctx, id)
	if err != nil {
		return unless(err, store.ErrNotFound)
	}
	c, err := s.Table.Connection(ctx, id)
	if err != nil {
		return err
	}
	if c.DisconnectingAt == 0 || c.DisconnectedAt != 0 { // it was connected anew
		return s.Table.DropEnding(ctx, id)
	}
	return s.end(ctx, c, wanted.Actor, s.Public)
}

// disconnect deletes the webhooks that we made, and no others, takes their keys
// away and erases the credential. What the partner has stays. Where Lever does not
// take the credential any more it succeeds too, and notes what is left there;
// where Lever cannot be reached it fails, and is to be repeated.
func (s *Setup) disconnect(ctx context.Context, c store.Connection, actor, base string) error {
	err := s.Table.Disconnecting(ctx, c.ID, step(c.ID, actor, "disconnecting", nil, nil), patience)
	if err = unless(err, store.ErrMoved); err != nil {
		return err
	}
	return s.end(ctx, c, actor, base)
}

// end ends a connection of which it is noted that it is about to end.
func (s *Setup) end(ctx context.Context, c store.Connection, actor, base string) error {
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
