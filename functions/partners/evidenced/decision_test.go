package evidenced_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"fulcrum/functions/partners/evidenced"
	"fulcrum/local/rig"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
)

// scene is a candidate with an interview, and the users who take part.
type scene struct {
	way
	candidate desk.Added
	interview account.Interview
	ana, omar account.User
}

// interviewed is a scene right after an interview by Ana. Omar stands in where the
// interviewer cannot write.
func interviewed(t *testing.T, f func(t *testing.T, s scene)) {
	t.Helper()
	on(t, func(t *testing.T, w way) {
		s := scene{way: w}
		s.ana = must(w.Twin.AddUser(w.c.Account, desk.Person{Name: "Ana Prado", Email: "ana@acme.example"}))(t)
		s.omar = must(w.Twin.AddUser(w.c.Account, desk.Person{Name: "Omar Haddad", Email: "omar@acme.example"}))(t)
		w.choose(`{"performAs":"omar@acme.example"}`)
		s.candidate = w.apply("Ada Lovelace", "ada@example.com", "Backend Engineer")
		s.interview = must(w.Twin.Schedule(w.c.Account, s.candidate.OpportunityID, desk.Interview{Interviewers: []string{s.ana.ID}}))(t)
		quiet()
		f(t, s)
	})
}

// verdict is Ana's decision about the scene's interview.
func (s scene) verdict() evidenced.Verdict {
	return evidenced.Verdict{
		ID: "dec-1", Version: 1, CandidacyID: s.candidate.OpportunityID, InterviewID: s.interview.ID, Decision: "yes",
		Interviewer: evidenced.Judge{Name: "Ana Prado", Email: "ana@acme.example"}, Reason: "Saw the race at once.",
		EvidenceURL: "https://app.evidenced.example/i/7",
	}
}

func (s scene) decide(v evidenced.Verdict, want int) {
	s.t.Helper()
	if status, body := s.call("POST", "decisions", v); status != want {
		s.t.Fatalf("decision: %d %s, want %d", status, body, want)
	}
}

// standing is what has become of a decision.
func (s scene) standing(id string) evidenced.Decision {
	s.t.Helper()
	var d evidenced.Decision
	status, body := s.call("GET", "decisions/"+id, nil)
	if err := json.Unmarshal(body, &d); err != nil || status != http.StatusOK {
		s.t.Fatalf("decision %s: %d %s", id, status, body)
	}
	return d
}

func (s scene) client() *lever.Client {
	return must(lever.New(lever.Options{BaseURL: rig.Lever + "/v1", Auth: lever.APIKey(s.c.LeverAPIKey), Transport: s}))(s.t)
}

func (s scene) feedback() []lever.Feedback {
	s.t.Helper()
	return must(lever.Collect(s.client().Feedbacks(context.Background(), s.candidate.OpportunityID)))(s.t)
}

func (s scene) notes(opportunity string) []lever.Note {
	s.t.Helper()
	return must(lever.Collect(s.client().Notes(context.Background(), opportunity)))(s.t)
}

// answer is what a form has in the field of that name.
func answer(f lever.Feedback, field string) string {
	for _, x := range f.Fields {
		if x.Text == field {
			return strings.Trim(string(x.Value), `"`)
		}
	}
	return ""
}

func (s scene) templates() int {
	s.t.Helper()
	n := 0
	for _, x := range must(lever.Collect(s.client().FeedbackTemplates(context.Background())))(s.t) {
		if x.Text == "Evidenced decision" {
			n++
		}
	}
	return n
}

