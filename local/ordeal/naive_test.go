package ordeal_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	interviewingio "fulcrum/functions/partners/interviewing-io"
	"fulcrum/functions/partners/joinedly"
	"fulcrum/local/ordeal"
	"fulcrum/local/seed"
	"fulcrum/local/twin/desk"
	twinoauth "fulcrum/local/twin/oauth"
	"fulcrum/shared/account"
	"fulcrum/shared/action"
	"fulcrum/shared/boot"
	"fulcrum/shared/credential"
	"fulcrum/shared/delivery"
	"fulcrum/shared/lever"
	"fulcrum/shared/oauth"
	"fulcrum/shared/queue"
	"fulcrum/shared/rate"
	"fulcrum/shared/secret"
	"fulcrum/shared/signing"
	"fulcrum/shared/store"
	"fulcrum/shared/vault"
	"fulcrum/shared/webhook"
	"fulcrum/shared/worker"
)

// A trial that does not see what these do would see nothing.
func TestTheTrialFindsFunctionsThatDoTooLittle(t *testing.T) {
	for _, s := range []ordeal.Scene{
		{
			Name: "a webhook is accepted before it is in the queue", Partner: "joinedly", Functions: []string{"WebhookCandidateHired"},
			Wire: hasty, Person: applicant, Happen: hire,
		},
		{
			Name: "a delivery is marked before it is sent", Partner: "joinedly", Functions: []string{"HubDeliver"},
			Wire: marking, Person: applicant, Happen: hire,
		},
		{
			Name: "a client is kept for whoever comes next", Partner: "joinedly", Functions: []string{"PartnerJoinedlySync"},
			Wire: sharing, Person: applicant, Happen: hireOfAnother,
		},
		{
			Name: "tokens are renewed by everybody at once", Partner: "joinedly", Functions: []string{"PartnerJoinedlySync"},
			Wire: grasping, Prepare: still, Person: applicant, Begin: strictly, Happen: func(p *ordeal.Play) { hire(p); retell(p) }, Seen: alive,
		},
		kept(ordeal.Scene{
			Name: "a result is accepted before it is kept", Partner: "interviewing-io", Functions: []string{"PartnerInterviewingIoApi"},
			Wire: promising, Prepare: interviews, Happen: result, Seen: noted,
		}),
	} {
		t.Run(s.Name, func(t *testing.T) { ordeal.Find(t, s) })
	}
}

// hasty says that it has a webhook, whatever became of the one try to send it on.
func hasty(env *boot.Env) any {
	secrets := secret.New(env.AWS("SECRETS_MANAGER", boot.Answering))
	keys := signing.NewKeys(secrets, env.Need("HOOK_KEY_SECRET"), env.Need("SIGNING_SECRET_PREFIX"), time.Now)
	partners := queue.NewSender(env.AWS("SQS", once())).Partners(env.Need("PARTNER_QUEUE_URL"))
	return webhook.New(lever.CandidateHired, keys, careless{partners}, time.Now).Handle
}

type careless struct{ *queue.Partners }

func (c careless) Send(ctx context.Context, partner string, e queue.Event) error {
	if err := c.Partners.Send(ctx, partner, e); err != nil {
		slog.ErrorContext(ctx, "not sent", "error", err.Error())
	}
	return nil
}

// promising answers that it has a result, whatever became of the one try to keep it.
func promising(env *boot.Env) any {
	type (
		request  = events.APIGatewayV2HTTPRequest
		response = events.APIGatewayV2HTTPResponse
	)
	secrets, keyset := secret.New(env.AWS("SECRETS_MANAGER", boot.Working)), env.Need("VAULT_SECRET")
	sealed := vault.New(func(ctx context.Context) (string, error) { return secrets.Value(ctx, keyset) }, time.Now)
	env.Warm(sealed.Warm)
	table := store.New(env.AWS("DYNAMODB", once()), env.Need("TABLE"), sealed, time.Now)
	routes := interviewingio.Routes(table, action.IntakeFromEnv(env, table), account.FromEnv(env, table))
	return func(ctx context.Context, e request) (response, error) {
		answer, err := routes.Handle(ctx, e)
		if err != nil || answer.StatusCode < http.StatusInternalServerError {
			return answer, err
		}
		var r interviewingio.Result
		if err := json.Unmarshal([]byte(e.Body), &r); err != nil {
			return response{}, err
		}
		body, err := json.Marshal(interviewingio.Interview{ID: r.InterviewID, Version: r.Version, State: "planned", AcceptedAt: time.Now().UTC().Format(time.RFC3339)})
		return response{StatusCode: http.StatusAccepted, Headers: map[string]string{"content-type": "application/json"}, Body: string(body)}, err
	}
}

