package ordeal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"fulcrum/local/ordeal"
	"fulcrum/local/partnertest"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
)

const posting = "Backend Engineer"

// soon is within the time that an action waits before it makes a candidate once more.
const soon = 4 * time.Minute

// applicant is somebody with an application.
func applicant(p *ordeal.Play) partnertest.Person { return p.Person(desk.Candidate{Posting: posting}) }

// nobody is somebody without one.
func nobody(p *ordeal.Play) partnertest.Person { return p.Person(desk.Candidate{}) }

func hire(p *ordeal.Play)    { p.Do(p.Twin.Hire(p.Account, p.Ada.OpportunityID, "")) }
func unhire(p *ordeal.Play)  { p.Do(p.Twin.Unarchive(p.Account, p.Ada.OpportunityID)) }
func apply(p *ordeal.Play)   { p.Do(p.Twin.Apply(p.Account, p.Ada.OpportunityID, posting)) }
func erase(p *ordeal.Play)   { p.Do(p.Twin.Delete(p.Account, p.Ada.OpportunityID)) }
func move(p *ordeal.Play)    { p.Do(p.Twin.Move(p.Account, p.Ada.OpportunityID, "Offer")) }
func archive(p *ordeal.Play) { p.Do(p.Twin.Archive(p.Account, p.Ada.OpportunityID, "Withdrew")) }

// settings has the customer choose.
func settings(values string) func(*partnertest.Stage) {
	return func(s *partnertest.Stage) {
		was, err := s.Table.Settings(context.Background(), s.C.ID)
		s.Do(was, err)
		was.Connection, was.Values, was.ChangedBy = s.C.ID, json.RawMessage(values), "test"
		s.Do(s.Table.PutSettings(context.Background(), was))
	}
}

// unheard does something of which Lever does not tell.
func unheard(act func(*ordeal.Play)) func(*ordeal.Play) {
	return func(p *ordeal.Play) {
		silently(p, act)
		p.Later()
	}
}

// silently does something while Lever's webhooks are off.
func silently(p *ordeal.Play, act func(*ordeal.Play)) {
	all := map[string]bool{}
	for _, w := range p.C.Webhooks {
		all[string(w.Event)] = false
	}
	p.Do(p.Twin.Switch(p.Account, all))
	act(p)
	for event := range all {
		all[event] = true
	}
	p.Do(p.Twin.Switch(p.Account, all))
}

// task says which of a function's events name a task.
func task(name string) func([]byte) bool {
	return func(event []byte) bool { return bytes.Contains(event, []byte(`"task":"`+name+`"`)) }
}

// scheduled has somebody have an interview, and gives its id.
func scheduled(p *ordeal.Play) string {
	i, err := p.Twin.Schedule(p.Account, p.Ada.OpportunityID, desk.Interview{Interviewers: []string{anybody(p)}})
	p.Do(i, err)
	return i.ID
}

// anybody is the id of a user of the customer's.
func anybody(p *ordeal.Play) string {
	s, err := p.Twin.Summary(p.Account)
	p.Do(s, err)
	return s.Users[0].ID
}

// intakes are one scene for each of Lever's events: the function has only that event
// to take in, and what it leads to is Evidenced's, who hears of all of them.
func intakes() []ordeal.Scene {
	interview := func(p *ordeal.Play) { scheduled(p) }
	acts := []struct {
		event         lever.Event
		person        func(*ordeal.Play) partnertest.Person
		begin, happen func(*ordeal.Play)
	}{
		{lever.ApplicationCreated, nobody, nil, apply},
		{lever.CandidateStageChange, applicant, nil, move},
		{lever.CandidateArchiveChange, applicant, nil, archive},
		{lever.CandidateHired, applicant, nil, hire},
		{lever.CandidateDeleted, applicant, nil, erase},
		{lever.InterviewCreated, applicant, nil, interview},
		{lever.InterviewUpdated, applicant, interview, func(p *ordeal.Play) {
			p.Do(p.Twin.Reschedule(p.Account, p.Ada.OpportunityID, theirs(p), desk.Interview{Interviewers: []string{anybody(p)}, Duration: 45}))
		}},
		{lever.InterviewDeleted, applicant, interview, func(p *ordeal.Play) { p.Do(p.Twin.Cancel(p.Account, p.Ada.OpportunityID, theirs(p))) }},
	}
	var all []ordeal.Scene
	for _, a := range acts {
		all = append(all, ordeal.Scene{
			Name: "Lever tells of " + string(a.event), Partner: "evidenced", Functions: []string{taker(string(a.event))},
			Person: a.person, Begin: a.begin, Happen: a.happen,
			Pairs: a.event == lever.CandidateHired, // the others are the same function with another event
		})
	}
	return all
}

