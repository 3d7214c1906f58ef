package justworks_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/functions/partners/justworks"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
)

func TestAW1ASignedOfferFillsAllFieldsAndTellsTheAdmins(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hired(nil)
		h := s.pending(p)
		first, last, _ := strings.Cut(p.Name, " ")
		if h.Status != justworks.Pending || len(h.Fields) != 12 || !h.OfferCompleted {
			t.Errorf("%s with %d fields", h.Status, len(h.Fields))
		}
		expect(t, h, map[justworks.Name]string{
			justworks.MemberType: "Employee - Full Time", justworks.CompensationAmount: "110000.00", justworks.TypeOfEarnings: "salary",
			justworks.ExemptionStatus: "exempt", justworks.FirstName: first, justworks.LastName: last, justworks.Title: "Backend Engineer",
			justworks.Manager: "Dr. Hopper", justworks.Department: "Product", justworks.Office: "Lisbon", justworks.StartDate: start, justworks.HomeEmail: p.Email,
		})
		if m := h.Field(justworks.Manager); m.ID != "mem_1" || m.Seen != "Grace Hopper" {
			t.Errorf("manager %+v", m.Reading)
		}
		s.expectMail(hireTitle, reviewers)
		if all := s.AWS.Mails(); len(all) != 2 || all[0].Subject != hireTitle || strings.Contains(all[0].Text+all[0].HTML, "110") {
			t.Errorf("%d mails, the first %+v", len(all), all[0])
		}
		status, page := s.open(s.link(p))
		if status != http.StatusOK || !strings.Contains(page, p.Name) || strings.Contains(page, "110") || strings.Contains(page, p.Email) {
			t.Errorf("the link answers %d:\n%s", status, page)
		}
		if got := s.Types(p.OpportunityID); got != "pending_hire.created" {
			t.Errorf("told %q", got)
		}
	})
}

func TestAW2AnHourlyWageIsAWageToTheCent(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hired(map[string]any{"salary_amount": 42.50, "salary_interval": "per-hour-wage", "custom_exemption_status": "Non-exempt"})
		expect(t, s.pending(p), map[justworks.Name]string{
			justworks.CompensationAmount: "42.50", justworks.TypeOfEarnings: "wage", justworks.ExemptionStatus: "non_exempt",
		})
	})
}

func TestAW3OtherTypesOfEarningsAreRefusedAndNotConverted(t *testing.T) {
	for _, interval := range []any{"per-month-salary", "per-week-salary", "per-day-wage", "one-time", "", nil} {
		t.Run(fmt.Sprint(interval), func(t *testing.T) {
			on(t, func(t *testing.T, s scene) {
				h := s.pending(s.hired(map[string]any{"salary_interval": interval, "salary_amount": 5000}))
				expectWhy(t, h, map[justworks.Name]justworks.Reason{
					justworks.CompensationAmount: justworks.UnsupportedEarnings, justworks.TypeOfEarnings: justworks.UnsupportedEarnings,
				})
				seen, ok := interval.(string)
				f := h.Field(justworks.TypeOfEarnings)
				if f.Seen != seen || ok && seen != f.Seen || !slices.Equal(f.Accepted, []string{"hour (wage)", "year (salary)"}) {
					t.Errorf("%+v", f.Reading)
				}
				if !slices.Contains(h.Missing, justworks.CompensationAmount) {
					t.Errorf("missing %v", h.Missing)
				}
			})
		})
	}
}

func TestAW4WithoutAnOfferThePostingTells(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.person()
		s.hire(p)
		h := s.pending(p)
		first, _, _ := strings.Cut(p.Name, " ")
		expect(t, h, map[justworks.Name]string{
			justworks.FirstName: first, justworks.Title: "Backend Engineer", justworks.Department: "Product", justworks.Office: "Lisbon",
			justworks.HomeEmail: p.Email, justworks.MemberType: "Employee - Full Time",
		})
		expectWhy(t, h, map[justworks.Name]justworks.Reason{
			justworks.Manager: justworks.OfferNotCompleted, justworks.StartDate: justworks.OfferNotCompleted,
			justworks.CompensationAmount: justworks.OfferNotCompleted, justworks.TypeOfEarnings: justworks.OfferNotCompleted,
		})
		s.expectMail(hireTitle, reviewers)
	})
}

