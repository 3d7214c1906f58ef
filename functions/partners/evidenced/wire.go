package evidenced

import (
	"fulcrum/shared/account"
	"fulcrum/shared/backfill"
	"fulcrum/shared/boot"
	"fulcrum/shared/store"
	"fulcrum/shared/worker"
)

// Sync is the wiring of the function that works off Evidenced's queue.
func Sync(env *boot.Env) any {
	p, table := New(), store.FromEnv(env)
	imports := backfill.FromEnv(env, p.Imports(), table, account.FromEnv(env, table))
	return worker.FromEnv(env, p).Also("import", imports.Run).Handle
}

// API is the wiring of the function that answers Evidenced's calls.
func API(env *boot.Env) any { return Routes(store.FromEnv(env)).Handle }
