package action_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	engine "fulcrum/local/aws"
	"fulcrum/local/mishap"
	"fulcrum/local/rig"
	"fulcrum/local/twin"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/account"
	"fulcrum/shared/action"
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

const (
	connection = "con_1"
	// lifetime is how long a function may take for a message, visibility how long
	// its queue waits before the message comes again.
	lifetime   = 20 * time.Second
	visibility = 120 * time.Second
)

// plan is an Actor by its plan.
type plan func(ctx context.Context, w *action.Work) ([]action.Step, error)

func (plan) Name() string { return "joinedly" }
func (p plan) Plan(ctx context.Context, w *action.Work) ([]action.Step, error) {
	return p(ctx, w)
}

// ask is what the partner of the tests asks for.
type ask struct {
	Opportunity string `json:"opportunity,omitempty"`
	User        string `json:"user,omitempty"`
	Email       string `json:"email,omitempty"`
	Text        string `json:"text,omitempty"`
	Before      string `json:"before,omitempty"`
}

func asked(w *action.Work) (a ask, err error) { return a, w.Request(&a) }

// bench is a stack with one connection to an account of the twin.
type bench struct {
	*testing.T
	*rig.Rig
	twin  *twin.Twin
	home  desk.Summary
	lever *lever.Client // as a bystander
	table *store.Table  // as an operator
	urls  struct{ partner, deliveries string }
	queue *queue.Actions
	asked int
	// lateness is how late a late request is applied.
	lateness time.Duration
	// counts are the calls that are numbered, nil for all.
	counts func(mishap.Call) bool
	// feedback and form are the ids of a template and of its fields.
	feedback, form []string
}

// in runs f in the virtual time of 2026.
func in(t *testing.T, f func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)))
		b := &bench{T: t, Rig: rig.New(t, engine.Options{}), lateness: late}
		var err error
		b.twin, err = twin.New(twin.Options{BaseURL: rig.Lever})
		b.check(err)
		t.Cleanup(b.twin.Close)
		b.Hosts["lever.test"] = b.twin
		b.home, err = b.twin.CreateAccount(desk.NewAccount{Name: "Customer"})
		b.check(err)
		b.connect()
		f(b)
	})
}

func (b *bench) connect() {
	for _, f := range b.Wiring.Functions {
		if url := f.Environment["PARTNER_QUEUE_URL"]; url != "" {
			b.urls.partner = url
		}
		if url := f.Environment["DELIVERIES_QUEUE_URL"]; url != "" {
			b.urls.deliveries = url
		}
	}
	env := b.Env(b.T, "PartnerJoinedlySync")
	b.table, b.queue = store.FromEnv(env), queue.NewSender(env.AWS("SQS", boot.Working)).Actions(b.urls.partner)
	b.check(b.table.PutConnection(b.Context(), store.Connection{
		ID: connection, Partner: "joinedly", Account: b.home.Account, Environment: lever.Production,
	}))
	key, err := b.table.Credential(b.Context(), connection)
	if !errors.Is(err, store.ErrNotFound) {
		b.check(err)
	}
	key.Connection, key.Secret = connection, store.Secret{APIKey: b.home.APIKey}
	b.check(b.table.PutCredential(b.Context(), key, 0))
	b.lever, err = lever.New(lever.Options{BaseURL: rig.Lever + "/v1", Auth: lever.APIKey(b.home.APIKey), Transport: b})
	b.check(err)
}

// reconnect gives the connection another key of its account.
func (b *bench) reconnect(key string) {
	b.Helper()
	b.home.APIKey = key
	b.connect()
}

func (b *bench) check(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// function is a partner's sync function and its API, made anew in one process.
type function struct {
	intake *action.Intake
	runner *action.Runner
}

// deploy makes the functions whose outside calls all go through transport.
func (b *bench) deploy(a action.Actor, transport http.RoundTripper) function {
	env := b.Env(b.T, "PartnerJoinedlySync").Through(transport)
	table := store.FromEnv(env)
	sender := queue.NewSender(env.AWS("SQS", boot.Working))
	actions := sender.Actions(b.urls.partner)
	return function{
		intake: action.NewIntake(table, actions),
		runner: action.New(a, table, account.FromEnv(env, table), actions, sender.Deliveries(b.urls.deliveries), time.Now, rand.Text),
	}
}

// candidate adds somebody with an e-mail of their own.
func (b *bench) candidate() desk.Added {
	b.Helper()
	b.asked++
	added, err := b.twin.AddCandidate(b.home.Account, desk.Candidate{Name: "Ada Lovelace", Email: fmt.Sprintf("ada.%d@example.com", b.asked)})
	b.check(err)
	return added
}

// request is what the partner asks for, under an id of its own.
func (b *bench) request(a ask) action.Request {
	b.Helper()
	body, err := json.Marshal(a)
	b.check(err)
	b.asked++
	ref := fmt.Sprintf("thing-%d", b.asked)
	return action.Request{
		Connection: store.Connection{ID: connection, Partner: "joinedly"}, Kind: "tell", Ref: ref, Key: "key of " + ref, Body: body,
	}
}

// accept asks for an action, with nothing going wrong.
func (b *bench) accept(a ask) store.Action {
	b.Helper()
	made, err := b.deploy(nil, b).intake.Accept(b.Context(), b.request(a))
	b.check(err)
	return made
}

// askOf is what was asked for.
func (b *bench) askOf(item store.Action) (a ask) {
	b.Helper()
	b.check(json.Unmarshal(item.Request, &a))
	return a
}

// now is the action as the table has it.
func (b *bench) now(id string) store.Action {
	b.Helper()
	a, err := b.table.Action(b.Context(), connection, id)
	b.check(err)
	return a
}

// message is one of the partner's queue.
type message struct {
	queue.Action
	handle *string
}

// receive gives the messages that are to be seen now.
func (b *bench) receive() []message {
	b.Helper()
	out, err := b.Clients.SQS.ReceiveMessage(b.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: aws.String(b.partnerQueue()), MaxNumberOfMessages: 10, VisibilityTimeout: int32(visibility.Seconds()),
	})
	b.check(err)
	var all []message
	for _, m := range out.Messages {
		all = append(all, b.message(m))
	}
	return all
}

