package signing

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"fulcrum/shared/hook"
	"fulcrum/shared/secret"
)

// eager is how many shards are read before the first event; beyond that a cold
// start would pay for customers whose events it never sees.
const eager = 8

// forceEvery bounds the reads that a stranger can cause by sending what does not
// verify.
const forceEvery = time.Minute

// Source reads a secret's current value by its name or ARN.
type Source interface {
	Value(ctx context.Context, id string) (string, error)
}

// Keys finds the signing tokens of a hook in memory, and reads the shards it
// needs. It is safe for concurrent use.
type Keys struct {
	source  Source
	prefix  string
	now     func() time.Time
	hookKey *secret.Cached[[]byte]

	mu     sync.Mutex
	shards map[int]*kept
	missed map[string]bool // hooks that their shard did not have
}

// kept is a shard in memory.
type kept struct {
	*secret.Cached[Shard]
	missedAt time.Time // when it was last read for a hook that it does not have
}

// NewKeys reads the key of hook ids from the secret hookKey, and shard n from the
// secret prefix+n. now is the clock.
func NewKeys(source Source, hookKey, prefix string, now func() time.Time) *Keys {
	read := func(ctx context.Context) (string, error) { return source.Value(ctx, hookKey) }
	return &Keys{
		source: source, prefix: prefix, now: now,
		hookKey: secret.NewCached(read, parseHookKey, now),
		shards:  map[int]*kept{},
		missed:  map[string]bool{},
	}
}

func parseHookKey(text string) ([]byte, error) {
	if len(text) < 32 {
		return nil, errors.New("the key of hook ids has fewer than 32 characters")
	}
	return []byte(text), nil
}

// Warm reads the key of hook ids and the first shards, all while there are at
// most eight.
func (k *Keys) Warm(ctx context.Context) error {
	var keyErr, firstErr error
	var first Shard
	var both sync.WaitGroup
	both.Go(func() { _, keyErr = k.hookKey.Value(ctx) })
	both.Go(func() { first, firstErr = k.shard(0).Value(ctx) })
	both.Wait()
	if err := errors.Join(keyErr, firstErr); err != nil || first.Shards > eager {
		return err
	}
	errs := make([]error, max(first.Shards, 1))
	var rest sync.WaitGroup
	for n := 1; n < first.Shards; n++ {
		rest.Go(func() { _, errs[n] = k.shard(n).Value(ctx) })
	}
	rest.Wait()
	return errors.Join(errs...)
}

// Hook is what is known of a hook. It fails with hook.ErrUnknown where the id was
// not minted here (then no call is made) or is in no shard; any other error says
// that the secrets cannot be read now.
func (k *Keys) Hook(ctx context.Context, id string) (Hook, error) {
	shard, err := k.of(ctx, id)
	if err != nil {
		return Hook{}, err
	}
	s, err := shard.Value(ctx)
	if err != nil {
		return Hook{}, err
	}
	h, ok := s.Hooks[id]
	if ok || !k.mayMiss(shard, id) {
		return found(h, ok)
	}
	// The hook may be younger than what is in memory.
	if s, err = k.read(ctx, shard); err != nil {
		return Hook{}, err
	}
	h, ok = s.Hooks[id]
	return found(h, ok)
}

// Again is the hook after its shard was read once more, for a signature that did
// not verify: its key may just have changed. Within a minute the shard is read
// only once; then the hook is as it is in memory.
func (k *Keys) Again(ctx context.Context, id string) (Hook, error) {
	shard, err := k.of(ctx, id)
	if err != nil {
		return Hook{}, err
	}
	s, _, err := shard.Reread(ctx, forceEvery)
	if err != nil {
		return Hook{}, err
	}
	h, ok := s.Hooks[id]
	return found(h, ok)
}

// Stale reports whether the hook's shard is due to be read again.
func (k *Keys) Stale(ctx context.Context, id string) bool {
	shard, err := k.of(ctx, id)
	return err == nil && shard.Stale()
}

// Refresh reads the hook's shard again if it is due.
func (k *Keys) Refresh(ctx context.Context, id string) error {
	shard, err := k.of(ctx, id)
	if err != nil {
		return err
	}
	_, err = shard.Fresh(ctx)
	return err
}

func (k *Keys) of(ctx context.Context, id string) (*kept, error) {
	key, err := k.hookKey.Value(ctx)
	if err != nil {
		return nil, err
	}
	n, err := hook.Shard(key, id)
	if err != nil {
		return nil, err
	}
	return k.shard(n), nil
}

func (k *Keys) shard(n int) *kept {
	k.mu.Lock()
	defer k.mu.Unlock()
	s, ok := k.shards[n]
	if !ok {
		name := k.prefix + strconv.Itoa(n)
		read := func(ctx context.Context) (string, error) { return k.source.Value(ctx, name) }
		s = &kept{Cached: secret.NewCached(read, Decode, k.now)}
		k.shards[n] = s
	}
	return s
}

// mayMiss reports whether a hook that is not in its shard deserves a read of the
// shard: the first time, because it may just have been made, and then once a
// minute with all others that the shard does not have. Only ids that were minted
// here get so far, so the map stays as small as the number of hooks that once
// were.
func (k *Keys) mayMiss(shard *kept, id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.missed[id] && k.now().Sub(shard.missedAt) < forceEvery {
		return false
	}
	k.missed[id], shard.missedAt = true, k.now()
	return true
}

// read reads a shard whatever its age: mayMiss has bounded how often.
func (k *Keys) read(ctx context.Context, shard *kept) (Shard, error) {
	s, _, err := shard.Reread(ctx, 0)
	return s, err
}

func found(h Hook, ok bool) (Hook, error) {
	if !ok {
		return Hook{}, hook.ErrUnknown
	}
	return h, nil
}