func TestAE3ADecisionIsFeedbackOnItsInterview(t *testing.T) {
	interviewed(t, func(t *testing.T, s scene) {
		s.decide(s.verdict(), http.StatusAccepted)
		quiet()
		all := s.feedback()
		if len(all) != 1 {
			t.Fatalf("%d feedback forms: %+v", len(all), s.standing("dec-1"))
		}
		f := all[0]
		if f.Interview != s.interview.ID || f.Panel != s.interview.Panel || f.User != s.ana.ID {
			t.Errorf("interview %s, panel %s, user %s", f.Interview, f.Panel, f.User)
		}
		if answer(f, "Hire") != "yes" || answer(f, "Rating") != "3 - Hire" || answer(f, "Hiring reason") != "Saw the race at once." {
			t.Errorf("%+v", f.Fields)
		}
		if d := s.standing("dec-1"); d.State != "done" || d.Lever == nil || d.Lever.As != "feedback" || d.Lever.ID != f.ID {
			t.Errorf("standing %+v", d)
		}
		s.decide(s.verdict(), http.StatusAccepted)
		again := s.verdict()
		again.Version = 2
		s.decide(again, http.StatusAccepted)
		quiet()
		if n := len(s.feedback()); n != 1 {
			t.Errorf("%d feedback forms after the same decision again", n)
		}
		changed := s.verdict()
		changed.Version, changed.Decision, changed.Reason = 3, "no", "On second thoughts."
		s.decide(changed, http.StatusAccepted)
		quiet()
		all = s.feedback()
		if len(all) != 1 || all[0].ID != f.ID || answer(all[0], "Hire") != "no" || answer(all[0], "Rating") != "2 - No Hire" {
			t.Errorf("after a change: %+v", all)
		}
		if n := s.templates(); n != 1 {
			t.Errorf("%d templates", n)
		}
		if n := s.count("action.done"); n != 2 {
			t.Errorf("told of %d decisions done", n)
		}
	})
}

func TestAE4ADecisionStaysOnItsInterviewWhereverTheCandidateIs(t *testing.T) {
	interviewed(t, func(t *testing.T, s scene) {
		for _, stage := range []string{"On-site interview", "Offer"} {
			must(s.Twin.Move(s.c.Account, s.candidate.OpportunityID, stage))(t)
		}
		quiet()
		s.decide(s.verdict(), http.StatusAccepted)
		quiet()
		if all := s.feedback(); len(all) != 1 || all[0].Interview != s.interview.ID {
			t.Errorf("%+v", all)
		}
	})
}

func TestAE5WhatIsChangedInLeverStaysThere(t *testing.T) {
	interviewed(t, func(t *testing.T, s scene) {
		s.decide(s.verdict(), http.StatusAccepted)
		quiet()
		f := s.feedback()[0]
		var reason string
		for _, x := range f.Fields {
			if x.Text == "Hiring reason" {
				reason = x.ID
			}
		}
		before := len(s.Sandbox.Deliveries("evidenced", s.c.ID))
		must(s.Twin.ChangeFeedback(s.c.Account, s.candidate.OpportunityID, f.ID, []account.Given{{ID: reason, Value: "Edited in Lever."}}))(t)
		time.Sleep(time.Hour)
		if n := len(s.Sandbox.Deliveries("evidenced", s.c.ID)); n != before {
			t.Errorf("%d documents of a change in Lever", n-before)
		}
		s.decide(s.verdict(), http.StatusAccepted)
		time.Sleep(time.Hour)
		if all := s.feedback(); len(all) != 1 || answer(all[0], "Hiring reason") != "Edited in Lever." {
			t.Errorf("%+v", all)
		}
	})
}

