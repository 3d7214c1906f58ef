package connect

import (
	"context"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/api"
)

// Handle answers a request of either side: a partner's under /v1, a browser's
// under /connect. It never fails: what goes wrong is an answer.
func (s *Setup) Handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	if strings.HasPrefix(e.RawPath, "/connect/") {
		return s.browse(ctx, e), nil
	}
	return s.routes().Handle(ctx, e)
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

// base is the address under which the gateway is reached. API Gateway takes
// requests only for its own names, so the one that was called is one of them.
func (s *Setup) base(r *api.Request) string { return s.reached(r.APIGatewayV2HTTPRequest) }

func (s *Setup) reached(e events.APIGatewayV2HTTPRequest) string {
	if s.Public != "" {
		return s.Public
	}
	scheme := "https"
	if e.Headers["x-forwarded-proto"] == "http" {
		scheme = "http"
	}
	return scheme + "://" + e.RequestContext.DomainName
}
