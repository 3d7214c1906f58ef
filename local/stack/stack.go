// Package stack runs the whole bundle on this machine, from template.yaml and
// with the binaries that are deployed: an AWS, Lever's twin, the gateway, the
// functions, the queues and clocks that call them, and a partner sandbox.
package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/build"
	page "fulcrum/local/front"
	"fulcrum/local/gateway"
	"fulcrum/local/keep"
	"fulcrum/local/lambda"
	"fulcrum/local/poller"
	"fulcrum/local/provision"
	"fulcrum/local/sandbox"
	"fulcrum/local/schedule"
	"fulcrum/local/seed"
	"fulcrum/local/template"
	"fulcrum/local/twin"
)

// Name is the name of the local stack.
const Name = "fulcrum"

// drainTime is how long a stack that is stopped waits for what it has begun.
const drainTime = 2 * time.Second

// Options are what a Stack is made of.
type Options struct {
	// Root is the folder of template.yaml.
	Root string
	// Port is the gateway's; 0 takes a free one. Lever, the sandbox and AWS get
	// the three behind it, or free ones.
	Port int
	// DataDir keeps the state over restarts; empty keeps nothing.
	DataDir string
	// Partners are those that run, their names with commas between; empty is all that
	// the template deploys.
	Partners string
	// Getenv is read for AWS_ENDPOINT_URL and its like.
	Getenv func(string) string
	// Only names the one function that is built and that nothing calls by itself;
	// empty runs all.
	Only string
	// Log takes what functions print.
	Log    io.Writer
	Colour bool
	// Observe is called for what happens; see Hop. It may be nil.
	Observe func(Hop)
}

// Stack is the bundle running. Close ends it.
type Stack struct {
	Twin        *twin.Twin
	Sandbox     *sandbox.Sandbox
	Connections []seed.Connection
	// Gateway, Lever, Partner and AWS are addresses.
	Gateway, Lever, Partner, AWS string
	// Mounts are the lines that say which function is where.
	Mounts []string
	Wiring template.Wiring

	options                Options
	engine                 *aws.Engine
	keepLever, keepPartner *keep.Store
	clients                provision.Clients
	builder                *build.Builder
	pool                   *lambda.Pool
	listeners              []net.Listener
	servers                []*http.Server
	stop                   context.CancelFunc
	polling                sync.WaitGroup // what looks for work
	serving                sync.WaitGroup
}

