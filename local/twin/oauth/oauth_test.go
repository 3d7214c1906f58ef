package oauth

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/local/keep"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/random"
)

const callback = "https://partner.example/callback?from=lever"

// place is a server with a clock, an app and the account "acme".
type place struct {
	*Server
	t        *testing.T
	now      time.Time
	rotation Rotation
	app      App
}

func newPlace(t *testing.T, r Rotation) *place {
	t.Helper()
	p := &place{t: t, now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), rotation: r}
	p.open(nil)
	app, err := p.Register(
		App{Name: "Partner", Callbacks: []string{callback}, Scopes: []string{"stages:read:admin", "users:read:admin"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	p.app = app
	return p
}

// open opens the server of the place, anew with a store.
func (p *place) open(store *keep.Store) {
	p.t.Helper()
	var err error
	p.Server, err = New(Config{
		Now: func() time.Time { return p.now }, Random: random.New(nil), Issuer: "https://auth.lever.co/", Rotation: p.rotation,
		Store:     store,
		Audiences: []string{"https://api.lever.co/v1/"}, Accounts: func() []string { return []string{"acme"} },
		Account: func(id string) (string, string, error) {
			if id != "acme" {
				return "", "", account.NotFound("accounts", id)
			}
			return "Acme", "olive", nil
		},
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) request() url.Values {
	return url.Values{
		"client_id": {p.app.ClientID}, "redirect_uri": {callback}, "response_type": {"code"}, "state": {"xyz"},
		"audience": {"https://api.lever.co/v1/"}, "scope": {
			"offline_access stages:read:admin",
		}, "account": {"acme"}, "decision": {"accept"},
	}
}

func (p *place) authorize(q url.Values) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	p.ServeAuthorize(w, httptest.NewRequest("GET", "/authorize?"+q.Encode(), nil))
	return w
}

func (p *place) code(q url.Values) string {
	p.t.Helper()
	w := p.authorize(q)
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil || to.Query().Get("code") == "" {
		p.t.Fatalf("%d %s %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	return to.Query().Get("code")
}

func (p *place) exchangeCode(code string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "client_id": {p.app.ClientID}, "client_secret": {p.app.ClientSecret},
		"code": {code}, "redirect_uri": {callback},
	}
}

func (p *place) refreshWith(token string) url.Values {
	return url.Values{
		"grant_type": {"refresh_token"}, "client_id": {p.app.ClientID}, "client_secret": {p.app.ClientSecret},
		"refresh_token": {token},
	}
}

// call posts a form to the token endpoint.
func (p *place) call(form url.Values) (int, Tokens, Failure) {
	p.t.Helper()
	r := httptest.NewRequest("POST", "/oauth/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.serve(r)
}

func (p *place) serve(r *http.Request) (int, Tokens, Failure) {
	p.t.Helper()
	w := httptest.NewRecorder()
	p.ServeToken(w, r)
	var both struct {
		Tokens
		Failure
	}
	if err := json.Unmarshal(w.Body.Bytes(), &both); err != nil {
		p.t.Fatalf("%v in %s", err, w.Body)
	}
	return w.Code, both.Tokens, both.Failure
}

func (p *place) mustTokens(form url.Values) Tokens {
	p.t.Helper()
	status, tokens, failure := p.call(form)
	if status != 200 {
		p.t.Fatalf("%d %v", status, failure)
	}
	return tokens
}

func TestTokenCallsThatFail(t *testing.T) {
	tests := map[string]struct {
		change func(p *place, form url.Values)
		status int
		code   string
	}{
		"no grant type": {func(_ *place, f url.Values) { f.Del("grant_type") }, 400, "invalid_request"},
		"another grant type": {
			func(_ *place, f url.Values) { f.Set("grant_type", "password") }, 403, "unauthorized_client",
		},
		"an unknown client": {func(_ *place, f url.Values) { f.Set("client_id", "nobody") }, 401, "access_denied"},
		"an API key as the secret": {
			func(_ *place, f url.Values) { f.Set("client_secret", "an-api-key") }, 401, "access_denied",
		},
		"an unknown code": {func(_ *place, f url.Values) { f.Set("code", "nothing") }, 403, "invalid_grant"},
		"another redirect_uri": {
			func(_ *place, f url.Values) { f.Set("redirect_uri", callback+"/") }, 403, "invalid_grant",
		},
		"a code that was used": {func(p *place, f url.Values) { p.mustTokens(f) }, 403, "invalid_grant"},
		"a code that is too old": {
			func(p *place, _ url.Values) { p.now = p.now.Add(codeLife + time.Second) }, 403, "invalid_grant",
		},
		"a code of a consent that ended": {func(p *place, _ url.Values) { p.Revoke("acme", "") }, 403, "invalid_grant"},
		"a code of another app": {func(p *place, f url.Values) {
			other, err := p.Register(App{Callbacks: []string{callback}})
			if err != nil {
				p.t.Fatal(err)
			}
			f.Set("client_id", other.ClientID)
			f.Set("client_secret", other.ClientSecret)
		}, 403, "invalid_grant"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, Strict)
			form := p.exchangeCode(p.code(p.request()))
			tt.change(p, form)
			status, tokens, failure := p.call(form)
			if status != tt.status || failure.Code != tt.code || failure.Description == "" || tokens.AccessToken != "" {
				t.Errorf("%d %+v", status, failure)
			}
		})
	}
}

func TestTheTokenCallTakesJSONAndRefusesOtherBodies(t *testing.T) {
	p := newPlace(t, Strict)
	post := func(kind, body string) int {
		r := httptest.NewRequest("POST", "/oauth/token", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		status, _, _ := p.serve(r)
		return status
	}
	good := map[string]string{}
	for k, v := range p.exchangeCode(p.code(p.request())) {
		good[k] = v[0]
	}
	text, err := json.Marshal(good)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		kind, body string
		status     int
	}{
		"JSON that is cut":       {"application/json", `{"grant_type":`, 400},
		"JSON with a number":     {"application/json", `{"grant_type":1}`, 400},
		"a form that is garbled": {"application/x-www-form-urlencoded", "%zz", 400},
		"JSON":                   {"application/json; charset=utf-8", string(text), 200},
	} {
		if status := post(tt.kind, tt.body); status != tt.status {
			t.Errorf("%s: %d, want %d", name, status, tt.status)
		}
	}
}

func TestProofOfPossessionOfTheCode(t *testing.T) {
	sum := sha256.Sum256([]byte("the verifier"))
	s256 := base64.RawURLEncoding.EncodeToString(sum[:])
	tests := map[string]struct {
		method, challenge, verifier string
		ok                          bool
	}{
		"none is asked and none is given": {"", "", "", true},
		"one is given that was not asked": {"", "", "the verifier", true},
		"S256 with its verifier":          {"S256", s256, "the verifier", true},
		"S256 with another":               {"S256", s256, "another", false},
		"S256 without":                    {"S256", s256, "", false},
		"plain with its verifier":         {"plain", "abc", "abc", true},
		"plain with another":              {"plain", "abc", "abd", false},
		"no method means plain":           {"", "abc", "abc", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, Strict)
			q := p.request()
			q.Set("code_challenge", tt.challenge)
			q.Set("code_challenge_method", tt.method)
			form := p.exchangeCode(p.code(q))
			form.Set("code_verifier", tt.verifier)
			if status, _, _ := p.call(form); (status == 200) != tt.ok {
				t.Errorf("status %d", status)
			}
		})
	}
}

func TestAuthorizationsThatFail(t *testing.T) {
	tests := map[string]struct {
		change func(url.Values)
		status int
		says   string // in the page, or in the address that the browser is sent to
	}{
		"an unknown app":          {func(q url.Values) { q.Set("client_id", "x") }, 403, "ClientID not found"},
		"a callback that is near": {func(q url.Values) { q.Set("redirect_uri", callback+"/") }, 403, "undefined"},
		"no callback":             {func(q url.Values) { q.Del("redirect_uri") }, 403, "undefined"},
		"no state":                {func(q url.Values) { q.Del("state") }, 302, "error=invalid_request"},
		"no scope":                {func(q url.Values) { q.Del("scope") }, 302, "error=invalid_request"},
		"another response type":   {func(q url.Values) { q.Set("response_type", "token") }, 302, "error=invalid_request"},
		"a denial": {
			func(q url.Values) { q.Set("decision", "deny") }, 302,
			"error=access_denied&error_description=User+did+not+authorize+the+request&state=xyz",
		},
		"an unknown account":      {func(q url.Values) { q.Set("account", "x") }, 404, "no account x"},
		"neither accept nor deny": {func(q url.Values) { q.Set("decision", "perhaps") }, 400, "accept or deny"},
		"no decision yet":         {func(q url.Values) { q.Del("decision") }, 200, "wants access"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, Strict)
			q := p.request()
			tt.change(q)
			w := p.authorize(q)
			if all := w.Header().Get("Location") + w.Body.String(); w.Code != tt.status || !strings.Contains(all, tt.says) {
				t.Errorf("%d %s", w.Code, all)
			}
			if loc := w.Header().Get("Location"); loc != "" && !strings.HasPrefix(loc, callback+"&") {
				t.Errorf("sent to %s", loc)
			}
		})
	}
}

