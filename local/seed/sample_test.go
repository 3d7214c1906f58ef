package seed_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fulcrum/local/rig"
	"fulcrum/local/seed"
	"fulcrum/shared/lever"
)

var update = flag.Bool("update", false, "write the sample events anew")

// nonce is the token of all sample deliveries.
const nonce = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b4"

const opportunity = "0b4c3b3a-6a5f-4c06-9df1-3f0e6f2f1a01"

// samples are the sample events by their files below events/.
func samples(t *testing.T) map[string]any {
	t.Helper()
	all := map[string]any{
		"hub/deliver/delivery.json":     batch(`{"connection":"con_demo_joinedly","delivery":"dlv_0000000000000000000000000g"}`),
		"hub/reconcile/keep-alive.json": map[string]string{"task": "keep-alive"},
		"hub/reconcile/reseal.json":     map[string]string{"task": "reseal"},
		"hub/api-keys/list.json":        map[string]string{"task": "list", "partner": "joinedly"},
		"hub/api-keys/make.json":        map[string]string{"task": "make", "partner": "joinedly"},
		"hub/api/events.json":           list("joinedly", "events"),
		"hub/api/completeness.json":     partnerCall("joinedly", "GET", "/v1/connections/{c}/completeness", map[string]string{"c": "con_demo_joinedly"}, ""),
		"hub/api/foreign.json":          list("justworks", "events"),
	}
	key, err := seed.APIKey("joinedly")
	if err != nil {
		t.Fatal(err)
	}
	all["hub/authorize/demo-key.json"] = authorizer(key)
	all["hub/authorize/made-up-key.json"] = authorizer("ful_joinedly_" + strings.Repeat("0", 40))
	for event, sample := range webhooks() {
		hook, err := seed.SampleHook(partnerOf(event), event)
		if err != nil {
			t.Fatal(err)
		}
		signed := delivery(event, sample.data, seed.Signature(seed.SampleToken(), nonce, seed.SampleTime))
		for name, request := range map[string]any{
			sample.name:       post(event, hook, signed),
			"connection-test": post(event, hook, delivery(event, "{}", seed.Signature(seed.SampleToken(), nonce, seed.SampleTime))),
			"forged":          post(event, hook, delivery(event, sample.data, strings.Repeat("0", 64))),
			"unknown-hook":    post(event, strings.Repeat("A", len(hook)), signed),
			"not-json":        post(event, hook, "token=5feceb66&triggeredAt=1795262400000"),
		} {
			all["webhooks/"+event.Slug()+"/"+name+".json"] = request
		}
	}
	maps.Copy(all, connectSamples())
	maps.Copy(all, pageSamples())
	maps.Copy(all, joinedlySamples())
	maps.Copy(all, justworksSamples())
	maps.Copy(all, interviewingIoSamples())
	maps.Copy(all, evidencedSamples())
	maps.Copy(all, brainnerSamples())
	return all
}

// sample is what happened, and the ids that Lever names with it.
type sample struct{ name, data string }

// webhooks are the samples by their events, with the members of data that clients
// of Lever read.
func webhooks() map[lever.Event]sample {
	const (
		who       = `"opportunityId":"` + opportunity + `","candidateId":"` + opportunity + `","contactId":"f1a1b5c0-7d62-4a3e-8a59-6f1d2c3b4e02"`
		interview = `{` + who + `,"interviewId":"5d3c1b7e-2f4a-4f0e-9b8d-7a6c5e4d3f03","panelId":"c2b1a0f9-8e7d-4c6b-a5f4-3e2d1c0b9a04","updatedAt":1795262399000}`
	)
	return map[lever.Event]sample{
		lever.ApplicationCreated:     {"applied", `{` + who + `,"applicationId":"9e8d7c6b-5a4f-4e3d-8c2b-1a0f9e8d7c05"}`},
		lever.CandidateStageChange:   {"moved", `{` + who + `,"toStageId":"offer","fromStageId":"lead-new"}`},
		lever.CandidateArchiveChange: {"archived", `{` + who + `,"toArchived":{"archivedAt":1795262399000,"reason":"1f2e3d4c-5b6a-4978-8695-a4b3c2d1e006"},"fromArchived":null}`},
		lever.CandidateHired:         {"hired", `{` + who + `}`},
		lever.CandidateDeleted:       {"deleted", `{` + who + `}`},
		lever.InterviewCreated:       {"scheduled", interview},
		lever.InterviewUpdated:       {"changed", interview},
		lever.InterviewDeleted:       {"deleted", interview},
	}
}

