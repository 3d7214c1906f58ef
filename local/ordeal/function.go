package ordeal

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"fulcrum/local/lambda"
	"fulcrum/local/mishap"
	"fulcrum/local/rig"
)

// function is one under trial: a set of sandboxes, each of which works on one event
// at a time and is replaced by a cold one when it has ended.
type function struct {
	play    *Play
	id      string
	timeout time.Duration

	mu     sync.Mutex
	free   []*box
	events [][]byte
}

// box is a sandbox.
type box struct {
	life *mishap.Life
	run  rig.Invocation
}

// invoke runs the function on an event as Lambda does: in a sandbox that is free or
// a new one, for no longer than its timeout. A sandbox that has ended, or that was
// too slow, gives no answer.
func (f *function) invoke(ctx context.Context, event []byte) (lambda.Answer, error) {
	if only := f.play.scene.Only; f.play.aside || only != nil && !only(event) {
		return f.play.Usual(ctx, f.id, event)
	}
	f.note(event)
	f.play.working.Add(1)
	defer f.play.working.Add(-1)
	b, err := f.take()
	if err != nil {
		return failed(err.Error())
	}
	b.life.Receive()
	type outcome struct {
		answer lambda.Answer
		err    error
	}
	done := make(chan outcome, 1)
	ctx, stop := f.deadline(ctx)
	f.play.alive.Add(1)
	go func() {
		defer f.play.alive.Add(-1)
		defer stop()
		answer, err := b.run(ctx, event)
		done <- outcome{answer, err}
	}()
	select {
	case o := <-done:
		if b.life.Ended() {
			return failed("the sandbox has ended")
		}
		f.put(b)
		f.acknowledged(o.answer)
		return o.answer, o.err
	case <-time.After(f.timeout):
		if !f.stands() {
			b.life.End()
		}
		return failed("timed out")
	}
}

// acknowledged fails the play where a function has told Lever that it has a webhook,
// and no queue has it.
func (f *function) acknowledged(a lambda.Answer) {
	var said struct{ StatusCode int }
	if !strings.HasPrefix(f.id, "Webhook") || json.Unmarshal(a.Payload, &said) != nil || said.StatusCode != http.StatusOK {
		return
	}
	if now, later := f.play.held(f.play.queue()); now+later == 0 {
		f.play.Errorf("%s has accepted a webhook that is in no queue", f.id)
	}
}

// deadline bounds an event, but not where the schedule has a function stand still:
// that one does not even notice that its time is over.
func (f *function) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if f.stands() {
		return context.WithCancel(context.WithoutCancel(ctx))
	}
	return context.WithTimeout(ctx, f.timeout)
}

func (f *function) stands() bool {
	return slices.ContainsFunc(f.play.schedule, func(m mishap.Mishap) bool { return m.Mode == mishap.Frozen })
}

// take is a sandbox that is free, or a cold one.
func (f *function) take() (*box, error) {
	f.mu.Lock()
	if n := len(f.free); n > 0 {
		b := f.free[n-1]
		f.free = f.free[:n-1]
		f.mu.Unlock()
		return b, nil
	}
	f.mu.Unlock()
	life := f.play.world.Life()
	run, err := f.play.Cold(f.play.t, f.id, f.play.scene.Wire, life)
	return &box{life, run}, err
}

func (f *function) put(b *box) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.free = append(f.free, b)
}

// note keeps an event to give it once more.
func (f *function) note(event []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.ContainsFunc(f.events, func(e []byte) bool { return bytes.Equal(e, event) }) {
		f.events = append(f.events, event)
	}
}

// given are the events that the function was given, each once.
func (f *function) given() [][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.events)
}

// failed is the answer for an event whose function gave none.
func failed(why string) (lambda.Answer, error) {
	text, err := json.Marshal(map[string]string{"errorMessage": why})
	return lambda.Answer{Payload: text, Failed: true}, err
}
