// Package webhook is the room behind the eight webhook functions: it verifies
// what Lever posts and puts a hint into the partner's queue. Nothing in a body is
// believed. 200 goes out after the queue has the message, never before; what
// fails before that answers 5xx, so that Lever sends again.
//
//	200  accepted, repeated, or Lever's connection test
//	401  unknown hook, missing or wrong signature, out of the window: one answer for all
//	400  not a delivery
//	413  over 256 KiB
//	503  send again
package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"fulcrum/shared/hook"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/signing"
	"fulcrum/shared/trace"
)

// patience bounds everything before the answer: Lever does not publish how long
// it waits.
const patience = 3500 * time.Millisecond

// Request is what a webhook function needs of API Gateway's event (payload format
// 2.0).
type Request struct {
	PathParameters struct {
		Hook string `json:"hook"`
	} `json:"pathParameters"`
	Body            string `json:"body"`
	IsBase64Encoded bool   `json:"isBase64Encoded"`
}

// Response is the answer to API Gateway.
type Response struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

// Keys finds a hook's signing tokens; see signing.Keys.
type Keys interface {
	Hook(ctx context.Context, id string) (signing.Hook, error)
	Again(ctx context.Context, id string) (signing.Hook, error)
	Stale(ctx context.Context, id string) bool
	Refresh(ctx context.Context, id string) error
}

// Queue takes what was accepted.
type Queue interface {
	Send(ctx context.Context, partner string, e queue.Event) error
}

// Handler takes the deliveries of one event. It is safe for concurrent use.
type Handler struct {
	event lever.Event
	keys  Keys
	queue Queue
	now   func() time.Time
}

// New makes the handler of one event's function. now is the clock.
func New(event lever.Event, keys Keys, queue Queue, now func() time.Time) *Handler {
	return &Handler{event: event, keys: keys, queue: queue, now: now}
}

// Handle answers one request. It never returns an error: API Gateway would make a
// 500 of it, with a body that is not ours.
func (h *Handler) Handle(ctx context.Context, req Request) (Response, error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	status := h.take(ctx, req)
	return Response{
		StatusCode: status,
		Headers:    map[string]string{"content-type": "application/json"},
		Body:       bodies[status],
	}, nil
}

// bodies are constant, so that no answer tells more than its status.
var bodies = map[int]string{
	http.StatusOK:                    `{"status":"accepted"}`,
	http.StatusBadRequest:            `{"message":"Not a Lever webhook delivery"}`,
	http.StatusUnauthorized:          `{"message":"Unauthorized"}`,
	http.StatusRequestEntityTooLarge: `{"message":"Larger than 256 KiB"}`,
	http.StatusServiceUnavailable:    `{"message":"Send again"}`,
}

func (h *Handler) take(ctx context.Context, req Request) int {
	body, ok := bodyOf(req)
	if !ok {
		return h.refuse(ctx, http.StatusRequestEntityTooLarge, "too large")
	}
	id := req.PathParameters.Hook
	known, err := h.keys.Hook(ctx, id)
	switch {
	case errors.Is(err, hook.ErrUnknown):
		return h.refuse(ctx, http.StatusUnauthorized, "unknown hook")
	case err != nil:
		return h.later(ctx, "read signing tokens", err)
	case known.Event != h.event:
		return h.refuse(ctx, http.StatusUnauthorized, "hook of another event")
	}
	e, err := parse(body)
	if err != nil {
		return h.refuse(ctx, http.StatusBadRequest, "not a delivery", "connection", known.Connection)
	}
	mac, known, err := h.verify(ctx, id, known, e)
	switch {
	case err != nil:
		return h.later(ctx, "read signing tokens again", err)
	case mac == nil:
		return h.refuse(ctx, http.StatusUnauthorized, "wrong signature", "connection", known.Connection)
	case !e.timely(h.now()):
		return h.refuse(ctx, http.StatusUnauthorized, "out of the window", "connection", known.Connection)
	}
	return h.accept(ctx, id, known, h.message(id, known, e, mac, body))
}

// verify is the signature's bytes, or nil where no key of the hook made them. A
// signature that does not verify may be of a key that is newer than what is in
// memory.
func (h *Handler) verify(ctx context.Context, id string, known signing.Hook, e envelope) ([]byte, signing.Hook, error) {
	mac, ok := e.signed(known.Valid(h.now()))
	if ok {
		return mac, known, nil
	}
	again, err := h.keys.Again(ctx, id)
	if errors.Is(err, hook.ErrUnknown) {
		return nil, known, nil
	}
	if err != nil {
		return nil, known, err
	}
	if mac, ok = e.signed(again.Valid(h.now())); !ok {
		return nil, known, nil
	}
	return mac, again, nil
}

func (h *Handler) message(id string, known signing.Hook, e envelope, mac, body []byte) queue.Event {
	sum := sha256.Sum256(body)
	return queue.Event{
		ID:          EventID(id, mac),
		Connection:  known.Connection,
		Event:       h.event,
		TriggeredAt: lever.At(e.at()),
		ReceivedAt:  lever.At(h.now()),
		BodyHash:    hex.EncodeToString(sum[:8]),
		IDs:         e.ids,
		Hook:        id,
		Test:        e.empty,
	}
}

// accept sends, and reads a shard that is due beside it rather than before it:
// the answer waits for one call, not for two in a row.
func (h *Handler) accept(ctx context.Context, id string, known signing.Hook, m queue.Event) int {
	ctx = trace.With(ctx, "connection", m.Connection, "id", m.ID)
	var refresh sync.WaitGroup
	defer refresh.Wait()
	if h.keys.Stale(ctx, id) {
		refresh.Go(func() {
			if err := h.keys.Refresh(ctx, id); err != nil {
				slog.WarnContext(ctx, "signing tokens not refreshed", "error", err.Error())
			}
		})
	}
	if err := h.queue.Send(ctx, known.Partner, m); err != nil {
		return h.later(ctx, "queue event", err, "connection", m.Connection)
	}
	h.log(ctx, slog.LevelInfo, "accepted", "connection", m.Connection, "id", m.ID, "test", m.Test)
	return http.StatusOK
}

// EventID is the id of the delivery with that signature: the signature covers all
// that is signed, and its bytes cannot be split in two ways as token and
// triggeredAt can.
func EventID(hookID string, mac []byte) string {
	sum := sha256.Sum256(append([]byte(hookID+"\x00"), mac...))
	return "evt_" + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

func bodyOf(req Request) ([]byte, bool) {
	if !req.IsBase64Encoded {
		return []byte(req.Body), len(req.Body) <= maxBody
	}
	if base64.StdEncoding.DecodedLen(len(req.Body)) > maxBody+2 {
		return nil, false
	}
	body, err := base64.StdEncoding.DecodeString(req.Body)
	if err != nil {
		return nil, true // API Gateway never sends it; it is no delivery
	}
	return body, len(body) <= maxBody
}

func (h *Handler) refuse(ctx context.Context, status int, why string, args ...any) int {
	h.log(ctx, slog.LevelWarn, "refused", append(args, "status", status, "why", why)...)
	return status
}

func (h *Handler) later(ctx context.Context, step string, err error, args ...any) int {
	h.log(ctx, slog.LevelError, "not accepted", append(args, "step", step, "error", err.Error())...)
	return http.StatusServiceUnavailable
}

func (h *Handler) log(ctx context.Context, level slog.Level, outcome string, args ...any) {
	slog.Log(ctx, level, outcome, append(args, "event", h.event)...)
}
