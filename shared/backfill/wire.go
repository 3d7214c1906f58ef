package backfill

import (
	"crypto/rand"
	"time"

	"fulcrum/shared/boot"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// FromEnv makes a partner's Runner from PARTNER_QUEUE_URL (with {partner} in the
// place of the name) and DELIVERIES_QUEUE_URL.
func FromEnv(env *boot.Env, s Sources, table *store.Table, clients Clients) *Runner {
	sender := queue.NewSender(env.AWS("SQS", boot.Working))
	return New(s, table, clients, sender.Imports(env.Need("PARTNER_QUEUE_URL")), sender.Deliveries(env.Need("DELIVERIES_QUEUE_URL")), time.Now, rand.Text)
}

// StarterFromEnv makes a Starter from PARTNER_QUEUE_URL.
func StarterFromEnv(env *boot.Env, table *store.Table) *Starter {
	return NewStarter(table, queue.NewSender(env.AWS("SQS", boot.Working)).Imports(env.Need("PARTNER_QUEUE_URL")))
}
