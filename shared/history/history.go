// Package history is the room behind functions/hub/api: what happened to a
// connection's events and deliveries, and doing it again. It reads the ledger and
// adds to it; what is to be done is done by the functions that always do it, so
// that doing something twice has the effect of doing it once.
//
// Nothing here shows a person's data: ids, times, states and reasons only.
package history

import (
	"context"
	"crypto/rand"
	"io"
	"time"

	"fulcrum/shared/api"
	"fulcrum/shared/boot"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// Events sends an event on its way.
type Events interface {
	Send(ctx context.Context, partner string, e queue.Event) error
}

// Deliveries sends a delivery on its way.
type Deliveries interface {
	Send(ctx context.Context, m queue.Delivery, delay time.Duration) error
}

// History answers for the ledger. It is safe for concurrent use.
type History struct {
	table      *store.Table
	events     Events
	deliveries Deliveries
	random     io.Reader
	now        func() time.Time
}

// New makes a History. random makes ids; now is the clock.
func New(table *store.Table, events Events, deliveries Deliveries, random io.Reader, now func() time.Time) *History {
	return &History{table: table, events: events, deliveries: deliveries, random: random, now: now}
}

// FromEnv makes the routes from what store.FromEnv needs, DELIVERIES_QUEUE_URL and
// PARTNER_QUEUE_URL.
func FromEnv(env *boot.Env) api.Routes {
	sender := queue.NewSender(env.AWS("SQS", boot.Answering))
	events, deliveries := sender.Partners(env.Need("PARTNER_QUEUE_URL")), sender.Deliveries(env.Need("DELIVERIES_QUEUE_URL"))
	return New(store.FromEnv(env), events, deliveries, rand.Reader, time.Now).Routes()
}

// Routes are the routes of a connection's history.
func (h *History) Routes() api.Routes {
	return api.Routes{
		"GET /v1/connections/{c}/events":               api.Of(h.table, h.listEvents),
		"GET /v1/connections/{c}/events/{e}":           api.Of(h.table, h.oneEvent),
		"POST /v1/connections/{c}/events/{e}/replay":   api.Of(h.table, h.replay),
		"GET /v1/connections/{c}/deliveries":           api.Of(h.table, h.listDeliveries),
		"POST /v1/connections/{c}/deliveries/redrive":  api.Of(h.table, h.redrive),
		"GET /v1/connections/{c}/parked":               api.Of(h.table, h.parked),
		"GET /v1/connections/{c}/attention":            api.Of(h.table, h.listAttention),
		"POST /v1/connections/{c}/attention/{a}/retry": api.Of(h.table, h.retry),
		"GET /v1/connections/{c}/completeness":         api.Of(h.table, h.completeness),
		"GET /v1/connections/{c}/completeness/reports": api.Of(h.table, h.listReports),
		"GET /v1/connections/{c}/completeness/chain":   api.Of(h.table, h.chain),
		"GET /v1/connections/{c}/erasures":             api.Of(h.table, h.erasures),
		"GET /v1/connections/{c}/numbers":              api.Of(h.table, h.numbers),
	}
}
