package conformance

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// together64 runs f 64 times at once.
func together64(t *testing.T, f func(i int) error) {
	t.Helper()
	togetherN(t, 64, f)
}

func togetherN(t *testing.T, n int, f func(i int) error) {
	t.Helper()
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = f(i) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// D40: Developer Guide, "Optimistic locking with version number".
func TestD40CompareAndSwapLosesNothing(t *testing.T) {
	everywhere(t, "dynamodb", "D40", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		b.put(name, `{"p": "a", "v": 0}`)
		var won atomic.Int64
		together64(t, func(int) error {
			for range 10 {
				out, err := b.GetItem(b.ctx, &dynamodb.GetItemInput{TableName: &name, Key: item(`{"p": "a"}`), ConsistentRead: aws.Bool(true)})
				if err != nil {
					return err
				}
				_, err = b.UpdateItem(b.ctx, &dynamodb.UpdateItemInput{
					TableName: &name, Key: item(`{"p": "a"}`), UpdateExpression: aws.String("SET v = v + :one"), ConditionExpression: aws.String("v = :seen"),
					ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}, ":seen": out.Item["v"]},
				})
				switch {
				case err == nil:
					won.Add(1)
				case !is[*types.ConditionalCheckFailedException](err):
					return err
				}
			}
			return nil
		})
		b.holds(name, `{"p": "a"}`, fmt.Sprintf(`{"p": "a", "v": %d}`, won.Load()))
		if won.Load() < 10 {
			t.Errorf("%d of 640 succeeded", won.Load())
		}
	})
}

// D41: Developer Guide, "Condition expressions": a conditional put is what an
// idempotency record rests on.
func TestD41OneWinnerForEachKey(t *testing.T) {
	everywhere(t, "dynamodb", "D41", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		const rounds = 20
		var winners [rounds]atomic.Int64
		together64(t, func(i int) error {
			for k := range rounds {
				_, err := b.PutItem(b.ctx, &dynamodb.PutItemInput{TableName: &name, Item: item(fmt.Sprintf(`{"p": "k%d", "by": %d}`, k, i)), ConditionExpression: aws.String("attribute_not_exists(p)")})
				switch {
				case err == nil:
					winners[k].Add(1)
				case !is[*types.ConditionalCheckFailedException](err):
					return err
				}
			}
			return nil
		})
		for k := range winners {
			if n := winners[k].Load(); n != 1 {
				t.Errorf("key %d has %d winners", k, n)
			}
		}
	})
}

// D42: Developer Guide, "Amazon DynamoDB Transactions: How it works",
// transaction conflict handling.
func TestD42TransactionsCountRight(t *testing.T) {
	everywhere(t, "dynamodb", "D42", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		var committed atomic.Int64
		togetherN(t, 32, func(i int) error {
			for k := range 8 {
				// Half of the keys are wanted twice.
				id := (i*8 + k) % 192
				for {
					err := b.transact(putAction(name, fmt.Sprintf(`{"p": "unique%d"}`, id), "attribute_not_exists(p)"), updateAction(name, `{"p": "count"}`, "ADD n :one", `{":one": 1}`))
					if conflicts(err) {
						continue
					}
					if err == nil {
						committed.Add(1)
					} else if !is[*types.TransactionCanceledException](err) {
						return err
					}
					break
				}
			}
			return nil
		})
		if committed.Load() != 192 {
			t.Errorf("%d committed", committed.Load())
		}
		b.holds(name, `{"p": "count"}`, `{"p": "count", "n": 192}`)
	})
}

// conflicts reports whether a transaction was cancelled for another one's sake,
// and by no condition.
func conflicts(err error) bool {
	var conflict bool
	if cancelled := (*types.TransactionCanceledException)(nil); errors.As(err, &cancelled) {
		for _, r := range cancelled.CancellationReasons {
			switch aws.ToString(r.Code) {
			case "TransactionConflict":
				conflict = true
			case "ConditionalCheckFailed":
				return false
			}
		}
	}
	return conflict || is[*types.TransactionInProgressException](err)
}

// D47: Developer Guide, "Amazon DynamoDB Transactions: How it works", isolation
// levels: TransactGetItems is serializable with TransactWriteItems.
func TestD47NobodySeesHalfATransaction(t *testing.T) {
	everywhere(t, "dynamodb", "D47", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		b.put(name, `{"p": "left", "n": 0}`, `{"p": "right", "n": 0}`)
		var done atomic.Bool
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for !done.Load() {
					out, err := b.TransactGetItems(b.ctx, &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
						{Get: &types.Get{TableName: &name, Key: item(`{"p": "left"}`)}}, {Get: &types.Get{TableName: &name, Key: item(`{"p": "right"}`)}},
					}})
					if conflicts(err) {
						continue
					}
					if err != nil {
						t.Error(err)
						return
					}
					if l, r := plain(out.Responses[0].Item["n"]), plain(out.Responses[1].Item["n"]); l != r {
						t.Errorf("left is %v, right is %v", l, r)
					}
				}
			})
		}
		for range 200 {
			err := b.transact(updateAction(name, `{"p": "left"}`, "ADD n :one", `{":one": 1}`), updateAction(name, `{"p": "right"}`, "ADD n :one", `{":one": 1}`))
			if err != nil && !conflicts(err) {
				t.Error(err)
			}
		}
		done.Store(true)
		all.Wait()
	})
}
