package dynamodb

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fulcrum/local/aws/wire"
	"fulcrum/local/keep"
)

// restart closes the DB and opens it again.
func (b *bench) restart(dir string) *bench {
	b.t.Helper()
	if err := b.store.Close(); err != nil {
		b.t.Fatal(err)
	}
	return openBench(b.t, dir, b.Mood, b.clock)
}

func TestTablesAndItemsOutliveTheProcess(t *testing.T) {
	dir := t.TempDir()
	b := openBench(t, dir, wire.Calm{}, newClock())
	b.tableWithIndex("tab", "x y:N", `{"ProjectionType":"KEYS_ONLY"}`)
	b.table("gone", "p")
	b.tableWith("kept", "p s:B", `,"DeletionProtectionEnabled":true,"Tags":[{"Key":"k","Value":"v"}]`)
	b.do("UpdateTimeToLive", expiring)
	const odd = `{"p":{"S":"a"},"x":{"S":"1"},"y":{"N":"-0.5"},"li":{"L":[{"NS":["1","2"]},{"BS":["AA=="]},{"M":{"z":{"NULL":true}}}]},"e":{"S":""},"t":{"BOOL":false},"u":{"S":"\u0000ä😀<>"}}`
	b.put("tab", odd, `{"p":{"S":"b"}}`, `{"p":{"S":"c"},"x":{"S":"1"},"y":{"N":"-10"}}`)
	b.put("gone", `{"p":{"S":"a"}}`)
	b.do("DeleteItem", `{"TableName":"tab","Key":{"p":{"S":"b"}}}`)
	b.do("DeleteTable", `{"TableName":"gone"}`)
	tables := b.do("ListTables", `{}`)
	described := b.do("DescribeTable", `{"TableName":"tab"}`) + b.do("DescribeTable", `{"TableName":"kept"}`)

	b = b.restart(dir)
	b.answers("ListTables", `{}`, tables)
	if again := b.do("DescribeTable", `{"TableName":"tab"}`) + b.do("DescribeTable", `{"TableName":"kept"}`); again != described {
		t.Errorf("the tables were %s\nand are %s", described, again)
	}
	b.holds("tab", `{"p":{"S":"a"}}`, odd)
	b.holds("tab", `{"p":{"S":"b"}}`, "")
	found, _ := b.readAll("Query", `{"TableName":"tab","IndexName":"idx","KeyConditionExpression":"x = :x","ExpressionAttributeValues":{":x":{"S":"1"}}`, "p")
	if !slices.Equal(found, []string{"c", "a"}) {
		t.Errorf("the index has %v", found)
	}
	b.refuses("UpdateTimeToLive", expiring, "ValidationException", "TimeToLive is already enabled")
	b.refuses("DeleteTable", `{"TableName":"kept"}`, "ValidationException", "protected")
	b.table("gone", "p")
	b.holds("gone", `{"p":{"S":"a"}}`, "")
}

func TestNothingIsSeenThatWasNotSaved(t *testing.T) {
	b := openBench(t, t.TempDir(), wire.Calm{}, newClock())
	b.table("tab", "p")
	b.put("tab", `{"p":{"S":"a"}}`)
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	for action, body := range map[string]string{
		"PutItem":            `{"TableName":"tab","Item":{"p":{"S":"b"}}}`,
		"DeleteItem":         `{"TableName":"tab","Key":{"p":{"S":"a"}}}`,
		"BatchWriteItem":     `{"RequestItems":{"tab":[{"PutRequest":{"Item":{"p":{"S":"b"}}}}]}}`,
		"TransactWriteItems": addOne("t1", "1"),
		"DeleteTable":        `{"TableName":"tab"}`,
		"UpdateTimeToLive":   expiring,
	} {
		_, err := b.try(action, body)
		if e := (*wire.Error)(nil); err == nil || errors.As(err, &e) {
			t.Errorf("%s without a store: %v", action, err)
		}
	}
	b.holds("tab", `{"p":{"S":"a"}}`, `{"p":{"S":"a"}}`)
	b.holds("tab", `{"p":{"S":"b"}}`, "")
	b.answers("DescribeTimeToLive", `{"TableName":"tab"}`, `{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}`)
	if len(b.tokens.byName) != 0 {
		t.Error("a transaction that was not made has spent its token")
	}
}

func TestAStoreThatCannotBeReadIsAnError(t *testing.T) {
	broken := map[string]keep.Change{
		"a table": {Bucket: tableBucket, Key: "tab", Value: []byte("{")},
		"a token": {Bucket: tokenBucket, Key: "t1", Value: []byte("{")},
		"an item": {Bucket: itemBucket + "tab", Key: "a", Value: []byte("{")},
		"a value": {Bucket: itemBucket + "tab", Key: "a", Value: []byte(`{"p":{"N":"x"}}`)},
	}
	for name, change := range broken {
		t.Run(name, func(t *testing.T) {
			b := openBench(t, t.TempDir(), wire.Calm{}, newClock())
			b.table("tab", "p")
			if err := b.store.Save(change); err != nil {
				t.Fatal(err)
			}
			if _, err := New(b.Options); err == nil {
				t.Error("New has not noticed")
			}
		})
	}
}

