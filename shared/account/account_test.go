package account_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"fulcrum/shared/account"
	"fulcrum/shared/fault"
	"fulcrum/shared/store"
)

// credentials is a table of credentials by connection.
type credentials map[string]string

func (c credentials) Credential(_ context.Context, id string) (store.Credential, error) {
	if id == "broken" {
		return store.Credential{}, errors.New("the table is away")
	}
	key, ok := c[id]
	if !ok {
		return store.Credential{}, store.ErrNotFound
	}
	return store.Credential{APIKey: key}, nil
}

// caller answers everything with an empty object and keeps who asked.
type caller struct{ user string }

func (c *caller) RoundTrip(req *http.Request) (*http.Response, error) {
	c.user, _, _ = req.BasicAuth()
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(`{"data":{}}`)),
	}, nil
}

func TestAClientHasItsOwnConnectionsCredential(t *testing.T) {
	c := &caller{}
	accounts := account.New(credentials{"con_1": "key-1", "con_2": "key-2"}, c)
	for id, key := range map[string]string{"con_1": "key-1", "con_2": "key-2"} {
		client, err := accounts.Client(t.Context(), store.Connection{ID: id, LeverURL: "https://api.lever.example/v1"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.User(t.Context(), "u-1"); err != nil {
			t.Fatal(err)
		}
		if c.user != key {
			t.Errorf("%s calls as %q", id, c.user)
		}
	}
}

func TestWorkWithoutACredentialIsParked(t *testing.T) {
	accounts := account.New(credentials{}, &caller{})
	_, err := accounts.Client(t.Context(), store.Connection{ID: "con_1", LeverURL: "https://api.lever.example/v1"})
	if reason, parks := fault.Parks(err); !parks || reason != "disconnected" {
		t.Errorf("error %v", err)
	}
	_, err = accounts.Client(t.Context(), store.Connection{ID: "broken", LeverURL: "https://api.lever.example/v1"})
	if _, parks := fault.Parks(err); parks || err == nil {
		t.Errorf("a table that is away parks: %v", err)
	}
}
