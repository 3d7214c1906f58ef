// Package partnertest is the kit that every partner passes. It drives the whole
// bundle in this process and in virtual time: Lever's twin on one side, the partner
// sandbox on the other. A partner's tests are
//
//	func TestThePartnersKit(t *testing.T) {
//		partnertest.Run(t, partnertest.Partner{Name: "joinedly", …})
//	}
//
// for what is the same for all partners, and stages of their own for the rest:
//
//	partnertest.On(t, "joinedly", func(t *testing.T, s *partnertest.Stage) {
//		ada := s.Person(desk.Candidate{})
//		s.Do(s.Twin.Hire(s.Account, ada.OpportunityID, ""))
//		time.Sleep(time.Minute)
//		if got := s.Types(ada.OpportunityID); got != "joiner.hired" { … }
//	})
//
// What a stage does is over when time has passed; a minute is enough where nothing
// fails.
package partnertest

import (
	"encoding/json"
	"testing"
	"time"

	"fulcrum/local/tried"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
)

// Partner is what the kit has to know of a partner.
type Partner struct {
	// Name is the partner's folder.
	Name string
	// Event is the event that tells of what Happen does.
	Event lever.Event
	// Prepare is done first on every stage, such as giving a directory. It may be
	// nil.
	Prepare func(s *Stage)
	// Candidate is what somebody has to be before Happen, such as an applicant for
	// a posting.
	Candidate desk.Candidate
	// Happen does in the twin what the partner is told of.
	Happen func(s *Stage, p Person)
	// Tells reports whether a document tells that it happened to somebody.
	Tells func(d Document) bool
	// Undo undoes in the twin what Happen did, and Untells recognises the document
	// that tells of it. Both are nil where it cannot be undone.
	Undo    func(s *Stage, p Person)
	Untells func(d Document) bool
	// Kinds are the kinds of the objects that hold personal data, and Erased is the
	// type of the document that tells of an erasure.
	Kinds  []string
	Erased string
	// Routes are those of the partner's API that name a connection, with bodies
	// that are right.
	Routes []Route
}

// Route is a route of a partner's API.
type Route struct {
	Method string
	Path   string // /v1/joinedly/connections/{c}/directory
	Body   any
}

// kit is a partner on a stage.
type kit struct {
	Partner
	*Stage
	t *testing.T
}

// Run holds a partner against all requirements that are the same for all partners.
func Run(t *testing.T, p Partner) {
	for name, test := range map[string]func(k kit){
		"what happens in Lever arrives once":                   kit.arrives,
		"every document has the form of documents":             kit.documents,
		"the same event again has no effect":                   kit.repeated,
		"events in any order lead to what Lever says":          kit.reordered,
		"forged data has no effect":                            kit.forged,
		"what Lever does not know ends without a document":     kit.unknown,
		"another account's data is never seen":                 kit.foreign,
		"a replay leaves the end as it is":                     kit.replayed,
		"who is deleted is forgotten, and the partner told":    kit.deleted,
		"who is anonymized is forgotten, and the partner told": kit.anonymized,
		"a lost credential parks, and a new one resumes":       kit.lost,
		"what Lever refuses is parked, and a retry ends it":    kit.parked,
		"a partner who is away for hours misses nothing":       kit.away,
		"a restart loses nothing":                              kit.restarted,
		"a preview tells what is news, and does nothing":       kit.previewed,
		"connections of others are not found":                  kit.notFound,
		"a quiet customer costs few calls of Lever's API":      kit.quiet,
	} {
		t.Run(name, func(t *testing.T) {
			tried.Note(t, "parts of the kit that every partner passes", 1)
			On(t, p.Name, func(t *testing.T, s *Stage) {
				if p.Prepare != nil {
					p.Prepare(s)
				}
				test(kit{p, s, t})
			})
		})
	}
}

// somebody adds somebody and has it happen to them.
func (k kit) somebody() Person {
	k.t.Helper()
	p := k.Person(k.Candidate)
	k.Happen(k.Stage, p)
	return p
}

// told counts the documents about somebody that tell that it happened.
func (k kit) told(p Person) int { return k.count(p, k.Tells) }

