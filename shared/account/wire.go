package account

import (
	"time"

	"fulcrum/shared/boot"
	"fulcrum/shared/credential"
	"fulcrum/shared/store"
)

// FromEnv makes Accounts from what credential.FromEnv needs, and LEVER_URL, the
// address of a Lever twin, which may be empty.
func FromEnv(env *boot.Env, table *store.Table) *Accounts {
	return New(credential.FromEnv(env, table), table, env.Optional("LEVER_URL"), env.Transport(), time.Now)
}
