package connect_test

import (
	"context"
	"encoding/json"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"fulcrum/functions/partners"
	engine "fulcrum/local/aws"
	"fulcrum/local/gateway"
	"fulcrum/local/inproc"
	local "fulcrum/local/lambda"
	"fulcrum/local/rig"
	"fulcrum/local/seed"
	"fulcrum/local/template"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/local/twin/oauth"
	"fulcrum/shared/apikey"
	"fulcrum/shared/boot"
	"fulcrum/shared/connect"
	"fulcrum/shared/definition"
	"fulcrum/shared/lever"
	"fulcrum/shared/status"
	"fulcrum/shared/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// world is a stack, a Lever with a customer's account, and the partner of a test.
type world struct {
	*rig.Live
	t       *testing.T
	d       definition.Definition
	account string
	app     oauth.App
	// connection is the id of the customer's connection.
	connection string
	// mortal is the function connect that dies, nil while none does, and front the
	// gateway before it.
	mortal any
	front  http.Handler
}

// as runs f for a partner, in the virtual time of 2026.
func as(t *testing.T, partner string, f func(t *testing.T, w *world)) {
	t.Helper()
	asOn(t, partner, engine.Options{}, f)
}

func asOn(t *testing.T, partner string, o engine.Options, f func(t *testing.T, w *world)) {
	t.Helper()
	rig.Some(t)
	d := define(t, partner)
	synctest.Test(t, func(t *testing.T) {
		w := &world{Live: rig.NewLive(t, o), t: t, d: d, connection: connect.ConnectionID(partner, lever.Production, "acme")}
		w.account = w.newAccount("Acme")
		for _, name := range []string{partner, "justworks"} {
			w.giveKey(name)
		}
		w.register()
		_, err := w.Clients.SQS.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(rig.StackName + "-partner-" + partner)})
		w.must(err)
		f(t, w)
	})
}

// define is the definition of a partner.
func define(t *testing.T, partner string) definition.Definition {
	t.Helper()
	d, err := partners.Named(partner)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) newAccount(name string) string {
	w.t.Helper()
	made, err := w.Twin.CreateAccount(desk.NewAccount{Name: name})
	w.must(err)
	return made.Account
}

// register registers the partner's app, as Lever's staff does, and puts its id and
// secret where the bundle looks.
func (w *world) register() {
	w.t.Helper()
	if w.d.Connect.By != definition.OAuth {
		return
	}
	scopes := append(slices.Clone(w.d.Connect.Scopes), "confidential:access:admin")
	var callbacks []string
	for _, environment := range []string{lever.Production, lever.Sandbox, lever.EU} {
		callbacks = append(callbacks, rig.Public+"/connect/callback/"+environment)
	}
	app, err := w.Twin.RegisterApp(oauth.App{Name: w.d.Title, Callbacks: callbacks, Scopes: scopes})
	w.must(err)
	w.app = app
	one := map[string]string{"clientId": app.ClientID, "clientSecret": app.ClientSecret}
	text, err := json.Marshal(map[string]any{"production": one, "sandbox": one, "eu": one})
	w.must(err)
	name := rig.StackName + "/oauth/" + w.d.Name
	if _, err := w.Clients.Secrets.CreateSecret(w.t.Context(), &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String(string(text))}); err != nil {
		_, err = w.Clients.Secrets.PutSecretValue(w.t.Context(), &secretsmanager.PutSecretValueInput{SecretId: &name, SecretString: aws.String(string(text))})
		w.must(err)
	}
}

// answer is what a partner's backend was answered.
type answer struct {
	Status int
	Body   []byte
}

// call makes a request of the partner's backend with its API key.
func (w *world) call(method, path string, body any) answer {
	w.t.Helper()
	return w.callAs(w.d.Name, method, path, body)
}

func (w *world) callAs(partner, method, path string, body any) answer {
	w.t.Helper()
	key, err := seed.APIKey(partner)
	w.must(err)
	text := ""
	if body != nil {
		raw, err := json.Marshal(body)
		w.must(err)
		text = string(raw)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, rig.Gateway+path, strings.NewReader(text))
	w.must(err)
	req.Header.Set("Authorization", "Bearer "+key)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := w.RoundTrip(req)
	w.must(err)
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	w.must(err)
	return answer{res.StatusCode, said}
}

