package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/mail"
	"fulcrum/shared/store"
)

var _ mail.Ledger = (*store.Mails)(nil)

func TestAMailIsClaimedOnce(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx, mails := t.Context(), table.Mails("con_1")
		claim := func(of *store.Mails, key string, want bool) {
			t.Helper()
			if got := must[bool](t)(of.Claim(ctx, key)); got != want {
				t.Errorf("claim of %s is %t, want %t", key, got, want)
			}
		}
		claim(mails, "k", true)
		claimed(t, mails, "k")
		claim(mails, "other", true)
		claim(table.Mails("con_2"), "k", true)
		check(t, mails.Release(ctx, "k"))
		claim(mails, "k", true)
		check(t, mails.Sent(ctx, "k", "id"))
		check(t, mails.Release(ctx, "k")) // too late: it was sent
		claim(mails, "k", false)
		if err := mails.Sent(ctx, "never claimed", "id"); err == nil {
			t.Error("a mail was sent that nobody claimed")
		}
	})
}

// claimed fails unless somebody else may be sending the mail.
func claimed(t *testing.T, mails *store.Mails, key string) {
	t.Helper()
	if got, err := mails.Claim(t.Context(), key); got || !errors.Is(err, store.ErrClaimed) {
		t.Errorf("claim of %s is %t, %v", key, got, err)
	}
}

// Whoever has claimed it may have died before it was sent, or SES has not said.
func TestAMailWithoutProofIsSentAgain(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		ctx, mails := t.Context(), table.Mails("con_1")
		claim := func(key string) bool { return must[bool](t)(mails.Claim(ctx, key)) }
		for _, key := range []string{"lost", "sent", "released"} {
			if !claim(key) {
				t.Errorf("%s is not claimed", key)
			}
		}
		check(t, mails.Sent(ctx, "sent", "ses-1"))
		check(t, mails.Release(ctx, "released"))
		if time.Sleep(2 * time.Minute); !claim("released") {
			t.Error("what was refused is not claimed")
		}
		claimed(t, mails, "lost")
		for range store.MaxClaims - 1 {
			if time.Sleep(2*time.Minute + time.Second); !claim("lost") || claim("sent") {
				t.Error("not what has no proof is claimed again")
			}
			claimed(t, mails, "lost")
		}
		if time.Sleep(24 * time.Hour); claim("lost") || !claim("released") || claim("sent") {
			t.Error("a mail is claimed too often, or not often enough")
		}
	})
}

func TestAMailsItemHoldsItsProof(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		ctx, mails := t.Context(), table.Mails("con_1")
		must[bool](t)(mails.Claim(ctx, "k"))
		check(t, mails.Sent(ctx, "k", "ses-1"))
		out, err := r.Clients.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(rig.StackName + "-Table"), Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "C#con_1"}, "sk": &types.AttributeValueMemberS{Value: "MAIL#k"},
		}})
		check(t, err)
		if len(out.Item) != 7 || flat(out.Item["messageId"]) != "ses-1" || out.Item["ttl"] == nil || out.Item["claimedAt"] == nil {
			t.Errorf("item %v", out.Item)
		}
	})
}

// The SDK repeats the claim; the second finds the first one's work, which is ours.
func TestAClaimWhoseAnswerWasLostIsOurs(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		mails := table.Mails("con_1")
		r.AWS.Inject(engine.Fault{Action: "UpdateItem", DropAnswer: true, Times: 2})
		if got, err := mails.Claim(t.Context(), "k"); err != nil || !got {
			t.Errorf("claim %t, %v", got, err)
		}
		claimed(t, mails, "k")
	})
}

func TestAMailIsClaimedByOneOfMany(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		var all sync.WaitGroup
		var claims atomic.Int64
		for range 20 {
			all.Go(func() {
				if got, err := table.Mails("con_1").Claim(t.Context(), "k"); err != nil && !errors.Is(err, store.ErrClaimed) {
					t.Error(err)
				} else if got {
					claims.Add(1)
				}
			})
		}
		all.Wait()
		if claims.Load() != 1 {
			t.Errorf("%d claims", claims.Load())
		}
	})
}

func TestAMailThatCannotBeNotedIsAnError(t *testing.T) {
	in(t, func(t *testing.T, r *rig.Rig, table *store.Table) {
		ctx, mails := t.Context(), table.Mails("con_1")
		r.AWS.Inject(engine.Fault{Action: "UpdateItem", Status: 500, Times: -1})
		if got, err := mails.Claim(ctx, "k"); err == nil || got {
			t.Errorf("claim %t, %v", got, err)
		}
		if mails.Sent(ctx, "k", "id") == nil || mails.Release(ctx, "k") == nil {
			t.Error("noted nowhere")
		}
	})
}
