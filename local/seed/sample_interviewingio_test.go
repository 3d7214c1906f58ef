package seed_test

import (
	"fmt"
	"strings"

	"fulcrum/local/seed"
)

// interviewingIoSamples are the samples of interviewing.io's functions.
func interviewingIoSamples() map[string]any {
	const connection = "con_demo_interviewing-io"
	base := "/v1/interviewing-io/connections/{c}/"
	export := func(result string) any {
		return ioCall("POST", base+"interviews", map[string]string{"c": connection}, result)
	}
	return map[string]any{
		"partners/interviewing-io/sync/moved.json": batch(fmt.Sprintf(
			`{"id":"evt_0000000000000000000000000j","connection":%q,"event":"candidateStageChange","triggeredAt":%d,"receivedAt":%d,"bodyHash":"0123456789abcdef","ids":{"opportunity":%q}}`,
			connection, seed.SampleTime, seed.SampleTime+120, opportunity)),
		"partners/interviewing-io/api/stages.json": ioCall("GET", base+"stages", map[string]string{"c": connection}, ""),
		"partners/interviewing-io/api/waiting.json": export(
			`{"interviewId":"iv-1","version":1,"outcome":"no","candidateConsents":false,"pseudonym":"Quiet Falcon"}`),
		"partners/interviewing-io/api/score-too-high.json": export(
			`{"interviewId":"iv-2","version":1,"outcome":"no","candidateConsents":false,"pseudonym":"Quiet Falcon","feedback":{"technical":5,"communication":3,"problemSolving":1}}`),
	}
}

// ioCall is a call of interviewing.io's, behind the authorizer.
func ioCall(method, route string, parameters map[string]string, body string) any {
	path := route
	for name, value := range parameters {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	context := request(method+" "+route, path, map[string]any{"lambda": map[string]string{"partner": "interviewing-io", "key": "key_0123456789abcdef"}}).(map[string]any)
	context["http"].(map[string]string)["method"] = method
	return map[string]any{
		"version": "2.0", "routeKey": method + " " + route, "rawPath": path, "rawQueryString": "",
		"headers":        map[string]string{"content-type": "application/json", "host": "api.example.com", "user-agent": "curl/8.5.0"},
		"pathParameters": parameters, "requestContext": context, "body": body, "isBase64Encoded": false,
	}
}
