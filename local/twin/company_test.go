package twin_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"fulcrum/local/twin"
	"fulcrum/local/twin/desk"
)

func TestUsers(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		made := r.api(
			"POST", "/users",
			obj{"name": "Uma Bell", "email": "Uma@Acme.example", "externalDirectoryId": "77", "jobTitle": "Buyer"},
		).must(201)
		id := made.text("data.id")
		made.want(
			obj{
				"data.accessRole": "interviewer", "data.username": "Uma", "data.email": "uma@acme.example",
				"data.deactivatedAt": nil, "data.linkedContactIds": nil, "data.photo": nil,
			},
		)
		want := []string{
			"accessRole", "createdAt", "deactivatedAt", "email", "externalDirectoryId", "id", "jobTitle",
			"linkedContactIds", "managerId", "name", "photo", "username",
		}
		if members := made.members("data"); !slices.Equal(members, want) {
			t.Errorf("members %v", members)
		}
		r.api("PUT", "/users/"+id, obj{"name": "Uma Bell", "email": "uma@acme.example", "accessRole": "admin"}).must(200).want(obj{"data.jobTitle": nil, "data.externalDirectoryId": nil, "data.accessRole": "admin"})
		r.api("PUT", "/users/"+id, obj{"name": "Uma Bell", "email": "uma@acme.example"}).must(400)
		r.api("POST", "/users/"+id+"/deactivate", nil).must(200).want(obj{"data.deactivatedAt": time.Now().UnixMilli()})
		for query, n := range map[string]int{
			"": 3, "includeDeactivated=true": 4, "email=olive@acme.example": 1, "email=Olive@acme.example": 1,
			"accessRole=admin": 1, "accessRole=admin&includeDeactivated=true": 2,
			"email=uma@acme.example": 0, "external_directory_id=77": 0,
		} {
			r.t.Log(query)
			r.api("GET", "/users?"+query, nil).must(200).want(obj{"data.#": n})
		}
		r.api(
			"POST", "/opportunities/"+r.candidate(desk.Candidate{Name: "x"}).OpportunityID+"/notes?perform_as="+id,
			obj{"value": "by one who left"},
		).must(201)
		r.api("POST", "/users/"+id+"/reactivate", nil).must(200).want(obj{"data.deactivatedAt": nil})
		r.api("GET", "/users/"+id, nil).must(200).want(obj{"data.name": "Uma Bell"})
		r.api("GET", "/users/nobody", nil).must(404).want(obj{"message": "users nobody was not found"})
		for name, bad := range map[string]obj{
			"no name": {"email": "x@acme.example"}, "no e-mail": {"name": "x"},
			"an e-mail that is taken": {"name": "x", "email": "uma@acme.example"},
			"a manager who is nobody": {"name": "x", "email": "x@acme.example", "managerId": "nobody"},
		} {
			if got := r.api("POST", "/users", bad); got.status != 400 {
				t.Errorf("%s: %d", name, got.status)
			}
		}
		r.ctl("PUT", "/users/"+id, obj{"deactivated": true, "name": "U. Bell"}).must(200).want(
			obj{"name": "U. Bell", "accessRole": "admin", "deactivatedAt": time.Now().UnixMilli()},
		)
		r.ctl(
			"POST", "/users", obj{"name": "Vic", "email": "vic@acme.example", "accessRole": "team member"},
		).must(201).want(obj{"accessRole": "team member"})
	})
}

func TestThePipeline(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		ids := r.api("GET", "/stages", nil).must(200).ids()
		for i, builtIn := range map[int]string{
			0: "lead-new", 1: "lead-reached-out", 2: "lead-responded", 3: "applicant-new", 6: "offer",
		} {
			if ids[i] != builtIn {
				t.Errorf("stage %d is %s, want %s", i, ids[i], builtIn)
			}
		}
		r.api("GET", "/stages", nil).want(
			obj{"data.#": 8, "data.0": obj{"id": "lead-new", "text": "New lead"}, "hasNext": false, "next": nil},
		)
		r.api("GET", "/stages/offer", nil).must(200).want(obj{"data": obj{"id": "offer", "text": "Offer"}})
		r.api("GET", "/stages/gone", nil).must(404).want(obj{"message": "stages gone was not found"})

		added := r.ctl("POST", "/stages", obj{"text": "Reference check", "before": "Offer"}).must(201).text("id")
		if ids := r.api("GET", "/stages", nil).ids(); ids[6] != added || ids[7] != "offer" {
			t.Errorf("the new stage is not before offer: %v", ids)
		}
		r.ctl("PUT", "/stages/"+added, obj{"text": "References"}).must(200)
		c := r.candidate(desk.Candidate{Name: "x", Stage: "references"})
		r.api("GET", "/opportunities/"+c.OpportunityID, nil).want(obj{"data.stage": added, "data.stageChanges.0.toStageIndex": 6})
		r.ctl("DELETE", "/stages/"+added, nil).must(400)
		r.ctl("DELETE", "/stages/"+added, obj{"moveTo": "References"}).must(400)
		r.ctl("DELETE", "/stages/"+added, obj{"moveTo": "Offer"}).must(204)
		r.api("GET", "/opportunities/"+c.OpportunityID, nil).want(obj{"data.stage": "offer"})
		r.api("PUT", "/opportunities/"+c.OpportunityID+"/stage", obj{"stage": added}).must(404)
		r.ctl("POST", "/stages", obj{"text": "x", "before": "Nowhere"}).must(404)
		r.ctl("POST", "/stages", obj{}).must(400)
		r.ctl("PUT", "/stages/offer", obj{}).must(400)

		d := r.api("GET", "/disposition_stages", nil).must(200)
		d.want(
			obj{
				"data.stages.0": obj{
					"id": "lead-new", "text": "New lead", "pipeline": "lead", "rank": 1, "hasInterview": false,
				},
				"data.stages.7.rank": 265.5, "data.archiveReasons.0.type": nil, "data.archiveReasons.6.type": "hired",
			},
		)
	})
}

