package credential_test

import (
	"strings"
	"testing"
	"time"

	twinoauth "fulcrum/local/twin/oauth"
	"fulcrum/shared/credential"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

const day = 24 * time.Hour

// days lets time go by with the daily look at what is due.
func (b *bench) days(n int) {
	b.Helper()
	for range n {
		time.Sleep(day)
		if err := b.keeper().KeepAlive(b.Context()); err != nil {
			b.Errorf("keep alive: %v", err)
		}
	}
}

func TestAQuietConnectionIsKeptAlive(t *testing.T) {
	in(t, twinoauth.Strict, func(b *bench) {
		c := b.consent(1)
		b.days(200)
		if got := b.count(); got < 5 || got > 7 {
			b.Errorf("%d refreshes in 200 quiet days, want one in 30", got)
		}
		b.mustCall(c)
	})
}

func TestWithoutKeepAliveLeverForgets(t *testing.T) {
	in(t, twinoauth.Strict, func(b *bench) {
		c := b.consent(1)
		time.Sleep(91 * day)
		b.expectLost(b.call(b.keeper(), c))
	})
}

func TestTheEndOfTheYearIsToldThirtyDaysBefore(t *testing.T) {
	in(t, twinoauth.Strict, func(b *bench) {
		c := b.consent(1)
		ends := time.Now().Add(365 * day)
		b.days(333)
		b.expectNotices(0)
		b.days(20)
		b.expectNotices(1)
		d, err := b.table.Delivery(b.Context(), c.ID, b.notices.sent[0])
		if err != nil || !strings.Contains(string(d.Body), `"type":"connection.expiring"`) || !strings.Contains(string(d.Body), ends.UTC().Format(time.DateOnly)) {
			b.Errorf("notice %s, %v", d.Body, err)
		}
		b.days(45) // past the year: the next look finds the consent gone
		b.expectNotices(2)
		b.expectLost(b.call(b.keeper(), c))
		before := b.count()
		b.days(40)
		if b.count() != before {
			b.Error("a lost connection is kept alive")
		}
	})
}

func TestKeepAliveGoesOnPastAConnectionThatFails(t *testing.T) {
	in(t, twinoauth.Strict, func(b *bench) {
		broken := store.Connection{ID: "con_broken", Partner: "nobody", Environment: lever.Production}
		b.put(broken, store.Credential{Connection: broken.ID, GrantedAt: lever.At(time.Now()), RenewedAt: lever.At(time.Now()), Secret: store.Secret{Access: "a", Refresh: "r"}})
		c := b.consent(1)
		time.Sleep(31 * day)
		if err := b.keeper().KeepAlive(b.Context()); err == nil {
			b.Error("a partner without an app is kept alive")
		}
		if got, err := b.table.Credential(b.Context(), c.ID); err != nil || got.RenewedAt.Time().Before(time.Now().Add(-time.Minute)) {
			b.Errorf("the other was renewed at %v, %v", got.RenewedAt.Time(), err)
		}
	})
}

func TestWhenACredentialIsLookedAt(t *testing.T) {
	renewed := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	granted := func(before time.Duration) lever.Time { return lever.At(renewed.Add(-before)) }
	tests := map[string]struct {
		c    store.Credential
		want time.Duration // after it was renewed
	}{
		"thirty days after it was renewed":             {store.Credential{GrantedAt: granted(0)}, 30 * day},
		"earlier, where its end is to be told earlier": {store.Credential{GrantedAt: granted(320 * day)}, 15 * day},
		"not earlier, where that is told":              {store.Credential{GrantedAt: granted(320 * day), WarnedAt: granted(day)}, 30 * day},
		"nor where nobody knows when it was given":     {store.Credential{}, 30 * day},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.c.RenewedAt = lever.At(renewed)
			if got := credential.Due(tt.c).Time().Sub(renewed); got != tt.want {
				t.Errorf("%v after it was renewed, want %v", got, tt.want)
			}
		})
	}
	if credential.Due(store.Credential{Secret: store.Secret{APIKey: "key"}}) != 0 {
		t.Error("an API key is looked at")
	}
}
