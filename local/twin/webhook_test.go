package twin_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/twin"
	"fulcrum/local/twin/desk"
	"fulcrum/local/twin/hook"
)

// fire makes one stage change, which fires candidateStageChange.
func (r *rig) fire() desk.Added {
	r.t.Helper()
	c := r.candidate(desk.Candidate{Name: "Piet Moll"})
	r.ctl("POST", "/opportunities/"+c.OpportunityID+"/stage", obj{"stage": "Offer"}).must(200)
	return c
}

func TestADeliveryHasTheFormOfLevers(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		_, key := r.hook("candidateStageChange")
		before := time.Now().UnixMilli()
		c := r.fire()
		synctest.Wait()
		d := r.receiver.all()[0]

		for name, want := range map[string]string{"User-Agent": "Lever-Webhooks", "Content-Type": "application/json"} {
			if got := d.header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if strings.ContainsAny(d.raw, " \n") || !strings.HasPrefix(d.raw, `{"id":"`) {
			t.Errorf("not compact: %s", d.raw)
		}
		token, signature, at := d.body["token"].(string), d.body["signature"].(string), int64(d.body["triggeredAt"].(float64))
		if len(token) != 48 || at != before || signature != hook.Sign(key, token, at) {
			t.Errorf("token %q, triggeredAt %d (want %d), signature %s", token, at, before, signature)
		}
		want := plainJSON(t, obj{
			"opportunityId": c.OpportunityID, "candidateId": c.OpportunityID, "contactId": c.ContactID,
			"toStageId": "offer", "fromStageId": "lead-new",
		})
		if got := plainJSON(t, d.body["data"]); got != want {
			t.Errorf("data %s, want %s", got, want)
		}
	})
}

func TestEachEventFiresWithItsData(t *testing.T) {
	tests := map[string]struct {
		event   string
		do      func(r *rig, c desk.Added)
		members []string
	}{
		"a new application": {event: "applicationCreated", do: func(r *rig, c desk.Added) {
			r.ctl("POST", "/opportunities/"+c.OpportunityID+"/apply", obj{"posting": "Account Manager"}).must(200)
		}, members: []string{"applicationId", "candidateId", "contactId", "opportunityId"}},
		"a hire": {event: "candidateHired", do: func(r *rig, c desk.Added) {
			r.ctl("POST", "/opportunities/"+c.OpportunityID+"/hire", nil).must(200)
		}, members: []string{"candidateId", "contactId", "opportunityId"}},
		"a move": {event: "candidateStageChange", do: func(r *rig, c desk.Added) {
			r.api("PUT", "/opportunities/"+c.OpportunityID+"/stage", obj{"stage": "offer"}).must(200)
		}, members: []string{"candidateId", "contactId", "fromStageId", "opportunityId", "toStageId"}},
		"an archiving": {event: "candidateArchiveChange", do: func(r *rig, c desk.Added) {
			r.api("PUT", "/opportunities/"+c.OpportunityID+"/archived", obj{"reason": r.reason("Timing")}).must(200)
		}, members: []string{"candidateId", "contactId", "fromArchived", "opportunityId", "toArchived"}},
		"a deletion": {event: "candidateDeleted", do: func(r *rig, c desk.Added) {
			r.ctl("POST", "/opportunities/"+c.OpportunityID+"/delete", nil).must(200)
		}, members: []string{"candidateId", "contactId", "opportunityId"}},
		"an interview": {event: "interviewCreated", do: func(r *rig, c desk.Added) {
			r.ctl("POST", "/opportunities/"+c.OpportunityID+"/interviews", nil).must(201)
		}, members: []string{"candidateId", "contactId", "interviewId", "opportunityId", "panelId", "updatedAt"}},
		"a changed interview": {event: "interviewUpdated", do: func(r *rig, c desk.Added) {
			i := r.ctl("POST", "/opportunities/"+c.OpportunityID+"/interviews", nil).text("id")
			r.ctl("PUT", "/opportunities/"+c.OpportunityID+"/interviews/"+i, obj{"duration": 30}).must(200)
		}, members: []string{"candidateId", "contactId", "interviewId", "opportunityId", "panelId", "updatedAt"}},
		"a cancelled interview": {event: "interviewDeleted", do: func(r *rig, c desk.Added) {
			i := r.ctl("POST", "/opportunities/"+c.OpportunityID+"/interviews", nil).text("id")
			r.ctl("DELETE", "/opportunities/"+c.OpportunityID+"/interviews/"+i, nil).must(200)
		}, members: []string{"candidateId", "contactId", "interviewId", "opportunityId", "panelId", "updatedAt"}},
		"a new person": {event: "contactCreated", do: func(r *rig, _ desk.Added) {
			r.candidate(desk.Candidate{Name: "Another"})
		}, members: []string{"contactId"}},
		"a changed person": {event: "contactUpdated", do: func(r *rig, c desk.Added) {
			r.api("PUT", "/contacts/"+c.ContactID, obj{"name": "Changed"}).must(200)
		}, members: []string{"contactId"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
				c := r.candidate(desk.Candidate{Name: "Piet Moll"})
				r.hook(tt.event)
				tt.do(r, c)
				synctest.Wait()
				got := r.receiver.all()
				if len(got) != 1 {
					t.Fatalf("%d deliveries: %v", len(got), r.receiver.events())
				}
				members := []string{}
				for m := range got[0].body["data"].(obj) {
					members = append(members, m)
				}
				slices.Sort(members)
				if !slices.Equal(members, tt.members) {
					t.Errorf("members %v, want %v", members, tt.members)
				}
			})
		})
	}
}

