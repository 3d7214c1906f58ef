package store_test

import (
	"context"
	"testing"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/lever"
	"fulcrum/shared/mail"
	"fulcrum/shared/store"
)

var _ mail.Ledger = (*store.Copies)(nil)

func letter(number int64, due time.Time) store.Letter {
	return store.Letter{Connection: "con_1", Partner: "justworks", About: "opp-1", Name: "hired", Number: number, DueAt: lever.At(due)}
}

// written commits a letter and reads it.
func written(t *testing.T, table *store.Table, l store.Letter) store.Letter {
	t.Helper()
	check(t, table.Commit(t.Context(), store.Commit{Letters: []store.Letter{l}}))
	return must[store.Letter](t)(table.Letter(t.Context(), l))
}

// claim claims a copy of the letter as it is in the table.
func claim(t *testing.T, table *store.Table, l store.Letter) bool {
	t.Helper()
	now := must[store.Letter](t)(table.Letter(t.Context(), l))
	return must[bool](t)(table.Copies(now).Claim(t.Context(), "k"))
}

func TestACopyWhoseMarkIsMissingIsSentAgain(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		l := written(t, table, letter(1, time.Now()))
		if !claim(t, table, l) {
			t.Error("the first claim fails")
		}
		if time.Sleep(time.Minute); claim(t, table, l) {
			t.Error("claimed again while the first may be sending")
		}
		for n := 2; n <= store.MaxClaims; n++ {
			if time.Sleep(2*time.Minute + time.Second); !claim(t, table, l) {
				t.Errorf("not claimed again after %d crashes", n-1)
			}
		}
		if time.Sleep(24 * time.Hour); claim(t, table, l) {
			t.Error("claimed once too often")
		}
		now := must[store.Letter](t)(table.Letter(t.Context(), l))
		if !now.Copies["k"].Ended(lever.At(time.Now())) {
			t.Errorf("%+v has not ended", now.Copies["k"])
		}
	})
}

func TestWhatBecomesOfACopy(t *testing.T) {
	tests := map[string]struct {
		then  func(ctx context.Context, c *store.Copies) error
		again bool // may be claimed at once
	}{
		"sent, it is not sent again":        {func(ctx context.Context, c *store.Copies) error { return c.Sent(ctx, "k", "ses-1") }, false},
		"refused, it is not sent again":     {func(ctx context.Context, c *store.Copies) error { return c.Refuse(ctx, "k") }, false},
		"released, it is sent another time": {func(ctx context.Context, c *store.Copies) error { return c.Release(ctx, "k") }, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
				l := written(t, table, letter(1, time.Now()))
				claim(t, table, l)
				check(t, tt.then(t.Context(), table.Copies(l)))
				time.Sleep(time.Hour)
				if got := claim(t, table, l); got != tt.again {
					t.Errorf("claimed again: %t", got)
				}
			})
		})
	}
}

func TestACopyIsClaimedByOneOfTwo(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		l := written(t, table, letter(1, time.Now()))
		r.AWS.Inject(engine.Fault{Action: "UpdateItem", DropAnswer: true, Times: 1})
		first := must[bool](t)(table.Copies(l).Claim(t.Context(), "k"))
		second := must[bool](t)(table.Copies(l).Claim(t.Context(), "k"))
		if !first || second {
			t.Errorf("claims %t, %t", first, second)
		}
	})
}

func TestALetterIsDueUntilItsEnd(t *testing.T) {
	due := func(t *testing.T, table *store.Table) int {
		t.Helper()
		all := must[[]store.DueLetter](t)(table.DueLetters(t.Context(), lever.At(time.Now()), 10))
		for _, d := range all {
			if d.Connection() != "con_1" || d.Partner != "justworks" || d.About != "opp-1" {
				t.Errorf("due %+v", d)
			}
		}
		return len(all)
	}
	for name, tt := range map[string]struct {
		act  func(ctx context.Context, table *store.Table, l store.Letter) error
		left int
	}{
		"while nobody looks": {func(context.Context, *store.Table, store.Letter) error { return nil }, 1},
		"not once it is ended": {func(ctx context.Context, table *store.Table, l store.Letter) error {
			return table.EndLetter(ctx, l, "sent")
		}, 0},
		"not while it rests": {func(ctx context.Context, table *store.Table, l store.Letter) error { return table.RestLetter(ctx, l) }, 0},
		"though an older one was ended": {func(ctx context.Context, table *store.Table, l store.Letter) error {
			l.Number--
			return table.EndLetter(ctx, l, "sent")
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
				l := written(t, table, letter(2, time.Now().Add(time.Hour)))
				if n := due(t, table); n != 0 {
					t.Errorf("%d due before the time", n)
				}
				time.Sleep(2 * time.Hour)
				check(t, tt.act(t.Context(), table, l))
				if n := due(t, table); n != tt.left {
					t.Errorf("%d due, want %d", n, tt.left)
				}
			})
		})
	}
}

func TestALetterTakesThePlaceOfAnEarlierOne(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx := t.Context()
		old := written(t, table, letter(1, time.Now()))
		claim(t, table, old)
		check(t, table.EndLetter(ctx, old, "sent"))
		check(t, table.AddLetter(ctx, letter(1, time.Now())))
		if now := must[store.Letter](t)(table.Letter(ctx, old)); now.EndedAt == 0 || now.Outcome != "sent" || now.TTL == 0 {
			t.Errorf("the same number is written again: %+v", now)
		}
		check(t, table.AddLetter(ctx, letter(2, time.Now())))
		now := must[store.Letter](t)(table.Letter(ctx, old))
		if now.EndedAt != 0 || len(now.Copies) != 0 || now.TTL != 0 || !claim(t, table, now) {
			t.Errorf("the next one is %+v", now)
		}
		if err := table.Copies(old).Sent(ctx, "k", "ses-1"); err == nil {
			t.Error("a copy of the old letter is noted at the new one")
		}
		listed := must[store.Listed[store.Letter]](t)(table.Letters(ctx, "con_1", "opp-1", store.Paging{}))
		other := must[store.Listed[store.Letter]](t)(table.Letters(ctx, "con_1", "opp-2", store.Paging{}))
		if len(listed.Items) != 1 || len(other.Items) != 0 {
			t.Errorf("listed %d and %d", len(listed.Items), len(other.Items))
		}
	})
}
