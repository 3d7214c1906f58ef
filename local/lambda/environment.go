package lambda

import (
	"fmt"
	"sync"
	"time"
)

// environment is one execution environment.
type environment struct {
	id      string
	fn      *function
	version int
	process *process
	ending  *time.Timer // ends it when it idles; guarded by the pool

	// ready receives when the process asks for work, work gives it.
	ready chan struct{}
	work  chan *invocation
	// answers has what the function answered, failed what it reported instead
	// of asking for work the first time.
	answers chan Answer
	failed  chan []byte

	mu      sync.Mutex
	current *invocation // handed out and not answered
}

// invocation is one event on its way through a function.
type invocation struct {
	id, trace string
	event     []byte
	deadline  time.Time
	begin     time.Time
	init      time.Duration // of the environment, if it was started for this event
	announced bool          // the line START is out
}

func newInvocation(event []byte) *invocation {
	return &invocation{id: NewID(), trace: newTrace(time.Now()), event: event}
}

// outcome is how an invocation ended.
type outcome struct {
	answer   Answer
	reusable bool
	status   string // of the line REPORT: empty, error or timeout
	fault    string // the error's type, where Lambda and not the function found it
}

// serve runs one event in env, or in a new environment if env is nil or has
// ended meanwhile.
func (p *Pool) serve(fn *function, env *environment, inv *invocation) Answer {
	var out outcome
	if env == nil || !p.hand(env, inv) {
		env, out = p.cold(fn, inv)
	}
	memory := fn.Memory
	if env != nil {
		out = p.follow(env, inv)
		memory = env.process.memory(fn.Memory)
		env.process.output.sync()
	}
	p.report(fn, inv, out, memory)
	p.release(fn, env, out.reusable)
	return out.answer
}

// hand gives an invocation to an environment that waits for work. It is false
// if the environment has ended.
func (p *Pool) hand(env *environment, inv *invocation) bool {
	p.announce(env.fn, inv)
	inv.begin = time.Now()
	inv.deadline = inv.begin.Add(env.fn.Timeout)
	for {
		select {
		case env.work <- inv:
			return true
		case <-env.ready: // it lost its connection and asks again
		case <-env.process.done:
			return false
		}
	}
}

// cold starts an environment for an invocation. An init that fails is tried once
// more, then with the time of an invocation, as Lambda does.
func (p *Pool) cold(fn *function, inv *invocation) (*environment, outcome) {
	var out outcome
	for _, phase := range []struct {
		name string
		time time.Duration
	}{{"init", p.initTime}, {"invoke", fn.Timeout}} {
		begin := time.Now()
		env, bad := p.boot(fn, phase.time)
		if bad == nil {
			inv.init = time.Since(begin)
			if p.hand(env, inv) {
				return env, out
			}
			bad = env.process.fault()
		}
		p.initReport(fn, time.Since(begin), phase.name, bad)
		p.announce(fn, inv)
		inv.begin = begin
		out = bad.outcome(inv.id)
	}
	return nil, out
}

// boot starts an environment and waits until it asks for work.
func (p *Pool) boot(fn *function, limit time.Duration) (*environment, *fault) {
	env, err := p.start(fn)
	if err != nil {
		return nil, &fault{kind: "Runtime.InvalidEntrypoint", text: "Error: " + err.Error()}
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var bad *fault
	select {
	case <-env.ready:
		return env, nil
	case body := <-env.failed:
		bad = &fault{kind: "Runtime.InitError", body: body}
	case <-env.process.done:
		bad = env.process.fault()
	case <-timer.C:
		bad = timedOut(limit)
	}
	env.process.kill()
	select {
	case body := <-env.failed: // posted just before the exit
		bad.body = body
	default:
	}
	return nil, bad
}

// start starts the process of a new environment. The environment is known before
// its process can ask for work.
func (p *Pool) start(fn *function) (*environment, error) {
	env := &environment{id: NewID(), fn: fn, ready: make(chan struct{}), work: make(chan *invocation),
		answers: make(chan Answer, 1), failed: make(chan []byte, 1)}
	if err := p.enter(env); err != nil {
		return nil, err
	}
	process, err := p.launcher.start(fn.Bootstrap, p.variables(fn, p.address+"/"+env.id), p.console.output(fn.Name))
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		delete(p.environments, env.id)
		return nil, err
	}
	env.process = process
	p.work.Go(func() {
		process.wait()
		p.forget(env)
	})
	if p.closed {
		p.end(env)
	}
	return env, nil
}

func (p *Pool) enter(env *environment) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	env.version = env.fn.version
	p.environments[env.id] = env
	return nil
}

// forget drops an environment whose process has ended. One that ended while it
// waited for work is worth a line.
func (p *Pool) forget(env *environment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.environments, env.id)
	if env.fn.drop(env) && !p.closed {
		env.ending.Stop()
		p.console.line(env.fn.Name, "ended between two events: "+env.process.fault().text)
	}
}

// follow waits for the answer to an invocation and until the environment asks
// for work again, or ends, or the time is over.
func (p *Pool) follow(env *environment, inv *invocation) outcome {
	timer := time.NewTimer(time.Until(inv.deadline))
	defer timer.Stop()
	var out outcome
	for answered := false; ; {
		select {
		case out.answer = <-env.answers:
			answered = true
		case <-env.ready:
			out.reusable = true
			return out
		case <-env.process.done:
			return p.broken(env, inv, out, answered, env.process.fault())
		case <-timer.C:
			env.process.peak()
			env.process.kill()
			return p.broken(env, inv, out, answered, timedOut(env.fn.Timeout))
		}
	}
}

// broken is the outcome for an environment that did not come back. An answer that
// was given before is valid.
func (p *Pool) broken(env *environment, inv *invocation, out outcome, answered bool, bad *fault) outcome {
	if !answered {
		select {
		case out.answer = <-env.answers: // given just before the end
			answered = true
		default:
		}
	}
	env.process.output.sync()
	p.console.line(env.fn.Name, bad.line(inv.id))
	failed := bad.outcome(inv.id)
	if answered {
		failed.answer = out.answer
	}
	return failed
}

// fault is what Lambda itself finds wrong with a function.
type fault struct {
	kind   string // errorType
	text   string
	body   []byte // what the function reported, if it did
	status string // error if empty
}

func timedOut(after time.Duration) *fault {
	return &fault{kind: "Sandbox.Timedout", text: fmt.Sprintf("Error: Task timed out after %.2f seconds", after.Seconds()), status: "timeout"}
}

// line is how a fault stands in the log.
func (f *fault) line(requestID string) string {
	if f.status == "timeout" {
		return time.Now().UTC().Format("2006-01-02T15:04:05.000Z ") + requestID + f.text[len("Error:"):]
	}
	return "RequestId: " + requestID + " " + f.text + "\n" + f.kind
}

func (f *fault) outcome(requestID string) outcome {
	payload := f.body
	if payload == nil {
		payload = errorJSON(f.kind, "RequestId: "+requestID+" "+f.text)
	}
	status := f.status
	if status == "" {
		status = "error"
	}
	return outcome{answer: Answer{RequestID: requestID, Payload: payload, Failed: true}, status: status, fault: f.kind}
}
