package history_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/shared/fault"
	"fulcrum/shared/history"
	"fulcrum/shared/store"
)

func TestAnEventTellsItsStory(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		opportunity := p.hire("Ada Lovelace")
		time.Sleep(time.Minute)
		events := p.events("opportunity=" + opportunity)
		if len(events) != 1 || events[0].State != store.Delivered || events[0].Origin != store.FromLever || len(events[0].Deliveries) != 1 {
			t.Fatalf("%+v", events)
		}
		var story history.Story
		got := p.call("GET", "/events/"+events[0].ID, "").into(200, &story)
		var steps []string
		for _, s := range story.Timeline {
			steps = append(steps, s.Step)
		}
		if want := "triggered received recorded attempted ended"; strings.Join(steps, " ") != want {
			t.Errorf("steps %v", steps)
		}
		d := story.Deliveries[0]
		if d.Type != "joiner.hired" || d.State != store.Arrived || d.Object.Kind != "joiner" || d.Object.ID != opportunity || d.Attempts[0].Status != 204 {
			t.Errorf("delivery %+v", d)
		}
		var deliveries list[history.Delivery]
		p.call("GET", "/deliveries?event="+events[0].ID, "").into(200, &deliveries)
		if len(deliveries.Items) != 1 || deliveries.Items[0].ID != d.ID {
			t.Errorf("deliveries %+v", deliveries)
		}
		for _, personal := range []string{"Ada", "Lovelace", "ada"} {
			if strings.Contains(got.body, personal) {
				t.Errorf("the story has %q: %s", personal, got.body)
			}
		}
	})
}

func TestEventsAreListedByTheirFilters(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		start := time.Now().UTC()
		hour := func(n int) string { return start.Add(time.Duration(n) * time.Hour).Format(time.RFC3339) }
		for i := range 6 {
			var reason fault.Reason
			if i%2 == 1 {
				reason = "lever_forbids"
			}
			p.note(fmt.Sprintf("evt_%d", i), start.Add(time.Duration(i)*time.Hour), reason)
		}
		tests := map[string]struct{ query, want string }{
			"all, the newest first":            {"", "543210"},
			"part by part":                     {"limit=4", "543210"},
			"one by one":                       {"limit=1", "543210"},
			"of a state":                       {"state=parked", "531"},
			"of a state, one by one":           {"state=parked&limit=1", "531"},
			"of two states":                    {"state=parked,received", "543210"},
			"of a state that none has":         {"state=ignored", ""},
			"of a reason":                      {"reason=lever_forbids", "531"},
			"of another reason":                {"reason=lever", ""},
			"of an event":                      {"event=candidateHired", "543210"},
			"of an event that none is":         {"event=interviewCreated", ""},
			"of an origin":                     {"origin=lever", "543210"},
			"of another origin":                {"origin=replay", ""},
			"of an opportunity":                {"opportunity=00000000-0000-4000-8000-000000000000", "543210"},
			"of another opportunity":           {"opportunity=1", ""},
			"from a time on":                   {"since=" + hour(3), "543"},
			"before a time":                    {"until=" + hour(3), "210"},
			"between two times, one by one":    {"limit=1&since=" + hour(1) + "&until=" + hour(4), "321"},
			"of a time with an offset":         {"since=" + strings.Replace(hour(5), "Z", "%2B00:00", 1), "5"},
			"of a state and a time":            {"state=parked&since=" + hour(2), "53"},
			"of a time that is long past":      {"until=2026-01-01T00:00:00Z", ""},
			"of a time that is yet to come":    {"since=2030-01-01T00:00:00Z", ""},
			"of a state and a reason together": {"state=received&reason=lever_forbids", ""},
		}
		for name, tt := range tests {
			got := ""
			for _, e := range p.events(tt.query) {
				got += strings.TrimPrefix(e.ID, "evt_")
			}
			if got != tt.want {
				t.Errorf("%s (%s): %s, want %s", name, tt.query, got, tt.want)
			}
		}
	})
}

// A part of a list looks at a bounded number of events, and says where to go on.
func TestAFilterThatFewMatchGoesOn(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		p.note("evt_first", time.Now(), "lever_forbids")
		for i := range 1100 {
			p.note(fmt.Sprintf("evt_%04d", i), time.Now().Add(time.Duration(i+1)*time.Millisecond), "")
		}
		var part list[history.Event]
		p.call("GET", "/events?state=parked", "").into(200, &part)
		if len(part.Items) != 0 || part.NextCursor == "" {
			t.Fatalf("%d events, next %q", len(part.Items), part.NextCursor)
		}
		if all := p.events("state=parked"); len(all) != 1 || all[0].ID != "evt_first" {
			t.Errorf("%+v", all)
		}
	})
}