func TestAHostileMoodAnswersFromTheRecentPast(t *testing.T) {
	const key = `{"p":{"S":"a"}}`
	b := openBench(t, "", strikes(wire.StaleIndex), newClock())
	b.tableWithIndex("tab", "x", everything)
	for n := range 20 {
		b.put("tab", fmt.Sprintf(`{"p":{"S":"a"},"x":{"S":"1"},"n":{"N":"%d"}}`, n))
	}
	wantN(b, "GetItem", `{"TableName":"tab","Key":`+key+`}`, 11)
	wantN(b, "GetItem", `{"TableName":"tab","Key":`+key+`,"ConsistentRead":true}`, 19)
	wantN(b, "Scan", `{"TableName":"tab"}`, 11)
	wantN(b, "Scan", `{"TableName":"tab","IndexName":"idx"}`, 11)
	wantN(b, "Scan", `{"TableName":"tab","ConsistentRead":true}`, 19)
	wantN(b, "Query", `{"TableName":"tab","IndexName":"idx","KeyConditionExpression":"x = :x","ExpressionAttributeValues":{":x":{"S":"1"}}}`, 11)
	wantN(b, "BatchGetItem", `{"RequestItems":{"tab":{"Keys":[`+key+`]}}}`, 11)
	wantN(b, "TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"tab","Key":`+key+`}}]}`, 19)
	wantN(b, "UpdateItem", `{"TableName":"tab","Key":`+key+`,"ReturnValues":"ALL_NEW"}`, 19)
	b.clock.pass(maxLag)
	wantN(b, "Scan", `{"TableName":"tab"}`, 19)
	b.do("DeleteItem", `{"TableName":"tab","Key":`+key+`}`)
	wantN(b, "Scan", `{"TableName":"tab"}`, 19)
	b.clock.pass(maxLag)
	b.answers("Scan", `{"TableName":"tab"}`, `{"Items":[],"Count":0,"ScannedCount":0}`)
}

func wantN(b *bench, action, body string, n int) {
	b.t.Helper()
	if answer := b.do(action, body); !strings.Contains(answer, fmt.Sprintf(`"n":{"N":"%d"}`, n)) {
		b.t.Errorf("%s %s answers %s, want n of %d", action, body, answer, n)
	}
}

func TestAPoliteMoodRemembersNothing(t *testing.T) {
	b := newBench(t)
	b.table("tab", "p")
	for n := range 3 {
		b.put("tab", fmt.Sprintf(`{"p":{"S":"a"},"n":{"N":"%d"}}`, n))
	}
	if past := b.tables()["tab"].past; past != nil {
		t.Errorf("it remembers %d states", len(past))
	}
}

func TestOneOfManyWinsACondition(t *testing.T) {
	b := newBench(t)
	b.table("tab", "p")
	var wg sync.WaitGroup
	wins := make(chan int, 32)
	for i := range 32 {
		wg.Go(func() {
			_, err := b.try("PutItem", fmt.Sprintf(`{"TableName":"tab","Item":{"p":{"S":"a"},"n":{"N":"%d"}},"ConditionExpression":"attribute_not_exists(p)"}`, i))
			if err == nil {
				wins <- i
			}
		})
	}
	wg.Wait()
	if len(wins) != 1 {
		t.Fatalf("%d have won", len(wins))
	}
	b.holds("tab", `{"p":{"S":"a"}}`, fmt.Sprintf(`{"p":{"S":"a"},"n":{"N":"%d"}}`, <-wins))
}

// TestReadersSeeWholeTransactions moves amounts between two items while others
// read both: their sum never changes.
func TestReadersSeeWholeTransactions(t *testing.T) {
	b := newBench(t)
	b.table("tab", "p")
	b.put("tab", `{"p":{"S":"a"},"n":{"N":"50"}}`, `{"p":{"S":"b"},"n":{"N":"50"}}`)
	amounts := regexp.MustCompile(`"N":"(-?\d+)"`)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 100 {
				add := `{"Update":{"TableName":"tab","Key":{"p":{"S":"%s"}},"UpdateExpression":"ADD n :n","ExpressionAttributeValues":{":n":{"N":"%d"}}}}`
				if _, err := b.try("TransactWriteItems", transact(fmt.Sprintf(add, "a", i+1), fmt.Sprintf(add, "b", -i-1))); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for range 100 {
				answer, err := b.try("Scan", `{"TableName":"tab"}`)
				sum := 0
				for _, n := range amounts.FindAllStringSubmatch(answer, -1) {
					amount, convErr := strconv.Atoi(n[1])
					sum, err = sum+amount, errors.Join(err, convErr)
				}
				if err != nil || sum != 100 {
					t.Errorf("the sum is %d (%v)", sum, err)
				}
			}
		})
	}
	wg.Wait()
	b.clock.pass(time.Hour)
	b.holds("tab", `{"p":{"S":"a"}}`, `{"p":{"S":"a"},"n":{"N":"1050"}}`)
}

// BenchmarkConditionalPuts puts items of about 300 bytes that must not be there,
// into a table with an index, saved in a file.
func BenchmarkConditionalPuts(b *testing.B) {
	w := openBench(b, b.TempDir(), wire.Calm{}, newClock())
	w.tableWithIndex("tab", "x", everything)
	payload := strings.Repeat("x", 250)
	i := 0
	for b.Loop() {
		i++
		w.do("PutItem", fmt.Sprintf(`{"TableName":"tab","Item":{"p":{"S":"%d"},"x":{"S":"%d"},"v":{"S":"%s"}},"ConditionExpression":"attribute_not_exists(p)"}`, i, i%100, payload))
	}
}
