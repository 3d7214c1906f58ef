package signing

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"fulcrum/shared/lever"
)

// most is how many changes one version makes.
const most = 100

// write writes the next version of a shard if it is due and nobody else does. It
// gives how long to wait before looking again.
func (w *Writer) write(ctx context.Context, n int, holder string) (time.Duration, error) {
	if s, ok, err := w.table.Shard(ctx, n); err != nil || !ok || w.due(s) > 0 {
		return max(w.due(s), lookPause), err
	}
	s, ok, err := w.table.HoldShard(ctx, n, holder, holdTime)
	if err != nil || !ok {
		return lookPause, err
	}
	// Somebody may have written it between the look and the hold.
	if wait := w.due(s); wait > 0 {
		return wait, w.table.ReleaseShard(ctx, s)
	}
	if s.Plan == nil {
		if s, ok, err = w.plan(ctx, s); err != nil || !ok {
			return lookPause, err
		}
	}
	return 0, w.carryOut(ctx, s)
}

// due is how long a shard's next version has to wait. One that is planned may be
// in Secrets Manager already; it waits for nothing.
func (w *Writer) due(s State) time.Duration {
	if s.Plan != nil {
		return 0
	}
	next := s.WrittenAt.Time().Add(spacing)
	if paid := s.PaidUntil.Time().Add(-(burst - 1) * cost); paid.After(next) {
		next = paid
	}
	return next.Sub(w.now())
}

// plan decides the next version, unless there is nothing to change. It reports
// whether there is a plan then.
func (w *Writer) plan(ctx context.Context, s State) (State, bool, error) {
	p, err := w.next(ctx, s)
	if err != nil {
		return s, false, err
	}
	if len(p.Changes) == 0 && p.Shards == 0 {
		return s, false, w.table.ReleaseShard(ctx, s)
	}
	ok, err := w.table.PlanShard(ctx, s, p)
	s.Plan = &p
	return s, ok, err
}

// next is what the next version of a shard is made of.
func (w *Writer) next(ctx context.Context, s State) (Plan, error) {
	pending, err := w.table.PendingChanges(ctx, s.Shard)
	if err != nil {
		return Plan{}, err
	}
	shard, p, err := w.base(ctx, s)
	if err != nil {
		return Plan{}, err
	}
	p.At, p.Changes = lever.At(w.now()), pending[:min(len(pending), most)]
	if s.Shard == 0 {
		all, err := w.table.Shards(ctx)
		if err != nil {
			return Plan{}, err
		}
		if p.Shards = len(all); p.Shards == shard.Shards && len(p.Changes) == 0 {
			p.Shards = 0
		}
	}
	return p.named(), nil
}

// base is the shard from which the next version is made, and that version's
// number. It is the current one, also where that was put by hand, which people do
// to restore something. A current version that the table knows to be older than
// the last is none: Secrets Manager answers that for a moment after a write. One
// that is newer than the table knows says that the table was restored.
func (w *Writer) base(ctx context.Context, s State) (Shard, Plan, error) {
	text, is, err := w.secrets.Version(ctx, w.name(s.Shard), "")
	if err != nil {
		return Shard{}, Plan{}, err
	}
	if n := numberOf(is); n > 0 && n < s.Version || s.Secret != "" && is == s.Base {
		if text, is, err = w.secrets.Version(ctx, w.name(s.Shard), s.Secret); err != nil {
			return Shard{}, Plan{}, err
		}
	}
	shard, err := Decode(text)
	return shard, Plan{Base: is, Version: max(s.Version, numberOf(is)) + 1}, err
}

// carryOut writes the version that is planned. Everything here may be repeated,
// by others and late, with the same outcome. A planned change that is listed no
// longer was made by somebody who has carried the plan out: then the version is
// in Secrets Manager, and what is put here is not taken. Changes that are listed
// still although they were made are the last of those that were, because they are
// ended in their order: made once more, they change nothing.
func (w *Writer) carryOut(ctx context.Context, s State) error {
	base, _, err := w.secrets.Version(ctx, w.name(s.Shard), s.Plan.Base)
	if err != nil {
		return err
	}
	changes, err := w.table.Changes(ctx, s.Shard)
	if err != nil {
		return err
	}
	text, freed, err := s.Plan.text(base, changes)
	if err != nil {
		return fmt.Errorf("shard %d: %w", s.Shard, err)
	}
	if err := w.secrets.Put(ctx, w.name(s.Shard), s.Plan.Secret, text); err != nil {
		return err
	}
	now := lever.At(w.now())
	paid := max(s.PaidUntil, now) + lever.Time(cost.Milliseconds())
	if ok, err := w.table.CommitShard(ctx, s, freed, paid); err != nil || !ok {
		return err
	}
	return w.table.EndChanges(ctx, s.Shard, s.Plan.Changes)
}

// text is the version's text, and the room of how many hooks it frees.
func (p Plan) text(base string, changes []Change) (text string, freed int, err error) {
	shard, err := Decode(base)
	if err != nil {
		return "", 0, err
	}
	shard.Shards = p.Shards
	for _, c := range changes {
		if !slices.Contains(p.Changes, c.Seq) {
			continue
		}
		if shard.make(c, p.At) {
			freed++
		}
	}
	shard.prune(p.At)
	text, err = shard.Encode()
	return text, freed, err
}

func (w *Writer) name(n int) string { return w.prefix + strconv.Itoa(n) }
