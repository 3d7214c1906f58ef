package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/store"
)

func TestAPartnerHasTwoValidKeysAtMost(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx := t.Context()
		add := func(name string) error {
			return table.AddAPIKey(ctx, "acme", store.APIKey{ID: "key_" + name, Hash: name})
		}
		check(t, errors.Join(add("a"), add("b"), add("a")))
		if err := add("c"); !errors.Is(err, store.ErrAPIKeys) {
			t.Errorf("a third key: %v", err)
		}
		check(t, table.RevokeAPIKey(ctx, "acme", "key_a"))
		check(t, add("c"))
		if err := table.RevokeAPIKey(ctx, "acme", "key_none"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a key that is not there: %v", err)
		}
		keys := must[[]store.APIKey](t)(table.APIKeys(ctx, "acme"))
		if len(keys) != 3 || keys[0].RevokedAt == 0 || keys[1].RevokedAt != 0 || keys[2].CreatedAt == 0 {
			t.Errorf("%+v", keys)
		}
		if other := must[[]store.APIKey](t)(table.APIKeys(ctx, "other")); len(other) != 0 {
			t.Errorf("another partner has %+v", other)
		}
	})
}

// A revoked key stays revoked, also where it is added again, and is forgotten when
// nobody can have it in use any more.
func TestARevokedKeyIsKeptForAWhile(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx := t.Context()
		a := store.APIKey{ID: "key_a", Hash: "a"}
		check(t, errors.Join(table.AddAPIKey(ctx, "acme", a), table.RevokeAPIKey(ctx, "acme", "key_a")))
		at := must[[]store.APIKey](t)(table.APIKeys(ctx, "acme"))[0].RevokedAt
		time.Sleep(time.Hour)
		check(t, errors.Join(table.AddAPIKey(ctx, "acme", a), table.RevokeAPIKey(ctx, "acme", "key_a")))
		if keys := must[[]store.APIKey](t)(table.APIKeys(ctx, "acme")); len(keys) != 1 || keys[0].RevokedAt != at {
			t.Errorf("%+v, revoked at %d before", keys, at)
		}
		time.Sleep(store.Retention)
		check(t, table.AddAPIKey(ctx, "acme", store.APIKey{ID: "key_b", Hash: "b"}))
		if keys := must[[]store.APIKey](t)(table.APIKeys(ctx, "acme")); len(keys) != 1 || keys[0].ID != "key_b" {
			t.Errorf("%+v", keys)
		}
	})
}

func TestOfManyWhoAddKeysTwoSucceed(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		var all sync.WaitGroup
		added := make(chan string, 20)
		for i := range 20 {
			all.Go(func() {
				name := string(rune('a' + i))
				err := store.ErrMoved
				for errors.Is(err, store.ErrMoved) {
					err = table.AddAPIKey(t.Context(), "acme", store.APIKey{ID: name, Hash: name})
				}
				if err == nil {
					added <- name
				} else if !errors.Is(err, store.ErrAPIKeys) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if keys := must[[]store.APIKey](t)(table.APIKeys(t.Context(), "acme")); len(keys) != 2 || len(added) != 2 {
			t.Errorf("%d keys, %d told so", len(keys), len(added))
		}
	})
}

// The SDK repeats a call whose answer is lost; that is no other's key.
func TestAKeyIsAddedOnceThoughTheAnswerIsLost(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		r.AWS.Inject(engine.Fault{Action: "PutItem", DropAnswer: true, Times: 1})
		check(t, table.AddAPIKey(t.Context(), "acme", store.APIKey{ID: "key_a", Hash: "a"}))
		if keys := must[[]store.APIKey](t)(table.APIKeys(t.Context(), "acme")); len(keys) != 1 {
			t.Errorf("%+v", keys)
		}
	})
}
