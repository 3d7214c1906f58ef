package interviewingio_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	interviewingio "fulcrum/functions/partners/interviewing-io"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
)

func TestAI1WhoPassesAndConsentsIsInLever(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		i := s.done(s.passed("iv-1"))
		all := s.ours()
		if len(all) != 1 || all[0].ID != i.Profile.OpportunityID {
			t.Fatalf("%d opportunities", len(all))
		}
		o := s.opportunity(all[0].ID)
		if o.Name != "Ada Lovelace" || !slices.Equal(o.Emails, []string{"ada@example.com"}) || len(o.Phones) != 1 || o.Origin != "sourced" {
			t.Errorf("%+v", o)
		}
		if !slices.Contains(o.Links, "https://www.linkedin.com/in/adalove") || !slices.Contains(o.Tags, "interviewing.io") || o.Stage.ID != s.stage(defaultStage) {
			t.Errorf("links %q, tags %q, stage %q", o.Links, o.Tags, o.Stage.ID)
		}
		notes := s.notes(o.ID)
		if len(notes) != 1 || notes[0].User != s.rita.ID || i.Profile.PerformedAs != s.rita.ID || i.Profile.NoteID != notes[0].ID {
			t.Fatalf("%d notes; %+v", len(notes), i.Profile)
		}
		for _, part := range []string{"on 2026-11-20 by Grace Hopper", "Technical skills: 4 of 4", "Communication skills: 3 of 4", "Saw the race at once.", "Recording: https://interviewing.io/recordings/7"} {
			if !strings.Contains(notes[0].Value(), part) {
				t.Errorf("the note lacks %q: %s", part, notes[0].Value())
			}
		}
		if got := s.Types(""); got != "action.done" {
			t.Errorf("told %q", got)
		}
		for _, end := range s.Ended(o.ID) {
			if !strings.HasPrefix(end, "ignored nothing_to_tell") && end != "unchanged" {
				t.Errorf("an event of our own writes ended %q", end)
			}
		}
	})
}

func TestAI2NothingIsWrittenBeforeThereIsFeedback(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		r := s.passed("iv-1")
		r.Feedback = nil
		s.send(r, http.StatusAccepted)
		quiet()
		s.expectEnd("iv-1", "waiting", "")
		if n := len(s.writes()); n != 0 {
			t.Errorf("%d writes", n)
		}
		s.done(s.passed("iv-1"))
		s.send(r, http.StatusAccepted)
		quiet()
		s.expectEnd("iv-1", "done", "")
	})
}

func TestAI3WhoIsNotAdvancedStaysOutOfLever(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		declines := s.passed("iv-2")
		declines.Consents, declines.Pseudonym = false, "Quiet Falcon"
		for _, r := range []interviewingio.Result{s.failed("iv-1"), declines} {
			s.sent(r)
			s.expectEnd(r.InterviewID, "parked", "unsuccessful_not_exported")
		}
		if got := s.writes(); len(got) != 0 {
			t.Errorf("written: %q", got)
		}
	})
}

// leaks are what of a candidate must not be in a text.
func leaks(text string) []string {
	var all []string
	for _, secret := range []string{"ada", "lovelace", "adalove", "example.com", "7946", "analytical", "engines", "recordings", "linkedin"} {
		for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(" \"\\/.,;:()[]{}@", r) }) {
			if word == secret || len(secret) > 4 && strings.Contains(word, secret) {
				all = append(all, secret)
			}
		}
	}
	return all
}

func TestAI4WhoIsNotAdvancedComesUnderThePseudonym(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		s.choose(map[string]any{"exportUnsuccessful": true})
		i := s.done(s.failed("iv-1"))
		writes := s.writes()
		if len(writes) != 2 {
			t.Fatalf("written: %q", writes)
		}
		for _, w := range writes {
			if got := leaks(w); len(got) != 0 {
				t.Errorf("%q leak in %s", got, w)
			}
		}
		o := s.opportunity(i.Profile.OpportunityID)
		if o.Name != "Quiet Falcon" || len(o.Emails)+len(o.Phones)+len(o.Links) != 0 || !slices.Contains(o.Tags, "interviewing.io - not advanced") || o.Stage.ID != s.stage(defaultStage) {
			t.Errorf("%+v", o)
		}
		text := s.notes(o.ID)[0].Value()
		if !strings.Contains(text, "heap was slow; Adagio is music.") || !strings.Contains(text, "Problem solving: 4 of 4") {
			t.Errorf("the feedback is gone: %s", text)
		}
		if i.Profile.Revealed {
			t.Error("said to be revealed")
		}
	})
}