// once is for who does not ask twice.
func once() boot.Patience { return boot.Patience{Attempt: time.Second, Attempts: 1} }

// marking notes that a document has arrived, and sends it then.
func marking(env *boot.Env) any {
	m := &marker{Table: store.FromEnv(env), next: env.Instead()}
	deliveries := queue.NewSender(env.AWS("SQS", boot.Working)).Deliveries(env.Need("DELIVERIES_QUEUE_URL"))
	return delivery.New(m, deliveries, delivery.Addresses{}, m, time.Now).Handle
}

type marker struct {
	*store.Table
	next http.RoundTripper
	item store.Delivery
}

func (m *marker) Delivery(ctx context.Context, connection, id string) (d store.Delivery, err error) {
	m.item, err = m.Table.Delivery(ctx, connection, id)
	return m.item, err
}

func (m *marker) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, err := m.Arrive(req.Context(), m.item, store.Attempt{At: lever.At(time.Now()), Status: http.StatusNoContent}); err != nil {
		return nil, err
	}
	return m.next.RoundTrip(req)
}

// sharing keeps one client of Lever for all connections.
func sharing(env *boot.Env) any {
	table := store.FromEnv(env)
	sender := queue.NewSender(env.AWS("SQS", boot.Working))
	deliveries, partners := sender.Deliveries(env.Need("DELIVERIES_QUEUE_URL")), sender.Partners(env.Need("PARTNER_QUEUE_URL"))
	clients := &shared{of: account.FromEnv(env, table)}
	return worker.New(joinedly.New(), table, clients, deliveries, partners, time.Now).Handle
}

type shared struct {
	of *account.Accounts

	mu     sync.Mutex
	client *lever.Client
}

func (s *shared) Client(ctx context.Context, c store.Connection, class rate.Class) (*lever.Client, error) {
	s.mu.Lock()
	kept := s.client
	s.mu.Unlock()
	if kept != nil {
		return kept, nil
	}
	made, err := s.of.Client(ctx, c, class)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.client = made
	return made, err
}

// grasping has whoever wants to renew a connection's tokens do it.
func grasping(env *boot.Env) any {
	table := store.FromEnv(env)
	sender := queue.NewSender(env.AWS("SQS", boot.Working))
	deliveries, partners := sender.Deliveries(env.Need("DELIVERIES_QUEUE_URL")), sender.Partners(env.Need("PARTNER_QUEUE_URL"))
	secrets := secret.New(env.AWS("SECRETS_MANAGER", boot.Working))
	apps := oauth.NewApps(secrets, env.Need("OAUTH_SECRET_PREFIX"), env.Optional("LEVER_URL"), env.Transport(), time.Now)
	keeper := credential.New(unheld{table}, servers{apps}, deliveries, time.Now, rand.Text)
	clients := account.New(keeper, table, env.Optional("LEVER_URL"), env.Transport(), time.Now)
	return worker.New(joinedly.New(), table, clients, deliveries, partners, time.Now).Handle
}

// unheld gives the credential to whoever wants to renew it.
type unheld struct{ *store.Table }

func (u unheld) HoldCredential(ctx context.Context, c store.Credential, _ string, _ time.Duration) (store.Credential, error) {
	now, err := u.Credential(ctx, c.Connection)
	time.Sleep(100 * time.Millisecond) // in which others read it, too
	return now, err
}

// servers are the partners' apps as package credential needs them.
type servers struct{ apps *oauth.Apps }

func (s servers) Server(ctx context.Context, partner, environment string) (credential.Server, error) {
	return s.apps.Client(ctx, partner, environment, "", nil)
}

// strictly gives the customer tokens that are about to end, of which Lever kills the
// used ones at once.
func strictly(p *ordeal.Play) {
	consents(p)
	p.Do(nil, p.Twin.Set(p.Account, desk.Settings{Refresh: twinoauth.Strict}))
	time.Sleep(3 * time.Hour)
}

// hireOfAnother has another customer hire somebody first.
func hireOfAnother(p *ordeal.Play) {
	other := another(p)
	added, err := p.Twin.AddCandidate(other.Account, desk.Candidate{Name: "Grace Other", Email: "grace@other.example"})
	p.Do(added, err)
	p.Do(p.Twin.Hire(other.Account, added.OpportunityID, ""))
	p.Sync()
	hire(p)
}

// another is a second customer of the partner's, made where there is none.
func another(p *ordeal.Play) seed.Connection {
	c, err := p.Seed.Customer(context.Background(), p.C.Partner, "another")
	p.Do(c, err)
	return c
}
