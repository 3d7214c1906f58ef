package connect

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/api"
	"fulcrum/shared/frame"
)

// Event is a request of the gateway's, or what the clock asks for.
type Event struct {
	events.APIGatewayV2HTTPRequest
	// Task is what the clock asks for, empty for a request: "sign" writes signing
	// tokens that nobody waits for any more, "alert" tells the contacts of lost
	// connections, "end" disconnects what is to be disconnected.
	Task string `json:"task"`
}

// Handle answers a request of either side: a partner's under /v1, a browser's
// under /connect. What goes wrong there is an answer; only the clock's task fails.
func (s *Setup) Handle(ctx context.Context, e Event) (*events.APIGatewayV2HTTPResponse, error) {
	if e.Task != "" {
		return nil, s.task(ctx, e.Task)
	}
	if strings.HasPrefix(e.RawPath, "/connect/") {
		page := s.browse(ctx, e.APIGatewayV2HTTPRequest)
		return &page, nil
	}
	answer, err := s.routes().Handle(ctx, e.APIGatewayV2HTTPRequest)
	return &answer, err
}

func (s *Setup) task(ctx context.Context, name string) error {
	task, ok := map[string]func(context.Context) error{"sign": s.Keys.Sweep, "alert": s.Alerts.Due, "end": s.endings}[name]
	if !ok {
		return fmt.Errorf("there is no task %.40q", name)
	}
	if err := task(ctx); err != nil {
		slog.ErrorContext(ctx, "task failed", "task", name, "error", err.Error())
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (s *Setup) routes() api.Routes {
	const one = " /v1/connections/{c}"
	return api.Routes{
		"POST /v1/connect-links":        s.makeLink,
		"GET /v1/connections":           s.listConnections,
		"GET" + one:                     api.Of(s.Table, s.readConnection),
		"GET" + one + "/settings":       api.Of(s.Table, s.readSettings),
		"PUT" + one + "/settings":       api.Of(s.Table, s.writeSettings),
		"PUT" + one + "/signing-tokens": api.Of(s.Table, s.writeTokens),
		"POST" + one + "/finish-setup":  api.Of(s.Table, s.finishSetup),
		"POST" + one + "/pause":         api.Of(s.Table, s.pause),
		"POST" + one + "/resume":        api.Of(s.Table, s.resume),
		"POST" + one + "/resync":        api.Of(s.Table, s.resync),
		"POST" + one + "/disconnect":    api.Of(s.Table, s.endConnection),
	}
}

// base is the address under which the gateway is reached.
func (s *Setup) base(r *api.Request) string { return frame.Base(r.APIGatewayV2HTTPRequest, s.Public) }
