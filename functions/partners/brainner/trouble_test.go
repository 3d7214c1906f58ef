package brainner_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"fulcrum/functions/partners/brainner"
	"fulcrum/local/twin/api"
	"fulcrum/shared/action"
)

func TestAnImportThatStumblesAsksForEachEvaluationOnce(t *testing.T) {
	on(t, both, func(b bench) {
		_, c := b.screened()
		other, _ := b.screened()
		b.Do(nil, b.Twin.Inject(api.Fault{Match: "GET /v1/opportunities/" + other.OpportunityID + "/resumes", Account: b.Account, Status: 500, Times: 6}))
		b.imports(brainner.ImportRequest{Kind: "candidates", PostingID: c.JobID, ReEvaluate: true})
		b.expect(c.OpportunityID, "candidate.received candidate.reevaluation_requested")
		b.expect(other.OpportunityID, "candidate.received candidate.reevaluation_requested")
	})
}

func TestATemplateOfWhichNobodyKnowsForMinutesIsMadeOnce(t *testing.T) {
	on(t, both, func(b bench) {
		p, c := b.screened()
		b.Do(nil, b.Twin.Inject(api.Fault{Match: "POST /v1/form_templates", Account: b.Account, DelayMS: 120_000, Times: 1}))
		o := b.acts("results", result("res-1", c, 50))
		if forms, _ := b.shown(p); o.State != "done" || len(forms) != 1 || b.templates() != 1 {
			b.Errorf("%+v, %d forms, %d templates", o, len(forms), b.templates())
		}
	})
}

func TestManyResultsAtOnceMakeOneTemplate(t *testing.T) {
	on(t, both, func(b bench) {
		var seen []brainner.Candidate
		for range 4 {
			_, c := b.screened()
			seen = append(seen, c)
		}
		b.Do(nil, b.Twin.Inject(api.Fault{Match: "GET /v1/form_templates", Account: b.Account, DelayMS: 1000, Times: 4}))
		for _, c := range seen {
			if status := b.Call("POST", base+"results", result(c.ID, c, 50), nil); status != http.StatusAccepted {
				b.Fatal(status)
			}
		}
		time.Sleep(time.Hour)
		if n := b.count("action.done"); n != len(seen) || b.templates() != 1 {
			b.Errorf("%d results done, %d templates", n, b.templates())
		}
	})
}

func TestAnOldResultDoesNotTakeThePlaceOfANewOne(t *testing.T) {
	on(t, both, func(b bench) {
		p, c := b.screened()
		for _, key := range b.Twin.Keys(b.Account) {
			b.Do(nil, b.Twin.RemoveKey(b.Account, key.ID))
		}
		old := b.acts("results", result("res-1", c, 20))
		b.reconnect()
		if now := b.acts("results", result("res-2", c, 90)); now.State != "done" {
			b.Fatalf("%+v", now)
		}
		intake := action.IntakeFromEnv(b.Env(b.T, "PartnerBrainnerApi"), b.Table)
		b.Do(intake.Resume(context.Background(), b.C.ID, old.ID))
		if o := b.ended(old.ID); o.State != "parked" || o.Reason != "newer_result" {
			b.Errorf("%+v", o)
		}
		if forms, _ := b.shown(p); len(forms) != 1 || forms[0]["Overall score"] != "90 of 100" {
			b.Errorf("forms %+v", forms)
		}
	})
}

func TestWhoIsAnonymizedIsForgottenWithAllApplications(t *testing.T) {
	on(t, both, func(b bench) {
		p := b.applicant(job)
		quiet()
		again, err := b.Twin.Apply(b.Account, p.OpportunityID, job)
		b.Do(again, err)
		quiet()
		b.Do(b.Twin.Anonymize(b.Account, p.OpportunityID))
		b.clock()
		var all []brainner.Erasure
		for _, d := range b.Arrived("") {
			if d.Type == "candidate.erased" {
				var e brainner.Erasure
				if err := json.Unmarshal(d.Data, &e); err != nil {
					b.Fatal(err)
				}
				all = append(all, e)
			}
		}
		if len(all) != 1 || !all[0].Whole || !slices.Contains(all[0].OpportunityIDs, p.OpportunityID) || !slices.Contains(all[0].OpportunityIDs, again.OpportunityID) {
			b.Errorf("told %+v", all)
		}
	})
}
