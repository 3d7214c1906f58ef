package evidenced_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"fulcrum/functions/partners/evidenced"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
)

func TestAE1FirstImport(t *testing.T) {
	on(t, func(t *testing.T, w way) {
		var active, archived []string
		w.switchAll(false)
		for range 9 {
			must(w.Twin.AddUser(w.c.Account, desk.Person{Name: "User", Email: strings.ToLower(t.Name()) + string(rune('a'+len(active))) + "@acme.example"}))(t)
			active = append(active, "")
		}
		active = nil
		for i := range 100 {
			a := w.apply("Candidate", "c"+string(rune('0'+i/10))+string(rune('0'+i%10))+"@example.com", "Backend Engineer")
			if i < 40 {
				active = append(active, a.OpportunityID)
				continue
			}
			must(w.Twin.Archive(w.c.Account, a.OpportunityID, "Withdrew"))(t)
			archived = append(archived, a.OpportunityID)
		}
		interview := must(w.Twin.Schedule(w.c.Account, active[3], desk.Interview{}))(t)
		quiet()
		w.first()
		quiet()
		if n := len(list[evidenced.Job](w, "jobs")); n != 3 {
			t.Errorf("%d jobs", n)
		}
		if n := len(list[evidenced.User](w, "users")); n != 12 {
			t.Errorf("%d users", n)
		}
		if n := len(list[evidenced.Candidate](w, "candidates")); n != 40 {
			t.Errorf("%d candidates", n)
		}
		if i, ok := w.interview(interview.ID); !ok || i.CandidacyID != active[3] {
			t.Errorf("interview %+v", i)
		}
		for _, id := range archived {
			w.expectTold(id)
		}
		for kind, want := range map[string]int{"job.created": 3, "user.created": 12, "candidate.created": 40, "interview.scheduled": 1} {
			if got := w.count(kind); got != want {
				t.Errorf("%d documents %s, want %d", got, kind, want)
			}
		}
		before := len(w.Sandbox.Deliveries("evidenced", w.c.ID))
		again := w.first()
		quiet()
		if got := len(w.Sandbox.Deliveries("evidenced", w.c.ID)); got != before || again.Changed != 0 {
			t.Errorf("%d documents more, %d changed", got-before, again.Changed)
		}
	})
}

func TestAE2WhatNoWebhookTellsOfIsReadAgain(t *testing.T) {
	on(t, func(t *testing.T, w way) {
		w.first()
		title, closed := "Staff Engineer", "closed"
		p := must(w.Twin.AddPosting(w.c.Account, desk.Posting{PostingFields: account.PostingFields{Text: &title}}))(t)
		u := must(w.Twin.AddUser(w.c.Account, desk.Person{Name: "Ana", Email: "ana@acme.example"}))(t)
		w.begin(plan(w.t).Again...)
		quiet()
		w.expectTold(p.ID, "job.created")
		w.expectTold(u.ID, "user.created")
		must(w.Twin.ChangePosting(w.c.Account, p.ID, desk.Posting{PostingFields: account.PostingFields{State: &closed}}))(t)
		w.begin(plan(w.t).Again...)
		quiet()
		w.expectTold(p.ID, "job.created", "job.changed")
		if err := w.Twin.DeletePosting(w.c.Account, p.ID); err != nil {
			t.Fatal(err)
		}
		w.begin(plan(w.t).Again...)
		w.begin(plan(w.t).Again...)
		quiet()
		w.expectTold(p.ID, "job.created", "job.changed", "job.removed")
	})
}

func TestAE6TheOrderOfInterviewEventsDoesNotMatter(t *testing.T) {
	tests := map[string]struct {
		cancel bool
		events []string
		state  string
		told   []string
	}{
		"changed before it is scheduled":                       {false, []string{"interviewUpdated", "interviewCreated"}, "scheduled", []string{"interview.scheduled"}},
		"cancelled before it is scheduled":                     {true, []string{"interviewDeleted", "interviewCreated", "interviewUpdated"}, "cancelled", []string{"interview.cancelled"}},
		"scheduled, changed and cancelled":                     {true, []string{"interviewCreated", "interviewUpdated", "interviewDeleted"}, "cancelled", []string{"interview.cancelled"}},
		"scheduled and changed, each told twice, out of order": {false, []string{"interviewUpdated", "interviewCreated", "interviewUpdated", "interviewCreated"}, "scheduled", []string{"interview.scheduled"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, w way) {
				a := w.apply("Ada", "ada@example.com", "Backend Engineer")
				quiet()
				w.switchAll(false)
				i := must(w.Twin.Schedule(w.c.Account, a.OpportunityID, desk.Interview{}))(t)
				if tt.cancel {
					must(w.Twin.Cancel(w.c.Account, a.OpportunityID, i.ID))(t)
				}
				for _, e := range tt.events {
					w.post(e, `{"opportunityId":"`+a.OpportunityID+`","interviewId":"`+i.ID+`"}`)
					time.Sleep(20 * time.Second)
				}
				time.Sleep(time.Hour)
				if got, _ := w.interview(i.ID); got.State != tt.state {
					t.Errorf("interview %+v", got)
				}
				w.expectTold(`"id":"`+i.ID, tt.told...)
			})
		})
	}
}

