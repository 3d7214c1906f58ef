package desk

import (
	"encoding/json"
	"net/http"
	"reflect"
	"sync"
	"testing"
	"time"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/hook"
	"fulcrum/local/twin/oauth"
	"fulcrum/local/twin/random"
	"fulcrum/local/twin/tenant"
)

func newDesk(t *testing.T) (*Desk, Summary) {
	t.Helper()
	source := random.New(nil)
	jobs := hook.NewJobs()
	t.Cleanup(jobs.Close)
	tenants, err := tenant.NewRegistry(
		tenant.Config{
			Now: time.Now, Random: source,
			Hook: hook.Config{Client: http.DefaultClient, Now: time.Now, Random: source, Timeout: time.Second, Jobs: jobs},
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	server, err := oauth.New(oauth.Config{Now: time.Now, Random: source})
	if err != nil {
		t.Fatal(err)
	}
	d := New(tenants, server)
	home, err := d.CreateAccount(NewAccount{Name: "Acme"})
	if err != nil {
		t.Fatal(err)
	}
	return d, home
}

// What a method returns is printed while the account goes on changing. The race
// detector sees whatever is shared.
func TestNothingThatIsReturnedIsShared(t *testing.T) {
	d, home := newDesk(t)
	c, err := d.AddCandidate(home.Account, Candidate{Name: "Nina Okafor", Email: "nina@example.com", Posting: "Backend Engineer"})
	if err != nil {
		t.Fatal(err)
	}
	offer, err := d.AddOffer(home.Account, c.OpportunityID, account.OfferFields{Status: new("sent")})
	if err != nil {
		t.Fatal(err)
	}
	interview, err := d.Schedule(home.Account, c.OpportunityID, Interview{})
	if err != nil {
		t.Fatal(err)
	}
	user := home.Users[2].ID
	changes := []func() (any, error){
		func() (any, error) {
			return d.ChangeOffer(
				home.Account, c.OpportunityID, offer.ID,
				account.OfferFields{Status: new("signed"), Fields: map[string]any{"x": 1}},
			)
		},
		func() (any, error) {
			return d.Reschedule(
				home.Account, c.OpportunityID, interview.ID,
				Interview{Duration: 5, Interviewers: []string{"olive@acme.example"}},
			)
		},
		func() (any, error) { return d.AddNote(home.Account, c.OpportunityID, account.NoteFields{Value: "x"}) },
		func() (any, error) {
			return d.ChangeUser(home.Account, user, Person{Name: "Other", Deactivated: new(true)})
		},
		func() (any, error) {
			return d.ChangePosting(home.Account, home.Postings[0].ID, Posting{Location: new("Leiden")})
		},
		func() (any, error) {
			return d.ChangeContact(home.Account, c.ContactID, account.ContactFields{Emails: &[]string{"x@example.com"}})
		},
		func() (any, error) {
			return d.ChangeOpportunity(home.Account, c.OpportunityID, account.OpportunityFields{Tags: &[]string{"x"}})
		},
		func() (any, error) { return d.Move(home.Account, c.OpportunityID, "Offer") },
		func() (any, error) { return d.Hire(home.Account, c.OpportunityID, "") },
		func() (any, error) { return d.Unarchive(home.Account, c.OpportunityID) },
		func() (any, error) { return d.RenameStage(home.Account, "offer", "Offer") },
		func() (any, error) { return d.Opportunity(home.Account, c.OpportunityID) },
		func() (any, error) { return d.Profile(home.Account, c.OpportunityID) },
		func() (any, error) { return d.Summary(home.Account) },
	}
	var all sync.WaitGroup
	for _, change := range changes {
		all.Go(func() {
			for range 20 {
				result, err := change()
				if err != nil {
					t.Error(err)
				}
				if _, err := json.Marshal(result); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func TestReschedulingKeepsWhatIsLeftOut(t *testing.T) {
	d, home := newDesk(t)
	c, err := d.AddCandidate(home.Account, Candidate{Name: "Nina Okafor"})
	if err != nil {
		t.Fatal(err)
	}
	place := "Room 4"
	first, err := d.Schedule(
		home.Account, c.OpportunityID,
		Interview{
			Subject: "Talk", Note: "Bring tea", Date: 5000, Duration: 10, Location: &place,
			Interviewers: []string{"Ruben Castell"},
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	second, err := d.Reschedule(home.Account, c.OpportunityID, first.ID, Interview{Date: 6000})
	if err != nil {
		t.Fatal(err)
	}
	want := first
	want.Date = 6000
	if !reflect.DeepEqual(second, want) {
		t.Errorf("%+v, want %+v", second, want)
	}
}

func TestRowsSayItInWords(t *testing.T) {
	d, home := newDesk(t)
	c, err := d.AddCandidate(
		home.Account,
		Candidate{Name: "Nina Okafor", Email: "nina@example.com", Posting: "Backend Engineer", Stage: "Recruiter screen"},
	)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Archive(home.Account, c.OpportunityID, "Timing"); err != nil {
		t.Fatal(err)
	}
	want := Row{
		OpportunityID: c.OpportunityID, Name: "Nina Okafor", Email: "nina@example.com", Stage: "Recruiter screen",
		Posting: "Backend Engineer", Origin: "sourced", Archived: "Timing",
	}
	rows, total, err := d.Candidates(home.Account, 0, 10)
	if err != nil || total != 1 || rows[0] != want {
		t.Errorf("%+v of %d, %v", rows, total, err)
	}
	if err := d.DeletePosting(home.Account, home.Postings[0].ID); err != nil {
		t.Fatal(err)
	}
	rows, _, err = d.Candidates(home.Account, 0, 10)
	if err != nil || rows[0].Posting != home.Postings[0].ID {
		t.Errorf("a posting that is gone is shown as %q (%v)", rows[0].Posting, err)
	}
}

func TestASeededAccountIsLargeAtOnce(t *testing.T) {
	d, home := newDesk(t)
	if err := d.Seed(home.Account, 20_000); err != nil {
		t.Fatal(err)
	}
	s, err := d.Summary(home.Account)
	if err != nil || s.Opportunities != 20_000 {
		t.Errorf("%d, %v", s.Opportunities, err)
	}
}
