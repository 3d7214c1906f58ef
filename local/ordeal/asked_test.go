package ordeal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

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
			Happen: changeKey, Seen: keys, Pairs: true,
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
