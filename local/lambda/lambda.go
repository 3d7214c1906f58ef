// Package lambda runs functions as AWS Lambda does: each event in an execution
// environment of its own, which is a process of the function's built bootstrap
// that talks to the Lambda Runtime API on loopback. An environment is started on
// first use, works on one event at a time, is used again once it asks for the
// next event, and is replaced when it exits, panics or takes too long.
//
// What differs from AWS: an environment is not frozen between events, its memory
// and its disk are not limited, and its network is that of the machine.
//
// Sources: Lambda developer guide, "Lambda runtime API", "Understanding the
// Lambda execution environment lifecycle", "Defined runtime environment
// variables" and "Lambda quotas".
package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// What Invoke answers instead of running the function.
var (
	// ErrThrottled says that as many events as allowed are being worked on
	// (TooManyRequestsException).
	ErrThrottled = errors.New("rate exceeded: as many events as the function's concurrency are being worked on")
	// ErrUnknown says that there is no such function (ResourceNotFoundException).
	ErrUnknown = errors.New("there is no such function")
	// ErrTooLarge says that an event is over MaxPayload (RequestTooLargeException).
	ErrTooLarge = errors.New("the event is over 6 MB")
	// ErrNotJSON says that an event is not JSON (InvalidRequestContentException).
	ErrNotJSON = errors.New("the event is not JSON")
	// ErrClosed says that the pool was closed.
	ErrClosed = errors.New("the functions were stopped")
)

const (
	// MaxPayload is the largest event, in bytes.
	MaxPayload = 6 << 20
	// maxAnswer is the largest answer of a function, in bytes.
	maxAnswer = 6<<20 + 100
	// initTime is how long a function may take before its first event.
	initTime = 10 * time.Second
	// shutdownTime is how long a process may take to end after SIGTERM.
	shutdownTime = 2 * time.Second
)

// Function is a built function.
type Function struct {
	Name      string // its logical id
	Bootstrap string // the absolute path of its binary
	Timeout   time.Duration
	Memory    int // MB; told to the function, not enforced
	// Reserved is how many events it may work on at once; nil means
	// Options.Concurrency.
	Reserved  *int
	Variables map[string]string
	LogFormat string // Text or JSON
	LogLevel  string // or empty
}

// Options are what a Pool needs. Functions must not be empty.
type Options struct {
	Functions []Function
	Region    string
	Account   string
	// Variables are added to the environment of all functions
	// (AWS_ENDPOINT_URL).
	Variables map[string]string
	// Concurrency is that of a function without reserved concurrency; 0 is 10.
	Concurrency int
	// Idle is how long an environment waits for work before it ends; 0 is five
	// minutes.
	Idle time.Duration
	// Log takes what functions print, each line with the function's name before
	// it, and the lines START, END and REPORT.
	Log io.Writer
	// Colour gives each function's name a colour.
	Colour bool
}

// Answer is how a function ended.
type Answer struct {
	RequestID string
	Payload   []byte
	// Failed tells an error of the function (X-Amz-Function-Error: Unhandled);
	// Payload then has errorType and errorMessage.
	Failed bool
}

// Pool holds the execution environments of all functions.
type Pool struct {
	options   Options
	functions map[string]*function
	server    *http.Server
	served    chan struct{} // closed when the server has ended
	address   string
	launcher  *launcher
	console   *console
	initTime  time.Duration
	// work counts running events, processes and what ends them.
	work sync.WaitGroup

	mu           sync.Mutex
	closed       bool
	environments map[string]*environment
}

// function is a Function and its environments. The pool's lock guards it.
type function struct {
	Function
	limit   int
	version int // counts the binaries
	busy    int
	idle    []*environment // the one used last is the last
}

