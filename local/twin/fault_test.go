package twin_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/twin"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
)

func TestAFaultHitsAsManyCallsAsItSays(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c, o := r.hiree()
		r.root("POST", "/faults", obj{"match": "GET /v1/opportunities/*", "status": 503, "times": 2}).must(201)
		r.api("GET", "/opportunities", nil).must(200)
		r.api("GET", o, nil).must(503).want(obj{"code": "ServiceUnavailableError"})
		r.root("GET", "/faults", nil).want(obj{"#": 1, "0.times": 1})
		r.api("PUT", o+"/stage", obj{"stage": "offer"}).must(200)
		r.api("GET", o+"/offers", nil).must(503)
		r.api("GET", o, nil).must(200)
		r.root("GET", "/faults", nil).want(obj{"#": 0})
		log := r.ctl("GET", "/requests", nil)
		log.want(obj{"1.fault": true, "1.status": 503, "1.code": "ServiceUnavailableError", "4.fault": nil, "4.path": "/v1" + o})

		r.root("POST", "/faults", obj{"match": "* *", "status": 500, "times": -1}).must(201)
		for range 3 {
			r.api("GET", o, nil).must(500)
		}
		r.root("DELETE", "/faults", nil).must(204)
		r.api("GET", o, nil).must(200)
		if c.OpportunityID == "" {
			t.Error("no candidate")
		}
	})
}

func TestALostAnswerIsOfACallThatWasApplied(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		_, o := r.hiree()
		r.root("POST", "/faults", obj{"match": "POST /v1/opportunities/*/notes", "dropAnswer": true}).must(201)
		if got := r.api("POST", o+"/notes", obj{"value": "once"}); got.status != -1 {
			t.Fatalf("answered %d", got.status)
		}
		r.api("GET", o+"/notes", nil).want(obj{"data.#": 1})
		r.api("POST", o+"/notes", obj{"value": "twice"}).must(201)
		r.ctl("GET", "/requests", nil).want(obj{"0.status": 201, "0.fault": true, "0.method": "POST"})
	})
}

func TestASlowCallIsAppliedThoughNobodyWaits(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		_, o := r.hiree()
		r.root("POST", "/faults", obj{"match": "POST /v1/opportunities/*/notes", "delayMs": 30000}).must(201)
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		req, err := http.NewRequestWithContext(
			ctx, "POST", "http://lever.test/v1"+o+"/notes", strings.NewReader(`{"value":"slow"}`),
		)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", r.auth)
		if _, err := r.client.Do(req); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("err %v", err)
		}
		r.api("GET", o+"/notes", nil).want(obj{"data.#": 0})
		time.Sleep(time.Minute)
		synctest.Wait()
		r.api("GET", o+"/notes", nil).want(obj{"data.#": 1})
	})
}

func TestClosingEndsADelay(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		if err := r.twin.Inject(api.Fault{Match: "GET /v1/stages", DelayMS: 1000 * 3600, Times: 1}); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		go func() {
			time.Sleep(time.Second)
			r.twin.Close()
		}()
		r.api("GET", "/stages", nil)
		if took := time.Since(begin); took != time.Second {
			t.Errorf("took %s", took)
		}
	})
}

func TestAFaultOfOneAccountAndOfOtherDoors(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		other := r.account("Other")
		r.root("POST", "/faults", obj{"match": "GET *", "account": other.Account, "status": 500, "times": -1}).must(201)
		r.api("GET", "/stages", nil).must(200)
		r.json("GET", "http://lever.test/v1/stages", basic(other.APIKey), nil).must(500)
		r.twin.Heal()
		r.root("POST", "/faults", obj{"match": "POST /oauth/token", "status": 503}).must(201)
		r.json("POST", "http://lever.test/oauth/token", "", obj{}).must(503)
		r.root("POST", "/faults", obj{"match": "POST /oauth/token", "dropAnswer": true}).must(201)
		r.json("POST", "http://lever.test/oauth/token", "", obj{}).must(-1)
		r.json("POST", "http://lever.test/oauth/token", "", obj{}).must(400)
		for name, bad := range map[string]obj{
			"no match": {"status": 500}, "no path": {"match": "GET", "status": 500}, "a path without slash": {
				"match": "GET v1", "status": 500,
			}, "no effect": {"match": "GET /v1/*"},
			"a status that is none": {"match": "GET /v1/*", "status": 99},
			"a delay back in time":  {"match": "GET /v1/*", "delayMs": -1},
			"no call":               {"match": "GET /v1/*", "status": 500, "times": 0},
			"a member too many":     {"match": "GET /v1/*", "status": 500, "colour": "red"},
		} {
			if got := r.root("POST", "/faults", bad); got.status != 400 {
				t.Errorf("%s: %d %s", name, got.status, got.raw)
			}
		}
	})
}

func TestTheRecordOfRequestsSaysWhatWasAsked(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c := r.candidate(desk.Candidate{Name: "x"})
		o := "/opportunities/" + c.OpportunityID
		r.api("GET", "/opportunities?tag=a", nil).must(200)
		r.api("POST", o+"/notes?perform_as="+r.boss(), obj{"value": "x"}).must(201)
		r.api("GET", "/opportunities/nobody", nil).must(404)
		r.json("GET", "http://lever.test/v1/stages", "", nil).must(401)
		key := r.twin.Keys(r.home.Account)[0].ID
		r.ctl("GET", "/requests", nil).want(obj{
			"#": 3, "0.method": "GET", "0.path": "/v1/opportunities", "0.query": "tag=a", "0.status": 200,
			"0.credential": key, "0.body": nil, "0.at": time.Now().UnixMilli(),
			"1.body": `{"value":"x"}`, "1.performAs": r.boss(), "2.code": "ResourceNotFound", "2.status": 404,
		})
		r.root("GET", "/requests", nil).want(obj{"#": 1, "0.status": 401})
		if got := r.twin.Calls(r.home.Account); got != 3 {
			t.Errorf("%d calls, want 3", got)
		}
		if r.twin.Calls("nobody") != 0 {
			t.Error("calls of no account")
		}
	})
}
