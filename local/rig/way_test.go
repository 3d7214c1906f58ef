package rig_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/sandbox"
	"fulcrum/local/seed"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/store"
)

// way is a live stack and its Joinedly customer.
type way struct {
	*rig.Live
	t *testing.T
	c seed.Connection
}

// on runs f in virtual time on a live stack.
func on(t *testing.T, o aws.Options, f func(t *testing.T, w way)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := rig.NewLive(t, o)
		f(t, way{l, t, l.Connection(t, "joinedly")})
	})
}

// hire adds somebody and marks them as hired.
func (w way) hire(name string) (opportunity string) {
	w.t.Helper()
	added, err := w.Twin.AddCandidate(w.c.Account, desk.Candidate{Name: name, Email: strings.ToLower(name) + "@example.com"})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.Twin.Hire(w.c.Account, added.OpportunityID, ""); err != nil {
		w.t.Fatal(err)
	}
	return added.OpportunityID
}

// arrived are the documents of an opportunity.
func (w way) arrived(opportunity string) []sandbox.Delivery {
	var of []sandbox.Delivery
	for _, d := range w.Sandbox.Deliveries("joinedly", w.c.ID) {
		if strings.Contains(string(d.Body), opportunity) {
			of = append(of, d)
		}
	}
	return of
}

func (w way) expectOnce(opportunity string) sandbox.Delivery {
	w.t.Helper()
	got := w.arrived(opportunity)
	if len(got) != 1 {
		w.t.Fatalf("%d documents for one hire", len(got))
	}
	return got[0]
}

