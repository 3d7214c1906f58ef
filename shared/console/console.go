// Package console is the room behind functions/hub/console: the pages of the
// partner's staff. They say what needs a person, what happened to every event, and
// have it done again.
//
// The console knows nothing that the partner's backend could not ask under /v1: it
// asks the same handlers, with the partner of who is signed in, so a connection of
// another partner is not found here either. What people do here is in the trail,
// with their name. Personal data is masked until somebody who may asks for it, and
// that they asked is in the trail too.
package console

import (
	"context"
	"embed"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/api"
	"fulcrum/shared/apikey"
	"fulcrum/shared/definition"
	"fulcrum/shared/frame"
	"fulcrum/shared/session"
	"fulcrum/shared/store"
)

// Parts are what a Console is made of. All are needed but Public.
type Parts struct {
	Table *store.Table
	// Routes are those of package history.
	Routes api.Routes
	// Definitions gives a partner's definition.
	Definitions func(partner string) (definition.Definition, error)
	Sessions    *session.Office
	Keys        *apikey.Operator
	Pages       *frame.Pages
	// Public is the address under which browsers reach the gateway, empty for the
	// one that was called.
	Public string
	// Now is the clock; Random makes a text that nobody can guess.
	Now    func() time.Time
	Random func() string
}

// Console shows the pages. It is safe for concurrent use.
type Console struct{ Parts }

// New makes a Console.
func New(p Parts) *Console { return &Console{p} }

//go:embed pages/*.html
var files embed.FS

// Handle answers a request of either side: a partner's under /v1, a browser's under
// /console. It never fails: what goes wrong is an answer.
func (c *Console) Handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	if strings.HasPrefix(e.RawPath, "/console") {
		return c.browse(ctx, e), nil
	}
	return api.Routes{"POST /v1/console-links": c.makeLink}.Handle(ctx, e)
}
