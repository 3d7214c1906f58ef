package signing

import (
	"crypto/rand"
	"time"

	"fulcrum/shared/boot"
	"fulcrum/shared/secret"
)

// WriterFromEnv makes the Writer from HOOK_KEY_SECRET (the secret with the key of
// hook ids), SIGNING_SECRET_PREFIX (what the names of the shards begin with) and
// SIGNING_KMS_KEY (the KMS key of new shards, which may be empty).
func WriterFromEnv(env *boot.Env, table Table) *Writer {
	return NewWriter(Options{
		Table: table, Secrets: secret.New(env.AWS("SECRETS_MANAGER", boot.Working)),
		HookKey: env.Need("HOOK_KEY_SECRET"), Prefix: env.Need("SIGNING_SECRET_PREFIX"), KMSKey: env.Optional("SIGNING_KMS_KEY"),
		Random: rand.Reader, Now: time.Now, NewID: rand.Text,
	})
}
