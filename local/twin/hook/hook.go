// Package hook sends one account's events to its webhooks: signed, tried again
// five times, remembered for two weeks. Every event has a switch on Lever's
// webhooks page, off until a person turns it on; no API shows it.
//
// What is known of Lever's deliveries is in the doc comments; where nothing is
// published (pauses, time limit), Config chooses.
//
// Webhooks, switches, history and deliveries that are still to be tried stand on
// shelves, and every change of them is saved before it is answered. A delivery is
// saved with the change of the account that it tells of.
package hook

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/random"
	"fulcrum/local/twin/shelf"
)

// Config is what deliveries stand on. Every member is needed.
type Config struct {
	Client *http.Client
	Now    func() time.Time
	Random *random.Source
	// Pauses are waited between the attempts of a delivery; their number is the
	// number of retries.
	Pauses []time.Duration
	// Timeout is how long a receiver may take to answer.
	Timeout time.Duration
	// Jobs runs the deliveries.
	Jobs *Jobs
}

// Hooks are the webhooks of one account. They are safe for concurrent use.
type Hooks struct {
	cfg    Config
	client *http.Client

	mu         sync.Mutex
	rack       *shelf.Rack
	webhooks   *shelf.Row[Webhook]
	settings   *shelf.Shelf[settings]
	attempts   *shelf.Row[Attempt]
	deliveries *shelf.Shelf[delivery]
	// fired are deliveries that wait for Send.
	fired []*delivery
}

// settings are what a person sets for all webhooks; there is one of them.
type settings struct {
	Switches map[string]bool
	// Bare leaves out the deliveries' ids.
	Bare bool
}

func (*settings) key() string { return one }

// one is the id of what there is one of.
const one = "all"

// New makes an account's webhooks: none, and all switches off. They are kept on the
// rack, which is theirs alone.
func New(cfg Config, r *shelf.Rack) *Hooks {
	h := build(cfg, r)
	h.settings.Put(&settings{Switches: map[string]bool{}})
	return h
}

// Open is an account's webhooks as they were saved.
func Open(cfg Config, r *shelf.Rack) (*Hooks, error) {
	h := build(cfg, r)
	return h, r.Load()
}

func build(cfg Config, r *shelf.Rack) *Hooks {
	client := *cfg.Client
	// A redirect is an answer like any other, and a failure.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	h := &Hooks{cfg: cfg, client: &client, rack: r}
	h.webhooks = shelf.NewRow(r, "webhooks", shelf.JSONAs((*Webhook).key, (*Webhook).kept, (*Webhook).open))
	h.settings = shelf.New(r, "settings", shelf.JSON((*settings).key))
	h.attempts = shelf.NewRow(r, "attempts", shelf.JSONAs((*Attempt).key, (*Attempt).kept, (*keptAttempt).attempt))
	h.deliveries = shelf.New(r, "deliveries", shelf.JSON((*delivery).key))
	return h
}

// change does something alone, and saves what it changed.
func (h *Hooks) change(do func() error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	err := do()
	if saved := shelf.Save(h.rack); saved != nil {
		err = errors.Join(err, saved)
	}
	return err
}

// Create adds a webhook with a signing key of its own. Nothing removes doubles:
// the same event and address twice are two webhooks.
func (h *Hooks) Create(f Fields, byAPI bool) (made Webhook, err error) {
	if f.Event == nil || f.URL == nil {
		return Webhook{}, account.Invalid("event and url are required")
	}
	if err := f.check(*f.Event); err != nil {
		return Webhook{}, err
	}
	now := h.cfg.Now().UnixMilli()
	w := &Webhook{
		ID: h.cfg.Random.UUID(), Event: *f.Event, URL: *f.URL, CreatedAt: now, UpdatedAt: now, ByAPI: byAPI,
		SignatureToken: h.cfg.Random.Hex(48), slots: make(chan struct{}, inFlight),
	}
	w.condition(f.Origins)
	err = h.change(func() error {
		h.webhooks.Add(w)
		made = *w
		return nil
	})
	return made, err
}

// Change is a change of one webhook in a bulk update.
type Change struct {
	ID string
	Fields
}

// Update changes several webhooks, or none of them when one change is refused.
func (h *Hooks) Update(changes []Change, byAPI bool) (changed []Webhook, err error) {
	err = h.change(func() error {
		for _, c := range changes {
			if err := h.checkChange(c, byAPI); err != nil {
				return err
			}
		}
		for _, c := range changes {
			w := h.webhooks.Take(c.ID)
			set(&w.Event, c.Event)
			set(&w.URL, c.URL)
			w.condition(c.Origins)
			w.UpdatedAt = h.cfg.Now().UnixMilli()
			changed = append(changed, *w)
		}
		return nil
	})
	return changed, err
}

// checkChange says why a change is refused. The lock is held.
func (h *Hooks) checkChange(c Change, byAPI bool) error {
	w, err := h.editable(c.ID, byAPI)
	if err != nil {
		return err
	}
	event := w.Event
	set(&event, c.Event)
	return c.check(event)
}

// Delete removes a webhook. Attempts that are still to come are not made.
func (h *Hooks) Delete(id string, byAPI bool) error {
	return h.change(func() error {
		_, err := h.editable(id, byAPI)
		if err == nil {
			h.webhooks.Drop(id)
		}
		return err
	})
}

// editable is the webhook if it may be changed this way. The lock is held.
func (h *Hooks) editable(id string, byAPI bool) (*Webhook, error) {
	w := h.webhooks.Take(id)
	switch {
	case w == nil:
		return nil, account.NotFound("webhooks", id)
	case byAPI && !w.ByAPI:
		return nil, account.Forbidden("webhook %s was made on the webhooks page and can only be changed there", id)
	}
	return w, nil
}

// Webhook is the webhook with the id.
func (h *Hooks) Webhook(id string) (Webhook, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.webhooks.See(id)
	if w == nil {
		return Webhook{}, account.NotFound("webhooks", id)
	}
	return *w, nil
}

// List is all webhooks, oldest first.
func (h *Hooks) List() []Webhook {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := []Webhook{}
	for _, w := range h.webhooks.All() {
		list = append(list, *w)
	}
	return list
}

// Regenerate gives the webhook another signing key; the old one is gone at once.
func (h *Hooks) Regenerate(id string) (changed Webhook, err error) {
	err = h.change(func() error {
		w, err := h.editable(id, false)
		if err != nil {
			return err
		}
		w.SignatureToken = h.cfg.Random.Hex(48)
		changed = *w
		return nil
	})
	return changed, err
}

// Switch turns events on or off. Nothing is turned when one of them is unknown.
func (h *Hooks) Switch(events map[string]bool) error {
	for event := range events {
		if !slices.Contains(account.EventNames(), event) {
			return account.Invalid("%q is not one of %v", event, account.EventNames())
		}
	}
	return h.change(func() error {
		maps.Copy(h.settings.Take(one).Switches, events)
		return nil
	})
}

// Switches are all events and whether they are on.
func (h *Hooks) Switches() map[string]bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := map[string]bool{}
	for _, event := range account.EventNames() {
		all[event] = h.settings.See(one).Switches[event]
	}
	return all
}

// SendIDs says whether deliveries carry an id. Lever's documentation lists the
// member and shows samples without it, so a receiver has to live with both.
func (h *Hooks) SendIDs(on bool) error {
	return h.change(func() error {
		h.settings.Take(one).Bare = !on
		return nil
	})
}
