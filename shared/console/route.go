package console

import (
	"context"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/session"
)

type answer = events.APIGatewayV2HTTPResponse

// handler answers one request of somebody who is signed in: a method of visit.
type handler func(v *visit, ctx context.Context) (answer, error)

// route is a page or an act: its method and address, who may, and what is done.
type route struct {
	method, address string
	role            session.Role
	handle          handler
}

// routes are the pages, and the acts that forms ask for.
func routes() []route {
	const one = "/console/connections/{c}"
	return []route{
		{"GET", "/console", session.Viewer, (*visit).home},
		{"GET", "/console/figures", session.Viewer, (*visit).figures},
		{"GET", "/console/connections", session.Viewer, (*visit).connections},
		{"GET", "/console/usage", session.Viewer, (*visit).usage},
		{"GET", "/console/usage.csv", session.Viewer, (*visit).usageFile},
		{"GET", "/console/keys", session.Admin, (*visit).keys},
		{"POST", "/console/keys", session.Admin, (*visit).makeKey},
		{"POST", "/console/keys/{k}/revoke", session.Admin, (*visit).revokeKey},
		{"GET", "/console/audit", session.Admin, (*visit).signIns},
		{"POST", "/console/sign-out", session.Viewer, (*visit).leave},
		{"GET", one, session.Viewer, (*visit).overview},
		{"GET", one + "/events", session.Viewer, (*visit).events},
		{"GET", one + "/events.csv", session.Viewer, (*visit).eventsFile},
		{"GET", one + "/events/{e}", session.Viewer, (*visit).event},
		{"GET", one + "/parked", session.Viewer, (*visit).parked},
		{"GET", one + "/attention", session.Viewer, (*visit).attention},
		{"GET", one + "/completeness", session.Viewer, (*visit).completeness},
		{"GET", one + "/completeness.csv", session.Viewer, (*visit).completenessFile},
		{"GET", one + "/numbers", session.Viewer, (*visit).numbers},
		{"GET", one + "/numbers.csv", session.Viewer, (*visit).numbersFile},
		{"GET", one + "/webhooks", session.Viewer, (*visit).webhooks},
		{"GET", one + "/settings", session.Viewer, (*visit).settings},
		{"GET", one + "/credentials", session.Viewer, (*visit).credentials},
		{"GET", one + "/audit", session.Viewer, (*visit).audit},
		{"POST", one + "/events/{e}/replay", session.Operator, (*visit).replay},
		{"POST", one + "/events/{e}/reveal", session.Operator, (*visit).reveal},
		{"POST", one + "/selected", session.Operator, (*visit).selected},
		{"POST", one + "/selected/replay", session.Operator, (*visit).replaySelected},
		{"POST", one + "/selected/dismiss", session.Operator, (*visit).dismissSelected},
		{"POST", one + "/redrive", session.Operator, (*visit).redrive},
		{"POST", one + "/attention/{a}/retry", session.Operator, (*visit).retry},
		{"POST", one + "/link", session.Operator, (*visit).link},
		{"POST", one + "/resync", session.Operator, (*visit).resync},
		{"POST", one + "/pause", session.Admin, (*visit).pause},
		{"POST", one + "/resume", session.Admin, (*visit).resume},
		{"POST", one + "/disconnect", session.Admin, (*visit).disconnect},
	}
}

// find is the route of a request, with the values of its address.
func find(method, path string) (route, map[string]string, bool) {
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for _, r := range routes() {
		if r.method != method {
			continue
		}
		if values, ok := fit(strings.Split(r.address, "/"), parts); ok {
			return r, values, true
		}
	}
	return route{}, nil, false
}

func fit(address, parts []string) (map[string]string, bool) {
	if len(address) != len(parts) {
		return nil, false
	}
	values := map[string]string{}
	for i, a := range address {
		switch name, ok := strings.CutPrefix(a, "{"); {
		case ok:
			values[strings.TrimSuffix(name, "}")] = parts[i]
		case a != parts[i]:
			return nil, false
		}
	}
	return values, true
}
