package joinedly

import (
	"time"

	"fulcrum/shared/account"
	"fulcrum/shared/boot"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
	"fulcrum/shared/worker"
)

// SyncFromEnv makes what works off Joinedly's queue from what worker.FromEnv needs.
func SyncFromEnv(env *boot.Env) any { return worker.FromEnv(env, New()).Serve }

// APIFromEnv makes what answers Joinedly's calls from what store.FromEnv and
// account.FromEnv need, and PARTNER_QUEUE_URL.
func APIFromEnv(env *boot.Env) any {
	table := store.FromEnv(env)
	events := queue.NewSender(env.AWS("SQS", boot.Working)).Partners(env.Need("PARTNER_QUEUE_URL"))
	return NewAPI(table, account.FromEnv(env, table), events, time.Now).Routes().Handle
}