func TestAE6AnInterviewThatIsGoneStaysGone(t *testing.T) {
	on(t, func(t *testing.T, w way) {
		a := w.apply("Ada", "ada@example.com", "Backend Engineer")
		quiet()
		const id = "5d3c1b7e-2f4a-4f0e-9b8d-7a6c5e4d3f03"
		data := `{"opportunityId":"` + a.OpportunityID + `","interviewId":"` + id + `"}`
		for _, e := range []string{"interviewDeleted", "interviewCreated", "interviewUpdated"} {
			w.post(e, data)
			time.Sleep(20 * time.Second)
		}
		time.Sleep(time.Hour)
		if _, there := w.interview(id); there {
			t.Error("there is an interview")
		}
		w.expectTold(id)
		w.expectEnded(t)
	})
}

func TestAE7ADeletedCandidateIsGoneForGood(t *testing.T) {
	on(t, func(t *testing.T, w way) {
		a := w.apply("Ada", "ada@example.com", "Backend Engineer")
		i := must(w.Twin.Schedule(w.c.Account, a.OpportunityID, desk.Interview{}))(t)
		quiet()
		must(w.Twin.Delete(w.c.Account, a.OpportunityID))(t)
		time.Sleep(time.Hour)
		w.expectTold(`"candidacyId":"`+a.OpportunityID+`","candidate"`, "candidate.created")
		w.expectTold(`"id":"`+i.ID, "interview.scheduled")
		w.expectTold(`"candidacyIds":["`+a.OpportunityID+`"]`, "candidate.erased")
		w.post("applicationCreated", `{"opportunityId":"`+a.OpportunityID+`"}`)
		w.first()
		time.Sleep(time.Hour)
		if c, there := w.candidate(a.ContactID); there {
			t.Errorf("candidate %+v", c)
		}
		if i, there := w.interview(i.ID); there {
			t.Errorf("interview %+v", i)
		}
		if n := w.count("candidate.created"); n != 1 {
			t.Errorf("created %d times", n)
		}
		w.expectEnded(t)
	})
}

func TestAE8ArchivedAndBack(t *testing.T) {
	on(t, func(t *testing.T, w way) {
		a := w.apply("Ada", "ada@example.com", "Backend Engineer")
		i := must(w.Twin.Schedule(w.c.Account, a.OpportunityID, desk.Interview{}))(t)
		quiet()
		must(w.Twin.Archive(w.c.Account, a.OpportunityID, "Withdrew"))(t)
		quiet()
		c, _ := w.candidate(a.ContactID)
		if len(c.Candidacies) != 1 || c.Candidacies[0].Active || c.Candidacies[0].Outcome != "archived" {
			t.Errorf("archived: %+v", c)
		}
		must(w.Twin.Unarchive(w.c.Account, a.OpportunityID))(t)
		quiet()
		if c, _ = w.candidate(a.ContactID); !c.Candidacies[0].Active || c.Candidacies[0].Outcome != "" {
			t.Errorf("back: %+v", c)
		}
		if _, there := w.interview(i.ID); !there {
			t.Error("the interview is gone")
		}
		must(w.Twin.Hire(w.c.Account, a.OpportunityID, ""))(t)
		quiet()
		if c, _ = w.candidate(a.ContactID); c.Candidacies[0].Active || c.Candidacies[0].Outcome != "hired" {
			t.Errorf("hired: %+v", c)
		}
		w.expectTold(`"candidacyId":"`+a.OpportunityID+`","candidate"`,
			"candidate.created", "candidate.archived", "candidate.reactivated", "candidate.hired")
	})
}

func TestAE9OnePersonTwoCandidacies(t *testing.T) {
	on(t, func(t *testing.T, w way) {
		a := w.apply("Ada", "ada@example.com", "Backend Engineer")
		b := w.apply("Ada", "ada@example.com", "Account Manager")
		quiet()
		c, there := w.candidate(a.ContactID)
		if !there || a.ContactID != b.ContactID || len(c.Candidacies) != 2 || c.Candidacies[0].JobID == c.Candidacies[1].JobID {
			t.Fatalf("%+v", c)
		}
		must(w.Twin.Move(w.c.Account, b.OpportunityID, "Offer"))(t)
		quiet()
		c, _ = w.candidate(a.ContactID)
		for _, x := range c.Candidacies {
			if (x.ID == b.OpportunityID) != (x.Stage.Text == "Offer") {
				t.Errorf("%+v", x)
			}
		}
		must(w.Twin.Delete(w.c.Account, b.OpportunityID))(t)
		quiet()
		if c, there = w.candidate(a.ContactID); !there || len(c.Candidacies) != 1 || c.Candidacies[0].ID != a.OpportunityID {
			t.Errorf("after the other was deleted: %+v", c)
		}
	})
}

