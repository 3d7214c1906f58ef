package ordeal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"fulcrum/functions/partners"
	"fulcrum/local/ordeal"
	"fulcrum/local/partnertest"
	"fulcrum/local/rig"
	"fulcrum/local/seed"
	"fulcrum/local/twin/desk"
	twinoauth "fulcrum/local/twin/oauth"
	"fulcrum/shared/connect"
	"fulcrum/shared/credential"
	"fulcrum/shared/lever"
	"fulcrum/shared/oauth"
	"fulcrum/shared/store"
)

// setups are what becomes of a connection: its beginning, its keys and its end.
func setups() []ordeal.Scene {
	hub := []string{"HubConnect", "HubAuthorize"}
	return []ordeal.Scene{
		{Name: "a customer connects by consent", Partner: "joinedly", Functions: hub, Prepare: apps, Begin: acme, Happen: connects, Seen: connected},
		{Name: "a customer connects with an API key", Partner: "interviewing-io", Functions: hub, Begin: acme, Happen: connects, Seen: connected},
		{
			Name: "a customer's keys are changed", Partner: "joinedly", Functions: hub, Person: applicant, Aside: []string{"webhook_gone"},
			Happen: func(p *ordeal.Play) {
				wish := map[string]any{"tokens": []any{map[string]any{"event": lever.CandidateHired}}}
				p.Expect(p.Ask("PUT", "/v1/connections/{c}/signing-tokens", wish, nil), 200)
				hire(p)
			},
		},
		{
			Name: "a connection is ended", Partner: "joinedly", Functions: hub, Prepare: still,
			Begin: makeOther,
			Happen: func(p *ordeal.Play) {
				p.Expect(p.Ask("POST", "/v1/connections/"+otherID(p)+"/disconnect", nil, nil), 200)
			},
			Seen: ended,
		},
		{
			Name: "the clock ends a connection", Partner: "joinedly", Functions: []string{"HubConnect"}, Only: task("end"), Prepare: still,
			Begin: makeOther,
			Happen: func(p *ordeal.Play) {
				p.Do(nil, p.Table.Disconnecting(context.Background(), otherID(p), store.Audit{
					Connection: otherID(p), Actor: "staff:Grace", Action: "disconnecting", Before: json.RawMessage("null"), After: json.RawMessage("null"),
				}, 0))
				p.Later()
			},
			Seen: ended,
		},
		{
			Name: "tokens are renewed on the way of a hire", Partner: "joinedly", Functions: []string{"PartnerJoinedlySync"}, Person: applicant,
			Prepare: still, Begin: func(p *ordeal.Play) { consents(p); time.Sleep(3 * time.Hour) }, Happen: hire, Seen: alive,
		},
		{
			Name: "tokens are kept alive", Partner: "joinedly", Functions: []string{"HubReconcile"}, Only: task("keep-alive"), Person: applicant,
			Prepare: still, Begin: func(p *ordeal.Play) { consents(p); time.Sleep(40 * 24 * time.Hour) },
			Happen: func(p *ordeal.Play) {
				keepAlive(p)
				hire(p)
			},
			Seen: alive,
		},
	}
}

// apps registers the partners' apps at Lever.
func apps(s *partnertest.Stage) {
	at := s.Seed
	at.Gateway = rig.Public
	s.Do(nil, seed.Apps(context.Background(), at, rig.StackName+"/oauth/"))
}

// reference is the partner's name for the customer of a play, and mine its connection.
func reference(p *ordeal.Play) string { return strings.ToLower(p.Word()) }
func mine(p *ordeal.Play) string {
	return connect.ConnectionID(p.C.Partner, lever.Production, reference(p))
}

// acme is a Lever account for a play's customer.
func acme(p *ordeal.Play) {
	made, err := p.Twin.CreateAccount(desk.NewAccount{ID: accountOf(p), Name: "Acme", APIKey: acmesKey(p)})
	p.Do(made, err)
}

// acmesKey is the API key of a play's customer.
func acmesKey(p *ordeal.Play) string { return fmt.Sprintf("%048x", 1<<40+p.Number) }

func accountOf(p *ordeal.Play) string { return fmt.Sprintf("aaaaaaaa-0000-4000-8000-%012d", p.Number) }