func (b *bench) partnerQueue() string {
	return b.urls.partner[:len(b.urls.partner)-len("{partner}")] + "joinedly"
}

func (b *bench) message(m sqstypes.Message) message {
	read := message{handle: m.ReceiptHandle}
	b.check(json.Unmarshal([]byte(*m.Body), &read.Action))
	return read
}

// done takes a message out of the queue.
func (b *bench) done(m message) {
	_, err := b.Clients.SQS.DeleteMessage(b.Context(), &sqs.DeleteMessageInput{QueueUrl: aws.String(b.partnerQueue()), ReceiptHandle: m.handle})
	b.check(err)
}

// again has the queue deliver a message of the action once more, as queues may.
func (b *bench) again(id string) {
	b.Helper()
	b.check(b.queue.Send(b.Context(), "joinedly", queue.Action{Connection: connection, Action: id}, 0))
}

// sweep is what the clock does every minute.
func (b *bench) sweep() {
	b.check(action.Sweep(b.Context(), b.table, b.queue))
}

// serve works off the partner's queue until nothing is left to be done for the
// action: run is given each message in a function that may take its lifetime, and
// not longer. It fails when there is no end.
func (b *bench) serve(id string, run func(ctx context.Context, m queue.Action) error) {
	b.Helper()
	for end := time.Now().Add(72 * time.Hour); time.Now().Before(end); {
		messages := b.receive()
		for _, m := range messages {
			if b.once(m.Action, run) == nil {
				b.done(m)
			}
		}
		if len(messages) > 0 {
			continue
		}
		a := b.now(id)
		if a.State.Ended() && a.LookAt == 0 {
			return
		}
		// Nothing happens before the action is due, or its message comes again.
		time.Sleep(max(time.Minute, time.Until(a.LookAt.Time())))
		b.sweep()
	}
	b.Fatalf("the action never ends: %+v", b.now(id))
}

// once runs a function on a message. One that takes longer than its lifetime is
// given up, but may go on: a frozen one does.
func (b *bench) once(m queue.Action, run func(ctx context.Context, m queue.Action) error) error {
	answer := make(chan error, 1)
	go func() {
		ctx, stop := context.WithTimeout(context.Background(), lifetime)
		defer stop()
		answer <- run(ctx, m)
	}()
	select {
	case err := <-answer:
		return err
	case <-time.After(lifetime):
		return context.DeadlineExceeded
	}
}

// finish runs an action to its end, with nothing going wrong.
func (b *bench) finish(a action.Actor, id string) store.Action {
	b.Helper()
	f := b.deploy(a, b)
	b.serve(id, func(ctx context.Context, m queue.Action) error { return f.runner.Run(ctx, m.Connection, m.Action) })
	return b.now(id)
}

// told are the documents about an action.
func (b *bench) told(id string) []action.Outcome {
	b.Helper()
	var all []action.Outcome
	for a := b.now(id); a.LastTold != ""; {
		d, err := b.table.Delivery(b.Context(), connection, a.LastTold)
		b.check(err)
		var document struct {
			Type string
			Data action.Outcome
		}
		b.check(json.Unmarshal(d.Body, &document))
		if parked := document.Data.State == string(store.ActionParked); document.Type != d.Type || parked != (d.Type == action.ParkedType) {
			b.Errorf("document %s of type %s says %s", d.ID, d.Type, document.Data.State)
		}
		all = append([]action.Outcome{document.Data}, all...)
		a.LastTold = d.Previous
	}
	return all
}

// sent are the deliveries that are on their way.
func (b *bench) sent() map[string]bool {
	b.Helper()
	all := map[string]bool{}
	for {
		out, err := b.Clients.SQS.ReceiveMessage(b.Context(), &sqs.ReceiveMessageInput{QueueUrl: &b.urls.deliveries, MaxNumberOfMessages: 10, VisibilityTimeout: 43200})
		b.check(err)
		for _, m := range out.Messages {
			var d queue.Delivery
			b.check(json.Unmarshal([]byte(*m.Body), &d))
			all[d.Delivery] = true
			_, err := b.Clients.SQS.DeleteMessage(b.Context(), &sqs.DeleteMessageInput{QueueUrl: &b.urls.deliveries, ReceiptHandle: m.ReceiptHandle})
			b.check(err)
		}
		if len(out.Messages) == 0 {
			return all
		}
	}
}

// item is an item of the table as it lies there.
func (b *bench) item(id string) map[string]any {
	b.Helper()
	key, err := attributevalue.MarshalMap(store.Key{PK: "C#" + connection, SK: "ACTION#" + id})
	b.check(err)
	out, err := b.Clients.DynamoDB.GetItem(b.Context(), &dynamodb.GetItemInput{TableName: aws.String(rig.StackName + "-Table"), Key: key})
	b.check(err)
	var item map[string]any
	b.check(attributevalue.UnmarshalMap(out.Item, &item))
	return item
}