func TestArchiveReasons(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		hired := r.reason("Hired")
		r.api("GET", "/archive_reasons?type=hired", nil).must(200).want(
			obj{"data": []obj{{"id": hired, "text": "Hired", "status": "active", "type": "hired"}}, "hasNext": false},
		)
		r.api("GET", "/archive_reasons?type=non-hired", nil).must(200).want(obj{"data.#": 6})
		r.api("GET", "/archive_reasons", nil).must(200).want(obj{"data.#": 7})
		r.api("GET", "/archive_reasons?type=fired", nil).must(400)
		r.api("GET", "/archive_reasons/"+hired, nil).must(200).want(obj{"data.type": "hired"})
		r.api("GET", "/archive_reasons/nothing", nil).must(404)
		r.ctl("PUT", "/archive-reasons/"+hired, obj{"text": "Aangenomen"}).must(200).want(obj{"type": "hired"})
		second := r.ctl("POST", "/archive-reasons", obj{"text": "Hired by us", "type": "hired"}).must(201).text("id")
		c := r.candidate(desk.Candidate{Name: "x"})
		r.ctl("POST", "/opportunities/"+c.OpportunityID+"/archive", obj{"reason": "hired by us"}).must(200)
		r.ctl("PUT", "/archive-reasons/"+hired, obj{"status": "inactive"}).must(200)
		r.ctl("PUT", "/archive-reasons/"+second, obj{"status": "inactive"}).must(200)
		r.ctl("POST", "/opportunities/"+c.OpportunityID+"/hire", nil).must(400)
		r.ctl("DELETE", "/archive-reasons/"+second, nil).must(204)
		r.ctl("DELETE", "/archive-reasons/"+second, nil).must(404)
		r.api("GET", "/opportunities/"+c.OpportunityID, nil).want(obj{"data.archived.reason": second})
		r.ctl("POST", "/archive-reasons", obj{"text": "x", "type": "fired"}).must(400)
		r.ctl("PUT", "/archive-reasons/"+hired, obj{"status": "asleep"}).must(400)
		r.ctl("POST", "/opportunities/"+c.OpportunityID+"/archive", obj{"reason": "no such"}).must(404)
	})
}

func TestTagsAndSourcesAreCounted(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		for i := range 3 {
			r.candidate(desk.Candidate{Name: fmt.Sprint(i), Tags: []string{"b", fmt.Sprint("a", i)}, Sources: []string{"Fair"}})
		}
		r.api("GET", "/tags", nil).must(200).want(
			obj{
				"data": []obj{
					{"count": 1, "text": "a0"}, {"count": 1, "text": "a1"}, {"count": 1, "text": "a2"},
					{"count": 3, "text": "b"},
				},
				"hasNext": false,
			},
		)
		r.api("GET", "/sources", nil).must(200).want(obj{"data": []obj{{"count": 3, "text": "Fair"}}})
	})
}

