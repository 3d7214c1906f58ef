// Package tenant keeps the accounts of the twin apart: to each its data, its
// webhooks, its API keys and the record of what was asked of it. It notices when
// a credential of one account asks for an object of another.
package tenant

import (
	"sync"
	"time"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/hook"
	"fulcrum/local/twin/random"
)

// Config is what the accounts stand on. Every member is needed.
type Config struct {
	Now    func() time.Time
	Random *random.Source
	Hook   hook.Config
	// Pages and API are the bases of addresses; see account.Config.
	Pages, API string
}

// Tenant is one Lever account with what Lever keeps for it.
type Tenant struct {
	Hooks *hook.Hooks
	Log   *Log

	id, name string
	mu       sync.Mutex
	data     *account.Account
}

// ID is the account's id.
func (t *Tenant) ID() string { return t.id }

// Name is the company's name.
func (t *Tenant) Name() string { return t.name }

// Do runs f alone on the account's data. What f takes from the account must be
// copied or printed before f ends.
func (t *Tenant) Do(f func(*account.Account) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return f(t.data)
}

func (t *Tenant) knows(id string) bool {
	if _, err := t.Hooks.Webhook(id); err == nil {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.data.Knows(id)
}

// Registry holds all accounts. It is safe for concurrent use.
type Registry struct {
	cfg Config

	mu         sync.RWMutex
	list       []*Tenant
	keys       map[string]*Key
	violations []Violation
	stray      *Log
}

// NewRegistry makes an empty registry.
func NewRegistry(cfg Config) *Registry {
	return &Registry{cfg: cfg, keys: map[string]*Key{}, stray: &Log{}}
}

// Create adds a furnished account. An empty id is made up; one that is taken is
// refused.
func (r *Registry) Create(id, name string) (*Tenant, error) {
	if id == "" {
		id = r.cfg.Random.UUID()
	}
	if _, err := r.Find(id); err == nil {
		return nil, account.Invalid("there is an account %s", id)
	}
	t := &Tenant{id: id, name: name, Hooks: hook.New(r.cfg.Hook), Log: &Log{}}
	t.data = account.New(account.Config{
		ID: t.id, Name: name, Now: r.cfg.Now, NewID: r.cfg.Random.UUID, Emit: t.Hooks.Fire, Pages: r.cfg.Pages, API: r.cfg.API,
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, t)
	return t, nil
}

// All are all accounts, oldest first.
func (r *Registry) All() []*Tenant {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return append([]*Tenant(nil), r.list...)
}

// Find is the account with the id.
func (r *Registry) Find(id string) (*Tenant, error) {
	for _, t := range r.All() {
		if t.id == id {
			return t, nil
		}
	}
	return nil, account.NotFound("accounts", id)
}

// Stray is the record of requests that belong to no account.
func (r *Registry) Stray() *Log { return r.stray }
