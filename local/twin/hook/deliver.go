package hook

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/shelf"
	"fulcrum/shared/pause"
)

// delivery is one body on its way to one webhook. Every attempt repeats it.
type delivery struct {
	ID, Webhook, Event string
	Body               string
	// Tried is how many attempts were made, NextAt when the next one is due.
	Tried  int
	NextAt int64
}

func (d *delivery) key() string { return d.ID }

// pack signs the data for the webhook. The lock is held.
func (h *Hooks) pack(w *Webhook, at int64, data any, withID bool) (*delivery, error) {
	d := &delivery{ID: h.cfg.Random.UUID(), Webhook: w.ID, Event: w.Event}
	e := envelope{TriggeredAt: at, Event: w.Event, Data: data, Token: h.cfg.Random.Hex(48)}
	if withID {
		e.ID = d.ID
	}
	var err error
	d.Body, err = e.seal(w.SignatureToken)
	return d, err
}

// Fire addresses an event to every webhook that wants it, each with a token of
// its own. Nothing is sent before Send.
func (h *Hooks) Fire(e account.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.settings.See(one).Switches[e.Name] {
		return
	}
	for _, w := range h.webhooks.All() {
		if w.Event != e.Name || w.Origins != nil && !slices.Contains(w.Origins, e.Origin) {
			continue
		}
		d, err := h.pack(w, e.At, e.Data, !h.settings.See(one).Bare)
		if err != nil {
			h.remember(
				Attempt{Kind: KindEvent, Webhook: w.ID, Event: e.Name, URL: w.URL, At: h.cfg.Now().UnixMilli(), Error: err.Error()},
			)
			continue
		}
		h.fired = append(h.fired, d)
	}
}

// Send saves what was fired together with what changed on other racks, all of it
// or nothing, and then begins to deliver. It returns at once. What could not be
// saved goes out with the next Send.
func (h *Hooks) Send(with ...*shelf.Rack) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range h.fired {
		h.deliveries.Put(d)
	}
	if err := shelf.Save(append(with, h.rack)...); err != nil {
		// No other Save may take them without the change that they tell of.
		for _, d := range h.fired {
			h.deliveries.Drop(d.ID)
		}
		return err
	}
	for _, d := range h.fired {
		h.begin(d)
	}
	h.fired = nil
	return nil
}

// Resume goes on with the deliveries that the store had.
func (h *Hooks) Resume() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for d := range h.deliveries.All() {
		h.begin(d)
	}
}

func (h *Hooks) begin(d *delivery) {
	h.cfg.Jobs.Go(func(ctx context.Context) { h.deliver(ctx, d) })
}

// deliver tries until an attempt succeeds, the retries are used up, or the
// webhook is gone. Where the store fails it stops as well: a delivery that is not
// known to be over goes on after a restart.
func (h *Hooks) deliver(ctx context.Context, d *delivery) {
	for again := true; again; {
		if d.NextAt > 0 && !pause.For(ctx, time.UnixMilli(d.NextAt).Sub(h.cfg.Now())) {
			return
		}
		a, err := h.attempt(ctx, d, KindEvent, d.Tried+1)
		if ctx.Err() != nil {
			return
		}
		if again, err = h.conclude(d, a, err); err != nil {
			return
		}
	}
}

// conclude records an attempt and reports whether another one is due. After an
// attempt that could not be made, because the webhook is gone, none is.
func (h *Hooks) conclude(d *delivery, a Attempt, gone error) (again bool, err error) {
	err = h.change(func() error {
		h.deliveries.Take(d.ID)
		again = gone == nil && !a.Success && d.Tried < len(h.cfg.Pauses)
		if again {
			a.NextAt = a.EndedAt + h.cfg.Pauses[d.Tried].Milliseconds()
			d.NextAt = a.NextAt
		} else {
			h.deliveries.Drop(d.ID)
		}
		d.Tried++
		if gone == nil {
			h.remember(a)
		}
		return nil
	})
	return again, err
}

// attempt sends the body once, to where the webhook points now. It is an error
// when the webhook is gone or the context ends.
func (h *Hooks) attempt(ctx context.Context, d *delivery, kind string, number int) (Attempt, error) {
	w, err := h.Webhook(d.Webhook)
	if err != nil {
		return Attempt{}, err
	}
	select {
	case w.slots <- struct{}{}:
		defer func() { <-w.slots }()
	case <-ctx.Done():
		return Attempt{}, ctx.Err()
	}
	a := Attempt{
		Kind: kind, Delivery: d.ID, Webhook: d.Webhook, Event: d.Event, URL: w.URL, Number: number, Body: d.Body,
		At: h.cfg.Now().UnixMilli(),
	}
	a.Status, a.Response, err = h.post(ctx, w.URL, d.Body)
	a.EndedAt = h.cfg.Now().UnixMilli()
	a.Success = err == nil && a.Status/100 == 2
	if err != nil {
		a.Error = err.Error()
	}
	return a, ctx.Err()
}

// post is one request. Any 2xx is a success; what the answer says is kept for
// the history only.
func (h *Hooks) post(ctx context.Context, url, body string) (status int, answer string, err error) {
	ctx, stop := context.WithTimeout(ctx, h.cfg.Timeout)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Lever-Webhooks")
	res, err := h.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<10))
	if err != nil {
		return res.StatusCode, "", fmt.Errorf("read answer: %w", err)
	}
	return res.StatusCode, string(text), nil
}
