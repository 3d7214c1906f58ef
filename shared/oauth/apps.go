package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"fulcrum/shared/lever"
	"fulcrum/shared/secret"
)

// Apps are the partners' registrations at Lever: one app for each partner and
// environment, so that a token of one partner never serves another. Those of a
// partner are in the secret prefix+partner:
//
//	{"production": {"clientId": "…", "clientSecret": "…"}, "sandbox": {…}, "eu": {…}}
//
// It is safe for concurrent use.
type Apps struct {
	source    Source
	prefix    string
	override  string
	transport http.RoundTripper
	now       func() time.Time

	mu    sync.Mutex
	known map[string]*secret.Cached[registrations]
}

// Source reads a secret's current value by its name.
type Source interface {
	Value(ctx context.Context, id string) (string, error)
}

type registrations map[string]struct {
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
}

// NewApps reads registrations from source. override is the address of a Lever twin
// that stands for all environments, or empty. now is the clock.
func NewApps(source Source, prefix, override string, transport http.RoundTripper, now func() time.Time) *Apps {
	return &Apps{source: source, prefix: prefix, override: override, transport: transport, now: now, known: map[string]*secret.Cached[registrations]{}}
}

// ErrUnregistered says that the partner has no app in that environment: somebody
// of the partner has to put its client id and secret into the secret.
var ErrUnregistered = errors.New("the partner has no app registered at lever in this environment")

// Client is the client of a partner's app. callback and scopes are needed for a
// consent; a refresh needs neither.
func (a *Apps) Client(ctx context.Context, partner, environment, callback string, scopes []string) (*Client, error) {
	env, err := lever.EnvironmentOf(environment, a.override)
	if err != nil {
		return nil, err
	}
	all, err := a.of(partner).Fresh(ctx)
	if err != nil {
		return nil, err
	}
	app, ok := all[environment]
	if !ok || app.ClientID == "" || app.ClientSecret == "" {
		return nil, fmt.Errorf("%s, %s: %w", partner, environment, ErrUnregistered)
	}
	return New(env, App{ClientID: app.ClientID, ClientSecret: app.ClientSecret, Callback: callback, Scopes: scopes}, a.transport, a.now), nil
}

func (a *Apps) of(partner string) *secret.Cached[registrations] {
	a.mu.Lock()
	defer a.mu.Unlock()
	c, ok := a.known[partner]
	if !ok {
		name := a.prefix + partner
		c = secret.NewCached(func(ctx context.Context) (string, error) { return a.source.Value(ctx, name) }, parseApps, a.now)
		a.known[partner] = c
	}
	return c
}

// parseApps reads the secret. Members that are no registrations are passed over:
// the first value of a deployment has one.
func parseApps(text string) (registrations, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		return nil, errors.New("the secret of the partner's apps is not a JSON object")
	}
	all := registrations{}
	for name, raw := range members {
		one := all[name]
		if json.Unmarshal(raw, &one) == nil {
			all[name] = one
		}
	}
	return all, nil
}
