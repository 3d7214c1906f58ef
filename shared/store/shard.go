package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/lever"
	"fulcrum/shared/signing"
)

// shardItem is the state of a shard. All are in one partition: there are few, and
// who looks for room looks at all.
type shardItem struct {
	Key
	signing.State
	// Seq is the number of the last change.
	Seq int64 `dynamodbav:"seq"`
}

// changeItem is a change of a hook, sealed, because it has a signing token. One
// that was made stays for a while without it, so that a write of it that comes
// late finds it and does not bring it back.
type changeItem struct {
	Key
	Sealed []byte `dynamodbav:"sealed,omitempty"`
	TTL    int64  `dynamodbav:"ttl,omitempty"`
}

// madeLife is how long a change is kept that was made.
const madeLife = 24 * time.Hour

const changePrefix = "CHANGE#"

func shardKey(n int) Key { return Key{PK: "SHARDS", SK: fmt.Sprintf("%05d", n)} }

func changeKey(n int, seq int64) Key {
	return Key{PK: "SHARD#" + strconv.Itoa(n), SK: fmt.Sprintf("%s%020d", changePrefix, seq)}
}

// Shards are the states of all signing shards, in their order.
func (t *Table) Shards(ctx context.Context) ([]signing.State, error) {
	items, err := query[shardItem](ctx, t, dynamodb.QueryInput{KeyConditionExpression: aws.String("pk = :pk")}, map[string]any{":pk": "SHARDS"})
	if err != nil {
		return nil, fmt.Errorf("shards: %w", err)
	}
	var all []signing.State
	for _, item := range items {
		all = append(all, item.State)
	}
	return all, nil
}

// Shard is the state of a shard; it reports whether there is one.
func (t *Table) Shard(ctx context.Context, n int) (signing.State, bool, error) {
	item, err := read[shardItem](ctx, t, shardKey(n))
	if errors.Is(err, ErrNotFound) {
		return signing.State{}, false, nil
	}
	return item.State, err == nil, err
}

// AddShard notes a shard that has that many hooks, unless it is known.
func (t *Table) AddShard(ctx context.Context, n, hooks int) error {
	_, err := t.create(ctx, shardItem{Key: shardKey(n), State: signing.State{Shard: n, Minted: hooks}})
	return err
}

// MintHook takes room for a hook, where the shard has fewer than most.
func (t *Table) MintHook(ctx context.Context, n, most int) (bool, error) {
	_, ok, err := t.updateShard(ctx, n, "ADD minted :one", "minted < :most", map[string]any{":one": 1, ":most": most})
	return ok, err
}

// NumberChange is the number of a shard's next change. Numbers that are not used
// leave gaps.
func (t *Table) NumberChange(ctx context.Context, n int) (int64, error) {
	item, ok, err := t.updateShard(ctx, n, "ADD seq :one", "attribute_exists(pk)", map[string]any{":one": 1})
	if err == nil && !ok {
		err = fmt.Errorf("shard %d: %w", n, ErrNotFound)
	}
	return item.Seq, err
}

// AddChange writes a numbered change down. It reports false where its number was
// used for another change, in a table that was restored since; where this very
// write was done before, it reports true.
func (t *Table) AddChange(ctx context.Context, c signing.Change) (bool, error) {
	item, err := t.sealedChange(ctx, c)
	if err != nil {
		return false, err
	}
	if ok, err := t.create(ctx, item); ok || err != nil {
		return ok, err
	}
	there, err := read[changeItem](ctx, t, item.Key)
	return bytes.Equal(there.Sealed, item.Sealed), err
}

func (t *Table) sealedChange(ctx context.Context, c signing.Change) (changeItem, error) {
	item := changeItem{Key: changeKey(c.Shard, c.Seq)}
	var err error
	item.Sealed, err = t.seal(ctx, c, item.about(0))
	return item, err
}

// PendingChanges are the numbers of a shard's changes, in their order.
func (t *Table) PendingChanges(ctx context.Context, n int) ([]int64, error) {
	items, err := t.changes(ctx, n, "sk")
	var all []int64
	for _, item := range items {
		all = append(all, item.seq())
	}
	return all, err
}

// Changes are a shard's changes, in their order.
func (t *Table) Changes(ctx context.Context, n int) ([]signing.Change, error) {
	items, err := t.changes(ctx, n, "pk, sk, sealed")
	if err != nil {
		return nil, err
	}
	var all []signing.Change
	for _, item := range items {
		c := signing.Change{Shard: n, Seq: item.seq()}
		if err := t.open(ctx, item.Sealed, item.about(0), &c); err != nil {
			return nil, fmt.Errorf("change %d of shard %d: %w", c.Seq, n, err)
		}
		all = append(all, c)
	}
	return all, nil
}

func (t *Table) changes(ctx context.Context, n int, members string) ([]changeItem, error) {
	key := changeKey(n, 0)
	items, err := query[changeItem](ctx, t, dynamodb.QueryInput{
		KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :sk)"),
		FilterExpression:       aws.String("attribute_exists(sealed)"), ProjectionExpression: aws.String(members),
	}, map[string]any{":pk": key.PK, ":sk": changePrefix})
	if err != nil {
		return nil, fmt.Errorf("changes of shard %d: %w", n, err)
	}
	return items, nil
}

