package evidenced

import (
	"time"

	"fulcrum/shared/account"
	"fulcrum/shared/action"
	"fulcrum/shared/backfill"
	"fulcrum/shared/boot"
	"fulcrum/shared/store"
	"fulcrum/shared/worker"
)

// SyncFromEnv makes what works off Evidenced's queue from what worker.FromEnv needs.
func SyncFromEnv(env *boot.Env) any {
	p, table := New(), store.FromEnv(env)
	accounts := account.FromEnv(env, table)
	imports := backfill.FromEnv(env, p.Imports(), table, accounts)
	decisions := action.FromEnv(env, NewDecisions(table, time.Now), table, accounts)
	return worker.FromEnv(env, p).Also("import", imports.Run).Also("action", decisions.Run).Serve
}

// APIFromEnv makes what answers Evidenced's calls from what store.FromEnv needs, and
// PARTNER_QUEUE_URL.
func APIFromEnv(env *boot.Env) any {
	table := store.FromEnv(env)
	return Routes(table, action.IntakeFromEnv(env, table)).Handle
}
