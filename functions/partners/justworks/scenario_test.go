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

func TestAnInvitedHireThatChangesAndIsUnhiredIsToldOfBoth(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.invited()
		s.offer(p, "signed", map[string]any{"salary_amount": 120000})
		s.look(p)
		s.expectMail("changed in Lever after the invitation", reviewers)
		s.unhire(p)
		s.expectMail("changed in Lever after the invitation", reviewers)
		time.Sleep(2 * time.Hour)
		s.expectMail("A candidate is not hired any more in Lever", reviewers)
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
