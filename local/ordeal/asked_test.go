package ordeal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"fulcrum/functions/partners/evidenced"
	"fulcrum/local/ordeal"
	"fulcrum/local/partnertest"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
)

// people are what people ask of the hub: operators, and the partners' staff.
func people() []ordeal.Scene {
	return []ordeal.Scene{
		{
			Name: "an operator changes a partner's key", Partner: "joinedly", Functions: []string{"HubApiKeys"}, Asked: true,
			Happen: changeKey, Seen: keys,
		},
		{
			Name: "somebody has an event replayed in the console", Partner: "joinedly", Functions: []string{"HubConsole", "HubAuthorize"}, Person: applicant,
			Begin: hire,
			Happen: func(p *ordeal.Play) {
				b := signedIn(p)
				b.open("/console/connections/" + p.C.ID + "/events/" + p.Latest().ID)
				b.submit("/console/connections/"+p.C.ID+"/events/"+p.Latest().ID+"/replay", nil)
				if b.status != 200 {
					p.Errorf("status %d: %s", b.status, b.page)
				}
			},
		},
		{
			Name: "somebody pauses and resumes a connection in the console", Partner: "joinedly", Functions: []string{"HubConsole", "HubAuthorize"}, Person: applicant,
			Asked: true,
			Happen: func(p *ordeal.Play) {
				b := signedIn(p)
				b.open("/console/connections/" + p.C.ID)
				b.submit("/console/connections/"+p.C.ID+"/pause", nil)
				hire(p)
				p.Sync()
				b.submit("/console/connections/"+p.C.ID+"/resume", nil)
				if b.status != 200 {
					p.Errorf("status %d: %s", b.status, b.page)
				}
			},
			Seen: func(p *ordeal.Play) []string { return []string{view(p, p.C.ID).State} },
		},
	}
}

// signedIn is somebody of the partner's staff, signed in by a link.
func signedIn(p *ordeal.Play) *browser {
	for range 6 {
		var link struct{ URL string }
		p.Expect(p.Ask("POST", "/v1/console-links", map[string]string{"person": "Grace", "role": "admin"}, &link), 201)
		b := newBrowser(p)
		if b.open(link.URL).submit(link.URL, nil); b.says("Needs attention") {
			return b
		}
	}
	p.Errorf("nobody can sign in")
	return newBrowser(p)
}

// order has an operator order something of the keys of a partner that only this play
// has. It gives what was answered, and whether it was.
func order(p *ordeal.Play, task, id string) (out struct {
	Key  string
	Keys []struct{ ID, RevokedAt string }
}, ok bool) {
	text, err := json.Marshal(map[string]string{"task": task, "partner": reference(p), "id": id})
	p.Do(text, err)
	answer, err := p.Invoke(context.Background(), "HubApiKeys", text)
	p.Do(answer, err)
	return out, !answer.Failed && json.Unmarshal(answer.Payload, &out) == nil
}

// changeKey makes a key, one more, and revokes the first, as an operator does: a key
// whose making was not answered is known to nobody, and is revoked.
func changeKey(p *ordeal.Play) {
	first := makeKey(p, "")
	second := makeKey(p, first)
	revoke(p, func(id string) bool { return id != second })
}

// makeKey makes a key and gives its id. Others than that to keep are revoked where it
// was not answered.
func makeKey(p *ordeal.Play, keep string) string {
	for range 6 {
		if out, ok := order(p, "make", ""); ok {
			for _, k := range out.Keys {
				if k.ID != keep && k.RevokedAt == "" {
					return k.ID
				}
			}
		}
		revoke(p, func(id string) bool { return id != keep })
	}
	p.Errorf("no key can be made")
	return ""
}

func revoke(p *ordeal.Play, which func(id string) bool) {
	for range 6 {
		out, ok := order(p, "list", "")
		for _, k := range out.Keys {
			if k.RevokedAt == "" && which(k.ID) {
				_, revoked := order(p, "revoke", k.ID)
				ok = ok && revoked
			}
		}
		if ok {
			return
		}
		time.Sleep(time.Second)
	}
	p.Errorf("keys cannot be revoked")
}

