// Package oauth is consent to a partner's app in Lever: authorization code with
// PKCE, and refresh. Lever's server is Auth0; its rules are on
// hire.lever.co/developer/documentation#authentication. No error holds a code, a
// token or a body.
package oauth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"fulcrum/shared/lever"
)

var (
	// ErrGone says that the consent is gone: it was revoked in Lever, or has ended
	// after a year or after 90 days without use. Only a new consent helps.
	ErrGone = errors.New("lever no longer knows the consent (invalid_grant)")
	// ErrApp says that Lever does not know the app or its secret. A person of the
	// partner has to look.
	ErrApp = errors.New("lever does not know the app: check client id, client secret and environment")
)

// OfflineAccess is the scope that gives a refresh token.
const OfflineAccess = "offline_access"

// App is a partner's app as it is registered at Lever, for one environment.
type App struct {
	ClientID     string
	ClientSecret string
	// Callback is the exact address that Lever sends the browser back to.
	Callback string
	Scopes   []string
}

// Client speaks to Lever's authorization server for one app.
type Client struct {
	config   oauth2.Config
	audience string
	http     *http.Client
	now      func() time.Time
}

// callTime bounds one call of the token endpoint.
const callTime = 10 * time.Second

// New makes a client whose calls go through transport. now is the clock.
func New(env lever.Environment, app App, transport http.RoundTripper, now func() time.Time) *Client {
	return &Client{
		config: oauth2.Config{
			ClientID: app.ClientID, ClientSecret: app.ClientSecret, RedirectURL: app.Callback, Scopes: app.Scopes,
			// Auto-detection would send a code twice, and a code counts once.
			Endpoint: oauth2.Endpoint{AuthURL: env.Auth + "/authorize", TokenURL: env.Auth + "/oauth/token", AuthStyle: oauth2.AuthStyleInParams},
		},
		audience: env.Audience,
		http:     &http.Client{Transport: transport, Timeout: callTime},
		now:      now,
	}
}

// NewVerifier makes a PKCE verifier.
func NewVerifier() string { return oauth2.GenerateVerifier() }

// AuthorizeURL is where the customer's Super Admin gives consent. state comes
// back with the code; verifier has to be kept for Exchange.
func (c *Client) AuthorizeURL(state, verifier string) string {
	return c.config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("audience", c.audience))
}

// Tokens are what a consent gives.
type Tokens struct {
	Access  string
	Refresh string
	// ExpiresAt is when the access token ends.
	ExpiresAt time.Time
	Scopes    []string
	// Account and User are who consented, as far as the access token says it.
	Account, User string
}

// Exchange turns the code of a consent into tokens. A code counts once.
func (c *Client) Exchange(ctx context.Context, code, verifier string) (Tokens, error) {
	t, err := c.config.Exchange(c.context(ctx), code, oauth2.VerifierOption(verifier))
	return c.tokens(t, err)
}

// Refresh turns a refresh token into new tokens, among them a new refresh token:
// the old one may be dead from then on.
func (c *Client) Refresh(ctx context.Context, refreshToken string) (Tokens, error) {
	t, err := c.config.TokenSource(c.context(ctx), &oauth2.Token{RefreshToken: refreshToken}).Token()
	return c.tokens(t, err)
}

func (c *Client) context(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, c.http)
}

func (c *Client) tokens(t *oauth2.Token, err error) (Tokens, error) {
	if err != nil {
		return Tokens{}, tell(err)
	}
	out := Tokens{Access: t.AccessToken, Refresh: t.RefreshToken, ExpiresAt: t.Expiry}
	if out.ExpiresAt.IsZero() {
		out.ExpiresAt = c.now().Add(time.Hour)
	}
	scope, _ := t.Extra("scope").(string)
	out.Scopes = strings.Fields(scope)
	out.Account, out.User = who(t.AccessToken)
	return out, nil
}

// tell keeps of an error what may be shown: x/oauth2 puts the server's body, and
// net/http the address, into theirs.
func tell(err error) error {
	var said *oauth2.RetrieveError
	if !errors.As(err, &said) {
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			return fmt.Errorf("lever's authorization server: %w", context.DeadlineExceeded)
		}
		return errors.New("lever's authorization server gave no answer that can be used")
	}
	switch said.ErrorCode {
	case "invalid_grant":
		return ErrGone
	case "invalid_client", "unauthorized_client":
		return ErrApp
	}
	status := 0
	if said.Response != nil {
		status = said.Response.StatusCode
	}
	return fmt.Errorf("lever's authorization server: status %d", status)
}

// who reads account and user from an access token, which is a JWT. Lever does not
// promise that form, so neither may be known.
func who(access string) (account, user string) {
	parts := strings.Split(access, ".")
	if len(parts) != 3 {
		return "", ""
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", ""
	}
	var claims struct {
		Account string `json:"https://oauth.lever.co/accountId"`
		User    string `json:"https://oauth.lever.co/userId"`
	}
	if json.Unmarshal(text, &claims) != nil {
		return "", ""
	}
	return claims.Account, claims.User
}

// Missing are the scopes that an app needs and a consent does not give. Write
// access includes read access.
func Missing(needed, given []string) []string {
	has := map[string]bool{}
	for _, s := range given {
		has[s] = true
		has[strings.Replace(s, ":write:", ":read:", 1)] = true
	}
	var missing []string
	for _, s := range needed {
		if !has[s] && s != OfflineAccess {
			missing = append(missing, s)
		}
	}
	return missing
}
