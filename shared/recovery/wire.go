package recovery

import (
	"time"

	"fulcrum/shared/account"
	"fulcrum/shared/boot"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// FromEnv makes the Runner from what account.FromEnv needs, DELIVERIES_QUEUE_URL
// and PARTNER_QUEUE_URL, which has {partner} in it.
func FromEnv(env *boot.Env, table *store.Table, accounts *account.Accounts) *Runner {
	sender := queue.NewSender(env.AWS("SQS", boot.Working))
	return New(table, accounts, Queues{
		Events: sender.Partners(env.Need("PARTNER_QUEUE_URL")), Deliveries: sender.Deliveries(env.Need("DELIVERIES_QUEUE_URL")),
		Actions: sender.Actions(env.Need("PARTNER_QUEUE_URL")),
	}, time.Now)
}