// New opens the Runtime API on a free port of loopback. Nothing is started yet.
func New(o Options) (*Pool, error) {
	if o.Concurrency == 0 {
		o.Concurrency = 10
	}
	if o.Idle == 0 {
		o.Idle = 5 * time.Minute
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the Runtime API: %w", err)
	}
	p := &Pool{options: o, functions: map[string]*function{}, environments: map[string]*environment{},
		address: listener.Addr().String(), launcher: newLauncher(), initTime: initTime, served: make(chan struct{})}
	names := make([]string, len(o.Functions))
	for i, f := range o.Functions {
		names[i] = f.Name
		p.functions[f.Name] = &function{Function: f, limit: o.Concurrency}
		if f.Reserved != nil {
			p.functions[f.Name].limit = *f.Reserved
		}
	}
	p.console = newConsole(o.Log, names, o.Colour)
	p.server = &http.Server{Handler: p.runtimeAPI(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(p.served)
		if err := p.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			p.console.line("", "the Runtime API ended: "+err.Error())
		}
	}()
	return p, nil
}

// Invoke gives a function one event, a JSON text, and waits for its answer. What
// the function does wrong is an Answer; an error means that it was not run, or
// that ctx ended first. The function then works on: nobody takes an event back
// from Lambda.
func (p *Pool) Invoke(ctx context.Context, name string, event []byte) (Answer, error) {
	if len(event) > MaxPayload {
		return Answer{}, ErrTooLarge
	}
	if !json.Valid(event) {
		return Answer{}, ErrNotJSON
	}
	fn, env, err := p.acquire(name)
	if err != nil {
		return Answer{}, err
	}
	answered := make(chan Answer, 1)
	go func() {
		defer p.work.Done()
		answered <- p.serve(fn, env, newInvocation(event))
	}()
	select {
	case answer := <-answered:
		return answer, nil
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
}

// acquire counts one more event of a function and takes an idle environment if
// there is one. The caller ends both with release and work.Done.
func (p *Pool) acquire(name string) (*function, *environment, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fn := p.functions[name]
	switch {
	case p.closed:
		return nil, nil, ErrClosed
	case fn == nil:
		return nil, nil, fmt.Errorf("%w: %s", ErrUnknown, name)
	case fn.busy >= fn.limit:
		return nil, nil, ErrThrottled
	}
	fn.busy++
	p.work.Add(1)
	if len(fn.idle) == 0 {
		return fn, nil, nil
	}
	env := fn.idle[len(fn.idle)-1]
	fn.idle = fn.idle[:len(fn.idle)-1]
	env.ending.Stop()
	return fn, env, nil
}

// release ends what acquire began. An environment that asks for work again is
// kept, any other is ended.
func (p *Pool) release(fn *function, env *environment, reusable bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fn.busy--
	switch {
	case env == nil:
	case reusable && !p.closed && env.version == fn.version:
		fn.idle = append(fn.idle, env)
		env.ending = time.AfterFunc(p.options.Idle, func() { p.retire(env) })
	default:
		p.end(env)
	}
}

// retire ends an environment that waited too long.
func (p *Pool) retire(env *environment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed && env.fn.drop(env) {
		p.end(env)
	}
}

// drop takes an environment from the idle ones, and reports whether it was one.
func (fn *function) drop(env *environment) bool {
	for i, other := range fn.idle {
		if other == env {
			fn.idle = append(fn.idle[:i], fn.idle[i+1:]...)
			return true
		}
	}
	return false
}

// end asks an environment to end and sees to it. The pool is locked.
func (p *Pool) end(env *environment) {
	p.work.Go(env.process.end)
}

// Replace has the function run its binary anew: idle environments end now, busy
// ones after their event, and the next event starts the binary that is there
// then. Unknown functions are left out.
func (p *Pool) Replace(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fn := p.functions[name]
	if fn == nil || p.closed {
		return
	}
	fn.version++
	for _, env := range fn.idle {
		env.ending.Stop()
		p.end(env)
	}
	fn.idle = nil
}

// Close ends all environments, with SIGTERM and two seconds later with SIGKILL,
// and returns when none is left. Events that are being worked on end as failed.
// An error says that lines of the log are missing.
func (p *Pool) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	for _, env := range p.environments {
		if env.ending != nil {
			env.ending.Stop()
		}
		if env.process != nil { // one that is being started ends itself
			p.end(env)
		}
	}
	p.mu.Unlock()
	p.work.Wait() // no process may find the Runtime API gone
	p.launcher.close()
	err := p.server.Close()
	<-p.served
	return errors.Join(err, p.console.failure())
}
