package credential_test

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	engine "fulcrum/local/aws"
	twinoauth "fulcrum/local/twin/oauth"
	"fulcrum/shared/credential"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// expectLost fails unless the call failed because the connection is lost.
func (b *bench) expectLost(err error) {
	b.Helper()
	if reason, parks := fault.Parks(err); !parks || reason != credential.Lost {
		b.Errorf("error %v, want one that parks as %s", err, credential.Lost)
	}
}

func (b *bench) expectNotices(n int) {
	b.Helper()
	if len(b.notices.sent) != n {
		b.Errorf("%d notices, want %d", len(b.notices.sent), n)
	}
}

func TestOneRefreshPerExpiryHoweverManyRace(t *testing.T) {
	const workers, expiries = 8, 3
	connections := 8
	if os.Getenv("SOAK") != "" {
		connections = 40
	}
	for _, rotation := range []twinoauth.Rotation{twinoauth.Strict, twinoauth.Grace} {
		t.Run(string(rotation), func(t *testing.T) {
			in(t, rotation, func(b *bench) {
				var all []store.Connection
				for n := range connections {
					all = append(all, b.consent(n))
				}
				for range expiries {
					time.Sleep(time.Hour)
					before := b.count()
					var race sync.WaitGroup
					for range workers {
						for _, c := range all {
							race.Go(func() { b.mustCall(c) })
						}
					}
					race.Wait()
					if got := b.count() - before; got != connections {
						b.Errorf("%d refreshes of %d connections", got, connections)
					}
				}
				b.expectNotices(0)
			})
		})
	}
}

func TestAYoungTokenIsNotRenewed(t *testing.T) {
	in(t, twinoauth.Strict, func(b *bench) {
		c := b.consent(1)
		for range 5 {
			time.Sleep(10 * time.Minute)
			b.mustCall(c)
		}
		if b.count() != 0 {
			b.Errorf("%d refreshes within 50 minutes", b.count())
		}
		time.Sleep(5 * time.Minute) // ten minutes before the end is early enough for everyone
		b.mustCall(c)
		if b.count() != 1 {
			b.Errorf("%d refreshes five minutes before the end", b.count())
		}
	})
}

func TestWhileOneRefreshesTheOthersUseTheOldToken(t *testing.T) {
	in(t, twinoauth.Grace, func(b *bench) {
		c := b.consent(1)
		time.Sleep(55 * time.Minute)
		b.beforeOAuth = func() { time.Sleep(5 * time.Second) }
		var race sync.WaitGroup
		race.Go(func() { b.mustCall(c) })
		time.Sleep(time.Second)
		start := time.Now()
		b.mustCall(c)
		if waited := time.Since(start); waited > time.Second {
			b.Errorf("a call waited %v although its token still counts", waited)
		}
		race.Wait()
	})
}

// A function that dies between Lever's answer and the write loses the new refresh
// token. With grace the old one goes on; without it the next refresh finds the
// consent gone.
func TestADeathBeforeTheNewTokensAreWritten(t *testing.T) {
	die := func(b *bench, c store.Connection) {
		b.AWS.Inject(engine.Fault{Action: "PutItem", Status: 400, Code: "AccessDenied", Times: 1})
		if err := b.call(b.keeper(), c); err == nil {
			b.Error("new tokens are used before they are written")
		}
	}
	t.Run("with grace", func(t *testing.T) {
		in(t, twinoauth.Grace, func(b *bench) {
			c := b.consent(1)
			time.Sleep(time.Hour)
			die(b, c)
			b.mustCall(c)
			b.expectNotices(0)
		})
	})
	t.Run("without grace", func(t *testing.T) {
		in(t, twinoauth.Strict, func(b *bench) {
			c := b.consent(1)
			time.Sleep(time.Hour)
			die(b, c)
			b.expectLost(b.call(b.keeper(), c))
			before := b.count()
			var race sync.WaitGroup
			for range 8 {
				race.Go(func() { b.expectLost(b.call(b.keeper(), c)) })
			}
			race.Wait()
			if b.count() != before {
				b.Errorf("%d more refreshes of a consent that is gone", b.count()-before)
			}
			b.expectNotices(1)
		})
	})
}

func TestADeathWhileHoldingDelaysTheOthersNoLongerThanTheHold(t *testing.T) {
	in(t, twinoauth.Strict, func(b *bench) {
		c := b.consent(1)
		time.Sleep(time.Hour)
		held, err := b.table.Credential(b.Context(), c.ID)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := b.table.HoldCredential(b.Context(), held, "dead", 30*time.Second); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		b.mustCall(c)
		if waited := time.Since(start); waited < 29*time.Second || waited > 31*time.Second {
			b.Errorf("waited %v", waited)
		}
	})
}

func TestAWriteWhoseAnswerIsLostIsDone(t *testing.T) {
	in(t, twinoauth.Strict, func(b *bench) {
		c := b.consent(1)
		time.Sleep(time.Hour)
		b.AWS.Inject(engine.Fault{Action: "PutItem", DropAnswer: true, Times: 1})
		b.mustCall(c)
		b.mustCall(c)
		if b.count() != 1 {
			b.Errorf("%d refreshes", b.count())
		}
	})
}

func TestLeverIsAwayIsNotTheEndOfTheConsent(t *testing.T) {
	in(t, twinoauth.Strict, func(b *bench) {
		c := b.consent(1)
		time.Sleep(time.Hour)
		away := b.Hosts["lever.test"]
		delete(b.Hosts, "lever.test")
		if err := b.call(b.keeper(), c); err == nil || isLost(err) {
			b.Errorf("error %v", err)
		}
		b.Hosts["lever.test"] = away
		b.mustCall(c)
		b.expectNotices(0)
	})
}