func TestAW5AnOfferThatIsSignedLaterFillsWhatIsEmpty(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.person()
		o := s.offer(p, "sent-manually", nil)
		s.hire(p)
		expectWhy(t, s.pending(p), map[justworks.Name]justworks.Reason{
			justworks.Manager: justworks.OfferNotCompleted, justworks.StartDate: justworks.OfferNotCompleted,
		})
		s.edit(p, map[string]any{"startDate": "2026-12-14"})
		s.sign(p, o, map[string]any{"job_title": "Staff Engineer"})
		h := s.pending(p)
		expect(t, h, map[justworks.Name]string{
			justworks.StartDate: "2026-12-14", justworks.Manager: "Dr. Hopper", justworks.CompensationAmount: "110000.00", justworks.Title: "Staff Engineer",
		})
		edited := h.Field(justworks.StartDate)
		if edited.Edit == nil || edited.Edit.By != "adm_1" || edited.Edit.At == "" || edited.Lever == nil || edited.Lever.Value != start {
			t.Errorf("the edited start date is %+v", edited)
		}
		if !slices.ContainsFunc(h.History, func(c justworks.Change) bool {
			return c.Field == justworks.CompensationAmount && c.Before == "" && c.After == "110000.00" && c.By == "lever"
		}) {
			t.Errorf("history %+v", h.History)
		}
		s.expectMail(hireTitle, reviewers)
	})
}

// sign marks an offer as signed and has the hire looked at, as the next sync does.
func (s scene) sign(p person, o account.Offer, change map[string]any) {
	s.t.Helper()
	signed := "signed"
	s.Do(s.Twin.ChangeOffer(s.Account, p.OpportunityID, o.ID, account.OfferFields{Status: &signed, Outside: true, Fields: change}))
	s.look(p)
}

func TestAW6TheNewestSignedOfferWins(t *testing.T) {
	tests := map[string]struct {
		newer  string
		amount string
		notes  []justworks.Reason
	}{
		"the newer one is signed":   {"signed", "110000.00", []justworks.Reason{}},
		"the newer one is declined": {"denied", "100000.00", []justworks.Reason{}},
		"the newer one is a draft":  {"draft", "100000.00", []justworks.Reason{justworks.NewerOffer}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, s scene) {
				p := s.person()
				s.offer(p, "signed", map[string]any{"salary_amount": 100000})
				s.offer(p, tt.newer, nil)
				s.hire(p)
				h := s.pending(p)
				expect(t, h, map[justworks.Name]string{justworks.CompensationAmount: tt.amount})
				if !slices.Equal(h.Notes, tt.notes) {
					t.Errorf("notes %v", h.Notes)
				}
			})
		})
	}
}

func TestAW7NamesThatDoNotMatchAreForTheReviewer(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		r := roster()
		r.Offices[0].Name, r.Departments[0].Name = "New York", "product"
		s.roster(r)
		p := s.hired(nil)
		h := s.pending(p)
		expectWhy(t, h, map[justworks.Name]justworks.Reason{justworks.Office: justworks.OfficeUnmatched, justworks.Department: justworks.DepartmentUnmatched})
		if o, d := h.Field(justworks.Office), h.Field(justworks.Department); o.Seen != "Lisbon" || d.Suggestion != "product" {
			t.Errorf("%+v, %+v", o.Reading, d.Reading)
		}
		s.edit(p, map[string]any{"office": "New York", "department": "dep_1"})
		expect(t, s.pending(p), map[justworks.Name]string{justworks.Office: "New York", justworks.Department: "product"})
		if status := s.Call(http.MethodPatch, at(p), map[string]any{"fields": map[string]any{"office": "Nowhere"}}, nil); status != http.StatusUnprocessableEntity {
			t.Errorf("status %d for an office that is none", status)
		}
	})
}