func delivery(event lever.Event, data, signature string) string {
	return fmt.Sprintf(`{"triggeredAt":%d,"event":%q,"data":%s,"signature":%q,"token":%q}`, seed.SampleTime, event, data, signature, nonce)
}

// post is Lever's delivery.
func post(event lever.Event, hook, body string) any {
	e := call("POST", "/webhooks/"+event.Slug()+"/{hook}", map[string]string{"hook": hook}, body, nil)
	e["requestContext"].(map[string]any)["http"].(map[string]string)["userAgent"] = "Lever-Webhooks"
	e["headers"] = map[string]string{
		"content-length": fmt.Sprint(len(body)), "content-type": "application/json", "host": "api.example.com", "user-agent": "Lever-Webhooks",
	}
	return e
}

// key is what the authorizer says of the caller.
func key(partner string) any {
	return map[string]any{"lambda": map[string]string{"partner": partner, "key": "key_0123456789abcdef"}}
}

// partnerCall is a partner's call of a route below /v1, behind the authorizer.
// Parameters are those of the path.
func partnerCall(partner, method, route string, parameters map[string]string, body string) map[string]any {
	return call(method, route, parameters, body, key(partner))
}

// call is an event of API Gateway's payload format 2.0.
func call(method, route string, parameters map[string]string, body string, authorizer any) map[string]any {
	path, used := route, map[string]string{}
	for name, value := range parameters {
		if strings.Contains(route, "{"+name+"}") {
			path, used[name] = strings.ReplaceAll(path, "{"+name+"}", value), value
		}
	}
	event := map[string]any{
		"version": "2.0", "routeKey": method + " " + route, "rawPath": path, "rawQueryString": "",
		"headers":        map[string]string{"content-type": "application/json", "host": "api.example.com", "user-agent": "curl/8.5.0"},
		"requestContext": request(method, route, path, authorizer), "isBase64Encoded": false,
	}
	if len(used) > 0 {
		event["pathParameters"] = used
	}
	if body != "" {
		event["body"] = body
	}
	return event
}

// asking adds a query to an event.
func asking(event map[string]any, query string) map[string]any {
	values, err := url.ParseQuery(query)
	if err != nil {
		panic(err)
	}
	flat := map[string]string{}
	for name := range values {
		flat[name] = values.Get(name)
	}
	event["rawQueryString"], event["queryStringParameters"] = query, flat
	return event
}

// list is a partner's GET of a list below Joinedly's connection.
func list(partner, name string) any {
	return asking(partnerCall(partner, "GET", "/v1/connections/{c}/"+name, map[string]string{"c": "con_demo_joinedly"}, ""), "limit=10")
}

// authorizer is what API Gateway asks the authorizer with a key.
func authorizer(key string) any {
	route, path := "GET /v1/connections/{c}/events", "/v1/connections/con_demo_joinedly/events"
	return map[string]any{
		"version": "2.0", "type": "REQUEST", "routeArn": "arn:aws:execute-api:us-east-1:000000000000:api/$default/GET" + path,
		"identitySource": []string{"Bearer " + key}, "routeKey": route, "rawPath": path, "rawQueryString": "",
		"headers":        map[string]string{"authorization": "Bearer " + key, "host": "api.example.com", "user-agent": "curl/8.5.0"},
		"pathParameters": map[string]string{"c": "con_demo_joinedly"}, "requestContext": request("GET", "/v1/connections/{c}/events", path, nil),
	}
}

