package joinedly

import (
	"time"

	"fulcrum/shared/account"
	"fulcrum/shared/api"
	"fulcrum/shared/boot"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// APIFromEnv makes Joinedly's routes from what store.FromEnv and account.FromEnv
// need, and PARTNER_QUEUE_URL.
func APIFromEnv(env *boot.Env) api.Routes {
	table := store.FromEnv(env)
	events := queue.NewSender(env.AWS("SQS", boot.Working)).Partners(env.Need("PARTNER_QUEUE_URL"))
	return NewAPI(table, account.FromEnv(env, table), events, time.Now).Routes()
}
