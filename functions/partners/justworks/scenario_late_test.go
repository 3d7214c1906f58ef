package justworks_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/functions/partners/justworks"
	"fulcrum/local/rig"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
)

func TestAW10WhoIsKnownByEmailIsFlagged(t *testing.T) {
	tests := map[string]struct {
		active bool
		reason justworks.Reason
		status int
	}{
		"a former member may be a rehire":      {false, justworks.PossibleRehire, http.StatusOK},
		"an active member has to be confirmed": {true, justworks.AlreadyMember, http.StatusConflict},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, s scene) {
				p := s.person()
				s.offer(p, "signed", nil)
				r := roster()
				r.Members = append(r.Members, justworks.Member{ID: "mem_9", Name: "Same", Emails: []string{strings.ToUpper(p.Email)}, Active: tt.active})
				s.roster(r)
				s.hire(p)
				h := s.pending(p)
				if h.Member == nil || h.Member.Reason != tt.reason || h.Member.MemberID != "mem_9" {
					t.Errorf("%+v", h.Member)
				}
				s.edit(p, map[string]any{"workEmail": "new@customer.example"})
				if status := s.Call(http.MethodPost, at(p)+"/invite", nil, nil); status != tt.status {
					t.Errorf("invite: status %d, want %d", status, tt.status)
				}
				if status := s.Call(http.MethodPost, at(p)+"/invite", map[string]any{"confirm": []string{"already_a_member"}}, nil); status != http.StatusOK {
					t.Errorf("confirmed: status %d", status)
				}
			})
		})
	}
}

func TestAW11TheEndIsWhatLeverSaysWhateverTheOrder(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.person()
		s.Do(s.Twin.Switch(s.Account, map[string]bool{"candidateHired": false}))
		s.Do(s.Twin.Hire(s.Account, p.OpportunityID, ""))
		s.Do(s.Twin.Unarchive(s.Account, p.OpportunityID))
		s.Look(lever.CandidateArchiveChange, lever.IDs{Opportunity: p.OpportunityID})
		s.Tell("candidateHired", map[string]string{"opportunityId": p.OpportunityID})
		time.Sleep(time.Minute)
		s.none(p)
		s.expectMail(hireTitle, "")
		s.Do(s.Twin.Hire(s.Account, p.OpportunityID, ""))
		s.Look(lever.CandidateArchiveChange, lever.IDs{Opportunity: p.OpportunityID})
		if h := s.pending(p); h.Status != justworks.Pending {
			t.Errorf("hired: %s", h.Status)
		}
	})
}

func TestAW12VerifyConnectionInLeverIsAnswered(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		hooks, err := s.Twin.Webhooks(s.Account)
		if err != nil || len(hooks) != 1 {
			t.Fatalf("%d webhooks, %v", len(hooks), err)
		}
		for _, w := range hooks {
			attempt, err := s.Twin.Verify(t.Context(), s.Account, w.ID)
			if err != nil || attempt.Status != http.StatusOK {
				t.Errorf("%s: %+v, %v", w.Event, attempt, err)
			}
		}
	})
}

func TestAW13ALostConnectionIsToldOnceAndReviewsGoOn(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hired(nil)
		for _, k := range s.Twin.Keys(s.Account) {
			if err := s.Twin.RemoveKey(s.Account, k.ID); err != nil {
				t.Fatal(err)
			}
		}
		late, later := s.person(), s.person()
		s.hire(late)
		s.hire(later)
		time.Sleep(time.Hour)
		s.none(late)
		s.expectMail("Lever is no longer connected to Justworks", reviewers)
		if c, err := s.Table.Connection(t.Context(), s.C.ID); err != nil || c.LostAt == 0 {
			t.Errorf("the connection is not lost: %v", err)
		}
		s.edit(p, map[string]any{"workEmail": "new@customer.example"})
		if status := s.Call(http.MethodPost, at(p)+"/invite", map[string]any{"by": "adm_2"}, nil); status != http.StatusOK {
			t.Errorf("invite: status %d", status)
		}
	})
}

