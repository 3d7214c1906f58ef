package twin_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/twin"
)

func TestAPostingHasLeversMembers(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		id := r.home.Postings[0].ID
		got := r.api("GET", "/postings/"+id, nil).must(200)
		want := []string{
			"categories", "confidentiality", "content", "country", "createdAt", "distributionChannels", "followers",
			"hiringManager", "id", "owner",
			"reqCode", "requisitionCodes", "screening", "state", "tags", "text", "transcribeInterviews", "updatedAt",
			"urls", "user", "workplaceType",
		}
		if members := got.members("data"); !slices.Equal(members, want) {
			t.Errorf("members %v", members)
		}
		got.want(obj{
			"data.categories": obj{
				"commitment": "Full-time", "department": "Product", "level": nil, "location": "Lisbon",
				"team": "Engineering", "allLocations": []string{"Lisbon"},
			},
			"data.urls.show": "https://jobs.lever.co/acme/" + id,
			"data.state":     "published", "data.tags": []string{}, "data.reqCode": nil, "data.screening": obj{"enabled": false},
		})
		r.ctl("PUT", "/postings/"+id, obj{"state": "closed"}).must(200)
		r.api("GET", "/postings/"+id, nil).want(obj{"data.urls": nil, "data.state": "closed"})
		r.api("GET", "/postings/"+id+"/users", nil).must(200).want(
			obj{"posting.id": id, "users": []any{}, "roles.#": 4, "data": nil},
		)
		r.api("GET", "/postings/nothing", nil).must(404)
	})
}

func TestPostingsAreWrittenPartByPart(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		as := "?perform_as=" + r.home.Users[1].ID
		made := r.api(
			"POST", "/postings"+as,
			obj{
				"text": "Potter", "categories": obj{"team": "Kiln", "location": "Leiden"},
				"requisitionCodes": []string{"R-7"}, "workplaceType": "onsite",
			},
		).must(201)
		id := made.text("data.id")
		made.want(
			obj{
				"data.state": "draft", "data.urls": nil, "data.owner": r.home.Users[1].ID, "data.reqCode": "R-7",
				"data.categories.allLocations": []string{"Leiden"}, "data.distributionChannels": nil,
			},
		)
		time.Sleep(time.Second)
		put := r.api(
			"POST", "/postings/"+id+as, obj{"text": "Master potter", "state": "internal", "hiringManager": r.boss()},
		).must(200)
		put.want(
			obj{
				"data.text": "Master potter", "data.categories.team": "Kiln",
				"data.categories.allLocations": []string{}, "data.hiringManager": r.boss(),
				"data.updatedAt": time.Now().UnixMilli(),
			},
		)
		r.api("GET", "/postings/"+id, nil).want(
			obj{"data.categories.allLocations": []string{"Leiden"}, "data.urls.list": "https://jobs.lever.co/acme"},
		)
		r.api(
			"POST", "/postings/"+id+as,
			obj{"categories": obj{"commitment": "Full-time", "level": "Senior", "allLocations": []string{"Leiden", "Delft"}}},
		).must(200).want(obj{
			"data.categories.allLocations.#": 2, "data.categories.location": "Leiden", "data.categories.level": "Senior",
		})
		for name, bad := range map[string]obj{
			"no text":                    {},
			"an empty text":              {"text": ""},
			"a state that Lever has not": {"text": "x", "state": "open"},
			"a place that Lever has not": {"text": "x", "workplaceType": "moon"},
			"an owner who is nobody":     {"text": "x", "owner": "nobody"},
		} {
			if got := r.api("POST", "/postings"+as, bad); got.status != 400 {
				t.Errorf("%s: %d", name, got.status)
			}
		}
		r.api("POST", "/postings/"+id+as, obj{"text": ""}).must(400)
		r.api("PUT", "/postings/"+id+as, obj{"text": "x"}).must(404)
	})
}

