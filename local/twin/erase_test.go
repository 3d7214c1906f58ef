package twin_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/twin"
	"fulcrum/local/twin/desk"
)

func TestWhatIsDeletedIsGoneAndListed(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c, o := r.hiree()
		second := r.ctl("POST", o+"/apply", obj{"posting": "Account Manager"}).must(200)
		at := time.Now().UnixMilli()
		r.ctl("POST", o+"/delete", nil).must(200).want(obj{"opportunityId": c.OpportunityID})
		r.api("GET", o, nil).must(404)
		r.api("GET", o+"/offers", nil).must(404)
		r.api("GET", "/contacts/"+c.ContactID, nil).must(200)
		r.api("GET", "/opportunities", nil).want(obj{"data.#": 1})
		time.Sleep(time.Hour)
		r.ctl("POST", "/opportunities/"+second.text("opportunityId")+"/delete", nil).must(200)
		r.api("GET", "/contacts/"+c.ContactID, nil).must(404)
		r.ctl("POST", o+"/delete", nil).must(404)

		r.api("GET", "/opportunities/deleted", nil).must(200).want(
			obj{
				"data.#": 2, "data.0.id": c.OpportunityID, "data.0.deletedAt": at, "data.0.deletedBy": r.boss(),
				"data.0.name": "Nina Okafor",
			},
		)
		r.api("GET", fmt.Sprint("/opportunities/deleted?deleted_at_start=", at+1), nil).must(200).want(obj{"data.#": 1})
		r.api(
			"GET", fmt.Sprint("/opportunities/deleted?deleted_at_end=", at-1), nil,
		).must(200).want(obj{"data": []any{}, "hasNext": false})
		day := (24 * time.Hour).Milliseconds()
		r.api("GET", fmt.Sprintf("/applications/deleted?deleted_at_start=%d&deleted_at_end=%d", at, at), nil).must(200).want(obj{
			"data": []obj{
				{"id": c.ApplicationID, "deletedAt": at, "opportunityId": c.OpportunityID, "postingId": r.home.Postings[0].ID},
			}, "hasNext": false,
		})
		r.ctl("DELETE", "/postings/"+r.home.Postings[2].ID, nil).must(204)
		r.api("GET", fmt.Sprintf("/postings/deleted?deleted_at_start=%d&deleted_at_end=%d", at, at+30*day), nil).must(200).want(obj{"data.#": 1, "data.0.id": r.home.Postings[2].ID})
		r.api("GET", "/postings/"+r.home.Postings[2].ID, nil).must(404)
		for _, list := range []string{"applications", "postings"} {
			for name, query := range map[string]string{
				"no range": "", "no end": fmt.Sprint("?deleted_at_start=", at), "no start": fmt.Sprint("?deleted_at_end=", at),
				"more than 30 days": fmt.Sprintf("?deleted_at_start=%d&deleted_at_end=%d", at, at+30*day+1),
			} {
				if got := r.api("GET", "/"+list+"/deleted"+query, nil); got.status != 400 {
					t.Errorf("%s with %s: %d", list, name, got.status)
				}
			}
		}
	})
}

// applicant applies to a posting with a question of its own, and gets an offer,
// files, and what people wrote.
func (r *rig) applicant() (c desk.Added, path string) {
	r.t.Helper()
	posting := r.ctl("POST", "/postings", obj{"text": "Scribe", "customQuestions": []obj{
		{"id": "q1", "text": "Pen", "fields": []obj{{"type": "text", "text": "Which pen?"}}},
	}}).must(201).text("id")
	id := r.api("POST", "/postings/"+posting+"/apply", obj{
		"personalInformation": []obj{
			{"name": "fullName", "value": "Zenobia Quill"}, {"name": "email", "value": "zenobia@example.com"},
			{"name": "phone", "value": "5550177"}, {"name": "currentCompany", "value": "Quillmakers"},
			{"name": "currentLocation", "value": "Quillsby"}, {"name": "additionalInformation", "value": "I am Zenobia"},
		},
		"urls":            []obj{{"name": "Other", "value": "https://quill.example"}},
		"customQuestions": []obj{{"id": "q1", "fields": []obj{{"value": "Zenobia's own"}}}},
	}).must(201).text("data.applicationId")
	all := r.api("GET", "/opportunities?posting_id="+posting, nil).must(200)
	c = desk.Added{OpportunityID: all.text("data.0.id"), ContactID: all.text("data.0.contact"), ApplicationID: id}
	o := "/opportunities/" + c.OpportunityID
	r.ctl("POST", o+"/offers", obj{"status": "signed"}).must(201)
	r.ctl("POST", o+"/resumes", obj{"name": "quill.pdf", "text": "Zenobia"}).must(201)
	r.ctl("POST", o+"/files", obj{"name": "quill.txt", "text": "Zenobia"}).must(201)
	r.ctl("POST", o+"/notes", obj{"value": "Zenobia is good"}).must(201)
	r.ctl("POST", o+"/feedback", obj{"fieldValues": []obj{}}).must(201)
	template := r.api("POST", "/form_templates", obj{"text": "Call", "fields": []obj{{"type": "text", "text": "Who?"}}}).must(201)
	r.api("POST", o+"/forms", obj{
		"baseTemplateId": template.text("data.id"),
		"fieldValues":    []obj{{"id": template.text("data.fields.0.id"), "value": "Zenobia"}},
	}).must(201)
	return c, o
}

