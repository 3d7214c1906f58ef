package store_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"fulcrum/local/rig"
	"fulcrum/local/tried"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// ledger is a connection's ledger as a machine: it is worked on at random, by some who
// have read long ago what they write about, and looked at after each step.
type ledger struct {
	*rapid.T
	ctx        context.Context
	rig        *rig.Rig
	table      *store.Table
	connection string
	op         string // the last step
	// received are the events that have come; erased are the opportunities that are
	// gone for good, with the states of their objects then.
	received map[string]bool
	erased   map[string]map[string]int64
	// events and deliveries are the rows as they were before the step.
	events     map[string]store.Event
	deliveries map[string]store.Delivery
	// read is what somebody has read at some time, and may write about still.
	read struct {
		events     []store.Event
		deliveries []store.Delivery
		objects    map[string][]store.Object
		due        []store.Due
		parked     []store.Parking
	}
}

// legal are the ways of an event from state to state, by step.
var legal = map[string][][2]store.EventState{
	"commit": {
		{store.Received, store.Delivering}, {store.Received, store.Unchanged}, {store.Received, store.Ignored}, {store.Received, store.Parked},
	},
	"erase":          {{store.Received, store.Delivering}, {store.Received, store.Unchanged}},
	"arrive":         {{store.Delivering, store.Delivered}, {store.Delivering, store.Parked}},
	"give up":        {{store.Delivering, store.Parked}},
	"retry event":    {{store.Parked, store.Received}},
	"retry delivery": {{store.Parked, store.Delivering}, {store.Parked, store.Ignored}},
	"dismiss":        {{store.Parked, store.Ignored}, {store.Parked, store.Delivering}},
	"forget":         {{store.Parked, store.Ignored}, {store.Parked, store.Delivering}, {store.Delivering, store.Ignored}},
}

// legalDeliveries are those of a delivery.
var legalDeliveries = map[string][][2]store.DeliveryState{
	"arrive":         {{store.Pending, store.Arrived}},
	"give up":        {{store.Pending, store.Undelivered}},
	"retry delivery": {{store.Undelivered, store.Pending}},
	"forget":         {{store.Pending, store.Undelivered}},
}

// Whatever comes twice, late or out of turn: the ledger balances after each step, what
// has not ended is to be found by who looks for it, and nobody who is erased comes back.
func TestTheLedgerBalancesAfterEachStep(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		time.Sleep(time.Until(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)))
		sample(t, 40)
		runs, steps := 0, 0
		// A bubble's test has no deadline that could be asked for.
		rapid.Check(struct{ testing.TB }{t}, func(rt *rapid.T) {
			runs++
			time.Sleep(100 * time.Millisecond) // rapid makes a failure smaller for 30 seconds, by this clock
			l := &ledger{
				T: rt, ctx: t.Context(), rig: r, table: table, connection: fmt.Sprintf("con_%d", runs),
				received: map[string]bool{}, erased: map[string]map[string]int64{},
			}
			l.read.objects = map[string][]store.Object{}
			do := l.steps()
			for name, step := range do {
				do[name] = func(*rapid.T) { l.op = name; steps++; step(rt) }
			}
			do[""] = func(*rapid.T) { l.look() }
			rt.Repeat(do)
			l.lists(rt)
		})
		tried.Note(t, "steps of the ledger at random", steps)
	})
}

// sample has rapid make so many runs, unless it is told how many: a run is of many steps.
func sample(t *testing.T, runs int) {
	t.Helper()
	const name = "rapid.checks"
	checks := flag.Lookup(name)
	if was := checks.Value.String(); was == checks.DefValue && os.Getenv("SOAK") == "" {
		check(t, flag.Set(name, strconv.Itoa(runs)))
		t.Cleanup(func() { check(t, flag.Set(name, was)) })
	}
}

// must ends the run where the table fails.
func (l *ledger) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatalf("%s: %v", l.op, err)
	}
}

// look reads all rows, and holds them against each other and against what was before.
func (l *ledger) look() {
	l.Helper()
	wereEvents, wereDeliveries := l.events, l.deliveries
	l.events, l.deliveries = map[string]store.Event{}, map[string]store.Delivery{}
	l.rows()
	l.ways(wereEvents, wereDeliveries)
	l.open()
	l.parked()
	l.sums()
	l.gone()
}

// rows reads the rows as they lie in the table, and somebody remembers them.
func (l *ledger) rows() {
	l.Helper()
	out, err := l.rig.Clients.DynamoDB.Query(l.ctx, &dynamodb.QueryInput{
		TableName: aws.String(rig.StackName + "-Table"), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: "C#" + l.connection}},
	})
	l.must(err)
	for _, item := range out.Items {
		var e store.Event
		var d store.Delivery
		switch sk := flat(item["sk"]); {
		case strings.HasPrefix(sk, "EVENT#"):
			l.must(attributevalue.UnmarshalMap(item, &e))
			l.events[e.ID], l.read.events = e, append(l.read.events, e)
			l.entry(store.Due{Key: e.Key, DPK: e.DPK, DSK: e.DSK})
		case strings.HasPrefix(sk, "DELIVERY#"):
			l.must(attributevalue.UnmarshalMap(item, &d))
			l.deliveries[d.ID], l.read.deliveries = d, append(l.read.deliveries, d)
			l.entry(store.Due{Key: d.Key, DPK: d.DPK, DSK: d.DSK})
		}
	}
}

// entry remembers an entry of the index of what is due.
func (l *ledger) entry(d store.Due) {
	if strings.HasPrefix(d.DPK, "DUE#") {
		l.read.due = append(l.read.due, d)
	}
}