func keys(p *ordeal.Play) []string {
	out, ok := order(p, "list", "")
	valid := 0
	for _, k := range out.Keys {
		if k.RevokedAt == "" {
			valid++
		}
	}
	return []string{fmt.Sprintf("%d valid keys, %v", valid, ok)}
}

const (
	pending  = "/v1/justworks/connections/{c}/pending-hires/"
	decision = "/v1/evidenced/connections/{c}/decisions"
	actions  = "/v1/brainner/connections/{c}/actions"
)

// outcomes are what partners ask of their own functions, and what these write to Lever.
func outcomes() []ordeal.Scene {
	brainner := settings(`{"autoGenerateJobs":true,"autoImportCandidates":true}`)
	decisions := settings(`{"performAs":"` + omar + `"}`)
	return []ordeal.Scene{
		kept(ordeal.Scene{
			Name: "Justworks edits and invites who was hired", Partner: "justworks", Functions: []string{"PartnerJustworksApi", "HubAuthorize"},
			Prepare: roster, Person: applicant, Begin: offered, Seen: pendingHire,
			Happen: func(p *ordeal.Play) {
				edited := map[string]any{"by": "adm_1", "fields": map[string]any{"workEmail": "new@customer.example", "office": "Lisbon"}}
				p.Expect(p.Ask("PATCH", pending+p.Ada.OpportunityID, edited, nil), 200)
				p.Sync()
				p.Expect(p.Ask("POST", pending+p.Ada.OpportunityID+"/invite", nil, nil), 200)
			},
		}),
		kept(ordeal.Scene{
			Name: "Justworks dismisses who was hired", Partner: "justworks", Functions: []string{"PartnerJustworksApi", "HubAuthorize"},
			Prepare: roster, Person: applicant, Begin: hire, Seen: pendingHire,
			Happen: func(p *ordeal.Play) { p.Expect(p.Ask("POST", pending+p.Ada.OpportunityID+"/dismiss", nil, nil), 200) },
		}),
		kept(ordeal.Scene{
			Name: "Evidenced tells of a decision", Partner: "evidenced", Functions: []string{"PartnerEvidencedApi", "HubAuthorize"},
			Prepare: decisions, Person: applicant, Begin: interviewed, Happen: decide, Seen: judged,
		}),
		{
			Name: "Evidenced's decision is written", Partner: "evidenced", Functions: []string{"PartnerEvidencedSync"},
			Prepare: decisions, Person: applicant, Begin: interviewed, Happen: decide, Seen: judged,
		},
		kept(ordeal.Scene{
			Name: "Brainner archives a candidate", Partner: "brainner", Functions: []string{"PartnerBrainnerApi", "HubAuthorize"},
			Prepare: brainner, Person: nobody, Begin: apply, Happen: reject, Seen: archived,
		}),
		{
			Name: "Brainner's decision is written", Partner: "brainner", Functions: []string{"PartnerBrainnerSync"},
			Prepare: brainner, Person: nobody, Begin: apply, Happen: reject, Seen: archived,
		},
	}
}

// kept is a scene in which something is accepted that is then there. It is looked at
// twice, the first time before the functions are given the same once more: what was
// accepted and lost would come with that.
func kept(s ordeal.Scene) ordeal.Scene {
	ask, seen := s.Happen, s.Seen
	var first []string
	s.Happen = func(p *ordeal.Play) {
		ask(p)
		p.Settle()
		first = seen(p)
	}
	s.Seen = func(p *ordeal.Play) []string { return append(first, seen(p)...) }
	return s
}

// offered gives somebody an offer, and hires them.
func offered(p *ordeal.Play) {
	signed := "signed"
	p.Do(p.Twin.AddOffer(p.Account, p.Ada.OpportunityID, account.OfferFields{Status: &signed, Outside: true, Fields: map[string]any{
		"salary_amount": 110000, "compensation_currency": "USD", "salary_interval": "per-year-salary", "direct_manager": anybody(p),
		"anticipated_start_date": time.Date(2027, 1, 4, 0, 0, 0, 0, time.UTC).UnixMilli(), "custom_exemption_status": "Exempt",
	}}))
	hire(p)
}

func pendingHire(p *ordeal.Play) []string {
	var h map[string]any
	p.Expect(p.Ask("GET", pending+p.Ada.OpportunityID, nil, &h), 200)
	return []string{fmt.Sprintf("pending hire is %v, missing %v", h["status"], h["missing"])}
}