func TestTheBalanceAddsUp(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		p.hire("Ada")
		time.Sleep(time.Minute)
		p.note("evt_parked", time.Now(), "lever_forbids")
		p.note("evt_open", time.Now(), "")
		var got history.Completeness
		p.call("GET", "/completeness", "").into(200, &got)
		if got.Received != 3 || got.Ended != 2 || got.InFlight != 1 || got.States[store.Delivered] != 1 || got.States[store.Parked] != 1 || got.States[store.Received] != 1 {
			t.Errorf("%+v", got)
		}
	})
}

// Whatever a partner asks for, another partner's connection is not there.
func TestAForeignConnectionIsNotFound(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		p.hire("Ada")
		time.Sleep(time.Minute)
		event := p.events("")[0].ID
		s := p.stranger()
		for _, route := range []string{
			"GET /events", "GET /events/" + event, "POST /events/" + event + "/replay", "GET /deliveries", "POST /deliveries/redrive",
			"GET /parked", "GET /attention", "POST /attention/att_1/retry", "GET /completeness",
		} {
			method, path, _ := strings.Cut(route, " ")
			foreign := s.with("Bearer "+s.c.PartnerAPIKey, nil, method, "/v1/connections/"+p.c.ID+path, "")
			missing := s.with("Bearer "+s.c.PartnerAPIKey, nil, method, "/v1/connections/con_none"+path, "")
			if foreign.status != 404 || foreign.body != missing.body {
				t.Errorf("%s: %d %s, one that is not there %s", route, foreign.status, foreign.body, missing.body)
			}
		}
		if len(s.events("")) != 0 {
			t.Error("a new connection has events")
		}
		if got := s.call("GET", "/events/"+event, ""); got.status != 404 {
			t.Errorf("another's event below one's own connection: %d", got.status)
		}
	})
}

func TestHostileValuesAreRefused(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		for i := range 3 {
			p.note(fmt.Sprintf("evt_%d", i), time.Now(), "lever_forbids")
		}
		var part list[history.Event]
		p.call("GET", "/events?limit=1", "").into(200, &part)
		s := p.stranger()
		if got := s.call("GET", "/events?cursor="+part.NextCursor, ""); got.status != 422 {
			t.Errorf("a cursor of another connection: %d %s", got.status, got.body)
		}
		long := strings.Repeat("x", 3000)
		tests := map[string]int{
			"GET /events?cursor=x": 422, "GET /events?cursor=" + long: 422, "GET /events?cursor=W10": 422, "GET /events?cursor=WyIiLCIiLCIiXQ": 422,
			"GET /deliveries?cursor=" + part.NextCursor: 422, "GET /attention?cursor=" + part.NextCursor: 422, "GET /attention?cursor=" + long: 422,
			"GET /events?cursor=" + part.NextCursor + "&since=2027-01-01T00:00:00Z": 422,
			"GET /events?limit=0": 422, "GET /events?limit=101": 422, "GET /events?limit=-1": 422, "GET /events?limit=ten": 422, "GET /events?limit=1&limit=2": 422,
			"GET /events?limit=99999999999999999999": 422,
			"GET /events?state=Parked":               422, "GET /events?state=parked,": 422, "GET /deliveries?state=parked": 422, "GET /attention?state=shut": 422,
			"GET /events?since=yesterday": 422, "GET /events?since=0000-01-01T00:00:00Z": 422, "GET /events?since=1": 422, "GET /events?since=2026-01-02T00:00:00+01:00": 422,
			"GET /events?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z": 422,
			"GET /events?stat=parked": 422, "GET /parked?x=1": 422, "GET /completeness?x": 422, "GET /events?" + long[:70] + "=1": 422,
			"GET /events?opportunity=" + long: 200, "GET /events?reason=%00%0a": 422, "GET /deliveries?reason=A": 422,
			"GET /events/" + long: 404, "GET /events/evt%23x": 404, "GET /events/%2e%2e": 404, "GET /events/evt_none": 404,
			"POST /events/" + long + "/replay": 404, "POST /attention/" + long + "/retry": 404, "POST /attention/a%23b/retry": 404,
		}
		for ask, want := range tests {
			method, path, _ := strings.Cut(ask, " ")
			if got := p.call(method, path, ""); got.status != want {
				t.Errorf("%.80s: %d %s", ask, got.status, got.body)
			}
		}
		for _, c := range []string{long, "a%23EVENT", "%2e%2e", "%ff", "con_none"} {
			got := p.with("Bearer "+p.c.PartnerAPIKey, nil, "GET", "/v1/connections/"+c+"/events", "")
			if got.status != 404 {
				t.Errorf("connection %.20s: %d %s", c, got.status, got.body)
			}
		}
		if all := p.events(""); len(all) != 3 || !slices.IsSortedFunc(all, func(a, b history.Event) int { return strings.Compare(b.ID, a.ID) }) {
			t.Errorf("%+v", all)
		}
	})
}
