package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// in runs f in virtual time with an empty table of the stack.
func in(t *testing.T, f func(t *testing.T, r *rig.Rig, table *store.Table)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := rig.New(t, engine.Options{})
		f(t, r, store.FromEnv(r.Env(t, "PartnerJoinedlySync")))
	})
}

func must[T any](t *testing.T) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx := t.Context()
		_, connection := table.Connection(ctx, "con_1")
		_, credential := table.Credential(ctx, "con_1")
		_, endpoint := table.Endpoint(ctx, "joinedly")
		_, event := table.Event(ctx, "con_1", "evt_1")
		_, delivery := table.Delivery(ctx, "con_1", "dlv_1")
		for name, err := range map[string]error{"connection": connection, "credential": credential, "endpoint": endpoint, "event": event, "delivery": delivery} {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if o, err := table.Object(ctx, "con_1", "joiner", "o-1"); err != nil || o.Revision != 0 {
			t.Errorf("an object that is not there: %+v, %v", o, err)
		}
	})
}

func TestSecretsAreReadAsWrittenAndLieSealed(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		ctx := t.Context()
		check(t, table.PutCredential(ctx, store.Credential{Connection: "con_1", Secret: store.Secret{APIKey: "canary-key"}}, 0))
		check(t, table.PutEndpoint(ctx, store.Endpoint{Partner: "joinedly", URL: "https://x.example/", Secrets: []string{"canary-secret"}}))
		if c := must[store.Credential](t)(table.Credential(ctx, "con_1")); c.Secret.APIKey != "canary-key" {
			t.Errorf("credential %+v", c)
		}
		if e := must[store.Endpoint](t)(table.Endpoint(ctx, "joinedly")); e.URL != "https://x.example/" || e.Secrets[0] != "canary-secret" {
			t.Errorf("endpoint %+v", e)
		}
		if text := dump(t, r); strings.Contains(text, "canary") {
			t.Error("a secret lies open in the table")
		}
	})
}

// dump is the text of all that is in the table, bytes included.
func dump(t *testing.T, r *rig.Rig) string {
	t.Helper()
	out, err := r.Clients.DynamoDB.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(rig.StackName + "-Table")})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, item := range out.Items {
		for _, v := range item {
			text.WriteString(flat(v))
		}
	}
	return text.String()
}

func event(id string) store.Event {
	return store.Event{
		ID: id, Connection: "con_1", Event: lever.CandidateHired, IDs: lever.IDs{Opportunity: "o-1"}, BodyHash: "h",
		TriggeredAt: 1_700_000_000_001, ReceivedAt: 1_700_000_000_002,
	}
}

func TestAReceiptIsNotedOnce(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		first := must[store.Event](t)(table.Receive(t.Context(), event("evt_1")))
		if first.State != store.Received {
			t.Errorf("a new event is %s", first.State)
		}
		check(t, table.Commit(t.Context(), store.Commit{Event: first, State: store.Ignored, Reason: "not_hired"}))
		got := must[store.Event](t)(table.Receive(t.Context(), event("evt_1")))
		if got.State != store.Ignored || got.Reason != "not_hired" || got.BodyHash != "h" {
			t.Errorf("a repeated event is %+v", got)
		}
		if got.IDs.Opportunity != "o-1" || got.TriggeredAt != 1_700_000_000_001 {
			t.Errorf("read back as %+v", got)
		}
	})
}

func TestAnotherBodyUnderASignatureIsAnEventOfItsOwn(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		first := must[store.Event](t)(table.Receive(t.Context(), event("evt_1")))
		check(t, table.Commit(t.Context(), store.Commit{Event: first, State: store.Unchanged}))
		other := event("evt_1")
		other.BodyHash, other.IDs.Opportunity = "other", "o-2"
		for range 2 {
			got := must[store.Event](t)(table.Receive(t.Context(), other))
			if got.ID == first.ID || !got.Reuse || got.State != store.Received || got.IDs.Opportunity != "o-2" {
				t.Errorf("the other body is %+v", got)
			}
		}
		if n := must[map[store.EventState]int](t)(table.Balance(t.Context(), "con_1")); n[store.Unchanged] != 1 || n[store.Received] != 1 {
			t.Errorf("balance %v", n)
		}
	})
}

