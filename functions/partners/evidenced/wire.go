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

// Sync is the wiring of the function that works off Evidenced's queue.
func Sync(env *boot.Env) any {
	p, table := New(), store.FromEnv(env)
	accounts := account.FromEnv(env, table)
	imports := backfill.FromEnv(env, p.Imports(), table, accounts)
	decisions := action.FromEnv(env, NewDecisions(table, time.Now), table, accounts)
	return worker.FromEnv(env, p).Also("import", imports.Run).Also("action", decisions.Run).Handle
}

// API is the wiring of the function that answers Evidenced's calls.
func API(env *boot.Env) any {
	table := store.FromEnv(env)
	return Routes(table, action.IntakeFromEnv(env, table)).Handle
}
