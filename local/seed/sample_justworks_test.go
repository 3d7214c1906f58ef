package seed_test

import (
	"fmt"
	"net/url"
	"strings"

	"fulcrum/local/seed"
)

// justworksSamples are the sample events of Justworks' functions.
func justworksSamples() map[string]any {
	const (
		connection = "/v1/justworks/connections/{c}"
		roster     = `{"admins":[{"id":"adm_1","name":"Grace Hopper","email":"grace@example.com","manageEmployees":true}],"offices":[{"id":"off_1","name":"New York"}],` +
			`"departments":[{"id":"dep_1","name":"Engineering"}],"members":[{"id":"mem_1","name":"Grace Hopper","emails":["grace@example.com"],"active":true}]}`
	)
	return map[string]any{
		"partners/justworks/sync/hired.json": batch(fmt.Sprintf(
			`{"id":"evt_0000000000000000000000000g","connection":"con_demo_justworks","event":"candidateHired","triggeredAt":%d,"receivedAt":%d,"bodyHash":"0123456789abcdef","ids":{"opportunity":%q}}`,
			seed.SampleTime, seed.SampleTime+120, opportunity)),
		"partners/justworks/api/roster.json":        ask("PUT", connection+"/roster", "", roster),
		"partners/justworks/api/pending-hires.json": ask("GET", connection+"/pending-hires", "status=pending", ""),
		"partners/justworks/api/unknown-hire.json":  ask("PATCH", connection+"/pending-hires/{h}", "", `{"fields":{"title":"Engineer"}}`),
		"partners/justworks/api/invite.json":        ask("POST", connection+"/pending-hires/{h}/invite", "", ""),
		"partners/justworks/api/no-ticket.json":     ask("GET", "/justworks/review/{ticket}", "", ""),
	}
}

// ask is a request to a route of Justworks', behind the authorizer where the route
// has one.
func ask(method, route, query, body string) any {
	params := map[string]string{}
	path := route
	for name, value := range map[string]string{"c": "con_demo_justworks", "h": opportunity, "ticket": "abc"} {
		if strings.Contains(route, "{"+name+"}") {
			params[name], path = value, strings.Replace(path, "{"+name+"}", value, 1)
		}
	}
	context := map[string]any{
		"accountId": "000000000000", "apiId": "api", "domainName": "api.example.com", "domainPrefix": "api", "requestId": "JKJaXmPLvHcESHA=",
		"routeKey": method + " " + route, "stage": "$default", "time": "21/Nov/2026:12:00:00 +0000", "timeEpoch": seed.SampleTime,
		"http": map[string]string{"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "curl/8.5.0"},
	}
	if strings.HasPrefix(route, "/v1/") {
		context["authorizer"] = map[string]any{"lambda": map[string]string{"partner": "justworks", "key": "key_0123456789abcdef"}}
	}
	event := map[string]any{
		"version": "2.0", "routeKey": method + " " + route, "rawPath": path, "rawQueryString": query,
		"headers":        map[string]string{"content-type": "application/json", "host": "api.example.com", "user-agent": "curl/8.5.0"},
		"pathParameters": params, "requestContext": context, "isBase64Encoded": false,
	}
	if values, err := url.ParseQuery(query); err == nil && len(values) > 0 {
		flat := map[string]string{}
		for name := range values {
			flat[name] = values.Get(name)
		}
		event["queryStringParameters"] = flat
	}
	if body != "" {
		event["body"] = body
	}
	return event
}
