package rig

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	runtimelambda "github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"fulcrum/local/aws"
	"fulcrum/local/contract"
	"fulcrum/local/gateway"
	"fulcrum/local/lambda"
	"fulcrum/local/poller"
	"fulcrum/local/sandbox"
	"fulcrum/local/schedule"
	"fulcrum/local/seed"
	"fulcrum/local/twin"
	"fulcrum/shared/apikey"
	"fulcrum/shared/authorize"
	"fulcrum/shared/boot"
	"fulcrum/shared/connect"
	"fulcrum/shared/console"
	"fulcrum/shared/delivery"
	"fulcrum/shared/frame"
	"fulcrum/shared/history"
	"fulcrum/shared/reconcile"
	"fulcrum/shared/store"
	"fulcrum/shared/webhook"

	"fulcrum/functions/partners"
	"fulcrum/functions/partners/brainner"
	"fulcrum/functions/partners/evidenced"
	interviewingio "fulcrum/functions/partners/interviewing-io"
	"fulcrum/functions/partners/joinedly"
	"fulcrum/functions/partners/justworks"
)

// The hosts of a live stack.
const (
	Gateway = "http://gateway.test"
	Lever   = "http://lever.test"
	Partner = "https://partner.test"
)

// wires are the functions as their commands wire them, by logical id.
func wires() map[string]boot.Wire {
	all := map[string]boot.Wire{
		"PartnerJoinedlySync":       joinedly.SyncFromEnv,
		"PartnerJoinedlyApi":        joinedly.APIFromEnv,
		"PartnerJustworksSync":      justworks.SyncFromEnv,
		"PartnerJustworksApi":       justworks.APIFromEnv,
		"PartnerInterviewingIoSync": interviewingio.SyncFromEnv,
		"PartnerInterviewingIoApi":  interviewingio.APIFromEnv,
		"PartnerEvidencedSync":      evidenced.SyncFromEnv,
		"PartnerEvidencedApi":       evidenced.APIFromEnv,
		"PartnerBrainnerSync":       brainner.SyncFromEnv,
		"PartnerBrainnerApi":        brainner.APIFromEnv,
		"HubConsole":                func(env *boot.Env) any { return console.FromEnv(env, partners.Named).Handle },
		"HubAssets":                 func(env *boot.Env) any { return frame.AssetsFromEnv(env).Handle },
		"HubDeliver":                func(env *boot.Env) any { return delivery.FromEnv(env).Handle },
		"HubReconcile":              func(env *boot.Env) any { return reconcile.FromEnv(env).Handle },
		"HubAuthorize":              func(env *boot.Env) any { return authorize.FromEnv(env).Handle },
		"HubApiKeys":                func(env *boot.Env) any { return apikey.FromEnv(env).Handle },
		"HubApi":                    func(env *boot.Env) any { return history.FromEnv(env).Handle },
		"HubConnect":                func(env *boot.Env) any { return connect.FromEnv(env, partners.Named).Handle },
	}
	for _, event := range seed.Events() {
		name := string(event)
		all["Webhook"+strings.ToUpper(name[:1])+name[1:]] = func(env *boot.Env) any { return webhook.FromEnv(env, event).Handle }
	}
	return all
}

// Live is a stack that runs: Lever's twin, the gateway, the functions, the queues
// that call them, and the partner sandbox, with the demo connections. A test whose
// requests or documents break openapi.yaml fails.
type Live struct {
	*Rig
	Twin        *twin.Twin
	Sandbox     *sandbox.Sandbox
	Connections []seed.Connection
	Table       *store.Table
	// Seed is where demo connections go.
	Seed seed.Stack

	contract *contract.Checker
	stop     context.CancelFunc
	running  sync.WaitGroup
	// handlers are what the functions' wires gave.
	handlers map[string]any
	// instead are what runs functions in the place of handlers.
	instead map[string]Invocation
}

// NewLive starts a stack, which ends with the test. In a bubble it moves the time
// to 2026 first: Lever's times have 13 digits.
func NewLive(t testing.TB, o aws.Options) *Live {
	t.Helper()
	if time.Now().Year() < 2026 {
		time.Sleep(time.Until(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)))
	}
	l := &Live{Rig: New(t, o), handlers: map[string]any{}, instead: map[string]Invocation{}}
	lever, err := twin.New(twin.Options{Client: &http.Client{Transport: l}, BaseURL: Lever})
	if err != nil {
		t.Fatal(err)
	}
	l.Twin = lever
	t.Cleanup(l.Twin.Close)
	if l.Sandbox, err = sandbox.New(sandbox.Options{Secrets: seed.EndpointSecrets(), Mail: l.AWS.Mails}); err != nil {
		t.Fatal(err)
	}
	l.hold(t)
	l.Hosts["lever.test"], l.Hosts["partner.test"] = l.Twin, l.contract.Endpoint(l.Sandbox)
	l.seed(t)
	l.Start(t)
	t.Cleanup(l.Stop)
	return l
}

