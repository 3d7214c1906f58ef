package worker

import (
	"fulcrum/shared/account"
	"fulcrum/shared/boot"
	"fulcrum/shared/partner"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// FromEnv makes a partner's worker from what store.FromEnv and account.FromEnv
// need, and DELIVERIES_QUEUE_URL.
func FromEnv(env *boot.Env, p partner.Partner) *Worker {
	table := store.FromEnv(env)
	deliveries := queue.NewSender(env.AWS("SQS", boot.Working)).Deliveries(env.Need("DELIVERIES_QUEUE_URL"))
	return New(p, table, account.FromEnv(env, table), deliveries)
}