func TestWhatNobodyIsToldOf(t *testing.T) {
	tests := map[string]func(r *rig, c desk.Added){
		"an event whose switch is off": func(r *rig, c desk.Added) {
			r.ctl("POST", "/switches", obj{"candidateStageChange": false}).must(200)
			r.ctl("POST", "/opportunities/"+c.OpportunityID+"/stage", obj{"stage": "offer"}).must(200)
		},
		"a move to where the candidate is": func(r *rig, c desk.Added) {
			r.api("PUT", "/opportunities/"+c.OpportunityID+"/stage", obj{"stage": "lead-new"}).must(200)
		},
		"an origin that the webhook does not want": func(r *rig, c desk.Added) {
			id := r.api("GET", "/webhooks", nil).text("data.0.id")
			r.api(
				"PUT", "/webhooks",
				obj{"data": []obj{{"id": id, "configuration": obj{"conditions": obj{"origins": []string{"applied"}}}}}},
			).must(200)
			r.ctl("POST", "/opportunities/"+c.OpportunityID+"/stage", obj{"stage": "offer"}).must(200)
		},
		"a webhook that is gone": func(r *rig, c desk.Added) {
			r.api("DELETE", "/webhooks/"+r.api("GET", "/webhooks", nil).text("data.0.id"), nil).must(204)
			r.ctl("POST", "/opportunities/"+c.OpportunityID+"/stage", obj{"stage": "offer"}).must(200)
		},
		"offers, notes and postings": func(r *rig, c desk.Added) {
			r.ctl("POST", "/opportunities/"+c.OpportunityID+"/offers", nil).must(201)
			r.ctl("POST", "/opportunities/"+c.OpportunityID+"/notes", obj{"value": "hm"}).must(201)
			r.ctl("POST", "/postings", obj{"text": "New"}).must(201)
		},
		"seeded candidates": func(r *rig, _ desk.Added) { r.ctl("POST", "/seed", obj{"count": 50}).must(204) },
	}
	for name, do := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
				c := r.candidate(desk.Candidate{Name: "Piet Moll"})
				r.hook("candidateStageChange")
				do(r, c)
				synctest.Wait()
				if got := r.receiver.events(); len(got) > 0 {
					t.Errorf("told %v", got)
				}
			})
		})
	}
}

func TestSwitchesAreOffAndInNoAPI(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		for event, on := range r.home.Switches {
			if on {
				t.Errorf("%s is on in a new account", event)
			}
		}
		r.hook("candidateHired")
		if list := r.api("GET", "/webhooks", nil); strings.Contains(string(list.raw), "true") {
			t.Errorf("a switch in %s", list.raw)
		}
		r.ctl("POST", "/switches", obj{"candidateHired": false, "candidatePromoted": true}).must(400)
		if !r.ctl("GET", "", nil).at("switches.candidateHired").(bool) {
			t.Error("a refused call turned a switch")
		}
	})
}

