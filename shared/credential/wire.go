package credential

import (
	"context"
	"crypto/rand"
	"time"

	"fulcrum/shared/boot"
	"fulcrum/shared/oauth"
	"fulcrum/shared/queue"
	"fulcrum/shared/secret"
	"fulcrum/shared/store"
)

// FromEnv makes the Keeper from OAUTH_SECRET_PREFIX (what the names of the
// secrets with the partners' apps begin with), LEVER_URL (the address of a Lever
// twin, which may be empty) and DELIVERIES_QUEUE_URL.
func FromEnv(env *boot.Env, table *store.Table) *Keeper {
	apps := oauth.NewApps(secret.New(env.AWS("SECRETS_MANAGER", boot.Working)), env.Need("OAUTH_SECRET_PREFIX"), env.Optional("LEVER_URL"), env.Transport(), time.Now)
	deliveries := queue.NewSender(env.AWS("SQS", boot.Working)).Deliveries(env.Need("DELIVERIES_QUEUE_URL"))
	return New(table, servers{apps}, deliveries, time.Now, rand.Text)
}

// servers are the apps as refreshing needs them.
type servers struct{ apps *oauth.Apps }

func (s servers) Server(ctx context.Context, partner, environment string) (Server, error) {
	return s.apps.Client(ctx, partner, environment, "", nil)
}
