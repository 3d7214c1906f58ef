package twin_test

import (
	"strings"
	"testing"

	"fulcrum/local/twin"
	"fulcrum/local/twin/desk"
)

func TestANewAccountIsFurnished(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		made := r.root("POST", "/accounts", obj{"name": "Kiln & Co"}).must(201)
		made.want(obj{
			"name": "Kiln & Co", "users.#": 3, "users.0.accessRole": "super admin", "users.1.accessRole": "admin",
			"users.2.accessRole":      "interviewer",
			"stages.#":                8,
			"archiveReasons.#":        7,
			"postings.#":              3,
			"opportunities":           0,
			"webhooks":                []any{},
			"switches.candidateHired": false,
		})
		for _, i := range []string{"0", "1"} {
			if made.at("postings."+i+".owner") == nil || made.at("postings."+i+".hiringManager") == nil {
				t.Errorf("posting %s has no owner or hiring manager", i)
			}
		}
		for _, member := range []string{"location", "team"} {
			if made.text("postings.0."+member) == made.text("postings.1."+member) {
				t.Errorf("all postings are of one %s", member)
			}
		}
		r.json("GET", "http://lever.test/v1/stages", basic(made.text("apiKey")), nil).must(200)
		r.root("POST", "/accounts", nil).must(201).want(obj{"name": "Company"})
		r.root("GET", "/accounts", nil).must(200).want(obj{"#": 3, "1.name": "Kiln & Co"})
		r.root("GET", "/"+made.text("account"), nil).must(200).want(obj{"name": "Kiln & Co", "apiKey": made.text("apiKey")})

		fixed := obj{"account": "11111111-1111-4111-8111-111111111111", "apiKey": "known-key", "name": "Fixed"}
		r.root("POST", "/accounts", fixed).must(201).want(obj{"account": fixed["account"], "apiKey": "known-key"})
		r.root("POST", "/accounts", obj{"account": fixed["account"]}).must(400)
		r.root("POST", "/accounts", obj{"apiKey": "known-key"}).must(400)
		r.root("GET", "/accounts", nil).must(200).want(obj{"#": 4})
	})
}

func TestControlCallsThatAreRefused(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c := r.candidate(desk.Candidate{Name: "x"})
		o := "/opportunities/" + c.OpportunityID
		tests := map[string]struct {
			method, path string
			body         any
			status       int
		}{
			"a candidate without a name":        {"POST", "/candidates", obj{"email": "x@example.com"}, 400},
			"a candidate in no stage":           {"POST", "/candidates", obj{"name": "x", "stage": "Nowhere"}, 404},
			"a candidate on no posting":         {"POST", "/candidates", obj{"name": "x", "posting": "Nothing"}, 404},
			"a candidate of nobody":             {"POST", "/candidates", obj{"name": "x", "owner": "nobody"}, 404},
			"a candidate of another origin":     {"POST", "/candidates", obj{"name": "x", "origin": "mars"}, 400},
			"a member that is not known":        {"POST", "/candidates", obj{"name": "x", "surname": "y"}, 400},
			"a member of another type":          {"POST", "/candidates", obj{"name": 7}, 400},
			"a body that is no JSON":            {"POST", "/candidates", "{", 400},
			"two bodies":                        {"POST", "/candidates", `{"name":"x"}{"name":"y"}`, 400},
			"a stage that is not there":         {"POST", o + "/stage", obj{"stage": "Nowhere"}, 404},
			"an act that is not there":          {"POST", o + "/promote", nil, 404},
			"a candidate that is not there":     {"POST", "/opportunities/nobody/hire", nil, 404},
			"an interview that is not there":    {"PUT", o + "/interviews/nothing", obj{}, 404},
			"a cancelled nothing":               {"DELETE", o + "/interviews/nothing", nil, 404},
			"feedback that is not there":        {"PUT", o + "/feedback/nothing", obj{}, 404},
			"a user that is not there":          {"PUT", "/users/nobody", obj{}, 404},
			"a posting that is not there":       {"PUT", "/postings/nothing", obj{}, 404},
			"a posting of nobody":               {"POST", "/postings", obj{"text": "x", "owner": "nobody"}, 404},
			"a posting half secret":             {"POST", "/postings", obj{"text": "x", "confidentiality": "half"}, 400},
			"a posting without text":            {"POST", "/postings", obj{}, 400},
			"a deleted nothing":                 {"DELETE", "/postings/nothing", nil, 404},
			"a seed below nothing":              {"POST", "/seed", obj{"count": -1}, 400},
			"a webhook of no event":             {"POST", "/webhooks", obj{"event": "x", "url": "https://x.example"}, 400},
			"a token of no webhook":             {"POST", "/webhooks/nothing/regenerate", nil, 404},
			"a rerun of no webhook":             {"POST", "/webhooks/nothing/rerun", nil, 404},
			"a setting that means nothing":      {"POST", "/settings", obj{"refresh": "never"}, 400},
			"an act of another method":          {"GET", o + "/hire", nil, 404},
			"a stage that is not there at all":  {"PUT", "/stages/nothing", obj{"text": "x"}, 404},
			"a removed stage that is not there": {"DELETE", "/stages/nothing", nil, 404},
		}
		for name, tt := range tests {
			got := r.ctl(tt.method, tt.path, tt.body)
			if got.status != tt.status || got.at("code") == nil || got.at("message") == nil {
				t.Errorf("%s: %d, want %d: %s", name, got.status, tt.status, got.raw)
			}
		}
		for _, path := range []string{"", "/requests", "/deliveries", "/webhooks"} {
			r.root("GET", "/nobody"+path, nil).must(404).want(obj{"code": "ResourceNotFound"})
		}
		for _, path := range []string{
			"/candidates", "/revoke", "/expire-tokens", "/settings", "/switches", "/seed", "/keys",
			"/webhooks/x/verify",
		} {
			if got := r.root("POST", "/nobody"+path, obj{}); got.status != 404 {
				t.Errorf("POST %s of no account: %d", path, got.status)
			}
		}
		r.ctl("GET", "", nil).want(obj{"opportunities": 1})
	})
}

