package account_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"fulcrum/shared/account"
	"fulcrum/shared/credential"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

// table has API keys by connection, and a full bucket for everyone.
type table struct {
	credential.Table
	keys map[string]string
	uses []string
}

func (t *table) Credential(_ context.Context, id string) (store.Credential, error) {
	key, ok := t.keys[id]
	if !ok {
		return store.Credential{}, store.ErrNotFound
	}
	return store.Credential{Connection: id, Secret: store.Secret{APIKey: key}}, nil
}

func (t *table) Use(_ context.Context, id string, _, _ time.Duration, _ lever.Time) (lever.Time, bool, error) {
	t.uses = append(t.uses, id)
	return 0, true, nil
}

func (t *table) Slow(context.Context, string, lever.Time) error { return nil }

// caller answers everything with an empty object and keeps who asked where.
type caller struct{ user, host string }

func (c *caller) RoundTrip(req *http.Request) (*http.Response, error) {
	c.user, _, _ = req.BasicAuth()
	c.host = req.URL.Host
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(`{"data":{"id":"u-1"}}`)),
	}, nil
}

func accounts(t *table, c *caller, override string) *account.Accounts {
	keeper := credential.New(t, nil, nil, time.Now, func() string { return "me" })
	return account.New(keeper, t, override, c, time.Now)
}

func TestAClientHasItsOwnConnectionsCredentialRateAndHost(t *testing.T) {
	tb, c := &table{keys: map[string]string{"con_1": "key-1", "con_2": "key-2"}}, &caller{}
	tests := map[string]struct{ connection, environment, override, key, host string }{
		"production":         {"con_1", lever.Production, "", "key-1", "api.lever.co"},
		"another connection": {"con_2", lever.Production, "", "key-2", "api.lever.co"},
		"the sandbox":        {"con_1", lever.Sandbox, "", "key-1", "api.sandbox.lever.co"},
		"the EU":             {"con_1", lever.EU, "", "key-1", "api.eu.lever.co"},
		"a twin":             {"con_1", lever.EU, "http://127.0.0.1:1/", "key-1", "127.0.0.1:1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			client, err := accounts(tb, c, tt.override).Client(t.Context(), store.Connection{ID: tt.connection, Environment: tt.environment}, rate.Event)
			if err != nil {
				t.Fatal(err)
			}
			tb.uses = nil
			if _, err := client.User(t.Context(), "u-1"); err != nil {
				t.Fatal(err)
			}
			if c.user != tt.key || c.host != tt.host || strings.Join(tb.uses, " ") != tt.connection {
				t.Errorf("called %s as %q on the rate of %v", c.host, c.user, tb.uses)
			}
		})
	}
}

func TestWhoseCallsCannotBeMade(t *testing.T) {
	all := accounts(&table{keys: map[string]string{"con_1": "key-1"}}, &caller{}, "")
	_, err := all.Client(t.Context(), store.Connection{ID: "con_none", Environment: lever.Production}, rate.Event)
	if reason, parks := fault.Parks(err); !parks || reason != credential.Lost || !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no credential: %v", err)
	}
	_, err = all.Client(t.Context(), store.Connection{ID: "con_1", Environment: lever.Production, LostAt: 1}, rate.Event)
	if _, parks := fault.Parks(err); !parks {
		t.Errorf("a lost connection: %v", err)
	}
	if _, err := all.Client(t.Context(), store.Connection{ID: "con_1", Environment: "moon"}, rate.Event); err == nil {
		t.Error("an environment that is none has a client")
	}
}