// ways holds each change of a state against those that the step may make.
func (l *ledger) ways(events map[string]store.Event, deliveries map[string]store.Delivery) {
	l.Helper()
	if !maps.Equal(l.received, keys(l.events)) {
		l.Fatalf("%s: of %v there are %v", l.op, l.received, keys(l.events))
	}
	for id, was := range events {
		if is := l.events[id]; is.State != was.State && !slices.Contains(legal[l.op], [2]store.EventState{was.State, is.State}) {
			l.Fatalf("%s brings event %s from %s to %s", l.op, id, was.State, is.State)
		}
	}
	for id, was := range deliveries {
		is, ok := l.deliveries[id]
		if !ok || is.State != was.State && !slices.Contains(legalDeliveries[l.op], [2]store.DeliveryState{was.State, is.State}) {
			l.Fatalf("%s brings delivery %s from %s to %q", l.op, id, was.State, is.State)
		}
		if len(is.Attempts) < len(was.Attempts) || was.ErasedAt != 0 && (is.ErasedAt == 0 || is.State == store.Pending) {
			l.Fatalf("%s takes back what was: %+v, now %+v", l.op, was, is)
		}
	}
}

func keys[T any](all map[string]T) map[string]bool {
	set := map[string]bool{}
	for id := range all {
		set[id] = true
	}
	return set
}

// open holds the index of what is due against what has not ended.
func (l *ledger) open() {
	l.Helper()
	for id, e := range l.events {
		if strings.HasPrefix(e.DPK, "DUE#event#") != (e.State == store.Received) {
			l.Fatalf("%s: event %s is %s, in the index at %q", l.op, id, e.State, e.DPK)
		}
	}
	for id, d := range l.deliveries {
		if (d.DPK == "DUE#delivery#joinedly") != (d.State == store.Pending) {
			l.Fatalf("%s: delivery %s is %s, in the index at %q", l.op, id, d.State, d.DPK)
		}
	}
}

// parked looks whether all that is parked is to be found, and nothing else: an event is
// by itself or by a delivery.
func (l *ledger) parked() {
	l.Helper()
	listed := map[string]bool{}
	for id, e := range l.events {
		listed[id] = listed[id] || strings.HasPrefix(e.DPK, "PARKED#")
	}
	for id, d := range l.deliveries {
		if strings.HasPrefix(d.DPK, "PARKED#") && d.State != store.Undelivered {
			l.Fatalf("%s: delivery %s is %s, and among what is parked", l.op, id, d.State)
		}
		listed[d.Event] = listed[d.Event] || strings.HasPrefix(d.DPK, "PARKED#")
	}
	for id, e := range l.events {
		if (e.State == store.Parked) != listed[id] || e.State == store.Parked && e.Reason == "" {
			l.Fatalf("%s: event %s is %s (%s), and among what is parked: %v", l.op, id, e.State, e.Reason, listed[id])
		}
	}
}

// lists holds what the table says of the ledger against the rows.
func (l *ledger) lists(*rapid.T) {
	counts, err := l.table.Balance(l.ctx, l.connection)
	l.must(err)
	rows := map[store.EventState]int{}
	open, parked := map[string]bool{}, map[string]bool{}
	for id, e := range l.events {
		rows[e.State]++
		if e.State == store.Received {
			open[id] = true
		}
		if strings.HasPrefix(e.DPK, "PARKED#") {
			parked[id] = true
		}
	}
	for id, d := range l.deliveries {
		if strings.HasPrefix(d.DPK, "PARKED#") {
			parked[id] = true
		}
	}
	if !maps.Equal(counts, rows) {
		l.Fatalf("the balance is %v, the rows are %v", counts, rows)
	}
	if found := l.due(); !maps.Equal(found, open) {
		l.Fatalf("open is %v, due is %v", open, found)
	}
	if found := l.held(); !maps.Equal(found, parked) {
		l.Fatalf("parked is %v, listed is %v", parked, found)
	}
}

func (l *ledger) due() map[string]bool {
	found := map[string]bool{}
	due, err := l.table.OpenEvents(l.ctx, lever.At(time.Now().Add(365*24*time.Hour)), 100_000)
	l.must(err)
	for _, d := range due {
		if d.Connection() == l.connection {
			found[d.ID()] = true
		}
	}
	return found
}

// held are what the list of what is parked has, which somebody remembers.
func (l *ledger) held() map[string]bool {
	found := map[string]bool{}
	list, err := l.table.Parked(l.ctx, l.connection, "", store.Paging{})
	l.must(err)
	for _, p := range list.Items {
		found[p.Event+p.Delivery] = true
	}
	l.read.parked = append(l.read.parked, list.Items...)
	return found
}

// sums holds what an event says of its deliveries against these.
func (l *ledger) sums() {
	l.Helper()
	for id, e := range l.events {
		pending := 0
		for _, d := range e.Deliveries {
			if l.deliveries[d].State == store.Pending {
				pending++
			}
		}
		if e.Awaits != pending || e.State == store.Delivering && pending == 0 || e.State == store.Delivered && pending > 0 {
			l.Fatalf("%s: event %s is %s and awaits %d of its deliveries, %d are on their way", l.op, id, e.State, e.Awaits, pending)
		}
	}
}

// gone looks whether anybody came back who is gone for good.
func (l *ledger) gone() {
	l.Helper()
	for opportunity, revisions := range l.erased {
		for kind, revision := range revisions {
			if o := l.object(kind, opportunity); o.Revision != revision || string(o.State) != "{}" {
				l.Fatalf("%s: %s of %s is %s in revision %d, was erased in %d", l.op, kind, opportunity, o.State, o.Revision, revision)
			}
		}
	}
}
