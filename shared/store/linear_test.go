package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anishathalye/porcupine"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/tried"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// step is what a client does, and what it is told.
type step struct {
	what string
	n    int64
}

type told struct {
	done bool
	n    int64
}

// racer is a kind of item that clients race for: what it is when it is like a single
// thing that changes at moments, and what a client does with the table.
type racer struct {
	model porcupine.Model
	begin func(ctx context.Context, table *store.Table) error
	do    func(ctx context.Context, table *store.Table, client int, dice *rand.Rand) (step, told, error)
}

// once is a consent's state: it can be used one time.
func once() racer {
	return racer{
		model: porcupine.Model{
			Init: func() any { return false },
			Step: func(used, _, out any) (bool, any) { return out.(told).done == !used.(bool), true },
		},
		begin: func(ctx context.Context, table *store.Table) error {
			return table.PutConsent(ctx, store.Consent{ID: "con", ExpiresAt: lever.At(time.Now().Add(time.Hour))})
		},
		do: func(ctx context.Context, table *store.Table, _ int, _ *rand.Rand) (step, told, error) {
			_, err := table.UseConsent(ctx, "con")
			return step{what: "use"}, told{done: err == nil}, unless(err, store.ErrMoved)
		},
	}
}

// lease is the hold of a connection's webhooks.
func lease() racer {
	return racer{
		model: porcupine.Model{
			Init: func() any { return int64(0) },
			Step: func(state, in, out any) (bool, any) {
				holder, s := state.(int64), in.(step)
				free := holder == 0 || holder == s.n
				switch {
				case s.what == "hold" && free:
					return out.(told).done, s.n
				case s.what == "hold":
					return !out.(told).done, holder
				case holder == s.n:
					return true, int64(0)
				}
				return true, holder
			},
		},
		begin: func(context.Context, *store.Table) error { return nil },
		do: func(ctx context.Context, table *store.Table, client int, dice *rand.Rand) (step, told, error) {
			holder := fmt.Sprint(client)
			if dice.IntN(2) == 0 {
				return step{"release", int64(client)}, told{}, table.ReleaseWebhooks(ctx, "c", holder)
			}
			mine, err := table.HoldWebhooks(ctx, "c", holder, time.Hour)
			return step{"hold", int64(client)}, told{done: mine}, err
		},
	}
}

// row is a connection's credential, which is written in the place of a version.
func row() racer {
	return racer{
		model: porcupine.Model{
			Init: func() any { return int64(0) },
			Step: func(state, in, out any) (bool, any) {
				version, s, o := state.(int64), in.(step), out.(told)
				switch {
				case s.what == "read":
					return o.n == version, version
				case s.n == version:
					return o.done, version + 1
				}
				return !o.done, version
			},
		},
		begin: func(context.Context, *store.Table) error { return nil },
		do: func(ctx context.Context, table *store.Table, client int, dice *rand.Rand) (step, told, error) {
			now, err := table.Credential(ctx, "c")
			if err = unless(err, store.ErrNotFound); err != nil || dice.IntN(3) == 0 {
				return step{what: "read"}, told{n: now.Version}, err
			}
			time.Sleep(time.Duration(dice.IntN(20)) * time.Millisecond)
			err = table.PutCredential(ctx, store.Credential{
				Connection: "c", Version: now.Version, WrittenBy: fmt.Sprint(client, dice.Uint64()), Secret: store.Secret{APIKey: "key"},
			}, 0)
			return step{"put", now.Version}, told{done: err == nil}, unless(err, store.ErrMoved)
		},
	}
}

// unless is err, or nil where it is the expected one.
func unless(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

// slow takes some time for each call and each answer.
type slow struct {
	next http.RoundTripper
	mu   sync.Mutex
	dice *rand.Rand
}

func (s *slow) pause() {
	s.mu.Lock()
	d := time.Duration(s.dice.IntN(30)) * time.Millisecond
	s.mu.Unlock()
	time.Sleep(d)
}

func (s *slow) RoundTrip(req *http.Request) (*http.Response, error) {
	s.pause()
	defer s.pause()
	return s.next.RoundTrip(req)
}

// Who races for a lease, for a credential's row or for a consent's state sees what
// he would see if one came after the other.
func TestRacersSeeOneAfterTheOther(t *testing.T) {
	for name, r := range map[string]racer{"a lease": lease(), "a credential's row": row(), "a consent's state": once()} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(8) {
				history := race(t, r, seed)
				if porcupine.CheckOperations(r.model, history) {
					continue
				}
				t.Fatalf("seed %d: %d operations are in no order: %+v", seed, len(history), history)
			}
			tried.Note(t, "histories of races for a lease, a row, a state", 8)
		})
	}
}

// A history that no order explains is refused: two have used the same state.
func TestARaceThatTwoWinIsSeen(t *testing.T) {
	both := []porcupine.Operation{
		{ClientId: 1, Input: step{what: "use"}, Output: told{done: true}, Call: 1, Return: 3},
		{ClientId: 2, Input: step{what: "use"}, Output: told{done: true}, Call: 2, Return: 4},
	}
	if porcupine.CheckOperations(once().model, both) {
		t.Error("two have used it")
	}
}

// race has five clients do ten steps each, each with a table of its own.
func race(t *testing.T, r racer, seed uint64) (history []porcupine.Operation) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)))
		stack := rig.New(t, aws.Options{})
		if err := r.begin(t.Context(), store.FromEnv(stack.Env(t, "HubConnect"))); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var all sync.WaitGroup
		for client := 1; client <= 5; client++ {
			dice := rand.New(rand.NewPCG(seed, uint64(client)))
			through := &slow{next: stack, dice: rand.New(rand.NewPCG(seed, uint64(100+client)))}
			table := store.FromEnv(stack.Env(t, "HubConnect").Through(through))
			all.Go(func() {
				for range 10 {
					began := time.Now().UnixNano()
					in, out, err := r.do(t.Context(), table, client, dice)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					history = append(history, porcupine.Operation{ClientId: client, Input: in, Output: out, Call: began, Return: time.Now().UnixNano()})
					mu.Unlock()
				}
			})
		}
		all.Wait()
	})
	return history
}