// Up starts the stack. When it fails, nothing of it is left running.
func Up(ctx context.Context, o Options) (*Stack, error) {
	if o.Observe == nil {
		o.Observe = func(Hop) {}
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &Stack{options: o, stop: stop}
	if err := s.up(ctx, running); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Stack) up(ctx, running context.Context) error {
	read, err := template.Read(filepath.Join(s.options.Root, "template.yaml"))
	if err != nil {
		return err
	}
	if err := s.listen(); err != nil {
		return err
	}
	for _, open := range []func() error{s.openAWS, s.openStores} {
		if err := open(); err != nil {
			return err
		}
	}
	parameters := map[string]string{"LeverUrl": s.Lever, "LoopbackEndpoints": "allowed", "MailFrom": provision.MailFrom, "PublicUrl": s.Gateway}
	if s.options.Partners != "" {
		parameters["Partners"] = s.options.Partners
	}
	plan, err := template.NewStack(read, template.Settings{StackName: Name, Region: aws.Region, Account: aws.Account, Parameters: parameters})
	if err != nil {
		return err
	}
	values, err := provision.Up(ctx, plan, s.clients)
	if err != nil {
		return fmt.Errorf("make what the template asks for: %w", err)
	}
	s.openMail(ctx)
	if s.Wiring, err = plan.Wiring(values); err != nil {
		return err
	}
	if err := s.buildFunctions(ctx); err != nil {
		return err
	}
	if err := s.connect(ctx); err != nil {
		return err
	}
	return s.run(ctx, running)
}

// buildFunctions builds what runs, and opens the pool for it.
func (s *Stack) buildFunctions(ctx context.Context) error {
	var functions []template.Function
	for _, f := range s.Wiring.Functions {
		if s.options.Only == "" || f.ID == s.options.Only {
			functions = append(functions, f)
		}
	}
	var err error
	if s.builder, err = build.New(s.options.Root, filepath.Join(s.options.Root, ".local", "build"), functions); err != nil {
		return err
	}
	if _, err := s.builder.Build(ctx); err != nil {
		return err
	}
	options := lambda.Options{
		Region: aws.Region, Account: aws.Account, Variables: s.endpoints(),
		Log: s.options.Log, Colour: s.options.Colour,
	}
	for _, f := range functions {
		options.Functions = append(options.Functions, lambda.Function{
			Name: f.ID, Bootstrap: s.builder.Bootstrap(f.ID), Timeout: f.Timeout, Memory: f.Memory, Reserved: f.Reserved,
			Variables: f.Environment, LogFormat: f.LogFormat, LogLevel: f.LogLevel,
		})
	}
	s.pool, err = lambda.New(options)
	return err
}

// run serves the gateway and works off queues and schedules.
func (s *Stack) run(ctx, running context.Context) error {
	front, err := gateway.New(gateway.Options{API: s.Wiring.API, Region: aws.Region, Account: aws.Account, Invoke: s.invoke})
	if err != nil {
		return err
	}
	s.Mounts = gateway.Mounts(s.Wiring.API, s.Gateway)
	first, err := page.New(page.Options{
		Gateway: s.Gateway, Lever: s.Lever, Partner: s.Partner, AWS: s.AWS, Mounts: s.Mounts,
		Connections: s.Connections, Desk: s.Twin.Desk, Client: http.DefaultClient, Behind: s.watched(front),
	})
	if err != nil {
		return err
	}
	s.serve(portGateway, first)
	if s.options.Only != "" {
		return nil
	}
	queues, err := poller.New(ctx, poller.Options{
		Sources: s.Wiring.Queues, SQS: s.clients.SQS, Invoke: s.invoke, Region: aws.Region, Log: logger(s.options.Log),
	})
	if err != nil {
		return err
	}
	clock, err := schedule.New(schedule.Options{
		Schedules: s.Wiring.Schedules, Functions: s.Wiring.Functions, Invoke: s.invoke,
		Region: aws.Region, Account: aws.Account, Log: logger(s.options.Log),
	})
	if err != nil {
		return err
	}
	s.polling.Go(func() { queues.Run(running) })
	s.polling.Go(func() { clock.Run(running) })
	return nil
}

// Invoke runs a function on an event.
func (s *Stack) Invoke(ctx context.Context, function string, event []byte) (lambda.Answer, error) {
	return s.pool.Invoke(ctx, function, event)
}

func (s *Stack) invoke(ctx context.Context, function string, event []byte) (lambda.Answer, error) {
	start := time.Now()
	answer, err := s.pool.Invoke(ctx, function, event)
	s.options.Observe(Hop{At: start, Ended: time.Now(), Where: function, What: outcome(answer, err)})
	return answer, err
}

// Close ends everything that the stack started, in the order in which nothing
// that still runs misses what has ended.
func (s *Stack) Close() error {
	var errs []error
	s.stop()
	s.drain()
	if s.Twin != nil {
		s.Twin.Close()
	}
	if s.pool != nil {
		errs = append(errs, s.pool.Close())
	}
	for _, server := range s.servers {
		errs = append(errs, server.Close())
	}
	for _, l := range s.listeners {
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	s.serving.Wait()
	s.polling.Wait()
	if s.engine != nil {
		errs = append(errs, s.engine.Close())
	}
	for _, kept := range []*keep.Store{s.keepLever, s.keepPartner} {
		if kept != nil {
			errs = append(errs, kept.Close())
		}
	}
	return errors.Join(errs...)
}

// drain gives the events that are being worked on a moment to end; the pool ends
// those that do not, and their messages stay in their queues.
func (s *Stack) drain() {
	done := make(chan struct{})
	go func() { s.polling.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(drainTime):
	}
}
