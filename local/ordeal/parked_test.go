package ordeal_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"fulcrum/local/ordeal"
	"fulcrum/local/sandbox"
	"fulcrum/local/twin/api"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// parkings are what people do with what is parked: bring it back on its way, or end it
// for good. Who does it in the console has signed in before.
func parkings() []ordeal.Scene {
	var b *browser
	inside := func(begin func(*ordeal.Play)) func(*ordeal.Play) {
		return func(p *ordeal.Play) { begin(p); b = signedIn(p) }
	}
	all := []ordeal.Scene{
		{
			Name: "somebody has an event replayed in the console", Begin: inside(hire),
			Happen: func(p *ordeal.Play) { b.press("/events/"+p.Latest().ID, "/events/"+p.Latest().ID+"/replay", nil) },
		},
		{
			Name: "somebody redrives all that is parked in the console", Begin: inside(refusedByLever),
			Happen: func(*ordeal.Play) { b.press("/parked", "/redrive", url.Values{"reason": {"lever_refuses"}}) },
		},
		{
			Name: "somebody retries a parked event in the console", Begin: inside(refusedByLever),
			Happen: func(p *ordeal.Play) {
				id := p.Latest().ID
				b.press("/events/"+id, "/redrive", url.Values{"event": {id}, "of": {id}})
			},
		},
		{
			Name: "somebody dismisses a parked event in the console", Begin: inside(refusedByLever),
			Happen: func(p *ordeal.Play) { b.dismiss(p.Latest().ID) },
		},
		{
			Name: "somebody dismisses a document in the console", Begin: inside(refusedByPartner),
			Happen: func(p *ordeal.Play) { b.dismiss(p.Latest().ID) },
		},
		{
			Name: "the partner redrives what its endpoint has not taken", Begin: refusedByPartner, Functions: []string{"HubApi", "HubAuthorize"},
			Happen: func(p *ordeal.Play) {
				p.Expect(p.Ask("POST", "/v1/connections/{c}/deliveries/redrive", map[string]string{"reason": "endpoint_gone"}, nil), 202)
			},
		},
	}
	for i, s := range all {
		s.Partner, s.Person, s.Seen = "joinedly", applicant, became
		if s.Functions == nil {
			s.Functions = []string{"HubConsole", "HubAuthorize"}
		}
		all[i] = kept(s)
	}
	return all
}

// press presses a button on a page of the connection. Where the answer was lost the
// button is pressed again, and then what was parked may no longer be.
func (b *browser) press(page, button string, form url.Values) {
	at := "/console/connections/" + b.p.C.ID
	b.open(at + page)
	b.submit(at+button, form)
	b.p.Expect(b.status, 200, 409)
}

// dismiss ends an event for good. The page says where that was not done.
func (b *browser) dismiss(event string) {
	at := "/console/connections/" + b.p.C.ID
	for range 6 {
		b.open(at + "/events?state=parked")
		b.submit(at+"/selected/dismiss", url.Values{"event": {event}})
		if b.status == 200 && !b.says("Not done") {
			return
		}
	}
	b.p.Errorf("status %d: %s", b.status, b.page)
}

// refusedByLever hires somebody of whom Lever refuses to tell for a while.
func refusedByLever(p *ordeal.Play) {
	p.Do(nil, p.Twin.Inject(api.Fault{Match: "GET /v1/opportunities/*", Account: p.Account, Status: 422, Times: -1}))
	parks(p)
	p.Twin.Heal()
}

// refusedByPartner hires somebody while the partner's endpoint says that it is gone.
func refusedByPartner(p *ordeal.Play) {
	p.Sandbox.Inject(sandbox.Fault{Partner: p.C.Partner, Status: 410, Times: -1})
	parks(p)
	p.Sandbox.ClearFaults()
	e, err := p.Table.Endpoint(context.Background(), p.C.Partner)
	p.Do(e, err)
	p.Do(nil, p.Table.PutEndpoint(context.Background(), e))
}

// parks hires somebody of whom the event is parked, and waits: a redrive takes what was
// parked before it.
func parks(p *ordeal.Play) {
	hire(p)
	p.Settle()
	time.Sleep(time.Minute)
	if e := p.Latest(); e.State != store.Parked {
		p.Errorf("the event is %s %s", e.State, e.Reason)
	}
}

// became is what has become of the play's events and deliveries, and which steps the
// trail of the connection has. How often is left out: who is not answered asks again.
func became(p *ordeal.Play) []string {
	events, err := p.Table.Events(context.Background(), p.C.ID, store.Paging{Limit: 20})
	p.Do(events, err)
	all := []string{fmt.Sprintf("%d documents", len(p.Arrived(p.Ada.OpportunityID)))}
	for _, e := range events.Items {
		if e.ReceivedAt < lever.At(p.Since()) {
			continue
		}
		all = append(all, fmt.Sprintf("event of %s is %s %s", e.Origin, e.State, e.Reason))
		for _, id := range e.Deliveries {
			d, err := p.Table.Delivery(context.Background(), p.C.ID, id)
			p.Do(d, err)
			all = append(all, fmt.Sprintf("delivery is %s", d.State))
		}
	}
	parked, err := p.Table.Parked(context.Background(), p.C.ID, "", store.Paging{})
	p.Do(parked, err)
	for _, item := range parked.Items {
		if item.At >= lever.At(p.Since()) {
			all = append(all, "parked: "+string(item.Reason))
		}
	}
	trail, err := p.Table.Audits(context.Background(), p.C.ID, store.Paging{Limit: 20, Backward: true})
	p.Do(trail, err)
	for _, a := range trail.Items {
		if a.At >= lever.At(p.Since()) {
			all = append(all, "in the trail: "+a.Action)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
