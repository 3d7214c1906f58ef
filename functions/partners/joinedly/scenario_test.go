package joinedly_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/functions/partners/joinedly"
	"fulcrum/local/partnertest"
	"fulcrum/local/rig"
	"fulcrum/local/sandbox"
	"fulcrum/local/seed"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// scene is a stage with a customer whose offices and teams are those of Lever.
type scene struct{ *partnertest.Stage }

func on(t *testing.T, f func(t *testing.T, s scene)) {
	t.Helper()
	partnertest.On(t, "joinedly", func(t *testing.T, s *partnertest.Stage) {
		sc := scene{s}
		sc.directory(t, []string{"Lisbon", "Chicago"}, []string{"Engineering", "Sales", "Support"})
		f(t, sc)
	})
}

const connection = "/v1/joinedly/connections/{c}"

// directory gives Joinedly's offices and teams by their names.
func (s scene) directory(t *testing.T, offices, teams []string) {
	t.Helper()
	named := func(prefix string, names []string) []joinedly.Entry {
		all := []joinedly.Entry{}
		for i, n := range names {
			all = append(all, joinedly.Entry{ID: prefix + string(rune('1'+i)), Name: n})
		}
		return all
	}
	d := joinedly.Directory{Offices: named("office-", offices), Teams: named("team-", teams)}
	if status := s.Call(http.MethodPut, connection+"/directory", d, nil); status != http.StatusOK {
		t.Fatalf("directory: status %d", status)
	}
}

// hire marks somebody as hired for a posting, which may be none.
func (s scene) hire(posting string) partnertest.Person {
	p := s.Person(desk.Candidate{Posting: posting})
	s.Do(s.Twin.Hire(s.Account, p.OpportunityID, ""))
	return p
}

// joiner is the last document's data.
func (s scene) joiner(t *testing.T, p partnertest.Person) joinedly.Joiner {
	t.Helper()
	var j joinedly.Joiner
	all := s.Arrived(p.OpportunityID)
	if len(all) == 0 {
		t.Fatalf("nothing arrived; events ended %q", s.Ended(p.OpportunityID))
	}
	if err := json.Unmarshal(all[len(all)-1].Data, &j); err != nil {
		t.Fatal(err)
	}
	return j
}

// listed is somebody in Joinedly's list of joiners.
func (s scene) listed(t *testing.T, p partnertest.Person) joinedly.Listed {
	t.Helper()
	var list struct{ Items []joinedly.Listed }
	if status := s.Call(http.MethodGet, connection+"/joiners", nil, &list); status != http.StatusOK {
		t.Fatalf("joiners: status %d", status)
	}
	i := slices.IndexFunc(list.Items, func(l joinedly.Listed) bool { return l.OpportunityID == p.OpportunityID })
	if i < 0 {
		t.Fatalf("not among the joiners: %+v", list.Items)
	}
	return list.Items[i]
}

// expect fails unless these documents have arrived, and the joiner has the status.
func (s scene) expect(t *testing.T, p partnertest.Person, types string, status joinedly.Status) {
	t.Helper()
	if got := s.Types(p.OpportunityID); got != types {
		t.Errorf("arrived %q, want %q; events ended %q", got, types, s.Ended(p.OpportunityID))
	}
	if got := s.listed(t, p); got.Status != status {
		t.Errorf("the joiner is %s, want %s: %+v", got.Status, status, got.Problems)
	}
}

func nameOf(e *joinedly.Entry) string {
	if e == nil {
		return ""
	}
	return e.Name
}

func TestAJ1AHireIsAJoinerWithOfficeAndTeamWithinAMinute(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hire("Backend Engineer")
		time.Sleep(time.Minute)
		s.expect(t, p, "joiner.hired", joinedly.Started)
		j := s.joiner(t, p)
		if nameOf(j.Office) != "Lisbon" || nameOf(j.Team) != "Engineering" || j.PersonalEmail != p.Email || j.Phone != p.Phone ||
			j.FirstName+" "+j.LastName != p.Name || j.JobTitle != "Backend Engineer" || j.Manager.Name != "Ruben Castell" || j.Hire != 1 {
			t.Errorf("%+v", j)
		}
		if got := s.Reasons(); got != "" {
			t.Errorf("somebody is asked to mend %s", got)
		}
	})
}