// theirs is the id of somebody's interview.
func theirs(p *ordeal.Play) string {
	var all struct{ Data []struct{ ID string } }
	p.Lever("/opportunities/"+p.Ada.OpportunityID+"/interviews", &all)
	return all.Data[0].ID
}

// taker is the logical id of an event's function.
func taker(event string) string { return "Webhook" + string(event[0]-'a'+'A') + event[1:] }

// syncs are what leads to documents: each partner's main events.
func syncs() []ordeal.Scene {
	joinedly, justworks, evidenced := []string{"PartnerJoinedlySync"}, []string{"PartnerJustworksSync"}, []string{"PartnerEvidencedSync"}
	return []ordeal.Scene{
		{Name: "Joinedly hears of a hire", Partner: "joinedly", Functions: joinedly, Person: applicant, Happen: hire},
		{
			Name: "Joinedly hears of a hire that is undone", Partner: "joinedly", Functions: joinedly, Person: applicant, Aside: []string{"event_switched_off"},
			Begin: func(p *ordeal.Play) { hire(p); p.Later() }, Happen: func(p *ordeal.Play) { unhire(p); p.Later() },
		},
		{Name: "Justworks hears of a hire", Partner: "justworks", Functions: justworks, Person: applicant, Prepare: roster, Happen: hire},
		{Name: "Evidenced hears of an application", Partner: "evidenced", Functions: evidenced, Person: nobody, Happen: apply},
		{Name: "Evidenced hears of an interview", Partner: "evidenced", Functions: evidenced, Person: applicant, Happen: func(p *ordeal.Play) { scheduled(p) }},
		{Name: "Evidenced hears of a deletion", Partner: "evidenced", Functions: evidenced, Person: applicant, Happen: erase},
		{
			Name: "Brainner hears of an application", Partner: "brainner", Functions: []string{"PartnerBrainnerSync"},
			Prepare: settings(`{"autoGenerateJobs":true,"autoImportCandidates":true}`), Person: nobody, Happen: apply,
		},
		{
			Name: "interviewing.io hears of a stage", Partner: "interviewing-io", Functions: []string{"PartnerInterviewingIoSync"},
			Prepare: interviews,
			Begin:   func(p *ordeal.Play) { result(p) }, Happen: func(p *ordeal.Play) { p.Do(p.Twin.Move(p.Account, exported(p), "Offer")) },
			Seen: noted,
		},
	}
}

// roster gives Justworks' admins, who get the mails.
func roster(s *partnertest.Stage) {
	s.Call("PUT", "/v1/justworks/connections/{c}/roster", map[string]any{
		"admins":  []any{map[string]any{"id": "adm_1", "name": "Meg", "email": "meg@customer.example", "manageEmployees": true}},
		"offices": []any{map[string]any{"id": "off_1", "name": "Lisbon"}}, "departments": []any{map[string]any{"id": "dep_1", "name": "Product"}},
	}, nil)
}

// interviews has interviewing.io's customer choose, who has somebody to write as.
func interviews(s *partnertest.Stage) {
	s.Do(s.Twin.AddUser(s.Account, desk.Person{Name: "Rita Recruiter", Email: "rita@acme.example"}))
	settings(`{"enabled":true,"defaultStage":"lead-responded","performAs":"rita@acme.example"}`)(s)
}

// result has interviewing.io export who passed an interview.
func result(p *ordeal.Play) {
	p.Expect(p.Ask("POST", "/v1/interviewing-io/connections/{c}/interviews", map[string]any{
		"interviewId": p.Word(), "version": 1, "outcome": "yes", "candidateConsents": true, "interviewedAt": "2026-11-20T15:00:00Z",
		"requester": "rita@acme.example",
		"candidate": map[string]any{"name": "Anouk" + p.Word(), "email": p.Word() + "@private.example"},
		"feedback":  map[string]any{"technical": 4, "communication": 3, "problemSolving": 4, "text": "Saw the race at once."},
	}, nil), 202)
}

// exported is the opportunity that the export has made.
func exported(p *ordeal.Play) string {
	var i struct {
		Profile struct{ OpportunityID string }
	}
	p.Call("GET", "/v1/interviewing-io/connections/{c}/interviews/"+p.Word(), nil, &i)
	return i.Profile.OpportunityID
}