func TestAW14AHireWaitsForAnAdmin(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		r := roster()
		for i := range r.Admins {
			r.Admins[i].ManageEmployees = false
		}
		s.roster(r)
		s.settings(map[string]any{"contacts": []string{"office@customer.example"}})
		p := s.hired(nil)
		if h := s.pending(p); h.Status != justworks.Pending {
			t.Errorf("%s", h.Status)
		}
		time.Sleep(time.Hour)
		s.expectMail(hireTitle, "office@customer.example")
		if open := s.Attention(); len(open) != 1 || open[0].Reason != "no_admin_manages_employees" {
			t.Errorf("attention %+v", open)
		}
		s.roster(roster())
		time.Sleep(time.Hour)
		s.roster(r)
		s.roster(roster())
		time.Sleep(time.Hour)
		s.expectMail(hireTitle, reviewers+" office@customer.example")
		if open := s.Attention(); len(open) != 0 {
			t.Errorf("attention %+v", open)
		}
	})
}

func TestAW15NoFileIsRead(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.person()
		s.Do(s.Twin.AddResume(s.Account, p.OpportunityID, desk.Upload{Name: "secret-cv.pdf", Content: []byte("%PDF-secret")}))
		s.Do(s.Twin.AddFile(s.Account, p.OpportunityID, desk.Upload{Name: "secret-file.pdf", Content: []byte("%PDF-secret")}))
		s.offer(p, "signed", nil)
		s.hire(p)
		requests, err := s.Twin.Requests(s.Account)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range requests {
			if strings.Contains(r.Path, "resume") || strings.Contains(r.Path, "file") || strings.Contains(r.Path, "download") {
				t.Errorf("%s %s was asked", r.Method, r.Path)
			}
		}
		for _, d := range s.Arrived("") {
			if strings.Contains(string(d.Body), "secret") || strings.Contains(string(d.Body), "offer-letter") {
				t.Errorf("document %s", d.Body)
			}
		}
	})
}

func TestAW16WhoIsErasedInLeverIsErasedHere(t *testing.T) {
	for name, act := range map[string]func(s scene, p person) (desk.Added, error){
		"deleted":    func(s scene, p person) (desk.Added, error) { return s.Twin.Delete(s.Account, p.OpportunityID) },
		"anonymized": func(s scene, p person) (desk.Added, error) { return s.Twin.Anonymize(s.Account, p.OpportunityID) },
	} {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, s scene) {
				p := s.hired(nil)
				s.Do(act(s, p))
				s.look(p)
				h := s.pending(p)
				if h.Status != justworks.Erased || len(h.Fields) != 0 || len(h.History) != 0 {
					t.Errorf("%+v", h)
				}
				status, page := s.open(s.link(p))
				if status != http.StatusOK || !strings.Contains(page, "erased") || strings.Contains(page, p.Name) {
					t.Errorf("the link answers %d:\n%s", status, page)
				}
				if got := s.Types(p.OpportunityID); got != "pending_hire.created pending_hire.erased" {
					t.Errorf("told %q", got)
				}
				s.Tell("candidateHired", map[string]string{"opportunityId": p.OpportunityID})
				s.skip(10 * 24 * time.Hour)
				time.Sleep(time.Hour)
				if h := s.pending(p); h.Status != justworks.Erased || len(s.AWS.Mails()) != 2 {
					t.Errorf("later: %s, %d mails", h.Status, len(s.AWS.Mails()))
				}
			})
		})
	}
}

func TestAW16AnErasureAfterTheInvitationSaysSo(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.invited()
		s.Do(s.Twin.Delete(s.Account, p.OpportunityID))
		s.look(p)
		if h := s.pending(p); h.Status != justworks.Erased || h.Invited == nil {
			t.Errorf("%+v", h)
		}
		all := s.Arrived(p.OpportunityID)
		if last := all[len(all)-1]; last.Type != "pending_hire.erased" || !strings.Contains(string(last.Data), `"invited":true`) {
			t.Errorf("told %s", last.Body)
		}
	})
}

