package twin_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"slices"
	"testing"
	"time"

	"fulcrum/local/twin"
	"fulcrum/local/twin/desk"
)

// members are the names of an object's members, sorted.
func (p reply) members(path string) []string {
	p.t.Helper()
	o, ok := p.at(path).(obj)
	if !ok {
		p.t.Fatalf("%s is no object in %s", path, p.raw)
	}
	names := []string{}
	for name := range o {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func TestAnOpportunityHasLeversMembers(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		with := r.candidate(
			desk.Candidate{Name: "Nina Okafor", Email: "nina@example.com", Phone: "555 0100", Posting: "Backend Engineer"},
		)
		without := r.candidate(desk.Candidate{Name: "Piet Moll"})
		got := r.api("GET", "/opportunities/"+with.OpportunityID, nil).must(200)
		want := []string{
			"applications", "archived", "confidentiality", "contact", "createdAt", "dataProtection", "emails",
			"followers", "headline", "id",
			"isAnonymized", "lastAdvancedAt", "lastInteractionAt", "links", "location", "name", "opportunityLocation",
			"origin", "owner", "phones",
			"snoozedUntil", "sourcedBy", "sources", "stage", "stageChanges", "tags", "updatedAt", "urls",
		}
		if members := got.members("data"); !slices.Equal(members, want) {
			t.Errorf("members %v", members)
		}
		now := time.Now().UnixMilli()
		got.want(obj{
			"data.name": "Nina Okafor", "data.emails": []string{"nina@example.com"}, "data.phones": []obj{
				{"type": "mobile", "value": "555 0100"},
			},
			"data.origin": "sourced", "data.owner": r.boss(), "data.sourcedBy": r.boss(), "data.archived": nil,
			"data.isAnonymized": false,
			"data.tags":         []string{"Backend Engineer", "Product", "Engineering", "Lisbon", "Full-time"},
			"data.stageChanges": []obj{{"toStageId": "lead-new", "toStageIndex": 0, "updatedAt": now, "userId": r.boss()}},
			"data.urls.show":    "https://hire.lever.co/candidates/" + with.OpportunityID, "data.opportunityLocation": "Lisbon",
		})
		if r.api("GET", "/opportunities/"+without.OpportunityID, nil).has("data", "opportunityLocation") {
			t.Error("an opportunity without application has a location")
		}
		r.api("GET", "/candidates/"+with.OpportunityID, nil).must(200).want(obj{"data.id": with.OpportunityID})
		r.api("GET", "/opportunities/nobody", nil).must(404).want(
			obj{"code": "ResourceNotFound", "message": "opportunities nobody was not found"},
		)
	})
}

