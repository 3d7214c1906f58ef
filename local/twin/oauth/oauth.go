// Package oauth is Lever's authorization server as far as an app sees it:
// consent of a whole account to an app, authorization codes, access tokens that
// live an hour, and refresh tokens that rotate. Behind Lever's stands Auth0, so
// errors have Auth0's shape.
//
// All that it knows stands on shelves, and every change is saved before it is
// answered.
package oauth

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"fulcrum/local/keep"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/random"
	"fulcrum/local/twin/shelf"
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
	// Store keeps what the server knows; nil keeps nothing.
	Store *keep.Store
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

// party is an account and an app that it has consented to, or had.
type party struct{ Account, Client string }

func (p party) key() string { return p.Account + "\x00" + p.Client }

func (g *Grant) party() party { return party{g.Account, g.ClientID} }

// rotation is what a person has chosen for an account.
type rotation struct {
	Account  string
	Rotation Rotation
}

// signing is the key that tokens are signed with; there is one of it.
type signing struct{ Key string }

// Server hands out tokens. It is safe for concurrent use.
type Server struct {
	cfg Config

	mu        sync.Mutex
	rack      *shelf.Rack
	signing   *shelf.Shelf[signing]
	apps      *shelf.Shelf[App]
	grants    *shelf.Shelf[Grant]
	codes     *shelf.Shelf[code]
	access    *shelf.Shelf[access]
	refresh   *shelf.Shelf[refresh]
	rotations *shelf.Shelf[rotation]
}

// New makes a server that knows what the store has; at first there are no apps.
func New(cfg Config) (*Server, error) {
	if cfg.Rotation == "" {
		cfg.Rotation = Strict
	}
	r := shelf.NewRack(cfg.Store, "twin/oauth")
	s := &Server{
		cfg: cfg, rack: r,
		signing:   shelf.New(r, "signing", shelf.JSON(func(*signing) string { return one })),
		apps:      shelf.New(r, "apps", shelf.JSON(func(a *App) string { return a.ClientID })),
		grants:    shelf.New(r, "grants", shelf.JSON(func(g *Grant) string { return g.party().key() })),
		codes:     shelf.New(r, "codes", shelf.JSON(func(c *code) string { return c.Code })),
		access:    shelf.New(r, "access", shelf.JSON(func(a *access) string { return a.Token })),
		refresh:   shelf.New(r, "refresh", shelf.JSON(func(r *refresh) string { return r.Token })),
		rotations: shelf.New(r, "rotations", shelf.JSON(func(r *rotation) string { return r.Account })),
	}
	if err := r.Load(); err != nil {
		return nil, err
	}
	if s.signing.Len() == 0 {
		s.signing.Put(&signing{Key: cfg.Random.Hex(64)})
	}
	return s, shelf.Save(r)
}

// one is the id of what there is one of.
const one = "one"

// change does something alone, and saves what it changed.
func (s *Server) change(do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := do()
	if saved := shelf.Save(s.rack); saved != nil {
		err = errors.Join(err, saved)
	}
	return err
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
	return a, s.change(func() error {
		if s.apps.See(a.ClientID) != nil {
			return account.Invalid("there is an app with client id %s", a.ClientID)
		}
		s.apps.Put(&a)
		return nil
	})
}

// Apps are the registered apps, by name.
func (s *Server) Apps() []App {
	s.mu.Lock()
	defer s.mu.Unlock()
	var apps []App
	for a := range s.apps.All() {
		apps = append(apps, *a)
	}
	slices.SortFunc(apps, func(x, y App) int { return strings.Compare(x.Name+x.ClientID, y.Name+y.ClientID) })
	return apps
}

// Grants are the authorized apps of an account, by name.
func (s *Server) Grants(accountID string) []Grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	grants := []Grant{}
	for g := range s.grants.All() {
		if g.Account == accountID {
			grants = append(grants, *g)
		}
	}
	slices.SortFunc(grants, func(x, y Grant) int { return strings.Compare(x.App+x.ClientID, y.App+y.ClientID) })
	return grants
}

// Revoke ends the consent to an app, and every token that came of it. An empty
// client id is all apps. It answers how many there were.
func (s *Server) Revoke(accountID, clientID string) (revoked int, err error) {
	err = s.change(func() error {
		for g := range s.grants.All() {
			if g.Account == accountID && (clientID == "" || g.ClientID == clientID) {
				s.grants.Drop(g.party().key())
				s.dropTokens(g.party())
				revoked++
			}
		}
		return nil
	})
	return revoked, err
}

// dropTokens forgets all tokens of a grant. The lock is held.
func (s *Server) dropTokens(p party) {
	for r := range s.refresh.All() {
		if r.Party == p {
			s.refresh.Drop(r.Token)
		}
	}
	for a := range s.access.All() {
		if a.Party == p {
			s.access.Drop(a.Token)
		}
	}
}

// ExpireAccess ends all access tokens of an account, as if their hour were over.
func (s *Server) ExpireAccess(accountID string) error {
	return s.change(func() error {
		for a := range s.access.All() {
			if a.Party.Account == accountID {
				s.access.Drop(a.Token)
			}
		}
		return nil
	})
}

// SetRotation says what becomes of used refresh tokens of an account.
func (s *Server) SetRotation(accountID string, r Rotation) error {
	if r != Strict && r != Grace {
		return account.Invalid("refresh is %s or %s", Strict, Grace)
	}
	return s.change(func() error {
		s.rotations.Put(&rotation{Account: accountID, Rotation: r})
		return nil
	})
}

// rotation is what becomes of used refresh tokens. The lock is held.
func (s *Server) rotation(accountID string) Rotation {
	if r := s.rotations.See(accountID); r != nil {
		return r.Rotation
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
