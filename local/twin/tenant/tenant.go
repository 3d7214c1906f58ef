// Package tenant keeps the accounts of the twin apart: to each its data, its
// webhooks, its API keys and the record of what was asked of it. It notices when
// a credential of one account asks for an object of another.
//
// Here acts end: Do saves what an act changed before it lets go of the account,
// so that whatever was answered is in the store. The record of requests is not
// kept.
package tenant

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"fulcrum/local/keep"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/hook"
	"fulcrum/local/twin/random"
	"fulcrum/local/twin/shelf"
)

// Config is what the accounts stand on. Every member is needed but Store.
type Config struct {
	Now    func() time.Time
	Random *random.Source
	Hook   hook.Config
	// Pages and API are the bases of addresses; see account.Config.
	Pages, API string
	// Store keeps the accounts; nil keeps nothing.
	Store *keep.Store
}

// Tenant is one Lever account with what Lever keeps for it.
type Tenant struct {
	Hooks *hook.Hooks
	Log   *Log

	id, name string
	mu       sync.Mutex
	rack     *shelf.Rack
	data     *account.Account
}

// record is what is kept of a tenant beside its data.
type record struct{ ID, Name string }

// ID is the account's id.
func (t *Tenant) ID() string { return t.id }

// Name is the company's name.
func (t *Tenant) Name() string { return t.name }

// Do runs f alone on the account's data, saves what f changed, even if f ends with
// an error, and tells the webhooks. What f takes from the account must be copied
// or printed before f ends.
func (t *Tenant) Do(f func(*account.Account) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	err := f(t.data)
	if sent := t.Hooks.Send(t.rack); sent != nil {
		err = errors.Join(err, sent)
	}
	return err
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
	rack       *shelf.Rack
	tenants    *shelf.Row[Tenant]
	keys       *shelf.Shelf[Key]
	violations []Violation
	stray      *Log
}

// NewRegistry makes a registry of the accounts that the store has.
func NewRegistry(cfg Config) (*Registry, error) {
	r := &Registry{cfg: cfg, rack: shelf.NewRack(cfg.Store, "twin"), stray: &Log{}}
	r.tenants = shelf.NewRow(r.rack, "accounts", shelf.JSONAs((*Tenant).ID, (*Tenant).record, r.open))
	r.keys = shelf.New(r.rack, "keys", shelf.JSON(func(k *Key) string { return k.Secret }))
	return r, r.rack.Load()
}

func (t *Tenant) record() *record { return &record{ID: t.id, Name: t.name} }

// open is the account as it was saved.
func (r *Registry) open(x *record) (*Tenant, error) {
	t := &Tenant{id: x.ID, name: x.Name, Log: &Log{}}
	var err error
	if t.Hooks, err = hook.Open(r.cfg.Hook, shelf.NewRack(r.cfg.Store, hookRack+x.ID)); err != nil {
		return nil, fmt.Errorf("webhooks of account %s: %w", x.ID, err)
	}
	if t.data, err = account.Open(r.config(t)); err != nil {
		return nil, fmt.Errorf("account %s: %w", x.ID, err)
	}
	return t, nil
}

// The racks of an account are named after it.
const (
	accountRack = "twin/account/"
	hookRack    = "twin/hook/"
)

// config is what the data of a tenant stand on.
func (r *Registry) config(t *Tenant) account.Config {
	t.rack = shelf.NewRack(r.cfg.Store, accountRack+t.id)
	return account.Config{
		ID: t.id, Name: t.name, Now: r.cfg.Now, NewID: r.cfg.Random.UUID, Emit: t.Hooks.Fire, Pages: r.cfg.Pages, API: r.cfg.API,
		Rack: t.rack,
	}
}

// Create adds a furnished account and its first key, as AddKey does. An empty id is
// made up; one that is taken is refused.
func (r *Registry) Create(id, name string, k Key) (*Tenant, error) {
	if id == "" {
		id = r.cfg.Random.UUID()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tenants.See(id) != nil {
		return nil, account.Invalid("there is an account %s", id)
	}
	t := &Tenant{id: id, name: name, Log: &Log{}, Hooks: hook.New(r.cfg.Hook, shelf.NewRack(r.cfg.Store, hookRack+id))}
	t.data = account.New(r.config(t))
	k.Account, k.User = id, t.data.SuperAdmin()
	k, err := r.newKey(k)
	if err != nil {
		return nil, err
	}
	r.keys.Put(&k)
	r.tenants.Add(t)
	if err := t.Hooks.Send(r.rack, t.rack); err != nil {
		// Whoever saves next must not save half an account.
		r.keys.Drop(k.Secret)
		r.tenants.Drop(id)
		return nil, err
	}
	return t, nil
}

// Resume goes on with the deliveries that the store had.
func (r *Registry) Resume() {
	for _, t := range r.All() {
		t.Hooks.Resume()
	}
}

// All are all accounts, oldest first.
func (r *Registry) All() []*Tenant {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Clone(r.tenants.All())
}

// Find is the account with the id.
func (r *Registry) Find(id string) (*Tenant, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if t := r.tenants.See(id); t != nil {
		return t, nil
	}
	return nil, account.NotFound("accounts", id)
}

// Stray is the record of requests that belong to no account.
func (r *Registry) Stray() *Log { return r.stray }