func TestWritesAnswerWithoutTheContact(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c := r.candidate(
			desk.Candidate{
				Name: "Nina Okafor", Email: "nina@example.com", Phone: "555", Headline: "Potter", Location: "Leiden",
				Links: []string{"https://n.example"}, Posting: "Backend Engineer",
			},
		)
		o := "/opportunities/" + c.OpportunityID
		blank := obj{
			"data.name": "", "data.emails": []string{}, "data.phones": []string{}, "data.headline": "",
			"data.links": []string{}, "data.contact": c.ContactID, "data.opportunityLocation": nil,
		}
		full := obj{
			"data.name": "Nina Okafor", "data.emails.0": "nina@example.com", "data.headline": "Potter",
			"data.opportunityLocation": nil,
		}
		calls := []struct {
			method, path string
			body         obj
			want, extra  obj
		}{
			{"PUT", "/stage", obj{"stage": "offer"}, blank, obj{"data.stage": "offer"}},
			{
				"PUT", "/archived", obj{"reason": r.reason("Timing")}, blank,
				obj{"data.archived.reason": r.reason("Timing"), "data.stage": "offer"},
			},
			{"PUT", "/stage", obj{"stage": "lead-new"}, blank, obj{"data.archived.reason": r.reason("Timing")}},
			{"PUT", "/archived", obj{"reason": nil}, blank, obj{"data.archived": nil}},
			{"POST", "/addTags", obj{"tags": []string{"a", "b", "a"}}, blank, obj{"data.tags.5": "a", "data.tags.#": 7}},
			{"POST", "/removeTags", obj{"tags": []string{"a"}}, blank, obj{"data.tags.5": "b", "data.tags.#": 6}},
			{"POST", "/addSources", obj{"sources": []string{"Fair"}}, blank, obj{"data.sources": []string{"Fair"}}},
			{"POST", "/removeSources", obj{"sources": []string{"Fair"}}, blank, obj{"data.sources": []string{}}},
			{
				"POST", "/addLinks", obj{"links": []string{"https://m.example"}}, full,
				obj{"data.links": []string{"https://n.example", "https://m.example"}},
			},
			{
				"POST", "/removeLinks", obj{"links": []string{"https://n.example"}}, full,
				obj{"data.links": []string{"https://m.example"}},
			},
		}
		for _, x := range calls {
			got := r.api(x.method, o+x.path, x.body).must(200)
			got.want(x.want)
			got.want(x.extra)
		}
		r.api("GET", o, nil).want(
			obj{
				"data.name": "Nina Okafor", "data.emails.0": "nina@example.com", "data.location": "Leiden",
				"data.links": []string{"https://m.example"},
			},
		)
	})
}

func TestWritesThatAreRefused(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c := r.candidate(desk.Candidate{Name: "Nina Okafor"})
		o, as := "/opportunities/"+c.OpportunityID, "?perform_as="+r.boss()
		tests := map[string]struct {
			method, path string
			body         any
			status       int
		}{
			"a stage by its text":           {"PUT", o + "/stage", obj{"stage": "Offer"}, 404},
			"no stage":                      {"PUT", o + "/stage", obj{}, 404},
			"an archive reason by its text": {"PUT", o + "/archived", obj{"reason": "Hired"}, 404},
			"no archive reason at all":      {"PUT", o + "/archived", obj{}, 400},
			"no tags":                       {"POST", o + "/addTags", obj{"tags": []string{}}, 400},
			"no sources":                    {"POST", o + "/addSources", obj{}, 400},
			"no links":                      {"POST", o + "/addLinks", obj{}, 400},
			"tags that are no list":         {"POST", o + "/addTags", obj{"tags": "a"}, 400},
			"two postings": {
				"POST", "/opportunities" + as, obj{"postings": []string{r.home.Postings[0].ID, r.home.Postings[1].ID}},
				400,
			},
			"an unknown posting": {"POST", "/opportunities" + as, obj{"postings": []string{"nothing"}}, 404},
			"an unknown contact": {"POST", "/opportunities" + as, obj{"contact": "nobody"}, 404},
			"an unknown stage":   {"POST", "/opportunities" + as, obj{"stage": "nowhere"}, 404},
			"an unknown origin":  {"POST", "/opportunities" + as, obj{"origin": "mars"}, 400},
			"an unknown owner":   {"POST", "/opportunities" + as, obj{"owner": "nobody"}, 404},
			"a creation in the future": {
				"POST", "/opportunities" + as, obj{"createdAt": time.Now().Add(time.Hour).UnixMilli()}, 400,
			},
			"an archiving before the creation": {
				"POST", "/opportunities" + as,
				obj{"createdAt": 2000, "archived": obj{"reason": r.reason("Timing"), "archivedAt": 1000}}, 400,
			},
			"an archiving time without a creation": {
				"POST", "/opportunities" + as, obj{"archived": obj{"reason": r.reason("Timing"), "archivedAt": 1000}},
				400,
			},
			"confidential without such a posting": {"POST", "/opportunities" + as, obj{"confidentiality": "confidential"}, 400},
			"an update, which there is not":       {"PUT", o, obj{"name": "x"}, 404},
			"a deletion, which there is not":      {"DELETE", o, nil, 404},
		}
		for name, tt := range tests {
			if got := r.api(tt.method, tt.path, tt.body); got.status != tt.status {
				t.Errorf("%s: %d, want %d: %s", name, got.status, tt.status, got.raw)
			}
		}
		r.api("GET", "/opportunities", nil).want(obj{"data.#": 1, "data.0.tags": []string{}})
	})
}

