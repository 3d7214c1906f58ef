package webhook

import (
	"time"

	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/secret"
	"fulcrum/shared/signing"
)

// FromEnv makes the handler of one event's function from HOOK_KEY_SECRET (the
// secret with the key of hook ids), SIGNING_SECRET_PREFIX (what the names of the
// signing shards begin with) and PARTNER_QUEUE_URL (with {partner} for the
// partner's name). Keys are read, and the queues' service is connected to, before
// the first event.
func FromEnv(env *boot.Env, event lever.Event) *Handler {
	secrets := secret.New(env.AWS("SECRETS_MANAGER", boot.Answering))
	keys := signing.NewKeys(secrets, env.Need("HOOK_KEY_SECRET"), env.Need("SIGNING_SECRET_PREFIX"), time.Now)
	env.Warm(keys.Warm)
	cfg, queues := env.AWS("SQS", boot.Answering), env.Need("PARTNER_QUEUE_URL")
	env.Warm(boot.Connect(cfg, queues))
	partners := queue.NewSender(cfg).Partners(queues)
	return New(event, keys, partners, time.Now)
}
