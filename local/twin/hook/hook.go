// Package hook sends one account's events to its webhooks: signed, tried again
// five times, remembered for two weeks. Every event has a switch on Lever's
// webhooks page, off until a person turns it on; no API shows it.
//
// What is known of Lever's deliveries is in the doc comments; where nothing is
// published (pauses, time limit), Config chooses.
package hook

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/random"
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

// Webhook is where one event is sent.
type Webhook struct {
	ID, Event, URL string
	// Origins are the opportunities' origins that count; nil for events that
	// take no condition.
	Origins              []string
	CreatedAt, UpdatedAt int64
	// ByAPI tells webhooks made through the API from those made by people: each
	// can be changed only the way it was made.
	ByAPI bool
	// Verified is what the last connection test said; nil before the first.
	Verified *bool
	// SignatureToken is the signing key, 48 hexadecimal digits.
	SignatureToken string

	slots chan struct{}
}

// inFlight is how many requests of one webhook are under way at most.
const inFlight = 16

// Hooks are the webhooks of one account. They are safe for concurrent use.
type Hooks struct {
	cfg    Config
	client *http.Client

	mu       sync.Mutex
	list     []*Webhook
	switches map[string]bool
	past     []Attempt
	attempts int
	bare     bool
}

// New makes an account's webhooks: none, and all switches off.
func New(cfg Config) *Hooks {
	client := *cfg.Client
	// A redirect is an answer like any other, and a failure.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Hooks{cfg: cfg, client: &client, switches: map[string]bool{}}
}

// Fields are what can be set of a webhook; nil members stay as they are.
type Fields struct {
	Event, URL *string
	Origins    *[]string
}

// conditional are the events that can be restricted by origin.
func conditional(event string) bool {
	return slices.Contains(
		[]string{account.ApplicationCreated, account.CandidateArchiveChange, account.CandidateHired, account.CandidateStageChange},
		event,
	)
}

func (f Fields) check(event string) error {
	if !slices.Contains(account.EventNames(), event) {
		return account.Invalid("event is not one of %v", account.EventNames())
	}
	if f.URL != nil {
		if err := checkURL(*f.URL); err != nil {
			return err
		}
	}
	if f.Origins == nil {
		return nil
	}
	if !conditional(event) {
		return account.Invalid("%s takes no conditions", event)
	}
	for _, o := range *f.Origins {
		if !slices.Contains(account.Origins(), o) {
			return account.Invalid("origins: %q is not one of %v", o, account.Origins())
		}
	}
	return nil
}

func checkURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return account.Invalid("url is not an absolute http or https address")
	}
	return nil
}

// Create adds a webhook with a signing key of its own. Nothing removes doubles:
// the same event and address twice are two webhooks.
func (h *Hooks) Create(f Fields, byAPI bool) (Webhook, error) {
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
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = append(h.list, w)
	return *w, nil
}

func (w *Webhook) condition(origins *[]string) {
	switch {
	case !conditional(w.Event):
		w.Origins = nil
	case origins != nil:
		w.Origins = *origins
	case w.Origins == nil:
		w.Origins = account.Origins()
	}
}

// Change is a change of one webhook in a bulk update.
type Change struct {
	ID string
	Fields
}

// Update changes several webhooks, or none of them when one change is refused.
func (h *Hooks) Update(changes []Change, byAPI bool) ([]Webhook, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range changes {
		w, err := h.editable(c.ID, byAPI)
		if err != nil {
			return nil, err
		}
		event := w.Event
		if c.Event != nil {
			event = *c.Event
		}
		if err := c.check(event); err != nil {
			return nil, err
		}
	}
	var changed []Webhook
	for _, c := range changes {
		w := h.find(c.ID)
		if c.Event != nil {
			w.Event = *c.Event
		}
		if c.URL != nil {
			w.URL = *c.URL
		}
		w.condition(c.Origins)
		w.UpdatedAt = h.cfg.Now().UnixMilli()
		changed = append(changed, *w)
	}
	return changed, nil
}

// Delete removes a webhook. Attempts that are still to come are not made.
func (h *Hooks) Delete(id string, byAPI bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	w, err := h.editable(id, byAPI)
	if err != nil {
		return err
	}
	h.list = slices.DeleteFunc(h.list, func(x *Webhook) bool { return x == w })
	return nil
}

// editable is the webhook if it may be changed this way. The lock is held.
func (h *Hooks) editable(id string, byAPI bool) (*Webhook, error) {
	w := h.find(id)
	switch {
	case w == nil:
		return nil, account.NotFound("webhooks", id)
	case byAPI && !w.ByAPI:
		return nil, account.Forbidden("webhook %s was made on the webhooks page and can only be changed there", id)
	}
	return w, nil
}

// find is the webhook with the id or nil. The lock is held.
func (h *Hooks) find(id string) *Webhook {
	at := slices.IndexFunc(h.list, func(w *Webhook) bool { return w.ID == id })
	if at < 0 {
		return nil
	}
	return h.list[at]
}

// Webhook is the webhook with the id.
func (h *Hooks) Webhook(id string) (Webhook, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.find(id)
	if w == nil {
		return Webhook{}, account.NotFound("webhooks", id)
	}
	return *w, nil
}

// List is all webhooks, oldest first.
func (h *Hooks) List() []Webhook {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]Webhook, 0, len(h.list))
	for _, w := range h.list {
		list = append(list, *w)
	}
	return list
}

// Regenerate gives the webhook another signing key; the old one is gone at once.
func (h *Hooks) Regenerate(id string) (Webhook, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.find(id)
	if w == nil {
		return Webhook{}, account.NotFound("webhooks", id)
	}
	w.SignatureToken = h.cfg.Random.Hex(48)
	return *w, nil
}

// Switch turns events on or off. Nothing is turned when one of them is unknown.
func (h *Hooks) Switch(events map[string]bool) error {
	for event := range events {
		if !slices.Contains(account.EventNames(), event) {
			return account.Invalid("%q is not one of %v", event, account.EventNames())
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for event, on := range events {
		h.switches[event] = on
	}
	return nil
}

// Switches are all events and whether they are on.
func (h *Hooks) Switches() map[string]bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := map[string]bool{}
	for _, event := range account.EventNames() {
		all[event] = h.switches[event]
	}
	return all
}

// SendIDs says whether deliveries carry an id. Lever's documentation lists the
// member and shows samples without it, so a receiver has to live with both.
func (h *Hooks) SendIDs(on bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bare = !on
}

// Fire sends an event to every webhook that wants it, each with a token of its
// own. It returns at once.
func (h *Hooks) Fire(e account.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.switches[e.Name] {
		return
	}
	for _, w := range h.list {
		if w.Event != e.Name || w.Origins != nil && !slices.Contains(w.Origins, e.Origin) {
			continue
		}
		d, err := h.pack(w, e.At, e.Data, !h.bare)
		if err != nil {
			h.remember(
				Attempt{Kind: KindEvent, Webhook: w.ID, Event: e.Name, URL: w.URL, At: h.cfg.Now().UnixMilli(), Error: err.Error()},
			)
			continue
		}
		h.cfg.Jobs.Go(func(ctx context.Context) { h.deliver(ctx, d) })
	}
}
