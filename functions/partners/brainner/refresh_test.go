package brainner_test

import (
	"encoding/json"
	"testing"
	"time"

	"fulcrum/functions/partners/brainner"
	"fulcrum/local/partnertest"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
)

func TestAB12ApplicantsComeWhileTheWebhookIsOff(t *testing.T) {
	on(t, byHand, func(b bench) {
		posting := b.posting(job)
		b.imports(brainner.ImportRequest{Kind: "job", PostingID: posting.ID})
		b.clock()
		b.Do(b.Twin.Switch(b.Account, map[string]bool{string(lever.ApplicationCreated): false}))
		time.Sleep(10 * time.Minute)
		p, elsewhere := b.applicant(job), b.applicant("Account Manager")
		b.clock()
		b.clock()
		b.expect(p.OpportunityID, "candidate.received")
		b.expect(elsewhere.OpportunityID, "")
		if got := b.Ended(""); len(got) != 0 {
			b.Errorf("events ended %q, though none came", got)
		}
		b.Do(b.Twin.Move(b.Account, p.OpportunityID, "offer"))
		b.clock()
		b.expect(p.OpportunityID, "candidate.received candidate.updated")
		if c, _ := b.candidate(p); c.Stage.ID != "offer" {
			b.Errorf("candidate in %+v", c.Stage)
		}
	})
}

func TestAB13WhoIsErasedInLeverIsErasedHere(t *testing.T) {
	acts := map[string]func(bench, partnertest.Person){
		"deleted":    func(b bench, p partnertest.Person) { b.Do(b.Twin.Delete(b.Account, p.OpportunityID)) },
		"anonymized": func(b bench, p partnertest.Person) { b.Do(b.Twin.Anonymize(b.Account, p.OpportunityID)) },
	}
	for because, act := range acts {
		t.Run(because, func(t *testing.T) {
			on(t, both, func(b bench) {
				p, c := b.screened()
				stays, _ := b.screened()
				b.acts("results", result("res-1", c, 82))
				act(b, p)
				b.clock()
				b.clock()
				b.expect(p.OpportunityID, "candidate.received action.done candidate.erased")
				var e brainner.Erasure
				if err := json.Unmarshal(b.Arrived(p.OpportunityID)[2].Data, &e); err != nil || !e.Whole || e.Because != because || e.CandidateID != c.ID {
					b.Errorf("%+v, %v", e, err)
				}
				left, err := b.Table.Object(b.Context(), b.C.ID, "result", p.OpportunityID)
				if b.Do(left, err); string(left.State) != `{"gone":"`+because+`"}` {
					b.Errorf("of the result is left %s", left.State)
				}
				b.imports(brainner.ImportRequest{Kind: "candidates", PostingID: c.JobID, ReEvaluate: true})
				b.tell(p)
				b.clock()
				if _, ok := b.candidate(p); ok || b.count("candidate.erased") != 1 {
					b.Error("who was erased came back")
				}
				b.expect(stays.OpportunityID, "candidate.received candidate.reevaluation_requested")
				if status := b.Call("POST", base+"results", result("res-2", c, 50), nil); status != 404 {
					b.Errorf("a result for who was erased: %d", status)
				}
			})
		})
	}
}

func TestOneOfSeveralApplicationsIsDeleted(t *testing.T) {
	on(t, both, func(b bench) {
		p := b.applicant(job)
		quiet()
		again, err := b.Twin.Apply(b.Account, p.OpportunityID, job)
		b.Do(again, err)
		quiet()
		b.Do(b.Twin.Delete(b.Account, again.OpportunityID))
		b.clock()
		c, ok := b.candidate(p)
		if !ok || c.OpportunityID != p.OpportunityID || len(c.Opportunities) != 1 || !c.Resume.Readable {
			b.Errorf("candidate %+v", c)
		}
		b.expect(again.OpportunityID, "candidate.updated candidate.erased")
		b.tell(p)
		b.tell(p)
		if got := b.Ended(p.OpportunityID); got[len(got)-1] != "unchanged" {
			b.Errorf("the event about who is left ended %q", got)
		}
	})
}

func TestAB16AClosedPostingTakesNobody(t *testing.T) {
	on(t, both, func(b bench) {
		p := b.applicant(job)
		quiet()
		posting := b.posting(job)
		b.Do(b.Twin.ChangePosting(b.Account, posting.ID, desk.Posting{PostingFields: account.PostingFields{State: new("closed")}}))
		b.clock()
		if b.count("job.closed") != 1 {
			b.Errorf("told %q", b.Types(""))
		}
		time.Sleep(15 * time.Minute)
		late := b.applicant(job)
		quiet()
		b.expect(late.OpportunityID, "")
		if _, ok := b.candidate(p); !ok {
			b.Error("who applied before is gone")
		}
		if status := b.Call("POST", base+"imports", brainner.ImportRequest{Kind: "candidates", PostingID: posting.ID}, nil); status != 409 {
			b.Errorf("an import of a closed job: %d", status)
		}
		b.Do(b.Twin.ChangePosting(b.Account, posting.ID, desk.Posting{PostingFields: account.PostingFields{State: new("published")}}))
		b.clock()
		if jobs := list[brainner.Job](b, "jobs"); len(jobs) != 1 || !jobs[0].Open {
			b.Errorf("jobs %+v", jobs)
		}
	})
	t.Run("also between two looks at it", func(t *testing.T) {
		on(t, both, func(b bench) {
			b.applicant(job)
			quiet()
			b.Do(b.Twin.ChangePosting(b.Account, b.posting(job).ID, desk.Posting{PostingFields: account.PostingFields{State: new("closed")}}))
			time.Sleep(11 * time.Minute)
			late := b.applicant(job)
			quiet()
			b.expect(late.OpportunityID, "")
		})
	})
}