// giveKey makes a partner's API key known.
func (w *world) giveKey(partner string) {
	w.t.Helper()
	text, err := seed.APIKey(partner)
	w.must(err)
	k, err := apikey.Parse(text)
	w.must(err)
	w.must(w.Table.AddAPIKey(w.t.Context(), partner, store.APIKey{ID: k.ID, Hash: k.Hash}))
}

// invoke runs a function, with the one that dies in the place of connect.
func (w *world) invoke(ctx context.Context, function string, event []byte) (local.Answer, error) {
	if function != "HubConnect" || w.mortal == nil {
		return w.Invoke(ctx, function, event)
	}
	payload, err := lambda.NewHandler(w.mortal).Invoke(ctx, event)
	return local.Answer{Payload: payload}, err
}

// die has every call of the function connect go through m from now on, until heal.
func (w *world) die(m *rig.Mortal) {
	w.t.Helper()
	handler, err := boot.Start(w.t.Context(), w.Env(w.t, "HubConnect").Through(m), func(env *boot.Env) any {
		return connect.FromEnv(env, partners.Named).Handle
	})
	w.must(err)
	front, err := gateway.New(gateway.Options{API: w.Wiring.API, Region: engine.Region, Account: engine.Account, Invoke: w.invoke})
	w.must(err)
	w.mortal, w.front = handler, front
}

// RoundTrip makes a partner's or a browser's request. What the stack itself asks for
// goes on beside it, so that its hosts stay as they are.
func (w *world) RoundTrip(req *http.Request) (*http.Response, error) {
	if w.front != nil && req.URL.Host == "gateway.test" {
		return inproc.Hosts{"gateway.test": w.front}.RoundTrip(req)
	}
	return w.Live.RoundTrip(req)
}

// heal has the function connect live again.
func (w *world) heal() { w.mortal = nil }

// expect fails unless an answer has the status, and reads its body.
func expect[T any](w *world, a answer, status int) T {
	w.t.Helper()
	var v T
	if a.Status != status {
		w.t.Fatalf("status %d, want %d: %s", a.Status, status, a.Body)
	}
	w.must(json.Unmarshal(a.Body, &v))
	return v
}

// view is what the tests look at of a connection.
type view struct {
	ID       string
	State    status.State
	Because  string
	Account  string
	Missing  []string
	Left     []store.Left
	Webhooks []struct {
		Event                 lever.Event
		Title, URL            string
		Created, Signed, Seen bool
		SeenAt, VerifiedAt    string
		Rotating              bool
	}
}

func (w *world) view() view {
	w.t.Helper()
	return expect[view](w, w.call(http.MethodGet, "/v1/connections/"+w.connection, nil), http.StatusOK)
}

func (w *world) expectState(want status.State) view {
	w.t.Helper()
	v := w.view()
	if v.State != want {
		w.t.Fatalf("state %q (%s), want %q: %v", v.State, v.Because, want, v.Missing)
	}
	return v
}

// post does something to the connection.
func (w *world) post(what string) answer {
	w.t.Helper()
	return w.call(http.MethodPost, "/v1/connections/"+w.connection+"/"+what, nil)
}

// newLink has the partner's backend make a connect link.
func (w *world) newLink() string {
	w.t.Helper()
	return expect[struct{ URL string }](w, w.call(http.MethodPost, "/v1/connect-links", customer("acme")), http.StatusCreated).URL
}

func customer(reference string) map[string]any {
	return map[string]any{"customer": map[string]string{"name": "Acme", "reference": reference}}
}

// browser is one that follows no redirect by itself.
type browser struct {
	w       *world
	through http.RoundTripper
	cookies map[string]string
	// at is the address of the page, status its answer, page its text.
	at     string
	status int
	page   string
	header http.Header
}

func (w *world) browser() *browser { return &browser{w: w, through: w, cookies: map[string]string{}} }

func (b *browser) do(method, address string, form url.Values) *browser {
	b.w.t.Helper()
	base, err := url.Parse(b.at)
	b.w.must(err)
	to, err := base.Parse(address)
	b.w.must(err)
	req, err := http.NewRequestWithContext(context.Background(), method, to.String(), strings.NewReader(form.Encode()))
	b.w.must(err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", base.Scheme+"://"+base.Host)
	}
	for name, value := range b.cookies {
		if strings.HasPrefix(to.String(), rig.Public) {
			req.AddCookie(&http.Cookie{Name: name, Value: value})
		}
	}
	res, err := b.through.RoundTrip(req)
	b.w.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	b.w.must(err)
	for _, c := range res.Cookies() {
		b.cookies[c.Name] = c.Value
	}
	b.at, b.status, b.page, b.header = to.String(), res.StatusCode, string(text), res.Header
	return b
}

