package hook

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"fulcrum/shared/pause"
)

// Jobs are work in the background that ends when they are closed.
type Jobs struct {
	ctx  context.Context
	stop context.CancelFunc

	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

// NewJobs makes a place for work.
func NewJobs() *Jobs {
	ctx, stop := context.WithCancel(context.Background())
	return &Jobs{ctx: ctx, stop: stop}
}

// Go starts work unless the jobs are closed. The context ends with them.
func (j *Jobs) Go(work func(context.Context)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.closed {
		j.wg.Go(func() { work(j.ctx) })
	}
}

// Done is closed when the jobs are.
func (j *Jobs) Done() <-chan struct{} { return j.ctx.Done() }

// Close ends all work and waits for it.
func (j *Jobs) Close() {
	j.mu.Lock()
	j.closed = true
	j.mu.Unlock()
	j.stop()
	j.wg.Wait()
}

// delivery is one body on its way to one webhook. Every attempt repeats it.
type delivery struct {
	id, webhook, event string
	body               string
}

// pack signs the data for the webhook. The lock is held.
func (h *Hooks) pack(w *Webhook, at int64, data any, withID bool) (delivery, error) {
	d := delivery{id: h.cfg.Random.UUID(), webhook: w.ID, event: w.Event}
	e := envelope{TriggeredAt: at, Event: w.Event, Data: data, Token: h.cfg.Random.Hex(48)}
	if withID {
		e.ID = d.id
	}
	var err error
	d.body, err = e.seal(w.SignatureToken)
	return d, err
}

// deliver tries until an attempt succeeds, the retries are used up, or the
// webhook is gone.
func (h *Hooks) deliver(ctx context.Context, d delivery) {
	for n := 0; ; n++ {
		a, err := h.attempt(ctx, d, KindEvent, n+1)
		if err != nil {
			return
		}
		again := !a.Success && n < len(h.cfg.Pauses)
		if again {
			a.NextAt = a.EndedAt + h.cfg.Pauses[n].Milliseconds()
		}
		h.keep(a)
		if !again || !pause.For(ctx, h.cfg.Pauses[n]) {
			return
		}
	}
}

// attempt sends the body once, to where the webhook points now. It is an error
// when the webhook is gone or the context ends.
func (h *Hooks) attempt(ctx context.Context, d delivery, kind string, number int) (Attempt, error) {
	w, err := h.Webhook(d.webhook)
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
		Kind: kind, Delivery: d.id, Webhook: d.webhook, Event: d.event, URL: w.URL, Number: number, Body: d.body,
		At: h.cfg.Now().UnixMilli(),
	}
	a.Status, a.Response, err = h.post(ctx, w.URL, d.body)
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
