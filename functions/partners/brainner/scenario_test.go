package brainner_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"fulcrum/functions/partners/brainner"
	"fulcrum/local/partnertest"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

func TestAB1AnOldPostingBecomesAJobWithItsNextApplication(t *testing.T) {
	on(t, both, func(b bench) {
		time.Sleep(2 * time.Hour)
		p := b.applicant(job)
		quiet()
		posting := b.posting(job)
		if b.count("job.imported") != 1 || b.count("candidate.received") != 1 || len(b.Arrived(posting.ID)) != 2 {
			b.Errorf("told %q", b.Types(""))
		}
		jobs := list[brainner.Job](b, "jobs")
		if len(jobs) != 1 || jobs[0].Title != job || jobs[0].Description == "" || jobs[0].Source != brainner.Auto || !jobs[0].Open {
			b.Errorf("jobs %+v", jobs)
		}
		c, ok := b.candidate(p)
		if !ok || c.Name != p.Name || c.JobID != posting.ID || !c.Resume.Readable || c.Resume.MediaType != "application/pdf" || c.Evaluation != 1 {
			b.Errorf("candidate %+v", c)
		}
		var told brainner.Candidate
		if err := json.Unmarshal(b.Arrived(p.OpportunityID)[0].Data, &told); err != nil || told.ID != c.ID || len(told.Emails) != 1 || told.Emails[0] != p.Email {
			b.Errorf("told %+v, %v", told, err)
		}
	})
}

func TestAB2WithoutAutoGenerateOnlyImportedJobsGetCandidates(t *testing.T) {
	on(t, byHand, func(b bench) {
		early := b.applicant(job)
		quiet()
		b.expect("", "")
		if got := b.Ended(early.OpportunityID); len(got) != 1 || got[0] != "ignored job_not_imported" {
			b.Errorf("the event ended %q", got)
		}
		posting := b.posting(job)
		if posting.Imported || posting.Skipped != 1 {
			b.Errorf("posting %+v", posting)
		}
		b.tell(early)
		if posting = b.posting(job); posting.Skipped != 1 {
			b.Errorf("the same application was counted %d times", posting.Skipped)
		}
		if i := b.imports(brainner.ImportRequest{Kind: "job", PostingID: posting.ID}); i.State != string(store.Imported) {
			b.Fatalf("import %+v", i)
		}
		late := b.applicant(job)
		quiet()
		b.tell(early)
		b.clock()
		b.expect(late.OpportunityID, "candidate.received")
		b.expect(early.OpportunityID, "")
		b.imports(brainner.ImportRequest{Kind: "candidates", PostingID: posting.ID})
		b.expect(early.OpportunityID, "candidate.received")
		b.expect(late.OpportunityID, "candidate.received")
		if jobs := list[brainner.Job](b, "jobs"); len(jobs) != 1 || jobs[0].Source != brainner.Manual {
			b.Errorf("jobs %+v", jobs)
		}
	})
}

func TestAB3WithAllOffNothingComesByItself(t *testing.T) {
	on(t, off, func(b bench) {
		p := b.applicant(job)
		quiet()
		b.clock()
		b.expect("", "")
		if got := b.Ended(p.OpportunityID); len(got) != 1 || got[0] != "ignored switched_off" {
			b.Errorf("the event ended %q", got)
		}
		posting := b.posting(job)
		b.imports(brainner.ImportRequest{Kind: "job", PostingID: posting.ID})
		b.imports(brainner.ImportRequest{Kind: "candidates", PostingID: posting.ID})
		b.expect(p.OpportunityID, "candidate.received")
		second := b.applicant(job)
		quiet()
		b.expect(second.OpportunityID, "")
	})
}

func TestAB4OnlyAppliedSettingsAct(t *testing.T) {
	t.Run("nothing comes before the first Apply", func(t *testing.T) {
		on(t, "", func(b bench) {
			p := b.applicant(job)
			quiet()
			b.expect("", "")
			if got := b.Ended(p.OpportunityID); len(got) != 1 || got[0] != "ignored settings_not_applied" {
				b.Errorf("the event ended %q", got)
			}
		})
	})
	t.Run("the values of the last Apply act at once", func(t *testing.T) {
		on(t, off, func(b bench) {
			first := b.applicant(job)
			quiet()
			apply(b.T, b.Stage, both)
			second := b.applicant(job)
			quiet()
			b.expect(first.OpportunityID, "")
			b.expect(second.OpportunityID, "candidate.received")
		})
	})
	t.Run("jobs come by themselves without candidates", func(t *testing.T) {
		on(t, `{"autoGenerateJobs":true,"autoImportCandidates":false}`, func(b bench) {
			p := b.applicant(job)
			quiet()
			b.expect("", "job.imported")
			if _, ok := b.candidate(p); ok {
				b.Error("the candidate came by itself")
			}
		})
	})
	t.Run("postings outside the chosen places stay out", func(t *testing.T) {
		on(t, `{"autoGenerateJobs":true,"autoImportCandidates":true,"locations":["Chicago"]}`, func(b bench) {
			b.applicant(job) // in Lisbon
			inside := b.applicant("Account Manager")
			quiet()
			b.expect(inside.OpportunityID, "candidate.received")
			if n := b.count("candidate.received") + b.count("job.imported"); n != 2 {
				b.Errorf("%d documents", n)
			}
		})
	})
}

