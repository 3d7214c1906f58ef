package twin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"fulcrum/local/twin"
	"fulcrum/local/twin/desk"
)

func TestWhoMayCall(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		req := &http.Request{Header: http.Header{}}
		req.SetBasicAuth(r.home.APIKey, "password")
		withPassword := req.Header.Get("Authorization")
		tests := map[string]struct {
			auth, path string
			status     int
			code       string
		}{
			"a key with an empty password":    {basic(r.home.APIKey), "/users", 200, ""},
			"nobody":                          {"", "/users", 401, "UnauthorizedError"},
			"an unknown key":                  {basic("nope"), "/users", 401, "UnauthorizedError"},
			"a key with a password":           {withPassword, "/users", 401, "UnauthorizedError"},
			"a key as bearer":                 {"Bearer " + r.home.APIKey, "/users", 401, "UnauthorizedError"},
			"a token of another server":       {"Bearer eyJhbGciOiJIUzUxMiJ9.e30.c2ln", "/users", 403, "ForbiddenError"},
			"a path that is not there":        {basic(r.home.APIKey), "/openapi.json", 404, "ResourceNotFound"},
			"a path nobody may ask":           {"", "/openapi.json", 401, "UnauthorizedError"},
			"the bare prefix":                 {basic(r.home.APIKey), "/", 404, "ResourceNotFound"},
			"an endpoint that only Lever has": {basic(r.home.APIKey), "/audit_events", 501, "NotInTwin"},
			"another method":                  {basic(r.home.APIKey), "/users/x/deactivate", 404, "ResourceNotFound"},
		}
		for name, tt := range tests {
			got := r.json("GET", "http://lever.test/v1"+tt.path, tt.auth, nil)
			if got.status != tt.status || tt.code != "" && got.at("code") != tt.code {
				t.Errorf("%s: %d %s", name, got.status, got.raw)
			}
			if got.header.Get("X-Lever-Region") != "global" {
				t.Errorf("%s: no region", name)
			}
		}
		r.api("GET", "/openapi.json", nil).want(obj{"message": "/v1/openapi.json does not exist"})
		r.json("GET", "http://lever.test/v1/", "", nil).want(
			obj{"code": "UnauthorizedError", "message": "The request requires authentication."},
		)
	})
}

func TestAKeyMayCallWhatWasTicked(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		made := r.ctl("POST", "/keys", obj{"name": "narrow", "rights": []string{"GET /opportunities", "GET /stages*"}}).must(201)
		r.auth = basic(made.text("apiKey"))
		c := r.candidate(desk.Candidate{Name: "Piet Moll"})
		for path, status := range map[string]int{
			"/opportunities": 200, "/stages": 200, "/stages/offer": 200, "/users": 403,
			"/opportunities/" + c.OpportunityID: 403, "/candidates": 200,
		} {
			if got := r.api("GET", path, nil); got.status != status {
				t.Errorf("%s: %d, want %d", path, got.status, status)
			}
		}
		r.ctl("DELETE", "/keys/"+made.text("id"), nil).must(204)
		r.api("GET", "/opportunities", nil).must(401)
		r.ctl("DELETE", "/keys/"+made.text("id"), nil).must(404)
	})
}

