package history_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/sandbox"
	twinapi "fulcrum/local/twin/api"
	"fulcrum/shared/fault"
	"fulcrum/shared/history"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

func TestReplayAnyNumberOfTimesChangesNothing(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		opportunity := p.hire("Ada")
		time.Sleep(time.Minute)
		first := p.events("")[0].ID
		event := first
		for range 5 {
			var replay history.Event
			got := p.call("POST", "/events/"+event+"/replay", "").into(202, &replay)
			if replay.ReplayOf != first || replay.Origin != store.FromReplay || got.header.Get("Location") != "/v1/connections/"+p.c.ID+"/events/"+replay.ID {
				t.Errorf("%s, at %s", got.body, got.header.Get("Location"))
			}
			p.with("Bearer "+p.c.PartnerAPIKey, nil, "GET", got.header.Get("Location"), "").into(200, nil)
			event = replay.ID // a replay is replayed
			time.Sleep(time.Minute)
		}
		if n := p.arrived(opportunity); n != 1 {
			t.Errorf("%d documents", n)
		}
		replays := p.events("origin=replay")
		for _, e := range replays {
			if e.State != store.Unchanged || !strings.HasPrefix(e.ID, replays[0].ReplayOf) || len(e.ID) > 64 {
				t.Errorf("replay %+v", e)
			}
		}
		if len(replays) != 5 {
			t.Errorf("%d replays", len(replays))
		}
	})
}

func TestTheSameIdempotencyKeyIsTheSameReplay(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		p.hire("Ada")
		time.Sleep(time.Minute)
		path := "/v1/connections/" + p.c.ID + "/events/" + p.events("")[0].ID + "/replay"
		replay := func(key string) string {
			var e history.Event
			p.with("Bearer "+p.c.PartnerAPIKey, map[string]string{"Idempotency-Key": key}, "POST", path, "").into(202, &e)
			time.Sleep(time.Minute)
			return e.ID
		}
		first := replay("k1")
		if again := replay("k1"); again != first {
			t.Errorf("%s, then %s", first, again)
		}
		if other := replay("k2"); other == first {
			t.Error("another key is the same replay")
		}
		if n := len(p.events("origin=replay")); n != 2 {
			t.Errorf("%d replays", n)
		}
		long := p.with("Bearer "+p.c.PartnerAPIKey, map[string]string{"Idempotency-Key": strings.Repeat("k", 256)}, "POST", path, "")
		if long.status != 422 {
			t.Errorf("a key that is too long: %d", long.status)
		}
	})
}

// A replay whose message the queue does not take is noted, and the clock sends it.
func TestAReplayIsNotLostWithTheQueue(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		p.hire("Ada")
		time.Sleep(time.Minute)
		p.AWS.Inject(aws.Fault{Service: "sqs", Caller: "HubApi", Status: 503, Times: 10})
		p.call("POST", "/events/"+p.events("")[0].ID+"/replay", "").into(500, nil)
		time.Sleep(30 * time.Minute)
		if replays := p.events("origin=replay"); len(replays) != 1 || replays[0].State != store.Unchanged {
			t.Errorf("%+v", replays)
		}
	})
}

func TestReplayOfAParkedEventIsItsRetry(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		p.forbid(1)
		opportunity := p.hire("Ada")
		time.Sleep(time.Minute)
		e := p.events("")[0]
		if e.State != store.Parked || e.Reason != "lever_forbids" {
			t.Fatalf("%+v", e)
		}
		var again history.Event
		p.call("POST", "/events/"+e.ID+"/replay", "").into(202, &again)
		if again.ID != e.ID || again.State == store.Parked || again.RetriedAt == "" {
			t.Errorf("%+v", again)
		}
		time.Sleep(time.Minute)
		if e := p.events("")[0]; e.State != store.Delivered || p.arrived(opportunity) != 1 {
			t.Errorf("%+v, %d documents", e, p.arrived(opportunity))
		}
	})
}

