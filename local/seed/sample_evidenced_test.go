package seed_test

import (
	"fmt"
	"strings"

	"fulcrum/local/seed"
)

// evidencedSamples are the samples of Evidenced's functions.
func evidencedSamples() map[string]any {
	const connection = "con_demo_evidenced"
	event := func(id, name, ids string) any {
		return batch(fmt.Sprintf(
			`{"id":%q,"connection":%q,"event":%q,"triggeredAt":%d,"receivedAt":%d,"bodyHash":"0123456789abcdef","ids":%s}`,
			id, connection, name, seed.SampleTime, seed.SampleTime+120, ids))
	}
	ids := `{"opportunity":"` + opportunity + `"`
	decision := `{"id":"dec-1","version":1,"candidacyId":"` + opportunity + `","interviewer":{"name":"Ana"},"decision":"yes"}`
	base := "/v1/evidenced/connections/{c}/"
	return map[string]any{
		"partners/evidenced/sync/applied.json":           event("evt_0000000000000000000000000h", "applicationCreated", ids+"}"),
		"partners/evidenced/sync/interview-deleted.json": event("evt_0000000000000000000000000i", "interviewDeleted", ids+`,"interview":"5d3c1b7e-2f4a-4f0e-9b8d-7a6c5e4d3f03"}`),
		"partners/evidenced/sync/import.json":            batch(`{"connection":"` + connection + `","import":"jobs"}`),
		"partners/evidenced/api/candidates.json":         partnerCall("evidenced", "GET", base+"candidates", map[string]string{"c": connection}, ""),
		"partners/evidenced/api/managed.json":            partnerCall("evidenced", "PATCH", base+"{kind}/{id}", map[string]string{"c": connection, "kind": "jobs", "id": opportunity}, `{"title":"Another"}`),
		"partners/evidenced/api/unknown-candidacy.json":  partnerCall("evidenced", "POST", base+"decisions", map[string]string{"c": connection}, decision),
	}
}

// partnerCall is a partner's call of a route, behind the authorizer.
func partnerCall(partner, method, route string, parameters map[string]string, body string) any {
	path := route
	for name, value := range parameters {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	context := request(method+" "+route, path, map[string]any{"lambda": map[string]string{"partner": partner, "key": "key_0123456789abcdef"}}).(map[string]any)
	context["http"].(map[string]string)["method"] = method
	return map[string]any{
		"version": "2.0", "routeKey": method + " " + route, "rawPath": path, "rawQueryString": "",
		"headers":        map[string]string{"content-type": "application/json", "host": "api.example.com", "user-agent": "curl/8.5.0"},
		"pathParameters": parameters, "requestContext": context, "body": body, "isBase64Encoded": false,
	}
}