// post sends a body to the first webhook as Lever would.
func (w way) post(body string) int {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.c.Webhooks[0].URL, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := (&http.Client{Transport: w}).Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

// delivery is a signed body with the given data.
func (w way) delivery(n int, data string) string {
	token, at := fmt.Sprintf("%048d", n), time.Now().UnixMilli()
	return fmt.Sprintf(`{"triggeredAt":%d,"event":"candidateHired","data":%s,"signature":%q,"token":%q}`,
		at, data, seed.Signature(w.c.Webhooks[0].SigningToken, token, at), token)
}

func TestAHireBecomesAJoiner(t *testing.T) {
	on(t, aws.Options{}, func(t *testing.T, w way) {
		opportunity := w.hire("Ada Lovelace")
		time.Sleep(time.Minute)
		var document struct {
			Type, Connection string
			Data             struct{ FirstName, LastName, OpportunityID string }
		}
		if err := json.Unmarshal(w.expectOnce(opportunity).Body, &document); err != nil {
			t.Fatal(err)
		}
		if document.Type != "joiner.hired" || document.Connection != w.c.ID || document.Data.FirstName != "Ada" || document.Data.OpportunityID != opportunity {
			t.Errorf("%+v", document)
		}
	})
}

func TestTheSameDeliveryAgainHasNoEffect(t *testing.T) {
	on(t, aws.Options{}, func(t *testing.T, w way) {
		opportunity := w.hire("Ada")
		time.Sleep(time.Minute)
		sent, err := w.Twin.Deliveries(w.c.Account)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range sent {
			if status := w.post(d.Body); status != http.StatusOK {
				t.Errorf("status %d for a repeated delivery", status)
			}
		}
		if status := w.post(w.delivery(1, `{"opportunityId":"`+opportunity+`"}`)); status != http.StatusOK {
			t.Errorf("status %d for another event of the same hire", status)
		}
		time.Sleep(time.Hour)
		w.expectOnce(opportunity)
	})
}

func TestForgedDataHasNoEffect(t *testing.T) {
	on(t, aws.Options{}, func(t *testing.T, w way) {
		added, err := w.Twin.AddCandidate(w.c.Account, desk.Candidate{Name: "Not Hired"})
		if err != nil {
			t.Fatal(err)
		}
		for i, data := range []string{
			`{"opportunityId":"` + added.OpportunityID + `"}`,
			`{"opportunityId":"00000000-0000-4000-8000-000000000000"}`,
			`{"opportunityId":"../users"}`,
			`{"something":"else"}`,
			`{}`,
		} {
			if status := w.post(w.delivery(i, data)); status != http.StatusOK {
				t.Errorf("status %d for %s", status, data)
			}
		}
		time.Sleep(time.Hour)
		if got := w.Sandbox.Deliveries("", ""); len(got) != 0 {
			t.Errorf("%d documents of what is not so: %s", len(got), got[0].Body)
		}
		if v := w.Twin.Violations(); len(v) != 0 {
			t.Errorf("an object of another account was asked for: %+v", v)
		}
	})
}

// What is away comes back, and the joiner arrives once.
func TestNothingIsLostWhile(t *testing.T) {
	tests := map[string]func(w way){
		"the queue is away when Lever posts": func(w way) {
			w.AWS.Inject(aws.Fault{Service: "sqs", Action: "SendMessage", Status: 503, Times: 4})
		},
		"the queue's answer is lost when Lever posts": func(w way) {
			w.AWS.Inject(aws.Fault{Service: "sqs", Action: "SendMessage", DropAnswer: true, Times: 1})
		},
		"the secrets are away when Lever posts": func(w way) {
			w.AWS.Inject(aws.Fault{Service: "secretsmanager", Status: 500, Times: 8})
			w.Restart(w.t)
		},
		"the table is away": func(w way) {
			w.AWS.Inject(aws.Fault{Service: "dynamodb", Status: 500, Times: 9})
		},
		"the commit's answer is lost": func(w way) {
			w.AWS.Inject(aws.Fault{Action: "TransactWriteItems", Caller: "PartnerJoinedlySync", DropAnswer: true, Times: 9})
		},
		"the function dies between the commit and the delivery's message": func(w way) {
			w.AWS.Inject(aws.Fault{Action: "SendMessage", Caller: "PartnerJoinedlySync", Status: 500, Times: 9})
		},
		"the delivery's message is sent and its answer lost": func(w way) {
			w.AWS.Inject(aws.Fault{Action: "SendMessage", Caller: "PartnerJoinedlySync", DropAnswer: true, Times: 9})
		},
		"Lever is down":                func(w way) { inject(w, api.Fault{Match: "GET /v1/*", Status: 503, Times: 20}) },
		"Lever throttles":              func(w way) { inject(w, api.Fault{Match: "GET /v1/*", Status: 429, Times: 10}) },
		"Lever is slow":                func(w way) { inject(w, api.Fault{Match: "GET /v1/*", DelayMS: 60_000, Times: 2}) },
		"Lever's answer is lost":       func(w way) { inject(w, api.Fault{Match: "GET /v1/*", DropAnswer: true, Times: 5}) },
		"the partner is down":          func(w way) { w.Sandbox.Inject(sandbox.Fault{Status: 500, Times: 5}) },
		"the partner is slow":          func(w way) { w.Sandbox.Inject(sandbox.Fault{DelayMS: 60_000, Times: 2}) },
		"the partner's answer is lost": func(w way) { w.Sandbox.Inject(sandbox.Fault{DropAnswer: true, Times: 3}) },
		"the arrival cannot be noted": func(w way) {
			w.AWS.Inject(aws.Fault{Action: "TransactWriteItems", Caller: "HubDeliver", Status: 500, Times: 9})
		},
		"the arrival is noted and the answer lost": func(w way) {
			w.AWS.Inject(aws.Fault{Action: "TransactWriteItems", Caller: "HubDeliver", DropAnswer: true, Times: 9})
		},
	}
	for name, away := range tests {
		t.Run(name, func(t *testing.T) {
			rig.Some(t)
			on(t, aws.Options{}, func(t *testing.T, w way) {
				away(w)
				opportunity := w.hire("Ada")
				time.Sleep(2 * time.Hour)
				w.expectOnce(opportunity)
				w.expectEnded()
			})
		})
	}
}

func inject(w way, f api.Fault) {
	w.t.Helper()
	if err := w.Twin.Inject(f); err != nil {
		w.t.Fatal(err)
	}
}

// expectEnded fails unless every event of the connection has ended.
func (w way) expectEnded() {
	w.t.Helper()
	for _, e := range w.Events(w.t, w.c.ID) {
		if !e.State.Ended() {
			w.t.Errorf("event %s is still %s", e.ID, e.State)
		}
	}
}

func TestARestartLosesNothing(t *testing.T) {
	on(t, aws.Options{}, func(t *testing.T, w way) {
		var all []string
		for i := range 10 {
			all = append(all, w.hire(fmt.Sprintf("Person%d", i)))
			w.Restart(t)
		}
		time.Sleep(time.Hour)
		for _, opportunity := range all {
			w.expectOnce(opportunity)
		}
		w.expectEnded()
	})
}

// A hostile AWS reorders, delivers twice, lags, conflicts, throttles, fails and
// loses answers; the end is the same.
func TestAHostileAWSChangesNothing(t *testing.T) {
	for seed := uint64(0); seed < 20; seed += uint64(rig.Stride()) {
		t.Run(fmt.Sprintf("seed %d", seed+1), func(t *testing.T) {
			mood := aws.NewMood(seed + 1)
			mood.Calm(true)
			on(t, aws.Options{Mood: mood}, func(t *testing.T, w way) {
				mood.Calm(false)
				var all []string
				for i := range 5 {
					all = append(all, w.hire(fmt.Sprintf("Person%d", i)))
				}
				time.Sleep(6 * time.Hour)
				mood.Calm(true)
				for _, opportunity := range all {
					w.expectOnce(opportunity)
				}
				w.expectEnded()
			})
		})
	}
}

func TestTheLedgerSaysWhatBecameOfEachEvent(t *testing.T) {
	on(t, aws.Options{}, func(t *testing.T, w way) {
		added, err := w.Twin.AddCandidate(w.c.Account, desk.Candidate{Name: "Not Hired"})
		if err != nil {
			t.Fatal(err)
		}
		opportunity := w.hire("Ada")
		time.Sleep(time.Minute)
		w.post(w.delivery(1, `{"opportunityId":"`+opportunity+`"}`))
		w.post(w.delivery(2, `{"opportunityId":"`+added.OpportunityID+`"}`))
		w.post(w.delivery(3, `{"opportunityId":"00000000-0000-4000-8000-000000000000"}`))
		w.post(w.delivery(4, `{"x":1}`))
		time.Sleep(time.Hour)
		got := map[string]int{}
		for _, e := range w.Events(t, w.c.ID) {
			got[strings.TrimSuffix(string(e.State)+" "+string(e.Reason), " ")]++
		}
		want := map[string]int{
			string(store.Delivered): 1, string(store.Unchanged): 1, "ignored not_hired": 1,
			"parked not_found_in_lever": 1, "ignored no_opportunity_named": 1,
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}