func TestAJ2TheSameHireAgainIsNoSecondJoiner(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hire("Backend Engineer")
		time.Sleep(time.Minute)
		for range 3 {
			s.Tell(lever.CandidateHired, map[string]string{"opportunityId": p.OpportunityID})
		}
		sent, err := s.Twin.Deliveries(s.Account)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range sent {
			if status := s.Post(d.URL, d.Body); status != http.StatusOK {
				t.Errorf("status %d for the same delivery", status)
			}
		}
		time.Sleep(time.Hour)
		s.expect(t, p, "joiner.hired", joinedly.Started)
	})
}

func TestAJ3ANearMissIsASuggestionAndCompletedWhenItIsCorrected(t *testing.T) {
	for name, posting := range map[string]desk.Posting{
		"a blank too many": {Location: new("Lisbon "), Team: new("Engineering")},
		"another case":     {Location: new("lisbon"), Team: new("Engineering")},
	} {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, s scene) {
				posting.PostingFields = account.PostingFields{Text: new("Designer")}
				made, err := s.Twin.AddPosting(s.Account, posting)
				s.Do(made, err)
				p := s.hire("Designer")
				time.Sleep(time.Minute)
				s.expect(t, p, "joiner.hired", joinedly.NeedsAttention)
				if j := s.joiner(t, p); j.Office != nil || nameOf(j.Team) != "Engineering" || j.Lever.Location != *posting.Location {
					t.Errorf("%+v", j)
				}
				items := s.Attention()
				if len(items) != 1 || items[0].Reason != "office_unmatched" || items[0].Details["lever"] != *posting.Location || items[0].Details["suggestion"] != "Lisbon" {
					t.Fatalf("%+v", items)
				}
				s.Do(s.Twin.ChangePosting(s.Account, made.ID, desk.Posting{Location: new("Lisbon")}))
				s.Retry()
				s.expect(t, p, "joiner.hired joiner.changed", joinedly.Started)
				if j := s.joiner(t, p); nameOf(j.Office) != "Lisbon" || j.Hire != 1 {
					t.Errorf("%+v", j)
				}
				if got := s.Reasons(); got != "" {
					t.Errorf("still open: %s", got)
				}
			})
		})
	}
}

func TestAJ3ANameCorrectedInJoinedlyCompletesWithoutARetry(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		s.directory(t, []string{"Lissabon"}, []string{"Engineering"})
		p := s.hire("Backend Engineer")
		time.Sleep(time.Minute)
		s.expect(t, p, "joiner.hired", joinedly.NeedsAttention)
		s.directory(t, []string{"Lisbon"}, []string{"Engineering"})
		time.Sleep(time.Minute)
		s.expect(t, p, "joiner.hired joiner.changed", joinedly.Started)
		if got := s.Reasons(); got != "" {
			t.Errorf("still open: %s", got)
		}
	})
}

func TestAJ3AnotherSuggestionIsNoNewsForJoinedly(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		s.directory(t, []string{"Porto"}, []string{"Engineering"})
		p := s.hire("Backend Engineer")
		time.Sleep(time.Minute)
		s.directory(t, []string{"LISBON"}, []string{"Engineering"})
		time.Sleep(time.Minute)
		s.expect(t, p, "joiner.hired", joinedly.NeedsAttention)
		if items := s.Attention(); len(items) != 1 || items[0].Details["suggestion"] != "LISBON" {
			t.Errorf("%+v", items)
		}
	})
}

func TestAJ4TeamsMatchByTheirNames(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		s.directory(t, []string{"Lisbon"}, []string{"Core", "Web", "Web"})
		for department, title := range map[string]string{"Product": "Core of Product", "Revenue": "Core of Revenue"} {
			s.Do(s.Twin.AddPosting(s.Account, desk.Posting{
				PostingFields: account.PostingFields{Text: new(title)}, Location: new("Lisbon"), Team: new("Core"), Department: new(department),
			}))
			p := s.hire(title)
			time.Sleep(time.Minute)
			s.expect(t, p, "joiner.hired", joinedly.Started)
			if j := s.joiner(t, p); nameOf(j.Team) != "Core" || j.Lever.Department != department {
				t.Errorf("%+v", j)
			}
		}
		s.Do(s.Twin.AddPosting(s.Account, desk.Posting{
			PostingFields: account.PostingFields{Text: new("Web")}, Location: new("Lisbon"), Team: new("Web"),
		}))
		p := s.hire("Web")
		time.Sleep(time.Minute)
		s.expect(t, p, "joiner.hired", joinedly.NeedsAttention)
		if j := s.joiner(t, p); j.Team != nil || s.Reasons() != "team_ambiguous" {
			t.Errorf("one of two teams was chosen: %+v, %s", j.Team, s.Reasons())
		}
	})
}

