package conformance

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func (b *bench) transact(actions ...types.TransactWriteItem) error {
	_, err := b.TransactWriteItems(b.ctx, &dynamodb.TransactWriteItemsInput{TransactItems: actions})
	return err
}

func putAction(table, text, condition string) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{TableName: &table, Item: item(text), ConditionExpression: optional(condition)}}
}

func updateAction(table, key, expression, values string) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{TableName: &table, Key: item(key), UpdateExpression: &expression, ExpressionAttributeValues: item(values)}}
}

func deleteAction(table, key, condition string) types.TransactWriteItem {
	return types.TransactWriteItem{Delete: &types.Delete{TableName: &table, Key: item(key), ConditionExpression: optional(condition)}}
}

func checkAction(table, key, condition string) types.TransactWriteItem {
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: &table, Key: item(key), ConditionExpression: &condition}}
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// D29: Developer Guide, "Amazon DynamoDB Transactions: How it works",
// TransactWriteItems.
func TestD29TransactionsCommitTogether(t *testing.T) {
	everywhere(t, "dynamodb", "D29", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name, other := b.table("p"), b.table("p s")
		b.put(name, `{"p": "changed", "n": 1}`, `{"p": "checked", "ok": true}`)
		b.put(other, `{"p": "deleted", "s": "x"}`)
		b.ok(b.transact(
			putAction(other, `{"p": "new", "s": "x", "n": 1}`, "attribute_not_exists(p)"),
			updateAction(name, `{"p": "changed"}`, "SET n = n + :one", `{":one": 1}`),
			deleteAction(other, `{"p": "deleted", "s": "x"}`, "attribute_exists(p)"),
			checkAction(name, `{"p": "checked"}`, "attribute_exists(ok)"),
			checkAction(name, `{"p": "absent"}`, "attribute_not_exists(p)"),
		))
		b.holds(other, `{"p": "new", "s": "x"}`, `{"p": "new", "s": "x", "n": 1}`)
		b.holds(name, `{"p": "changed"}`, `{"p": "changed", "n": 2}`)
		b.holds(other, `{"p": "deleted", "s": "x"}`, "")
		b.holds(name, `{"p": "checked"}`, `{"p": "checked", "ok": true}`)
		b.holds(name, `{"p": "absent"}`, "")
	})
}

// D30: API reference, TransactionCanceledException; positions, codes and
// messages are recorded by nubo-db/dynamodb-conformance
// (error-messages/transactWriteItems.test.ts) and LocalStack
// (test_transaction_write_canceled).
func TestD30TransactionsFailTogether(t *testing.T) {
	everywhere(t, "dynamodb", "D30", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		b.put(name, `{"p": "taken", "n": 1}`)
		withOld := putAction(name, `{"p": "taken", "n": 9}`, "attribute_not_exists(p)")
		withOld.Put.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
		err := b.transact(putAction(name, `{"p": "new"}`, ""), withOld, checkAction(name, `{"p": "missing"}`, "attribute_exists(p)"))
		cancelled := as[*types.TransactionCanceledException](t, err)
		b.want("message", cancelled.ErrorMessage(), "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ConditionalCheckFailed]")
		var reasons []string
		for _, r := range cancelled.CancellationReasons {
			reasons = append(reasons, aws.ToString(r.Code)+" "+strings.Trim(aws.ToString(r.Message), ". ")+" "+show(r.Item))
		}
		b.want("reasons", strings.Join(reasons, "; "), `None  ; ConditionalCheckFailed The conditional request failed {"n":1,"p":"taken"}; ConditionalCheckFailed The conditional request failed `)
		b.holds(name, `{"p": "new"}`, "")
		b.holds(name, `{"p": "taken"}`, `{"p": "taken", "n": 1}`)
	})
}

// D31: an action that cannot be done cancels the transaction with
// ValidationError; what is wrong in an expression refuses it as a whole.
// Recorded by nubo-db/dynamodb-conformance (transactWriteItems.test.ts) and in
// aws-sdk-net issue 1292; checked against AWS by ScyllaDB (test_transact.py).
func TestD31WrongActionsCancel(t *testing.T) {
	everywhere(t, "dynamodb", "D31", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		codes := func(err error) string {
			var all []string
			for _, r := range as[*types.TransactionCanceledException](t, err).CancellationReasons {
				all = append(all, aws.ToString(r.Code))
			}
			return strings.Join(all, " ")
		}
		b.want("a key of another kind", codes(b.transact(putAction(name, `{"p": "a"}`, ""), putAction(name, `{"p": 1}`, ""))), "None ValidationError")
		b.want("a missing attribute", codes(b.transact(putAction(name, `{"p": "a"}`, ""), updateAction(name, `{"p": "b"}`, "SET n = n + :v", `{":v": 1}`))), "None ValidationError")
		b.invalid(b.transact(checkAction(name, `{"p": "a"}`, "p = :x")), ":x")
		b.invalid(b.transact(putAction(name, `{"p": ""}`, "")), "empty string")
		b.holds(name, `{"p": "a"}`, "")
	})
}