func TestAE11WhatIsSyncedIsManagedInLever(t *testing.T) {
	on(t, func(t *testing.T, w way) {
		a := w.apply("Ada", "ada@example.com", "Backend Engineer")
		w.first()
		for _, kind := range []string{"jobs", "candidates", "users", "interviews"} {
			status, body := w.call("PATCH", kind+"/"+a.ContactID, map[string]string{"name": "Another"})
			if status != http.StatusConflict || !strings.Contains(string(body), "Managed in Lever") {
				t.Errorf("%s: %d %s", kind, status, body)
			}
		}
		if status, _ := w.call("PATCH", "nonsense/"+a.ContactID, nil); status != http.StatusNotFound {
			t.Errorf("nonsense: %d", status)
		}
	})
}

func TestAE13NothingOfAConfidentialPosting(t *testing.T) {
	tests := map[string]bool{"that the credential may not see": true, "that the customer has not included": false}
	for name, blind := range tests {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, w way) {
				if blind {
					w.blind()
				}
				title, secret := "Secret Chief", "confidential"
				p := must(w.Twin.AddPosting(w.c.Account, desk.Posting{PostingFields: account.PostingFields{Text: &title, Confidentiality: &secret}}))(t)
				a := w.apply("Ada", "ada@example.com", title)
				i := must(w.Twin.Schedule(w.c.Account, a.OpportunityID, desk.Interview{}))(t)
				w.first()
				w.begin(plan(w.t).Again...)
				must(w.Twin.Move(w.c.Account, a.OpportunityID, "Offer"))(t)
				time.Sleep(time.Hour)
				for _, id := range []string{p.ID, a.OpportunityID, i.ID, "Secret", "Ada"} {
					w.expectTold(id)
				}
				for _, e := range w.Events(t, w.c.ID) {
					if e.State != "ignored" || e.Reason != "confidential" {
						t.Errorf("%s: %s %s", e.Event, e.State, e.Reason)
					}
				}
			})
		})
	}
}

func TestAE14AUserWhoIsACandidate(t *testing.T) {
	const email = "ana@acme.example"
	tests := map[string]func(t *testing.T, w way) (user string){
		"who was a user first": func(t *testing.T, w way) string {
			u := must(w.Twin.AddUser(w.c.Account, desk.Person{Name: "Ana", Email: email}))(t)
			w.first()
			w.apply("Ana", "ANA@acme.example", "Backend Engineer")
			return u.ID
		},
		"who was both before connecting": func(t *testing.T, w way) string {
			u := must(w.Twin.AddUser(w.c.Account, desk.Person{Name: "Ana", Email: email}))(t)
			w.switchAll(false)
			w.apply("Ana", email, "Backend Engineer")
			quiet()
			w.first()
			return u.ID
		},
		"who was a candidate first": func(t *testing.T, w way) string {
			w.apply("Ana", email, "Backend Engineer")
			w.first()
			u := must(w.Twin.AddUser(w.c.Account, desk.Person{Name: "Ana", Email: email}))(t)
			w.begin(plan(w.t).Again...)
			return u.ID
		},
	}
	for name, meet := range tests {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, w way) {
				user := meet(t, w)
				quiet()
				all := list[evidenced.Candidate](w, "candidates")
				if len(all) != 1 || all[0].UserID != user {
					t.Errorf("candidates %+v, want one of the user %s", all, user)
				}
			})
		})
	}
}

func TestTheCustomersChoicesAreKept(t *testing.T) {
	on(t, func(t *testing.T, w way) {
		w.choose(`{"postings":"tagged","postingTags":["evidenced"],"importUsers":false}`)
		tagged, tags := "Staff Engineer", []string{"evidenced"}
		must(w.Twin.AddPosting(w.c.Account, desk.Posting{PostingFields: account.PostingFields{Text: &tagged, Tags: &tags}}))(t)
		in := w.apply("Ada", "ada@example.com", tagged)
		out := w.apply("Bea", "bea@example.com", "Backend Engineer")
		quiet()
		w.first()
		quiet()
		if n, m := len(list[evidenced.Job](w, "jobs")), len(list[evidenced.User](w, "users")); n != 1 || m != 0 {
			t.Errorf("%d jobs, %d users", n, m)
		}
		if _, there := w.candidate(in.ContactID); !there {
			t.Error("the candidate of the posting with the tag is not there")
		}
		if c, there := w.candidate(out.ContactID); there {
			t.Errorf("there is %+v", c)
		}
		w.choose(`{"postings":"tagged","postingTags":["another"]}`)
		w.begin(plan(w.t).Again...)
		quiet()
		if n := len(list[evidenced.Job](w, "jobs")); n != 0 || w.count("job.removed") != 1 {
			t.Errorf("%d jobs after the tag was changed, %d removed", n, w.count("job.removed"))
		}
	})
}
