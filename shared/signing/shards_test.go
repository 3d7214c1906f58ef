package signing_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/hook"
	"fulcrum/shared/signing"
)

// all does something for many at once.
func all(n int, do func(i int)) {
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { do(i) })
	}
	wait.Wait()
}

// Hooks that take as much room as they may, each with two keys, and more of them
// than one shard has room for.
func TestNewShardsAreMadeWhenTheOthersAreFull(t *testing.T) {
	rig.Whole(t)
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		shards := []int{160, 160, 20}
		if testing.Short() {
			shards = shards[1:]
		}
		n := 160*(len(shards)-1) + 20
		ids, long := make([]string, n), strings.Repeat("k", 63)
		largest := func(key string) signing.Hook {
			h := hookOf("con_"+strings.Repeat("c", 26), long+key)
			h.Partner, h.Event = "interviewing-io", "candidateArchiveChange"
			return h
		}
		all(n, func(i int) {
			m, err := w.writer(w).Mint(t.Context())
			if ids[i] = m.Hook; err != nil {
				t.Error(err)
			} else if err := w.writer(w).Put(t.Context(), m.Hook, largest("1")); err != nil {
				t.Error(err)
			}
		})
		all(n, func(i int) {
			if err := w.writer(w).Replace(t.Context(), ids[i], largest("2"), time.Now().Add(time.Hour)); err != nil {
				t.Error(err)
			}
		})
		for _, id := range ids {
			w.expect(id, long+"2", long+"1")
		}
		for shard, want := range shards {
			if s, size := w.shard(shard); len(s.Hooks) != want || size > signing.MaxSize {
				t.Errorf("shard %d has %d hooks in %d bytes", shard, len(s.Hooks), size)
			}
		}
		time.Sleep(time.Minute)
		w.must(w.writer(w).Sweep(t.Context()))
		if s, _ := w.shard(0); s.Shards != len(shards) {
			t.Errorf("shard 0 counts %d", s.Shards)
		}
		before := w.count("PutSecretValue")
		w.must(w.writer(w).Sweep(t.Context()))
		if w.count("PutSecretValue") != before {
			t.Error("a sweep writes although there is nothing to write")
		}
	})
}

func TestTheRoomOfWhatIsRemovedIsUsedAgain(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		ids := w.mint(160)
		all(len(ids), func(i int) {
			if err := w.writer(w).Put(t.Context(), ids[i], hookOf("con_1", token(ids[i]))); err != nil {
				t.Error(err)
			}
		})
		w.must(w.writer(w).Remove(t.Context(), ids[7]))
		w.expectShard(w.mint(1)[0], 0)
		w.expectShard(w.mint(1)[0], 1)
	})
}

func (w *world) expectShard(id string, want int) {
	w.t.Helper()
	key, err := w.secrets().Value(w.t.Context(), w.hookKey())
	w.must(err)
	if n, err := hook.Shard([]byte(key), id); err != nil || n != want {
		w.t.Errorf("an id of shard %d, %v; want %d", n, err, want)
	}
}

// A shard of which Secrets Manager has as many versions as it takes in a day.
// Changes come every few minutes for two days: none is refused or lost, and new
// hooks go to another shard.
func TestNeverMoreVersionsThanADayMayHave(t *testing.T) {
	rig.Whole(t)
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		id, late, shards := w.mint(1)[0], 0, map[int]bool{}
		var last string
		for i := range 48 * 12 {
			last = token(fmt.Sprint(i))
			err := w.writer(w).Put(w.within(20*time.Second), id, hookOf("con_1", last))
			if err != nil && (!errors.Is(err, signing.ErrPending) || !errors.Is(err, context.DeadlineExceeded)) {
				t.Fatalf("change %d: %v", i, err)
			}
			if err != nil {
				late++
				shards[w.room()] = true
			}
			time.Sleep(5 * time.Minute)
		}
		if late == 0 || shards[0] {
			t.Errorf("%d changes had to wait; new hooks go to %v", late, shards)
		}
		time.Sleep(time.Hour)
		w.must(w.writer(w).Sweep(t.Context()))
		w.expect(id, last)
	})
}

// room is the shard to which a new hook goes.
func (w *world) room() int {
	w.t.Helper()
	m, err := w.writer(w).Mint(w.t.Context())
	w.must(err)
	return m.Shard
}

func TestWhatIsWrittenByHandIsKept(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		s, _ := w.shard(0)
		ids := w.mint(3)
		s.Hooks[ids[0]] = hookOf("con_1", token("by hand before"))
		w.write(0, s)
		w.must(w.writer(w).Put(t.Context(), ids[1], hookOf("con_2", token("ours"))))
		s, _ = w.shard(0)
		delete(s.Hooks, ids[0])
		s.Hooks[ids[2]] = hookOf("con_3", token("by hand after"))
		w.write(0, s)
		w.must(w.writer(w).Put(t.Context(), ids[1], hookOf("con_2", token("ours again"))))
		w.expect(ids[0])
		w.expect(ids[1], token("ours again"))
		w.expect(ids[2], token("by hand after"))
	})
}