// omar writes where an interviewer cannot.
const omar = "omar@acme.example"

// interviewed has Ana interview somebody.
func interviewed(p *ordeal.Play) {
	if p.Number == 0 {
		p.Do(p.Twin.AddUser(p.Account, desk.Person{Name: "Ana Prado", Email: "ana@acme.example"}))
		p.Do(p.Twin.AddUser(p.Account, desk.Person{Name: "Omar Haddad", Email: omar}))
	}
	scheduled(p)
}

// decide has Evidenced tell what was decided after the interview.
func decide(p *ordeal.Play) {
	p.Expect(p.Ask("POST", decision, evidenced.Verdict{
		ID: p.Word(), Version: 1, CandidacyID: p.Ada.OpportunityID, InterviewID: theirs(p), Decision: "yes",
		Interviewer: evidenced.Judge{Name: "Ana Prado", Email: "ana@acme.example"}, Reason: "Saw the race at once.",
		EvidenceURL: "https://app.evidenced.example/i/7",
	}, nil), 202)
}

// judged is what Lever has of a decision, and how it stands.
func judged(p *ordeal.Play) []string {
	var forms, notes struct{ Data []json.RawMessage }
	p.Lever("/opportunities/"+p.Ada.OpportunityID+"/feedback", &forms)
	p.Lever("/opportunities/"+p.Ada.OpportunityID+"/notes", &notes)
	var d struct{ State string }
	p.Expect(p.Ask("GET", decision+"/"+p.Word(), nil, &d), 200)
	return []string{fmt.Sprintf("decision is %s, %d feedback forms, %d notes", d.State, len(forms.Data), len(notes.Data))}
}

// choice is the id of one of Lever's choices by its text.
func choice(p *ordeal.Play, route, text string) string {
	var all struct{ Items []struct{ ID, Text string } }
	p.Expect(p.Ask("GET", "/v1/brainner/connections/{c}/"+route, nil, &all), 200)
	for _, c := range all.Items {
		if c.Text == text {
			return c.ID
		}
	}
	p.Errorf("%s is none of %+v", text, all)
	return ""
}

// reject has Brainner archive somebody.
func reject(p *ordeal.Play) {
	var o struct{ Data struct{ Stage string } }
	p.Lever("/opportunities/"+p.Ada.OpportunityID, &o)
	var all struct{ Data []struct{ ID string } }
	p.Lever("/users", &all)
	p.Expect(p.Ask("POST", actions, map[string]any{
		"id": p.Word(), "type": "archive", "requestedBy": map[string]string{"userId": all.Data[0].ID},
		"archiveReasonId": choice(p, "archive-reasons", "Underqualified"),
		"candidates":      []any{map[string]string{"opportunityId": p.Ada.OpportunityID, "stageId": o.Data.Stage}},
	}, nil), 202)
}

// archived is whether somebody is archived in Lever.
func archived(p *ordeal.Play) []string {
	var o struct {
		Data struct{ Archived json.RawMessage }
	}
	p.Lever("/opportunities/"+p.Ada.OpportunityID, &o)
	return []string{"archived: " + strings.TrimSpace(string(o.Data.Archived))}
}

// imports are what is read of Lever in pages.
func imports() []ordeal.Scene {
	const path = "/v1/brainner/connections/{c}/imports"
	var own string // the posting of the play
	return []ordeal.Scene{{
		Name: "Brainner has a posting's candidates imported", Partner: "brainner", Functions: []string{"PartnerBrainnerSync"},
		Prepare: settings(`{"autoGenerateJobs":false,"autoImportCandidates":false}`),
		Person: func(p *ordeal.Play) partnertest.Person {
			made, err := p.Twin.AddPosting(p.Account, desk.Posting{PostingFields: account.PostingFields{Text: new(p.Word())}})
			p.Do(made, err)
			own = made.ID
			return p.Person(desk.Candidate{Posting: p.Word()})
		},
		Happen: func(p *ordeal.Play) {
			p.Expect(p.Ask("POST", path, map[string]any{"kind": "job", "postingId": own}, nil), 202)
			p.Settle()
			p.Expect(p.Ask("POST", path, map[string]any{"kind": "candidates", "postingId": own}, nil), 202)
		},
	}}
}
