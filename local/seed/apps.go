package seed

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	definitions "fulcrum/functions/partners"
	"fulcrum/local/twin/desk"
	"fulcrum/local/twin/oauth"
	"fulcrum/shared/definition"
	"fulcrum/shared/lever"
)

// client is how an app is registered at Lever, as the bundle's secrets have it.
type client struct {
	ID     string `json:"clientId"`
	Secret string `json:"clientSecret"`
}

// Apps registers the partners' apps at Lever, as Lever's staff does, and puts their
// ids and secrets where the bundle looks: prefix and the partner's name. An app that
// is registered for this gateway stays.
func Apps(ctx context.Context, s Stack, prefix string) error {
	all, err := definitions.All()
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.Connect.By != definition.OAuth || !s.has(d.Name) {
			continue
		}
		if err := s.app(ctx, d, prefix+d.Name); err != nil {
			return fmt.Errorf("seed app of %s: %w", d.Name, err)
		}
	}
	return nil
}

func (s Stack) app(ctx context.Context, d definition.Definition, secret string) error {
	var callbacks []string
	for _, environment := range []string{lever.Production, lever.Sandbox, lever.EU} {
		callbacks = append(callbacks, s.Gateway+"/connect/callback/"+environment)
	}
	return s.secret(ctx, secret, func(old string) (string, error) {
		var known map[string]client
		if json.Unmarshal([]byte(old), &known) == nil && s.registered(known[lever.Production].ID, callbacks) {
			return old, nil
		}
		app, err := s.Desk.RegisterApp(oauth.App{Name: d.Title, Callbacks: callbacks, Scopes: append(slices.Clone(d.Connect.Scopes), "confidential:access:admin")})
		if err != nil {
			return "", err
		}
		one := client{app.ClientID, app.ClientSecret}
		text, err := json.Marshal(map[string]client{lever.Production: one, lever.Sandbox: one, lever.EU: one})
		return string(text), err
	})
}

func (s Stack) registered(id string, callbacks []string) bool {
	return slices.ContainsFunc(s.Desk.Apps(), func(a oauth.App) bool { return a.ClientID == id && slices.Equal(a.Callbacks, callbacks) })
}

// Trial is a Lever account for trying a set-up, with an API key that allows all.
func Trial(d *desk.Desk, name string) (account, apiKey string, err error) {
	made, err := d.CreateAccount(desk.NewAccount{Name: name})
	if err != nil {
		return "", "", err
	}
	key, err := d.CreateKey(made.Account, desk.NewKey{Name: "Set-up"})
	return made.Account, key.Secret, err
}
