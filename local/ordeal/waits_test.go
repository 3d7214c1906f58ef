package ordeal_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fulcrum/local/ordeal"
	"fulcrum/local/partnertest"
	"fulcrum/shared/lever"
	"fulcrum/shared/signing"
	"fulcrum/shared/store"
)

// waits are what waits for its time, or for somebody: letters, the mails of a lost
// connection, and signing tokens that were written down.
func waits() []ordeal.Scene {
	connects := []string{"HubConnect"}
	return []ordeal.Scene{
		{
			Name: "admins are reminded of a hire", Partner: "justworks", Functions: []string{"PartnerJustworksSync"}, Person: applicant,
			Prepare: reminded, Begin: hire, Happen: afterDays, Seen: dismissed,
		},
		{
			Name: "the clock wakes a reminder", Partner: "justworks", Functions: []string{"HubReconcile"}, Only: task("due"), Person: applicant,
			Prepare: reminded, Begin: hire, Happen: afterDays, Seen: dismissed,
		},
		{
			Name: "a letter waits for an admin", Partner: "justworks", Functions: []string{"PartnerJustworksApi", "HubAuthorize"}, Person: applicant,
			Prepare: reminded, Begin: func(p *ordeal.Play) { admin(p, false); hire(p) }, Happen: func(p *ordeal.Play) { admin(p, true) }, Seen: dismissed,
		},
		{
			Name: "the clock tells the contacts of a lost connection", Partner: "joinedly", Functions: connects, Only: task("alert"), Prepare: still,
			Begin: withContacts, Happen: func(p *ordeal.Play) { lose(p); p.Later() }, Seen: told,
		},
		{
			Name: "the clock writes a signing token", Partner: "joinedly", Functions: connects, Only: task("sign"), Person: applicant,
			Happen: func(p *ordeal.Play) { noteToken(p); clockwork(p, "HubConnect", "sign"); hire(p) }, Seen: became,
		},
	}
}

// reminded has a company's admins be reminded once, after three days.
func reminded(s *partnertest.Stage) {
	roster(s)
	settings(`{"reminderDays":[3]}`)(s)
	still(s)
}

// afterDays is when a reminder is due.
func afterDays(*ordeal.Play) { time.Sleep(3*24*time.Hour + time.Hour) }

// admin says whether the company's admin may manage employees.
func admin(p *ordeal.Play, manages bool) {
	p.Expect(p.Ask("PUT", "/v1/justworks/connections/{c}/roster", map[string]any{
		"admins":  []any{map[string]any{"id": "adm_1", "name": "Meg", "email": "meg@customer.example", "manageEmployees": manages}},
		"offices": []any{}, "departments": []any{},
	}, nil), 200)
}

// dismissed is what has become of the letters about somebody. It dismisses the hire, of
// which no later play hears then.
func dismissed(p *ordeal.Play) (all []string) {
	letters, err := p.Table.Letters(context.Background(), p.C.ID, p.Ada.OpportunityID, store.Paging{})
	p.Do(letters, err)
	for _, l := range letters.Items {
		all = append(all, fmt.Sprintf("letter %s: %s, %d copies", l.Name, l.Outcome, len(l.Copies)))
	}
	p.Expect(p.Ask("POST", pending+p.Ada.OpportunityID+"/dismiss", nil, nil), 200)
	p.Settle()
	return all
}

// withContacts makes another customer, who has chosen whom to tell.
func withContacts(p *ordeal.Play) {
	makeOther(p)
	p.Do(p.Table.PutSettings(context.Background(), store.Settings{
		Connection: otherID(p), ChangedBy: "test", Values: fmt.Appendf(nil, `{"contacts":["grace%s@acme.example","omar%[1]s@acme.example"]}`, p.Word()),
	}))
}

// lose removes the other customer's key in Lever, and has Lever be asked.
func lose(p *ordeal.Play) {
	c, err := p.Table.Connection(context.Background(), otherID(p))
	p.Do(c, err)
	for _, key := range p.Twin.Keys(c.Account) {
		p.Do(nil, p.Twin.RemoveKey(c.Account, key.ID))
	}
	p.Ask("POST", "/v1/connections/"+c.ID+"/resync", nil, nil)
}

// told is who has heard that the connection is lost.
func told(p *ordeal.Play) []string {
	c, err := p.Table.Connection(context.Background(), otherID(p))
	p.Do(c, err)
	all := []string{fmt.Sprintf("lost: %v", c.LostAt != 0)}
	for _, m := range p.AWS.Mails() {
		if to := strings.Join(m.To, " "); strings.Contains(to, p.Word()) {
			all = append(all, "mail "+to+": "+m.Subject)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// noteToken has the webhook of hires get a new signing token in Lever, and writes it
// down, as somebody does whom nothing is left to wait with.
func noteToken(p *ordeal.Play) {
	ctx, hook := context.Background(), p.Webhook(lever.CandidateHired)
	shards, err := p.Table.Shards(ctx)
	p.Do(shards, err)
	id := hook.URL[strings.LastIndexByte(hook.URL, '/')+1:]
	for _, h := range ours(p, p.Account) {
		if !strings.HasSuffix(h.URL, id) {
			continue
		}
		made, err := p.Twin.Regenerate(p.Account, h.ID)
		p.Do(made, err)
		seq, err := p.Table.NumberChange(ctx, shards[0].Shard)
		p.Do(seq, err)
		p.Do(p.Table.AddChange(ctx, signing.Change{
			Shard: shards[0].Shard, Seq: seq, Kind: signing.Put, Hook: id,
			Entry: signing.Hook{Partner: p.C.Partner, Connection: p.C.ID, Event: lever.CandidateHired, Keys: []signing.Key{{Token: made.SignatureToken}}},
		}))
	}
}