func TestAE7DecisionsAboutWhoIsGoneAreRefused(t *testing.T) {
	interviewed(t, func(t *testing.T, s scene) {
		v := s.verdict()
		v.InterviewID = "5d3c1b7e-2f4a-4f0e-9b8d-7a6c5e4d3f03" // it waits for this one
		s.decide(v, http.StatusAccepted)
		must(s.Twin.Delete(s.c.Account, s.candidate.OpportunityID))(t)
		quiet()
		s.decide(v, http.StatusGone)
		v.ID = "dec-2"
		s.decide(v, http.StatusGone)
		if status, _ := s.call("GET", "decisions/dec-1", nil); status != http.StatusGone {
			t.Errorf("the decision: %d", status)
		}
		time.Sleep(time.Hour)
		o := must(s.Table.Object(context.Background(), s.c.ID, "decision", "dec-1"))(t)
		if strings.Contains(string(o.State), "race") || strings.Contains(string(o.State), "Ana") {
			t.Errorf("kept of the decision: %s", o.State)
		}
		if n := s.count("action.parked"); n != 1 {
			t.Errorf("told of %d decisions that cannot be written", n)
		}
	})
}

func TestAE9ADecisionGoesToTheCandidacyItWasMadeFor(t *testing.T) {
	interviewed(t, func(t *testing.T, s scene) {
		other := s.apply("Ada Lovelace", "ada@example.com", "Account Manager")
		quiet()
		v := s.verdict()
		v.CandidacyID, v.InterviewID = other.OpportunityID, ""
		s.decide(v, http.StatusAccepted)
		quiet()
		if n, m := len(s.notes(other.OpportunityID)), len(s.notes(s.candidate.OpportunityID)); n != 1 || m != 0 || len(s.feedback()) != 0 {
			t.Errorf("%d notes, %d on the other candidacy", n, m)
		}
		v.Version, v.CandidacyID = 2, s.candidate.OpportunityID
		s.decide(v, http.StatusConflict)
	})
}

func TestAE10WhoCannotWriteIsWrittenFor(t *testing.T) {
	tests := map[string]struct {
		judge evidenced.Judge
		leave bool
	}{
		"an interviewer who left":      {evidenced.Judge{Name: "Ana Prado", Email: "ana@acme.example"}, true},
		"one who left, named by id":    {evidenced.Judge{Name: "Ana Prado", UserID: "ana"}, true},
		"one who never was a user":     {evidenced.Judge{Name: "Ana Prado", Email: "ana@elsewhere.example"}, false},
		"one of whom no e-mail is had": {evidenced.Judge{Name: "Ana Prado"}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			interviewed(t, func(t *testing.T, s scene) {
				s.first()
				before := s.verdict()
				before.ID = "dec-0"
				s.decide(before, http.StatusAccepted)
				quiet()
				if tt.leave {
					must(s.Twin.ChangeUser(s.c.Account, s.ana.ID, desk.Person{Deactivated: new(true)}))(t)
					s.begin(plan(s.t).Again...)
					for _, u := range list[evidenced.User](s.way, "users") {
						if u.Active == (u.ID == s.ana.ID) {
							t.Errorf("user %+v", u)
						}
					}
				}
				v := s.verdict()
				if v.Interviewer = tt.judge; v.Interviewer.UserID != "" {
					v.Interviewer.UserID = s.ana.ID
				}
				s.decide(v, http.StatusAccepted)
				quiet()
				notes := s.notes(s.candidate.OpportunityID)
				if len(notes) != 1 || notes[0].User != s.omar.ID || !strings.Contains(notes[0].Value(), "Ana Prado decided yes") {
					t.Errorf("notes %+v, %+v", notes, s.standing("dec-1"))
				}
				if all := s.feedback(); len(all) != 1 || all[0].User != s.ana.ID {
					t.Errorf("the decision before: %+v", all)
				}
			})
		})
	}
}

func TestADecisionWithNobodyToWriteItIsHeld(t *testing.T) {
	interviewed(t, func(t *testing.T, s scene) {
		s.choose(`{}`)
		v := s.verdict()
		v.Interviewer.Email = "nobody@acme.example"
		s.decide(v, http.StatusAccepted)
		quiet()
		if d := s.standing("dec-1"); d.State != "parked" || d.Reason != "no_active_user" || len(s.notes(s.candidate.OpportunityID)) != 0 {
			t.Errorf("%+v", d)
		}
	})
}

