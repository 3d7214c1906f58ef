package twin_test

import (
	"regexp"
	"testing"

	"fulcrum/local/twin"
)

func TestAWebhookShowsItsKeyOnCreationOnly(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		made := r.api("POST", "/webhooks", obj{"event": "candidateHired", "url": "https://partner.example/hook"}).must(201)
		made.want(obj{
			"data.event": "candidateHired", "data.url": "https://partner.example/hook",
			"data.configuration.conditions.origins": []string{"applied", "sourced", "referred", "university", "internal", "agency"},
		})
		if key := made.text("data.configuration.signatureToken"); !regexp.MustCompile(`^[0-9a-f]{48}$`).MatchString(key) {
			t.Errorf("key %q", key)
		}
		id := made.text("data.id")
		list := r.api("GET", "/webhooks?limit=1", nil).must(200)
		put := r.api("PUT", "/webhooks", obj{"data": []obj{{"id": id, "url": "https://partner.example/new"}}}).must(200)
		for name, rep := range map[string]reply{"list": list, "update": put} {
			if rep.has("data.0.configuration", "signatureToken") {
				t.Errorf("%s shows the key: %s", name, rep.raw)
			}
			for _, member := range []string{"hasNext", "next"} {
				if rep.has("data", member) {
					t.Errorf("%s has %s", name, member)
				}
			}
		}
		if list.body.(obj)["hasNext"] != nil {
			t.Error("the list of webhooks has paging members")
		}
		put.want(obj{"data.0.url": "https://partner.example/new", "data.0.event": "candidateHired"})
	})
}

func TestTheSameWebhookTwiceIsTwoWebhooks(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		body := obj{"event": "candidateHired", "url": "https://partner.example/hook"}
		a, b := r.api("POST", "/webhooks", body).must(201), r.api("POST", "/webhooks", body).must(201)
		for _, member := range []string{"data.id", "data.configuration.signatureToken"} {
			if a.text(member) == b.text(member) {
				t.Errorf("two webhooks share %s", member)
			}
		}
		r.api("GET", "/webhooks", nil).want(obj{"data.#": 2})
		r.api("DELETE", "/webhooks/"+a.text("data.id"), nil).must(204)
		r.api("DELETE", "/webhooks/"+a.text("data.id"), nil).must(404)
		r.api("GET", "/webhooks", nil).want(obj{"data.#": 1, "data.0.id": b.text("data.id")})
	})
}

func TestWebhooksThatAreRefused(t *testing.T) {
	tests := map[string]struct {
		method string
		body   any
		status int
	}{
		"an event that Lever has not": {"POST", obj{"event": "candidateCreated", "url": "https://x.example"}, 400},
		"no url":                      {"POST", obj{"event": "candidateHired"}, 400},
		"a url without a host":        {"POST", obj{"event": "candidateHired", "url": "hook"}, 400},
		"a url of another kind":       {"POST", obj{"event": "candidateHired", "url": "ftp://x.example"}, 400},
		"an origin that Lever has not": {
			"POST",
			obj{
				"event": "candidateHired", "url": "https://x.example",
				"configuration": obj{"conditions": obj{"origins": []string{"mars"}}},
			},
			400,
		},
		"conditions of an event without any": {
			"POST",
			obj{
				"event": "interviewCreated", "url": "https://x.example",
				"configuration": obj{"conditions": obj{"origins": []string{"applied"}}},
			},
			400,
		},
		"a member of another type":              {"POST", obj{"event": 7, "url": "https://x.example"}, 400},
		"a body that is no JSON":                {"POST", "{", 400},
		"no body":                               {"POST", nil, 400},
		"an update of nothing":                  {"PUT", obj{"data": []obj{}}, 400},
		"an update of an unknown webhook":       {"PUT", obj{"data": []obj{{"id": "nobody", "url": "https://x.example"}}}, 404},
		"an update by id, which is not Lever's": {"PUT/x", obj{"url": "https://x.example"}, 404},
	}
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		for name, tt := range tests {
			path := "/webhooks"
			if tt.method == "PUT/x" {
				tt.method, path = "PUT", "/webhooks/x"
			}
			got := r.api(tt.method, path, tt.body)
			if got.status != tt.status || got.at("code") == nil || got.at("message") == nil {
				t.Errorf("%s: %d %s", name, got.status, got.raw)
			}
		}
		r.api("GET", "/webhooks", nil).want(obj{"data.#": 0})
	})
}

func TestABulkUpdateIsAllOrNothing(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		id := r.api("POST", "/webhooks", obj{"event": "candidateHired", "url": "https://x.example/old"}).text("data.id")
		r.api("PUT", "/webhooks", obj{"data": []obj{{"id": id, "url": "https://x.example/new"}, {"id": "nobody"}}}).must(404)
		r.api("GET", "/webhooks", nil).want(obj{"data.0.url": "https://x.example/old"})
	})
}

func TestEachKindOfWebhookIsChangedWhereItWasMade(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		made := r.ctl("POST", "/webhooks", obj{"event": "contactUpdated", "url": "https://x.example"}).must(201)
		id := made.text("id")
		made.want(obj{"madeByApi": false, "verified": nil, "origins": nil})
		r.api("GET", "/webhooks", nil).want(obj{"data.0.id": id, "data.0.configuration": obj{}})
		r.api("PUT", "/webhooks", obj{"data": []obj{{"id": id, "url": "https://y.example"}}}).must(403)
		r.api("DELETE", "/webhooks/"+id, nil).must(403)
		r.ctl("DELETE", "/webhooks/"+id, nil).must(204)
		r.api("GET", "/webhooks", nil).want(obj{"data.#": 0})
	})
}

func TestChangingTheEventChangesTheConditions(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		id := r.api("POST", "/webhooks", obj{"event": "contactCreated", "url": "https://x.example"}).text("data.id")
		r.api("PUT", "/webhooks", obj{"data": []obj{{"id": id, "event": "candidateHired"}}}).must(200).want(
			obj{"data.0.configuration.conditions.origins.#": 6},
		)
		r.api(
			"PUT", "/webhooks", obj{"data": []obj{{"id": id, "event": "contactUpdated"}}},
		).must(200).want(obj{"data.0.configuration": obj{}})
	})
}