func TestARefusedDeliveryIsTriedFiveTimesMore(t *testing.T) {
	answers := map[string]func(http.ResponseWriter, *http.Request, int){
		"a server error": func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(503) },
		"a refusal":      func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(401) },
		"a redirect": func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, "http://hooks.test/elsewhere", http.StatusTemporaryRedirect)
		},
		"a cut connection": func(http.ResponseWriter, *http.Request, int) { panic(http.ErrAbortHandler) },
	}
	pauses := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			inBubble(t, twin.Options{RetryPauses: pauses}, func(t *testing.T, r *rig) {
				r.hook("candidateStageChange")
				r.receiver.answer = answer
				begin := time.Now()
				r.fire()
				time.Sleep(time.Hour)
				got := r.receiver.all()
				if len(got) != 6 {
					t.Fatalf("%d attempts, want 6", len(got))
				}
				at := time.Duration(0)
				for i, d := range got {
					if i > 0 {
						at += pauses[i-1]
					}
					if d.at.Sub(begin) != at || d.raw != got[0].raw || d.path != "/candidateStageChange" {
						t.Errorf("attempt %d at %s to %s, want %s: %s", i+1, d.at.Sub(begin), d.path, at, d.raw)
					}
				}
				past := r.ctl("GET", "/deliveries", nil)
				past.want(
					obj{
						"#": 6, "0.attempt": 1, "5.attempt": 6, "0.success": false,
						"0.nextAt": begin.Add(time.Second).UnixMilli(), "5.nextAt": nil,
					},
				)
			})
		})
	}
}

func TestASlowReceiverHasFailed(t *testing.T) {
	inBubble(t, twin.Options{HookTimeout: 5 * time.Second, RetryPauses: []time.Duration{time.Minute}}, func(t *testing.T, r *rig) {
		r.hook("candidateStageChange")
		r.receiver.answer = func(_ http.ResponseWriter, q *http.Request, nth int) {
			wait := 4900 * time.Millisecond
			if nth == 1 {
				wait = 5100 * time.Millisecond
			}
			select {
			case <-time.After(wait):
			case <-q.Context().Done():
			}
		}
		r.fire()
		time.Sleep(time.Hour)
		r.ctl("GET", "/deliveries", nil).want(obj{"#": 2, "0.success": false, "0.status": 0, "1.success": true, "1.status": 200})
	})
}

func TestWebhooksDoNotWaitForEachOther(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		r.hook("candidateStageChange")
		other := r.api("POST", "/webhooks", obj{"event": "candidateStageChange", "url": "http://hooks.test/second"}).must(201)
		r.receiver.answer = func(w http.ResponseWriter, q *http.Request, _ int) {
			if q.URL.Path != "/second" {
				w.WriteHeader(500)
			}
		}
		r.fire()
		r.fire()
		synctest.Wait()
		var second []delivered
		for _, d := range r.receiver.all() {
			if d.path == "/second" {
				second = append(second, d)
			}
		}
		if len(second) != 2 || len(r.receiver.all()) != 4 {
			t.Fatalf("%d of %d requests to the second webhook, want 2 of 4", len(second), len(r.receiver.all()))
		}
		d := second[0].body
		key := other.text("data.configuration.signatureToken")
		if d["signature"] != hook.Sign(key, d["token"].(string), int64(d["triggeredAt"].(float64))) {
			t.Error("the second webhook's delivery is not signed with its own key")
		}
	})
}

func TestADeletedWebhookIsTriedNoMore(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		id, _ := r.hook("candidateStageChange")
		r.receiver.answer = func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(500) }
		r.fire()
		synctest.Wait()
		r.api("DELETE", "/webhooks/"+id, nil).must(204)
		time.Sleep(time.Hour)
		if got := len(r.receiver.all()); got != 1 {
			t.Errorf("%d attempts, want 1", got)
		}
	})
}

func TestVerifyConnectionSendsASignedTestOnce(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		made := r.api("POST", "/webhooks", obj{"event": "candidateHired", "url": "http://hooks.test/x"}).must(201)
		id, key := made.text("data.id"), made.text("data.configuration.signatureToken")
		r.receiver.answer = func(w http.ResponseWriter, _ *http.Request, nth int) {
			if nth == 1 {
				w.WriteHeader(400)
			}
		}
		r.ctl("POST", "/webhooks/"+id+"/verify", nil).must(200).want(obj{"success": false, "status": 400, "kind": "verify"})
		r.ctl("GET", "/webhooks", nil).want(obj{"0.verified": false})
		r.ctl("POST", "/webhooks/"+id+"/verify", nil).must(200).want(obj{"success": true})
		r.ctl("GET", "/webhooks", nil).want(obj{"0.verified": true})
		time.Sleep(time.Hour)
		got := r.receiver.all()
		if len(got) != 2 {
			t.Fatalf("%d requests, want 2", len(got))
		}
		d := got[1].body
		at := int64(d["triggeredAt"].(float64))
		want := fmt.Sprintf(
			`{"triggeredAt":%d,"event":"candidateHired","data":{},"signature":"%s","token":"%s"}`, at,
			hook.Sign(key, d["token"].(string), at), d["token"],
		)
		if got[1].raw != want {
			t.Errorf("body %s, want %s", got[1].raw, want)
		}
		if r.api("GET", "/webhooks", nil).has("data.0", "verified") {
			t.Error("the API shows whether a webhook is verified")
		}
		r.ctl("POST", "/webhooks/nobody/verify", nil).must(404)
	})
}

