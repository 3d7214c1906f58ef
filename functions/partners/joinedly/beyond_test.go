package joinedly_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"fulcrum/functions/partners/joinedly"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
	"fulcrum/shared/match"
	"fulcrum/shared/store"
)

// settle applies settings as the set-up page does.
func (s scene) settle(t *testing.T, values map[string]any) {
	t.Helper()
	text, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	now, err := s.Table.Settings(t.Context(), s.C.ID)
	s.Do(now, err)
	now.Values = text
	s.Do(s.Table.PutSettings(t.Context(), now))
}

func TestAHireTakesTwoCallsOfLeversOnceTheFunctionIsWarm(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		s.Restart(t)
		var took []int
		for range 4 {
			p := s.Person(desk.Candidate{Posting: "Backend Engineer"})
			s.Do(s.Twin.AddOffer(s.Account, p.OpportunityID, signed(map[string]any{"job_title": "Engineer"})))
			before := s.Twin.Calls(s.Account)
			s.Do(s.Twin.Hire(s.Account, p.OpportunityID, ""))
			time.Sleep(time.Minute)
			took = append(took, s.Twin.Calls(s.Account)-before)
			s.expect(t, p, "joiner.hired", joinedly.Started)
		}
		if want := []int{4, 2, 2, 2}; !reflect.DeepEqual(took, want) {
			t.Errorf("calls %v, want %v", took, want)
		}
	})
}

func signed(fields map[string]any) account.OfferFields {
	return account.OfferFields{Status: new("signed"), Outside: true, Fields: fields}
}

func TestTheNewestSignedOfferTells(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.Person(desk.Candidate{Posting: "Backend Engineer"})
		start := time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)
		for _, title := range []string{"First", "Second"} {
			time.Sleep(time.Second)
			s.Do(s.Twin.AddOffer(s.Account, p.OpportunityID, signed(map[string]any{
				"job_title": title, "location/office": "Chicago", "anticipated_start_date": start.UnixMilli(),
			})))
		}
		declined, err := s.Twin.AddOffer(s.Account, p.OpportunityID, account.OfferFields{Status: new("denied"), Fields: map[string]any{"job_title": "Third"}})
		s.Do(declined, err)
		s.Do(s.Twin.Hire(s.Account, p.OpportunityID, ""))
		time.Sleep(time.Minute)
		if j := s.joiner(t, p); j.JobTitle != "Second" || nameOf(j.Office) != "Chicago" || nameOf(j.Team) != "Engineering" || j.StartDate != "2027-02-01" {
			t.Errorf("%+v", j)
		}
	})
}

func TestWhatChangesAfterTheDeliveryIsTold(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hire("Backend Engineer")
		time.Sleep(time.Minute)
		s.Do(s.Twin.AddOffer(s.Account, p.OpportunityID, signed(map[string]any{"job_title": "Staff Engineer"})))
		s.Look(lever.CandidateHired, lever.IDs{Opportunity: p.OpportunityID})
		s.expect(t, p, "joiner.hired joiner.changed", joinedly.Started)
		if j := s.joiner(t, p); j.JobTitle != "Staff Engineer" || j.Hire != 1 {
			t.Errorf("%+v", j)
		}
	})
}

func TestTheManagerIsWhomTheOfferNames(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		boss, err := s.Twin.AddUser(s.Account, desk.Person{Name: "Grace Hopper", Email: "grace@example.com"})
		s.Do(boss, err)
		for named, want := range map[string]joinedly.Manager{
			boss.ID:       {Name: "Grace Hopper", Email: "grace@example.com"},
			"Edsger Wybe": {Name: "Edsger Wybe"},
			"nobody":      {Name: "Ruben Castell", Email: s.emailOf(t, "Ruben Castell")},
		} {
			p := s.Person(desk.Candidate{Posting: "Backend Engineer"})
			s.Do(s.Twin.AddOffer(s.Account, p.OpportunityID, signed(map[string]any{"direct_manager": named})))
			s.Do(s.Twin.Hire(s.Account, p.OpportunityID, ""))
			time.Sleep(time.Minute)
			if j := s.joiner(t, p); j.Manager != want {
				t.Errorf("for %s the manager is %+v, want %+v", named, j.Manager, want)
			}
		}
	})
}

func (s scene) emailOf(t *testing.T, name string) string {
	t.Helper()
	summary, err := s.Twin.Summary(s.Account)
	s.Do(summary, err)
	for _, u := range summary.Users {
		if u.Name == name {
			return u.Email
		}
	}
	t.Fatalf("no user %s", name)
	return ""
}

