package oauth

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

// code is an authorization code that waits to be exchanged.
type code struct {
	key       grantKey
	redirect  string
	scopes    []string
	expires   time.Time
	challenge string
	method    string
	audience  string
}

type access struct {
	key     grantKey
	scopes  []string
	expires time.Time
}

type refresh struct {
	key      grantKey
	scopes   []string
	audience string
	// born is when the account consented; a year later all is over.
	born, used time.Time
	spent      bool
}

// Failure is an error in Auth0's shape.
type Failure struct {
	Status      int    `json:"-"`
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

// Error is the failure in one line.
func (f *Failure) Error() string { return f.Code + ": " + f.Description }

// invalidGrant is what Auth0 says of codes and refresh tokens that do not work.
func invalidGrant(why string) *Failure { return &Failure{http.StatusForbidden, "invalid_grant", why} }

// Tokens is the answer to a successful exchange.
type Tokens struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope"`
	ExpiresIn    int    `json:"expires_in"`
	TokenType    string `json:"token_type"`
}

// ServeToken is POST /oauth/token, with a form or a JSON body.
func (s *Server) ServeToken(w http.ResponseWriter, r *http.Request) {
	body, failure := readBody(r)
	var tokens Tokens
	if failure == nil {
		tokens, failure = s.exchange(body)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if failure != nil {
		w.WriteHeader(failure.Status)
		writeJSON(w, failure)
		return
	}
	writeJSON(w, tokens)
}

// writeJSON prints v; a caller that went away is no failure of ours.
func writeJSON(w io.Writer, v any) {
	if text, err := json.Marshal(v); err == nil {
		w.Write(text)
	}
}

// readBody reads the parameters of a token call.
func readBody(r *http.Request) (map[string]string, *Failure) {
	bad := &Failure{http.StatusBadRequest, "invalid_request", "The body is neither a form nor a JSON object of strings."}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	body := map[string]string{}
	if kind == "application/json" {
		if json.NewDecoder(io.LimitReader(r.Body, 64<<10)).Decode(&body) != nil {
			return nil, bad
		}
		return body, nil
	}
	if r.ParseForm() != nil {
		return nil, bad
	}
	for name := range r.PostForm {
		body[name] = r.PostForm.Get(name)
	}
	return body, nil
}

func (s *Server) exchange(body map[string]string) (Tokens, *Failure) {
	if body["grant_type"] == "" {
		return Tokens{}, &Failure{http.StatusBadRequest, "invalid_request", "Missing required parameter: grant_type"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	app, ok := s.apps[body["client_id"]]
	// An API key sent as the secret ends here as well.
	if !ok || subtle.ConstantTimeCompare([]byte(app.ClientSecret), []byte(body["client_secret"])) != 1 {
		return Tokens{}, &Failure{http.StatusUnauthorized, "access_denied", "Unauthorized"}
	}
	switch body["grant_type"] {
	case "authorization_code":
		return s.redeem(app, body)
	case "refresh_token":
		return s.renew(app, body["refresh_token"])
	}
	return Tokens{}, &Failure{
		http.StatusForbidden, "unauthorized_client",
		"Grant type '" + body["grant_type"] + "' not allowed for the client.",
	}
}

// redeem exchanges a code, which works once. The lock is held.
func (s *Server) redeem(app App, body map[string]string) (Tokens, *Failure) {
	c, ok := s.codes[body["code"]]
	delete(s.codes, body["code"])
	switch {
	case !ok || c.key.client != app.ClientID || s.cfg.Now().After(c.expires):
		return Tokens{}, invalidGrant("Invalid authorization code")
	case c.redirect != body["redirect_uri"]:
		return Tokens{}, invalidGrant("The redirect URI is wrong. You sent another one than for the code.")
	case !c.proves(body["code_verifier"]):
		return Tokens{}, invalidGrant("Failed to verify code verifier")
	case s.grants[c.key] == nil:
		return Tokens{}, invalidGrant("Invalid authorization code")
	}
	now := s.cfg.Now()
	return s.issue(refresh{key: c.key, scopes: c.scopes, audience: c.audience, born: now, used: now})
}

// proves checks PKCE if the code was asked for with it.
func (c code) proves(verifier string) bool {
	switch c.method {
	case "":
		return c.challenge == "" || c.challenge == verifier
	case "plain":
		return c.challenge == verifier
	}
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:]) == c.challenge
}

// renew exchanges a refresh token. The lock is held.
func (s *Server) renew(app App, token string) (Tokens, *Failure) {
	unknown := invalidGrant("Unknown or invalid refresh token.")
	r := s.refresh[token]
	if r == nil || r.key.client != app.ClientID || s.grants[r.key] == nil {
		return Tokens{}, unknown
	}
	now := s.cfg.Now()
	if now.Sub(r.born) >= refreshLife || now.Sub(r.used) >= refreshIdleLife {
		delete(s.refresh, token)
		return Tokens{}, unknown
	}
	if r.spent && s.rotation(r.key.account) == Strict {
		return Tokens{}, unknown
	}
	r.spent, r.used = true, now
	return s.issue(refresh{key: r.key, scopes: r.scopes, audience: r.audience, born: r.born, used: now})
}

// issue makes a pair of tokens. The lock is held.
func (s *Server) issue(r refresh) (Tokens, *Failure) {
	now := s.cfg.Now()
	jwt, err := s.jwt(r, now)
	if err != nil {
		return Tokens{}, &Failure{http.StatusInternalServerError, "server_error", err.Error()}
	}
	s.forgetExpired(now)
	s.access[jwt] = access{key: r.key, scopes: r.scopes, expires: now.Add(accessLife)}
	t := Tokens{AccessToken: jwt, Scope: strings.Join(r.scopes, " "), ExpiresIn: int(accessLife / time.Second), TokenType: "Bearer"}
	if slices.Contains(r.scopes, offline) {
		t.RefreshToken = "v1." + s.cfg.Random.Text(60)
		s.refresh[t.RefreshToken] = &r
	}
	return t, nil
}

// forgetExpired drops access tokens that can no longer be used. The lock is held.
func (s *Server) forgetExpired(now time.Time) {
	for token, a := range s.access {
		if now.After(a.expires) {
			delete(s.access, token)
		}
	}
}

// jwt is an access token with the claims of Lever's.
func (s *Server) jwt(r refresh, now time.Time) (string, error) {
	_, admin, err := s.cfg.Account(r.key.account)
	if err != nil {
		return "", err
	}
	const claims = "https://oauth.lever.co/"
	payload, err := json.Marshal(map[string]any{
		claims + "accountId": r.key.account, claims + "userId": admin, claims + "clientId": r.key.client,
		"iss": s.cfg.Issuer, "aud": r.audience, "iat": now.Unix(), "exp": now.Add(accessLife).Unix(),
		"scope": strings.Join(r.scopes, " "),
		// Two tokens of one second would be the same without it.
		"jti": s.cfg.Random.UUID(),
	})
	if err != nil {
		return "", err
	}
	text := encode([]byte(`{"alg":"HS512","typ":"JWT"}`)) + "." + encode(payload)
	return text + "." + s.sign(text), nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (s *Server) sign(text string) string {
	mac := hmac.New(sha512.New, s.key)
	mac.Write([]byte(text))
	return encode(mac.Sum(nil))
}

// Access is what a valid access token gives.
type Access struct {
	Account, ClientID string
	Scopes            []string
}

// Authenticate reads an access token. A token that is over or revoked is ok
// false; foreign reports a token that another server signed, such as the
// sandbox's.
func (s *Server) Authenticate(token string) (a Access, ok, foreign bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.access[token]
	if !ok || !s.cfg.Now().Before(known.expires) {
		return Access{}, false, s.foreign(token)
	}
	return Access{Account: known.key.account, ClientID: known.key.client, Scopes: known.scopes}, true, false
}

func (s *Server) foreign(token string) bool {
	at := strings.LastIndex(token, ".")
	return strings.Count(token, ".") == 2 && !hmac.Equal([]byte(s.sign(token[:at])), []byte(token[at+1:]))
}
