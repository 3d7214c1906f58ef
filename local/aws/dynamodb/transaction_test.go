package dynamodb

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"fulcrum/local/aws/wire"
)

// newAccounts is a DB with two tables, "one" of p and "two" of p and s.
func newAccounts(t *testing.T) *bench {
	b := newBench(t)
	b.table("one", "p")
	b.table("two", "p", "s")
	b.put("one", `{"p":{"S":"a"},"n":{"N":"1"}}`, `{"p":{"S":"b"},"n":{"N":"2"}}`)
	b.put("two", `{"p":{"S":"a"},"s":{"S":"1"}}`)
	return b
}

func transact(actions ...string) string {
	return `{"TransactItems":[` + strings.Join(actions, ",") + `]}`
}

const (
	putC    = `{"Put":{"TableName":"one","Item":{"p":{"S":"c"}}}}`
	failsOn = `"ConditionExpression":"n > :n","ExpressionAttributeValues":{":n":{"N":"5"}}`
)

func TestATransactionIsMadeAsAWhole(t *testing.T) {
	b := newAccounts(t)
	b.answers("TransactWriteItems", transact(putC,
		`{"Update":{"TableName":"one","Key":{"p":{"S":"a"}},"UpdateExpression":"ADD n :n","ConditionExpression":"n = :n","ExpressionAttributeValues":{":n":{"N":"1"}}}}`,
		`{"Delete":{"TableName":"two","Key":{"p":{"S":"a"},"s":{"S":"1"}}}}`,
		`{"ConditionCheck":{"TableName":"one","Key":{"p":{"S":"b"}},"ConditionExpression":"attribute_exists(p)"}}`), `{}`)
	b.holds("one", `{"p":{"S":"a"}}`, `{"p":{"S":"a"},"n":{"N":"2"}}`)
	b.holds("one", `{"p":{"S":"b"}}`, `{"p":{"S":"b"},"n":{"N":"2"}}`)
	b.holds("one", `{"p":{"S":"c"}}`, `{"p":{"S":"c"}}`)
	b.holds("two", `{"p":{"S":"a"},"s":{"S":"1"}}`, "")
	b.answers("TransactGetItems", transact(
		`{"Get":{"TableName":"one","Key":{"p":{"S":"a"}},"ProjectionExpression":"n"}}`,
		`{"Get":{"TableName":"two","Key":{"p":{"S":"a"},"s":{"S":"1"}}}}`,
		`{"Get":{"TableName":"one","Key":{"p":{"S":"c"}},"ProjectionExpression":"n"}}`),
		`{"Responses":[{"Item":{"n":{"N":"2"}}},{},{"Item":{}}]}`)
}

func TestACancelledTransactionTellsWhy(t *testing.T) {
	const none = `{"Code":"None"}`
	conditional := `{"Code":"ConditionalCheckFailed","Message":"The conditional request failed"}`
	tests := map[string]struct {
		actions []string
		reasons []string
	}{
		"a condition, by its place": {
			[]string{putC, `{"Update":{"TableName":"one","Key":{"p":{"S":"a"}},"UpdateExpression":"REMOVE n",` + failsOn + `}}`},
			[]string{none, conditional}},
		"all conditions that fail": {
			[]string{`{"Delete":{"TableName":"one","Key":{"p":{"S":"a"}},` + failsOn + `}}`, putC, `{"ConditionCheck":{"TableName":"one","Key":{"p":{"S":"b"}},` + failsOn + `}}`},
			[]string{conditional, none, conditional}},
		"the item, if it is asked for": {
			[]string{`{"Put":{"TableName":"one","Item":{"p":{"S":"b"}},` + failsOn + `,"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}`, putC},
			[]string{`{"Code":"ConditionalCheckFailed","Message":"The conditional request failed","Item":{"p":{"S":"b"},"n":{"N":"2"}}}`, none}},
		"no item where there is none": {
			[]string{`{"Delete":{"TableName":"one","Key":{"p":{"S":"x"}},` + failsOn + `,"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}`, putC},
			[]string{conditional, none}},
		"an update that cannot be made": {
			[]string{putC, `{"Update":{"TableName":"one","Key":{"p":{"S":"a"}},"UpdateExpression":"SET n = n + p"}}`},
			[]string{none, `{"Code":"ValidationError","Message":"An operand in the update expression has an incorrect data type"}`}},
		"an item without its key": {
			[]string{putC, `{"Put":{"TableName":"two","Item":{"p":{"S":"a"}}}}`},
			[]string{none, `{"Code":"ValidationError","Message":"` + wrong + `Missing the key s in the item"}`}},
		"a key that is none": {
			[]string{`{"Delete":{"TableName":"two","Key":{"p":{"S":"a"}}}}`, putC},
			[]string{`{"Code":"ValidationError","Message":"The provided key element does not match the schema"}`, none}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newAccounts(t)
			b.cancelled("TransactWriteItems", transact(tt.actions...), tt.reasons...)
			b.holds("one", `{"p":{"S":"a"}}`, `{"p":{"S":"a"},"n":{"N":"1"}}`)
			b.holds("one", `{"p":{"S":"b"}}`, `{"p":{"S":"b"},"n":{"N":"2"}}`)
			b.holds("one", `{"p":{"S":"c"}}`, "")
		})
	}
}