// A lost answer makes the SDK repeat a put that was applied; the repeat finds the
// item there, and the item is ours.
func TestAReceiptWhoseAnswerIsLostIsStillOurs(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		r.AWS.Inject(engine.Fault{Action: "PutItem", DropAnswer: true, Times: 1})
		if got := must[store.Event](t)(table.Receive(t.Context(), event("evt_1"))); got.State != store.Received {
			t.Errorf("the event is %s", got.State)
		}
	})
}

// hire is a commit of an object's next state with one document.
func hire(e store.Event, o store.Object, state string) store.Commit {
	o.State, o.Hash = []byte(state), "hash of the state"
	id := store.DeliveryID("con_1", o.Kind, o.ID, "joiner.hired", o.Revision+1)
	previous := o.LastDelivery
	o.LastDelivery = id
	return store.Commit{
		Event: e, State: store.Delivering, Objects: []store.Object{o},
		Deliveries: []store.Delivery{{ID: id, Connection: "con_1", Partner: "joinedly", Type: "joiner.hired", Event: e.ID, Previous: previous, Body: []byte(`{"canary":"Ada"}`)}},
	}
}

func TestACommitWritesAllAndArrivalEndsTheEvent(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		ctx := t.Context()
		e := must[store.Event](t)(table.Receive(ctx, event("evt_1")))
		o := must[store.Object](t)(table.Object(ctx, "con_1", "joiner", "o-1"))
		c := hire(e, o, `{"canary":"Ada"}`)
		check(t, table.Commit(ctx, c))

		o = must[store.Object](t)(table.Object(ctx, "con_1", "joiner", "o-1"))
		if o.Revision != 1 || string(o.State) != `{"canary":"Ada"}` || o.LastDelivery != c.Deliveries[0].ID {
			t.Errorf("object %+v", o)
		}
		d := must[store.Delivery](t)(table.Delivery(ctx, "con_1", c.Deliveries[0].ID))
		if d.State != store.Pending || string(d.Body) != `{"canary":"Ada"}` {
			t.Errorf("delivery %+v", d)
		}
		if strings.Contains(dump(t, r), "Ada") {
			t.Error("a name lies open in the table")
		}
		check(t, table.Attempted(ctx, d, store.Attempt{Status: 503}, 1))
		must[string](t)(table.Arrive(ctx, d, store.Attempt{Status: 204}))
		must[string](t)(table.Arrive(ctx, d, store.Attempt{Status: 204})) // a repeated message
		d = must[store.Delivery](t)(table.Delivery(ctx, "con_1", d.ID))
		e = must[store.Event](t)(table.Event(ctx, "con_1", "evt_1"))
		if d.State != store.Arrived || len(d.Attempts) != 2 || d.Attempts[0].Status != 503 || d.Attempts[1].Status != 204 || e.State != store.Delivered || e.Awaits != 0 {
			t.Errorf("delivery %+v, event %+v", d, e)
		}
	})
}

func TestAnEventEndsWithItsLastDelivery(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx := t.Context()
		e := must[store.Event](t)(table.Receive(ctx, event("evt_1")))
		c := hire(e, store.Object{Connection: "con_1", Kind: "joiner", ID: "o-1"}, "{}")
		second := c.Deliveries[0]
		second.ID = "dlv_second"
		c.Deliveries = append(c.Deliveries, second)
		c.Objects = nil
		check(t, table.Commit(ctx, c))
		var all sync.WaitGroup
		for _, d := range c.Deliveries {
			d := must[store.Delivery](t)(table.Delivery(ctx, "con_1", d.ID))
			if e := must[store.Event](t)(table.Event(ctx, "con_1", "evt_1")); e.State != store.Delivering {
				t.Errorf("the event is %s with two deliveries to come", e.State)
			}
			all.Go(func() {
				if _, err := table.Arrive(ctx, d, store.Attempt{}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if e := must[store.Event](t)(table.Event(ctx, "con_1", "evt_1")); e.State != store.Delivered {
			t.Errorf("the event is %s with all arrived", e.State)
		}
	})
}

func TestAnOlderStateNeverOverwritesANewerOne(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx := t.Context()
		first := must[store.Event](t)(table.Receive(ctx, event("evt_1")))
		second := must[store.Event](t)(table.Receive(ctx, event("evt_2")))
		read := must[store.Object](t)(table.Object(ctx, "con_1", "joiner", "o-1"))
		check(t, table.Commit(ctx, hire(second, read, "newer")))
		if err := table.Commit(ctx, hire(first, read, "older")); !errors.Is(err, store.ErrMoved) {
			t.Fatalf("the older state was committed: %v", err)
		}
		if o := must[store.Object](t)(table.Object(ctx, "con_1", "joiner", "o-1")); string(o.State) != "newer" {
			t.Errorf("state %s", o.State)
		}
		if e := must[store.Event](t)(table.Event(ctx, "con_1", "evt_1")); e.State != store.Received {
			t.Errorf("a part of the refused commit is there: the event is %s", e.State)
		}
	})
}

