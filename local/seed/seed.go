// Package seed gives a local stack its demo connections: for each partner a
// customer with a Lever account of its own in the twin, connected, with its
// webhooks made and switched on. All ids and keys are the same on every machine,
// so that sample events can name them; they are worth nothing anywhere else.
package seed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"fulcrum/local/twin/desk"
	"fulcrum/shared/apikey"
	"fulcrum/shared/lever"
	"fulcrum/shared/signing"
	"fulcrum/shared/store"
)

// Partner is a partner and the events that it needs.
type Partner struct {
	Name   string
	Events []lever.Event
}

// partners are those that the bundle serves.
func partners() []Partner {
	return []Partner{
		{Name: "joinedly", Events: []lever.Event{lever.CandidateHired}},
		{Name: "evidenced", Events: Events()},
		{Name: "brainner", Events: []lever.Event{lever.ApplicationCreated}},
		{Name: "justworks", Events: []lever.Event{lever.CandidateHired}},
		{Name: "interviewing-io", Events: []lever.Event{lever.CandidateStageChange, lever.CandidateHired}},
	}
}

// Events are those that the bundle has a function for.
func Events() []lever.Event {
	return []lever.Event{
		lever.ApplicationCreated, lever.CandidateStageChange, lever.CandidateArchiveChange, lever.CandidateHired,
		lever.CandidateDeleted, lever.InterviewCreated, lever.InterviewUpdated, lever.InterviewDeleted,
	}
}

// Connection is a demo connection, as stack.json shows it.
type Connection struct {
	ID            string    `json:"id"`
	Partner       string    `json:"partner"`
	PartnerAPIKey string    `json:"partnerApiKey"`
	Account       string    `json:"account"`
	LeverAPIKey   string    `json:"leverApiKey"`
	Webhooks      []Webhook `json:"webhooks"`
}

// Webhook is a webhook of a demo connection.
type Webhook struct {
	Event        lever.Event `json:"event"`
	URL          string      `json:"url"`
	SigningToken string      `json:"signingToken"`
}

// Stack is where the demo connections go.
type Stack struct {
	Desk    *desk.Desk
	Table   *store.Table
	Secrets *secretsmanager.Client
	// HookKey and SigningPrefix are what the webhook functions have in their
	// environment.
	HookKey, SigningPrefix string
	// Gateway, Lever and Partner are the addresses of the three.
	Gateway, Lever, Partner string
	// Transport reaches Lever.
	Transport http.RoundTripper
	Now       func() time.Time
	// Shard is where further customers' signing tokens go: one has room for some 150
	// webhooks, and Secrets Manager for 100 changes of it a day.
	Shard int
	// Partners are those that get a demo connection, their names with commas
	// between; empty is all.
	Partners string
}

// has reports whether a partner runs in the stack.
func (s Stack) has(partner string) bool {
	return s.Partners == "" || slices.Contains(strings.Split(s.Partners, ","), partner)
}

// Demo makes the demo connections. What is there already stays.
func Demo(ctx context.Context, s Stack) ([]Connection, error) {
	if err := s.secret(ctx, s.HookKey, func(string) (string, error) { return fixed("hook key"), nil }); err != nil {
		return nil, fmt.Errorf("seed hook key: %w", err)
	}
	var all []Connection
	for _, p := range partners() {
		if !s.has(p.Name) {
			continue
		}
		c, err := s.connect(ctx, p, "")
		if err != nil {
			return nil, fmt.Errorf("seed %s: %w", p.Name, err)
		}
		all = append(all, c)
	}
	return all, nil
}

// Customer makes one more customer of a partner, with a Lever account of its own.
// The name tells it from others.
func (s Stack) Customer(ctx context.Context, partner, name string) (Connection, error) {
	for _, p := range partners() {
		if p.Name == partner {
			return s.connect(ctx, p, "_"+name)
		}
	}
	return Connection{}, fmt.Errorf("there is no partner %q", partner)
}