func TestConfidentialObjectsAreAbsentOrRefused(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		posting := r.home.Postings[0].ID
		r.ctl("PUT", "/postings/"+posting, obj{"confidentiality": "confidential"}).must(200)
		hidden := r.candidate(desk.Candidate{Name: "Hidden", Posting: posting})
		shown := r.candidate(desk.Candidate{Name: "Shown"})
		r.ctl("POST", "/requisitions", obj{"requisitionCode": "R-1", "name": "Secret", "confidentiality": "confidential"}).must(201)
		plain := basic(r.ctl("POST", "/keys", obj{"name": "plain"}).text("apiKey"))
		tests := map[string]struct {
			auth, path string
			status     int
			ids        []string
		}{
			"a list shows none by itself": {r.auth, "/opportunities", 200, []string{shown.OpportunityID}},
			"with the right, all shows both": {
				r.auth, "/opportunities?confidentiality=all", 200, []string{shown.OpportunityID, hidden.OpportunityID},
			},
			"with the right, only they can be asked": {
				r.auth, "/opportunities?confidentiality=confidential", 200, []string{hidden.OpportunityID},
			},
			"without the right, all shows the rest": {
				plain, "/opportunities?confidentiality=all", 200, []string{shown.OpportunityID},
			},
			"without the right, one is refused":   {plain, "/opportunities/" + hidden.OpportunityID, 403, nil},
			"without the right, below it as well": {plain, "/opportunities/" + hidden.OpportunityID + "/offers", 403, nil},
			"without the right, its contact too":  {plain, "/contacts/" + hidden.ContactID, 403, nil},
			"with the right, one can be read":     {r.auth, "/opportunities/" + hidden.OpportunityID, 200, nil},
			"a posting is refused":                {plain, "/postings/" + posting, 403, nil},
			"requisitions are absent":             {plain, "/requisitions?confidentiality=all", 200, []string{}},
			"a word that means nothing":           {r.auth, "/opportunities?confidentiality=none", 400, nil},
		}
		for name, tt := range tests {
			got := r.json("GET", "http://lever.test/v1"+tt.path, tt.auth, nil)
			if got.status != tt.status {
				t.Errorf("%s: %d %s", name, got.status, got.raw)
				continue
			}
			if tt.ids != nil && !sameSet(got.ids(), tt.ids) {
				t.Errorf("%s: %v, want %v", name, got.ids(), tt.ids)
			}
		}
		r.api("POST", "/postings/"+posting+"?perform_as="+r.boss(), obj{"text": "x"}).must(403)
		r.api("POST", "/postings?perform_as="+r.boss(), obj{"text": "x", "confidentiality": "confidential"}).must(403)
	})
}

func sameSet(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	seen := map[string]int{}
	for i := range a {
		seen[a[i]]++
		seen[b[i]]--
	}
	for _, n := range seen {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestPerformAsIsCheckedWhereverItStands(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c := r.candidate(desk.Candidate{Name: "Piet Moll"})
		o := "/opportunities/" + c.OpportunityID
		required := map[string]string{
			"creating an opportunity": "POST /opportunities", "uploading a file": "POST " + o + "/files",
			"deleting a file":       "DELETE " + o + "/files/x",
			"creating an interview": "POST " + o + "/interviews", "updating an interview": "PUT " + o + "/interviews/x",
			"deleting an interview": "DELETE " + o + "/interviews/x",
			"creating a panel":      "POST " + o + "/panels", "updating a panel": "PUT " + o + "/panels/x",
			"deleting a panel":  "DELETE " + o + "/panels/x",
			"creating feedback": "POST " + o + "/feedback", "updating feedback": "PUT " + o + "/feedback/x",
			"deleting feedback":  "DELETE " + o + "/feedback/x",
			"creating a posting": "POST /postings", "updating a posting": "POST /postings/x",
		}
		for name, call := range required {
			method, path, _ := strings.Cut(call, " ")
			if got := r.api(method, path, obj{}); got.status != 400 || !strings.Contains(got.text("message"), "perform_as") {
				t.Errorf("%s without perform_as: %d %s", name, got.status, got.raw)
			}
		}
		r.api("PUT", o+"/stage?perform_as=nobody", obj{"stage": "offer"}).must(400)
		r.api("POST", o+"/notes?perform_as=nobody", obj{"value": "x"}).must(400)
		r.api("PUT", o+"/stage", obj{"stage": "offer"}).must(200)
		r.api("PUT", o+"/stage?perform_as="+r.boss(), obj{"stage": "lead-new"}).must(200)
		got := r.api("GET", o, nil)
		got.want(obj{"data.stageChanges.2.userId": r.boss(), "data.stageChanges.0.userId": r.boss()})
		if got.has("data.stageChanges.1", "userId") {
			t.Error("a change by nobody names a user")
		}
	})
}

