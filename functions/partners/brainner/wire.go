package brainner

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/account"
	"fulcrum/shared/action"
	"fulcrum/shared/backfill"
	"fulcrum/shared/boot"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
	"fulcrum/shared/ticket"
	"fulcrum/shared/worker"
)

// SyncFromEnv makes what works off Brainner's queue from what worker.FromEnv needs,
// and DELIVERIES_QUEUE_URL.
func SyncFromEnv(env *boot.Env) any {
	p, table := New(), store.FromEnv(env)
	accounts, sender := account.FromEnv(env, table), queue.NewSender(env.AWS("SQS", boot.Working))
	imports := backfill.FromEnv(env, p.Imports(), table, accounts)
	writer := NewWriter(table, sender.Deliveries(env.Need("DELIVERIES_QUEUE_URL")), time.Now)
	actions := NewAfter(action.FromEnv(env, writer, table, accounts), table, sender.Partners(env.Need("PARTNER_QUEUE_URL")), time.Now)
	return worker.FromEnv(env, p).Also("import", imports.Run).Also("action", actions.Run).Serve
}

// APIFromEnv makes what answers Brainner's calls, and gives résumés to who has a
// link, from what store.FromEnv and account.FromEnv need, and PARTNER_QUEUE_URL.
func APIFromEnv(env *boot.Env) any {
	table, tickets := store.FromEnv(env), ticket.FromEnv(env)
	accounts := account.FromEnv(env, table)
	routes := NewAPI(table, accounts, backfill.StarterFromEnv(env, table), action.IntakeFromEnv(env, table), tickets, time.Now).Routes()
	download := NewDownload(table, accounts, tickets)
	return func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		if e.RouteKey == ResumeRoute {
			return download.Handle(ctx, e)
		}
		return routes.Handle(ctx, e)
	}
}
