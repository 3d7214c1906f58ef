package hook

import (
	"context"
	"strconv"
	"time"

	"fulcrum/local/twin/account"
)

// The history is as long as Lever's.
const (
	historyLength = 1000
	historyAge    = 14 * 24 * time.Hour
)

// The kinds of attempts.
const (
	KindEvent  = "event"
	KindVerify = "verify"
	KindRerun  = "rerun"
)

// Attempt is one request to a webhook and what came of it. Times are
// milliseconds.
type Attempt struct {
	// Kind is event, verify (a connection test) or rerun.
	Kind string `json:"kind"`
	// Delivery is the same for all attempts of one body; Number counts them.
	Delivery string `json:"delivery"`
	Number   int    `json:"attempt"`
	Webhook  string `json:"webhook"`
	Event    string `json:"event"`
	URL      string `json:"url"`
	At       int64  `json:"at"`
	EndedAt  int64  `json:"endedAt"`
	// Body is what was sent, to the letter.
	Body    string `json:"body"`
	Success bool   `json:"success"`
	// Status is 0 when there was no answer; Error says why.
	Status int `json:"status"`
	// Response is the beginning of the answer's body.
	Response string `json:"response"`
	Error    string `json:"error,omitempty"`
	// NextAt is when the delivery will be tried again; 0 is never.
	NextAt int64 `json:"nextAt,omitempty"`

	// nth is how many attempts there were before.
	nth int
}

func (a *Attempt) key() string { return strconv.Itoa(a.nth) }

// keptAttempt is an attempt with the member that nobody is shown.
type keptAttempt struct {
	*Attempt
	Nth int
}

func (a *Attempt) kept() *keptAttempt { return &keptAttempt{a, a.nth} }

func (k *keptAttempt) attempt() (*Attempt, error) {
	k.Attempt.nth = k.Nth
	return k.Attempt, nil
}

// remember appends to the history and forgets what is too much. The lock is held.
func (h *Hooks) remember(a Attempt) {
	a.nth = h.attempts.Added()
	h.attempts.Add(&a)
	for past := h.attempts.All(); len(past) > historyLength || len(past) > 1 && past[0].At < h.since(); past = h.attempts.All() {
		h.attempts.Drop(past[0].key())
	}
}

// since is when the history begins.
func (h *Hooks) since() int64 { return h.cfg.Now().Add(-historyAge).UnixMilli() }

// Attempts is how many attempts there were, those forgotten included.
func (h *Hooks) Attempts() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.attempts.Added()
}

// History is the last 1,000 attempts of the last 14 days, oldest first.
func (h *Hooks) History() []Attempt {
	h.mu.Lock()
	defer h.mu.Unlock()
	past := []Attempt{}
	for _, a := range h.attempts.All() {
		if a.At >= h.since() {
			past = append(past, *a)
		}
	}
	return past
}

// Verify sends a connection test: the webhook's event with empty data, signed.
// It is sent once, whatever the switch says, and its result is kept.
func (h *Hooks) Verify(ctx context.Context, id string) (Attempt, error) {
	d, err := h.test(id)
	if err != nil {
		return Attempt{}, err
	}
	a, err := h.attempt(ctx, d, KindVerify, 1)
	if err != nil {
		return Attempt{}, err
	}
	return a, h.change(func() error {
		h.remember(a)
		if w := h.webhooks.Take(id); w != nil {
			w.Verified = &a.Success
		}
		return nil
	})
}

func (h *Hooks) test(id string) (*delivery, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.webhooks.See(id)
	if w == nil {
		return nil, account.NotFound("webhooks", id)
	}
	return h.pack(w, h.cfg.Now().UnixMilli(), struct{}{}, false)
}

// Probe is Verify without waiting for the answer.
func (h *Hooks) Probe(id string) {
	h.cfg.Jobs.Go(func(ctx context.Context) {
		// The result is in the history; a webhook that is gone needs none.
		if _, err := h.Verify(ctx, id); err != nil {
			return
		}
	})
}

// Rerun sends a past body once more as it was, with its old triggeredAt, token
// and signature. An empty delivery is the webhook's last one.
func (h *Hooks) Rerun(ctx context.Context, id, deliveryID string) (Attempt, error) {
	if _, err := h.Webhook(id); err != nil {
		return Attempt{}, err
	}
	past := h.History()
	last, number := -1, 0
	for i, a := range past {
		if a.Webhook == id && a.Kind != KindVerify && (deliveryID == "" || a.Delivery == deliveryID) {
			last, number = i, a.Number
		}
	}
	if last < 0 {
		return Attempt{}, account.NotFound("deliveries", deliveryID)
	}
	old := past[last]
	d := &delivery{ID: old.Delivery, Webhook: id, Event: old.Event, Body: old.Body}
	a, err := h.attempt(ctx, d, KindRerun, number+1)
	if err != nil {
		return a, err
	}
	return a, h.change(func() error {
		h.remember(a)
		return nil
	})
}
