package store

import (
	"context"
	"time"

	"fulcrum/shared/boot"
	"fulcrum/shared/secret"
	"fulcrum/shared/vault"
)

// FromEnv makes the Table from TABLE (its name) and VAULT_SECRET (the secret with
// the keyset of what is sealed). The keyset is read before the first event.
func FromEnv(env *boot.Env) *Table {
	secrets := secret.New(env.AWS("SECRETS_MANAGER", boot.Working))
	keyset := env.Need("VAULT_SECRET")
	v := vault.New(func(ctx context.Context) (string, error) { return secrets.Value(ctx, keyset) }, time.Now)
	env.Warm(v.Warm)
	return New(env.AWS("DYNAMODB", boot.Working), env.Need("TABLE"), v, time.Now)
}
