package signing_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/shared/hook"
	"fulcrum/shared/lever"
	"fulcrum/shared/signing"
)

const hookKey = "0123456789abcdef0123456789abcdef"

// secrets is a Source over a map; a missing name is an error.
type secrets struct {
	mu     sync.Mutex
	values map[string]string
	reads  map[string]int
	away   bool
}

func newSecrets() *secrets {
	return &secrets{values: map[string]string{"hook-key": hookKey}, reads: map[string]int{}}
}

func (s *secrets) Value(_ context.Context, id string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads[id]++
	v, ok := s.values[id]
	if s.away || !ok {
		return "", fmt.Errorf("read secret %s: not there", id)
	}
	return v, nil
}

func (s *secrets) total() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, reads := range s.reads {
		n += reads
	}
	return n
}

// put stores a shard that has these hooks, each with one token.
func (s *secrets) put(t *testing.T, n, shards int, tokens map[string]string) {
	t.Helper()
	shard := signing.Shard{Shards: shards, Hooks: map[string]signing.Hook{}}
	for id, token := range tokens {
		shard.Hooks[id] = signing.Hook{Partner: "joinedly", Connection: "con_1", Event: lever.CandidateHired, Keys: []signing.Key{{Token: token}}}
	}
	text, err := shard.Encode()
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[fmt.Sprintf("signing/%d", n)] = text
}

func mint(t *testing.T, shard int) string {
	t.Helper()
	id, err := hook.Mint([]byte(hookKey), shard, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func keysOver(s *secrets) *signing.Keys { return signing.NewKeys(s, "hook-key", "signing/", time.Now) }

func expectToken(t *testing.T, want string) func(signing.Hook, error) {
	t.Helper()
	return func(h signing.Hook, err error) {
		t.Helper()
		if err != nil || len(h.Keys) == 0 || h.Keys[0].Token != want {
			t.Errorf("hook %+v, %v; want token %s", h, err, want)
		}
	}
}

func TestWarmReadsEveryShardWhileThereAreFew(t *testing.T) {
	tests := map[string]struct{ shards, reads int }{
		"one shard":                          {shards: 1, reads: 2},
		"a first shard that does not count":  {shards: 0, reads: 2},
		"eight shards":                       {shards: 8, reads: 9},
		"nine shards are left for first use": {shards: 9, reads: 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newSecrets()
			for n := range max(tt.shards, 1) {
				s.put(t, n, tt.shards, nil)
			}
			if err := keysOver(s).Warm(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := s.total(); got != tt.reads {
				t.Errorf("%d reads, want %d", got, tt.reads)
			}
		})
	}
}

func TestAWarmHookNeedsNoRead(t *testing.T) {
	s, id := newSecrets(), mint(t, 1)
	s.put(t, 0, 2, nil)
	s.put(t, 1, 2, map[string]string{id: "token"})
	k := keysOver(s)
	if err := k.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := s.total()
	for range 10 {
		expectToken(t, "token")(k.Hook(t.Context(), id))
	}
	if s.total() != before {
		t.Error("a hook in memory caused a read")
	}
}

func TestAMadeUpHookCausesNoRead(t *testing.T) {
	s := newSecrets()
	s.put(t, 0, 1, nil)
	k := keysOver(s)
	if err := k.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := s.total()
	for range 1000 {
		if _, err := k.Hook(t.Context(), rand.Text()+strings.Repeat("A", hook.Length-26)); !errors.Is(err, hook.ErrUnknown) {
			t.Fatalf("error %v, want unknown", err)
		}
	}
	if s.total() != before {
		t.Error("a made-up hook caused a read")
	}
}

func TestAHookYoungerThanTheCacheIsFound(t *testing.T) {
	s, id := newSecrets(), mint(t, 0)
	s.put(t, 0, 1, nil)
	k := keysOver(s)
	if err := k.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.put(t, 0, 1, map[string]string{id: "token"})
	expectToken(t, "token")(k.Hook(t.Context(), id))
}

func TestARemovedHookIsLookedForOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, id := newSecrets(), mint(t, 0)
		s.put(t, 0, 1, nil)
		k := keysOver(s)
		for range 3 {
			for range 100 {
				if _, err := k.Hook(t.Context(), id); !errors.Is(err, hook.ErrUnknown) {
					t.Fatalf("error %v, want unknown", err)
				}
			}
			time.Sleep(time.Minute)
		}
		if got := s.reads["signing/0"]; got != 4 {
			t.Errorf("%d reads of the shard in three minutes, want 1 and one a minute", got)
		}
	})
}