func TestConfidentialHiresAreNobodysUnlessTheCustomerWantsThem(t *testing.T) {
	confidential := func(s scene) (opportunity string) {
		p := s.Person(desk.Candidate{Posting: "Backend Engineer"})
		s.Do(s.Twin.ChangeOpportunity(s.Account, p.OpportunityID, account.OpportunityFields{Confidential: new(true)}))
		s.Do(s.Twin.Hire(s.Account, p.OpportunityID, ""))
		time.Sleep(time.Minute)
		return p.OpportunityID
	}
	ignored := func(t *testing.T, s scene, opportunity string) {
		t.Helper()
		if got := s.Ended(opportunity); s.Types(opportunity) != "" || len(got) != 1 || got[0] != "ignored confidential" {
			t.Errorf("arrived %q, ended %q", s.Types(opportunity), got)
		}
	}
	t.Run("with a credential that does not see them", func(t *testing.T) {
		on(t, func(t *testing.T, s scene) { ignored(t, s, confidential(s)) })
	})
	t.Run("with one that sees them", func(t *testing.T) {
		on(t, func(t *testing.T, s scene) {
			s.sees(t)
			ignored(t, s, confidential(s))
			s.settle(t, map[string]any{"includeConfidential": true, "onMismatch": "create"})
			if id := confidential(s); s.Types(id) != "joiner.hired" {
				t.Errorf("arrived %q, ended %q", s.Types(id), s.Ended(id))
			}
		})
	})
}

// sees gives the connection a key with access to what is confidential.
func (s scene) sees(t *testing.T) {
	t.Helper()
	s.Do(s.Twin.CreateKey(s.Account, desk.NewKey{Name: "all", Secret: "a key that sees everything", Confidential: true}))
	c, err := s.Table.Credential(t.Context(), s.C.ID)
	s.Do(c, err)
	c.Secret = store.Secret{APIKey: "a key that sees everything"}
	s.Do(nil, s.Table.PutCredential(t.Context(), c, 0))
}

func TestACustomerMayHaveMismatchesHeld(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		s.settle(t, map[string]any{"onMismatch": "hold"})
		s.directory(t, []string{"Porto"}, []string{"Engineering"})
		p := s.hire("Backend Engineer")
		time.Sleep(time.Minute)
		s.expect(t, p, "", joinedly.Held)
		s.settle(t, map[string]any{"onMismatch": "hold", "officeAliases": map[string]string{"Lisbon": "Porto"}})
		s.Retry()
		s.expect(t, p, "joiner.hired", joinedly.Started)
		if j := s.joiner(t, p); nameOf(j.Office) != "Porto" || s.Reasons() != "" {
			t.Errorf("%+v, %s", j, s.Reasons())
		}
	})
}

func TestAHeldHireThatIsUndoneOrErasedIsNeverTold(t *testing.T) {
	for name, end := range map[string]struct {
		do     func(s scene, opportunity string)
		status joinedly.Status
	}{
		"undone": {func(s scene, id string) { s.Do(s.Twin.Unarchive(s.Account, id)) }, joinedly.Withdrawn},
		"erased": {func(s scene, id string) { s.Do(s.Twin.Delete(s.Account, id)) }, joinedly.Erased},
	} {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, s scene) {
				p := s.Person(desk.Candidate{Posting: "Backend Engineer"})
				s.Do(s.Twin.ChangeContact(s.Account, p.ContactID, account.ContactFields{Emails: &[]string{}}))
				s.Do(s.Twin.Hire(s.Account, p.OpportunityID, ""))
				time.Sleep(time.Minute)
				end.do(s, p.OpportunityID)
				s.Look(lever.CandidateHired, lever.IDs{Opportunity: p.OpportunityID})
				s.expect(t, p, "", end.status)
				if got := s.Reasons(); got != "" {
					t.Errorf("somebody is still asked to mend %s", got)
				}
			})
		})
	}
}

func TestOtherReasonsThanHiredMakeNoJoiner(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.Person(desk.Candidate{Posting: "Backend Engineer"})
		s.Do(s.Twin.Archive(s.Account, p.OpportunityID, "Withdrew"))
		s.Tell(lever.CandidateHired, map[string]string{"opportunityId": p.OpportunityID})
		reason, err := s.Twin.AddReason(s.Account, "Welcome aboard", "hired")
		s.Do(reason, err)
		other := s.Person(desk.Candidate{Posting: "Backend Engineer"})
		s.Do(s.Twin.Archive(s.Account, other.OpportunityID, "Welcome aboard"))
		s.Tell(lever.CandidateHired, map[string]string{"opportunityId": other.OpportunityID})
		time.Sleep(time.Minute)
		if got := s.Types(p.OpportunityID); got != "" {
			t.Errorf("arrived %q for who withdrew", got)
		}
		s.expect(t, other, "joiner.hired", joinedly.Started)
	})
}

func TestWithoutADirectoryOneItemAsksForIt(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		s.directory(t, nil, nil)
		first, second := s.hire("Backend Engineer"), s.hire("Account Manager")
		time.Sleep(time.Minute)
		s.expect(t, first, "joiner.hired", joinedly.NeedsAttention)
		if got := s.Reasons(); got != "directory_missing" {
			t.Errorf("%s", got)
		}
		s.directory(t, []string{"Lisbon", "Chicago"}, []string{"Engineering", "Sales"})
		time.Sleep(time.Minute)
		s.expect(t, first, "joiner.hired joiner.changed", joinedly.Started)
		s.expect(t, second, "joiner.hired joiner.changed", joinedly.Started)
		if got := s.Reasons(); got != "" {
			t.Errorf("still open: %s", got)
		}
	})
}

