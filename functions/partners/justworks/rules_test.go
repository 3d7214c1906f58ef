package justworks_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/functions/partners/justworks"
	"fulcrum/local/rig"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
)

func TestTheNewestHireOfAPersonCounts(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hired(nil)
		again := s.again(p)
		s.hire(again)
		if old, h := s.pending(p), s.pending(again); old.Status != justworks.Superseded || old.SupersededBy != again.OpportunityID || h.Status != justworks.Pending {
			t.Errorf("the older is %s by %q, the newer %s", old.Status, old.SupersededBy, h.Status)
		}
		s.look(p) // what Lever says of the older one is nothing new
		if old := s.pending(p); old.Status != justworks.Superseded {
			t.Errorf("looked at again, the older is %s", old.Status)
		}
		s.unhire(again)
		if old, h := s.pending(p), s.pending(again); old.Status != justworks.Pending || old.SupersededBy != "" || h.Status != justworks.Withdrawn {
			t.Errorf("the newer withdrawn, the older is %s, the newer %s", old.Status, h.Status)
		}
	})
}

// again adds another candidacy of the same person, for another posting.
func (s scene) again(p person) person {
	s.t.Helper()
	added, err := s.Twin.AddCandidate(s.Account, desk.Candidate{Name: p.Name, Email: p.Email, Posting: "Account Manager"})
	if err != nil || added.ContactID != p.ContactID {
		s.t.Fatalf("another candidacy: %+v, %v", added, err)
	}
	return person{Added: added, Name: p.Name, Email: p.Email, Phone: p.Phone}
}

func TestWhoWasInvitedIsNotInvitedFromAnotherCandidacyUnasked(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.invited()
		again := s.again(p)
		s.offer(again, "signed", nil)
		s.hire(again)
		h := s.pending(again)
		if h.Status != justworks.Pending || h.Member == nil || h.Member.Reason != justworks.InvitedBefore || h.Member.PendingHireID != p.OpportunityID {
			t.Errorf("%s, %+v", h.Status, h.Member)
		}
		s.edit(again, map[string]any{"workEmail": "new@customer.example"})
		if status := s.Call(http.MethodPost, at(again)+"/invite", nil, nil); status != http.StatusConflict {
			t.Errorf("status %d", status)
		}
		if old := s.pending(p); old.Status != justworks.Invited {
			t.Errorf("the first is %s", old.Status)
		}
	})
}

func TestConfidentialHiresAreLeftOutUnlessTheyAreWanted(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		confidential := "confidential"
		posting, err := s.Twin.AddPosting(s.Account, desk.Posting{PostingFields: account.PostingFields{Text: new("Quiet Role"), Confidentiality: &confidential}})
		if err != nil {
			t.Fatal(err)
		}
		p := s.Person(desk.Candidate{Posting: posting.ID})
		s.hire(p)
		s.none(p)
		if got := s.Ended(p.OpportunityID); !slices.Contains(got, "ignored confidential") || len(s.AWS.Mails()) != 0 {
			t.Errorf("events ended %q, %d mails", got, len(s.AWS.Mails()))
		}
	})
}

func TestAHireWithoutAJobArrives(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.Person(desk.Candidate{})
		s.hire(p)
		h := s.pending(p)
		expectWhy(t, h, map[justworks.Name]justworks.Reason{
			justworks.Title: justworks.NoJob, justworks.Department: justworks.NoJob, justworks.Office: justworks.NoJob, justworks.MemberType: justworks.NoJob,
		})
		s.expectMail(hireTitle, reviewers)
	})
}

// A warm hire takes two calls of Lever's, a cold one four.
func TestAHireTakesFewCallsOfLevers(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		manager := s.user("Ruben Castell")
		s.Restart(t)
		for i, most := range []int{4, 2, 2} {
			p := s.person()
			s.offer(p, "signed", map[string]any{"direct_manager": manager})
			before := s.Twin.Calls(s.Account)
			s.hire(p)
			if calls := s.Twin.Calls(s.Account) - before; calls > most || s.pending(p).Field(justworks.CompensationAmount).Value == "" {
				t.Errorf("hire %d: %d calls, want %d", i, calls, most)
			}
		}
	})
}