func TestAI4WhoDoesNotConsentIsNotRevealed(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		s.choose(map[string]any{"exportUnsuccessful": true})
		r := s.failed("iv-1")
		r.Outcome = "yes"
		o := s.opportunity(s.done(r).Profile.OpportunityID)
		if o.Name != "Quiet Falcon" || !slices.Contains(o.Tags, "interviewing.io - not revealed") {
			t.Errorf("%+v", o)
		}
		if got := leaks(strings.Join(s.writes(), " ")); len(got) != 0 {
			t.Errorf("%q leak", got)
		}
	})
}

func TestAI5WhoIsRevealedLaterGetsAProfileOfTheirOwn(t *testing.T) {
	tests := map[string]string{"in another interview": "iv-2", "by a correction of the same": "iv-1"}
	for name, id := range tests {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, s scene) {
				s.choose(map[string]any{"exportUnsuccessful": true})
				was := s.done(s.failed("iv-1"))
				before := s.opportunity(was.Profile.OpportunityID)
				r := s.passed(id)
				r.Version, r.Pseudonym = 2, "Quiet Falcon"
				is := s.done(r)
				if is.Profile.OpportunityID == before.ID || !is.Profile.Revealed {
					t.Fatalf("%+v", is.Profile)
				}
				after, made := s.opportunity(before.ID), s.opportunity(is.Profile.OpportunityID)
				if after.UpdatedAt != before.UpdatedAt || len(s.notes(before.ID)) != 1 || after.Contact.ID == made.Contact.ID || made.Name != "Ada Lovelace" {
					t.Errorf("the pseudonym's: %+v; the candidate's: %+v", after, made)
				}
				if note := s.notes(made.ID)[0].Value(); strings.Contains(note, "Falcon") || strings.Contains(note, "iv-1") {
					t.Errorf("the note names the pseudonym: %s", note)
				}
			})
		})
	}
}

func TestAI6TheSameResultTwiceHasOneEffect(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		r := s.passed("iv-1")
		s.send(r, http.StatusAccepted)
		s.send(r, http.StatusAccepted)
		quiet()
		again := r
		again.Version = 2
		s.send(again, http.StatusAccepted)
		quiet()
		all := s.ours()
		if len(all) != 1 || len(s.notes(all[0].ID)) != 1 || len(s.writes()) != 2 {
			t.Fatalf("%d opportunities; written %q", len(all), s.writes())
		}
	})
}

func TestAI6CorrectedFeedbackReplacesTheNote(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		was := s.done(s.passed("iv-1"))
		r := s.passed("iv-1")
		r.Version, r.Outcome, r.Consents, r.Pseudonym = 3, "no", false, "Quiet Falcon"
		r.Feedback.Text = "On reflection, the race was not seen."
		is := s.done(r)
		notes := s.notes(was.Profile.OpportunityID)
		if is.Profile.OpportunityID != was.Profile.OpportunityID || len(s.ours()) != 1 || len(notes) != 1 {
			t.Fatalf("%+v, %d notes", is.Profile, len(notes))
		}
		if text := notes[0].Value(); !strings.Contains(text, "On reflection") || strings.Contains(text, "at once") || !strings.Contains(text, "would not advance") {
			t.Errorf("the note is %s", text)
		}
		r.Feedback.Text = "Something else."
		s.send(r, http.StatusConflict)
		r.Version = 2
		s.send(r, http.StatusConflict)
	})
}

func TestAI7WithoutTheRequesterTheDefaultUserWrites(t *testing.T) {
	tests := map[string]func(s scene) string{
		"who is unknown in Lever": func(scene) string { return "nobody@acme.example" },
		"who is deactivated": func(s scene) string {
			s.Do(s.Twin.ChangeUser(s.Account, s.rita.ID, deactivated(true)))
			return "rita@acme.example"
		},
	}
	for name, requester := range tests {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, s scene) {
				r := s.passed("iv-1")
				r.Requester = requester(s)
				i := s.done(r)
				note := s.notes(i.Profile.OpportunityID)[0]
				if i.Profile.PerformedAs != s.omar.ID || note.User != s.omar.ID || !strings.Contains(note.Value(), "default user") {
					t.Errorf("%+v: %s", i.Profile, note.Value())
				}
			})
		})
	}
}

