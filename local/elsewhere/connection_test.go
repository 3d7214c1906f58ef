package elsewhere_test

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"fulcrum/local/seed"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/definition"
	"fulcrum/shared/lever"
)

// visitor is a browser that a customer's admin has.
type visitor struct {
	bundle
	client *http.Client
	// at is the address of the page, page its text.
	at   *url.URL
	page string
}

// jar keeps cookies for the gateway. It is on this machine, where browsers take
// secure cookies without TLS and Go's own jar does not.
type jar struct{ kept map[string]*http.Cookie }

// SetCookies keeps what the gateway sets.
func (j jar) SetCookies(_ *url.URL, cookies []*http.Cookie) {
	for _, c := range cookies {
		j.kept[c.Name] = c
	}
}

// Cookies gives all of it.
func (j jar) Cookies(*url.URL) []*http.Cookie {
	var all []*http.Cookie
	for _, c := range j.kept {
		all = append(all, c)
	}
	return all
}

func (b bundle) visitor() *visitor {
	return &visitor{bundle: b, client: &http.Client{Jar: jar{map[string]*http.Cookie{}}}}
}

func (v *visitor) do(method, address string, form url.Values) {
	v.Helper()
	req, err := http.NewRequestWithContext(v.Context(), method, address, strings.NewReader(form.Encode()))
	v.must(err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", v.Gateway)
	}
	res, err := v.client.Do(req)
	v.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	v.must(err)
	v.at, v.page = res.Request.URL, html.UnescapeString(string(text))
	if res.StatusCode != http.StatusOK {
		v.Fatalf("%s is answered %d:\n%s", v.at.Path, res.StatusCode, v.page)
	}
}

var (
	hidden    = regexp.MustCompile(`name="(csrf|version)" value="([^"]+)"`)
	leverLink = regexp.MustCompile(`<a href="([^"]+)" rel="noreferrer">Continue to Lever`)
)

// submit sends the page's form of that name.
func (v *visitor) submit(form string, values url.Values) {
	v.Helper()
	if values == nil {
		values = url.Values{}
	}
	for _, m := range hidden.FindAllStringSubmatch(v.page, -1) {
		if m[1] == "csrf" || form == "settings" {
			values.Set(m[1], m[2])
		}
	}
	parts := strings.Split(v.at.Path, "/")
	v.do(http.MethodPost, v.Gateway+strings.Join(parts[:3], "/")+"/"+form, values)
}

// view is what is looked at of a connection.
type view struct {
	ID, State string
	Missing   []string
	Webhooks  []struct {
		Event lever.Event
		URL   string
	}
}

// connection goes a new customer's way, from the link to disconnecting.
func (b bundle) connection(d definition.Definition) {
	account, key, err := seed.Trial(b.Twin.Desk, "Acme")
	b.must(err)
	c := b.customer(d.Name)
	var link struct{ URL, Connection string }
	b.call(c, http.MethodPost, "/v1/connect-links", http.StatusCreated, map[string]any{"customer": map[string]string{"name": "Acme", "reference": "acme"}}, &link)
	c.ID, c.Account = link.Connection, account

	v := b.visitor()
	v.do(http.MethodGet, link.URL, nil)
	v.submit("open", nil)
	v.consent(d, account, key)
	if d.SettingsFirst {
		v.submit("settings", url.Values{"postResults": {"form"}, "retentionDays": {"365"}})
	}
	v.verified(c, d)
	b.call(c, http.MethodPost, "/v1/connections/{c}/finish-setup", http.StatusOK, nil, nil)
	v.replaced(c, d)

	var end view
	b.call(c, http.MethodPost, "/v1/connections/{c}/disconnect", http.StatusOK, nil, &end)
	if end.State != "Disconnected" {
		b.Errorf("state %q after disconnecting", end.State)
	}
	left, err := b.Twin.Webhooks(account)
	b.must(err)
	if byHand := d.Webhooks.MadeBy == definition.Customer; byHand != (len(left) > 0) {
		b.Errorf("webhooks left in Lever: %+v", left)
	}
}

// consent gives what Lever asks for, or types in the API key.
func (v *visitor) consent(d definition.Definition, account, key string) {
	v.Helper()
	if d.Connect.By == definition.APIKey {
		v.submit("key", url.Values{"key": {key}})
		return
	}
	v.submit("consent", nil)
	m := leverLink.FindStringSubmatch(v.page)
	if m == nil {
		v.Fatalf("the page does not lead to Lever:\n%s", v.page)
	}
	v.do(http.MethodGet, m[1]+"&account="+account+"&decision=accept", nil)
}

// verified does what a customer does in Lever, until the connection is complete:
// makes the webhooks where they are theirs to make, switches them on, and has them
// verified.
func (v *visitor) verified(c seed.Connection, d definition.Definition) {
	v.Helper()
	var now view
	v.call(c, http.MethodGet, "/v1/connections/{c}", http.StatusOK, nil, &now)
	var needed []lever.Event
	tokens := url.Values{}
	for _, w := range now.Webhooks {
		needed = append(needed, w.Event)
		if d.Webhooks.MadeBy == definition.Customer {
			made, err := v.Twin.AddWebhook(c.Account, desk.NewWebhook{Event: string(w.Event), URL: w.URL})
			v.must(err)
			tokens.Set("token."+string(w.Event), made.SignatureToken)
		}
	}
	_, err := v.Twin.Switch(c.Account, events(needed))
	v.must(err)
	if len(tokens) > 0 {
		v.submit("tokens", tokens)
	}
	hooks, err := v.Twin.Webhooks(c.Account)
	v.must(err)
	for _, h := range hooks {
		attempt, err := v.Twin.Verify(v.Context(), c.Account, h.ID)
		v.must(err)
		if attempt.Status != http.StatusOK {
			v.Errorf("Verify connection of %s is answered %d", h.Event, attempt.Status)
		}
	}
	v.within("Connected", func() bool {
		v.call(c, http.MethodGet, "/v1/connections/{c}", http.StatusOK, nil, &now)
		return now.State == "Connected"
	})
}

// replaced gives all webhooks of a connection new tokens, as after a breach: what is
// signed with the old ones is refused.
func (v *visitor) replaced(c seed.Connection, d definition.Definition) {
	v.Helper()
	old, err := v.Twin.Webhooks(c.Account)
	v.must(err)
	var tokens []map[string]any
	for _, h := range old {
		one := map[string]any{"event": h.Event}
		if d.Webhooks.TypedTokens {
			made, err := v.Twin.Regenerate(c.Account, h.ID)
			v.must(err)
			one["token"] = made.SignatureToken
		}
		tokens = append(tokens, one)
	}
	v.call(c, http.MethodPut, "/v1/connections/{c}/signing-tokens", http.StatusOK, map[string]any{"tokens": tokens}, nil)
	now, err := v.Twin.Webhooks(c.Account)
	v.must(err)
	for _, h := range now {
		v.within("the new token of "+h.Event+" is taken", func() bool {
			attempt, err := v.Twin.Verify(v.Context(), c.Account, h.ID)
			v.must(err)
			return attempt.Status == http.StatusOK
		})
	}
	for _, h := range old {
		if got := v.post(h.URL, signed(h)); got != http.StatusUnauthorized {
			v.Errorf("what is signed with the old token of %s is answered %d", h.Event, got)
		}
	}
}