func TestACandidateWithAKnownID(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		const id = "22222222-2222-4222-8222-222222222222"
		r.ctl("POST", "/candidates", obj{"id": id, "name": "Ida Ito"}).must(201).want(obj{"opportunityId": id})
		r.api("GET", "/opportunities/"+id, nil).must(200).want(obj{"data.id": id, "data.name": "Ida Ito"})
		for what, taken := range map[string]string{"another": id, "a user": r.boss(), "a posting": r.home.Postings[0].ID} {
			if got := r.ctl("POST", "/candidates", obj{"id": taken, "name": "Another"}); got.status != 400 {
				t.Errorf("the id of %s: %d", what, got.status)
			}
		}
		r.ctl("POST", "/opportunities/"+id+"/delete", nil).must(200)
		r.ctl("POST", "/candidates", obj{"id": id, "name": "Back"}).must(400)
		long := strings.Repeat("x", 40_000)
		r.ctl("POST", "/candidates", obj{"id": long, "name": "Long"}).must(201).want(obj{"opportunityId": long})
	})
}

func TestWhatAPersonSeesOfACandidate(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c := r.ctl(
			"POST", "/candidates",
			obj{
				"name": "Ida Ito", "email": "ida@example.com", "phone": "555", "origin": "referred",
				"posting": "Account Manager", "stage": "offer", "createdAt": 1000,
			},
		).must(201)
		for _, member := range []string{"opportunityId", "contactId", "applicationId"} {
			if c.text(member) == "" {
				t.Errorf("no %s", member)
			}
		}
		r.ctl("GET", "/opportunities/"+c.text("opportunityId"), nil).must(200).want(
			obj{"name": "Ida Ito", "origin": "referred", "stage": "offer", "createdAt": 1000},
		)
		app := r.api("GET", "/opportunities/"+c.text("opportunityId")+"/applications", nil).must(200)
		app.want(obj{"data.0.type": "referral", "data.0.name": "Ida Ito", "data.0.email": "ida@example.com"})
		applied := r.ctl("POST", "/candidates", obj{"name": "Ada", "origin": "applied"}).must(201)
		if applied.has("", "applicationId") {
			t.Error("an application without a posting")
		}
		r.ctl("GET", "/opportunities/"+applied.text("opportunityId"), nil).want(
			obj{"stage": "applicant-new", "owner": nil, "sourcedBy": nil},
		)
		for _, act := range []string{"hire", "unarchive", "anonymize"} {
			r.ctl("POST", "/opportunities/"+c.text("opportunityId")+"/"+act, nil).must(200).want(
				obj{
					"opportunityId": c.text("opportunityId"), "contactId": c.text("contactId"),
					"applicationId": c.text("applicationId"),
				},
			)
		}
		r.ctl("POST", "/opportunities/"+c.text("opportunityId")+"/unarchive", nil).must(200)
	})
}