func TestTheMatchShowsBothSides(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		s.Do(s.Twin.AddPosting(s.Account, desk.Posting{
			PostingFields: account.PostingFields{Text: new("Designer")}, Location: new("lisbon"), Team: new("Sales"), Department: new("Product"),
		}))
		s.settle(t, map[string]any{"officeAliases": map[string]string{"Chicago": "Windy City"}})
		s.directory(t, []string{"Lisbon", "Windy City", "Oslo"}, []string{"Engineering", "Sales", "Sales"})
		var r joinedly.Report
		if status := s.Call(http.MethodGet, connection+"/match", nil, &r); status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
		offices := joinedly.Matches{
			Lever: []match.Named{
				{Name: "Chicago", Match: match.Exact, With: "Windy City", Alias: true},
				{Name: "Lisbon", Match: match.Exact, With: "Lisbon"},
				{Name: "lisbon", Match: match.Near, Suggestion: "Lisbon"},
			},
			Joinedly: []match.Named{
				{ID: "office-1", Name: "Lisbon", Match: match.Exact, With: "Lisbon"},
				{ID: "office-2", Name: "Windy City", Match: match.Exact, With: "Chicago", Alias: true},
				{ID: "office-3", Name: "Oslo", Match: match.None},
			},
		}
		teams := joinedly.Matches{
			Lever: []match.Named{
				{Name: "Engineering", Departments: []string{"Product"}, Match: match.Exact, With: "Engineering"},
				{Name: "Sales", Departments: []string{"Product", "Revenue"}, Match: match.Several},
				{Name: "Support", Departments: []string{"Revenue"}, Match: match.None},
			},
			Joinedly: []match.Named{
				{ID: "team-1", Name: "Engineering", Match: match.Exact, With: "Engineering"},
				{ID: "team-2", Name: "Sales", Match: match.Several}, {ID: "team-3", Name: "Sales", Match: match.Several},
			},
		}
		if !reflect.DeepEqual(r.Offices, offices) {
			t.Errorf("offices\n%+v\nwant\n%+v", r.Offices, offices)
		}
		if !reflect.DeepEqual(r.Teams, teams) {
			t.Errorf("teams\n%+v\nwant\n%+v", r.Teams, teams)
		}
	})
}

func TestADirectoryIsGivenBackOrRefused(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		var got joinedly.Directory
		s.Call(http.MethodGet, connection+"/directory", nil, &got)
		if len(got.Offices) != 2 || got.Offices[1] != (joinedly.Entry{ID: "office-2", Name: "Chicago"}) || len(got.Teams) != 3 {
			t.Errorf("%+v", got)
		}
		many := make([]joinedly.Entry, 2000)
		for i := range many {
			many[i] = joinedly.Entry{ID: fmt.Sprint(i), Name: strings.Repeat("x", 150)}
		}
		for name, d := range map[string]any{
			"an office without a name": joinedly.Directory{Offices: []joinedly.Entry{{ID: "1"}}},
			"a team without an id":     joinedly.Directory{Teams: []joinedly.Entry{{Name: "Core"}}},
			"two of one id":            joinedly.Directory{Teams: []joinedly.Entry{{ID: "1", Name: "Core"}, {ID: "1", Name: "Web"}}},
			"a name too long":          joinedly.Directory{Teams: []joinedly.Entry{{ID: "1", Name: strings.Repeat("x", 201)}}},
			"far too many":             joinedly.Directory{Teams: many},
			"a member that is none":    map[string]any{"office": []any{}},
		} {
			if status := s.Call(http.MethodPut, connection+"/directory", d, nil); status != http.StatusUnprocessableEntity {
				t.Errorf("%s: status %d", name, status)
			}
		}
	})
}

func TestJoinersAreListedByStatusAndInParts(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		for range 3 {
			s.hire("Backend Engineer")
		}
		s.hire("")
		time.Sleep(time.Minute)
		var got, rest, some struct {
			Items      []joinedly.Listed
			NextCursor string
		}
		s.Call(http.MethodGet, connection+"/joiners?limit=3", nil, &got)
		s.Call(http.MethodGet, connection+"/joiners?limit=3&cursor="+got.NextCursor, nil, &rest)
		s.Call(http.MethodGet, connection+"/joiners?status=needs_attention,held", nil, &some)
		if len(got.Items) != 3 || len(rest.Items) != 1 || rest.NextCursor != "" || len(some.Items) != 1 || some.Items[0].Problems[0].Reason != "no_job" {
			t.Errorf("%d and %d joiners, %+v", len(got.Items), len(rest.Items), some)
		}
		for _, query := range []string{"status=hired", "limit=0", "state=held", "cursor=x"} {
			if status := s.Call(http.MethodGet, connection+"/joiners?"+query, nil, nil); status != http.StatusUnprocessableEntity {
				t.Errorf("%s: status %d", query, status)
			}
		}
	})
}
