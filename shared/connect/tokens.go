package connect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"fulcrum/shared/api"
	"fulcrum/shared/definition"
	"fulcrum/shared/lever"
	"fulcrum/shared/signing"
	"fulcrum/shared/store"
)

// newToken is a signing token that takes the place of another.
type newToken struct {
	Event lever.Event `json:"event"`
	// Token is as Lever shows it. Without one a new webhook is made, whose token
	// Lever gives to us; that goes where the integration makes the webhooks.
	Token string `json:"token"`
	// KeepMinutes is how long what was signed with the token before is still taken:
	// zero after a breach, up to 60 for a planned change. Without a token anything
	// above zero means until the first good event at the new webhook.
	KeepMinutes int `json:"keepMinutes"`
}

// newTokens is the body of PUT …/signing-tokens.
type newTokens struct {
	Tokens []newToken `json:"tokens"`
}

func (s *Setup) writeTokens(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	var in newTokens
	if err := api.Decode(r, &in); err != nil {
		return nil, err
	}
	d, err := s.Definitions(c.Partner)
	if err != nil {
		return nil, err
	}
	if wrong := in.check(d); len(wrong) > 0 {
		return nil, api.InvalidAll(wrong...)
	}
	for i, t := range in.Tokens {
		err := s.replace(ctx, c, t, "key:"+r.Key, s.base(r))
		if errors.Is(err, signing.ErrToken) {
			return nil, api.Invalid(fmt.Sprintf("tokens[%d].token", i), "is not a signature token as Lever shows it")
		}
		if err != nil {
			return nil, problem(err)
		}
	}
	return s.show(ctx, c.ID)
}

// check names the members that are wrong. An event may be left out where the
// partner uses one only.
func (n newTokens) check(d definition.Definition) []api.Wrong {
	var wrong []api.Wrong
	if len(n.Tokens) == 0 {
		wrong = append(wrong, api.Wrong{Field: "tokens", Detail: "has to name an event at least"})
	}
	for i := range n.Tokens {
		t, field := &n.Tokens[i], fmt.Sprintf("tokens[%d].", i)
		if t.Event == "" && len(d.Webhooks.Events) == 1 {
			t.Event = d.Webhooks.Events[0].Event
		}
		if !uses(d, t.Event) {
			wrong = append(wrong, api.Wrong{Field: field + "event", Detail: "is no event of " + d.Title})
		}
		switch {
		case t.Token != "" && !d.Webhooks.TypedTokens:
			wrong = append(wrong, api.Wrong{Field: field + "token", Detail: "is not typed in for " + d.Title + "; leave it out and a new webhook is made"})
		case t.Token == "" && d.Webhooks.MadeBy == definition.Customer:
			wrong = append(wrong, api.Wrong{Field: field + "token", Detail: "is missing; Lever shows it at the webhook"})
		}
		if t.KeepMinutes < 0 || t.KeepMinutes > int(signing.Keep/time.Minute) {
			wrong = append(wrong, api.Wrong{Field: field + "keepMinutes", Detail: "has to be 0 to 60"})
		}
	}
	return wrong
}

func uses(d definition.Definition, event lever.Event) bool {
	for _, e := range d.Webhooks.Events {
		if e.Event == event {
			return true
		}
	}
	return false
}

// replace puts a token in the place of another, and has what changed in Lever since
// the last good event looked at again: what was refused meanwhile comes by that.
// The recovery is noted first, so that a function that dies in between leaves it to
// the clock.
func (s *Setup) replace(ctx context.Context, c store.Connection, t newToken, actor, base string) error {
	if ended(c) {
		return errEnded
	}
	d, err := s.Definitions(c.Partner)
	if err != nil {
		return err
	}
	row, err := s.Table.Webhook(ctx, c.ID, t.Event)
	if errors.Is(err, store.ErrNotFound) {
		return api.Conflict("The webhook is not made yet. Finish set-up first.")
	}
	if err != nil {
		return err
	}
	gap := s.Recovery.Reread(c, cmp.Or(row.SeenAt, c.ConnectedAt), eventsOf(d))
	if err := s.Table.PutRecovery(ctx, gap); err != nil {
		return err
	}
	if err := s.rotate(ctx, c, t, base); err != nil {
		return err
	}
	said := map[string]any{"event": t.Event, "typedIn": t.Token != "", "keepMinutes": t.KeepMinutes}
	if err := s.Table.Note(ctx, step(c.ID, actor, "signing_token.replaced", nil, said)); err != nil {
		return err
	}
	s.run(ctx, gap)
	return nil
}

func (s *Setup) rotate(ctx context.Context, c store.Connection, t newToken, base string) error {
	if t.Token != "" {
		var until time.Time
		if t.KeepMinutes > 0 {
			until = s.Now().Add(time.Duration(t.KeepMinutes) * time.Minute)
		}
		return s.Webhooks.Of(c, nil, base).PutToken(ctx, t.Event, t.Token, until)
	}
	client, err := s.client(ctx, c)
	if err != nil {
		return err
	}
	webhooks := s.Webhooks.Of(c, client, base)
	if t.KeepMinutes > 0 {
		_, err = webhooks.Rotate(ctx, t.Event)
	} else {
		_, err = webhooks.Revoke(ctx, t.Event)
	}
	return err
}

// ended reports whether a connection has ended or is about to.
func ended(c store.Connection) bool { return c.DisconnectedAt != 0 || c.DisconnectingAt != 0 }