// cancelled makes a transaction that must be cancelled for those reasons.
func (b *bench) cancelled(action, body string, reasons ...string) {
	b.t.Helper()
	var codes []string
	for _, r := range reasons {
		var reason struct{ Code string }
		if err := json.Unmarshal([]byte(r), &reason); err != nil {
			b.t.Fatal(err)
		}
		codes = append(codes, reason.Code)
	}
	e := b.refuses(action, body, "TransactionCanceledException",
		"Transaction cancelled, please refer cancellation reasons for specific reasons ["+strings.Join(codes, ", ")+"]")
	if got := jsonText(e.Members["CancellationReasons"]); tidy(b.t, got) != tidy(b.t, "["+strings.Join(reasons, ",")+"]") {
		b.t.Errorf("the reasons are %s, want %v", got, reasons)
	}
}

func TestTransactionsThatAreRefused(t *testing.T) {
	const (
		write, get = "TransactWriteItems", "TransactGetItems"
		onlyOne    = "TransactItems can only contain one of Check, Put, Update or Delete"
		twice      = "Transaction request cannot include multiple operations on one item"
	)
	large := `"v":{"S":"` + strings.Repeat("x", 390<<10) + `"}`
	numbered := func(n int, format string) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf(format, i))
		}
		return all
	}
	tests := map[string]struct {
		action  string
		actions []string
		problem string
	}{
		"nothing":                      {write, nil, "'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		"101 actions":                  {write, numbered(101, `{"Put":{"TableName":"one","Item":{"p":{"S":"%d"}}}}`), "'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100"},
		"101 reads":                    {get, numbered(101, `{"Get":{"TableName":"one","Key":{"p":{"S":"%d"}}}}`), "'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100"},
		"an action of no kind":         {write, []string{putC, `{}`}, onlyOne},
		"an action of two kinds":       {write, []string{`{"Put":{"TableName":"one","Item":{"p":{"S":"x"}}},"Delete":{"TableName":"one","Key":{"p":{"S":"x"}}}}`}, onlyOne},
		"a read of nothing":            {get, []string{`{}`}, "null at 'transactItems.1.member.get'"},
		"an update of nothing":         {write, []string{`{"Update":{"TableName":"one","Key":{"p":{"S":"x"}}}}`}, "null at 'transactItems.1.member.update.updateExpression'"},
		"a check of nothing":           {write, []string{putC, `{"ConditionCheck":{"TableName":"one","Key":{"p":{"S":"x"}}}}`}, "null at 'transactItems.2.member.conditionCheck.conditionExpression'"},
		"an item twice":                {write, []string{putC, `{"Delete":{"TableName":"one","Key":{"p":{"S":"c"}}}}`}, twice},
		"an item checked and written":  {write, []string{`{"ConditionCheck":{"TableName":"one","Key":{"p":{"S":"c"}},"ConditionExpression":"attribute_not_exists(p)"}}`, putC}, twice},
		"an item read twice":           {get, []string{`{"Get":{"TableName":"one","Key":{"p":{"S":"a"}}}}`, `{"Get":{"TableName":"one","Key":{"p":{"S":"a"}}}}`}, twice},
		"an empty key":                 {write, []string{putC, `{"Put":{"TableName":"one","Item":{"p":{"S":""}}}}`}, "cannot contain an empty string value. Key: p"},
		"an expression that is wrong":  {write, []string{putC, `{"Delete":{"TableName":"one","Key":{"p":{"S":"a"}},"ConditionExpression":"n >"}}`}, "Invalid ConditionExpression: Syntax error"},
		"a broken key to check":        {write, []string{`{"ConditionCheck":{"TableName":"one","Key":{"p":{}},"ConditionExpression":"attribute_exists(p)"}}`}, "Supplied AttributeValue is empty"},
		"a broken key to read":         {get, []string{`{"Get":{"TableName":"one","Key":{"p":{}}}}`}, "Supplied AttributeValue is empty"},
		"an unknown wish":              {write, []string{`{"Delete":{"TableName":"one","Key":{"p":{"S":"a"}},"ReturnValuesOnConditionCheckFailure":"SOME"}}`}, "'returnValuesOnConditionCheckFailure'"},
		"more than four megabytes":     {write, numbered(11, `{"Put":{"TableName":"one","Item":{"p":{"S":"%d"},`+large+`}}}`), "Transaction payload size cannot exceed 4194304 bytes"},
		"more than 4 MB in its values": {write, numbered(11, `{"Update":{"TableName":"one","Key":{"p":{"S":"%d"}},"UpdateExpression":"SET v = :v","ExpressionAttributeValues":{`+strings.Replace(large, `"v"`, `":v"`, 1)+`}}}`), "Transaction payload size cannot exceed 4194304 bytes"},
	}
	b := newAccounts(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.refuses(tt.action, transact(tt.actions...), "ValidationException", tt.problem)
			b.holds("one", `{"p":{"S":"c"}}`, "")
		})
	}
	b.t = t
	b.do("TransactWriteItems", transact(numbered(100, `{"Put":{"TableName":"one","Item":{"p":{"S":"%d"}}}}`)...))
	b.do("TransactWriteItems", transact(numbered(10, `{"Put":{"TableName":"one","Item":{"p":{"S":"%d"},`+large+`}}}`)...))
	b.put("one", `{"p":{"S":"10"},`+large+`}`)
	b.refuses("TransactGetItems", transact(numbered(11, `{"Get":{"TableName":"one","Key":{"p":{"S":"%d"}}}}`)...), "ValidationException", "Transaction payload size cannot exceed 4194304 bytes")
}