// D32: API reference, ClientRequestToken of TransactWriteItems; checked against
// AWS by ScyllaDB (test_transact.py, …_clientrequesttoken).
func TestD32TransactionsAreIdempotent(t *testing.T) {
	everywhere(t, "dynamodb", "D32", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name, token := b.table("p"), rand.Text()
		add := func(token, n string) error {
			_, err := b.TransactWriteItems(b.ctx, &dynamodb.TransactWriteItemsInput{ClientRequestToken: &token, TransactItems: []types.TransactWriteItem{
				updateAction(name, `{"p": "a"}`, "ADD n :n, m :m", `{":n": `+n+`, ":m": 1}`),
			}})
			return err
		}
		b.ok(add(token, "5"))
		b.ok(add(token, "5"))
		b.holds(name, `{"p": "a"}`, `{"p": "a", "n": 5, "m": 1}`)
		as[*types.IdempotentParameterMismatchException](t, add(token, "6"))
		b.ok(add(rand.Text(), "6"))
		b.holds(name, `{"p": "a"}`, `{"p": "a", "n": 11, "m": 2}`)
		b.invalid(add(strings.Repeat("x", 37), "1"), "clientRequestToken")
	})
}

// D33: API reference, TransactWriteItems; the message is recorded by
// nubo-db/dynamodb-conformance (error-messages/transactWriteItems.test.ts).
func TestD33TransactionsHaveBounds(t *testing.T) {
	everywhere(t, "dynamodb", "D33", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		b.invalid(b.transact(putAction(name, `{"p": "a"}`, ""), deleteAction(name, `{"p": "a"}`, "")),
			"Transaction request cannot include multiple operations on one item")
		var actions []types.TransactWriteItem
		for i := range 100 {
			actions = append(actions, putAction(name, fmt.Sprintf(`{"p": "p%d"}`, i), ""))
		}
		b.ok(b.transact(actions...))
		b.holds(name, `{"p": "p99"}`, `{"p": "p99"}`)
		b.invalid(b.transact(append(actions, putAction(name, `{"p": "one more"}`, ""))...), "")
		large := strings.Repeat("x", 350_000)
		var heavy []types.TransactWriteItem
		for i := range 12 {
			heavy = append(heavy, putAction(name, fmt.Sprintf(`{"p": "heavy%d", "x": "%s"}`, i, large), ""))
		}
		b.invalid(b.transact(heavy...), "")
		b.holds(name, `{"p": "heavy0"}`, "")
		b.ok(b.transact(heavy[:11]...))
	})
}

// D34: API reference, TransactGetItems.
func TestD34TransactionsRead(t *testing.T) {
	everywhere(t, "dynamodb", "D34", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name, other := b.table("p"), b.table("p s:N")
		b.put(name, `{"p": "a", "n": 1, "x": "x"}`)
		b.put(other, `{"p": "a", "s": 1}`)
		get := func(table, key, projection string) types.TransactGetItem {
			return types.TransactGetItem{Get: &types.Get{TableName: &table, Key: item(key), ProjectionExpression: optional(projection)}}
		}
		read := func(gets ...types.TransactGetItem) (string, error) {
			out, err := b.TransactGetItems(b.ctx, &dynamodb.TransactGetItemsInput{TransactItems: gets})
			if err != nil {
				return "", err
			}
			var all []string
			for _, r := range out.Responses {
				all = append(all, show(r.Item))
			}
			return strings.Join(all, ";"), nil
		}
		got, err := read(get(other, `{"p": "a", "s": 1}`, ""), get(name, `{"p": "missing"}`, ""), get(name, `{"p": "a"}`, "n"))
		b.ok(err)
		b.want("answers", got, `{"p":"a","s":1};;{"n":1}`)
		_, err = read(get(name, `{"p": "a"}`, ""), get(name, `{"p": "a"}`, "n"))
		b.invalid(err, "Transaction request cannot include multiple operations on one item")
		_, err = read(get(name, `{"p": "a"}`, "n, n"))
		b.invalid(err, "Invalid ProjectionExpression: Two document paths overlap")
	})
}