func TestFiltersSelectPostings(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		start := time.Now()
		time.Sleep(time.Second)
		r.ctl(
			"POST", "/postings",
			obj{"text": "inside", "distributionChannels": []string{"internal"}, "team": "Kiln", "tags": []string{"hot"}},
		).must(201)
		r.ctl(
			"POST", "/postings",
			obj{"text": "draft", "state": "draft", "location": "Leiden", "commitment": "Part-time", "department": "Clay"},
		).must(201)
		r.ctl("POST", "/postings", obj{"text": "secret", "confidentiality": "confidential"}).must(201)
		tests := map[string]struct{ query, want string }{
			"none":                          {"", "Account Manager,Backend Engineer,Support Intern,draft,inside"},
			"published are the public ones": {"state=published", "Account Manager,Backend Engineer,Support Intern"},
			"published inside or outside": {
				"state=published&distributionChannel=public&distributionChannel=internal",
				"Account Manager,Backend Engineer,Support Intern,inside",
			},
			"two states": {
				"state=draft&state=published", "Account Manager,Backend Engineer,Support Intern,draft,inside",
			},
			"a team":             {"team=Kiln", "inside"},
			"letter case counts": {"team=kiln", ""},
			"a department":       {"department=Clay", "draft"},
			"a location":         {"location=Leiden&location=Lisbon", "Backend Engineer,draft"},
			"a commitment":       {"commitment=Part-time", "draft"},
			"a level":            {"level=Senior", ""},
			"a tag":              {"tag=hot", "inside"},
			"updated since": {
				fmt.Sprint("updated_at_start=", start.Add(time.Second).UnixMilli()), "draft,inside",
			},
			"updated since, with confidential ones": {
				fmt.Sprint("confidentiality=all&updated_at_start=", start.Add(time.Second).UnixMilli()),
				"draft,inside,secret",
			},
			"updated until": {
				fmt.Sprint("updated_at_end=", start.UnixMilli()), "Account Manager,Backend Engineer,Support Intern",
			},
			"the confidential": {"confidentiality=confidential", "secret"},
		}
		for name, tt := range tests {
			got := r.api("GET", "/postings?"+tt.query, nil).must(200)
			texts := []string{}
			for i := range got.ids() {
				texts = append(texts, got.text(fmt.Sprintf("data.%d.text", i)))
			}
			slices.Sort(texts)
			if all := strings.Join(texts, ","); all != tt.want {
				t.Errorf("%s: %s", name, all)
			}
		}
		r.api("GET", "/postings?updated_at_start=1&state=draft", nil).must(400)
		r.api("GET", "/postings?group=team", nil).must(501).want(obj{"code": "NotInTwin"})
	})
}