func TestAE16ADecisionWaitsForItsInterview(t *testing.T) {
	interviewed(t, func(t *testing.T, s scene) {
		v := s.verdict()
		v.InterviewID = "5d3c1b7e-2f4a-4f0e-9b8d-7a6c5e4d3f03"
		s.decide(v, http.StatusAccepted)
		time.Sleep(14 * time.Minute)
		if d := s.standing("dec-1"); d.State != "planned" || len(s.notes(s.candidate.OpportunityID)) != 0 {
			t.Errorf("after 14 minutes: %+v", d)
		}
		time.Sleep(time.Hour) // the next look may be half an hour off
		notes := s.notes(s.candidate.OpportunityID)
		if len(notes) != 1 || notes[0].User != s.ana.ID || len(s.feedback()) != 0 {
			t.Errorf("notes %+v, %+v", notes, s.standing("dec-1"))
		}
		s.decide(v, http.StatusAccepted)
		time.Sleep(time.Hour)
		if n := len(s.notes(s.candidate.OpportunityID)); n != 1 {
			t.Errorf("%d notes", n)
		}
	})
}

func TestADecisionIsWrittenOnceWhateverIsLost(t *testing.T) {
	tests := map[string]api.Fault{
		"the answer of the feedback":          {Match: "POST /v1/opportunities/*/feedback", DropAnswer: true, Times: 1},
		"the answer of the template":          {Match: "POST /v1/feedback_templates", DropAnswer: true, Times: 1},
		"the feedback, for Lever is away":     {Match: "POST /v1/opportunities/*/feedback", Status: 503, Times: 2},
		"the template, for Lever is away":     {Match: "POST /v1/feedback_templates", Status: 503, Times: 2},
		"the list of templates":               {Match: "GET /v1/feedback_templates", Status: 500, Times: 7},
		"the feedback, which comes very late": {Match: "POST /v1/opportunities/*/feedback", DelayMS: 60_000, Times: 1},
	}
	for name, fault := range tests {
		t.Run(name, func(t *testing.T) {
			rig.Some(t)
			interviewed(t, func(t *testing.T, s scene) {
				s.inject(fault)
				s.decide(s.verdict(), http.StatusAccepted)
				time.Sleep(3 * time.Hour)
				if n, m := len(s.feedback()), s.templates(); n != 1 || m != 1 {
					t.Errorf("%d feedback forms, %d templates, %+v", n, m, s.standing("dec-1"))
				}
				if d := s.standing("dec-1"); d.State != "done" {
					t.Errorf("%+v", d)
				}
			})
		})
	}
}

func TestAsManyDecisionsAtOnceMakeOneTemplate(t *testing.T) {
	interviewed(t, func(t *testing.T, s scene) {
		for _, id := range []string{"a", "b", "c", "d", "e"} {
			v := s.verdict()
			v.ID = id
			s.decide(v, http.StatusAccepted)
		}
		time.Sleep(time.Hour)
		if n, m := len(s.feedback()), s.templates(); n != 5 || m != 1 {
			t.Errorf("%d feedback forms, %d templates", n, m)
		}
	})
}

func TestVersionsAreWrittenInTheirOrder(t *testing.T) {
	interviewed(t, func(t *testing.T, s scene) {
		s.inject(api.Fault{Match: "POST /v1/opportunities/*/feedback", Status: 503, Times: 2})
		for version, decision := range []string{"yes", "no", "yes", "no"} {
			v := s.verdict()
			v.Version, v.Decision = version+1, decision
			s.decide(v, http.StatusAccepted)
		}
		old := s.verdict()
		old.Version, old.Reason = 2, "Another."
		s.decide(old, http.StatusConflict)
		time.Sleep(3 * time.Hour)
		if all := s.feedback(); len(all) != 1 || answer(all[0], "Hire") != "no" {
			t.Errorf("%+v", all)
		}
		if d := s.standing("dec-1"); d.Version != 4 || d.State != "done" || d.Lever.Version != 4 {
			t.Errorf("%+v", d)
		}
	})
}

