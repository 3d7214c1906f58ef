package connect

import (
	"crypto/rand"
	"time"

	"fulcrum/shared/account"
	"fulcrum/shared/alert"
	"fulcrum/shared/backfill"
	"fulcrum/shared/boot"
	"fulcrum/shared/connect/page"
	"fulcrum/shared/mail"
	"fulcrum/shared/oauth"
	"fulcrum/shared/recovery"
	"fulcrum/shared/secret"
	"fulcrum/shared/signing"
	"fulcrum/shared/store"
	"fulcrum/shared/subscribe"
)

// FromEnv makes a Setup from what store.FromEnv, account.FromEnv, recovery.FromEnv,
// mail.FromEnv and signing.WriterFromEnv need, RETURN_ADDRESSES (see ParseReturns) and PUBLIC_URL;
// both may be empty. What cannot be read of them stops the function from starting.
func FromEnv(env *boot.Env, named Definitions) *Setup {
	returns, err := ParseReturns(env.Optional("RETURN_ADDRESSES"))
	env.Wrong(err)
	pages, err := page.New()
	env.Wrong(err)
	table := store.FromEnv(env)
	accounts := account.FromEnv(env, table)
	keys := signing.WriterFromEnv(env, table)
	override := env.Optional("LEVER_URL")
	apps := oauth.NewApps(secret.New(env.AWS("SECRETS_MANAGER", boot.Working)), env.Need("OAUTH_SECRET_PREFIX"), override, env.Transport(), time.Now)
	return New(Parts{
		Definitions: named, Table: table, Apps: apps, Clients: accounts, Pages: pages,
		Webhooks: subscribe.New(table, keys, time.Now, rand.Text), Keys: keys, Recovery: recovery.FromEnv(env, table, accounts),
		Imports: backfill.StarterFromEnv(env, table), Alerts: alert.New(table, mail.FromEnv(env), alert.Definitions(named)), Returns: returns,
		LeverURL: override, Transport: env.Transport(), Public: env.Optional("PUBLIC_URL"), Now: time.Now, Random: rand.Text,
	})
}