func TestTheBucketIsTwentyAtOnceAndTenASecond(t *testing.T) {
	inBubble(t, twin.Options{Rate: 10, Burst: 20}, func(t *testing.T, r *rig) {
		other := basic(r.ctl("POST", "/keys", obj{"name": "other"}).text("apiKey"))
		passed := func(n int) (ok int) {
			for range n {
				switch got := r.api("GET", "/stages", nil); got.status {
				case 200:
					ok++
				case 429:
					if got.at("code") == nil || got.at("message") == nil || got.header.Get("Retry-After") != "" {
						t.Fatalf("429 as %s with %v", got.raw, got.header)
					}
				default:
					t.Fatalf("%d %s", got.status, got.raw)
				}
			}
			return ok
		}
		if got := passed(30); got != 20 {
			t.Errorf("%d calls at once, want 20", got)
		}
		r.json("GET", "http://lever.test/v1/stages", other, nil).must(200)
		time.Sleep(100 * time.Millisecond)
		if got := passed(3); got != 1 {
			t.Errorf("%d calls after a tenth of a second, want 1", got)
		}
		time.Sleep(time.Hour)
		if got := passed(30); got != 20 {
			t.Errorf("%d calls after an hour, want 20", got)
		}
		ok := 0
		for range 40 {
			time.Sleep(50 * time.Millisecond)
			ok += passed(1)
		}
		if ok != 20 {
			t.Errorf("%d calls in two seconds of 20 a second, want 20", ok)
		}
	})
}

func TestACallForAnotherAccountsObjectIsRecorded(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		mine := r.candidate(desk.Candidate{Name: "Mine"})
		other := r.account("Other")
		theirs, err := r.twin.AddCandidate(other.Account, desk.Candidate{Name: "Theirs"})
		if err != nil {
			t.Fatal(err)
		}
		webhook, err := r.twin.AddWebhook(other.Account, desk.NewWebhook{Event: "candidateHired", URL: "https://x.example"})
		if err != nil {
			t.Fatal(err)
		}
		r.api("GET", "/opportunities/"+mine.OpportunityID, nil).must(200)
		r.api("GET", "/opportunities/00000000-0000-4000-8000-000000000000", nil).must(404)
		r.api("GET", "/stages/lead-new", nil).must(200)
		if got := r.twin.Violations(); len(got) != 0 {
			t.Fatalf("violations of nothing: %v", got)
		}
		calls := []struct {
			method, path string
			body         any
			object       string
			status       int
		}{
			{"GET", "/opportunities/" + theirs.OpportunityID, nil, theirs.OpportunityID, 404},
			{"GET", "/contacts/" + theirs.ContactID, nil, theirs.ContactID, 404},
			{"GET", "/opportunities?contact_id=" + theirs.ContactID, nil, theirs.ContactID, 200},
			{"PUT", "/opportunities/" + mine.OpportunityID + "/stage", obj{"stage": other.Stages[4].ID}, other.Stages[4].ID, 404},
			{
				"POST", "/opportunities/" + mine.OpportunityID + "/notes?perform_as=" + other.Users[0].ID,
				obj{"value": "x"}, other.Users[0].ID, 400,
			},
			{"DELETE", "/webhooks/" + webhook.ID, nil, webhook.ID, 404},
		}
		for i, c := range calls {
			r.api(c.method, c.path, c.body).must(c.status)
			got := r.root("GET", "/violations", nil).must(200)
			got.want(obj{"#": i + 1})
			last := r.twin.Violations()[i]
			if last.Object != c.object || last.Owner != other.Account || last.Account != r.home.Account || last.Method != c.method {
				t.Errorf("%s %s: %+v", c.method, c.path, last)
			}
		}
	})
}