// connects has a customer go through the whole set-up: connect, switch on, verify and
// finish, and from the beginning where something is not answered as it should be.
func connects(p *ordeal.Play) {
	var link struct{ URL string }
	p.Expect(p.Ask("POST", "/v1/connect-links", map[string]any{"customer": map[string]string{"name": "Acme", "reference": reference(p)}}, &link), 201)
	b := newBrowser(p)
	for range 6 {
		if b.open(link.URL); made(p) {
			break
		}
		b.step("open", nil)
		if p.C.Partner == "interviewing-io" {
			b.step("key", url.Values{"key": {acmesKey(p)}})
		} else {
			b.consents(accountOf(p))
		}
	}
	if !made(p) {
		p.Errorf("the customer does not get further: %d %s", b.status, b.page)
		return
	}
	switchOn(p, b)
	for range 6 {
		if b.step("finish", nil); b.says("Nothing else has to be done") {
			return
		}
		time.Sleep(time.Minute)
		p.Sync()
		b.open(link.URL)
	}
	p.Errorf("the set-up is not finished: status %d, %+v", b.status, view(p, mine(p)))
}

// made reports whether a customer has connected, and every webhook has its address.
func made(p *ordeal.Play) bool {
	var v shown
	status := 0
	p.Aside(func() { status = p.Ask("GET", "/v1/connections/"+mine(p), nil, &v) })
	return status == http.StatusOK && len(v.Webhooks) > 0 && !slices.ContainsFunc(v.Webhooks, func(h hookShown) bool { return !h.Created })
}

// switchOn has the customer do what is theirs to do in Lever.
func switchOn(p *ordeal.Play, b *browser) {
	tokens := url.Values{}
	for _, e := range view(p, mine(p)).Webhooks {
		p.Do(p.Twin.Switch(accountOf(p), map[string]bool{string(e.Event): true}))
		if e.URL == "" {
			continue
		}
		made, err := p.Twin.AddWebhook(accountOf(p), desk.NewWebhook{Event: string(e.Event), URL: e.URL})
		p.Do(made, err)
		tokens.Set("token."+string(e.Event), made.SignatureToken)
	}
	if len(tokens) > 0 {
		b.step("tokens", tokens)
	}
	for _, h := range ours(p, accountOf(p)) {
		p.Do(p.Twin.Verify(context.Background(), accountOf(p), h.ID))
	}
	p.Sync()
}

// ours are an account's webhooks that post to the gateway.
func ours(p *ordeal.Play, account string) (all []desk.Webhook) {
	every, err := p.Twin.Webhooks(account)
	p.Do(every, err)
	for _, h := range every {
		if strings.HasPrefix(h.URL, rig.Public) || strings.HasPrefix(h.URL, rig.Gateway) {
			all = append(all, h)
		}
	}
	return all
}

// shown is what is looked at of a connection.
type shown struct {
	State    string
	Missing  []string
	Left     []any
	Webhooks []hookShown
}

type hookShown struct {
	Event           lever.Event
	URL             string
	Created, Signed bool
}

func view(p *ordeal.Play, connection string) (v shown) {
	p.Aside(func() { p.Expect(p.Ask("GET", "/v1/connections/"+connection, nil, &v), 200) })
	return v
}

// connected is what is to be seen of a set-up: the connection as the partner sees it,
// and what Lever has of it. A webhook that was made late is there until Lever's webhooks
// are looked through, which is every four hours.
func connected(p *ordeal.Play) []string {
	if p.Late() {
		p.Pass(5 * time.Hour)
	}
	v := view(p, mine(p))
	all := []string{"connection is " + v.State + ", missing " + strings.Join(v.Missing, ", ")}
	for _, h := range v.Webhooks {
		all = append(all, fmt.Sprintf("webhook of %s: %v %v", h.Event, h.Created, h.Signed))
	}
	for _, h := range ours(p, accountOf(p)) {
		all = append(all, "in Lever a webhook of "+h.Event)
	}
	p.Do(nil, p.Table.StopWindows(context.Background(), mine(p))) // the next play has its own
	return all
}

// makeOther makes a connection of another customer of the partner's, and otherID is its
// id.
func makeOther(p *ordeal.Play) {
	if p.Number%20 == 19 {
		time.Sleep(25 * time.Hour) // a secret has a hundred versions of a day at most
	}
	c, err := p.Seed.Customer(context.Background(), p.C.Partner, reference(p))
	p.Do(c, err)
	p.Do(nil, p.Table.StopWindows(context.Background(), c.ID))
}

func otherID(p *ordeal.Play) string { return "con_demo_" + p.C.Partner + "_" + reference(p) }