func TestACreationFindsThePersonAgain(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		as := "?perform_as=" + r.boss()
		first := r.api("POST", "/opportunities"+as, obj{
			"name": "Nina Okafor", "emails": []string{"Nina@Example.com"}, "phones": []obj{
				{"type": "mobile", "value": "555"},
			}, "headline": "Potter",
			"tags":      []string{"Test"},
			"sources":   []string{"LinkedIn"},
			"postings":  []string{r.home.Postings[0].ID},
			"followers": []string{r.home.Users[1].ID},
		}).must(201)
		if first.has("", "deduped") || first.body.(obj)["deduped"] != nil {
			t.Error("a new person is called deduped")
		}
		first.want(obj{
			"data.stage": "lead-new", "data.origin": "sourced", "data.owner": r.boss(), "data.tags.0": "Test",
			"data.tags.1":    "Backend Engineer",
			"data.followers": []string{r.home.Users[1].ID, r.boss()}, "data.applications.#": 1,
		})
		again := r.api(
			"POST", "/opportunities"+as,
			obj{"name": "N. Okafor", "emails": []string{"other@example.com", "nina@example.com"}, "headline": "Baker"},
		).must(201)
		again.want(
			obj{
				"deduped": true, "data.contact": first.text("data.contact"), "data.name": "Nina Okafor",
				"data.headline": "Potter", "data.emails": []string{"Nina@Example.com"},
			},
		)
		if again.text("data.id") == first.text("data.id") {
			t.Error("the same opportunity twice")
		}
		byID := r.api(
			"POST", "/opportunities"+as,
			obj{
				"contact": first.text("data.contact"), "emails": []string{"more@example.com"},
				"links": []string{"https://n.example"},
			},
		).must(201)
		byID.want(
			obj{
				"deduped": true, "data.emails": []string{"Nina@Example.com", "more@example.com"},
				"data.links": []string{"https://n.example"},
			},
		)
		r.api("GET", "/opportunities?email=MORE@example.com", nil).want(obj{"data.#": 3})
	})
}

func TestWhoOwnsANewOpportunity(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		as, owner := r.home.Users[2].ID, r.home.Users[1].ID
		posting := []string{r.home.Postings[0].ID}
		tests := map[string]struct {
			query string
			body  obj
			owner string
		}{
			"who performs": {"", obj{}, as},
			"who is named": {"", obj{"owner": owner}, owner},
			"the posting's owner, if asked for": {
				"&perform_as_posting_owner=true", obj{"postings": posting}, *r.home.Postings[0].Owner,
			},
			"without posting, again who performs":   {"&perform_as_posting_owner=true", obj{}, as},
			"with a posting, still who performs it": {"", obj{"postings": posting}, as},
		}
		for name, tt := range tests {
			r.t.Log(name)
			r.api("POST", "/opportunities?perform_as="+as+tt.query, tt.body).must(201).want(obj{"data.owner": tt.owner})
		}
	})
}

