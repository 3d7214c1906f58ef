package dynamodb

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"fulcrum/local/aws/wire"
	"fulcrum/local/keep"
)

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is a DB under test with its clock and its store.
type bench struct {
	*DB
	t     testing.TB
	clock *clock
	store *keep.Store
}

// newBench is a polite DB that keeps nothing.
func newBench(t testing.TB) *bench { return openBench(t, "", wire.Calm{}, newClock()) }

func openBench(t testing.TB, dir string, mood wire.Mood, c *clock) *bench {
	t.Helper()
	store, err := keep.Open(dir, "aws.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	db, err := New(Options{Region: "us-east-1", Account: "000000000000", Now: c.Now, Mood: mood, Store: store})
	if err != nil {
		t.Fatal(err)
	}
	return &bench{DB: db, t: t, clock: c, store: store}
}

// try makes a call; the answer is JSON.
func (b *bench) try(action, body string) (string, error) {
	answer, err := b.Do(context.Background(), &wire.Call{Service: "dynamodb", Action: action, Body: []byte(body), Now: b.clock.Now()})
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(answer)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text), nil
}

// do makes a call that must succeed.
func (b *bench) do(action, body string) string {
	b.t.Helper()
	answer, err := b.try(action, body)
	if err != nil {
		b.t.Fatalf("%s %s: %v", action, body, err)
	}
	return answer
}

// answers makes a call that must answer as given.
func (b *bench) answers(action, body, want string) {
	b.t.Helper()
	if got := b.do(action, body); tidy(b.t, got) != tidy(b.t, want) {
		b.t.Errorf("%s %s\nanswers %s\nwant    %s", action, body, got, want)
	}
}

// refuses makes a call that must fail with a code and with a message in which
// hint is.
func (b *bench) refuses(action, body, code, hint string) *wire.Error {
	b.t.Helper()
	_, err := b.try(action, body)
	var e *wire.Error
	if !errors.As(err, &e) || e.Code != code || !strings.Contains(e.Message, hint) {
		b.t.Errorf("%s %s\nfails with %v\nwant %s: %s", action, body, err, code, hint)
		return &wire.Error{}
	}
	return e
}

// table makes a table with a key of texts: p, or p and s.
func (b *bench) table(name string, keys ...string) {
	b.t.Helper()
	b.tableWith(name, strings.Join(keys, " "), "")
}

// tableWith makes a table with more members in the call, which begin with a
// comma. Keys are "p" or "p s", or "p s:N" for a number.
func (b *bench) tableWith(name, keys, more string) {
	b.t.Helper()
	schema, attributes := keySchema(keys)
	b.do("CreateTable", `{"TableName":"`+name+`","BillingMode":"PAY_PER_REQUEST","KeySchema":`+schema+
		`,"AttributeDefinitions":[`+attributes+`]`+more+`}`)
}

// tableWithIndex makes a table with the key p and an index "idx" with other
// keys.
func (b *bench) tableWithIndex(name, indexKeys, projection string) {
	b.t.Helper()
	schema, attributes := keySchema(indexKeys)
	b.do("CreateTable", `{"TableName":"`+name+`","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}]
		,"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},`+attributes+`]
		,"GlobalSecondaryIndexes":[{"IndexName":"idx","KeySchema":`+schema+`,"Projection":`+projection+`}]}`)
}

const everything = `{"ProjectionType":"ALL"}`

func keySchema(keys string) (schema, attributes string) {
	var parts, defined []string
	for i, field := range strings.Fields(keys) {
		name, kind, ok := strings.Cut(field, ":")
		if !ok {
			kind = "S"
		}
		parts = append(parts, `{"AttributeName":"`+name+`","KeyType":"`+[]string{"HASH", "RANGE"}[i]+`"}`)
		defined = append(defined, `{"AttributeName":"`+name+`","AttributeType":"`+kind+`"}`)
	}
	return "[" + strings.Join(parts, ",") + "]", strings.Join(defined, ",")
}

// put puts items into a table.
func (b *bench) put(table string, items ...string) {
	b.t.Helper()
	for _, item := range items {
		b.do("PutItem", `{"TableName":"`+table+`","Item":`+item+`}`)
	}
}

// holds wants an item to be as given; "" is no item.
func (b *bench) holds(table, key, want string) {
	b.t.Helper()
	if want != "" {
		want = `"Item":` + want
	}
	b.answers("GetItem", `{"TableName":"`+table+`","Key":`+key+`,"ConsistentRead":true}`, "{"+want+"}")
}

// tidy is JSON in one form for equal values.
func tidy(t testing.TB, text string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// attributes reads attributes from their JSON.
func attributes(t testing.TB, text string) map[string]attribute {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	var in map[string]attribute
	if err := d.Decode(&in); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return in
}

// item reads an item from its JSON.
func item(t testing.TB, text string) document {
	t.Helper()
	v, err := readItem(attributes(t, text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// dictionary has the names and values that expressions in tests may use.
const dictionary = `{
	":zero":{"N":"0"}, ":one":{"N":"1"}, ":two":{"N":"2"}, ":three":{"N":"3"}, ":half":{"N":"0.5"}, ":huge":{"N":"9E125"},
	":a":{"S":"a"}, ":abc":{"S":"abc"}, ":b":{"S":"b"}, ":empty":{"S":""}, ":typeS":{"S":"S"}, ":typeSS":{"S":"SS"}, ":typeX":{"S":"X"},
	":bin":{"B":"AAE="}, ":yes":{"BOOL":true}, ":no":{"BOOL":false}, ":null":{"NULL":true},
	":list":{"L":[{"N":"1"},{"S":"a"}]}, ":one_list":{"L":[{"N":"9"}]}, ":map":{"M":{"x":{"N":"1"}}},
	":ss":{"SS":["b","a"]}, ":ss_a":{"SS":["a"]}, ":ns":{"NS":["2","1.0"]}, ":bs":{"BS":["AAE="]}}`

var mentioned = regexp.MustCompile(`[:#]\w+`)

// refer is what an expression refers to: of the dictionary what it mentions, and
// names that stand for themselves ("#status" for "status", but "#undefined" for
// nothing).
func refer(t testing.TB, src string, all map[string]attribute) *references {
	t.Helper()
	names, values := map[string]string{}, map[string]attribute{}
	for _, mention := range mentioned.FindAllString(src, -1) {
		v, known := all[mention]
		switch {
		case known:
			values[mention] = v
		case mention[0] == '#' && mention != "#undefined":
			names[mention] = mention[1:]
		}
	}
	if len(names) == 0 {
		names = nil
	}
	if len(values) == 0 {
		values = nil
	}
	return newReferences(names, values, expression{"ConditionExpression", &src})
}