// What waits for its next try is tried at once.
func TestReplayOfAnEventThatWaitsTriesItNow(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		if err := p.Twin.Inject(twinapi.Fault{Match: "GET /v1/opportunities/*", Status: 404, Times: 5}); err != nil {
			t.Fatal(err)
		}
		opportunity := p.hire("Ada")
		time.Sleep(10 * time.Second)
		e := p.events("")[0]
		for i := 0; p.arrived(opportunity) == 0; i++ {
			if i == 6 {
				t.Fatalf("%+v", p.events("")[0])
			}
			p.call("POST", "/events/"+e.ID+"/replay", "")
			time.Sleep(time.Second)
		}
	})
}

// outage has n hires whose documents the partner's endpoint does not take until
// they are parked.
func (p partner) outage(n int) (opportunities []string) {
	p.t.Helper()
	p.Sandbox.Inject(sandbox.Fault{Status: 410, Times: n})
	for i := range n {
		opportunities = append(opportunities, p.hire(fmt.Sprintf("Person%d", i)))
	}
	time.Sleep(time.Minute)
	return opportunities
}

func TestRedriveAfterAnOutageOfThePartner(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		opportunities := p.outage(4)
		var parked list[history.Parked]
		p.call("GET", "/parked", "").into(200, &parked)
		if len(parked.Items) != 1 || parked.Items[0].Reason != "endpoint_gone" || parked.Items[0].Deliveries != 4 || parked.Items[0].Events != 0 {
			t.Fatalf("%+v", parked.Items)
		}
		p.heal()
		p.restore()
		var told struct {
			Deliveries int
			More       bool
		}
		p.call("POST", "/deliveries/redrive", `{"reason":"endpoint_gone"}`).into(202, &told)
		if told.Deliveries != 4 || told.More {
			t.Errorf("%+v", told)
		}
		time.Sleep(3 * time.Hour)
		for _, o := range opportunities {
			if n := p.arrived(o); n != 1 {
				t.Errorf("%d documents", n)
			}
		}
		p.call("GET", "/parked", "").into(200, &parked)
		if len(parked.Items) != 0 || len(p.events("state=delivered")) != 4 {
			t.Errorf("parked %+v", parked.Items)
		}
	})
}

// restore sets the partner's endpoint anew, which was taken for gone.
func (p partner) restore() {
	p.t.Helper()
	e, err := p.Table.Endpoint(context.Background(), p.c.Partner)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.Table.PutEndpoint(context.Background(), e); err != nil {
		p.t.Fatal(err)
	}
}

// heal lets the sandbox take what it is sent.
func (p partner) heal() {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodDelete, rig.Partner+"/_sandbox/faults", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	res, err := p.RoundTrip(req)
	if err != nil || res.StatusCode >= 300 {
		p.t.Fatal(err, res)
	}
}

func TestRedriveOne(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		p.Sandbox.Inject(sandbox.Fault{Status: 410, Times: 2})
		opportunities := []string{p.hire("Ada"), p.hire("Grace")}
		time.Sleep(time.Minute)
		p.heal()
		p.restore()
		var all list[history.Delivery]
		p.call("GET", "/deliveries?state=undelivered", "").into(200, &all)
		if len(all.Items) != 2 {
			t.Fatalf("%+v", all.Items)
		}
		time.Sleep(time.Second)
		p.call("POST", "/deliveries/redrive", `{"delivery":"`+all.Items[0].ID+`"}`).into(202, nil)
		time.Sleep(time.Minute)
		if p.arrived(opportunities[0])+p.arrived(opportunities[1]) != 1 {
			t.Error("not one arrived")
		}
		p.call("POST", "/deliveries/redrive", `{"delivery":"`+all.Items[0].ID+`"}`).into(409, nil)
		// The other by its event, which is parked because its delivery is.
		e := p.events("state=parked")[0]
		p.call("POST", "/events/"+e.ID+"/replay", "").into(202, nil)
		time.Sleep(time.Minute)
		if p.arrived(opportunities[0]) != 1 || p.arrived(opportunities[1]) != 1 {
			t.Error("not both arrived")
		}
		p.call("POST", "/deliveries/redrive", `{"event":"`+e.ID+`"}`).into(409, nil)
	})
}

