package rate_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/tried"
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// ask is what a worker asks of the bucket: d of the rate at what its clock says, or
// that all wait until a time.
type ask struct {
	now, slowUntil lever.Time
	d, ahead       time.Duration
}

// answer is what it is told; unknown where a request or its answer was lost.
type answer struct {
	unknown, taken bool
	until          lever.Time
}

// rule is what the bucket does, one after the other. What is lost was done or was not.
func rule() porcupine.Model {
	return (&porcupine.NondeterministicModel{
		Init: func() []any { return []any{lever.Time(0)} },
		Step: func(state, in, out any) []any {
			until, a, told := state.(lever.Time), in.(ask), out.(answer)
			after, taken := max(until, a.slowUntil), false
			if a.slowUntil == 0 {
				after, taken = use(until, a.now, a.d, a.ahead)
			}
			switch {
			case told.unknown:
				return []any{until, after}
			case a.slowUntil != 0 || told == answer{taken: taken, until: after}:
				return []any{after}
			}
			return nil
		},
	}).ToModel()
}

// asker asks for one worker. known is what it was told last.
type asker func(ctx context.Context, a ask, known lever.Time) (answer, error)

// byTable asks the table, as a Limiter does.
func byTable(_ *rig.Rig, env *boot.Env, clock func() time.Time, p boot.Patience) asker {
	table := store.New(env.AWS("DYNAMODB", p), env.Need("TABLE"), nil, clock)
	return func(ctx context.Context, a ask, known lever.Time) (answer, error) {
		if a.slowUntil != 0 {
			return answer{}, table.Slow(ctx, "con_1", a.slowUntil)
		}
		until, taken, err := table.Use(ctx, "con_1", a.d, a.ahead, known)
		return answer{taken: taken, until: until}, err
	}
}

// byReading reads the bucket, and writes what is so afterwards: the naive way.
func byReading(_ *rig.Rig, env *boot.Env, _ func() time.Time, p boot.Patience) asker {
	db, name := dynamodb.NewFromConfig(env.AWS("DYNAMODB", p)), aws.String(env.Need("TABLE"))
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "C#con_1"}, "sk": &types.AttributeValueMemberS{Value: "RATE"}}
	return func(ctx context.Context, a ask, _ lever.Time) (answer, error) {
		out, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: name, Key: key, ConsistentRead: aws.Bool(true)})
		if err != nil {
			return answer{}, err
		}
		var until lever.Time
		if n, ok := out.Item["usedUntil"].(*types.AttributeValueMemberN); ok {
			ms, err := strconv.ParseInt(n.Value, 10, 64)
			if err != nil {
				return answer{}, err
			}
			until = lever.Time(ms)
		}
		after, taken := max(until, a.slowUntil), false
		if a.slowUntil == 0 {
			after, taken = use(until, a.now, a.d, a.ahead)
		}
		_, err = db.PutItem(ctx, &dynamodb.PutItemInput{TableName: name, Item: map[string]types.AttributeValue{
			"pk": key["pk"], "sk": key["sk"], "usedUntil": &types.AttributeValueMemberN{Value: strconv.FormatInt(int64(after), 10)},
		}})
		return answer{taken: taken, until: after}, err
	}
}

// road is one worker's way to AWS. It takes time, and some of what it carries is lost:
// a request before it arrives, its answer, or both are late.
type road struct {
	next http.RoundTripper
	dice *rand.Rand
	late *sync.WaitGroup
	lost int // since the worker last asked
}

var errLost = errors.New("lost on the road")

func (r *road) RoundTrip(req *http.Request) (*http.Response, error) {
	fate := r.dice.IntN(20)
	r.pause(30)
	if fate < 3 {
		r.lost++
	}
	switch fate {
	case 0:
		return nil, errLost
	case 1:
		again := req.Clone(context.WithoutCancel(req.Context()))
		after := time.Duration(r.dice.IntN(2000)) * time.Millisecond
		r.late.Go(func() {
			time.Sleep(after)
			if res, err := r.next.RoundTrip(again); err == nil {
				res.Body.Close()
			}
		})
		return nil, errLost
	}
	res, err := r.next.RoundTrip(req)
	r.pause(30)
	if fate == 2 && err == nil {
		return nil, errors.Join(errLost, res.Body.Close())
	}
	return res, err
}