func TestAW17NamesThatAreAGuessAreFlagged(t *testing.T) {
	for name, want := range map[string][2]string{
		"Cher": {"Cher", ""}, "Maria del Carmen Ruiz": {"Maria", "del Carmen Ruiz"}, "Ruiz Perez, Carmen": {"Carmen", "Ruiz Perez"},
	} {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, s scene) {
				added, err := s.Twin.AddCandidate(s.Account, desk.Candidate{Name: name, Email: "x@home.example", Posting: "Backend Engineer"})
				if err != nil {
					t.Fatal(err)
				}
				p := person{Added: added, Name: name}
				s.hire(p)
				first, last := s.pending(p).Field(justworks.FirstName), s.pending(p).Field(justworks.LastName)
				if first.Value != want[0] || last.Value != want[1] || !slices.Contains(first.Warnings, justworks.CheckName) {
					t.Errorf("%+v, %+v", first.Reading, last.Reading)
				}
			})
		})
	}
}

func TestAW18RemindersGoOutWhileNobodyActs(t *testing.T) {
	const reminder = "Reminder: a candidate hired in Lever"
	each := func(n int) string {
		return strings.TrimSpace(strings.Repeat("meg@customer.example ", n) + strings.Repeat("mo@customer.example ", n))
	}
	tests := map[string]struct {
		act  func(s scene, p person)
		want int
	}{
		"nobody acts":                         {func(scene, person) {}, 3}, // after 3 and 7 days, and 3 working days before the start
		"it is in review":                     {func(s scene, p person) { s.edit(p, nil) }, 1},
		"it was dismissed":                    {func(s scene, p person) { s.Call(http.MethodPost, at(p)+"/dismiss", nil, nil) }, 0},
		"it was withdrawn":                    {func(s scene, p person) { s.unhire(p) }, 0},
		"it was erased":                       {func(s scene, p person) { s.Do(s.Twin.Delete(s.Account, p.OpportunityID)) }, 0},
		"it was un-hired while no event came": {func(s scene, p person) { s.Do(s.Twin.Unarchive(s.Account, p.OpportunityID)) }, 0},
		"it was invited": {func(s scene, p person) {
			s.edit(p, map[string]any{"workEmail": "new@customer.example"})
			s.Call(http.MethodPost, at(p)+"/invite", nil, nil)
		}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rig.Some(t)
			on(t, func(t *testing.T, s scene) {
				p := s.hired(nil)
				tt.act(s, p)
				s.skip(3*24*time.Hour - 10*time.Minute)
				s.expectMail(reminder, "")
				for range 3 { // to the third day, the seventh, and the eleventh
					time.Sleep(20 * time.Minute)
					s.skip(4*24*time.Hour - 20*time.Minute)
				}
				time.Sleep(time.Hour)
				s.expectMail(reminder, each(tt.want))
			})
		})
	}
}

func TestAW19ALinkThatIsNotValidShowsNothing(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p, other := s.hired(nil), s.hired(nil)
		link := s.link(p)
		_, token, _ := strings.Cut(link, "/review/")
		for name, tt := range map[string]struct {
			path   string
			status int
		}{
			"its own hire":         {at(p) + "?review=" + token, http.StatusOK},
			"another hire":         {at(other) + "?review=" + token, http.StatusForbidden},
			"a token that is none": {at(p) + "?review=x" + token, http.StatusForbidden},
		} {
			if status := s.Call(http.MethodGet, tt.path, nil, nil); status != tt.status {
				t.Errorf("%s: status %d", name, status)
			}
		}
		customer, err := s.Seed.Customer(t.Context(), "justworks", "other")
		if err != nil {
			t.Fatal(err)
		}
		foreign := strings.Replace(at(p), "{c}", customer.ID, 1) + "?review=" + token
		if status := s.CallAs(customer.PartnerAPIKey, http.MethodGet, foreign, nil, nil); status != http.StatusForbidden {
			t.Errorf("another company: status %d", status)
		}
		s.skip(7 * 24 * time.Hour)
		status, page := s.open(link)
		if status != http.StatusForbidden || strings.Contains(page, p.Name) {
			t.Errorf("after seven days: %d\n%s", status, page)
		}
		if status := s.Call(http.MethodGet, at(p)+"?review="+token, nil, nil); status != http.StatusForbidden {
			t.Errorf("the API after seven days: %d", status)
		}
	})
}