// EndpointSecret is the signing secret of a partner's endpoint in the sandbox.
func EndpointSecret(partner string) string {
	sum := sha256.Sum256([]byte("endpoint of " + partner))
	return "whsec_" + base64.StdEncoding.EncodeToString(sum[:])
}

// EndpointSecrets are those of all partners.
func EndpointSecrets() map[string]string {
	all := map[string]string{}
	for _, p := range partners() {
		all[p.Name] = EndpointSecret(p.Name)
	}
	return all
}

func (s Stack) connect(ctx context.Context, p Partner, suffix string) (Connection, error) {
	c := Connection{
		ID: "con_demo_" + p.Name + suffix, Partner: p.Name,
		Account: uuid("account of " + p.Name + suffix), LeverAPIKey: fixed("key of " + p.Name + suffix)[:48],
	}
	if _, err := s.Desk.Summary(c.Account); err != nil {
		if _, err := s.Desk.CreateAccount(desk.NewAccount{ID: c.Account, Name: "Customer of " + p.Name, APIKey: c.LeverAPIKey}); err != nil {
			return c, err
		}
	}
	hooks := map[string]signing.Hook{}
	for _, event := range p.Events {
		w, err := s.webhook(ctx, c, event, hooks)
		if err != nil {
			return c, fmt.Errorf("webhook %s: %w", event, err)
		}
		c.Webhooks = append(c.Webhooks, w)
	}
	err := s.keep(ctx, hooks)
	if err != nil {
		return c, err
	}
	if c.PartnerAPIKey, err = s.apiKey(ctx, p.Name); err != nil {
		return c, err
	}
	return c, errors.Join(
		s.credential(ctx, c),
		s.Table.StartWindows(ctx, c.ID),
		s.Table.PutEndpoint(ctx, store.Endpoint{Partner: p.Name, URL: s.Partner + "/deliveries/" + p.Name, Secrets: []string{EndpointSecret(p.Name)}}),
		s.Table.PutConnection(ctx, store.Connection{
			ID: c.ID, Partner: p.Name, Account: c.Account, Environment: lever.Production, CreatedAt: lever.At(s.Now()),
		}),
	)
}

// APIKey is a partner's API key, the same after every start.
func APIKey(partner string) (string, error) {
	return apikey.Mint(partner, bytes.NewReader(digest("API key of "+partner)))
}

func (s Stack) apiKey(ctx context.Context, partner string) (string, error) {
	text, err := APIKey(partner)
	if err != nil {
		return "", err
	}
	k, err := apikey.Parse(text)
	if err != nil {
		return "", err
	}
	return text, s.Table.AddAPIKey(ctx, partner, store.APIKey{ID: k.ID, Hash: k.Hash})
}

// credential keeps the account's API key, unless a stack before has.
func (s Stack) credential(ctx context.Context, c Connection) error {
	if _, err := s.Table.Credential(ctx, c.ID); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return s.Table.PutCredential(ctx, store.Credential{Connection: c.ID, Secret: store.Secret{APIKey: c.LeverAPIKey}}, 0)
}

// webhook makes a webhook through Lever's API, adds it to hooks, and switches its
// event on as a person does.
func (s Stack) webhook(ctx context.Context, c Connection, event lever.Event, hooks map[string]signing.Hook) (Webhook, error) {
	id, err := mint(c.ID, event, s.Shard)
	if err != nil {
		return Webhook{}, err
	}
	w := Webhook{Event: event, URL: s.Gateway + "/webhooks/" + event.Slug() + "/" + id}
	client, err := lever.New(lever.Options{BaseURL: s.Lever + "/v1", Auth: lever.APIKey(c.LeverAPIKey), Transport: s.Transport})
	if err != nil {
		return w, err
	}
	made, err := s.made(ctx, client, w, c.Account)
	if err != nil {
		return w, err
	}
	w.SigningToken = made.Configuration.SignatureToken
	if err := s.row(ctx, c, id, w, made.ID); err != nil {
		return w, err
	}
	hooks[id] = signing.Hook{Partner: c.Partner, Connection: c.ID, Event: event, Keys: []signing.Key{{Token: w.SigningToken}, {Token: SampleToken()}}}
	_, err = s.Desk.Switch(c.Account, map[string]bool{string(event): true})
	return w, err
}

