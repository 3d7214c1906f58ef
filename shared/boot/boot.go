// Package boot starts a function: it reads the environment, makes the AWS
// configuration, and hands the handler to the Lambda runtime. A command is
//
//	func main() { boot.Main(wire) }
//
// and wire names what it needs. What is missing is reported in one line, all
// names at once, and the function does not start.
package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"fulcrum/shared/trace"
)

// warmTime bounds what is made ready before the first event. Lambda gives init
// ten seconds.
const warmTime = 8 * time.Second

// Wire builds a function's handler from its environment. The handler is any
// function that lambda.Start takes.
type Wire func(env *Env) any

// Main runs the function until its environment ends.
func Main(wire Wire) {
	slog.SetDefault(slog.New(trace.Handler(lambdacontext.NewLogHandler())))
	handler, err := Start(context.Background(), NewEnv(os.Getenv), wire)
	if err != nil {
		slog.Error("function does not start", "error", err.Error())
		os.Exit(1)
	}
	lambda.Start(handler)
}

// Start wires a handler and makes ready what it asked for with Env.Warm. A
// warm-up that fails is logged and left to the first event; a name missing in
// the environment is an error.
func Start(ctx context.Context, env *Env, wire Wire) (any, error) {
	handler := wire(env)
	if err := env.err(); err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeout(ctx, warmTime)
	defer stop()
	var all sync.WaitGroup
	for _, warm := range env.warm {
		all.Go(func() {
			if err := warm(ctx); err != nil {
				slog.Warn("warm-up left to the first event", "error", err.Error())
			}
		})
	}
	all.Wait()
	return handler, nil
}

// Env is a function's environment.
type Env struct {
	getenv    func(string) string
	transport http.RoundTripper
	missing   []string
	wrong     []error
	warm      []func(context.Context) error
}

// NewEnv reads the environment through getenv.
func NewEnv(getenv func(string) string) *Env { return &Env{getenv: getenv} }

// Through sends every call of the function through transport instead of the
// network: those to AWS, to Lever and to the partners. Tests do.
func (e *Env) Through(transport http.RoundTripper) *Env {
	e.transport = transport
	return e
}

// Transport is what calls to Lever go through.
func (e *Env) Transport() http.RoundTripper {
	if e.transport != nil {
		return e.transport
	}
	return newTransport()
}

// Instead is what stands for the network, nil where nothing does: for rooms that
// bring a transport of their own.
func (e *Env) Instead() http.RoundTripper { return e.transport }

// Need is the value of a name that must be set.
func (e *Env) Need(name string) string {
	v := e.getenv(name)
	if v == "" && !slices.Contains(e.missing, name) {
		e.missing = append(e.missing, name)
	}
	return v
}

// Optional is the value of a name that may be unset.
func (e *Env) Optional(name string) string { return e.getenv(name) }

// Wrong says that something in the environment cannot be used. The function does
// not start. Nil says nothing.
func (e *Env) Wrong(err error) {
	if err != nil {
		e.wrong = append(e.wrong, err)
	}
}

// Warm has f called once before the first event, beside other warm-ups and only
// when the environment is complete. What f makes must also be makeable later.
func (e *Env) Warm(f func(context.Context) error) { e.warm = append(e.warm, f) }

func (e *Env) err() error {
	if len(e.missing) > 0 {
		return fmt.Errorf("not set in the environment: %s", strings.Join(e.missing, ", "))
	}
	return errors.Join(e.wrong...)
}