func TestATransactionHoldsFourMegabytes(t *testing.T) {
	b := newAccounts(t)
	puts := func(last int) string {
		var actions []string
		for i := range 11 {
			size := 390_000
			if i == 10 {
				size = last
			}
			actions = append(actions, fmt.Sprintf(`{"Put":{"TableName":"one","Item":{"p":{"S":"%02d"},"v":{"S":"%s"}}}}`, i, strings.Repeat("x", size-len("p")-2-len("v"))))
		}
		return transact(actions...)
	}
	const rest = 4<<20 - 10*390_000
	b.refuses("TransactWriteItems", puts(rest+1), "ValidationException", "Transaction payload size")
	b.do("TransactWriteItems", puts(rest))
}

func TestAReadWithAWrongKeyCancels(t *testing.T) {
	newAccounts(t).cancelled("TransactGetItems", transact(
		`{"Get":{"TableName":"one","Key":{"p":{"S":"a"}}}}`, `{"Get":{"TableName":"two","Key":{"p":{"S":"a"}}}}`),
		`{"Code":"None"}`, `{"Code":"ValidationError","Message":"The provided key element does not match the schema"}`)
}

func TestAConflictCancelsBeforeAnythingIsDone(t *testing.T) {
	b := openBench(t, "", strikes(wire.Conflict), newClock())
	b.table("one", "p")
	b.cancelled("TransactWriteItems", transact(putC, `{"Delete":{"TableName":"one","Key":{"p":{"S":"a"}}}}`),
		`{"Code":"TransactionConflict","Message":"Transaction is ongoing for the item"}`, `{"Code":"None"}`)
	b.cancelled("TransactGetItems", transact(`{"Get":{"TableName":"one","Key":{"p":{"S":"a"}}}}`),
		`{"Code":"TransactionConflict","Message":"Transaction is ongoing for the item"}`)
	b.holds("one", `{"p":{"S":"c"}}`, "")
}

// strikes is a mood of one kind of rare things, which always happen.
type strikes string

func (s strikes) Strikes(kind string) bool { return kind == string(s) }
