package twin_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"fulcrum/local/twin"
	"fulcrum/local/twin/desk"
)

// Many callers at once, through all doors: nothing is lost and nothing is
// shared (the race detector looks on).
func TestManyCallersAtOnce(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		const callers, rounds = 8, 25
		r.hook("candidateStageChange")
		r.hook("contactCreated")
		var all sync.WaitGroup
		for n := range callers {
			all.Go(func() {
				for i := range rounds {
					r.busy(fmt.Sprintf("Candidate %d-%d", n, i))
				}
			})
		}
		all.Wait()
		synctest.Wait()
		if n := len(r.receiver.all()); n != 2*callers*rounds {
			t.Errorf("%d deliveries, want %d", n, 2*callers*rounds)
		}
		ids, _ := r.pages("/opportunities?limit=100&tag=x&stage_id=offer")
		if len(ids) != callers*rounds {
			t.Errorf("%d opportunities, want %d", len(ids), callers*rounds)
		}
		if len(r.twin.Violations()) != 0 {
			t.Errorf("violations %v", r.twin.Violations())
		}
	})
}

// busy makes a candidate and does this and that with it.
func (r *rig) busy(name string) {
	c, err := r.twin.AddCandidate(r.home.Account, desk.Candidate{Name: name, Posting: "Backend Engineer"})
	if err != nil {
		r.t.Error(err)
	}
	o := "/opportunities/" + c.OpportunityID
	for _, got := range []reply{
		r.api("PUT", o+"/stage", obj{"stage": "offer"}),
		r.api("POST", o+"/addTags", obj{"tags": []string{"x"}}),
		r.ctl("POST", o+"/offers", obj{"status": "signed"}),
		r.api("GET", o+"?expand=applications&expand=contact", nil),
		r.api("GET", o+"/offers?expand=creator", nil),
		r.api("GET", "/opportunities?limit=5", nil),
		r.ctl("GET", "", nil),
	} {
		if got.status/100 != 2 {
			r.t.Errorf("%s: %d %s", name, got.status, got.raw)
		}
	}
}