func TestWhichScopesAnAppGets(t *testing.T) {
	tests := map[string]struct{ audience, asked, got string }{
		"those it is registered for": {
			"https://api.lever.co/v1/", "offline_access stages:read:admin", "offline_access stages:read:admin",
		},
		"not those it is not registered for": {
			"https://api.lever.co/v1/", "stages:read:admin notes:write:admin", "stages:read:admin",
		},
		"not those that Lever has not": {
			"https://api.lever.co/v1/", "stages:read:admin stages:paint:admin", "stages:read:admin",
		},
		"nothing of the API without audience":  {"", "offline_access stages:read:admin", "offline_access"},
		"nothing without the audience's slash": {"https://api.lever.co/v1", "offline_access stages:read:admin", "offline_access"},
		"nothing for the sandbox in production": {
			"https://api.sandbox.lever.co/v1/", "offline_access stages:read:admin", "offline_access",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, Strict)
			q := p.request()
			q.Set("audience", tt.audience)
			q.Set("scope", tt.asked)
			tokens := p.mustTokens(p.exchangeCode(p.code(q)))
			if tokens.Scope != tt.got {
				t.Errorf("scope %q, want %q", tokens.Scope, tt.got)
			}
			if hasRefresh := tokens.RefreshToken != ""; hasRefresh != strings.Contains(tt.got, offline) {
				t.Errorf("refresh token %q for %q", tokens.RefreshToken, tt.got)
			}
		})
	}
}

