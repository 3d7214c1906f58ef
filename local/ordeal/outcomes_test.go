package ordeal_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"fulcrum/functions/partners/evidenced"
	"fulcrum/local/ordeal"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
)

const (
	pending  = "/v1/justworks/connections/{c}/pending-hires/"
	decision = "/v1/evidenced/connections/{c}/decisions"
	actions  = "/v1/brainner/connections/{c}/actions"
)

// outcomes are what partners ask of their own functions, and what these write to Lever.
func outcomes() []ordeal.Scene {
	brainner := settings(`{"autoGenerateJobs":true,"autoImportCandidates":true}`)
	decisions := settings(`{"performAs":"` + omar + `"}`)
	decided := func(p *ordeal.Play) { interviewed(p); p.Settle(); decide(p) }
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
			Name: "Evidenced changes a decision", Partner: "evidenced", Functions: []string{"PartnerEvidencedApi", "HubAuthorize"},
			Prepare: decisions, Person: applicant, Begin: decided, Happen: revise, Seen: judged,
		}),
		{
			Name: "Evidenced's changed decision is written", Partner: "evidenced", Functions: []string{"PartnerEvidencedSync"},
			Prepare: decisions, Person: applicant, Begin: decided, Happen: revise, Seen: judged,
		},
		{
			Name: "Evidenced cannot change what is managed in Lever", Partner: "evidenced", Functions: []string{"PartnerEvidencedApi", "HubAuthorize"},
			Person: applicant, Begin: interviewed, Happen: change, Seen: managed,
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

// decide has Evidenced tell what was decided after the interview, and revise that it is
// something else.
func decide(p *ordeal.Play) { verdict(p, 1, "yes") }
func revise(p *ordeal.Play) { verdict(p, 2, "no") }

func verdict(p *ordeal.Play, version int, word string) {
	p.Expect(p.Ask("POST", decision, evidenced.Verdict{
		ID: p.Word(), Version: version, CandidacyID: p.Ada.OpportunityID, InterviewID: theirs(p), Decision: word,
		Interviewer: evidenced.Judge{Name: "Ana Prado", Email: "ana@acme.example"}, Reason: "Saw the race at once.",
		EvidenceURL: "https://app.evidenced.example/i/7",
	}, nil), 202)
}

// judged is what Lever has of a decision, and how it stands.
func judged(p *ordeal.Play) []string {
	var d struct {
		State   string
		Version int
		Lever   struct{ Version int }
	}
	p.Expect(p.Ask("GET", decision+"/"+p.Word(), nil, &d), 200)
	all := append(filled(p, "feedback"), filled(p, "notes")...)
	return append(all, fmt.Sprintf("decision %d is %s, %d in Lever", d.Version, d.State, d.Lever.Version))
}

// filled are the notes, forms or feedback forms that Lever has of somebody.
func filled(p *ordeal.Play, what string) (texts []string) {
	var all struct {
		Data []struct {
			Fields []struct {
				Text  string
				Value any
			}
			DeletedAt int64
		}
	}
	p.Lever("/opportunities/"+p.Ada.OpportunityID+"/"+what, &all)
	for _, one := range all.Data {
		text := "in Lever's " + what
		for _, f := range one.Fields {
			text += fmt.Sprintf("; %s: %v", f.Text, f.Value)
		}
		if one.DeletedAt == 0 {
			texts = append(texts, text)
		}
	}
	return texts
}

// change has Evidenced try to change what is managed in Lever.
func change(p *ordeal.Play) {
	for _, one := range []string{"candidates/" + p.Ada.ContactID, "interviews/" + theirs(p), "users/" + anybody(p)} {
		p.Expect(p.Ask("PATCH", "/v1/evidenced/connections/{c}/"+one, map[string]string{"name": "Another"}, nil), 409)
	}
}

// managed is whom Lever has, and the copy.
func managed(p *ordeal.Play) []string {
	o, err := p.Twin.Opportunity(p.Account, p.Ada.OpportunityID)
	p.Do(o, err)
	all := []string{"in Lever " + o.Name}
	for cursor := ""; ; {
		var page struct {
			Items      []evidenced.Candidate
			NextCursor string
		}
		p.Expect(p.Ask("GET", "/v1/evidenced/connections/{c}/candidates"+cursor, nil, &page), 200)
		for _, c := range page.Items {
			if c.ID == p.Ada.ContactID {
				all = append(all, "the copy is "+c.Name)
			}
		}
		if page.NextCursor == "" {
			return all
		}
		cursor = "?cursor=" + page.NextCursor
	}
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