func TestAnEventEndsOnce(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx := t.Context()
		e := must[store.Event](t)(table.Receive(ctx, event("evt_1")))
		var wins, moved int
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				err := table.Commit(ctx, store.Commit{Event: e, State: store.Unchanged})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					wins++
				case errors.Is(err, store.ErrMoved):
					moved++
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if wins != 1 || moved != 7 {
			t.Errorf("%d ended the event, %d were too late", wins, moved)
		}
	})
}

func TestACommitWhoseAnswerIsLostIsDone(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		ctx := t.Context()
		e := must[store.Event](t)(table.Receive(ctx, event("evt_1")))
		r.AWS.Inject(engine.Fault{Action: "TransactWriteItems", DropAnswer: true, Times: 1})
		check(t, table.Commit(ctx, hire(e, store.Object{Connection: "con_1", Kind: "joiner", ID: "o-1"}, "{}")))
	})
}

func TestASealedStateCannotBeMovedToAnotherObject(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		ctx := t.Context()
		e := must[store.Event](t)(table.Receive(ctx, event("evt_1")))
		check(t, table.Commit(ctx, hire(e, store.Object{Connection: "con_1", Kind: "joiner", ID: "o-1"}, "{}")))
		move(t, r, "C#con_1", "OBJECT#joiner#o-1", "C#con_2")
		if o, err := table.Object(ctx, "con_2", "joiner", "o-1"); err == nil {
			t.Errorf("another connection reads %s", o.State)
		}
	})
}

// A new keyset version takes over while everything stays readable; once all is
// sealed anew the old version can go.
func TestTheKeysetIsRotatedWithoutDowntime(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		ctx := t.Context()
		check(t, table.PutCredential(ctx, store.Credential{Connection: "con_1", Secret: store.Secret{APIKey: "key"}}, 0))
		check(t, table.PutEndpoint(ctx, store.Endpoint{Partner: "joinedly", URL: "https://x.example/", Secrets: []string{"secret"}}))
		e := must[store.Event](t)(table.Receive(ctx, event("evt_1")))
		c := hire(e, store.Object{Connection: "con_1", Kind: "joiner", ID: "o-1"}, "state")
		check(t, table.Commit(ctx, c))
		readable := func(table *store.Table) {
			t.Helper()
			if k := must[store.Credential](t)(table.Credential(ctx, "con_1")); k.Secret.APIKey != "key" {
				t.Errorf("credential %+v", k.Secret)
			}
			must[store.Endpoint](t)(table.Endpoint(ctx, "joinedly"))
			must[store.Delivery](t)(table.Delivery(ctx, "con_1", c.Deliveries[0].ID))
			if o := must[store.Object](t)(table.Object(ctx, "con_1", "joiner", "o-1")); string(o.State) != "state" {
				t.Errorf("object %s", o.State)
			}
		}
		old, fresh := keysetOf(t, r, "")["1"], strings.Repeat("2", 64)
		keysetOf(t, r, `{"primary":"2","1":"`+old+`","2":"`+fresh+`"}`)
		rotated := store.FromEnv(r.Env(t, "HubReconcile"))
		readable(rotated)
		check(t, rotated.Reseal(ctx))
		check(t, rotated.Reseal(ctx))
		readable(rotated)
		keysetOf(t, r, `{"primary":"2","2":"`+fresh+`"}`)
		readable(store.FromEnv(r.Env(t, "HubReconcile")))
	})
}

func TestTheTableIsAwayIsAnError(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		r.AWS.Inject(engine.Fault{Service: "dynamodb", Status: 500, Times: -1})
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if _, err := table.Receive(ctx, event("evt_1")); err == nil {
			t.Error("a receipt was noted without a table")
		}
	})
}
