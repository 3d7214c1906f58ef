package connect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

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
	if wrong := in.check(d, s.Now()); len(wrong) > 0 {
		return nil, api.InvalidAll(wrong...)
	}
	err = s.replace(ctx, c, in.Tokens, "key:"+r.Key, s.base(r))
	if err = unless(err, signing.ErrPending); err != nil {
		return nil, problem(err)
	}
	return s.show(ctx, c.ID)
}

// check names the members that are wrong. An event may be left out where the
// partner uses one only.
func (n newTokens) check(d definition.Definition, now time.Time) []api.Wrong {
	var wrong []api.Wrong
	if len(n.Tokens) == 0 {
		wrong = append(wrong, api.Wrong{Field: "tokens", Detail: "has to name an event at least"})
	}
	for i := range n.Tokens {
		t := &n.Tokens[i]
		if t.Event == "" && len(d.Webhooks.Events) == 1 {
			t.Event = d.Webhooks.Events[0].Event
		}
		for _, w := range t.check(d, now) {
			w.Field = fmt.Sprintf("tokens[%d].%s", i, w.Field)
			wrong = append(wrong, w)
		}
	}
	return wrong
}

func (t newToken) check(d definition.Definition, now time.Time) []api.Wrong {
	var wrong []api.Wrong
	if !uses(d, t.Event) {
		wrong = append(wrong, api.Wrong{Field: "event", Detail: "is no event of " + d.Title})
	}
	switch {
	case t.Token == "" && d.Webhooks.MadeBy == definition.Customer:
		wrong = append(wrong, api.Wrong{Field: "token", Detail: "is missing; Lever shows it at the webhook"})
	case t.Token != "" && !d.Webhooks.TypedTokens:
		wrong = append(wrong, api.Wrong{Field: "token", Detail: "is not typed in for " + d.Title + "; leave it out and a new webhook is made"})
	case t.Token != "" && !isToken(t.Token, now):
		wrong = append(wrong, api.Wrong{Field: "token", Detail: "is not a signature token as Lever shows it"})
	}
	if t.KeepMinutes < 0 || t.KeepMinutes > int(signing.Keep/time.Minute) {
		wrong = append(wrong, api.Wrong{Field: "keepMinutes", Detail: "has to be 0 to 60"})
	}
	return wrong
}

// isToken reports whether a text can be a signing token.
func isToken(text string, now time.Time) bool {
	change := signing.Change{Kind: signing.Put, Entry: signing.Hook{Keys: []signing.Key{{Token: text}}}}
	return !errors.Is(change.Check(now), signing.ErrToken)
}

func uses(d definition.Definition, event lever.Event) bool {
	for _, e := range d.Webhooks.Events {
		if e.Event == event {
			return true
		}
	}
	return false
}

// replace puts tokens in the place of others, and has what changed in Lever since
// the last good event looked at again: what was refused meanwhile comes by that.
// The recovery is noted first, so that a function that dies in between leaves it to
// the clock. With signing.ErrPending all is done, and the tokens count in a moment.
func (s *Setup) replace(ctx context.Context, c store.Connection, tokens []newToken, actor, base string) error {
	if ended(c) {
		return errEnded
	}
	gap, err := s.gapOf(ctx, c, tokens)
	if err != nil {
		return err
	}
	if err := s.Table.PutRecovery(ctx, gap); err != nil {
		return err
	}
	pending := s.rotateAll(ctx, c, tokens, base)
	if err := unless(pending, signing.ErrPending); err != nil {
		return err
	}
	if err := s.Table.Note(ctx, step(c.ID, actor, "signing_tokens.replaced", nil, said(tokens))); err != nil {
		return err
	}
	s.run(ctx, gap)
	return pending
}

// said is what the trail says of tokens: everything but them.
func said(tokens []newToken) []map[string]any {
	var all []map[string]any
	for _, t := range tokens {
		all = append(all, map[string]any{"event": t.Event, "typedIn": t.Token != "", "keepMinutes": t.KeepMinutes})
	}
	return all
}

// gapOf is the recovery of what may have been refused since the last good event of
// any of the webhooks.
func (s *Setup) gapOf(ctx context.Context, c store.Connection, tokens []newToken) (store.Recovery, error) {
	d, err := s.Definitions(c.Partner)
	if err != nil {
		return store.Recovery{}, err
	}
	since := lever.At(s.Now())
	for _, t := range tokens {
		row, err := s.Table.Webhook(ctx, c.ID, t.Event)
		if errors.Is(err, store.ErrNotFound) {
			return store.Recovery{}, api.Conflict("The webhook is not made yet. Finish set-up first.")
		}
		if err != nil {
			return store.Recovery{}, err
		}
		since = min(since, cmp.Or(row.SeenAt, c.ConnectedAt))
	}
	return s.Recovery.Reread(c, since, eventsOf(d)), nil
}

// rotateAll rotates side by side, because keys that come together are written
// together.
func (s *Setup) rotateAll(ctx context.Context, c store.Connection, tokens []newToken, base string) error {
	ctx, stop := context.WithTimeout(ctx, webhookTime)
	defer stop()
	var all errgroup.Group
	for _, t := range tokens {
		all.Go(func() error { return s.rotate(ctx, c, t, base) })
	}
	return all.Wait()
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
