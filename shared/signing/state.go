package signing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"fulcrum/shared/lever"
)

// State is what the table knows of a shard. Secrets Manager has no
// compare-and-set: which version is next, and what becomes of it, is decided
// here, by conditional writes.
type State struct {
	Shard int `dynamodbav:"shard"`
	// Version counts what was written; Secret is the id that the last version has
	// in Secrets Manager, empty before the first, and Base that of the one before.
	Version int64  `dynamodbav:"version"`
	Secret  string `dynamodbav:"secret"`
	Base    string `dynamodbav:"secretBefore"`
	// Minted is how many ids name the shard.
	Minted int `dynamodbav:"minted"`
	// WrittenAt is when the last version was written, PaidUntil the time until
	// which the versions so far use up what the shard may have of them.
	WrittenAt lever.Time `dynamodbav:"writtenAt"`
	PaidUntil lever.Time `dynamodbav:"paidUntil"`
	// Plan is the next version, once it is decided.
	Plan *Plan `dynamodbav:"planned,omitempty"`
	// Holder writes the shard until HeldUntil. That keeps two from doing the same
	// work; what keeps them from harm is that both carry out the same plan.
	Holder    string     `dynamodbav:"holder,omitempty"`
	HeldUntil lever.Time `dynamodbav:"heldUntil"`
}

// Plan is a version of a shard before it is written. It fixes all that the
// version's text is made of, so that whoever writes it writes the same, under the
// same id: Secrets Manager then takes it once, however often and late it comes.
type Plan struct {
	Version int64 `dynamodbav:"version"`
	// Secret is the id of the version in Secrets Manager, Base that of the one it is
	// made from.
	Secret  string     `dynamodbav:"secret"`
	Base    string     `dynamodbav:"base"`
	Changes []int64    `dynamodbav:"changes"`
	At      lever.Time `dynamodbav:"at"`
	// Shards is how many shards there are.
	Shards int `dynamodbav:"shards"`
}

// Table keeps the state of shards, and the changes that are still to be made; see
// store.Table. Where a write finds that somebody was quicker it reports false,
// and where it finds its own work done before, true. It speaks this package's
// types and not the reverse, so that the webhook functions, which only read, are
// not built with a client of DynamoDB.
type Table interface {
	// Shards are the states of all shards, in their order.
	Shards(ctx context.Context) ([]State, error)
	// Shard is one state; it reports whether there is one.
	Shard(ctx context.Context, n int) (State, bool, error)
	// AddShard notes a shard that has that many hooks, unless it is known.
	AddShard(ctx context.Context, n, hooks int) error
	// MintHook takes room for an id, where the shard has fewer than most.
	MintHook(ctx context.Context, n, most int) (bool, error)
	// NumberChange is the next Seq of a shard.
	NumberChange(ctx context.Context, n int) (int64, error)
	// AddChange writes a numbered change down. It reports false where the number was
	// used for another, in a table that was restored since.
	AddChange(ctx context.Context, c Change) (bool, error)
	// PendingChanges are the numbers of those written down, in their order, and
	// Changes they themselves.
	PendingChanges(ctx context.Context, n int) ([]int64, error)
	Changes(ctx context.Context, n int) ([]Change, error)
	// HoldShard gives the holder the right to write, and the state at that moment.
	HoldShard(ctx context.Context, n int, holder string, d time.Duration) (State, bool, error)
	ReleaseShard(ctx context.Context, s State) error
	// PlanShard decides the next version, which the holder does.
	PlanShard(ctx context.Context, s State, p Plan) (bool, error)
	// CommitShard notes that the plan was written, frees the room of hooks and ends
	// the hold.
	CommitShard(ctx context.Context, s State, freed int, paidUntil lever.Time) (bool, error)
	// EndChanges forgets changes that were made, one after the other.
	EndChanges(ctx context.Context, n int, seqs []int64) error
}

// named gives the plan its id in Secrets Manager: the version's number, and a
// hash of all that its text is made of.
func (p Plan) named() Plan {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %v %d %d", p.Base, p.Changes, p.At, p.Shards))
	p.Secret = fmt.Sprintf("%0*d-%s", numberLength, p.Version, hex.EncodeToString(sum[:16]))
	return p
}

// numberLength is longer than the first group of a UUID, which is what Secrets
// Manager and people give as ids.
const numberLength = 16

// numberOf is the number in an id that named made; zero for every other.
func numberOf(secretVersion string) int64 {
	if len(secretVersion) != numberLength+1+32 || secretVersion[numberLength] != '-' {
		return 0
	}
	n, err := strconv.ParseInt(secretVersion[:numberLength], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
