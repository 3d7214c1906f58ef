package apikey_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"fulcrum/shared/apikey"
	"fulcrum/shared/store"
)

// table is a table in memory.
type table struct {
	keys []store.APIKey
	err  error
}

func (t *table) APIKeys(context.Context, string) ([]store.APIKey, error) { return t.keys, t.err }

func (t *table) AddAPIKey(_ context.Context, _ string, k store.APIKey) error {
	t.keys = append(t.keys, k)
	return t.err
}

func (t *table) RevokeAPIKey(_ context.Context, _, id string) error {
	for i := range t.keys {
		if t.keys[i].ID == id {
			t.keys[i].RevokedAt = 1_795_262_400_000
			return t.err
		}
	}
	return store.ErrNotFound
}

func TestAKeyIsShownOnceAndKeptAsAHash(t *testing.T) {
	var log strings.Builder
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, nil)))
	kept := &table{}
	o := apikey.New(kept, rand.Reader)
	made, err := o.Handle(t.Context(), apikey.Order{Task: "make", Partner: "joinedly"})
	if err != nil || len(made.Keys) != 1 {
		t.Fatalf("%+v, %v", made, err)
	}
	k, err := apikey.Parse(made.Key)
	if err != nil || kept.keys[0].Hash != k.Hash || kept.keys[0].ID != k.ID || made.Keys[0].ID != k.ID {
		t.Errorf("%+v is kept of %+v", kept.keys[0], k)
	}
	listed, err := o.Handle(t.Context(), apikey.Order{Task: "list", Partner: "joinedly"})
	if err != nil || listed.Key != "" || len(listed.Keys) != 1 {
		t.Errorf("%+v, %v", listed, err)
	}
	revoked, err := o.Handle(t.Context(), apikey.Order{Task: "revoke", Partner: "joinedly", ID: k.ID})
	if err != nil || revoked.Keys[0].RevokedAt != "2026-11-21T12:00:00.000Z" {
		t.Errorf("%+v, %v", revoked, err)
	}
	if !strings.Contains(log.String(), k.ID) || strings.Contains(log.String(), made.Key) || strings.Contains(log.String(), k.Hash) {
		t.Errorf("log %s", log.String())
	}
}

func TestAnOperatorsMistakeMakesNothing(t *testing.T) {
	away := errors.New("away")
	tests := map[string]struct {
		order apikey.Order
		err   error
	}{
		"no task":                  {apikey.Order{Partner: "joinedly"}, nil},
		"no partner":               {apikey.Order{Task: "make"}, nil},
		"a partner of no form":     {apikey.Order{Task: "list", Partner: "a/b"}, nil},
		"a key that is not there":  {apikey.Order{Task: "revoke", Partner: "joinedly", ID: "key_1"}, nil},
		"a table that is away":     {apikey.Order{Task: "list", Partner: "joinedly"}, away},
		"a table that is full":     {apikey.Order{Task: "make", Partner: "joinedly"}, store.ErrAPIKeys},
		"a table that fails later": {apikey.Order{Task: "make", Partner: "joinedly"}, away},
	}
	for name, tt := range tests {
		got, err := apikey.New(&table{err: tt.err}, rand.Reader).Handle(t.Context(), tt.order)
		if err == nil || got.Key != "" || !errors.Is(err, tt.err) && tt.err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := apikey.New(&table{}, strings.NewReader("")).Handle(t.Context(), apikey.Order{Task: "make", Partner: "joinedly"}); err == nil {
		t.Error("a key of no chance is made")
	}
}
