// Package oauth is Lever's authorization server as far as an app sees it:
// consent of a whole account to an app, authorization codes, access tokens that
// live an hour, and refresh tokens that rotate. Behind Lever's stands Auth0, so
// errors have Auth0's shape.
package oauth

import (
	"slices"
	"strings"
	"sync"
	"time"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/random"
)

// The lives of what is handed out. Lever publishes those of tokens; the code's
// is Auth0's.
const (
	codeLife        = 10 * time.Minute
	accessLife      = time.Hour
	refreshLife     = 365 * 24 * time.Hour
	refreshIdleLife = 90 * 24 * time.Hour
)

// offline is the scope that a refresh token needs.
const offline = "offline_access"

// Rotation says what becomes of a refresh token once it was used. Lever does not
// say; clients that never store the new one are known to work.
type Rotation string

// Under Strict the old token is dead at once. Under Grace it goes on working
// until it dies of age.
const (
	Strict Rotation = "strict"
	Grace  Rotation = "grace"
)

// Config is what the server stands on. Now, Random and Account are needed.
type Config struct {
	Now    func() time.Time
	Random *random.Source
	// Account finds an account: its name, and the user in whose name a consent
	// is given.
	Account func(id string) (name, superAdmin string, err error)
	// Accounts are the ids of all accounts, for the page that asks for consent.
	Accounts func() []string
	// Issuer stands in tokens, with its trailing slash.
	Issuer string
	// Audiences are those for which API tokens are issued, with trailing slashes.
	Audiences []string
	// Rotation is what accounts start with; empty is Strict.
	Rotation Rotation
}

// App is a registration of a partner's app.
type App struct {
	ClientID     string   `json:"clientId"`
	ClientSecret string   `json:"clientSecret"`
	Name         string   `json:"name"`
	Callbacks    []string `json:"callbacks"`
	Scopes       []string `json:"scopes"`
}

// Grant is an account's consent to an app, as Authorized apps shows it.
type Grant struct {
	Account   string   `json:"account"`
	ClientID  string   `json:"clientId"`
	App       string   `json:"app"`
	Scopes    []string `json:"scopes"`
	GrantedAt int64    `json:"grantedAt"`
}

type grantKey struct{ account, client string }

// Server hands out tokens. It is safe for concurrent use.
type Server struct {
	cfg Config
	key []byte

	mu        sync.Mutex
	apps      map[string]App
	grants    map[grantKey]*Grant
	codes     map[string]code
	access    map[string]access
	refresh   map[string]*refresh
	rotations map[string]Rotation
}

// New makes a server without apps.
func New(cfg Config) *Server {
	if cfg.Rotation == "" {
		cfg.Rotation = Strict
	}
	return &Server{
		cfg: cfg, key: []byte(cfg.Random.Hex(64)), apps: map[string]App{}, grants: map[grantKey]*Grant{}, codes: map[string]code{},
		access: map[string]access{}, refresh: map[string]*refresh{}, rotations: map[string]Rotation{},
	}
}

// Register adds an app. Client id and secret are made up unless they are given;
// an app without scopes may ask for any.
func (s *Server) Register(a App) (App, error) {
	if len(a.Callbacks) == 0 {
		return App{}, account.Invalid("an app needs callbacks")
	}
	for _, scope := range a.Scopes {
		if !slices.Contains(Scopes(), scope) {
			return App{}, account.Invalid("%q is not a scope", scope)
		}
	}
	if a.ClientID == "" {
		a.ClientID = s.cfg.Random.Text(32)
	}
	if a.ClientSecret == "" {
		a.ClientSecret = s.cfg.Random.Text(64)
	}
	if a.Name == "" {
		a.Name = "App " + a.ClientID[:min(6, len(a.ClientID))]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.apps[a.ClientID]; taken {
		return App{}, account.Invalid("there is an app with client id %s", a.ClientID)
	}
	s.apps[a.ClientID] = a
	return a, nil
}

// Apps are the registered apps, by name.
func (s *Server) Apps() []App {
	s.mu.Lock()
	defer s.mu.Unlock()
	var apps []App
	for _, a := range s.apps {
		apps = append(apps, a)
	}
	slices.SortFunc(apps, func(x, y App) int { return strings.Compare(x.Name+x.ClientID, y.Name+y.ClientID) })
	return apps
}

// Grants are the authorized apps of an account, by name.
func (s *Server) Grants(accountID string) []Grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	grants := []Grant{}
	for _, g := range s.grants {
		if g.Account == accountID {
			grants = append(grants, *g)
		}
	}
	slices.SortFunc(grants, func(x, y Grant) int { return strings.Compare(x.App+x.ClientID, y.App+y.ClientID) })
	return grants
}

// Revoke ends the consent to an app, and every token that came of it. An empty
// client id is all apps. It answers how many there were.
func (s *Server) Revoke(accountID, clientID string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	revoked := 0
	for key := range s.grants {
		if key.account == accountID && (clientID == "" || key.client == clientID) {
			delete(s.grants, key)
			s.dropTokens(key)
			revoked++
		}
	}
	return revoked
}

// dropTokens forgets all tokens of a grant. The lock is held.
func (s *Server) dropTokens(key grantKey) {
	for token, r := range s.refresh {
		if r.key == key {
			delete(s.refresh, token)
		}
	}
	for token, a := range s.access {
		if a.key == key {
			delete(s.access, token)
		}
	}
}

// ExpireAccess ends all access tokens of an account, as if their hour were over.
func (s *Server) ExpireAccess(accountID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, a := range s.access {
		if a.key.account == accountID {
			delete(s.access, token)
		}
	}
}

// SetRotation says what becomes of used refresh tokens of an account.
func (s *Server) SetRotation(accountID string, r Rotation) error {
	if r != Strict && r != Grace {
		return account.Invalid("refresh is %s or %s", Strict, Grace)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rotations[accountID] = r
	return nil
}

// rotation is what becomes of used refresh tokens. The lock is held.
func (s *Server) rotation(accountID string) Rotation {
	if r, ok := s.rotations[accountID]; ok {
		return r
	}
	return s.cfg.Rotation
}

// Scopes are all scopes that Lever has.
func Scopes() []string {
	scopes := []string{offline, "confidential:access:admin", "uploads:write:admin"}
	for _, name := range strings.Fields(`applications archive_reasons audit_events diversity_surveys eeo_responses eeo_responses_pii
		offers referrals resumes sources stages tags tasks`) {
		scopes = append(scopes, name+":read:admin")
	}
	for _, name := range strings.Fields(`contact feedback feedback_templates files forms form_templates groups interviews notes
		opportunities panels permissions postings requisitions requisition_fields roles users webhooks`) {
		scopes = append(scopes, name+":read:admin", name+":write:admin")
	}
	return scopes
}

// Allows reports whether the scopes cover the one that is needed. Write access
// includes read access.
func Allows(scopes []string, needed string) bool {
	return slices.Contains(scopes, needed) || slices.Contains(scopes, strings.Replace(needed, ":read:", ":write:", 1))
}