func (k kit) count(p Person, which func(Document) bool) (n int) {
	for _, d := range k.Arrived(p.OpportunityID) {
		if which(d) {
			n++
		}
	}
	return n
}

// expectTold fails unless exactly one document tells that it happened to somebody,
// and everything has ended.
func (k kit) expectTold(p Person) {
	k.t.Helper()
	if n := k.told(p); n != 1 {
		k.t.Errorf("%d documents tell of it, want 1; %q arrived, events ended %q", n, k.Types(p.OpportunityID), k.Ended(p.OpportunityID))
	}
	k.Ended("")
}

func (k kit) arrives() {
	p, other := k.somebody(), k.Person(k.Candidate)
	time.Sleep(time.Minute)
	k.expectTold(p)
	if n := k.told(other); n != 0 {
		k.t.Errorf("%d documents tell of somebody it did not happen to", n)
	}
}

func (k kit) documents() {
	k.somebody()
	time.Sleep(time.Minute)
	for _, d := range k.Arrived("") {
		var body map[string]json.RawMessage
		var form struct {
			Type, Connection string
			Version          int
			OccurredAt       time.Time
			Data             map[string]any
		}
		if json.Unmarshal(d.Body, &body) != nil || json.Unmarshal(d.Body, &form) != nil || len(body) != 5 {
			k.t.Fatalf("%s is no document: %s", d.ID, d.Body)
		}
		if form.Type == "" || form.Version < 1 || form.Connection != k.C.ID || len(form.Data) == 0 || form.OccurredAt.Year() < 2026 {
			k.t.Errorf("document %s", d.Body)
		}
	}
}

func (k kit) repeated() {
	p := k.somebody()
	time.Sleep(time.Minute)
	before := len(k.Arrived(""))
	sent, err := k.Twin.Deliveries(k.Account)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, d := range sent {
		if status := k.Post(d.URL, d.Body); status != 200 {
			k.t.Errorf("status %d for a repeated delivery", status)
		}
	}
	k.Tell(k.Event, ids(p))
	time.Sleep(time.Hour)
	k.expectTold(p)
	if after := len(k.Arrived("")); after != before {
		k.t.Errorf("%d documents came of repeated events", after-before)
	}
}

// ids is the data of an event about somebody.
func ids(p Person) any {
	return map[string]string{"opportunityId": p.OpportunityID, "candidateId": p.OpportunityID, "contactId": p.ContactID, "applicationId": p.ApplicationID}
}

// reordered has the event of what happened come after it was undone, and three times
// at once.
func (k kit) reordered() {
	if k.Undo == nil {
		return
	}
	p := k.Person(k.Candidate)
	k.Do(k.Twin.Switch(k.Account, map[string]bool{string(k.Event): false}))
	k.Happen(k.Stage, p)
	k.Undo(k.Stage, p)
	time.Sleep(time.Minute)
	for range 3 {
		k.Tell(k.Event, ids(p))
	}
	time.Sleep(time.Hour)
	if k.told(p) > k.count(p, k.Untells) {
		k.t.Errorf("what was undone is told of: %q", k.Types(p.OpportunityID))
	}
	k.Happen(k.Stage, p)
	k.Tell(k.Event, ids(p))
	time.Sleep(time.Hour)
	if told, untold := k.told(p), k.count(p, k.Untells); told != untold+1 {
		k.t.Errorf("it happened, but %d documents tell so and %d that it is undone", told, untold)
	}
	k.Ended("")
}

func (k kit) replayed() {
	p := k.somebody()
	time.Sleep(time.Minute)
	before := len(k.Arrived(""))
	for range 3 {
		k.Look(k.Event, lever.IDs{Opportunity: p.OpportunityID, Contact: p.ContactID, Application: p.ApplicationID})
	}
	k.expectTold(p)
	if after := len(k.Arrived("")); after != before {
		k.t.Errorf("%d documents came of replays", after-before)
	}
}

func (k kit) restarted() {
	p := k.somebody()
	k.Restart(k.t)
	time.Sleep(time.Hour)
	k.expectTold(p)
}
