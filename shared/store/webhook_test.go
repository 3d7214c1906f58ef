package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/lever"
	"fulcrum/shared/signing"
	"fulcrum/shared/store"
)

const hired = lever.CandidateHired

func webhook() store.Webhook {
	return store.Webhook{Connection: "con_1", Event: hired, Made: store.ByAPI, Current: store.Address{Hook: "h-1", URL: "https://api.example/h-1"}}
}

func change(seq int64, token string) signing.Change {
	return signing.Change{Seq: seq, Kind: signing.Put, Hook: "h-1", Entry: signing.Hook{Partner: "joinedly", Keys: []signing.Key{{Token: token}}}}
}

func TestAWebhookAndItsKeyAreWrittenTogetherOrNotAtAll(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		ctx := t.Context()
		first := must[store.Webhook](t)(table.PutWebhook(ctx, webhook()))
		quick := first
		quick.Current.LeverID = "quick"
		quick = must[store.Webhook](t)(table.PutWebhook(ctx, quick, change(1, "canary-quick")))
		slow := first
		slow.Current.LeverID = "slow"
		if _, err := table.PutWebhook(ctx, slow, change(2, "canary-slow")); !errors.Is(err, store.ErrMoved) {
			t.Errorf("who is slow: %v", err)
		}
		if err := table.DeleteWebhook(ctx, slow, change(3, "canary-slow")); !errors.Is(err, store.ErrMoved) {
			t.Errorf("who deletes and is slow: %v", err)
		}
		if _, err := table.PutWebhook(ctx, webhook()); !errors.Is(err, store.ErrMoved) {
			t.Errorf("who makes it again: %v", err)
		}
		if there := must[store.Webhook](t)(table.Webhook(ctx, "con_1", hired)); there.Current.LeverID != "quick" || there.Revision != 2 || there.CreatedAt == 0 {
			t.Errorf("webhook %+v", there)
		}
		expectPending(t, table, 1)
		if strings.Contains(dump(t, r), "canary") {
			t.Error("a token lies open in the table")
		}
		check(t, table.DeleteWebhook(ctx, quick, change(4, "canary")))
		if _, err := table.Webhook(ctx, "con_1", hired); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a deleted webhook: %v", err)
		}
		expectPending(t, table, 1, 4)
	})
}

func expectPending(t *testing.T, table *store.Table, want ...int64) {
	t.Helper()
	if got := must[[]int64](t)(table.PendingChanges(t.Context(), 0)); !slices.Equal(got, want) {
		t.Errorf("pending %v, want %v", got, want)
	}
}

func TestWebhooksAreThoseOfTheConnection(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		for _, connection := range []string{"con_1", "con_10"} {
			for _, event := range []lever.Event{hired, lever.CandidateDeleted} {
				must[store.Webhook](t)(table.PutWebhook(t.Context(), store.Webhook{Connection: connection, Event: event}))
			}
		}
		all := must[[]store.Webhook](t)(table.Webhooks(t.Context(), "con_1"))
		if len(all) != 2 || all[0].Event != lever.CandidateDeleted || all[1].Event != hired || all[1].Connection != "con_1" {
			t.Errorf("webhooks %+v", all)
		}
	})
}

func TestAWebhookIsSeenToTheMinute(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		ctx, start := t.Context(), lever.At(time.Now())
		w := webhook()
		w.Next = &store.Address{Hook: "h-2"}
		must[store.Webhook](t)(table.PutWebhook(ctx, w))
		steps := []struct {
			name     string
			hook     string
			at       lever.Time
			test     bool
			seen     lever.Time
			verified lever.Time
		}{
			{name: "an event", hook: "h-1", at: start, seen: start},
			{name: "another within a minute", hook: "h-1", at: start + 59_999, seen: start},
			{name: "one a minute later", hook: "h-1", at: start + 60_000, seen: start + 60_000},
			{name: "one that comes late", hook: "h-1", at: start + 1, seen: start + 60_000},
			{name: "one at the next address", hook: "h-2", at: start + 120_000, seen: start + 120_000},
			{name: "one at an address of before", hook: "h-0", at: start + 300_000, seen: start + 120_000},
			{name: "one without an address", at: start + 300_000, seen: start + 120_000},
			{name: "Lever's test", hook: "h-1", at: start + 5, test: true, seen: start + 120_000, verified: start + 5},
		}
		for _, s := range steps {
			got := must[store.Webhook](t)(table.Seen(ctx, "con_1", hired, s.hook, s.at, s.test))
			there := must[store.Webhook](t)(table.Webhook(ctx, "con_1", hired))
			if got.SeenAt != s.seen || got.VerifiedAt != s.verified || there.SeenAt != s.seen || there.VerifiedAt != s.verified || !there.Live() {
				t.Errorf("%s: given %d and %d, written %d and %d", s.name, got.SeenAt, got.VerifiedAt, there.SeenAt, there.VerifiedAt)
			}
			if there.Revision != 1 {
				t.Errorf("%s: it is another revision", s.name)
			}
		}
		if _, err := table.Seen(ctx, "con_2", hired, "h-1", start, false); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an unknown webhook: %v", err)
		}
	})
}

