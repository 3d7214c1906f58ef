package reconcile_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/reconcile"
	"fulcrum/shared/store"
)

// bench is the tasks over a stack whose queues nobody works off.
type bench struct {
	*testing.T
	*rig.Rig
	table *store.Table
	tasks reconcile.Tasks
}

func in(t *testing.T, f func(b bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := rig.New(t, engine.Options{})
		env := r.Env(t, "HubReconcile")
		handler, err := boot.Start(t.Context(), env, func(env *boot.Env) any { return reconcile.FromEnv(env) })
		if err != nil {
			t.Fatal(err)
		}
		b := bench{t, r, store.FromEnv(env), handler.(reconcile.Tasks)}
		if err := b.table.PutEndpoint(t.Context(), store.Endpoint{Partner: "joinedly", URL: "https://joinedly.example/", Secrets: []string{"whsec_"}}); err != nil {
			t.Fatal(err)
		}
		f(b)
	})
}

func (b bench) do(task string) {
	b.Helper()
	if err := b.tasks.Handle(b.Context(), reconcile.Event{Task: task}); err != nil {
		b.Fatal(err)
	}
}

// note receives an event.
func (b bench) note(id string) store.Event {
	b.Helper()
	e, err := b.table.Receive(b.Context(), store.EventOf("joinedly", queue.Event{
		ID: id, Connection: "con_1", Event: lever.CandidateHired, ReceivedAt: lever.At(time.Now()), BodyHash: "h",
	}))
	if err != nil {
		b.Fatal(err)
	}
	return e
}

// queued commits an event with one delivery.
func (b bench) queued(id string) store.Delivery {
	b.Helper()
	d := store.Delivery{ID: "dlv_" + id, Connection: "con_1", Partner: "joinedly", Type: "joiner.hired", Object: "joiner#" + id, Revision: 1, Event: id, Body: []byte("{}")}
	if err := b.table.Commit(b.Context(), store.Commit{Event: b.note(id), State: store.Delivering, Deliveries: []store.Delivery{d}}); err != nil {
		b.Fatal(err)
	}
	d, err := b.table.Delivery(b.Context(), "con_1", d.ID)
	if err != nil {
		b.Fatal(err)
	}
	return d
}

// taken are the messages of a queue, which are removed.
func (b bench) taken(name string) []string {
	b.Helper()
	url := "http://any/" + engine.Account + "/" + rig.StackName + "-" + name
	var all []string
	for {
		out, err := b.Clients.SQS.ReceiveMessage(b.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10})
		if err != nil {
			b.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return all
		}
		for _, m := range out.Messages {
			var ids struct{ ID, Delivery string }
			if err := json.Unmarshal([]byte(*m.Body), &ids); err != nil {
				b.Fatal(err)
			}
			all = append(all, ids.ID+ids.Delivery)
			if _, err := b.Clients.SQS.DeleteMessage(b.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle}); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func (b bench) expect(queue, want string) {
	b.Helper()
	if got := strings.Join(b.taken(queue), " "); got != want {
		b.Errorf("queue %s has %q, want %q", queue, got, want)
	}
}

func TestWhatFellOutOfTheQueuesIsSentAgain(t *testing.T) {
	in(t, func(b bench) {
		b.note("evt_1")
		b.queued("evt_2")
		b.do("due")
		b.expect("partner-joinedly", "")
		b.expect("deliveries", "")
		time.Sleep(store.Grace + time.Second)
		b.do("due")
		b.do("due") // somebody looks after it now
		b.expect("partner-joinedly", "evt_1")
		b.expect("deliveries", "dlv_evt_2")
		time.Sleep(store.Grace + time.Second)
		b.do("due")
		b.expect("partner-joinedly", "evt_1")
		b.expect("deliveries", "dlv_evt_2")
	})
}

func TestWhatWaitsIsSentWhenItsTimeComes(t *testing.T) {
	in(t, func(b bench) {
		e, d := b.note("evt_1"), b.queued("evt_2")
		if err := b.table.Postpone(b.Context(), e, lever.At(time.Now().Add(2*time.Hour))); err != nil {
			b.Fatal(err)
		}
		if err := b.table.Attempted(b.Context(), d, store.Attempt{Status: 500}, lever.At(time.Now().Add(3*time.Hour))); err != nil {
			b.Fatal(err)
		}
		time.Sleep(2*time.Hour - time.Second)
		b.do("due")
		b.expect("partner-joinedly", "")
		time.Sleep(2 * time.Second)
		b.do("due")
		b.expect("partner-joinedly", "evt_1")
		b.expect("deliveries", "")
		time.Sleep(time.Hour)
		b.do("due")
		b.expect("deliveries", "dlv_evt_2")
	})
}

func TestWhatHasEndedIsNotSent(t *testing.T) {
	in(t, func(b bench) {
		e, d := b.note("evt_1"), b.queued("evt_2")
		if err := b.table.Commit(b.Context(), store.Commit{Event: e, State: store.Parked, Reason: "lever_forbids"}); err != nil {
			b.Fatal(err)
		}
		if _, err := b.table.Arrive(b.Context(), d, store.Attempt{Status: 204}); err != nil {
			b.Fatal(err)
		}
		time.Sleep(time.Hour)
		b.do("due")
		b.expect("partner-joinedly", "")
		b.expect("deliveries", "")
	})
}

// A resting endpoint gets one delivery at a time; when it is back, all that wait.
func TestAnEndpointThatIsBackGetsAllThatWaits(t *testing.T) {
	in(t, func(b bench) {
		var ids []string
		for _, id := range []string{"evt_1", "evt_2", "evt_3"} {
			d := b.queued(id)
			ids = append(ids, d.ID)
			if err := b.table.Attempted(b.Context(), d, store.Attempt{Status: 503}, lever.At(time.Now().Add(12*time.Hour))); err != nil {
				b.Fatal(err)
			}
		}
		endpoint := func() store.Endpoint {
			e, err := b.table.Endpoint(b.Context(), "joinedly")
			if err != nil {
				b.Fatal(err)
			}
			return e
		}
		if _, err := b.table.Probe(b.Context(), endpoint(), lever.At(time.Now().Add(13*time.Hour))); err != nil {
			b.Fatal(err)
		}
		time.Sleep(12*time.Hour + time.Minute)
		b.do("due")
		b.expect("deliveries", "")
		time.Sleep(time.Hour)
		b.do("due")
		b.expect("deliveries", ids[0])
		if _, err := b.table.Failed(b.Context(), endpoint()); err != nil {
			b.Fatal(err)
		}
		if err := b.table.Back(b.Context(), endpoint()); err != nil {
			b.Fatal(err)
		}
		b.do("due")
		if got := b.taken("deliveries"); len(got) < 2 {
			b.Errorf("on their way: %v", got)
		}
		if e := endpoint(); e.RestsSince != 0 || e.BackSince != 0 {
			b.Errorf("the endpoint is not as before: %+v", e)
		}
	})
}
