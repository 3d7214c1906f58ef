package signing_test

import (
	"errors"
	"fmt"
	"fulcrum/local/rig"
	"strings"
	"sync"
	"testing"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/shared/hook"
	"fulcrum/shared/signing"
)

func TestWhatIsPutIsFound(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		a := w.mint(1)[0]
		w.must(w.writer(w).Put(t.Context(), a, hookOf("con_1", token("a"))))
		h, err := w.keys().Hook(t.Context(), a)
		if err != nil || h.Partner != "joinedly" || h.Connection != "con_1" || h.Event != "candidateHired" {
			t.Errorf("hook %+v, %v", h, err)
		}
		w.expect(a, token("a"))
	})
}

func TestAWarmFunctionFindsAHookThatIsPutAfterItStarted(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		ids := w.mint(3)
		keys := w.keys()
		w.must(keys.Warm(t.Context()))
		for i, id := range ids {
			w.must(w.writer(w).Put(t.Context(), id, hookOf("con_1", token(id))))
			if h, err := keys.Hook(t.Context(), id); err != nil || h.Keys[0].Token != token(id) {
				t.Errorf("hook %d: %+v, %v", i, h, err)
			}
		}
	})
}

func TestTheKeyBefore(t *testing.T) {
	tests := map[string]struct {
		keep  time.Duration
		after time.Duration
		want  []string
	}{
		"is refused at once after a breach":       {want: []string{token("new")}},
		"counts beside the new one when planned":  {keep: time.Hour, after: 59 * time.Minute, want: []string{token("new"), token("old")}},
		"is refused at its end":                   {keep: 10 * time.Minute, after: 10 * time.Minute, want: []string{token("new")}},
		"does not count from a time that is over": {keep: -time.Minute, want: []string{token("new")}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, engine.Options{}, func(t *testing.T, w *world) {
				a := w.mint(1)[0]
				w.must(w.writer(w).Put(t.Context(), a, hookOf("con_1", token("old"))))
				start := time.Now()
				if tt.keep == 0 {
					w.must(w.writer(w).Put(t.Context(), a, hookOf("con_1", token("new"))))
				} else {
					w.must(w.writer(w).Replace(t.Context(), a, hookOf("con_1", token("new")), start.Add(tt.keep)))
				}
				time.Sleep(time.Until(start.Add(tt.after)))
				w.expect(a, tt.want...)
			})
		})
	}
}

// Whatever is replaced within the hour: never more than two keys, and none longer
// than was said of it.
func TestKeysReplacedAgain(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		a, start := w.mint(1)[0], time.Now()
		w.must(w.writer(w).Put(t.Context(), a, hookOf("con_1", token("1"))))
		w.must(w.writer(w).Replace(t.Context(), a, hookOf("con_1", token("2")), start.Add(5*time.Minute)))
		w.must(w.writer(w).Replace(t.Context(), a, hookOf("con_1", token("2")), start.Add(30*time.Minute)))
		w.expect(a, token("2"), token("1"))
		w.must(w.writer(w).Replace(t.Context(), a, hookOf("con_1", token("3")), start.Add(30*time.Minute)))
		w.expect(a, token("3"), token("2"))
		w.must(w.writer(w).Put(t.Context(), a, hookOf("con_1", token("4"))))
		w.expect(a, token("4"))
		time.Sleep(time.Hour)
		w.must(w.writer(w).Put(t.Context(), w.mint(1)[0], hookOf("con_2", token("x"))))
		if s, _ := w.shard(0); len(s.Hooks[a].Keys) != 1 {
			t.Errorf("keys %d that are over stay in the shard", len(s.Hooks[a].Keys))
		}
	})
}

func TestWhatIsRemovedIsGone(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		ids := w.mint(2)
		for _, id := range ids {
			w.must(w.writer(w).Put(t.Context(), id, hookOf("con_1", token(id))))
		}
		w.must(w.writer(w).Remove(t.Context(), ids[0]))
		w.must(w.writer(w).Remove(t.Context(), ids[0]))
		if _, err := w.keys().Hook(t.Context(), ids[0]); !errors.Is(err, hook.ErrUnknown) {
			t.Errorf("error %v", err)
		}
		w.expect(ids[1], token(ids[1]))
		if s, _, err := w.table().Shard(t.Context(), 0); err != nil || s.Minted != 1 {
			t.Errorf("%d hooks take room, %v", s.Minted, err)
		}
	})
}