// user is the id of a user by name: changing nothing finds them.
func (s scene) user(name string) string {
	s.t.Helper()
	p, err := s.Twin.AddPosting(s.Account, desk.Posting{PostingFields: account.PostingFields{Text: new("Of " + name), Owner: &name}})
	if err != nil || p.Owner == nil {
		s.t.Fatalf("no user %s: %v", name, err)
	}
	return *p.Owner
}

func TestAnInvitationNeedsItsFields(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.person()
		s.hire(p)
		var refused struct {
			Type    string
			Missing []string
			Errors  []struct{ Field, Detail string }
		}
		status := s.problem(http.MethodPost, at(p)+"/invite", nil, &refused)
		want := []string{"startDate", "workEmail", "compensationAmount", "typeOfEarnings", "exemptionStatus"}
		if status != http.StatusUnprocessableEntity || refused.Type != "fields_missing" || !slices.Equal(refused.Missing, want) {
			t.Errorf("status %d, %+v", status, refused)
		}
		if len(refused.Errors) != 5 || refused.Errors[0].Field != "fields.startDate" || !strings.Contains(refused.Errors[0].Detail, "offer_not_completed") {
			t.Errorf("%+v", refused.Errors)
		}
		s.edit(p, map[string]any{
			"startDate": start, "workEmail": "new@customer.example", "memberType": "U.S. Contractor or Consultant",
		})
		if status := s.Call(http.MethodPost, at(p)+"/invite", nil, nil); status != http.StatusOK {
			t.Errorf("a contractor needs no pay: status %d, missing %v", status, s.pending(p).Missing)
		}
	})
}

// problem is a call that is refused.
func (s scene) problem(method, path string, in, out any) int {
	s.t.Helper()
	return s.refused(method, strings.Replace(path, "{c}", s.C.ID, 1), in, out)
}

func TestAReviewsSteps(t *testing.T) {
	call := func(s scene, p person, act string, body any) int {
		return s.Call(http.MethodPost, at(p)+"/"+act, body, nil)
	}
	tests := map[string]struct {
		act    func(s scene, p person) int
		status int
		is     justworks.Status
	}{
		"opening it takes it into review": {func(s scene, p person) int {
			return s.Call(http.MethodPatch, at(p), map[string]any{"by": "adm_2"}, nil)
		}, 200, justworks.InReview},
		"an admin without the permission may not": {func(s scene, p person) int {
			return s.Call(http.MethodPatch, at(p), map[string]any{"by": "adm_3"}, nil)
		}, 403, justworks.Pending},
		"nor may a stranger": {func(s scene, p person) int { return call(s, p, "dismiss", map[string]any{"by": "nobody"}) }, 403, justworks.Pending},
		"a field that is none is refused": {func(s scene, p person) int {
			return s.Call(http.MethodPatch, at(p), map[string]any{"fields": map[string]any{"salary": "1"}}, nil)
		}, 422, justworks.Pending},
		"a value that is none is refused": {func(s scene, p person) int {
			return s.Call(http.MethodPatch, at(p), map[string]any{"fields": map[string]any{"compensationAmount": "1.005"}}, nil)
		}, 422, justworks.Pending},
		"it is dismissed":        {func(s scene, p person) int { return call(s, p, "dismiss", map[string]any{"by": "adm_1"}) }, 200, justworks.Dismissed},
		"and a second time":      {func(s scene, p person) int { call(s, p, "dismiss", nil); return call(s, p, "dismiss", nil) }, 200, justworks.Dismissed},
		"then it is not invited": {func(s scene, p person) int { call(s, p, "dismiss", nil); return call(s, p, "invite", nil) }, 409, justworks.Dismissed},
		"and not edited": {func(s scene, p person) int {
			call(s, p, "dismiss", nil)
			return s.Call(http.MethodPatch, at(p), map[string]any{}, nil)
		}, 409, justworks.Dismissed},
		"and not opened by the same hire": {func(s scene, p person) int { call(s, p, "dismiss", nil); s.look(p); return 200 }, 200, justworks.Dismissed},
		"unless it is hired again":        {func(s scene, p person) int { call(s, p, "dismiss", nil); s.unhire(p); s.hire(p); return 200 }, 200, justworks.Pending},
		"it is invited": {func(s scene, p person) int {
			s.edit(p, map[string]any{"workEmail": "new@customer.example"})
			return call(s, p, "invite", map[string]any{"by": "adm_2"})
		}, 200, justworks.Invited},
		"once": {func(s scene, p person) int {
			s.edit(p, map[string]any{"workEmail": "new@customer.example"})
			call(s, p, "invite", map[string]any{"by": "adm_2"})
			return call(s, p, "invite", map[string]any{"by": "adm_1"})
		}, 200, justworks.Invited},
		"who was invited is not dismissed": {func(s scene, p person) int {
			s.edit(p, map[string]any{"workEmail": "new@customer.example"})
			call(s, p, "invite", nil)
			return call(s, p, "dismiss", nil)
		}, 409, justworks.Invited},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, s scene) {
				p := s.hired(nil)
				if status := tt.act(s, p); status != tt.status {
					t.Errorf("status %d, want %d", status, tt.status)
				}
				h := s.pending(p)
				if h.Status != tt.is || h.Invited != nil && h.Invited.By == "adm_1" {
					t.Errorf("it is %s, invited %+v", h.Status, h.Invited)
				}
			})
		})
	}
}

