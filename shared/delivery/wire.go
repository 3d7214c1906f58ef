package delivery

import (
	"time"

	"fulcrum/shared/boot"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// FromEnv makes the Deliverer from what store.FromEnv needs, DELIVERIES_QUEUE_URL,
// and LOOPBACK_ENDPOINTS, which is "allowed" on a developer's machine only.
func FromEnv(env *boot.Env) *Deliverer {
	deliveries := queue.NewSender(env.AWS("SQS", boot.Working)).Deliveries(env.Need("DELIVERIES_QUEUE_URL"))
	allowed := Addresses{Loopback: env.Optional("LOOPBACK_ENDPOINTS") == "allowed"}
	return New(store.FromEnv(env), deliveries, allowed, env.Instead(), time.Now)
}