// Many are redriven call by call; what is parked anew meanwhile is left for another
// redrive.
func TestRedriveOfManyGoesOnAndEnds(t *testing.T) {
	rig.Whole(t)
	on(t, func(t *testing.T, p partner) {
		for i := range 250 {
			p.note(fmt.Sprintf("evt_%03d", i), time.Now(), "lever_forbids")
		}
		p.note("evt_other", time.Now(), "lever_refuses")
		time.Sleep(time.Second)
		p.forbid(-1)
		body, total, calls := `{"reason":"lever_forbids"}`, 0, 0
		for more := true; more; calls++ {
			var told struct {
				Events int
				More   bool
				Before string
			}
			p.call("POST", "/deliveries/redrive", body).into(202, &told)
			total += told.Events
			more, body = told.More, `{"reason":"lever_forbids","before":"`+told.Before+`"}`
			time.Sleep(5 * time.Minute) // by then they are parked anew
		}
		if total != 250 || calls != 3 {
			t.Errorf("%d events in %d calls", total, calls)
		}
		var parked list[history.Parked]
		p.call("GET", "/parked", "").into(200, &parked)
		if len(parked.Items) != 2 || parked.Items[0].Events != 250 || parked.Items[1].Events != 1 || parked.Items[0].FirstAt <= parked.Items[1].LastAt {
			t.Errorf("%+v", parked.Items)
		}
	})
}

func TestARedriveNamesOneThing(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		for body, want := range map[string]int{
			``: 400, `{`: 400, `[]`: 400, `{}`: 422, `{"reason":""}`: 422, `{"reason":"a","event":"b"}`: 422, `{"reasons":"a"}`: 422, `{"reason":1}`: 422,
			`{"reason":"a#b"}`: 422, `{"event":"../x"}`: 422, `{"reason":"a","before":"x"}`: 422, `{"reason":"a"} {}`: 400,
			`{"event":"evt_none"}`: 404, `{"delivery":"dlv_none"}`: 404, `{"reason":"nothing_has_it"}`: 202,
			`{"reason":"` + strings.Repeat("x", 1<<20) + `"}`: 413,
		} {
			if got := p.call("POST", "/deliveries/redrive", body); got.status != want {
				t.Errorf("%.60s: %d %s", body, got.status, got.body)
			}
		}
	})
}

func TestAnAttentionItemIsLookedAtAgain(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		opportunity := p.hire("Ada")
		time.Sleep(time.Minute)
		raise := func(reason string, event lever.Event) string {
			a := store.Attention{
				Connection: p.c.ID, Partner: p.c.Partner, Reason: fault.Reason(reason), About: "joiner#" + opportunity,
				Step: "Do it.", Event: event, IDs: lever.IDs{Opportunity: opportunity},
			}
			if err := p.Table.Raise(context.Background(), a); err != nil {
				t.Fatal(err)
			}
			return store.AttentionID(p.c.ID, a.Reason, a.About)
		}
		retriable, plain := raise("location_unknown", lever.CandidateHired), raise("events_stuck", "")
		var e history.Event
		p.call("POST", "/attention/"+retriable+"/retry", "").into(202, &e)
		if e.ReplayOf != retriable || e.IDs.Opportunity != opportunity {
			t.Errorf("%+v", e)
		}
		time.Sleep(time.Minute)
		if got := p.events("origin=replay"); len(got) != 1 || got[0].State != store.Unchanged {
			t.Errorf("%+v", got)
		}
		p.call("POST", "/attention/"+plain+"/retry", "").into(409, nil)
		p.call("POST", "/attention/att_none/retry", "").into(404, nil)
		if err := p.Table.Clear(context.Background(), store.Attention{Connection: p.c.ID, ID: retriable}); err != nil {
			t.Fatal(err)
		}
		p.call("POST", "/attention/"+retriable+"/retry", "").into(409, nil)
		// The third is Joinedly's own: she was hired for no job.
		for state, want := range map[string]int{"": 2, "?state=open": 2, "?state=cleared": 1, "?state=open,cleared": 3, "?state=open,cleared&limit=1": 1} {
			var items list[history.Attention]
			p.call("GET", "/attention"+state, "").into(200, &items)
			if len(items.Items) != want {
				t.Errorf("%s: %+v", state, items.Items)
			}
		}
	})
}
