package justworks

import (
	"context"
	"crypto/rand"
	"log/slog"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/boot"
	"fulcrum/shared/mail"
	"fulcrum/shared/queue"
	"fulcrum/shared/session"
	"fulcrum/shared/store"
	"fulcrum/shared/ticket"
	"fulcrum/shared/worker"
)

// SyncFromEnv makes the sync function from what worker.FromEnv and mail.FromEnv
// need, and PUBLIC_URL, the address under which people reach the gateway. After a
// batch it sends the letters of the batch's connections: those that the batch has
// written, and those that the clock has sent an event for.
func SyncFromEnv(env *boot.Env) any {
	work := worker.FromEnv(env, New(time.Now))
	post := NewPost(store.FromEnv(env), mail.FromEnv(env), ticket.FromEnv(env), env.Need("PUBLIC_URL"), time.Now)
	return func(ctx context.Context, c worker.Call) (any, error) {
		out, err := work.Serve(ctx, c)
		post.After(ctx, c.SQSEvent)
		return out, err
	}
}

// APIFromEnv makes Justworks' routes, and the page that the mails' links open, from
// what store.FromEnv needs, DELIVERIES_QUEUE_URL and PARTNER_QUEUE_URL, and
// PUBLIC_URL, which may be empty; and the pages on which admins review hires.
func APIFromEnv(env *boot.Env) any {
	table, tickets := store.FromEnv(env), ticket.FromEnv(env)
	sender := queue.NewSender(env.AWS("SQS", boot.Working))
	deliveries, again := sender.Deliveries(env.Need("DELIVERIES_QUEUE_URL")), sender.Partners(env.Need("PARTNER_QUEUE_URL"))
	pages, err := Pages()
	env.Wrong(err)
	own, page := NewAPI(table, deliveries, again, tickets, time.Now), NewPage(table, tickets, pages)
	desk := NewDesk(own, session.New(table, "review", rand.Text, time.Now), pages, env.Optional("PUBLIC_URL"))
	routes := own.Routes()
	maps.Copy(routes, desk.Routes())
	return func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		if e.RouteKey == ReviewRoute {
			return page.Handle(ctx, e)
		}
		if strings.HasPrefix(e.RawPath, "/justworks/") {
			return desk.Handle(ctx, e), nil
		}
		return routes.Handle(ctx, e)
	}
}

// After sends the letters of a batch's connections. It does not fail the batch,
// whose events are worked off: what was not sent stays due.
func (p *Post) After(ctx context.Context, batch events.SQSEvent) {
	for _, id := range connections(batch) {
		if err := p.Send(ctx, id); err != nil {
			slog.WarnContext(ctx, "letters stay due", "partner", name, "connection", id, "error", err.Error())
		}
	}
}