// Who has replaced a key sees at once that it is used.
func TestAWebhookIsSeenAtOnceUnderANewKey(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		at := lever.At(time.Now())
		w := must[store.Webhook](t)(table.PutWebhook(t.Context(), webhook()))
		must[store.Webhook](t)(table.Seen(t.Context(), "con_1", hired, "h-1", at, false))
		w.Current.SignedAt = at + 1_000
		must[store.Webhook](t)(table.PutWebhook(t.Context(), w))
		must[store.Webhook](t)(table.Seen(t.Context(), "con_1", hired, "h-1", at+2_000, false))
		if there := must[store.Webhook](t)(table.Webhook(t.Context(), "con_1", hired)); there.SeenAt != at+2_000 {
			t.Errorf("seen %d ms after the first", there.SeenAt-at)
		}
	})
}

func TestSeenWritesOnceAMinuteHoweverManyEvents(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		must[store.Webhook](t)(table.PutWebhook(t.Context(), webhook()))
		at := lever.At(time.Now())
		must[store.Webhook](t)(table.Seen(t.Context(), "con_1", hired, "h-1", at, false))
		// From now on a write fails.
		r.AWS.Inject(engine.Fault{Action: "UpdateItem", Status: 400, Code: "AccessDenied", Times: -1})
		for i := range lever.Time(100) {
			must[store.Webhook](t)(table.Seen(t.Context(), "con_1", hired, "h-1", at+i*599, false))
		}
	})
}

func TestReplacingAWebhookKeepsWhenItWasSeen(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		w := must[store.Webhook](t)(table.PutWebhook(t.Context(), webhook()))
		must[store.Webhook](t)(table.Seen(t.Context(), "con_1", hired, "h-1", 1_800_000_000_000, false))
		w.Current.Hook = "h-2"
		must[store.Webhook](t)(table.PutWebhook(t.Context(), w))
		if there := must[store.Webhook](t)(table.Webhook(t.Context(), "con_1", hired)); there.SeenAt != 1_800_000_000_000 {
			t.Errorf("seen at %d", there.SeenAt)
		}
	})
}

func TestOnlyOneHoldsAConnectionsWebhooks(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx := t.Context()
		steps := []struct {
			connection, holder string
			want               bool
		}{
			{"con_1", "a", true}, {"con_1", "b", false}, {"con_1", "a", true}, {"con_2", "b", true},
		}
		for i, s := range steps {
			if got := must[bool](t)(table.HoldWebhooks(ctx, s.connection, s.holder, time.Minute)); got != s.want {
				t.Errorf("step %d: %v", i, got)
			}
		}
		check(t, table.ReleaseWebhooks(ctx, "con_1", "b"))
		if must[bool](t)(table.HoldWebhooks(ctx, "con_1", "b", time.Minute)) {
			t.Error("somebody else ended the hold")
		}
		time.Sleep(time.Minute + time.Millisecond)
		if !must[bool](t)(table.HoldWebhooks(ctx, "con_1", "b", time.Minute)) {
			t.Error("a hold does not end")
		}
		check(t, table.ReleaseWebhooks(ctx, "con_1", "b"))
		if !must[bool](t)(table.HoldWebhooks(ctx, "con_1", "c", time.Minute)) {
			t.Error("a hold that was released goes on")
		}
	})
}