func TestATableThatWasRestoredGoesOn(t *testing.T) {
	tests := map[string]func(w *world, backup map[string]types.AttributeValue){
		"as it was some versions ago": func(w *world, backup map[string]types.AttributeValue) { w.putItem(backup) },
		"without the shards": func(w *world, backup map[string]types.AttributeValue) {
			_, err := w.Clients.DynamoDB.DeleteItem(w.t.Context(), &dynamodb.DeleteItemInput{
				TableName: aws.String(rig.StackName + "-Table"), Key: map[string]types.AttributeValue{"pk": backup["pk"], "sk": backup["sk"]},
			})
			w.must(err)
		},
	}
	for name, restore := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, engine.Options{}, func(t *testing.T, w *world) {
				ids := w.mint(3)
				w.must(w.writer(w).Put(t.Context(), ids[0], hookOf("con_1", token("a"))))
				backup := w.shardItem()
				w.must(w.writer(w).Put(t.Context(), ids[1], hookOf("con_2", token("b"))))
				restore(w, backup)
				time.Sleep(time.Minute)
				w.must(w.writer(w).Put(t.Context(), ids[2], hookOf("con_3", token("c"))))
				for i, want := range []string{token("a"), token("b"), token("c")} {
					w.expect(ids[i], want)
				}
			})
		})
	}
}

func (w *world) shardItem() map[string]types.AttributeValue {
	w.t.Helper()
	out, err := w.Clients.DynamoDB.Query(w.t.Context(), &dynamodb.QueryInput{
		TableName: aws.String(rig.StackName + "-Table"), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: "SHARDS"}},
	})
	w.must(err)
	return out.Items[0]
}

func (w *world) putItem(item map[string]types.AttributeValue) {
	w.t.Helper()
	_, err := w.Clients.DynamoDB.PutItem(w.t.Context(), &dynamodb.PutItemInput{TableName: aws.String(rig.StackName + "-Table"), Item: item})
	w.must(err)
}

// behind is a Secrets Manager that for a moment after a write still answers what
// was current before.
type behind struct {
	signing.Secrets
	mu     sync.Mutex
	before map[string]answer
}

type answer struct{ value, is string }

func (b *behind) Put(ctx context.Context, id, version, value string) error {
	old, is, err := b.Secrets.Version(ctx, id, "")
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.before[id] = answer{old, is}
	return b.Secrets.Put(ctx, id, version, value)
}

func (b *behind) Version(ctx context.Context, id, version string) (value, is string, err error) {
	b.mu.Lock()
	old, ok := b.before[id]
	b.mu.Unlock()
	if version == "" && ok {
		return old.value, old.is, nil
	}
	return b.Secrets.Version(ctx, id, version)
}

func TestAnAnswerThatIsBehindLosesNothing(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		o := w.options(w)
		o.Secrets = &behind{Secrets: o.Secrets, before: map[string]answer{}}
		writer := signing.NewWriter(o)
		for _, id := range w.mint(4) {
			w.must(writer.Put(t.Context(), id, hookOf("con_1", token(id))))
			defer w.expect(id, token(id))
		}
	})
}

// Whatever is done to hooks, by whom and how many at once: the shard has what was
// done last to each, and nobody waits for what is not so.
func TestShardsAreWhatWasDone(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) step {
			return step{rapid.IntRange(0, 3).Draw(rt, "hook"), rapid.SampledFrom([]string{"put", "replace", "remove"}).Draw(rt, "act"), rapid.IntRange(0, 40).Draw(rt, "seconds")}
		}), 1, 12).Draw(rt, "steps")
		in(t, engine.Options{}, func(t *testing.T, w *world) {
			ids, want := w.mint(4), map[string][]string{}
			for i, s := range steps {
				want[ids[s.hook]] = w.take(s, ids[s.hook], token(fmt.Sprint(i)), want[ids[s.hook]])
				time.Sleep(time.Duration(s.seconds) * time.Second)
			}
			for _, id := range ids {
				w.expect(id, want[id]...)
			}
		})
	})
}

type step struct {
	hook    int
	act     string
	seconds int
}

// take does a step and gives the tokens that count then.
func (w *world) take(s step, id, token string, before []string) []string {
	w.t.Helper()
	switch s.act {
	case "remove":
		w.must(w.writer(w).Remove(w.t.Context(), id))
		return nil
	case "replace":
		w.must(w.writer(w).Replace(w.t.Context(), id, hookOf("con_1", token), time.Now().Add(time.Hour)))
		return append([]string{token}, before[:min(len(before), 1)]...)
	}
	w.must(w.writer(w).Put(w.t.Context(), id, hookOf("con_1", token)))
	return slices.Clone([]string{token})
}