func TestAJ5WithoutAJobThereIsAJoinerAllTheSame(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hire("")
		time.Sleep(time.Minute)
		s.expect(t, p, "joiner.hired", joinedly.NeedsAttention)
		j := s.joiner(t, p)
		if j.PersonalEmail != p.Email || j.FirstName == "" || j.JobTitle != "" || j.Team != nil || j.Office != nil || s.Reasons() != "no_job" {
			t.Errorf("%+v, %s", j, s.Reasons())
		}
		s.Do(s.Twin.Apply(s.Account, p.OpportunityID, "Backend Engineer"))
		s.Retry()
		s.expect(t, p, "joiner.hired joiner.changed", joinedly.Started)
	})
}

func TestAJ6WithoutAnEmailTheHireIsHeldAndReleased(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.Person(desk.Candidate{Posting: "Backend Engineer"})
		s.Do(s.Twin.ChangeContact(s.Account, p.ContactID, account.ContactFields{Emails: &[]string{}}))
		s.Do(s.Twin.Hire(s.Account, p.OpportunityID, ""))
		time.Sleep(time.Minute)
		s.expect(t, p, "", joinedly.Held)
		if got := s.Ended(p.OpportunityID); len(got) != 1 || got[0] != "ignored held_email_missing" || s.Reasons() != "email_missing" {
			t.Errorf("ended %q; %s", got, s.Reasons())
		}
		s.Do(s.Twin.ChangeContact(s.Account, p.ContactID, account.ContactFields{Emails: &[]string{p.Email}}))
		s.Retry()
		s.expect(t, p, "joiner.hired", joinedly.Started)
		if j := s.joiner(t, p); j.PersonalEmail != p.Email || j.Hire != 1 || s.Reasons() != "" {
			t.Errorf("%+v, %s", j, s.Reasons())
		}
	})
}

func TestAJ7ATokenThatWasRegeneratedIsRefusedUntilItIsKnown(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		there, err := s.Twin.Webhooks(s.Account)
		s.Do(there, err)
		s.Do(s.Twin.Regenerate(s.Account, there[0].ID))
		p := s.hire("Backend Engineer")
		time.Sleep(time.Minute)
		sent, err := s.Twin.Deliveries(s.Account)
		s.Do(sent, err)
		if last := sent[len(sent)-1]; last.Status != http.StatusUnauthorized {
			t.Errorf("status %d for a token that is not known", last.Status)
		}
		if got := s.Types(p.OpportunityID); got != "" {
			t.Errorf("arrived %q", got)
		}
	})
}

func TestAJ8AfterARevokeThereIsOneAlertAndNoJoiner(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		for _, key := range s.Twin.Keys(s.Account) {
			s.Do(nil, s.Twin.RemoveKey(s.Account, key.ID))
		}
		for range 3 {
			s.hire("Backend Engineer")
		}
		time.Sleep(6 * time.Hour)
		if got := s.Types(""); got != "connection.disconnected" {
			t.Errorf("arrived %q, want one alert", got)
		}
		for _, got := range s.Ended("") {
			if got != "parked disconnected" {
				t.Errorf("an event ended %q", got)
			}
		}
		if asked := s.Twin.Calls(s.Account); asked > 20 {
			t.Errorf("%d calls with a credential that Lever does not take", asked)
		}
	})
}

func TestAJ9WhoIsNoLongerHiredIsWithdrawnAndCanComeBack(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hire("Backend Engineer")
		time.Sleep(time.Minute)
		first := s.joiner(t, p)
		s.Do(s.Twin.Unarchive(s.Account, p.OpportunityID))
		s.Tell(lever.CandidateHired, map[string]string{"opportunityId": p.OpportunityID})
		time.Sleep(time.Minute)
		s.expect(t, p, "joiner.hired joiner.withdrawn", joinedly.Withdrawn)
		if l := s.listed(t, p); l.Joiner != nil || l.ID != first.ID {
			t.Errorf("%+v", l)
		}
		s.Do(s.Twin.ChangeContact(s.Account, p.ContactID, account.ContactFields{Emails: &[]string{"new@example.com"}}))
		s.Do(s.Twin.Hire(s.Account, p.OpportunityID, ""))
		time.Sleep(time.Minute)
		s.expect(t, p, "joiner.hired joiner.withdrawn joiner.hired", joinedly.Started)
		if again := s.joiner(t, p); again.ID != first.ID || again.Hire != 2 || again.PersonalEmail != "new@example.com" || again.HiredAt <= first.HiredAt {
			t.Errorf("%+v", again)
		}
	})
}