// ended is what is to be seen of a connection that was ended.
func ended(p *ordeal.Play) []string {
	c, err := p.Table.Connection(context.Background(), otherID(p))
	p.Do(c, err)
	v := view(p, otherID(p))
	_, err = p.Table.Credential(context.Background(), otherID(p))
	return []string{fmt.Sprintf("connection is %s, %d left, %d webhooks in Lever, credential: %v", v.State, len(v.Left), len(ours(p, c.Account)), err)}
}

// still has the clocks leave the changes in the customer's Lever alone, which is not
// what the scene is about and would renew its tokens.
func still(s *partnertest.Stage) { s.Do(nil, s.Table.StopWindows(context.Background(), s.C.ID)) }

// consents gives the partner's demo customer tokens of a consent instead of its key. A
// token that was used goes on working: where Lever kills it at once, an answer with
// its successor that is lost is the end of a consent, whatever is done here.
func consents(s *ordeal.Play) {
	s.Do(nil, s.Twin.Set(s.Account, desk.Settings{Refresh: twinoauth.Grace}))
	ctx, callback := context.Background(), rig.Public+"/connect/callback/production"
	d, err := partners.Named(s.C.Partner)
	s.Do(d, err)
	scopes := d.Connect.Scopes
	app, err := s.Twin.RegisterApp(twinoauth.App{Name: "Joinedly", Callbacks: []string{callback}, Scopes: scopes})
	s.Do(app, err)
	name := rig.StackName + "/oauth/" + s.C.Partner
	value := fmt.Sprintf(`{"production":{"clientId":%q,"clientSecret":%q}}`, app.ClientID, app.ClientSecret)
	s.Do(s.Clients.Secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &name, SecretString: &value}))
	clients := oauth.NewApps(given(value), rig.StackName+"/oauth/", rig.Lever, s, time.Now)
	client, err := clients.Client(ctx, s.C.Partner, lever.Production, callback, scopes)
	s.Do(client, err)
	verifier := oauth.NewVerifier()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, client.AuthorizeURL("state", verifier), strings.NewReader(url.Values{"account": {s.Account}, "decision": {"accept"}}.Encode()))
	s.Do(req, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := s.RoundTrip(req)
	s.Do(res, err)
	s.Do(nil, res.Body.Close())
	back, err := res.Location()
	s.Do(back, err)
	tokens, err := client.Exchange(ctx, back.Query().Get("code"), verifier)
	s.Do(tokens, err)
	old, err := s.Table.Credential(ctx, s.C.ID)
	s.Do(old, err)
	c, err := s.Table.Connection(ctx, s.C.ID)
	s.Do(c, err)
	c.LostAt, c.LostBecause = 0, ""
	s.Do(nil, s.Table.PutConnection(ctx, c))
	old.ExpiresAt, old.GrantedAt, old.RenewedAt = lever.At(tokens.ExpiresAt), lever.At(time.Now()), lever.At(time.Now())
	old.Secret = store.Secret{Access: tokens.Access, Refresh: tokens.Refresh}
	s.Do(nil, s.Table.PutCredential(ctx, old, credential.Due(old)))
}

// keepAlive is the clock that looks after quiet tokens.
func keepAlive(p *ordeal.Play) { clockwork(p, "HubReconcile", "keep-alive") }

// clockwork is a clock: what fails is done again, as Lambda does and the next minute.
func clockwork(p *ordeal.Play, function, task string) {
	for range 6 {
		answer, err := p.Invoke(context.Background(), function, fmt.Appendf(nil, `{"task":%q}`, task))
		if p.Do(answer, err); !answer.Failed {
			return
		}
		time.Sleep(time.Minute)
	}
}

// alive is what is to be seen of tokens that were renewed: they can be renewed again.
func alive(p *ordeal.Play) []string {
	c, err := p.Table.Connection(context.Background(), p.C.ID)
	p.Do(c, err)
	if c.LostAt != 0 {
		return []string{"the connection is lost"}
	}
	k, err := p.Table.Credential(context.Background(), p.C.ID)
	p.Do(k, err)
	return []string{fmt.Sprintf("renewed: %v, ends later: %v", k.RenewedAt.Time().After(p.Since()), k.ExpiresAt.Time().After(time.Now().Add(-2*time.Hour)))}
}

// given is a secret's value.
type given string

// Value is the value, whatever its name.
func (g given) Value(context.Context, string) (string, error) { return string(g), nil }