func TestAB5FiftyApplicationsAtOnceMakeOneJob(t *testing.T) {
	on(t, both, func(b bench) {
		var people []partnertest.Person
		for range 50 {
			p := b.Person(desk.Candidate{})
			b.Do(b.Twin.AddResume(b.Account, p.OpportunityID, desk.Upload{Name: "cv.pdf", Text: pdf}))
			people = append(people, p)
		}
		var all sync.WaitGroup
		for _, p := range people {
			all.Go(func() { b.Do(b.Twin.Apply(b.Account, p.OpportunityID, job)) })
		}
		all.Wait()
		time.Sleep(30 * time.Minute)
		if n := b.count("job.imported"); n != 1 {
			b.Errorf("%d jobs", n)
		}
		for _, p := range people {
			b.expect(p.OpportunityID, "candidate.received")
		}
		if n := len(list[brainner.Candidate](b, "candidates")); n != 50 {
			b.Errorf("%d candidates", n)
		}
	})
}

func TestAB6APersonOnAJobIsOneCandidate(t *testing.T) {
	on(t, both, func(b bench) {
		p := b.applicant(job)
		quiet()
		b.tell(p)
		b.expect(p.OpportunityID, "candidate.received")

		// The same person applies once more, with a newer résumé.
		b.Do(b.Twin.Switch(b.Account, map[string]bool{string(lever.ApplicationCreated): false}))
		again, err := b.Twin.Apply(b.Account, p.OpportunityID, job)
		b.Do(again, err)
		b.Do(b.Twin.AddResume(b.Account, again.OpportunityID, desk.Upload{Name: "newer.pdf", Text: pdf + "more"}))
		b.Do(b.Twin.Switch(b.Account, map[string]bool{string(lever.ApplicationCreated): true}))
		b.tell(partnertest.Person{Added: again})
		b.expect(again.OpportunityID, "candidate.updated")
		c, _ := b.candidate(p)
		if len(list[brainner.Candidate](b, "candidates")) != 1 || len(c.Opportunities) != 2 || c.OpportunityID != again.OpportunityID ||
			c.Resume.Name != "newer.pdf" || !c.NewResume || c.Evaluation != 1 {
			b.Errorf("candidate %+v", c)
		}

		other, err := b.Twin.Apply(b.Account, p.OpportunityID, "Account Manager")
		b.Do(other, err)
		quiet()
		b.expect(other.OpportunityID, "candidate.received")
		if n := len(list[brainner.Candidate](b, "candidates")); n != 2 {
			b.Errorf("%d candidates", n)
		}
	})
}

func TestAB7WhatCannotBeReadIsNotScored(t *testing.T) {
	tests := map[string]struct {
		resume  desk.Upload
		problem brainner.ResumeProblem
	}{
		"no résumé":                                {desk.Upload{}, brainner.NoResume},
		"one that is too large":                    {desk.Upload{Name: "cv.pdf", Text: "%PDF-1.7" + strings.Repeat(" ", brainner.MaxResume)}, brainner.TooLarge},
		"one with a password":                      {desk.Upload{Name: "cv.pdf", Text: pdf + "trailer <</Encrypt 5 0 R>>"}, brainner.Encrypted},
		"a picture":                                {desk.Upload{Name: "cv.png", Text: "\x89PNG\r\n\x1a\n"}, brainner.NoDocument},
		"one that Lever refuses":                   {desk.Upload{Name: "cv.pdf", Text: pdf, Status: "error"}, brainner.Unprocessable},
		"one that Lever is not done with for long": {desk.Upload{Name: "cv.pdf", Text: pdf, Status: "processing"}, brainner.Processing},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			on(t, both, func(b bench) {
				p := b.applicantWith(job, tt.resume)
				time.Sleep(time.Hour)
				b.expect(p.OpportunityID, "candidate.received")
				c, ok := b.candidate(p)
				if !ok || c.Resume.Readable || c.Resume.Problem != tt.problem || c.Resume.Link != "" {
					b.Fatalf("résumé %+v", c.Resume)
				}
				if status := b.Call("POST", base+"results", result("res-1", c, 80), nil); status != 409 {
					b.Errorf("a score was taken: %d", status)
				}
				if status := b.Call("GET", base+"candidates/"+p.OpportunityID+"/resume", nil, nil); status != 409 {
					b.Errorf("a link was given: %d", status)
				}
			})
		})
	}
}

func TestAB15WhatLeverDoesNotShowYetIsLookedForAgain(t *testing.T) {
	on(t, both, func(b bench) {
		b.Do(nil, b.Twin.Inject(api.Fault{Match: "GET /v1/opportunities/*", Account: b.Account, Status: 404, Times: 3}))
		p := b.applicant(job)
		time.Sleep(time.Hour)
		b.expect(p.OpportunityID, "candidate.received")

		b.Do(nil, b.Twin.Inject(api.Fault{Match: "GET /v1/opportunities/*", Account: b.Account, Status: 404, Times: -1}))
		late := b.applicant(job)
		time.Sleep(2 * time.Hour)
		if got := b.Ended(late.OpportunityID); len(got) != 1 || got[0] != "parked not_found_in_lever" {
			b.Errorf("the event ended %q, want it parked", got)
		}
		b.Twin.Heal()
		parked, err := b.Table.Parked(b.Context(), b.C.ID, "", store.Paging{})
		b.Do(parked, err)
		b.Do(b.Table.RetryEvent(b.Context(), b.C.ID, parked.Items[0].Event))
		time.Sleep(time.Hour)
		b.expect(late.OpportunityID, "candidate.received")
	})
}
