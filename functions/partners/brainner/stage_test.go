package brainner_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"fulcrum/functions/partners"
	"fulcrum/functions/partners/brainner"
	"fulcrum/local/partnertest"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/action"
	"fulcrum/shared/backfill"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

const (
	// job is a posting of the demo account.
	job = "Backend Engineer"
	// What a customer may apply.
	both   = `{"autoGenerateJobs":true,"autoImportCandidates":true}`
	byHand = `{"autoGenerateJobs":false,"autoImportCandidates":true}`
	off    = `{"autoGenerateJobs":false,"autoImportCandidates":false}`

	base = "/v1/brainner/connections/{c}/"
	pdf  = "%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
)

// bench is a stage of Brainner's.
type bench struct {
	*partnertest.Stage
	*testing.T
}

// on runs f on a stage whose customer has applied settings; none where values is
// empty.
func on(t *testing.T, values string, f func(b bench)) {
	t.Helper()
	partnertest.On(t, "brainner", func(t *testing.T, s *partnertest.Stage) {
		if values != "" {
			apply(t, s, values)
		}
		f(bench{s, t})
	})
}

// apply applies settings, as Apply Changes does.
func apply(t *testing.T, s *partnertest.Stage, values string) {
	t.Helper()
	was, err := s.Table.Settings(context.Background(), s.C.ID)
	if err != nil {
		t.Fatal(err)
	}
	was.Connection, was.Values, was.ChangedBy = s.C.ID, json.RawMessage(values), "test"
	s.Do(s.Table.PutSettings(context.Background(), was))
}

// applicant adds somebody with a résumé who applies.
func (b bench) applicant(posting string) partnertest.Person {
	b.Helper()
	return b.applicantWith(posting, desk.Upload{Name: "cv.pdf", Text: pdf})
}

func (b bench) applicantWith(posting string, resume desk.Upload) partnertest.Person {
	b.Helper()
	p := b.Person(desk.Candidate{Origin: "sourced"})
	if resume.Name != "" {
		b.Do(b.Twin.AddResume(b.Account, p.OpportunityID, resume))
	}
	b.Do(b.Twin.Apply(b.Account, p.OpportunityID, posting))
	return p
}

// quiet waits until what was begun has ended.
func quiet() { time.Sleep(time.Minute) }

// list is a list of the partner's API, all parts of it.
func list[T any](b bench, path string) []T {
	b.Helper()
	var all []T
	for cursor := ""; ; {
		var part struct {
			Items      []T
			NextCursor string
		}
		if status := b.Call("GET", base+path+cursor, nil, &part); status != http.StatusOK {
			b.Fatalf("GET %s: %d", path, status)
		}
		all = append(all, part.Items...)
		if part.NextCursor == "" {
			return all
		}
		cursor = "?cursor=" + part.NextCursor
	}
}

// candidate is the candidate of somebody, and whether there is one.
func (b bench) candidate(p partnertest.Person) (brainner.Candidate, bool) {
	b.Helper()
	all := list[brainner.Candidate](b, "candidates")
	i := slices.IndexFunc(all, func(c brainner.Candidate) bool { return slices.Contains(c.Opportunities, p.OpportunityID) })
	if i < 0 {
		return brainner.Candidate{}, false
	}
	return all[i], true
}

// posting is how a posting is offered for import.
func (b bench) posting(title string) brainner.ListedPosting {
	b.Helper()
	all := list[brainner.ListedPosting](b, "postings")
	i := slices.IndexFunc(all, func(p brainner.ListedPosting) bool { return p.Title == title })
	if i < 0 {
		b.Fatalf("%s is not offered", title)
	}
	return all[i]
}

// expect fails unless the documents that name id are of these types, oldest first.
func (b bench) expect(id, types string) {
	b.Helper()
	if got := b.Types(id); got != types {
		b.Errorf("told %q, want %q; events ended %q", got, types, b.Ended(""))
	}
}

// count is how many documents of a type have arrived.
func (b bench) count(documentType string) int {
	n := 0
	for _, d := range b.Arrived("") {
		if d.Type == documentType {
			n++
		}
	}
	return n
}

// imports has something imported by hand, and waits until it has ended.
func (b bench) imports(q brainner.ImportRequest) brainner.Import {
	b.Helper()
	var i brainner.Import
	if status := b.Call("POST", base+"imports", q, &i); status != http.StatusAccepted {
		b.Fatalf("import of %s: %d", q.Kind, status)
	}
	for range 100 {
		time.Sleep(10 * time.Second)
		if b.Call("GET", base+"imports/"+i.ID, nil, &i); i.State != string(store.Importing) {
			return i
		}
	}
	b.Fatalf("the import does not end: %+v", i)
	return i
}

// clock has begun what Brainner has imported of its own accord, and waits.
func (b bench) clock() {
	b.Helper()
	c, err := b.Table.Connection(context.Background(), b.C.ID)
	if err != nil {
		b.Fatal(err)
	}
	d, err := partners.Named("brainner")
	if err != nil || len(d.Imports.Again) == 0 {
		b.Fatalf("nothing is imported of its own accord: %+v, %v", d.Imports, err)
	}
	env := b.Env(b.T, "PartnerBrainnerSync")
	b.Do(nil, backfill.StarterFromEnv(env, b.Table).Connect(context.Background(), c, backfill.Plan(d.Imports)))
	time.Sleep(5 * time.Minute)
	for _, kind := range d.Imports.Again {
		if i, err := b.Table.Import(context.Background(), b.C.ID, "again-"+kind); err != nil || i.State != store.Imported {
			b.Errorf("%s is %s %s, %v", kind, i.State, i.Reason, err)
		}
	}
}

// acts posts a result or a decision, and waits until it has ended.
func (b bench) acts(route string, body any) action.Outcome {
	b.Helper()
	var o action.Outcome
	if status := b.Call("POST", base+route, body, &o); status != http.StatusAccepted {
		b.Fatalf("POST %s: %d", route, status)
	}
	return b.ended(o.ID)
}

func (b bench) ended(id string) (o action.Outcome) {
	b.Helper()
	for range 200 {
		time.Sleep(10 * time.Second)
		if b.Call("GET", base+"actions/"+id, nil, &o); store.ActionState(o.State).Ended() {
			return o
		}
	}
	b.Fatalf("the action does not end: %+v", o)
	return o
}

// looks has Lever's own event come again about somebody.
func (b bench) tell(p partnertest.Person) {
	b.Helper()
	b.Tell(lever.ApplicationCreated, map[string]string{"opportunityId": p.OpportunityID, "contactId": p.ContactID})
	quiet()
}