func TestAI7WithoutAnyUserTheExportIsHeld(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		s.Do(s.Twin.ChangeUser(s.Account, s.rita.ID, deactivated(true)))
		s.Do(s.Twin.ChangeUser(s.Account, s.omar.ID, deactivated(true)))
		s.sent(s.passed("iv-1"))
		s.expectEnd("iv-1", "parked", "no_active_user")
		if open := s.Attention(); len(open) != 1 || open[0].Reason != "export_held" || open[0].Details["because"] != "no_active_user" || len(s.writes()) != 0 {
			t.Fatalf("attention %+v; written %q", open, s.writes())
		}
		s.Do(s.Twin.AddUser(s.Account, desk.Person{Name: "Nia New", Email: "nia@acme.example"}))
		s.save(map[string]any{"performAs": "nia@acme.example"})
		quiet()
		s.expectEnd("iv-1", "done", "")
		if s.Reasons() != "" || len(s.ours()) != 1 {
			t.Errorf("attention %q, %d opportunities", s.Reasons(), len(s.ours()))
		}
	})
}

func TestAI8AKnownEMailHangsOnItsContact(t *testing.T) {
	for name, archived := range map[string]bool{"of an active candidate": false, "of an archived one": true} {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, s scene) {
				known := must(s.Twin.AddCandidate(s.Account, desk.Candidate{Name: "A. Lovelace", Email: "ada@example.com"}))(t)
				if archived {
					s.Do(s.Twin.Archive(s.Account, known.OpportunityID, "Underqualified"))
				}
				o := s.opportunity(s.done(s.passed("iv-1")).Profile.OpportunityID)
				if o.ID == known.OpportunityID || o.Contact.ID != known.ContactID {
					t.Errorf("opportunity %s of %s; known %s of %s", o.ID, o.Contact.ID, known.OpportunityID, known.ContactID)
				}
			})
		})
	}
}

func TestAI9WithoutItsStageTheExportIsHeld(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		gone := s.stage(defaultStage)
		if err := s.Twin.RemoveStage(s.Account, gone, "lead-new"); err != nil {
			t.Fatal(err)
		}
		s.sent(s.passed("iv-1"))
		s.expectEnd("iv-1", "parked", "stage_not_found")
		var list struct{ Items []interviewingio.Stage }
		if status := s.Call(http.MethodGet, base+"stages", nil, &list); status != http.StatusOK || len(list.Items) == 0 || slices.ContainsFunc(list.Items, func(x interviewingio.Stage) bool { return x.ID == gone }) {
			t.Errorf("status %d, stages %+v", status, list.Items)
		}
		open := s.Attention()
		if len(open) != 1 || !strings.Contains(open[0].Step, "Choose a stage") || len(s.writes()) != 0 {
			t.Fatalf("attention %+v", open)
		}
		s.choose(map[string]any{"defaultStage": list.Items[1].ID})
		s.Retry()
		quiet()
		if o := s.opportunity(s.standing("iv-1").Profile.OpportunityID); o.Stage.ID != list.Items[1].ID {
			t.Errorf("stage %s", o.Stage.ID)
		}
	})
}

func TestAI10OthersAreNoneOfOurs(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.Person(desk.Candidate{})
		s.Do(s.Twin.Move(s.Account, p.OpportunityID, defaultStage))
		s.Do(s.Twin.Hire(s.Account, p.OpportunityID, ""))
		quiet()
		if got := s.Ended(p.OpportunityID); !slices.Equal(got, []string{"ignored not_ours", "ignored not_ours"}) || s.Types("") != "" {
			t.Errorf("ended %q, told %q", got, s.Types(""))
		}
	})
}

func TestAI11ThePartnerHasLeversPresentStage(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		id := s.done(s.passed("iv-1")).Profile.OpportunityID
		s.Do(s.Twin.Switch(s.Account, map[string]bool{string(lever.CandidateStageChange): false}))
		s.stage("Final Round")
		s.Do(s.Twin.Move(s.Account, id, "Offer"))
		s.Do(s.Twin.Move(s.Account, id, "Final Round"))
		for _, to := range []string{"final", "offer", "final"} {
			s.Tell(lever.CandidateStageChange, map[string]string{"opportunityId": id, "toStageId": to})
		}
		quiet()
		if got := s.changes(id); !slices.Equal(got, []string{defaultStage + " > Final Round"}) || s.standing("iv-1").Profile.Stage.Text != "Final Round" {
			t.Errorf("told %q; %+v", got, s.standing("iv-1").Profile)
		}
	})
}