// Customers who left, and whose webhooks Lever still has: each is looked for when
// it first comes, and then all together once a minute.
func TestRemovedHooksAreLookedForTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const hooks, minutes = 20, 10
		s := newSecrets()
		s.put(t, 0, 1, nil)
		k, ids := keysOver(s), make([]string, hooks)
		for i := range ids {
			ids[i] = mint(t, 0)
		}
		for range minutes * 60 {
			for _, id := range ids {
				if _, err := k.Hook(t.Context(), id); !errors.Is(err, hook.ErrUnknown) {
					t.Fatalf("error %v, want unknown", err)
				}
			}
			time.Sleep(time.Second)
		}
		if got := s.reads["signing/0"]; got > 1+hooks+minutes {
			t.Errorf("%d reads of the shard in %d minutes", got, minutes)
		}
		young := mint(t, 0)
		s.put(t, 0, 1, map[string]string{young: "token"})
		expectToken(t, "token")(k.Hook(t.Context(), young))
	})
}

func TestAgainReadsOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, id := newSecrets(), mint(t, 0)
		s.put(t, 0, 1, map[string]string{id: "old"})
		k := keysOver(s)
		expectToken(t, "old")(k.Hook(t.Context(), id))
		s.put(t, 0, 1, map[string]string{id: "new"})
		for range 10_000 {
			expectToken(t, "new")(k.Again(t.Context(), id))
		}
		if got := s.reads["signing/0"]; got != 2 {
			t.Errorf("%d reads of the shard, want 2", got)
		}
		s.put(t, 0, 1, map[string]string{id: "newer"})
		time.Sleep(time.Minute)
		expectToken(t, "newer")(k.Again(t.Context(), id))
	})
}

func TestAStaleShardServesWhileSecretsAreAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, id := newSecrets(), mint(t, 0)
		s.put(t, 0, 1, map[string]string{id: "token"})
		k := keysOver(s)
		expectToken(t, "token")(k.Hook(t.Context(), id))
		if k.Stale(t.Context(), id) {
			t.Error("stale at once")
		}
		time.Sleep(5 * time.Minute)
		if !k.Stale(t.Context(), id) {
			t.Error("not stale after five minutes")
		}
		s.away = true
		if err := k.Refresh(t.Context(), id); err != nil {
			t.Errorf("refresh while away: %v", err)
		}
		expectToken(t, "token")(k.Hook(t.Context(), id))
		s.away = false
		s.put(t, 0, 1, map[string]string{id: "new"})
		time.Sleep(time.Minute)
		if err := k.Refresh(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		expectToken(t, "new")(k.Hook(t.Context(), id))
	})
}

func TestSecretsThatCannotBeReadAreNotAnUnknownHook(t *testing.T) {
	s, id := newSecrets(), mint(t, 0)
	if _, err := keysOver(s).Hook(t.Context(), id); err == nil || errors.Is(err, hook.ErrUnknown) {
		t.Errorf("a missing shard gives %v", err)
	}
	s.values["hook-key"] = "short"
	if _, err := keysOver(s).Hook(t.Context(), id); err == nil || errors.Is(err, hook.ErrUnknown) {
		t.Errorf("a short key gives %v", err)
	}
}