// open goes to an address and follows where it leads.
func (b *browser) open(address string) *browser {
	b.w.t.Helper()
	return b.do(http.MethodGet, address, nil).follow()
}

func (b *browser) follow() *browser {
	b.w.t.Helper()
	for range 5 {
		to := b.header.Get("Location")
		if to == "" || !strings.HasPrefix(b.at, rig.Public) && !strings.HasPrefix(to, rig.Public) {
			return b
		}
		if u, err := url.Parse(to); err == nil && u.Host != "" && u.Host != "gateway.test" {
			return b
		}
		b.do(http.MethodGet, to, nil)
	}
	return b
}

var (
	csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)
	version   = regexp.MustCompile(`name="version" value="([^"]+)"`)
	leverLink = regexp.MustCompile(`<a href="([^"]+)" rel="noreferrer">Continue to Lever`)
)

// submit sends the page's form of that name.
func (b *browser) submit(form string, values url.Values) *browser {
	b.w.t.Helper()
	if values == nil {
		values = url.Values{}
	}
	if m := csrfField.FindStringSubmatch(b.page); m != nil && values.Get("csrf") == "" {
		values.Set("csrf", m[1])
	}
	if m := version.FindStringSubmatch(b.page); m != nil && (form == "settings" || form == "match") && values.Get("version") == "" {
		values.Set("version", m[1])
	}
	action, _, _ := strings.Cut(strings.TrimPrefix(b.at, rig.Public), "?")
	parts := strings.Split(action, "/")
	return b.do(http.MethodPost, strings.Join(parts[:3], "/")+"/"+form, values).follow()
}

// choose applies the settings where the page shows nothing else before.
func (b *browser) choose() *browser {
	b.w.t.Helper()
	if b.w.d.SettingsFirst {
		b.submit("settings", url.Values{"postResults": {"form"}, "retentionDays": {"365"}})
	}
	return b
}

// expect fails unless the page has the status and all of the texts.
func (b *browser) expect(status int, texts ...string) *browser {
	b.w.t.Helper()
	page := html.UnescapeString(b.page)
	for _, text := range texts {
		if !strings.Contains(page, text) {
			b.w.t.Fatalf("the page does not say %q:\n%s", text, page)
		}
	}
	if b.status != status {
		b.w.t.Fatalf("status %d, want %d:\n%s", b.status, status, page)
	}
	return b
}

// toLever is the address at Lever that the page leads to, as a Super Admin of the
// account who decides so goes through it.
func (b *browser) toLever(account, decision string) string {
	b.w.t.Helper()
	m := leverLink.FindStringSubmatch(b.page)
	if m == nil {
		b.w.t.Fatalf("the page does not lead to Lever:\n%s", b.page)
	}
	return html.UnescapeString(m[1]) + "&account=" + account + "&decision=" + decision
}

// callback is where Lever sends the browser back to.
func (b *browser) callback(account, decision string) string {
	b.w.t.Helper()
	address := b.toLever(account, decision)
	lever := &browser{w: b.w, through: b.w, cookies: map[string]string{}}
	to := lever.do(http.MethodGet, address, nil).header.Get("Location")
	if to == "" {
		b.w.t.Fatalf("Lever does not send the browser back: %d %s", lever.status, lever.page)
	}
	return to
}

// connect opens a link and gives consent, or the API key.
func (b *browser) connect(link, account string) *browser {
	b.w.t.Helper()
	b.open(link).submit("open", nil)
	if b.w.d.Connect.By == definition.APIKey {
		return b.submit("key", url.Values{"key": {b.w.newKey(account)}})
	}
	return b.submit("consent", nil).open(b.callback(account, "accept"))
}

func (w *world) newKey(account string, rights ...string) string {
	w.t.Helper()
	key, err := w.Twin.CreateKey(account, desk.NewKey{Name: w.d.Title, Rights: rights})
	w.must(err)
	return key.Secret
}