func TestAJ10WhoIsErasedInLeverIsForgottenForGood(t *testing.T) {
	for because, erase := range map[string]func(s scene, p partnertest.Person){
		"deleted":    func(s scene, p partnertest.Person) { s.Do(s.Twin.Delete(s.Account, p.OpportunityID)) },
		"anonymized": func(s scene, p partnertest.Person) { s.Do(s.Twin.Anonymize(s.Account, p.OpportunityID)) },
	} {
		t.Run(because, func(t *testing.T) {
			on(t, func(t *testing.T, s scene) {
				p := s.hire("Backend Engineer")
				time.Sleep(time.Minute)
				erase(s, p)
				s.Look(lever.CandidateDeleted, lever.IDs{Opportunity: p.OpportunityID})
				s.expect(t, p, "joiner.hired joiner.erased", joinedly.Erased)
				all := s.Arrived(p.OpportunityID)
				var said joinedly.Erasure
				if err := json.Unmarshal(all[len(all)-1].Data, &said); err != nil || said.Because != because || said.ContactID != p.ContactID {
					t.Errorf("%+v, %v", said, err)
				}
				s.Tell(lever.CandidateHired, map[string]string{"opportunityId": p.OpportunityID})
				time.Sleep(time.Hour)
				s.expect(t, p, "joiner.hired joiner.erased", joinedly.Erased)
			})
		})
	}
}

func TestAJ11AnotherOpportunityUnderAUsedSignatureHasNoEffect(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p, other := s.hire("Backend Engineer"), s.Person(desk.Candidate{Posting: "Backend Engineer"})
		time.Sleep(time.Minute)
		sent, err := s.Twin.Deliveries(s.Account)
		s.Do(sent, err)
		forged := strings.ReplaceAll(sent[len(sent)-1].Body, p.OpportunityID, other.OpportunityID)
		if status := s.Post(sent[len(sent)-1].URL, forged); status != http.StatusOK {
			t.Errorf("status %d", status)
		}
		time.Sleep(time.Hour)
		if got := s.Types(other.OpportunityID); got != "" {
			t.Errorf("arrived %q for who is not hired", got)
		}
		reused := 0
		for _, e := range s.Events(t, s.C.ID) {
			if e.Reuse {
				reused++
			}
		}
		if reused != 1 {
			t.Errorf("%d events are marked as a signature used again, want 1", reused)
		}
		s.expect(t, p, "joiner.hired", joinedly.Started)
	})
}

func TestAJ13AnEndpointThatFailsIsTriedAgainUnderTheSameID(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		s.Sandbox.Inject(sandbox.Fault{Status: 500, Times: 4})
		p := s.hire("Backend Engineer")
		time.Sleep(12 * time.Hour)
		all := s.Arrived(p.OpportunityID)
		if len(all) != 1 || all[0].Attempts < 5 {
			t.Fatalf("%+v", all)
		}
	})
}

func TestAJ13WhatIsParkedIsRedrivenUnderTheSameID(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		s.Sandbox.Inject(sandbox.Fault{Status: http.StatusGone, Times: 1})
		p := s.hire("Backend Engineer")
		time.Sleep(time.Hour)
		var parked struct{ Items []struct{ ID string } }
		s.Call(http.MethodGet, "/v1/connections/{c}/deliveries", nil, &parked)
		if got := s.Ended(p.OpportunityID); len(got) != 1 || got[0] != "parked endpoint_gone" || len(parked.Items) != 1 || s.Reasons() != "endpoint_gone" {
			t.Fatalf("ended %q, parked %+v, %s", got, parked.Items, s.Reasons())
		}
		s.Do(nil, s.Table.PutEndpoint(t.Context(), store.Endpoint{
			Partner: "joinedly", URL: rig.Partner + "/deliveries/joinedly", Secrets: []string{seed.EndpointSecret("joinedly")},
		}))
		id := parked.Items[0].ID
		if status := s.Call(http.MethodPost, "/v1/connections/{c}/deliveries/redrive", map[string]string{"delivery": id}, nil); status/100 != 2 {
			t.Fatalf("redrive: status %d", status)
		}
		time.Sleep(time.Hour)
		if all := s.Arrived(p.OpportunityID); len(all) != 1 || all[0].ID != id {
			t.Errorf("%+v, parked was %s", all, id)
		}
	})
}
