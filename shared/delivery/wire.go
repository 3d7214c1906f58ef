package delivery

import (
	"time"

	"fulcrum/shared/boot"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// FromEnv makes the Deliverer from what store.FromEnv needs and
// DELIVERIES_QUEUE_URL.
func FromEnv(env *boot.Env) *Deliverer {
	deliveries := queue.NewSender(env.AWS("SQS", boot.Working)).Deliveries(env.Need("DELIVERIES_QUEUE_URL"))
	return New(store.FromEnv(env), deliveries, env.Transport(), time.Now)
}