func TestAnEditIsTakenBackWithNull(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hired(nil)
		s.edit(p, map[string]any{"title": "Boss", "workEmail": "a@customer.example"})
		s.edit(p, map[string]any{"title": nil, "workEmail": nil, "office": nil})
		h := s.pending(p)
		expect(t, h, map[justworks.Name]string{justworks.Title: "Backend Engineer", justworks.Office: "Lisbon"})
		if h.WorkEmail.Value != "" || h.Field(justworks.Title).Edit != nil || len(h.History) != 4 {
			t.Errorf("%+v, history %+v", h.WorkEmail, h.History)
		}
		if got := s.Types(p.OpportunityID); got != "pending_hire.created pending_hire.changed pending_hire.changed" {
			time.Sleep(time.Minute)
			if got = s.Types(p.OpportunityID); got != "pending_hire.created pending_hire.changed pending_hire.changed" {
				t.Errorf("told %q", got)
			}
		}
	})
}

func TestAVersionThatWasSeenIsReplacedOrNone(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hired(nil)
		path := rig.Gateway + strings.Replace(at(p), "{c}", s.C.ID, 1)
		seen := s.header(http.MethodGet, path, "", "")
		if seen.StatusCode != http.StatusOK || seen.Header.Get("ETag") == "" {
			t.Fatalf("%d, ETag %q", seen.StatusCode, seen.Header.Get("ETag"))
		}
		first := s.header(http.MethodPatch, path, seen.Header.Get("ETag"), `{"fields":{"title":"A"}}`)
		second := s.header(http.MethodPatch, path, seen.Header.Get("ETag"), `{"fields":{"title":"B"}}`)
		third := s.header(http.MethodPatch, path, first.Header.Get("ETag"), `{"fields":{"title":"C"}}`)
		if first.StatusCode != http.StatusOK || second.StatusCode != http.StatusPreconditionFailed || third.StatusCode != http.StatusOK {
			t.Errorf("%d, %d, %d", first.StatusCode, second.StatusCode, third.StatusCode)
		}
		if title := s.pending(p).Field(justworks.Title).Value; title != "C" {
			t.Errorf("title %s", title)
		}
	})
}

func TestAnotherPartnersKeyFindsNoHire(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hired(nil)
		path := strings.Replace(at(p), "{c}", s.C.ID, 1)
		for _, key := range []string{s.Connection(t, "joinedly").PartnerAPIKey, ""} {
			for method, path := range map[string]string{http.MethodGet: path, http.MethodPatch: path, http.MethodPost: path + "/invite"} {
				if status := s.CallAs(key, method, path, map[string]any{}, nil); status != http.StatusNotFound && status != http.StatusUnauthorized {
					t.Errorf("%s %s: %d", method, path, status)
				}
			}
		}
	})
}

