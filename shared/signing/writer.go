package signing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"fulcrum/shared/hook"
	"fulcrum/shared/lever"
	"fulcrum/shared/pause"
	"fulcrum/shared/secret"
)

const (
	// gather is how long a change waits for others that come with it, spacing how
	// far apart two versions of a shard are.
	gather  = 250 * time.Millisecond
	spacing = 15 * time.Second
	// Secrets Manager keeps 100 versions of a secret and forgets none that is
	// younger than a day; a 101st is refused. A shard has burst of them at once, and
	// one more each time that cost is over: 90 in a day at most.
	burst = 30
	cost  = 24 * time.Minute
	// holdTime is longer than the calls of one version take.
	holdTime = 30 * time.Second
	// lookPause is between two looks at what others do; longPause where nobody can
	// do anything for longer.
	lookPause = 300 * time.Millisecond
	longPause = 5 * time.Second
)

// ErrPending says that a change is written down but not yet in the shard. It will
// be, without further doing, with the shard's next version.
var ErrPending = errors.New("change of signing tokens is still to be made")

// Secrets keeps the shards; see secret.Manager.
type Secrets interface {
	Source
	Version(ctx context.Context, id, version string) (value, is string, err error)
	Put(ctx context.Context, id, version, value string) error
	Create(ctx context.Context, id, kmsKey, description, value string) error
}

// Writer changes the keys of hooks. Changes are written down in the table first;
// then one of those who wait for them writes all that are there into the shard,
// as one version. Whoever fails in between leaves a change that the next one
// makes. It is safe for concurrent use, by any number of functions.
type Writer struct {
	table   Table
	secrets Secrets
	hookKey *secret.Cached[[]byte]
	prefix  string
	kmsKey  string
	random  io.Reader
	now     func() time.Time
	newID   func() string
}

// Options are what a Writer is made of. All but KMSKey are needed.
type Options struct {
	Table   Table
	Secrets Secrets
	// HookKey names the secret with the key of hook ids; shard n is the secret
	// Prefix+n. New shards are encrypted under KMSKey.
	HookKey, Prefix, KMSKey string
	// Random makes ids, Now is the clock, NewID makes a name that nobody else has.
	Random io.Reader
	Now    func() time.Time
	NewID  func() string
}

// NewWriter makes a Writer.
func NewWriter(o Options) *Writer {
	read := func(ctx context.Context) (string, error) { return o.Secrets.Value(ctx, o.HookKey) }
	return &Writer{
		table: o.Table, secrets: o.Secrets, hookKey: secret.NewCached(read, parseHookKey, o.Now),
		prefix: o.Prefix, kmsKey: o.KMSKey, random: o.Random, now: o.Now, newID: o.NewID,
	}
}

// Put makes a hook what h says: it has one key, and no other counts from then
// on. It returns when the shard has it, or with ErrPending.
func (w *Writer) Put(ctx context.Context, id string, h Hook) error {
	return w.change(ctx, Change{Kind: Put, Hook: id, Entry: h})
}

// Replace is Put for a planned change: the key that there is counts until a
// time, which is within an hour from now, beside the new one.
func (w *Writer) Replace(ctx context.Context, id string, h Hook, until time.Time) error {
	return w.change(ctx, Change{Kind: Put, Hook: id, Entry: h, Until: lever.At(until)})
}

// Remove takes a hook away for good. A hook that is not there is no error.
func (w *Writer) Remove(ctx context.Context, id string) error {
	return w.change(ctx, Change{Kind: Retire, Hook: id})
}

// change writes a change down and waits for it. It fails with hook.ErrUnknown for
// an id that was not minted here.
func (w *Writer) change(ctx context.Context, c Change) error {
	key, err := w.hookKey.Value(ctx)
	if err != nil {
		return err
	}
	if c.Shard, err = hook.Shard(key, c.Hook); err != nil {
		return err
	}
	if err := c.Check(w.now()); err != nil {
		return err
	}
	if err := w.know(ctx, c.Shard); err != nil {
		return err
	}
	for added := false; !added; {
		if c.Seq, err = w.table.NumberChange(ctx, c.Shard); err != nil {
			return err
		}
		if added, err = w.table.AddChange(ctx, c); err != nil {
			return err
		}
	}
	return w.Wait(ctx, c)
}

// Wait returns when changes that were written down are in their shards, of each
// of which Shard and Seq count. What is due it writes itself. Where that does not
// succeed in time it fails with ErrPending.
func (w *Writer) Wait(ctx context.Context, changes ...Change) error {
	shards := map[int][]int64{}
	for _, c := range changes {
		shards[c.Shard] = append(shards[c.Shard], c.Seq)
	}
	var errs []error
	for n, seqs := range shards {
		err := w.settle(ctx, n, func(pending []int64) bool {
			return !slices.ContainsFunc(seqs, func(seq int64) bool { return slices.Contains(pending, seq) })
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("%w: shard %d: %w", ErrPending, n, err))
		}
	}
	return errors.Join(errs...)
}

// Sweep makes whatever is still to be made, in all shards: what was left by those
// who failed, and what nobody waits for. It is for the clock.
func (w *Writer) Sweep(ctx context.Context) error {
	shards, err := w.table.Shards(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range shards {
		if err := w.settle(ctx, s.Shard, func(pending []int64) bool { return len(pending) == 0 }); err != nil {
			errs = append(errs, fmt.Errorf("sweep shard %d: %w", s.Shard, err))
		}
	}
	return errors.Join(append(errs, w.count(ctx, len(shards)))...)
}

// settle writes versions of a shard, or waits for others to, until done is
// content with what is still to be made. Who comes first waits a moment for
// company.
func (w *Writer) settle(ctx context.Context, n int, done func(pending []int64) bool) error {
	holder, wait := w.newID(), gather
	for {
		pending, err := w.table.PendingChanges(ctx, n)
		if err != nil {
			return err
		}
		if done(pending) {
			return nil
		}
		if !pause.For(ctx, min(wait, longPause)+rand.N(lookPause/4)) {
			return ctx.Err()
		}
		if wait, err = w.write(ctx, n, holder); err != nil {
			return err
		}
	}
}