func TestWhatCannotBePut(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		a := w.mint(1)[0]
		many := hookOf("con_1", token("a"))
		many.Keys = append(many.Keys, many.Keys...)
		tests := map[string]struct {
			id    string
			h     signing.Hook
			until time.Time
			want  error
		}{
			"an id that was not minted here":       {id: strings.Repeat("A", hook.Length), h: hookOf("con_1", token("a")), want: hook.ErrUnknown},
			"no key":                               {id: a, h: signing.Hook{}},
			"two keys":                             {id: a, h: many},
			"a token that is too short":            {id: a, h: hookOf("con_1", "canary-secret"), want: signing.ErrToken},
			"a token that is too long":             {id: a, h: hookOf("con_1", strings.Repeat("canary", 11)), want: signing.ErrToken},
			"a token with a space":                 {id: a, h: hookOf("con_1", "canary secret canary"), want: signing.ErrToken},
			"a token that JSON writes longer":      {id: a, h: hookOf("con_1", `canary"secret"canary`), want: signing.ErrToken},
			"a hook that takes too much room":      {id: a, h: hookOf(strings.Repeat("c", 100), token("a"))},
			"the key before for more than an hour": {id: a, h: hookOf("con_1", token("a")), until: time.Now().Add(time.Hour + time.Second)},
		}
		for name, tt := range tests {
			err := w.writer(w).Replace(t.Context(), tt.id, tt.h, tt.until)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("%s: %v", name, err)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("%s: the error shows the token: %v", name, err)
			}
		}
		if w.count("PutSecretValue") != 0 {
			t.Error("something was written")
		}
	})
}

// Fifty customers connect in the same minute, each with three hooks, each served
// by a function of its own.
func TestFiftyConnectionsInAMinute(t *testing.T) {
	rig.Whole(t)
	const connections, hooks = 50, 3
	tests := map[string]struct {
		apart time.Duration
		mood  *engine.Mood
		most  int
	}{
		"at the same moment":           {most: 3},
		"one a second":                 {apart: time.Second, most: 6},
		"of which many calls go wrong": {apart: time.Second, mood: engine.NewMood(7), most: 8},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := engine.Options{}
			if tt.mood != nil {
				o.Mood = tt.mood
				tt.mood.Calm(true)
			}
			in(t, o, func(t *testing.T, w *world) {
				if tt.mood != nil {
					tt.mood.Calm(false)
				}
				var mu sync.Mutex
				put := map[string]string{}
				var all sync.WaitGroup
				for c := range connections {
					all.Go(func() {
						time.Sleep(time.Duration(c) * tt.apart)
						for id, text := range connect(w, fmt.Sprintf("con_%d", c), hooks) {
							mu.Lock()
							put[id] = text
							mu.Unlock()
						}
					})
				}
				all.Wait()
				if tt.mood != nil {
					tt.mood.Calm(true)
				}
				for id, text := range put {
					w.expect(id, text)
				}
				if n := w.count("PutSecretValue"); len(put) != connections*hooks || n > tt.most {
					t.Errorf("%d hooks in %d versions, want %d in at most %d", len(put), n, connections*hooks, tt.most)
				}
			})
		})
	}
}

// connect puts the hooks of one connection, as often as it takes, and gives their
// tokens.
func connect(w *world, connection string, hooks int) map[string]string {
	writer, put := w.writer(w), map[string]string{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range hooks {
		all.Go(func() {
			m, err := writer.Mint(w.t.Context())
			for err != nil {
				m, err = writer.Mint(w.t.Context())
			}
			for writer.Put(w.t.Context(), m.Hook, hookOf(connection, token(m.Hook))) != nil {
				time.Sleep(time.Second)
			}
			mu.Lock()
			defer mu.Unlock()
			put[m.Hook] = token(m.Hook)
		})
	}
	all.Wait()
	return put
}

func TestNoTokenLiesOpenInTheTable(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		a := w.mint(1)[0]
		w.AWS.Inject(engine.Fault{Action: "PutSecretValue", Status: 500, Times: -1})
		err := w.writer(w).Put(t.Context(), a, hookOf("con_1", token("canary")))
		if !errors.Is(err, signing.ErrPending) {
			t.Fatalf("error %v", err)
		}
		if text := w.dump(); strings.Contains(text, token("canary")) || !strings.Contains(text, "CHANGE#") {
			t.Error("the token of a pending change lies open, or there is none")
		}
		w.AWS.Heal()
		time.Sleep(time.Minute)
		w.must(w.writer(w).Sweep(t.Context()))
		w.expect(a, token("canary"))
		if strings.Contains(w.dump(), "ealed") {
			t.Error("the change stays sealed in the table after it was made")
		}
	})
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		ids := w.mint(2)
		w.must(w.writer(w).Put(t.Context(), ids[0], hookOf("con_1", token("a"))))
		start := time.Now()
		err := w.writer(w).Put(w.within(3*time.Second), ids[1], hookOf("con_1", token("b")))
		if took := time.Since(start); !errors.Is(err, signing.ErrPending) || took > 4*time.Second {
			t.Errorf("a version that may not be written yet is waited for %v: %v", took, err)
		}
		time.Sleep(time.Minute)
		w.must(w.writer(w).Sweep(t.Context()))
		w.expect(ids[1], token("b"))
	})
}
