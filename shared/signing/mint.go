package signing

import (
	"context"
	"fmt"

	"fulcrum/shared/hook"
	"fulcrum/shared/pause"
)

// Minted is a hook's id and the shard that it names.
type Minted struct {
	Hook  string
	Shard int
}

// Mint makes a new id in a shard that has room, in a new shard where none has.
// The room is taken until the hook is retired; that of an id which is never put is
// lost.
func (w *Writer) Mint(ctx context.Context) (Minted, error) {
	key, err := w.hookKey.Value(ctx)
	if err != nil {
		return Minted{}, err
	}
	n, err := w.room(ctx)
	if err != nil {
		return Minted{}, fmt.Errorf("room for a hook: %w", err)
	}
	id, err := hook.Mint(key, n, w.random)
	return Minted{Hook: id, Shard: n}, err
}

// room takes room in the first shard that has some, so that what comes together
// is written together.
func (w *Writer) room(ctx context.Context) (int, error) {
	for {
		shards, err := w.table.Shards(ctx)
		if err != nil {
			return 0, err
		}
		for _, s := range shards {
			if !w.open(s) {
				continue
			}
			if ok, err := w.table.MintHook(ctx, s.Shard, perShard); err != nil || ok {
				return s.Shard, err
			}
		}
		if err := w.grow(ctx, len(shards)); err != nil {
			return 0, err
		}
	}
}

// open reports whether a shard takes new hooks. One that used up half of the
// versions that it may have keeps the rest for the hooks that it has.
func (w *Writer) open(s State) bool {
	return s.Minted < perShard && s.PaidUntil.Time().Sub(w.now()) < burst/2*cost
}

// grow adds a shard, unless somebody else does. How many there are is noted in
// shard 0 with its next version; until then a new shard is only read later.
func (w *Writer) grow(ctx context.Context, n int) error {
	if n == 0 {
		return w.know(ctx, 0)
	}
	first, ok, err := w.table.HoldShard(ctx, 0, w.newID(), holdTime)
	if err != nil {
		return err
	}
	if !ok {
		pause.For(ctx, lookPause)
		return ctx.Err()
	}
	if _, there, err := w.table.Shard(ctx, n); err != nil || there {
		return releasing(err, w.table.ReleaseShard(ctx, first))
	}
	err = w.create(ctx, n)
	return releasing(err, w.table.ReleaseShard(ctx, first))
}

// releasing is the error of a step, or else that of the release after it.
func releasing(err, release error) error {
	if err != nil {
		return err
	}
	return release
}

func (w *Writer) create(ctx context.Context, n int) error {
	empty, err := Shard{Hooks: map[string]Hook{}}.Encode()
	if err != nil {
		return err
	}
	if err := w.secrets.Create(ctx, w.name(n), w.kmsKey, "Signing tokens of webhooks.", empty); err != nil {
		return err
	}
	return w.know(ctx, n)
}

// know notes a shard that is in Secrets Manager and not yet in the table.
func (w *Writer) know(ctx context.Context, n int) error {
	if _, there, err := w.table.Shard(ctx, n); err != nil || there {
		return err
	}
	shard, _, err := w.base(ctx, State{Shard: n})
	if err != nil {
		return err
	}
	return w.table.AddShard(ctx, n, len(shard.Hooks))
}

// count brings the number of shards into shard 0, where it is another.
func (w *Writer) count(ctx context.Context, shards int) error {
	s, ok, err := w.table.Shard(ctx, 0)
	if err != nil || !ok {
		return err
	}
	shard, _, err := w.base(ctx, s)
	if err != nil || shard.Shards == shards {
		return err
	}
	_, err = w.write(ctx, 0, w.newID())
	return err
}