func TestStagesAndHiresAreTold(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		id := s.done(s.passed("iv-1")).Profile.OpportunityID
		s.Do(s.Twin.Move(s.Account, id, "Offer"))
		quiet()
		s.Do(s.Twin.Hire(s.Account, id, ""))
		quiet()
		if got := s.changes(id); !slices.Equal(got, []string{defaultStage + " > Offer", "Offer > Offer hired"}) {
			t.Errorf("told %q", got)
		}
	})
}

func TestWhoIsMovedWhileTheExportIsMadeIsTold(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		s.Do(nil, s.Twin.Inject(api.Fault{Match: "POST /v1/opportunities/*/notes", Account: s.Account, DelayMS: 8000, Times: 1}))
		s.send(s.passed("iv-1"), http.StatusAccepted)
		time.Sleep(2 * time.Second)
		s.Do(s.Twin.Move(s.Account, s.ours()[0].ID, "Offer"))
		quiet()
		i := s.standing("iv-1")
		id := i.Profile.OpportunityID
		if got := s.changes(id); len(got) != 1 || i.Profile.Stage.Text != "Offer" || s.Ended(id)[0] != "ignored not_ours" {
			t.Errorf("told %q, ended %q; %+v", got, s.Ended(id), i.Profile)
		}
	})
}

func TestAI12ADeadKeyLosesNothing(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		for _, k := range s.Twin.Keys(s.Account) {
			if err := s.Twin.RemoveKey(s.Account, k.ID); err != nil {
				t.Fatal(err)
			}
		}
		s.sent(s.passed("iv-1"))
		if i := s.standing("iv-1"); i.State == "done" || i.Profile != nil {
			t.Fatalf("%+v", i)
		}
		if status := s.Call(http.MethodGet, base+"stages", nil, nil); status/100 == 2 {
			t.Errorf("stages: status %d", status)
		}
		time.Sleep(6 * time.Hour)
		s.renew()
		quiet()
		s.expectEnd("iv-1", "done", "")
		if len(s.ours()) != 1 {
			t.Errorf("%d opportunities", len(s.ours()))
		}
	})
}

func TestAI13EachEventHasItsOwnToken(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		id := s.done(s.passed("iv-1")).Profile.OpportunityID
		stage, hired := s.Webhook(lever.CandidateStageChange), s.Webhook(lever.CandidateHired)
		data := map[string]string{"opportunityId": id}
		for _, pair := range [][2]string{{stage.URL, s.Signed(hired, data)}, {hired.URL, s.Signed(stage, data)}} {
			if status := s.Post(pair[0], pair[1]); status != http.StatusUnauthorized {
				t.Errorf("status %d for another event's token", status)
			}
		}
		if status := s.Post(stage.URL, s.Signed(stage, data)); status != http.StatusOK {
			t.Errorf("status %d for its own", status)
		}
	})
}

func TestAI14WhoIsDeletedIsNotMadeAgain(t *testing.T) {
	acts := map[string]func(s scene, id string){
		"deleted":    func(s scene, id string) { s.Do(s.Twin.Delete(s.Account, id)) },
		"anonymized": func(s scene, id string) { s.Do(s.Twin.Anonymize(s.Account, id)) },
	}
	for because, act := range acts {
		t.Run(because, func(t *testing.T) {
			on(t, func(t *testing.T, s scene) {
				id := s.done(s.passed("iv-1")).Profile.OpportunityID
				act(s, id)
				s.Look(lever.CandidateDeleted, lever.IDs{Opportunity: id})
				quiet()
				if got := s.Types(id); !strings.HasSuffix(got, "candidate.erased") {
					t.Fatalf("told %q, ended %q", got, s.Ended(id))
				}
				writes := len(s.writes())
				r := s.passed("iv-1")
				r.Version, r.Feedback.Text = 2, "More."
				s.send(r, http.StatusGone)
				quiet()
				if got := s.writes(); len(got) != writes {
					t.Errorf("written: %q", got[writes:])
				}
				if status := s.Call(http.MethodGet, base+"interviews/iv-1", nil, nil); status != http.StatusGone {
					t.Errorf("status %d", status)
				}
			})
		})
	}
}

