package worker

import (
	"time"

	"fulcrum/shared/account"
	"fulcrum/shared/boot"
	"fulcrum/shared/partner"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// FromEnv makes a partner's worker from what store.FromEnv and account.FromEnv
// need, DELIVERIES_QUEUE_URL and PARTNER_QUEUE_URL.
func FromEnv(env *boot.Env, p partner.Partner) *Worker {
	table := store.FromEnv(env)
	sender := queue.NewSender(env.AWS("SQS", boot.Working))
	deliveries, events := sender.Deliveries(env.Need("DELIVERIES_QUEUE_URL")), sender.Partners(env.Need("PARTNER_QUEUE_URL"))
	return New(p, table, account.FromEnv(env, table), deliveries, events, time.Now)
}
