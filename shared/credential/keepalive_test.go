package credential_test

import (
	"strings"
	"testing"
	"time"

	twinoauth "fulcrum/local/twin/oauth"
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