func isLost(err error) bool { _, parks := fault.Parks(err); return parks }

func TestARevokedConsentIsToldOnce(t *testing.T) {
	in(t, twinoauth.Strict, func(b *bench) {
		c := b.consent(1)
		if _, err := b.lever.Revoke(c.Account, ""); err != nil {
			b.Fatal(err)
		}
		var race sync.WaitGroup
		for range 8 {
			race.Go(func() { b.expectLost(b.call(b.keeper(), c)) })
		}
		race.Wait()
		b.expectNotices(1)
		now, err := b.table.Connection(b.Context(), c.ID)
		if err != nil || now.LostAt == 0 || now.LostBecause != credential.ConsentGone {
			b.Errorf("connection %+v, %v", now, err)
		}
		d, err := b.table.Delivery(b.Context(), c.ID, b.notices.sent[0])
		if err != nil || !strings.Contains(string(d.Body), `"type":"connection.disconnected"`) || !strings.Contains(string(d.Body), `"reason":"consent_gone"`) {
			b.Errorf("notice %s, %v", d.Body, err)
		}
		before := b.lever.Calls(c.Account) + b.count()
		b.expectLost(b.call(b.keeper(), c))
		if after := b.lever.Calls(c.Account) + b.count(); after != before {
			b.Error("a lost connection calls on")
		}
	})
}

func TestATokenThatEndsEarlyIsRenewedOnce(t *testing.T) {
	in(t, twinoauth.Strict, func(b *bench) {
		c := b.consent(1)
		if err := b.lever.ExpireTokens(c.Account); err != nil {
			b.Fatal(err)
		}
		var race sync.WaitGroup
		for range 8 {
			race.Go(func() { b.mustCall(c) })
		}
		race.Wait()
		if b.count() != 1 {
			b.Errorf("%d refreshes", b.count())
		}
	})
}

func TestARefreshIsNotBegunAtTheEndOfAnEvent(t *testing.T) {
	in(t, twinoauth.Strict, func(b *bench) {
		c := b.consent(1)
		time.Sleep(time.Hour)
		auth, err := b.keeper().Auth(b.Context(), c)
		if err != nil {
			b.Fatal(err)
		}
		client, err := lever.New(lever.Options{BaseURL: "http://lever.test/v1", Auth: auth, Transport: b})
		if err != nil {
			b.Fatal(err)
		}
		ctx, stop := context.WithTimeout(b.Context(), 5*time.Second)
		defer stop()
		if _, err := client.User(ctx, "u"); err == nil || isLost(err) || b.count() != 0 {
			b.Errorf("error %v after %d refreshes", err, b.count())
		}
	})
}

func TestAPIKeys(t *testing.T) {
	in(t, twinoauth.Strict, func(b *bench) {
		account := b.customer()
		summary, err := b.lever.Summary(account)
		if err != nil {
			b.Fatal(err)
		}
		c := store.Connection{ID: "con_key", Partner: "joinedly", Account: account, Environment: lever.Production}
		b.put(c, store.Credential{Connection: c.ID, Secret: store.Secret{APIKey: "an old key"}})
		k, err := b.keeper().Auth(b.Context(), c)
		if err != nil {
			b.Fatal(err)
		}
		// Somebody saves another key while an event is worked off.
		if err := b.table.PutCredential(b.Context(), store.Credential{Connection: c.ID, Version: 1, Secret: store.Secret{APIKey: summary.APIKey}}, 0); err != nil {
			b.Fatal(err)
		}
		client, err := lever.New(lever.Options{BaseURL: "http://lever.test/v1", Auth: k, Transport: b})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := lever.Collect(client.Users(b.Context(), lever.UserFilter{})); err != nil {
			b.Errorf("the newer key is not taken: %v", err)
		}
		for _, key := range b.lever.Keys(account) {
			if err := b.lever.RemoveKey(account, key.ID); err != nil {
				b.Fatal(err)
			}
		}
		for range 3 {
			b.expectLost(b.call(b.keeper(), c))
		}
		b.expectNotices(1)
	})
}

func TestWithoutACredentialWorkIsParked(t *testing.T) {
	in(t, twinoauth.Strict, func(b *bench) {
		_, err := b.keeper().Auth(b.Context(), store.Connection{ID: "con_none"})
		b.expectLost(err)
	})
}

// Whoever stalls longer than it may hold the credential finds its refresh token
// used up, and the tokens that another has written meanwhile.
func TestAStalledRefreshTakesWhatAnotherWrote(t *testing.T) {
	in(t, twinoauth.Strict, func(b *bench) {
		c := b.consent(1)
		time.Sleep(time.Hour)
		var first sync.Once
		b.beforeOAuth = func() {
			stall := false
			first.Do(func() { stall = true })
			if stall {
				time.Sleep(9 * time.Second)
			}
		}
		var race sync.WaitGroup
		race.Go(func() { b.mustCall(c) })
		time.Sleep(time.Second)
		held, err := b.table.Credential(b.Context(), c.ID)
		if err != nil {
			b.Fatal(err)
		}
		held.HeldUntil = 0
		if err := b.release(held); err != nil {
			b.Fatal(err)
		}
		b.mustCall(c)
		race.Wait()
		b.expectNotices(0)
	})
}