// ours are the account's webhooks that post to us.
func (w *world) ours() []desk.Webhook {
	w.t.Helper()
	all, err := w.Twin.Webhooks(w.account)
	w.must(err)
	return slices.DeleteFunc(all, func(h desk.Webhook) bool { return !strings.HasPrefix(h.URL, rig.Public) })
}

// switchOn does what the customer does in Lever: turn each event on and, where the
// webhooks are theirs to make, add them and type their tokens in.
func (w *world) switchOn(b *browser) {
	w.t.Helper()
	tokens := url.Values{}
	for _, e := range w.view().Webhooks {
		_, err := w.Twin.Switch(w.account, map[string]bool{string(e.Event): true})
		w.must(err)
		if w.d.Webhooks.MadeBy == definition.Customer {
			made, err := w.Twin.AddWebhook(w.account, desk.NewWebhook{Event: string(e.Event), URL: e.URL})
			w.must(err)
			tokens.Set("token."+string(e.Event), made.SignatureToken)
		}
	}
	if len(tokens) > 0 {
		b.submit("tokens", tokens).expect(http.StatusOK)
	}
}

// verify clicks Verify Connection at each webhook in Lever.
func (w *world) verify() {
	w.t.Helper()
	for _, h := range w.ours() {
		w.verifyOne(h, http.StatusOK)
	}
}

func (w *world) verifyOne(h desk.Webhook, want int) {
	w.t.Helper()
	attempt, err := w.Twin.Verify(w.t.Context(), w.account, h.ID)
	w.must(err)
	if attempt.Status != want {
		w.t.Errorf("Verify connection of %s: status %d, want %d", h.Event, attempt.Status, want)
	}
	if attempt.Status == http.StatusOK {
		w.see(h, true)
	}
}

// see waits until the partner's sync function has noted that a webhook was seen. For
// a partner that has none yet, it notes that itself.
func (w *world) see(h desk.Webhook, test bool) {
	w.t.Helper()
	time.Sleep(2 * time.Minute)
	if slices.ContainsFunc(w.Wiring.Functions, func(f template.Function) bool { return f.Folder == "functions/partners/"+w.d.Name+"/sync" }) {
		return
	}
	hook := h.URL[strings.LastIndex(h.URL, "/")+1:]
	_, err := w.Table.Seen(w.t.Context(), w.connection, lever.Event(h.Event), hook, lever.At(time.Now()), test)
	w.must(err)
}

// fault makes Lever fail.
func (w *world) fault(f api.Fault) {
	w.t.Helper()
	w.must(w.Twin.Inject(f))
}

// audits are the actions in the connection's trail.
func (w *world) audits() []string {
	w.t.Helper()
	trail, err := w.Table.Audits(w.t.Context(), w.connection, store.Paging{})
	w.must(err)
	var all []string
	for _, a := range trail.Items {
		all = append(all, a.Action)
	}
	return all
}

// send posts a delivery that is signed with a webhook's key.
func (w *world) send(h desk.Webhook) int {
	w.t.Helper()
	token, at := strings.Repeat("n", 48), time.Now().UnixMilli()
	body, err := json.Marshal(map[string]any{
		"triggeredAt": at, "event": h.Event, "token": token, "signature": seed.Signature(h.SignatureToken, token, at),
		"data": map[string]string{"opportunityId": "00000000-0000-4000-8000-000000000000"},
	})
	w.must(err)
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, h.URL, strings.NewReader(string(body)))
	w.must(err)
	req.Header.Set("Content-Type", "application/json")
	res, err := w.RoundTrip(req)
	w.must(err)
	w.must(res.Body.Close())
	return res.StatusCode
}

// give gives what the partner itself has to say before a hire needs nobody's
// attention: Justworks' admins.
func (w *world) give() {
	w.t.Helper()
	if w.d.Name != "justworks" {
		return
	}
	body := `{"admins":[{"id":"adm_1","name":"Grace Hopper","email":"grace@example.com","manageEmployees":true}],"offices":[],"departments":[],"members":[]}`
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPut, rig.Gateway+"/v1/justworks/connections/"+w.connection+"/roster", strings.NewReader(body))
	w.must(err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+w.Connection(w.t, "justworks").PartnerAPIKey)
	res, err := (&http.Client{Transport: w}).Do(req)
	w.must(err)
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		w.t.Fatalf("the roster is answered with %d", res.StatusCode)
	}
}