// request is the requestContext of such an event.
func request(method, route, path string, authorizer any) map[string]any {
	context := map[string]any{
		"accountId": "000000000000", "apiId": "api", "domainName": "api.example.com", "domainPrefix": "api", "requestId": "JKJaXmPLvHcESHA=",
		"routeKey": method + " " + route, "stage": "$default", "time": "21/Nov/2026:12:00:00 +0000", "timeEpoch": seed.SampleTime,
		"http": map[string]string{"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "curl/8.5.0"},
	}
	if authorizer != nil {
		context["authorizer"] = authorizer
	}
	return context
}

// webhookEvent is a batch with one event of a webhook; id ends the event's id.
func webhookEvent(connection string, id byte, event lever.Event, ids string) any {
	return batch(fmt.Sprintf(
		`{"id":"evt_%025d%c","connection":%q,"event":%q,"triggeredAt":%d,"receivedAt":%d,"bodyHash":"0123456789abcdef","ids":%s}`,
		0, id, connection, event, seed.SampleTime, seed.SampleTime+120, ids))
}

// preview asks a sync function what its partner's sample event would lead to.
func preview(connection string) any {
	return map[string]any{"preview": map[string]any{"connection": connection, "events": []string{fmt.Sprintf("evt_%025dg", 0)}}}
}

// candidacy is the ids of an event about the sample opportunity.
const candidacy = `{"opportunity":"` + opportunity + `"}`

// batch is an event of the SQS event source mapping with one message.
func batch(body string) any {
	return map[string]any{"Records": []any{map[string]any{
		"messageId": "059f36b4-87a3-44ab-83d2-661975830a7d", "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a", "body": body,
		"attributes": map[string]string{
			"ApproximateReceiveCount": "1", "SentTimestamp": fmt.Sprint(seed.SampleTime), "SenderId": "AIDAIENQZJOLO23YVJ4VO",
			"ApproximateFirstReceiveTimestamp": fmt.Sprint(seed.SampleTime + 20), "MessageGroupId": "con_demo_joinedly",
		},
		"messageAttributes": map[string]any{}, "md5OfBody": "", "eventSource": "aws:sqs",
		"eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:fulcrum", "awsRegion": "us-east-1",
	}}}
}

// The samples are signed for the demo connections, so they are made, not written:
// go test ./local/seed -update.
func TestSamplesAreAsTheyAreMade(t *testing.T) {
	want := samples(t)
	for name, event := range want {
		text, err := json.MarshalIndent(event, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, '\n')
		path := rig.Root(filepath.Join("events", name))
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != string(text) {
			t.Errorf("events/%s differs from what is made (%v); go test ./local/seed -update", name, err)
		}
	}
	err := filepath.WalkDir(rig.Root("events"), func(path string, d os.DirEntry, err error) error {
		name := strings.TrimPrefix(path, rig.Root("events")+"/")
		if err == nil && !d.IsDir() && want[name] == nil {
			t.Errorf("events/%s is made by nobody", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestASampleIsBroughtToThePresent(t *testing.T) {
	now := time.UnixMilli(seed.SampleTime).Add(400 * 24 * time.Hour)
	for name, changes := range map[string]bool{"hired": true, "connection-test": true, "unknown-hook": true, "forged": false, "not-json": false} {
		text, err := os.ReadFile(rig.Root("events/webhooks/candidate-hired/" + name + ".json"))
		if err != nil {
			t.Fatal(err)
		}
		got := seed.Present(text, now)
		if changed := string(got) != string(text); changed != changes {
			t.Errorf("%s is changed: %v", name, changed)
		}
		if changes && !strings.Contains(string(got), seed.Signature(seed.SampleToken(), nonce, now.UnixMilli())) {
			t.Errorf("%s is not signed for the present", name)
		}
	}
}

// partnerOf is whose demo connection a sample webhook belongs to: Joinedly's for
// the one event that it has.
func partnerOf(event lever.Event) string {
	if event == lever.CandidateHired {
		return "joinedly"
	}
	return "evidenced"
}