func TestANewRosterIsMatchedAgain(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		r := roster()
		r.Offices[0].Name = "Lisboa"
		s.roster(r)
		p := s.hired(nil)
		expectWhy(t, s.pending(p), map[justworks.Name]justworks.Reason{justworks.Office: justworks.OfficeUnmatched})
		s.roster(roster())
		time.Sleep(time.Minute)
		expect(t, s.pending(p), map[justworks.Name]string{justworks.Office: "Lisbon"})
	})
}

func TestAW8RepeatedEventsAreOneHireAndOneMail(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hired(nil)
		for range 3 {
			s.Tell("candidateHired", map[string]string{"opportunityId": p.OpportunityID})
		}
		s.hire(p) // hired a second time, without being un-hired
		time.Sleep(time.Hour)
		if got := s.Types(p.OpportunityID); strings.Count(got, "created") != 1 || s.pending(p).Hire != 1 {
			t.Errorf("told %q of hire %d", got, s.pending(p).Hire)
		}
		s.expectMail(hireTitle, reviewers)
	})
}

func TestAW9AnInvitedHireThatChangesIsShownAndToldOnce(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.invited()
		s.unhire(p)
		s.offer(p, "signed", map[string]any{"salary_amount": 120000})
		s.hire(p)
		time.Sleep(3 * time.Hour)
		h := s.pending(p)
		amount := h.Field(justworks.CompensationAmount)
		if h.Status != justworks.Invited || amount.Value != "110000.00" || amount.Lever == nil || amount.Lever.Value != "120000.00" {
			t.Errorf("%s with %+v", h.Status, amount)
		}
		if h.AfterInvitation == nil || h.AfterInvitation.Unhired || !slices.Equal(h.AfterInvitation.Fields, []justworks.Name{justworks.CompensationAmount}) {
			t.Errorf("after the invitation: %+v", h.AfterInvitation)
		}
		s.expectMail(hireTitle, reviewers)
		s.expectMail("changed in Lever after the invitation", reviewers)
		s.expectMail("not hired any more", "")
	})
}

func TestAW9APendingHireThatChangesIsUpdated(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hired(nil)
		s.unhire(p)
		if h := s.pending(p); h.Status != justworks.Withdrawn || h.Withdrawn == nil {
			t.Errorf("un-hired: %s", h.Status)
		}
		s.offer(p, "signed", map[string]any{"salary_amount": 120000})
		s.hire(p)
		h := s.pending(p)
		expect(t, h, map[justworks.Name]string{justworks.CompensationAmount: "120000.00"})
		if h.Status != justworks.Pending || h.Hire != 2 || !slices.ContainsFunc(h.History, func(c justworks.Change) bool {
			return c.Before == "110000.00" && c.After == "120000.00"
		}) {
			t.Errorf("%s, hire %d, history %+v", h.Status, h.Hire, h.History)
		}
		if got := s.Types(p.OpportunityID); got != "pending_hire.created pending_hire.withdrawn pending_hire.created" {
			t.Errorf("told %q", got)
		}
	})
}

func TestAnInvitedHireThatIsUnhiredIsToldAfterAnHour(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.invited()
		s.unhire(p)
		s.expectMail("not hired any more", "")
		time.Sleep(2 * time.Hour)
		s.expectMail("A candidate is not hired any more in Lever", reviewers)
		if h := s.pending(p); h.Status != justworks.Invited || h.AfterInvitation == nil || !h.AfterInvitation.Unhired {
			t.Errorf("%s, %+v", h.Status, h.AfterInvitation)
		}
	})
}

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
