package interviewingio

import (
	"time"

	"fulcrum/shared/account"
	"fulcrum/shared/action"
	"fulcrum/shared/boot"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
	"fulcrum/shared/worker"
)

// SyncFromEnv makes what works off interviewing.io's queue from what worker.FromEnv
// needs.
func SyncFromEnv(env *boot.Env) any {
	table := store.FromEnv(env)
	events := queue.NewSender(env.AWS("SQS", boot.Working)).Partners(env.Need("PARTNER_QUEUE_URL"))
	exports := action.FromEnv(env, NewExports(table, events, time.Now), table, account.FromEnv(env, table))
	return worker.FromEnv(env, New(action.IntakeFromEnv(env, table))).Also("action", exports.Run).Serve
}

// APIFromEnv makes what answers interviewing.io's calls from what store.FromEnv and
// account.FromEnv need, and PARTNER_QUEUE_URL.
func APIFromEnv(env *boot.Env) any {
	table := store.FromEnv(env)
	return Routes(table, action.IntakeFromEnv(env, table), account.FromEnv(env, table)).Handle
}