// checked holds to openapi.yaml, which is read once for all stacks of a process: nothing
// changes it, and reading takes as long as a small test.
var checked = sync.OnceValues(func() (*contract.Checker, error) {
	text, err := contract.Read(Root(""))
	if err != nil {
		return nil, err
	}
	return contract.New(text)
})

// hold holds the stack to the contract.
func (l *Live) hold(t testing.TB) {
	t.Helper()
	first, err := checked()
	if err != nil {
		t.Fatal(err)
	}
	l.contract = first.Another()
	t.Cleanup(func() {
		for _, breach := range l.contract.Breaches() {
			t.Error(breach)
		}
	})
}

func (l *Live) seed(t testing.TB) {
	t.Helper()
	hooks, sync := l.variables(t, "WebhookCandidateHired"), l.Env(t, "PartnerJoinedlySync")
	l.Table = store.FromEnv(sync)
	l.Seed = seed.Stack{
		Desk: l.Twin.Desk, Table: l.Table, Secrets: l.Clients.Secrets,
		HookKey: hooks["HOOK_KEY_SECRET"], SigningPrefix: hooks["SIGNING_SECRET_PREFIX"],
		Gateway: Gateway, Lever: Lever, Partner: Partner, Transport: l, Now: time.Now,
	}
	var err error
	if l.Connections, err = seed.Demo(t.Context(), l.Seed); err != nil {
		t.Fatal(err)
	}
}

// Start starts the functions anew, as a deployment does: nothing that they had in
// memory is left.
func (l *Live) Start(t testing.TB) {
	t.Helper()
	for id, wire := range wires() {
		handler, err := boot.Start(t.Context(), l.env(id, l.variables(t, id)), wire)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		l.handlers[id] = handler
	}
	front, err := gateway.New(gateway.Options{API: l.Wiring.API, Region: aws.Region, Account: aws.Account, Invoke: l.Invoke})
	if err != nil {
		t.Fatal(err)
	}
	l.Hosts["gateway.test"] = l.contract.Gateway(front)
	ctx, stop := context.WithCancel(context.Background())
	queues, err := poller.New(ctx, poller.Options{
		Sources: l.Wiring.Queues, SQS: l.Clients.SQS, Invoke: l.Invoke, Region: aws.Region, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		stop()
		t.Fatal(err)
	}
	clock, err := schedule.New(schedule.Options{
		Schedules: l.Wiring.Schedules, Functions: l.Wiring.Functions, Invoke: l.Invoke, Region: aws.Region, Account: aws.Account,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		stop()
		t.Fatal(err)
	}
	l.stop = stop
	l.running.Go(func() { queues.Run(ctx) })
	l.running.Go(func() { clock.Run(ctx) })
}

// Stop ends the queues and clocks; what was begun is finished.
func (l *Live) Stop() {
	l.stop()
	l.running.Wait()
}

// Restart stops the functions and starts them anew.
func (l *Live) Restart(t testing.TB) {
	t.Helper()
	l.Stop()
	l.Start(t)
}

// Events are a connection's events as the ledger has them.
func (l *Live) Events(t testing.TB, connectionID string) []store.Event {
	t.Helper()
	var all []store.Event
	table := l.variables(t, "HubDeliver")["TABLE"]
	pages := dynamodb.NewScanPaginator(l.Clients.DynamoDB, &dynamodb.ScanInput{TableName: &table})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var events []store.Event
		if err := attributevalue.UnmarshalListOfMaps(page.Items, &events); err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.PK == "C#"+connectionID && strings.HasPrefix(e.SK, "EVENT#") {
				all = append(all, e)
			}
		}
	}
	return all
}

// Invoke runs a function on an event in this process.
func (l *Live) Invoke(ctx context.Context, function string, event []byte) (lambda.Answer, error) {
	if run, ok := l.instead[function]; ok {
		return run(ctx, event)
	}
	return l.Usual(ctx, function, event)
}

// Usual runs a function on an event, whatever is there instead of it.
func (l *Live) Usual(ctx context.Context, function string, event []byte) (lambda.Answer, error) {
	handler, ok := l.handlers[function]
	if !ok {
		return lambda.Answer{}, lambda.ErrUnknown
	}
	return invoke(ctx, handler, event)
}

// invoke has a handler handle an event.
func invoke(ctx context.Context, handler any, event []byte) (lambda.Answer, error) {
	// A handler of the Lambda library writes into one buffer: each call has its own.
	payload, err := runtimelambda.NewHandler(handler).Invoke(ctx, event)
	if err != nil {
		text, encodeErr := json.Marshal(map[string]string{"errorMessage": err.Error()})
		return lambda.Answer{Payload: text, Failed: true}, encodeErr
	}
	return lambda.Answer{Payload: payload}, nil
}

// Connection is the demo connection of a partner.
func (l *Live) Connection(t testing.TB, partner string) seed.Connection {
	t.Helper()
	for _, c := range l.Connections {
		if c.Partner == partner {
			return c
		}
	}
	t.Fatalf("there is no demo connection of %s", partner)
	return seed.Connection{}
}