func TestACreationWithFiles(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for _, f := range [][2]string{
			{"name", "Nina Okafor"}, {"emails[]", "nina@example.com"}, {
				"emails[]", "second@example.com",
			}, {"tags[]", "a"}, {"createdAt", "1000"},
			{"phones[0][type]", "home"}, {"phones[0][value]", "555"}, {
				"archived[reason]", r.reason("Timing"),
			}, {"archived[archivedAt]", "2000"},
		} {
			if err := form.WriteField(f[0], f[1]); err != nil {
				t.Fatal(err)
			}
		}
		for _, f := range [][2]string{{"resumeFile", "cv.pdf"}, {"files[]", "one.txt"}, {"files[]", "two.txt"}} {
			w, err := form.CreateFormFile(f[0], f[1])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte("content of " + f[1])); err != nil {
				t.Fatal(err)
			}
		}
		if err := form.Close(); err != nil {
			t.Fatal(err)
		}
		header := http.Header{"Content-Type": {form.FormDataContentType()}, "Authorization": {r.auth}}
		made := r.send("POST", "http://lever.test/v1/opportunities?parse=true&perform_as="+r.boss(), header, &body).must(201)
		made.want(obj{
			"data.emails": []string{
				"nina@example.com", "second@example.com",
			}, "data.phones": []obj{{"type": "home", "value": "555"}},
			"data.createdAt": 1000, "data.archived": obj{"reason": r.reason("Timing"), "archivedAt": 2000},
		})
		o := "/opportunities/" + made.text("data.id")
		r.api("GET", o+"/files", nil).must(200).want(obj{"data.#": 2, "data.0.ext": ".txt"})
		resumes := r.api("GET", o+"/resumes", nil).must(200)
		resumes.want(obj{"data.#": 1, "data.0.file.name": "cv.pdf", "data.0.file.ext": "pdf"})
		got := r.api("GET", o+"/resumes/"+resumes.text("data.0.id")+"/download", nil).must(200)
		if string(got.raw) != "content of cv.pdf" {
			t.Errorf("résumé %q", got.raw)
		}
	})
}

func TestArchivingFollowsTheRecordings(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c := r.candidate(desk.Candidate{Name: "Nina Okafor", Posting: "Backend Engineer"})
		o := "/opportunities/" + c.OpportunityID
		time.Sleep(time.Minute)
		first := time.Now().UnixMilli()
		r.api("PUT", o+"/archived", obj{"reason": r.reason("Timing")}).must(200).want(
			obj{"data.lastAdvancedAt": first, "data.updatedAt": first},
		)
		time.Sleep(time.Minute)
		second := time.Now().UnixMilli()
		r.api("PUT", o+"/archived", obj{"reason": r.reason("Withdrew")}).must(200).want(obj{
			"data.lastAdvancedAt": first, "data.archived": obj{
				"reason": r.reason("Withdrew"), "archivedAt": second,
			}, "data.lastInteractionAt": second,
		})
		r.api("GET", o+"/applications/"+c.ApplicationID, nil).must(200).want(
			obj{"data.archived": obj{"reason": r.reason("Timing"), "archivedAt": first}},
		)
		r.ctl("POST", "/opportunities/"+c.OpportunityID+"/unarchive", nil).must(200)
		r.api("GET", o+"/applications", nil).must(200).want(obj{"data.0.archived": nil, "hasNext": false})
	})
}

func TestNotesMoveTheInteractionAndNotTheUpdate(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c := r.candidate(desk.Candidate{Name: "Nina Okafor"})
		before := r.api("GET", "/opportunities/"+c.OpportunityID, nil).at("data.updatedAt")
		time.Sleep(time.Minute)
		r.api("POST", "/opportunities/"+c.OpportunityID+"/notes", obj{"value": "x"}).must(201)
		r.ctl("POST", "/opportunities/"+c.OpportunityID+"/offers", nil).must(201)
		r.api("GET", "/opportunities/"+c.OpportunityID, nil).want(
			obj{"data.updatedAt": before, "data.lastInteractionAt": time.Now().UnixMilli()},
		)
		r.ctl("PUT", "/opportunities/"+c.OpportunityID, obj{"forgetUpdate": true}).must(200)
		r.api("GET", "/opportunities/"+c.OpportunityID, nil).want(obj{"data.updatedAt": nil})
	})
}
