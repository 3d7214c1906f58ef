package subscribe_test

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/twin"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/secret"
	"fulcrum/shared/signing"
	"fulcrum/shared/store"
	"fulcrum/shared/subscribe"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

const gateway = "https://api.example"

// evidenced are the events of the partner that needs most.
func evidenced() []lever.Event {
	return []lever.Event{
		lever.ApplicationCreated, lever.CandidateStageChange, lever.CandidateArchiveChange, lever.CandidateHired,
		lever.CandidateDeleted, lever.InterviewCreated, lever.InterviewUpdated, lever.InterviewDeleted,
	}
}

// world is a stack and a Lever with one customer.
type world struct {
	*rig.Rig
	t     *testing.T
	lever *twin.Twin
	c     store.Connection
	key   string
}

// in runs f in the virtual time of 2026.
func in(t *testing.T, o engine.Options, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)))
		w := &world{Rig: rig.New(t, o), t: t, key: strings.Repeat("k", 48)}
		var err error
		w.lever, err = twin.New(twin.Options{BaseURL: rig.Lever})
		w.must(err)
		t.Cleanup(w.lever.Close)
		w.Hosts["lever.test"] = w.lever
		made, err := w.lever.CreateAccount(desk.NewAccount{Name: "Customer", APIKey: w.key})
		w.must(err)
		w.c = store.Connection{ID: "con_1", Partner: "evidenced", Account: made.Account, Environment: lever.Production}
		f(t, w)
	})
}

// latency is what every call of a function takes.
const latency = 5 * time.Millisecond

// RoundTrip makes a call.
func (w *world) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(latency)
	return w.Rig.RoundTrip(req)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// of is the connection's webhooks as one function has them, whose calls go through
// the transport.
func (w *world) of(through http.RoundTripper) *subscribe.Webhooks {
	return w.keeper(through).Of(w.c, w.client(through), gateway)
}

func (w *world) keeper(through http.RoundTripper) *subscribe.Keeper {
	return subscribe.FromEnv(w.Env(w.t, "WebhookCandidateHired").Through(through), w.tableOver(through))
}

func (w *world) client(through http.RoundTripper) *lever.Client {
	w.t.Helper()
	client, err := lever.New(lever.Options{BaseURL: rig.Lever + "/v1", Auth: lever.APIKey(w.key), Transport: through})
	w.must(err)
	return client
}

func (w *world) table() *store.Table { return w.tableOver(w) }

func (w *world) tableOver(through http.RoundTripper) *store.Table {
	return store.FromEnv(w.Env(w.t, "PartnerJoinedlySync").Through(through))
}

// sweep makes what is still to be made of the keys, as the clock does.
func (w *world) sweep() {
	w.t.Helper()
	time.Sleep(time.Minute)
	w.must(signing.WriterFromEnv(w.Env(w.t, "WebhookCandidateHired").Through(w), w.table()).Sweep(w.t.Context()))
}

// keys is what a webhook function has that starts now.
func (w *world) keys() *signing.Keys {
	env := w.Env(w.t, "WebhookCandidateHired")
	return signing.NewKeys(secret.New(env.AWS("SECRETS_MANAGER", boot.Working)), env.Need("HOOK_KEY_SECRET"), env.Need("SIGNING_SECRET_PREFIX"), time.Now)
}

// ours are the webhooks at Lever that post to us, for an event.
func (w *world) ours(event lever.Event) []desk.Webhook {
	w.t.Helper()
	all, err := w.lever.Webhooks(w.c.Account)
	w.must(err)
	return slices.DeleteFunc(all, func(x desk.Webhook) bool {
		return x.Event != string(event) || !strings.HasPrefix(x.URL, gateway)
	})
}

// verifies reports whether what a webhook at Lever posts is taken.
func (w *world) verifies(x desk.Webhook) bool {
	h, err := w.keys().Hook(w.t.Context(), path.Base(x.URL))
	return err == nil && string(h.Event) == x.Event && h.Connection == w.c.ID && slices.Contains(h.Valid(time.Now()), x.SignatureToken)
}

// expectOne fails unless each event has exactly one webhook at Lever that posts to
// us, what it posts is taken, and the table knows it.
func (w *world) expectOne(events ...lever.Event) {
	w.t.Helper()
	for _, event := range events {
		at := w.ours(event)
		if len(at) != 1 {
			w.t.Errorf("%s has %d webhooks", event, len(at))
			continue
		}
		if !w.verifies(at[0]) {
			w.t.Errorf("the key of %s is not ours", event)
		}
		row := w.row(event)
		if row.Next != nil || row.Current.LeverID != at[0].ID || row.Current.URL != at[0].URL || row.Current.SignedAt == 0 {
			w.t.Errorf("%s is known as %+v", event, row)
		}
	}
}

func (w *world) row(event lever.Event) store.Webhook {
	w.t.Helper()
	row, err := w.table().Webhook(w.t.Context(), w.c.ID, event)
	w.must(err)
	return row
}

// ensure makes what is missing, with a function that has no trouble.
func (w *world) ensure(events ...lever.Event) {
	w.t.Helper()
	_, err := w.of(w).Ensure(w.t.Context(), events...)
	w.must(err)
}

// fault makes Lever fail.
func (w *world) fault(f api.Fault) {
	w.t.Helper()
	w.must(w.lever.Inject(f))
}

// asked is how often Lever was asked something.
func (w *world) asked(method string) (n int) {
	w.t.Helper()
	all, err := w.lever.Requests(w.c.Account)
	w.must(err)
	for _, r := range all {
		if r.Method == method {
			n++
		}
	}
	return n
}

// within is a context that ends after d.
func (w *world) within(d time.Duration) context.Context {
	ctx, stop := context.WithTimeout(w.t.Context(), d)
	w.t.Cleanup(stop)
	return ctx
}
