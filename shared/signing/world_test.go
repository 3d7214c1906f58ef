package signing_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/secret"
	"fulcrum/shared/signing"
	"fulcrum/shared/store"
)

const prefix = rig.StackName + "/signing/"

// world is a stack whose calls are counted by what they do.
type world struct {
	*rig.Rig
	t *testing.T

	mu    sync.Mutex
	calls map[string]int
}

// in runs f in the virtual time of 2026 with a stack.
func in(t *testing.T, o engine.Options, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)))
		f(t, &world{Rig: rig.New(t, o), t: t, calls: map[string]int{}})
	})
}

// RoundTrip counts a call and makes it.
func (w *world) RoundTrip(req *http.Request) (*http.Response, error) {
	_, action, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	w.mu.Lock()
	w.calls[action]++
	w.mu.Unlock()
	return w.Rig.RoundTrip(req)
}

func (w *world) count(action string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls[action]
}

// writer is what one function has; its calls go through the transport.
func (w *world) writer(through http.RoundTripper) *signing.Writer {
	return signing.NewWriter(w.options(through))
}

func (w *world) options(through http.RoundTripper) signing.Options {
	env := w.Env(w.t, "WebhookCandidateHired").Through(through)
	return signing.Options{
		Table: store.FromEnv(w.Env(w.t, "PartnerJoinedlySync").Through(through)), Secrets: secret.New(env.AWS("SECRETS_MANAGER", boot.Working)),
		HookKey: w.hookKey(), Prefix: prefix, Random: rand.Reader, Now: time.Now, NewID: rand.Text,
	}
}

func (w *world) hookKey() string { return w.Env(w.t, "WebhookCandidateHired").Need("HOOK_KEY_SECRET") }

func (w *world) secrets() *secret.Manager {
	return secret.New(w.Env(w.t, "WebhookCandidateHired").AWS("SECRETS_MANAGER", boot.Working))
}

// table is what a function sees of the table.
func (w *world) table() *store.Table { return store.FromEnv(w.Env(w.t, "PartnerJoinedlySync")) }

// keys is what a webhook function has.
func (w *world) keys() *signing.Keys {
	return signing.NewKeys(w.secrets(), w.hookKey(), prefix, time.Now)
}

// mint makes ids of hooks.
func (w *world) mint(n int) []string {
	w.t.Helper()
	var ids []string
	for range n {
		m, err := w.writer(w).Mint(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		ids = append(ids, m.Hook)
	}
	return ids
}

// token is a signing token as Lever's are.
func token(of string) string { return fmt.Sprintf("%048x", of)[:48] }

func hookOf(connection, tokenText string) signing.Hook {
	return signing.Hook{Partner: "joinedly", Connection: connection, Event: lever.CandidateHired, Keys: []signing.Key{{Token: tokenText}}}
}

// expect fails unless a cold webhook function takes exactly these tokens of the
// hook.
func (w *world) expect(id string, tokens ...string) {
	w.t.Helper()
	if got := w.valid(id); strings.Join(got, " ") != strings.Join(tokens, " ") {
		w.t.Errorf("hook %.6s has the tokens %q, want %q", id, got, tokens)
	}
}

func (w *world) valid(id string) []string {
	h, err := w.keys().Hook(w.t.Context(), id)
	if err != nil {
		return nil
	}
	return h.Valid(time.Now())
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// shard is a shard as Secrets Manager has it.
func (w *world) shard(n int) (signing.Shard, int) {
	w.t.Helper()
	out, err := w.Clients.Secrets.GetSecretValue(w.t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String(fmt.Sprint(prefix, n))})
	w.must(err)
	s, err := signing.Decode(*out.SecretString)
	w.must(err)
	return s, len(*out.SecretString)
}

// write makes a shard something by hand.
func (w *world) write(n int, s signing.Shard) {
	w.t.Helper()
	text, err := s.Encode()
	w.must(err)
	_, err = w.Clients.Secrets.PutSecretValue(w.t.Context(), &secretsmanager.PutSecretValueInput{SecretId: aws.String(fmt.Sprint(prefix, n)), SecretString: &text})
	w.must(err)
}

// dump is all that the table has, as text.
func (w *world) dump() string {
	w.t.Helper()
	out, err := w.Clients.DynamoDB.Scan(w.t.Context(), &dynamodb.ScanInput{TableName: aws.String(rig.StackName + "-Table")})
	w.must(err)
	text, err := json.Marshal(out.Items)
	w.must(err)
	for _, item := range out.Items {
		if sealed, ok := item["sealed"].(*types.AttributeValueMemberB); ok {
			text = append(text, sealed.Value...)
		}
	}
	return string(text)
}

// within is a context that ends after d.
func (w *world) within(d time.Duration) context.Context {
	ctx, stop := context.WithTimeout(w.t.Context(), d)
	w.t.Cleanup(stop)
	return ctx
}