// made is the webhook at the address, which a stack before may have made for the
// same hook behind another port.
func (s Stack) made(ctx context.Context, client *lever.Client, w Webhook, account string) (*lever.Webhook, error) {
	there, err := s.Desk.Webhooks(account)
	if err != nil {
		return nil, err
	}
	for _, old := range there {
		if path.Base(old.URL) == path.Base(w.URL) && old.Event == string(w.Event) {
			made := &lever.Webhook{ID: old.ID, Event: w.Event, URL: w.URL}
			made.Configuration.SignatureToken = old.SignatureToken
			return made, client.UpdateWebhooks(ctx, lever.Webhook{ID: old.ID, URL: w.URL})
		}
	}
	return client.CreateWebhook(ctx, w.Event, w.URL)
}

// row notes the webhook in the table, as connecting does.
func (s Stack) row(ctx context.Context, c Connection, id string, w Webhook, leverID string) error {
	row, err := s.Table.Webhook(ctx, c.ID, w.Event)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	row.Connection, row.Event, row.Made = c.ID, w.Event, store.ByAPI
	if row.Current.SignedAt == 0 {
		row.Current.SignedAt = lever.At(s.Now())
	}
	row.Current.Hook, row.Current.Shard, row.Current.URL, row.Current.LeverID = id, s.Shard, w.URL, leverID
	_, err = s.Table.PutWebhook(ctx, row)
	return err
}

// keep adds the hooks to their shard, which the first one has to know of, and the
// table.
func (s Stack) keep(ctx context.Context, hooks map[string]signing.Hook) error {
	if err := s.Table.AddShard(ctx, s.Shard, len(hooks)); err != nil {
		return err
	}
	if s.Shard == 0 {
		return s.shard(ctx, 0, func(all signing.Shard) signing.Shard { maps.Copy(all.Hooks, hooks); return all })
	}
	name, empty := s.SigningPrefix+strconv.Itoa(s.Shard), `{"v":1,"hooks":{}}`
	_, err := s.Secrets.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &name, SecretString: &empty})
	var there *types.ResourceExistsException
	if err != nil && !errors.As(err, &there) {
		return err
	}
	return errors.Join(
		s.shard(ctx, s.Shard, func(all signing.Shard) signing.Shard { maps.Copy(all.Hooks, hooks); return all }),
		s.shard(ctx, 0, func(first signing.Shard) signing.Shard {
			first.Shards = max(first.Shards, s.Shard+1)
			return first
		}),
	)
}

func (s Stack) shard(ctx context.Context, n int, change func(signing.Shard) signing.Shard) error {
	return s.secret(ctx, s.SigningPrefix+strconv.Itoa(n), func(old string) (string, error) {
		shard, err := signing.Decode(old)
		if err != nil {
			return "", err
		}
		return change(shard).Encode()
	})
}

// secret changes a secret, which gets no version where it is so already: it has
// room for 100, and there is one start after another on the same data.
func (s Stack) secret(ctx context.Context, name string, change func(old string) (string, error)) error {
	there, err := s.Secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err != nil {
		return err
	}
	text, err := change(aws.ToString(there.SecretString))
	if err != nil || text == aws.ToString(there.SecretString) {
		return err
	}
	_, err = s.Secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &name, SecretString: &text})
	return err
}

func digest(of string) []byte {
	sum := sha256.Sum256([]byte("fulcrum demo " + of))
	return sum[:]
}

// fixed is 64 hex characters that stand for what.
func fixed(what string) string { return hex.EncodeToString(digest(what)) }

func uuid(of string) string {
	h := fixed(of)
	return fmt.Sprintf("%s-%s-4%s-8%s-%s", h[:8], h[8:12], h[13:16], h[17:20], h[20:32])
}
