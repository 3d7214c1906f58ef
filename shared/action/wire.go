package action

import (
	"context"
	"crypto/rand"
	"time"

	"fulcrum/shared/boot"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// FromEnv makes a partner's Runner from PARTNER_QUEUE_URL (with {partner} in the
// place of the name) and DELIVERIES_QUEUE_URL.
func FromEnv(env *boot.Env, a Actor, table *store.Table, clients Clients) *Runner {
	sender := queue.NewSender(env.AWS("SQS", boot.Working))
	return New(a, table, clients, sender.Actions(env.Need("PARTNER_QUEUE_URL")), sender.Deliveries(env.Need("DELIVERIES_QUEUE_URL")), time.Now, rand.Text)
}

// IntakeFromEnv makes an Intake from PARTNER_QUEUE_URL. Somebody waits for its
// answers.
func IntakeFromEnv(env *boot.Env, table *store.Table) *Intake {
	return NewIntake(table, queue.NewSender(env.AWS("SQS", boot.Answering)).Actions(env.Need("PARTNER_QUEUE_URL")))
}

// SweepFromEnv makes the task that sweeps from PARTNER_QUEUE_URL.
func SweepFromEnv(env *boot.Env, table *store.Table) func(context.Context) error {
	actions := queue.NewSender(env.AWS("SQS", boot.Working)).Actions(env.Need("PARTNER_QUEUE_URL"))
	return func(ctx context.Context) error { return Sweep(ctx, table, actions) }
}