func TestAB16WhatBecomesConfidentialIsRemoved(t *testing.T) {
	on(t, both, func(b bench) {
		p := b.applicant(job)
		quiet()
		posting := b.posting(job)
		b.Do(b.Twin.ChangePosting(b.Account, posting.ID, desk.Posting{PostingFields: account.PostingFields{Confidentiality: new("confidential")}}))
		b.clock()
		b.clock()
		b.expect(p.OpportunityID, "candidate.received candidate.erased")
		if n := b.count("job.withdrawn"); n != 1 || len(list[brainner.Job](b, "jobs")) != 0 || len(list[brainner.Candidate](b, "candidates")) != 0 {
			b.Errorf("%d removals", n)
		}
		for _, l := range list[brainner.ListedPosting](b, "postings") {
			if l.ID == posting.ID {
				b.Error("the posting is offered for import")
			}
		}
		if status := b.Call("POST", base+"imports", brainner.ImportRequest{Kind: "job", PostingID: posting.ID}, nil); status != 409 {
			b.Errorf("an import of a confidential posting: %d", status)
		}
	})
}

func TestAB17ReEvaluationIsAskedFor(t *testing.T) {
	on(t, both, func(b bench) {
		b.Do(b.Twin.Switch(b.Account, map[string]bool{string(lever.ApplicationCreated): false}))
		unknown := b.applicant(job)
		b.Do(b.Twin.Switch(b.Account, map[string]bool{string(lever.ApplicationCreated): true}))
		known, c := b.screened()
		b.acts("results", result("res-1", c, 82))

		q := brainner.ImportRequest{Kind: "candidates", PostingID: c.JobID, CountOnly: true}
		if i := b.imports(q); i.Count != 2 || i.New != 1 || !i.CountOnly || i.EndedAt == "" {
			b.Errorf("count %+v", i)
		}
		b.expect(unknown.OpportunityID, "")
		q.CountOnly = false
		if i := b.imports(q); i.Count != 2 || i.New != 1 {
			b.Errorf("import %+v", i)
		}
		b.expect(unknown.OpportunityID, "candidate.received")
		b.expect(known.OpportunityID, "candidate.received action.done")

		q.ReEvaluate = true
		b.imports(q)
		b.expect(unknown.OpportunityID, "candidate.received candidate.reevaluation_requested")
		b.expect(known.OpportunityID, "candidate.received action.done candidate.reevaluation_requested")
		c, _ = b.candidate(known)
		if c.Evaluation != 2 {
			b.Errorf("evaluation %d", c.Evaluation)
		}
		b.acts("results", result("res-2", c, 60))
		forms, _ := b.shown(known)
		if last := forms[len(forms)-1]; len(forms) != 2 || last["Overall score"] != "60 of 100" {
			b.Errorf("forms %+v", forms)
		}
	})
}

func TestImportsThatAreRefused(t *testing.T) {
	on(t, off, func(b bench) {
		posting := b.posting(job)
		for name, tt := range map[string]struct {
			q    any
			want int
		}{
			"candidates of a posting that is no job": {brainner.ImportRequest{Kind: "candidates", PostingID: posting.ID}, 409},
			"a posting that Lever does not have":     {brainner.ImportRequest{Kind: "job", PostingID: "22222222-2222-4222-8222-222222222222"}, 422},
			"what is no kind":                        {brainner.ImportRequest{Kind: "users", PostingID: posting.ID}, 422},
			"what is no id":                          {brainner.ImportRequest{Kind: "job", PostingID: "../users"}, 422},
			"a count of a job":                       {brainner.ImportRequest{Kind: "job", PostingID: posting.ID, CountOnly: true}, 422},
			"members that are none":                  {map[string]any{"kind": "job", "posting": posting.ID}, 422},
		} {
			if status := b.Call("POST", base+"imports", tt.q, nil); status != tt.want {
				b.Errorf("%s: %d, want %d", name, status, tt.want)
			}
		}
		for _, id := range []string{"jobs", "imp_unknown"} {
			if status := b.Call("GET", base+"imports/"+id, nil, nil); status != 404 {
				b.Errorf("import %s: %d", id, status)
			}
		}
		for _, query := range []string{"jobs?state=open", "candidates?job=a/b", "candidates?limit=0", "stages?x=1"} {
			if status := b.Call("GET", base+query, nil, nil); status != 422 {
				b.Errorf("%s: %d", query, status)
			}
		}
	})
}