func TestTheListIsNarrowedByStatus(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p, other := s.hired(nil), s.hired(nil)
		s.Call(http.MethodPost, at(other)+"/dismiss", nil, nil)
		list := func(query string) (ids []string) {
			var page struct{ Items []justworks.PendingHire }
			if status := s.Call(http.MethodGet, connection+"/pending-hires"+query, nil, &page); status != http.StatusOK {
				t.Fatalf("status %d", status)
			}
			for _, h := range page.Items {
				ids = append(ids, h.ID)
			}
			return ids
		}
		if got := list("?status=pending"); !slices.Equal(got, []string{p.OpportunityID}) {
			t.Errorf("pending: %v", got)
		}
		if got := list(""); len(got) != 2 {
			t.Errorf("all: %v", got)
		}
		if status := s.Call(http.MethodGet, connection+"/pending-hires?status=happy", nil, nil); status != http.StatusUnprocessableEntity {
			t.Errorf("status %d for a status that is none", status)
		}
	})
}

func TestARosterIsKeptOrRefusedAsAWhole(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		var kept justworks.Roster
		s.Call(http.MethodGet, connection+"/roster", nil, &kept)
		if len(kept.Admins) != 3 || len(kept.Members) != 2 || kept.Members[0].Emails[0] != "Grace@customer.example" {
			t.Errorf("kept %+v", kept)
		}
		for name, change := range map[string]func(*justworks.Roster){
			"an admin without an e-mail": func(r *justworks.Roster) { r.Admins[0].Email = "" },
			"an e-mail that is none":     func(r *justworks.Roster) { r.Admins[0].Email = "Meg <meg@customer.example>" },
			"a member's that is none":    func(r *justworks.Roster) { r.Members[0].Emails = []string{"x"} },
			"an office without a name":   func(r *justworks.Roster) { r.Offices[0].Name = "" },
			"two departments of one id":  func(r *justworks.Roster) { r.Departments[1].ID = r.Departments[0].ID },
			"a name without end":         func(r *justworks.Roster) { r.Offices[0].Name = strings.Repeat("x", 300) },
		} {
			r := roster()
			change(&r)
			if status := s.Call(http.MethodPut, connection+"/roster", r, nil); status != http.StatusUnprocessableEntity {
				t.Errorf("%s: status %d", name, status)
			}
		}
		var after justworks.Roster
		s.Call(http.MethodGet, connection+"/roster", nil, &after)
		if len(after.Admins) != 3 || after.Offices[0].Name != "Lisbon" {
			t.Errorf("kept %+v", after)
		}
	})
}

// The same edit once more tells nobody anything; another member of the same name is
// another edit.
func TestAnEditSaidAgainIsNoEdit(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		r := roster()
		r.Members = append(r.Members,
			justworks.Member{ID: "mem_3", Name: "Ada King", Emails: []string{"ada@customer.example"}, Active: true},
			justworks.Member{ID: "mem_4", Name: "Ada King", Emails: []string{"king@customer.example"}, Active: true},
		)
		s.roster(r)
		p := s.hired(nil)
		time.Sleep(time.Minute)
		for _, tt := range []struct {
			id   string
			told bool
		}{{"mem_3", true}, {"mem_3", false}, {"mem_4", true}} {
			before := len(s.Arrived(p.OpportunityID))
			s.edit(p, map[string]any{"manager": tt.id})
			time.Sleep(time.Minute)
			if got := s.pending(p).Field(justworks.Manager).ID; got != tt.id {
				t.Errorf("the manager is %s, want %s", got, tt.id)
			}
			if told := len(s.Arrived(p.OpportunityID)) > before; told != tt.told {
				t.Errorf("%s: told is %v", tt.id, told)
			}
		}
	})
}