func TestAI15SwitchedOffNothingHappens(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		id := s.done(s.passed("iv-1")).Profile.OpportunityID
		s.choose(map[string]any{"enabled": false})
		writes := len(s.writes())
		r := s.passed("iv-2")
		r.Candidate.Email = "grace@example.com"
		s.sent(r)
		s.expectEnd("iv-2", "parked", "export_disabled")
		s.Do(s.Twin.Move(s.Account, id, "Offer"))
		quiet()
		if got := s.Ended(id); got[len(got)-1] != "ignored export_disabled" || len(s.changes(id)) != 0 || len(s.writes()) != writes {
			t.Fatalf("ended %q, told %q", got, s.changes(id))
		}
		s.choose(nil)
		time.Sleep(2 * time.Hour)
		if len(s.ours()) != 1 {
			t.Fatal("the past is exported")
		}
		s.done(r) // who sends it again asks for it
	})
}

func TestAI16AResultThatIsWrongIsRefused(t *testing.T) {
	tests := map[string]struct {
		change func(*interviewingio.Result)
		status int
	}{
		"a score above 4":                      {func(r *interviewingio.Result) { r.Feedback.Technical = 5 }, 422},
		"a score below 1":                      {func(r *interviewingio.Result) { r.Feedback.Communication = 0 }, 422},
		"no text is allowed":                   {func(r *interviewingio.Result) { r.Feedback.Text = "" }, 202},
		"nobody who is revealed":               {func(r *interviewingio.Result) { r.Candidate = nil }, 422},
		"a pseudonym that tells":               {func(r *interviewingio.Result) { r.Consents, r.Pseudonym = false, "Quiet Ada" }, 422},
		"no pseudonym":                         {func(r *interviewingio.Result) { r.Consents = false }, 422},
		"no version":                           {func(r *interviewingio.Result) { r.Version = 0 }, 422},
		"an outcome that is none":              {func(r *interviewingio.Result) { r.Outcome = "perhaps" }, 422},
		"an address that is no address":        {func(r *interviewingio.Result) { r.Candidate.Email = "Ada <ada@example.com>" }, 422},
		"a recording that is no https":         {func(r *interviewingio.Result) { r.RecordingURL = "javascript:alert(1)" }, 422},
		"a time that is none":                  {func(r *interviewingio.Result) { r.InterviewedAt = "yesterday" }, 422},
		"a posting whose id is a path":         {func(r *interviewingio.Result) { r.PostingID = "../users" }, 422},
		"an interview whose id is too strange": {func(r *interviewingio.Result) { r.InterviewID = "iv 1" }, 422},
	}
	on(t, func(t *testing.T, s scene) {
		for name, tt := range tests {
			r := s.passed("iv-1")
			tt.change(&r)
			if status := s.Call(http.MethodPost, base+"interviews", r, nil); status != tt.status {
				t.Errorf("%s: status %d, want %d", name, status, tt.status)
			}
		}
	})
}

func TestAKeyIsForOneRequest(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		r, other := s.passed("iv-1"), s.passed("iv-2")
		for _, step := range []struct {
			result interviewingio.Result
			want   int
		}{{r, http.StatusAccepted}, {r, http.StatusAccepted}, {other, http.StatusUnprocessableEntity}} {
			if status := s.keyed("key-1", step.result); status != step.want {
				t.Errorf("status %d, want %d", status, step.want)
			}
		}
		quiet()
		if len(s.ours()) != 1 {
			t.Errorf("%d opportunities", len(s.ours()))
		}
	})
}

func TestUnsuccessfulOnesAreArchivedWhereThatIsChosen(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		reason := must(s.Twin.AddReason(s.Account, "Did not pass", "non-hired"))(t)
		s.choose(map[string]any{"exportUnsuccessful": true, "unsuccessfulReason": reason.ID})
		o := s.opportunity(s.done(s.failed("iv-1")).Profile.OpportunityID)
		if o.Archived == nil || o.Archived.Reason != reason.ID {
			t.Errorf("archived %+v", o.Archived)
		}
		if o := s.opportunity(s.done(s.passed("iv-2")).Profile.OpportunityID); o.Archived != nil {
			t.Error("who passed is archived")
		}
	})
}

func TestAnInterviewThatNobodyHasGivenIsNotFound(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		if status := s.Call(http.MethodGet, base+"interviews/iv-9", nil, nil); status != http.StatusNotFound {
			t.Errorf("status %d", status)
		}
		if _, err := s.Table.Object(context.Background(), s.C.ID, "interview", "iv-9"); err != nil {
			t.Error(err)
		}
	})
}