// noted counts what Lever has of an export.
func noted(p *ordeal.Play) []string {
	var people struct{ Data []account.OpportunityView }
	p.Lever("/opportunities?email="+p.Word()+"%40private.example", &people)
	var all []string
	for _, o := range people.Data {
		var notes struct{ Data []json.RawMessage }
		p.Lever("/opportunities/"+o.ID+"/notes", &notes)
		all = append(all, fmt.Sprintf("opportunity at %s with tags %q and %d notes", o.Stage, o.Tags, len(notes.Data)))
	}
	return all
}

// replay has the connection's latest event worked off once more.
func replay(p *ordeal.Play) {
	p.Expect(p.Ask("POST", "/v1/connections/{c}/events/"+p.Latest().ID+"/replay", nil, nil), 202)
}

// retell has Lever tell of the hire once more, as it is by now.
func retell(p *ordeal.Play) {
	p.Tell(lever.CandidateHired, map[string]string{"opportunityId": p.Ada.OpportunityID, "contactId": p.Ada.ContactID})
}

// hubs are the functions of the hub.
func hubs() []ordeal.Scene {
	return []ordeal.Scene{
		{Name: "a document is delivered", Partner: "joinedly", Functions: []string{"HubDeliver"}, Person: applicant, Happen: hire},
		{
			Name: "two documents of one joiner are delivered", Partner: "joinedly", Functions: []string{"HubDeliver"}, Person: applicant,
			Happen: func(p *ordeal.Play) { hire(p); p.Sync(); unhire(p); retell(p) },
		},
		{
			Name: "a missed hire is found", Partner: "joinedly", Functions: []string{"HubReconcile"}, Only: task("windows"), Person: applicant,
			Aside: []string{"event_switched_off"}, Happen: unheard(hire),
		},
		{
			Name: "a missed deletion is found", Partner: "joinedly", Functions: []string{"HubReconcile"}, Only: task("windows"), Person: applicant,
			Aside: []string{"event_switched_off"}, Begin: hire, Happen: unheard(erase),
		},
		{
			Name: "an erasure is brought to its end", Partner: "evidenced", Functions: []string{"HubReconcile"}, Only: task("erasures"), Person: applicant, Happen: func(p *ordeal.Play) { erase(p); p.Sync(); p.Later() },
		},
		kept(ordeal.Scene{
			Name: "an event is replayed", Partner: "joinedly", Functions: []string{"HubApi", "HubAuthorize"}, Person: applicant, Begin: hire,
			Happen: replay, Seen: became,
		}),
		{
			Name: "a connection is paused and resumed", Partner: "joinedly", Functions: []string{"HubConnect", "HubAuthorize"}, Person: applicant,
			Asked: true,
			Happen: func(p *ordeal.Play) {
				p.Expect(p.Ask("POST", "/v1/connections/{c}/pause", nil, nil), 200)
				hire(p)
				p.Sync()
				p.Expect(p.Ask("POST", "/v1/connections/{c}/resume", nil, nil), 200)
			},
		},
	}
}

// apis are what partners ask of their own functions.
func apis() []ordeal.Scene {
	return []ordeal.Scene{
		kept(ordeal.Scene{
			Name: "interviewing.io exports who passed", Partner: "interviewing-io", Functions: []string{"PartnerInterviewingIoApi", "HubAuthorize"},
			Prepare: interviews, Happen: result, Seen: noted,
		}),
		{
			Name: "interviewing.io's export is written", Partner: "interviewing-io", Functions: []string{"PartnerInterviewingIoSync"},
			Prepare: interviews, Happen: result, Seen: noted, Lands: soon,
		},
		kept(ordeal.Scene{
			Name: "Joinedly gives its directory", Partner: "joinedly", Functions: []string{"PartnerJoinedlyApi", "HubAuthorize"},
			Happen: func(p *ordeal.Play) {
				office := map[string]any{"id": p.Word(), "name": "Lisbon"}
				p.Expect(p.Ask("PUT", "/v1/joinedly/connections/{c}/directory", map[string]any{"offices": []any{office}, "teams": []any{}}, nil), 200)
			},
			Seen: func(p *ordeal.Play) []string {
				var d struct{ Offices []struct{ ID, Name string } }
				p.Expect(p.Ask("GET", "/v1/joinedly/connections/{c}/directory", nil, &d), 200)
				return []string{fmt.Sprintf("offices %v", d.Offices)}
			},
		}),
	}
}