// seq is the change's number, zero where the key is none of ours.
func (c changeItem) seq() int64 {
	n, err := strconv.ParseInt(strings.TrimPrefix(c.SK, changePrefix), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// HoldShard gives holder the right to write a shard for a while, and its state at
// that moment. It reports false while another has it.
func (t *Table) HoldShard(ctx context.Context, n int, holder string, d time.Duration) (signing.State, bool, error) {
	now := t.now()
	item, ok, err := t.updateShard(ctx, n, "SET holder = :holder, heldUntil = :until",
		"attribute_exists(pk) AND (heldUntil < :now OR holder = :holder)",
		map[string]any{":holder": holder, ":until": now + millis(d), ":now": now})
	return item.State, ok, err
}

// ReleaseShard ends a hold; where it is over, nothing changes.
func (t *Table) ReleaseShard(ctx context.Context, s signing.State) error {
	_, _, err := t.updateShard(ctx, s.Shard, "SET heldUntil = :zero", "holder = :holder", map[string]any{":holder": s.Holder, ":zero": 0})
	return err
}

// PlanShard decides a shard's next version. It reports false where the state is
// no longer s, or s.Holder holds it no more.
func (t *Table) PlanShard(ctx context.Context, s signing.State, p signing.Plan) (bool, error) {
	_, ok, err := t.updateShard(ctx, s.Shard, "SET planned = :plan",
		"version = :version AND holder = :holder AND (attribute_not_exists(planned) OR planned.secret = :secret)",
		map[string]any{":plan": p, ":version": s.Version, ":holder": s.Holder, ":secret": p.Secret})
	return ok, err
}

// CommitShard notes that s.Plan was written, whoever holds the shard: it reports
// false where that is noted. What follows is written no earlier than paidUntil
// says.
func (t *Table) CommitShard(ctx context.Context, s signing.State, freed int, paidUntil lever.Time) (bool, error) {
	_, ok, err := t.updateShard(ctx, s.Shard,
		"SET version = :next, secret = :secret, secretBefore = :base, writtenAt = :now, paidUntil = :paid, heldUntil = :zero REMOVE planned ADD minted :freed",
		"version = :version AND planned.secret = :secret",
		map[string]any{
			":version": s.Version, ":next": s.Plan.Version, ":secret": s.Plan.Secret, ":base": s.Plan.Base,
			":now": t.now(), ":paid": paidUntil, ":zero": 0, ":freed": -freed,
		})
	return ok, err
}

// EndChanges forgets changes that were made, one after the other.
func (t *Table) EndChanges(ctx context.Context, n int, seqs []int64) error {
	for _, seq := range seqs {
		values, err := encode(map[string]any{":ttl": t.expiry(madeLife)})
		if err != nil {
			return err
		}
		_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &t.name, Key: changeKey(n, seq).attributes(),
			UpdateExpression: aws.String("SET #ttl = :ttl REMOVE sealed"), ConditionExpression: aws.String("attribute_exists(sealed)"),
			ExpressionAttributeNames: map[string]string{"#ttl": "ttl"}, ExpressionAttributeValues: values,
		})
		if _, err := unlessRefused(err); err != nil {
			return fmt.Errorf("end change of shard %d: %w", n, err)
		}
	}
	return nil
}

// updateShard changes a shard's item where the condition holds, and gives it as
// it is then.
func (t *Table) updateShard(ctx context.Context, n int, update, condition string, values map[string]any) (shardItem, bool, error) {
	attributes, err := encode(values)
	if err != nil {
		return shardItem{}, false, err
	}
	out, err := t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: shardKey(n).attributes(),
		UpdateExpression: aws.String(update), ConditionExpression: aws.String(condition), ExpressionAttributeValues: attributes,
		ReturnValues: types.ReturnValueAllNew,
	})
	if ok, err := unlessRefused(err); !ok {
		return shardItem{}, false, err
	}
	item, err := decode[shardItem](out.Attributes)
	return item, err == nil, err
}

// create writes an item where there is none, and reports whether it did.
func (t *Table) create(ctx context.Context, item any) (bool, error) {
	attributes, err := encode(item)
	if err != nil {
		return false, err
	}
	_, err = t.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &t.name, Item: attributes, ConditionExpression: aws.String("attribute_not_exists(pk)")})
	return unlessRefused(err)
}

// query reads all items that in asks for, as they are now.
func query[T any](ctx context.Context, t *Table, in dynamodb.QueryInput, values map[string]any) ([]T, error) {
	var err error
	if in.ExpressionAttributeValues, err = encode(values); err != nil {
		return nil, err
	}
	in.TableName, in.ConsistentRead = &t.name, aws.Bool(true)
	var all []T
	pages := dynamodb.NewQueryPaginator(t.db, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("query items: %w", err)
		}
		for _, attributes := range page.Items {
			item, err := decode[T](attributes)
			if err != nil {
				return nil, err
			}
			all = append(all, item)
		}
	}
	return all, nil
}