func TestApplyingMakesAnApplicantAndTellsItsApplicationOnly(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		r.hook("applicationCreated")
		posting := r.ctl("POST", "/postings", obj{"text": "Potter", "customQuestions": []obj{{"id": "q1", "text": "Clay", "fields": []obj{
			{"type": "text", "text": "Which clay?", "required": true}, {"type": "yes-no", "text": "Own wheel?"},
		}}}}).must(201).text("id")
		asked := r.api("GET", "/postings/"+posting+"/apply", nil).must(200)
		asked.want(
			obj{
				"data.personalInformation.0.name": "fullName", "data.personalInformation.1.required": true,
				"data.customQuestions.0.id": "q1", "data.text": "Potter",
			},
		)
		file := r.upload("/uploads", "file", "cv.pdf", "potted").must(201)
		file.want(obj{"data.filename": "cv.pdf", "data.size": 6, "data.expiresAt": time.Now().Add(24 * time.Hour).UnixMilli()})
		info := func(extra ...obj) []obj {
			return append(
				[]obj{
					{"name": "fullName", "value": "Femi Adeyemi"}, {"name": "email", "value": "femi@example.com"},
					{"name": "phone", "value": "555"},
				},
				extra...,
			)
		}
		answers := []obj{{"id": "q1", "fields": []obj{{"value": "Stoneware"}, {"value": "yes"}}}}
		made := r.api("POST", "/postings/"+posting+"/apply?send_confirmation_email=true", obj{
			"personalInformation": info(
				obj{"name": "resume", "value": file.text("data.uri")},
				obj{"name": "currentCompany", "value": "Kiln Ltd"},
			),
			"customQuestions": answers,
			"urls":            []obj{{"name": "LinkedIn", "value": "https://l.example/femi"}},
			"source":          "Fair",
			"timezone":        "Africa/Lagos",
			"ipAddress":       "203.0.113.9",
		}).must(201)
		if members := made.members("data"); !slices.Equal(members, []string{"applicationId"}) {
			t.Errorf("members %v", members)
		}
		got := r.api("GET", "/opportunities?email=femi@example.com&expand=applications", nil).must(200)
		got.want(obj{
			"data.#":                   1,
			"data.0.stage":             "applicant-new",
			"data.0.origin":            "applied",
			"data.0.sources":           []string{"Fair"},
			"data.0.headline":          "Kiln Ltd",
			"data.0.applications.0.id": made.text("data.applicationId"), "data.0.applications.0.type": "posting",
			"data.0.applications.0.name":                             "Femi Adeyemi",
			"data.0.applications.0.phone":                            obj{"type": nil, "value": "555"},
			"data.0.applications.0.timezone":                         "Africa/Lagos",
			"data.0.applications.0.user":                             nil,
			"data.0.applications.0.customQuestions.0.fields.0.value": "Stoneware",
			"data.0.links":                                           []string{"https://l.example/femi"},
		})
		if got.has("data.0.stageChanges.0", "userId") {
			t.Error("an applicant's first stage names a user")
		}
		r.api("GET", "/opportunities/"+got.text("data.0.id")+"/resumes", nil).must(200).want(obj{"data.0.file.name": "cv.pdf"})
		synctest.Wait()
		if d := r.receiver.all(); len(d) != 1 || d[0].body["data"].(obj)["applicationId"] != made.text("data.applicationId") {
			t.Errorf("deliveries %v", d)
		}
		r.api("POST", "/postings/"+posting+"/apply", obj{"personalInformation": info(), "customQuestions": answers}).must(201)
		r.api("GET", "/opportunities?contact_id="+got.text("data.0.contact"), nil).must(200).want(obj{"data.#": 2})

		time.Sleep(25 * time.Hour)
		for name, bad := range map[string]obj{
			"no e-mail":                 {"personalInformation": info()[:1], "customQuestions": answers},
			"a required answer missing": {"personalInformation": info()},
			"too many answers": {
				"personalInformation": info(),
				"customQuestions":     []obj{{"id": "q1", "fields": []obj{{"value": "a"}, {"value": "yes"}, {"value": "c"}}}},
			},
			"an answer out of order": {
				"personalInformation": info(),
				"customQuestions":     []obj{{"id": "q1", "fields": []obj{{"value": "yes"}, {"value": "Stoneware"}}}},
			},
			"an origin of others":      {"personalInformation": info(), "customQuestions": answers, "origin": "sourced"},
			"a time zone that is none": {"personalInformation": info(), "customQuestions": answers, "timezone": "Mars"},
			"an upload that is over": {
				"personalInformation": info(obj{"name": "resume", "value": file.text("data.uri")}),
				"customQuestions":     answers,
			},
		} {
			if got := r.api("POST", "/postings/"+posting+"/apply", bad); got.status != 400 {
				t.Errorf("%s: %d %s", name, got.status, got.raw)
			}
		}
		r.ctl("PUT", "/postings/"+posting, obj{"state": "closed"}).must(200)
		r.api("POST", "/postings/"+posting+"/apply", obj{"personalInformation": info(), "customQuestions": answers}).must(400)
	})
}

func TestAnApplicationOfAPersonSomebodyAdded(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c, o := r.hiree()
		got := r.api("GET", o+"/applications/"+c.ApplicationID, nil).must(200)
		want := []string{
			"acceptLanguage", "archived", "candidateId", "comments", "company", "createdAt", "customQuestions", "email",
			"id", "ipAddress", "links", "name", "opportunityId", "phone",
			"posting", "postingHiringManager", "postingOwner", "referer", "requisitionForHire", "timezone", "type",
			"user", "userAgent",
		}
		if members := got.members("data"); !slices.Equal(members, want) {
			t.Errorf("members %v", members)
		}
		got.want(
			obj{
				"data.type": "user", "data.name": nil, "data.email": nil, "data.user": r.boss(),
				"data.postingHiringManager": r.home.Users[1].ID, "data.opportunityId": c.OpportunityID,
				"data.candidateId": c.OpportunityID,
			},
		)
		r.ctl("PUT", "/postings/"+r.home.Postings[0].ID, obj{"hiringManager": "ines@acme.example"}).must(200)
		r.api("GET", o+"/applications/"+c.ApplicationID, nil).want(obj{"data.postingHiringManager": r.home.Users[1].ID})
		r.api("GET", o+"/applications/nothing", nil).must(404)

		second := r.ctl("POST", o+"/apply", obj{"posting": "Account Manager"}).must(200)
		if second.text("opportunityId") == c.OpportunityID || second.text("contactId") != c.ContactID {
			t.Errorf("the second posting is %s", second.raw)
		}
		r.ctl("POST", o+"/apply", obj{"posting": "Nothing"}).must(404)
		r.api("GET", "/opportunities?posting_id="+url.QueryEscape(r.home.Postings[1].ID), nil).want(
			obj{"data.#": 1, "data.0.id": second.text("opportunityId")},
		)
	})
}