func TestContacts(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c := r.candidate(desk.Candidate{Name: "Nina Okafor", Email: "nina@example.com", Headline: "Potter"})
		r.api("GET", "/contacts/"+c.ContactID, nil).must(200).want(obj{"data": obj{
			"id":           c.ContactID,
			"name":         "Nina Okafor",
			"headline":     "Potter",
			"isAnonymized": false,
			"location":     obj{"name": ""},
			"emails":       []string{"nina@example.com"},
			"phones":       []any{},
		}})
		time.Sleep(time.Second)
		r.api(
			"PUT", "/contacts/"+c.ContactID,
			obj{
				"name": "N. Okafor", "location": "Leiden", "emails": []string{"new@example.com"},
				"phones": []obj{{"type": "work", "value": "1"}},
			},
		).must(200).want(obj{
			"data.isAnonymized": nil,
			"data.headline":     "Potter",
			"data.location":     obj{"name": "Leiden"},
			"data.emails":       []string{"new@example.com"},
		})
		r.api("GET", "/opportunities/"+c.OpportunityID, nil).want(
			obj{"data.name": "N. Okafor", "data.location": "Leiden", "data.updatedAt": time.Now().UnixMilli()},
		)
		r.api("GET", "/opportunities?email=nina@example.com", nil).want(obj{"data.#": 0})
		again := r.candidate(desk.Candidate{Name: "Somebody", Email: "new@example.com"})
		other := r.candidate(desk.Candidate{Name: "Somebody", Email: "nina@example.com"})
		if again.ContactID != c.ContactID || !again.Deduped || other.ContactID == c.ContactID {
			t.Errorf("found %+v and %+v for %s", again, other, c.ContactID)
		}
		r.api("PUT", "/contacts/nobody", obj{"name": "x"}).must(404)
		r.ctl("PUT", "/contacts/"+c.ContactID, obj{"name": "By hand"}).must(200).want(obj{"name": "By hand"})
		r.ctl(
			"PUT", "/opportunities/"+c.OpportunityID,
			obj{"owner": "ruben@acme.example", "tags": []string{"x"}, "sources": []string{"y"}, "confidential": true},
		).must(200)
		r.api("GET", "/opportunities/"+c.OpportunityID, nil).want(
			obj{"data.owner": r.home.Users[1].ID, "data.tags": []string{"x"}, "data.confidentiality": "confidential"},
		)
		r.ctl("PUT", "/opportunities/"+c.OpportunityID, obj{"owner": "nobody"}).must(404)
		consent := obj{"store": obj{"allowed": true, "expiresAt": nil}, "contact": obj{"allowed": false, "expiresAt": 5}}
		r.ctl("PUT", "/opportunities/"+c.OpportunityID, obj{"dataProtection": consent}).must(200)
		r.api("GET", "/opportunities/"+c.OpportunityID, nil).want(obj{"data.dataProtection": consent})
	})
}

func TestAHireAgainstARequisition(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c, o := r.hiree()
		req := r.ctl(
			"POST", "/requisitions",
			obj{
				"requisitionCode": "ENG-1", "name": "Engineer", "postings": []string{r.home.Postings[0].ID},
				"hiringManager": r.home.Users[1].ID, "headcountTotal": "unlimited",
			},
		).must(201)
		id := req.text("id")
		req.want(obj{"status": "open", "headcountInfinite": true, "confidentiality": "non-confidential"})
		other := r.ctl("POST", "/requisitions", obj{"requisitionCode": "ENG-2", "name": "Elsewhere"}).must(201).text("id")
		closed := r.ctl(
			"POST", "/requisitions", obj{
				"requisitionCode": "ENG-3", "name": "Shut", "status": "closed", "postings": []string{r.home.Postings[0].ID},
			},
		).must(201).text("id")
		hire := func(requisition, reason string) reply {
			return r.api("PUT", o+"/archived", obj{"reason": r.reason(reason), "requisitionId": requisition})
		}
		hire(other, "Hired").must(400)
		hire(closed, "Hired").must(400)
		hire(id, "Timing").must(400)
		hire("nothing", "Hired").must(404)
		offer := r.ctl("POST", o+"/offers", obj{"status": "sent"}).must(201).text("id")
		hire(id, "Hired").must(400)
		r.ctl("PUT", o+"/offers/"+offer, obj{"status": "signed"}).must(200)
		r.api("GET", o, nil).want(obj{"data.archived": nil})
		hire(id, "Hired").must(200)
		r.api("GET", o+"/applications/"+c.ApplicationID, nil).want(
			obj{"data.requisitionForHire": obj{"id": id, "requisitionCode": "ENG-1", "hiringManagerOnHire": r.home.Users[1].ID}},
		)
		r.api("GET", "/requisitions/"+id, nil).must(200).want(obj{"data.headcountHired": 1, "data.headcountTotal": "unlimited"})
		r.api("GET", "/requisitions?requisition_code=ENG-2&status=open", nil).must(200).want(obj{"data.#": 1, "data.0.id": other})
		r.api("PUT", "/requisitions/"+id, obj{}).must(501)
		r.ctl("POST", "/requisitions", obj{"name": "x"}).must(400)
		r.ctl("POST", "/requisitions", obj{"requisitionCode": "x", "name": "x", "postings": []string{"nothing"}}).must(404)

		lone := r.candidate(desk.Candidate{Name: "No posting"})
		r.ctl("POST", "/opportunities/"+lone.OpportunityID+"/hire", obj{"requisition": id}).must(400)
		r.ctl("POST", "/opportunities/"+lone.OpportunityID+"/hire", nil).must(200)
	})
}