func TestAnonymizingRemovesWhoThePersonIs(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c, o := r.applicant()
		gone := r.ctl("POST", o+"/apply", obj{"posting": "Account Manager"}).text("opportunityId")
		r.ctl("POST", "/opportunities/"+gone+"/delete", nil).must(200)
		r.hook("contactUpdated")
		r.ctl("POST", o+"/anonymize", nil).must(200)
		synctest.Wait()
		if got := r.receiver.events(); len(got) != 1 {
			t.Errorf("told %v", got)
		}
		for _, path := range []string{
			o + "?expand=contact", "/contacts/" + c.ContactID, o + "/resumes", o + "/files", o + "/file_actions",
			"/opportunities/deleted",
		} {
			text := strings.ToLower(string(r.api("GET", path, nil).must(200).raw))
			for _, trace := range []string{"zenobia", "quill", "5550177"} {
				if strings.Contains(text, trace) {
					t.Errorf("%s still says %s: %s", path, trace, text)
				}
			}
		}
		r.api("GET", o, nil).want(
			obj{"data.isAnonymized": true, "data.name": "Anonymized opportunity", "data.emails": []any{}, "data.links": []any{}},
		)
		r.api("GET", "/contacts/"+c.ContactID, nil).want(obj{"data.isAnonymized": true, "data.name": "Anonymized opportunity"})
		r.api("GET", "/opportunities/deleted", nil).want(obj{"data.0.isAnonymized": true})
		r.api("GET", o+"/applications", nil).must(200).want(obj{
			"data.0.name": nil, "data.0.email": nil, "data.0.phone": nil, "data.0.company": nil, "data.0.comments": nil,
			"data.0.links": []any{}, "data.0.id": c.ApplicationID,
		})
		r.api("PUT", "/contacts/"+c.ContactID, obj{"name": "Back"}).must(400)
		again := r.candidate(desk.Candidate{Name: "Zenobia Quill", Email: "zenobia@example.com"})
		if again.ContactID == c.ContactID {
			t.Error("an anonymized person was found again")
		}
	})
}

func TestAnonymizingKeepsWhatPeopleWrote(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		_, o := r.applicant()
		lists := []string{o + "/notes", o + "/forms", o + "/feedback", o + "/offers"}
		before := map[string]string{}
		for _, path := range lists {
			before[path] = string(r.api("GET", path, nil).must(200).want(obj{"data.#": 1}).raw)
		}
		r.ctl("POST", o+"/anonymize", nil).must(200)
		for _, path := range lists {
			if after := string(r.api("GET", path, nil).must(200).raw); after != before[path] {
				t.Errorf("%s was %s, is %s", path, before[path], after)
			}
		}
		r.api("GET", o+"/notes", nil).want(obj{"data.0.fields.0.value": "Zenobia is good"})
		r.api("GET", o+"/applications", nil).want(obj{"data.0.customQuestions.0.fields.0.value": "Zenobia's own"})
		offer := r.api("GET", o+"/offers", nil).text("data.0.id")
		if got := r.api("GET", o+"/offers/"+offer+"/download", nil).must(200); !strings.Contains(string(got.raw), "Zenobia Quill") {
			t.Errorf("the letter is %s", got.raw)
		}
	})
}