func TestTheOptionVerifyConnectionSendsATest(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		made := r.api(
			"POST", "/webhooks",
			obj{"event": "candidateHired", "url": "http://hooks.test/x", "configuration": obj{"verifyConnection": true}},
		).must(201)
		synctest.Wait()
		r.api(
			"PUT", "/webhooks",
			obj{"data": []obj{{"id": made.text("data.id"), "configuration": obj{"verifyConnection": true}}}},
		).must(200)
		synctest.Wait()
		if got := len(r.receiver.all()); got != 2 {
			t.Errorf("%d tests, want 2", got)
		}
		r.ctl("GET", "/webhooks", nil).want(obj{"0.verified": true})
	})
}

func TestAnotherTokenSignsWhatComesAfter(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		id, old := r.hook("candidateStageChange")
		key := r.ctl("POST", "/webhooks/"+id+"/regenerate", nil).must(200).text("signatureToken")
		if key == old || len(key) != 48 {
			t.Fatalf("new key %q, old %q", key, old)
		}
		r.fire()
		synctest.Wait()
		d := r.receiver.all()[0].body
		if d["signature"] != hook.Sign(key, d["token"].(string), int64(d["triggeredAt"].(float64))) {
			t.Error("not signed with the new key")
		}
	})
}

func TestARerunRepeatsTheOldBody(t *testing.T) {
	inBubble(t, twin.Options{RetryPauses: []time.Duration{}}, func(t *testing.T, r *rig) {
		id, _ := r.hook("candidateStageChange")
		r.receiver.answer = func(w http.ResponseWriter, _ *http.Request, nth int) {
			if nth == 1 {
				w.WriteHeader(500)
			}
		}
		r.fire()
		synctest.Wait()
		delivery := r.ctl("GET", "/deliveries", nil).text("0.delivery")
		time.Sleep(24 * time.Hour)
		r.ctl("POST", "/webhooks/"+id+"/regenerate", nil).must(200)
		r.ctl("POST", "/webhooks/"+id+"/rerun", obj{"delivery": delivery}).must(200).want(
			obj{"kind": "rerun", "attempt": 2, "success": true, "delivery": delivery},
		)
		r.ctl("POST", "/webhooks/"+id+"/rerun", nil).must(200).want(obj{"attempt": 3})
		got := r.receiver.all()
		if len(got) != 3 || got[1].raw != got[0].raw || got[2].raw != got[0].raw {
			t.Errorf("reruns differ: %v", got)
		}
		r.ctl("POST", "/webhooks/"+id+"/rerun", obj{"delivery": "nothing"}).must(404)
	})
}

func TestTheHistoryIsAThousandOfTwoWeeks(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		r.hook("contactCreated")
		for i := range 1010 {
			r.candidate(desk.Candidate{Name: fmt.Sprint("Candidate ", i)})
			if i%100 == 0 {
				synctest.Wait()
			}
		}
		synctest.Wait()
		r.ctl("GET", "/deliveries", nil).want(obj{"#": 1000})
		r.ctl("GET", "", nil).want(obj{"attempts": 1010})
		time.Sleep(14*24*time.Hour + time.Minute)
		r.ctl("GET", "/deliveries", nil).want(obj{"#": 0})
	})
}

func TestDeliveriesCanLackTheirID(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		r.hook("candidateStageChange")
		r.ctl("POST", "/settings", obj{"eventIds": false}).must(204)
		r.fire()
		synctest.Wait()
		if d := r.receiver.all()[0]; !strings.HasPrefix(d.raw, `{"triggeredAt":`) {
			t.Errorf("an id in %s", d.raw)
		}
	})
}
