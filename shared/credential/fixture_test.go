package credential_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/twin"
	"fulcrum/local/twin/desk"
	twinoauth "fulcrum/local/twin/oauth"
	"fulcrum/shared/boot"
	"fulcrum/shared/credential"
	"fulcrum/shared/lever"
	"fulcrum/shared/oauth"
	"fulcrum/shared/queue"
	"fulcrum/shared/secret"
	"fulcrum/shared/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

const callback = "https://connect.example/callback"

func scopes() []string {
	return []string{"offline_access", "users:read:admin", "opportunities:read:admin"}
}

// bench is a stack with a Lever whose customers consent to Joinedly's app.
type bench struct {
	*testing.T
	*rig.Rig
	lever   *twin.Twin
	table   *store.Table
	apps    *oauth.Apps
	notices *line

	mu                      sync.Mutex
	refreshes               int
	beforeOAuth, afterOAuth func()
}

// line keeps what is to be delivered.
type line struct {
	mu   sync.Mutex
	sent []string
}

func (l *line) Send(_ context.Context, m queue.Delivery, _ time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent = append(l.sent, m.Delivery)
	return nil
}

// in runs f in the virtual time of 2026.
func in(t *testing.T, rotation twinoauth.Rotation, f func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)))
		b := &bench{T: t, Rig: rig.New(t, engine.Options{}), notices: &line{}}
		var err error
		if b.lever, err = twin.New(twin.Options{BaseURL: rig.Lever, RotateRefresh: rotation}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.lever.Close)
		b.Hosts["lever.test"] = b.lever
		if _, err := b.lever.RegisterApp(twinoauth.App{ClientID: "joinedly-app", ClientSecret: "app-secret", Name: "Joinedly", Callbacks: []string{callback}, Scopes: scopes()}); err != nil {
			t.Fatal(err)
		}
		name, value := "fulcrum/oauth/joinedly", `{"production":{"clientId":"joinedly-app","clientSecret":"app-secret"}}`
		if _, err := b.Clients.Secrets.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: &name, SecretString: &value}); err != nil {
			t.Fatal(err)
		}
		env := b.Env(t, "PartnerJoinedlySync")
		b.table = store.FromEnv(env)
		b.apps = oauth.NewApps(secret.New(env.AWS("SECRETS_MANAGER", boot.Working)), "fulcrum/oauth/", rig.Lever, b, time.Now)
		f(b)
	})
}

// RoundTrip reaches Lever, counts refreshes and lets a test act around them.
func (b *bench) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Path != "/oauth/token" {
		return b.Rig.RoundTrip(req)
	}
	b.mu.Lock()
	b.refreshes++
	before, after := b.beforeOAuth, b.afterOAuth
	b.mu.Unlock()
	if before != nil {
		before()
	}
	res, err := b.Rig.RoundTrip(req)
	if after != nil {
		after()
	}
	return res, err
}

func (b *bench) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.refreshes
}

// keeper is what one function has.
func (b *bench) keeper() *credential.Keeper {
	return credential.New(b.table, servers{b.apps}, b.notices, time.Now, rand.Text)
}

type servers struct{ apps *oauth.Apps }

func (s servers) Server(ctx context.Context, partner, environment string) (credential.Server, error) {
	return s.apps.Client(ctx, partner, environment, "", nil)
}

// customer makes an account.
func (b *bench) customer() string {
	b.Helper()
	summary, err := b.lever.CreateAccount(desk.NewAccount{Name: "Customer"})
	if err != nil {
		b.Fatal(err)
	}
	return summary.Account
}

// consent takes an account through consent and connects it.
func (b *bench) consent(n int) store.Connection {
	b.Helper()
	account := b.customer()
	client, err := b.apps.Client(b.Context(), "joinedly", lever.Production, callback, scopes())
	if err != nil {
		b.Fatal(err)
	}
	verifier := oauth.NewVerifier()
	tokens, err := client.Exchange(b.Context(), b.code(client.AuthorizeURL("state", verifier), account), verifier)
	if err != nil {
		b.Fatal(err)
	}
	if tokens.Account != account {
		b.Errorf("the tokens are of account %q, not %q", tokens.Account, account)
	}
	c := store.Connection{ID: fmt.Sprintf("con_%d", n), Partner: "joinedly", Account: account, Environment: lever.Production}
	credential := store.Credential{
		Connection: c.ID, ExpiresAt: lever.At(tokens.ExpiresAt), GrantedAt: lever.At(time.Now()), RenewedAt: lever.At(time.Now()),
		Secret: store.Secret{Access: tokens.Access, Refresh: tokens.Refresh},
	}
	b.put(c, credential)
	return c
}

func (b *bench) put(c store.Connection, k store.Credential) {
	b.Helper()
	if err := b.table.PutConnection(b.Context(), c); err != nil {
		b.Fatal(err)
	}
	if err := b.table.PutCredential(b.Context(), k, credential.Due(k)); err != nil {
		b.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refreshes = 0
}

// code is what Lever sends the browser back with when the Super Admin accepts.
func (b *bench) code(authorize, account string) string {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, authorize, strings.NewReader(url.Values{"account": {account}, "decision": {"accept"}}.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.Rig.RoundTrip(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	back, err := res.Location()
	if err != nil {
		text, _ := io.ReadAll(res.Body)
		b.Fatalf("consent answers %d: %s", res.StatusCode, text)
	}
	return back.Query().Get("code")
}

// call makes one call as a function does in one event.
func (b *bench) call(k *credential.Keeper, c store.Connection) error {
	now, err := b.table.Connection(b.Context(), c.ID)
	if err != nil {
		return err
	}
	auth, err := k.Auth(b.Context(), now)
	if err != nil {
		return err
	}
	client, err := lever.New(lever.Options{BaseURL: rig.Lever + "/v1", Auth: auth, Transport: b})
	if err != nil {
		return err
	}
	_, err = lever.Collect(client.Users(b.Context(), lever.UserFilter{}))
	return err
}

func (b *bench) mustCall(c store.Connection) {
	b.Helper()
	if err := b.call(b.keeper(), c); err != nil {
		b.Errorf("%s: %v", c.ID, err)
	}
}

// release takes the hold from whoever has it, as time would.
func (b *bench) release(c store.Credential) error {
	table := "fulcrum-Table"
	expression := "SET heldUntil = :zero"
	_, err := b.Clients.DynamoDB.UpdateItem(b.Context(), &dynamodb.UpdateItemInput{
		TableName: &table, UpdateExpression: &expression,
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: c.PK}, "sk": &types.AttributeValueMemberS{Value: c.SK},
		},
		ExpressionAttributeValues: map[string]types.AttributeValue{":zero": &types.AttributeValueMemberN{Value: "0"}},
	})
	return err
}