// shard is shard 0 as holder has it.
func shard(t *testing.T, table *store.Table, holder string) signing.State {
	t.Helper()
	s, ok, err := table.HoldShard(t.Context(), 0, holder, time.Minute)
	if err != nil || !ok {
		t.Fatalf("hold: %v, %v", ok, err)
	}
	return s
}

func TestAShardsPlanIsDecidedOnceAndCommittedOnce(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx := t.Context()
		check(t, table.AddShard(ctx, 0, 5))
		check(t, table.AddShard(ctx, 0, 7))
		slow := shard(t, table, "slow")
		time.Sleep(2 * time.Minute)
		quick := shard(t, table, "quick")
		plan := func(secret string) signing.Plan { return signing.Plan{Version: 1, Secret: secret, Changes: []int64{1}} }
		expect := func(step string, want bool) func(bool, error) {
			return func(got bool, err error) {
				t.Helper()
				if err != nil || got != want {
					t.Errorf("%s: %v, %v", step, got, err)
				}
			}
		}
		expect("who holds it no more plans", false)(table.PlanShard(ctx, slow, plan("slow")))
		expect("who holds it plans", true)(table.PlanShard(ctx, quick, plan("quick")))
		expect("and repeats that", true)(table.PlanShard(ctx, quick, plan("quick")))
		expect("and plans another", false)(table.PlanShard(ctx, quick, plan("other")))
		other, mine := plan("other"), plan("quick")
		quick.Plan, slow.Plan = &other, &mine
		expect("what was not planned is committed", false)(table.CommitShard(ctx, quick, 0, 1))
		expect("what was planned is, by anybody", true)(table.CommitShard(ctx, slow, 2, 1))
		expect("and once", false)(table.CommitShard(ctx, slow, 2, 1))
		s := shard(t, table, "next")
		if s.Version != 1 || s.Secret != "quick" || s.Plan != nil || s.Minted != 3 || s.WrittenAt != lever.At(time.Now()) {
			t.Errorf("state %+v", s)
		}
	})
}

func TestAShardTakesNoMoreHooksThanItMay(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		check(t, table.AddShard(t.Context(), 0, 0))
		taken := 0
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				ok, err := table.MintHook(t.Context(), 0, 12)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if ok {
					taken++
				}
			})
		}
		all.Wait()
		if taken != 12 {
			t.Errorf("%d hooks were taken", taken)
		}
	})
}

func TestChangesAreNumberedListedAndEnded(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		ctx := t.Context()
		if _, err := table.NumberChange(ctx, 0); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a change of no shard: %v", err)
		}
		check(t, table.AddShard(ctx, 0, 0))
		for want := range int64(12) {
			c := change(must[int64](t)(table.NumberChange(ctx, 0)), fmt.Sprint("canary ", want))
			if c.Seq != want+1 || !must[bool](t)(table.AddChange(ctx, c)) {
				t.Errorf("change %d has the number %d, or was not written", want+1, c.Seq)
			}
		}
		all := must[[]signing.Change](t)(table.Changes(ctx, 0))
		if len(all) != 12 || all[10].Seq != 11 || all[10].Entry.Keys[0].Token != "canary 10" || all[10].Hook != "h-1" {
			t.Errorf("changes %+v", all)
		}
		check(t, table.EndChanges(ctx, 0, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99}))
		check(t, table.EndChanges(ctx, 0, []int64{1}))
		expectPending(t, table, 11, 12)
		if must[bool](t)(table.AddChange(ctx, change(1, "late"))) || must[bool](t)(table.AddChange(ctx, change(11, "late"))) {
			t.Error("a number is used twice")
		}
		expectPending(t, table, 11, 12)
		rotate(t, r)
		time.Sleep(10 * time.Minute)
		check(t, table.Reseal(ctx))
		if got := must[[]signing.Change](t)(table.Changes(ctx, 0)); len(got) != 2 || got[0].Entry.Keys[0].Token != "canary 10" {
			t.Errorf("after the keyset was rotated: %+v", got)
		}
	})
}

// rotate gives the stack's keyset another primary version.
func rotate(t *testing.T, r *rig.Rig) {
	t.Helper()
	set := keysetOf(t, r, "")
	keysetOf(t, r, fmt.Sprintf(`{"primary":"2","1":%q,"2":%q}`, set["1"], strings.Repeat("2", 64)))
}
