package credential_test

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"
	"time"

	twinoauth "fulcrum/local/twin/oauth"
	"fulcrum/shared/credential"
	"fulcrum/shared/store"
)

// unheld gives the credential to whoever wants to renew it.
type unheld struct{ *store.Table }

func (u unheld) HoldCredential(ctx context.Context, c store.Credential, _ string, _ time.Duration) (store.Credential, error) {
	return u.Credential(ctx, c.Connection)
}

// Without the hold everybody renews, so the race in which one does is a race. That
// few connections are lost even then is because who is refused looks again.
func TestWithoutTheHoldEverybodyRenews(t *testing.T) {
	in(t, twinoauth.Strict, func(b *bench) {
		const connections, workers = 20, 8
		var all []store.Connection
		for n := range connections {
			all = append(all, b.consent(n))
		}
		time.Sleep(time.Hour)
		before := b.count()
		b.beforeOAuth = func() { time.Sleep(100 * time.Millisecond) }
		var race sync.WaitGroup
		for range workers {
			for _, c := range all {
				race.Go(func() {
					keeper := credential.New(unheld{b.table}, servers{b.apps}, b.notices, time.Now, rand.Text)
					_ = b.call(keeper, c) // it may well fail
				})
			}
		}
		race.Wait()
		lost := 0
		for _, c := range all {
			now, err := b.table.Connection(b.Context(), c.ID)
			if err != nil {
				b.Fatal(err)
			}
			if now.LostAt != 0 {
				lost++
			}
		}
		refreshes := b.count() - before
		b.Logf("%d refreshes of %d connections, %d are lost", refreshes, connections, lost)
		if refreshes < 2*connections {
			b.Error("nobody raced")
		}
	})
}