func TestWhatBecomesOfAUsedRefreshToken(t *testing.T) {
	for rotation, again := range map[Rotation]int{Strict: 403, Grace: 200, "": 403} {
		t.Run(fmt.Sprintf("under %q", rotation), func(t *testing.T) {
			p := newPlace(t, rotation)
			first := p.mustTokens(p.exchangeCode(p.code(p.request())))
			second := p.mustTokens(p.refreshWith(first.RefreshToken))
			if second.RefreshToken == first.RefreshToken || second.AccessToken == first.AccessToken {
				t.Error("a refresh gives the same tokens")
			}
			if status, _, failure := p.call(p.refreshWith(first.RefreshToken)); status != again {
				t.Errorf("the old one again: %d %+v", status, failure)
			}
			p.mustTokens(p.refreshWith(second.RefreshToken))
			if _, ok, _ := p.Authenticate(first.AccessToken); !ok {
				t.Error("a refresh ends the old access token")
			}
		})
	}
}

func TestTheRotationOfOneAccountCanBeChanged(t *testing.T) {
	p := newPlace(t, Strict)
	first := p.mustTokens(p.exchangeCode(p.code(p.request())))
	p.mustTokens(p.refreshWith(first.RefreshToken))
	if err := p.SetRotation("acme", Grace); err != nil {
		t.Fatal(err)
	}
	p.mustTokens(p.refreshWith(first.RefreshToken))
	if err := p.SetRotation("acme", "never"); err == nil {
		t.Error("took a rotation that is none")
	}
}

func TestRefreshTokensDieOfAge(t *testing.T) {
	day := 24 * time.Hour
	tests := map[string]struct {
		pauses []time.Duration
		ok     bool
	}{
		"used after 89 days":       {[]time.Duration{89 * day}, true},
		"unused for 90 days":       {[]time.Duration{90 * day}, false},
		"kept alive for 360 days":  {[]time.Duration{80 * day, 80 * day, 80 * day, 80 * day, 40 * day}, true},
		"a year after the consent": {[]time.Duration{80 * day, 80 * day, 80 * day, 80 * day, 45 * day}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, Strict)
			token := p.mustTokens(p.exchangeCode(p.code(p.request()))).RefreshToken
			status := 0
			for _, pause := range tt.pauses {
				p.now = p.now.Add(pause)
				var tokens Tokens
				status, tokens, _ = p.call(p.refreshWith(token))
				token = tokens.RefreshToken
			}
			if (status == 200) != tt.ok {
				t.Errorf("status %d", status)
			}
		})
	}
}

