package rig

import (
	"context"
	"net/http"
	"testing"

	"fulcrum/local/lambda"
	"fulcrum/shared/boot"
)

// Invocation runs a function on an event.
type Invocation func(ctx context.Context, event []byte) (lambda.Answer, error)

// Instead has run handle all events of a function from now on; nil has the stack
// handle them itself again. Nothing may be under way meanwhile.
func (l *Live) Instead(function string, run Invocation) {
	if run == nil {
		delete(l.instead, function)
		return
	}
	l.instead[function] = run
}

// Cold starts one more sandbox of a function, whose calls all go through through.
// What the function makes ready before its first event is called here already. It is
// wired by wire, or as its command wires it where that is nil.
func (l *Live) Cold(t testing.TB, function string, wire boot.Wire, through http.RoundTripper) (Invocation, error) {
	t.Helper()
	if wire == nil {
		wire = wires()[function]
	}
	handler, err := boot.Start(t.Context(), l.env(function, l.variables(t, function)).Through(through), wire)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, event []byte) (lambda.Answer, error) { return invoke(ctx, handler, event) }, nil
}