func (r *road) pause(most int) { time.Sleep(time.Duration(r.dice.IntN(most)) * time.Millisecond) }

// racing is one race: five workers with clocks of their own ask ten times each.
type racing struct {
	seed   uint64
	asker  func(*rig.Rig, *boot.Env, func() time.Time, boot.Patience) asker
	begins time.Time

	mu      sync.Mutex
	history []porcupine.Operation
}

func (r *racing) add(op porcupine.Operation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.history = append(r.history, op)
}

func (r *racing) run(t *testing.T) []porcupine.Operation {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)))
		r.begins = time.Now()
		stack := rig.New(t, engine.Options{})
		var late, all sync.WaitGroup
		for client := range 5 {
			way := &road{next: stack, dice: rand.New(rand.NewPCG(r.seed, uint64(client))), late: &late}
			all.Go(func() { r.work(t.Context(), t, stack, stack.Env(t, "PartnerJoinedlySync").Through(way), way, client) })
		}
		all.Wait()
		late.Wait()
	})
	return r.history
}

// work is what one worker does. Each request that was lost on the way is something of
// its own that may have been done at any time since.
func (r *racing) work(ctx context.Context, t testing.TB, stack *rig.Rig, env *boot.Env, way *road, client int) {
	dice := rand.New(rand.NewPCG(r.seed, uint64(100+client)))
	clock := off(time.Duration(dice.IntN(500)-250) * time.Millisecond)
	patience := boot.Patience{Attempt: 5 * time.Second, Attempts: 1 + client%2, Backoff: 20 * time.Millisecond}
	do := r.asker(stack, env, clock, patience)
	var known lever.Time
	for range 10 {
		a := ask{now: lever.At(clock()), d: time.Duration(1+dice.IntN(5)) * 100 * time.Millisecond, ahead: []time.Duration{500, 800, 1000}[dice.IntN(3)] * time.Millisecond}
		if dice.IntN(10) == 0 {
			a.slowUntil = a.now + lever.Time(dice.IntN(1000))
		}
		began := int64(time.Since(r.begins))
		way.lost = 0
		told, err := do(ctx, a, known)
		switch {
		case err == nil:
			r.add(porcupine.Operation{ClientId: client, Input: a, Output: told, Call: began, Return: int64(time.Since(r.begins))})
			known = max(known, told.until)
		case way.lost == 0:
			t.Errorf("nothing was lost, and yet: %v", err)
		}
		for range way.lost {
			r.add(porcupine.Operation{ClientId: client, Input: a, Output: answer{unknown: true}, Call: began, Return: math.MaxInt64})
		}
		way.pause(300)
	}
}

// races is how many races are run.
func races() uint64 {
	switch {
	case os.Getenv("SOAK") != "":
		return 500
	case testing.Short():
		return 4
	}
	return 16
}

// Whoever asks the table for calls is told what the rule says, as if one asked after the
// other, though requests and answers are late or lost and clocks differ.
func TestTheTableIsABucket(t *testing.T) {
	lost := 0
	for seed := range races() {
		history := (&racing{seed: seed, asker: byTable}).run(t)
		if !porcupine.CheckOperations(rule(), history) {
			t.Fatalf("seed %d: %d requests are in no order: %+v", seed, len(history), history)
		}
		for _, op := range history {
			if op.Output.(answer).unknown {
				lost++
			}
		}
	}
	if lost == 0 {
		t.Error("no request was lost")
	}
	tried.Note(t, "histories of races for a bucket", int(races()))
}

// A bucket that is read and then written as if nobody else were there gives out the same
// calls twice, and the check says so.
func TestABucketThatIsReadAndWrittenIsRefused(t *testing.T) {
	refused := 0
	for seed := range uint64(4) {
		if !porcupine.CheckOperations(rule(), (&racing{seed: seed, asker: byReading}).run(t)) {
			refused++
		}
	}
	if refused == 0 {
		t.Error("no history was refused")
	}
}