func TestACustomerWhoWantsNotesGetsNotes(t *testing.T) {
	interviewed(t, func(t *testing.T, s scene) {
		s.choose(`{"writeMode":"note"}`)
		s.decide(s.verdict(), http.StatusAccepted)
		quiet()
		v := s.verdict()
		v.Version, v.Decision = 2, "no"
		s.decide(v, http.StatusAccepted)
		quiet()
		notes := s.notes(s.candidate.OpportunityID)
		if len(notes) != 1 || !strings.Contains(notes[0].Value(), "decided no") || len(s.feedback()) != 0 || s.templates() != 0 {
			t.Errorf("notes %+v", notes)
		}
	})
}

func TestDecisionsThatAreNone(t *testing.T) {
	interviewed(t, func(t *testing.T, s scene) {
		tests := map[string]struct {
			spoil  func(v *evidenced.Verdict)
			status int
			field  string
		}{
			"without an id":                   {func(v *evidenced.Verdict) { v.ID = "" }, 422, "id"},
			"without a version":               {func(v *evidenced.Verdict) { v.Version = 0 }, 422, "version"},
			"with a candidacy that is none":   {func(v *evidenced.Verdict) { v.CandidacyID = "5d3c1b7e" }, 422, "candidacyId"},
			"with neither yes nor no":         {func(v *evidenced.Verdict) { v.Decision = "maybe" }, 422, "decision"},
			"with evidence that is no link":   {func(v *evidenced.Verdict) { v.EvidenceURL = "javascript:alert(1)" }, 422, "evidenceUrl"},
			"by nobody":                       {func(v *evidenced.Verdict) { v.Interviewer.Name = " " }, 422, "interviewer.name"},
			"with a time that is none":        {func(v *evidenced.Verdict) { v.DecidedAt = "yesterday" }, 422, "decidedAt"},
			"with a reason that is no reason": {func(v *evidenced.Verdict) { v.Reason = strings.Repeat("a", 10_001) }, 422, "reason"},
		}
		for name, tt := range tests {
			v := s.verdict()
			tt.spoil(&v)
			if status, body := s.call("POST", "decisions", v); status != tt.status || !strings.Contains(string(body), `"field":"`+tt.field+`"`) {
				t.Errorf("%s: %d %s", name, status, body)
			}
		}
		s.decide(s.verdict(), http.StatusAccepted)
		foreign := s
		foreign.c.ID = s.Connection(t, "joinedly").ID
		for route, body := range map[string]any{"GET decisions/dec-1": nil, "POST decisions": s.verdict(), "PATCH jobs/" + s.ana.ID: map[string]string{}} {
			method, path, _ := strings.Cut(route, " ")
			if status, _ := foreign.call(method, path, body); status != http.StatusNotFound {
				t.Errorf("%s of another partner's connection: %d", route, status)
			}
		}
		if status, _ := s.call("GET", "decisions/dec-9", nil); status != http.StatusNotFound {
			t.Errorf("one that was never made: %d", status)
		}
	})
}

func TestAnIdempotencyKeyIsForOneRequest(t *testing.T) {
	interviewed(t, func(t *testing.T, s scene) {
		keyed := func(v evidenced.Verdict) int {
			status, _ := s.with("Idempotency-Key", "key-1").call("POST", "decisions", v)
			return status
		}
		other := s.verdict()
		other.ID = "dec-2"
		for i, got := range []int{keyed(s.verdict()), keyed(s.verdict()), keyed(other)} {
			if want := []int{202, 202, 422}[i]; got != want {
				t.Errorf("request %d: %d, want %d", i, got, want)
			}
		}
		quiet()
		if n := len(s.feedback()); n != 1 {
			t.Errorf("%d feedback forms", n)
		}
	})
}
