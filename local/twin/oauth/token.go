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

// code is an authorization code that waits to be exchanged. Times are milliseconds,
// here and below.
type code struct {
	Code              string
	Party             party
	Redirect          string
	Scopes            []string
	Expires           int64
	Challenge, Method string
	Audience          string
}

type access struct {
	Token   string
	Party   party
	Scopes  []string
	Expires int64
}

type refresh struct {
	Token    string
	Party    party
	Scopes   []string
	Audience string
	// Born is when the account consented; a year later all is over.
	Born, Used int64
	Spent      bool
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

// exchange does what the call asks for. What it has used up is used up even if it
// fails.
func (s *Server) exchange(body map[string]string) (tokens Tokens, failure *Failure) {
	err := s.change(func() error {
		tokens, failure = s.grant(body)
		return nil
	})
	if err != nil {
		return Tokens{}, serverError(err)
	}
	return tokens, failure
}

func serverError(err error) *Failure {
	return &Failure{http.StatusInternalServerError, "server_error", err.Error()}
}

// grant answers a call by its type. The lock is held.
func (s *Server) grant(body map[string]string) (Tokens, *Failure) {
	if body["grant_type"] == "" {
		return Tokens{}, &Failure{http.StatusBadRequest, "invalid_request", "Missing required parameter: grant_type"}
	}
	app := s.apps.See(body["client_id"])
	// An API key sent as the secret ends here as well.
	if app == nil || subtle.ConstantTimeCompare([]byte(app.ClientSecret), []byte(body["client_secret"])) != 1 {
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
func (s *Server) redeem(app *App, body map[string]string) (Tokens, *Failure) {
	c := s.codes.See(body["code"])
	s.codes.Drop(body["code"])
	now := s.now()
	switch {
	case c == nil || c.Party.Client != app.ClientID || now > c.Expires:
		return Tokens{}, invalidGrant("Invalid authorization code")
	case c.Redirect != body["redirect_uri"]:
		return Tokens{}, invalidGrant("The redirect URI is wrong. You sent another one than for the code.")
	case !c.proves(body["code_verifier"]):
		return Tokens{}, invalidGrant("Failed to verify code verifier")
	case s.grants.See(c.Party.key()) == nil:
		return Tokens{}, invalidGrant("Invalid authorization code")
	}
	return s.issue(refresh{Party: c.Party, Scopes: c.Scopes, Audience: c.Audience, Born: now, Used: now})
}

func (s *Server) now() int64 { return s.cfg.Now().UnixMilli() }

// proves checks PKCE if the code was asked for with it.
func (c code) proves(verifier string) bool {
	switch c.Method {
	case "":
		return c.Challenge == "" || c.Challenge == verifier
	case "plain":
		return c.Challenge == verifier
	}
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:]) == c.Challenge
}

// renew exchanges a refresh token. The lock is held.
func (s *Server) renew(app *App, token string) (Tokens, *Failure) {
	unknown := invalidGrant("Unknown or invalid refresh token.")
	r := s.refresh.Take(token)
	if r == nil || r.Party.Client != app.ClientID || s.grants.See(r.Party.key()) == nil {
		return Tokens{}, unknown
	}
	now := s.now()
	if now-r.Born >= refreshLife.Milliseconds() || now-r.Used >= refreshIdleLife.Milliseconds() {
		s.refresh.Drop(token)
		return Tokens{}, unknown
	}
	if r.Spent && s.rotation(r.Party.Account) == Strict {
		return Tokens{}, unknown
	}
	r.Spent, r.Used = true, now
	return s.issue(refresh{Party: r.Party, Scopes: r.Scopes, Audience: r.Audience, Born: r.Born, Used: now})
}

// issue makes a pair of tokens. The lock is held.
func (s *Server) issue(r refresh) (Tokens, *Failure) {
	now := s.cfg.Now()
	jwt, err := s.jwt(r, now)
	if err != nil {
		return Tokens{}, serverError(err)
	}
	s.forgetExpired()
	s.access.Put(&access{Token: jwt, Party: r.Party, Scopes: r.Scopes, Expires: now.Add(accessLife).UnixMilli()})
	t := Tokens{AccessToken: jwt, Scope: strings.Join(r.Scopes, " "), ExpiresIn: int(accessLife / time.Second), TokenType: "Bearer"}
	if slices.Contains(r.Scopes, offline) {
		r.Token = "v1." + s.cfg.Random.Text(60)
		t.RefreshToken = r.Token
		s.refresh.Put(&r)
	}
	return t, nil
}

// forgetExpired drops codes and access tokens that can no longer be used. The lock
// is held.
func (s *Server) forgetExpired() {
	now := s.now()
	for c := range s.codes.All() {
		if now > c.Expires {
			s.codes.Drop(c.Code)
		}
	}
	for a := range s.access.All() {
		if now > a.Expires {
			s.access.Drop(a.Token)
		}
	}
}

// jwt is an access token with the claims of Lever's.
func (s *Server) jwt(r refresh, now time.Time) (string, error) {
	_, admin, err := s.cfg.Account(r.Party.Account)
	if err != nil {
		return "", err
	}
	const claims = "https://oauth.lever.co/"
	payload, err := json.Marshal(map[string]any{
		claims + "accountId": r.Party.Account, claims + "userId": admin, claims + "clientId": r.Party.Client,
		"iss": s.cfg.Issuer, "aud": r.Audience, "iat": now.Unix(), "exp": now.Add(accessLife).Unix(),
		"scope": strings.Join(r.Scopes, " "),
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
	mac := hmac.New(sha512.New, []byte(s.signing.See(one).Key))
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
	known := s.access.See(token)
	if known == nil || s.now() >= known.Expires {
		return Access{}, false, s.foreign(token)
	}
	return Access{Account: known.Party.Account, ClientID: known.Party.Client, Scopes: known.Scopes}, true, false
}

func (s *Server) foreign(token string) bool {
	at := strings.LastIndex(token, ".")
	return strings.Count(token, ".") == 2 && !hmac.Equal([]byte(s.sign(token[:at])), []byte(token[at+1:]))
}
