package dynamodb

import (
	"strings"
	"testing"
	"time"

	"fulcrum/local/aws/wire"
)

// addOne is a transaction that adds n to the item a, with a token.
func addOne(token, n string) string {
	return `{"ClientRequestToken":"` + token + `","TransactItems":[{"Update":{"TableName":"tab","Key":{"p":{"S":"a"}},
		"UpdateExpression":"ADD n :n","ExpressionAttributeValues":{":n":{"N":"` + n + `"}}}}]}`
}

func TestATransactionIsMadeOnceForAToken(t *testing.T) {
	const mismatch = "The request uses the same client token as a previous, but non-identical request"
	tests := map[string]struct {
		second  string
		pause   time.Duration
		want    string // n after both
		problem string
	}{
		"again with the token":               {second: addOne("t1", "1"), want: "1"},
		"again with another token":           {second: addOne("t2", "1"), want: "2"},
		"again within ten minutes":           {second: addOne("t1", "1"), pause: 10*time.Minute - time.Second, want: "1"},
		"again after ten minutes":            {second: addOne("t1", "1"), pause: 10 * time.Minute, want: "2"},
		"another with the token":             {second: addOne("t1", "5"), want: "1", problem: mismatch},
		"another after ten minutes":          {second: addOne("t1", "5"), pause: 10 * time.Minute, want: "6"},
		"the same in another order of names": {second: strings.Replace(addOne("t1", "1"), `{"TableName":"tab","Key":{"p":{"S":"a"}},`, `{"Key":{"p":{"S":"a"}},"TableName":"tab",`, 1), want: "1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.table("tab", "p")
			b.answers("TransactWriteItems", addOne("t1", "1"), `{}`)
			b.clock.pass(tt.pause)
			if tt.problem == "" {
				b.answers("TransactWriteItems", tt.second, `{}`)
			} else {
				b.refuses("TransactWriteItems", tt.second, "IdempotentParameterMismatchException", tt.problem)
			}
			b.holds("tab", `{"p":{"S":"a"}}`, `{"p":{"S":"a"},"n":{"N":"`+tt.want+`"}}`)
		})
	}
}

func TestTokensThatAreRefused(t *testing.T) {
	b := newBench(t)
	for _, token := range []string{"", strings.Repeat("x", 37)} {
		b.refuses("TransactWriteItems", addOne(token, "1"), "ValidationException", "'clientRequestToken'")
	}
}

func TestTheLongestToken(t *testing.T) {
	b := newBench(t)
	b.table("tab", "p")
	b.answers("TransactWriteItems", addOne(strings.Repeat("ä", 36), "1"), `{}`)
}

func TestACancelledTransactionHasNotSpentItsToken(t *testing.T) {
	b := newBench(t)
	b.table("tab", "p")
	b.put("tab", `{"p":{"S":"a"},"n":{"S":"not a number"}}`)
	b.refuses("TransactWriteItems", addOne("t1", "1"), "TransactionCanceledException", "ValidationError")
	b.put("tab", `{"p":{"S":"a"}}`)
	b.do("TransactWriteItems", addOne("t1", "1"))
	b.holds("tab", `{"p":{"S":"a"}}`, `{"p":{"S":"a"},"n":{"N":"1"}}`)
}

func TestTokensOutliveTheProcess(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	b := openBench(t, dir, wire.Calm{}, c)
	b.table("tab", "p")
	b.do("TransactWriteItems", addOne("t1", "1"))
	b = b.restart(dir)
	b.do("TransactWriteItems", addOne("t1", "1"))
	b.refuses("TransactWriteItems", addOne("t1", "2"), "IdempotentParameterMismatchException", "")
	c.pass(tokenLife)
	b.do("TransactWriteItems", addOne("t2", "1"))
	if len(b.tokens.byName) != 1 || len(b.tokens.order) != 1 {
		t.Errorf("tokens whose life is over are still there: %v", b.tokens.order)
	}
	if b = b.restart(dir); len(b.tokens.byName) != 1 {
		t.Errorf("they have come back: %v", b.tokens.order)
	}
	b.holds("tab", `{"p":{"S":"a"}}`, `{"p":{"S":"a"},"n":{"N":"2"}}`)
}
