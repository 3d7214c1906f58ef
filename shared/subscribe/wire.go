package subscribe

import (
	"crypto/rand"
	"time"

	"fulcrum/shared/boot"
	"fulcrum/shared/signing"
	"fulcrum/shared/store"
)

// FromEnv makes the Keeper from what signing.WriterFromEnv needs.
func FromEnv(env *boot.Env, table *store.Table) *Keeper {
	return New(table, signing.WriterFromEnv(env, table), time.Now, rand.Text)
}
