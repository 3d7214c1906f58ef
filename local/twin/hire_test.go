package twin_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"fulcrum/local/twin"
	"fulcrum/local/twin/desk"
)

func TestAHireTellsBothEventsAndCanBeReadBack(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		r.hook("candidateHired")
		r.hook("candidateArchiveChange")
		c := r.candidate(desk.Candidate{Name: "Nina Okafor", Email: "nina@example.com", Posting: "Backend Engineer"})
		r.ctl(
			"POST", "/opportunities/"+c.OpportunityID+"/offers",
			obj{"status": "signed", "fields": obj{"salary_amount": 80000}},
		).must(201)
		r.ctl("POST", "/opportunities/"+c.OpportunityID+"/hire", nil).must(200)
		synctest.Wait()

		events := r.receiver.events()
		slices.Sort(events)
		if !slices.Equal(events, []string{"candidateArchiveChange", "candidateHired"}) {
			t.Fatalf("events %v", events)
		}
		for _, d := range r.receiver.all() {
			data := d.body["data"].(obj)
			want := obj{"opportunityId": c.OpportunityID, "contactId": c.ContactID, "candidateId": c.OpportunityID}
			for member, id := range want {
				if data[member] != id {
					t.Errorf("%s: %s = %v, want %v", d.body["event"], member, data[member], id)
				}
			}
		}
		r.api("GET", "/opportunities/"+c.OpportunityID, nil).must(200).want(obj{
			"data.name": "Nina Okafor", "data.archived.reason": r.reason("Hired"), "data.stage": "lead-new",
			"data.applications": []string{c.ApplicationID}, "data.opportunityLocation": "Lisbon",
		})
		r.api("GET", "/opportunities/"+c.OpportunityID+"/offers", nil).must(200).want(obj{
			"data.#": 1, "data.0.status": "signed", "hasNext": false,
		})
	})
}