func TestAccessTokensAreToldApart(t *testing.T) {
	p, stranger := newPlace(t, Strict), newPlace(t, Strict)
	mine, theirs := p.mustTokens(p.exchangeCode(p.code(p.request()))), stranger.mustTokens(
		stranger.exchangeCode(stranger.code(stranger.request())),
	)
	tests := map[string]struct {
		token       string
		ok, foreign bool
	}{
		"its own":                 {mine.AccessToken, true, false},
		"one of another server":   {theirs.AccessToken, false, true},
		"one with a word changed": {mine.AccessToken + "x", false, true},
		"something else":          {"nonsense", false, false},
	}
	for name, tt := range tests {
		if _, ok, foreign := p.Authenticate(tt.token); ok != tt.ok || foreign != tt.foreign {
			t.Errorf("%s: ok %t, foreign %t", name, ok, foreign)
		}
	}
	p.now = p.now.Add(time.Hour)
	if _, ok, foreign := p.Authenticate(mine.AccessToken); ok || foreign {
		t.Error("an hour later it still counts, or is called foreign")
	}
}

func TestWriteIncludesRead(t *testing.T) {
	tests := map[string]struct {
		scopes []string
		needed string
		ok     bool
	}{
		"read for read":     {[]string{"notes:read:admin"}, "notes:read:admin", true},
		"write for read":    {[]string{"notes:write:admin"}, "notes:read:admin", true},
		"read for write":    {[]string{"notes:read:admin"}, "notes:write:admin", false},
		"of something else": {[]string{"users:write:admin"}, "notes:read:admin", false},
		"none":              {nil, "notes:read:admin", false},
	}
	for name, tt := range tests {
		if got := Allows(tt.scopes, tt.needed); got != tt.ok {
			t.Errorf("%s: %t", name, got)
		}
	}
	if n := len(Scopes()); n != 52 || !slices.Contains(Scopes(), "uploads:write:admin") {
		t.Errorf("%d scopes: %v", n, Scopes())
	}
}

func TestRegistrationsThatAreRefused(t *testing.T) {
	p := newPlace(t, Strict)
	for name, bad := range map[string]App{
		"no callback":       {Name: "x"},
		"an unknown scope":  {Callbacks: []string{callback}, Scopes: []string{"everything"}},
		"a client id twice": {Callbacks: []string{callback}, ClientID: p.app.ClientID},
	} {
		if _, err := p.Register(bad); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if apps := p.Apps(); len(apps) != 1 || apps[0].Name != "Partner" {
		t.Errorf("apps %v", apps)
	}
}

func newStore(t *testing.T) *keep.Store {
	t.Helper()
	s, err := keep.Open(t.TempDir(), "oauth.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Every step is made on a server that was opened anew.
func TestAConnectionGoesOnOverRestarts(t *testing.T) {
	p := newPlace(t, Strict)
	store := newStore(t)
	p.open(store)
	app, err := p.Register(p.app)
	if err != nil {
		t.Fatal(err)
	}
	p.open(store)
	if _, err := p.Register(app); err == nil {
		t.Error("the same app twice")
	}
	code := p.code(p.request())
	p.open(store)
	first := p.mustTokens(p.exchangeCode(code))
	p.open(store)
	if status, _, failure := p.call(p.exchangeCode(code)); status != 403 {
		t.Errorf("a code twice: %d %v", status, failure)
	}
	second := p.mustTokens(p.refreshWith(first.RefreshToken))
	p.open(store)
	if status, _, _ := p.call(p.refreshWith(first.RefreshToken)); status != 403 {
		t.Errorf("a spent token: %d", status)
	}
	for name, tokens := range map[string]Tokens{"the first": first, "the second": second} {
		got, ok, _ := p.Authenticate(tokens.AccessToken)
		if !ok || got.Account != "acme" || got.ClientID != app.ClientID || !slices.Contains(got.Scopes, "stages:read:admin") {
			t.Errorf("%s access token: %+v", name, got)
		}
	}
	if n, err := p.Revoke("acme", ""); n != 1 || err != nil {
		t.Errorf("%d revoked, %v", n, err)
	}
	p.open(store)
	if _, ok, foreign := p.Authenticate(second.AccessToken); ok || foreign {
		t.Errorf("a revoked token is valid (%t) or another server's (%t)", ok, foreign)
	}
	if status, _, _ := p.call(p.refreshWith(second.RefreshToken)); status != 403 || len(p.Grants("acme")) != 0 {
		t.Errorf("a revoked refresh token: %d, grants %v", status, p.Grants("acme"))
	}
}

func TestWhatIsOverIsNotKept(t *testing.T) {
	p := newPlace(t, Strict)
	p.code(p.request())
	p.mustTokens(p.exchangeCode(p.code(p.request())))
	p.now = p.now.Add(accessLife + time.Millisecond)
	p.mustTokens(p.exchangeCode(p.code(p.request())))
	if p.codes.Len() != 0 || p.access.Len() != 1 {
		t.Errorf("%d codes and %d access tokens", p.codes.Len(), p.access.Len())
	}
}
