package partnertest

import (
	"strings"
	"time"

	"fulcrum/local/sandbox"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

func (k kit) deleted() { k.erased(func(p Person) { k.Do(k.Twin.Delete(k.Account, p.OpportunityID)) }) }

func (k kit) anonymized() {
	k.erased(func(p Person) { k.Do(k.Twin.Anonymize(k.Account, p.OpportunityID)) })
}

// erased has somebody erased in Lever, and everything looked at again afterwards:
// nothing of them comes back.
func (k kit) erased(erase func(Person)) {
	p := k.somebody()
	time.Sleep(time.Minute)
	k.expectTold(p)
	erase(p)
	for range 3 {
		k.Tell(k.Event, ids(p))
		time.Sleep(time.Hour)
	}
	k.Look(k.Event, lever.IDs{Opportunity: p.OpportunityID, Contact: p.ContactID, Application: p.ApplicationID})
	if n := k.count(p, func(d Document) bool { return d.Type == k.Erased }); n != 1 {
		k.t.Errorf("%d documents tell of the erasure, want 1: %q", n, k.Types(p.OpportunityID))
	}
	for _, d := range k.Arrived(p.OpportunityID) {
		if d.Type == k.Erased && holds(string(d.Body), p) {
			k.t.Errorf("what tells of the erasure holds personal data: %s", d.Body)
		}
	}
	k.expectForgotten(p)
	k.expectTold(p)
	k.expectReceipt(p)
}

// expectReceipt fails unless there is one complete receipt, and nothing of somebody
// is kept anywhere, opened or not.
func (k kit) expectReceipt(p Person) {
	k.t.Helper()
	var list struct {
		Items []struct {
			State   string
			Stores  map[string]int
			Answers []struct {
				Type   string
				Status int
			}
		}
	}
	if status := k.Call("GET", "/v1/connections/{c}/erasures", nil, &list); status != 200 || len(list.Items) != 1 {
		k.t.Fatalf("status %d, %d receipts: %+v", status, len(list.Items), list.Items)
	}
	r := list.Items[0]
	if r.State != "complete" || r.Stores["objects"] == 0 || len(r.Answers) != 1 || r.Answers[0].Type != k.Erased || r.Answers[0].Status/100 != 2 {
		k.t.Errorf("receipt %+v", r)
	}
	if n := len(k.Arrived(p.OpportunityID)); n > 1 && r.Stores["deliveries"] == 0 {
		k.t.Errorf("%d documents had arrived, and the receipt has none: %+v", n, r)
	}
	for where, text := range k.Kept(k.t) {
		if holds(text, p) {
			k.t.Errorf("%s still holds who was erased", where)
		}
	}
}

// holds reports whether a text has something personal of somebody.
func holds(text string, p Person) bool {
	for _, personal := range append(strings.Fields(p.Name), p.Email, p.Phone) {
		if strings.Contains(text, personal) {
			return true
		}
	}
	return false
}

// expectForgotten fails where an object of the connection still holds somebody.
func (k kit) expectForgotten(p Person) {
	k.t.Helper()
	for _, kind := range k.Kinds {
		page, err := k.Table.Objects(k.t.Context(), k.C.ID, kind, store.Paging{})
		if err != nil {
			k.t.Fatal(err)
		}
		for _, o := range page.Items {
			if holds(string(o.State), p) {
				k.t.Errorf("%s %s still holds who was erased", kind, o.ID)
			}
		}
	}
}

// lost removes the connection's credential in Lever while somebody's event is on
// its way, and gives the connection a new one.
func (k kit) lost() {
	for _, key := range k.Twin.Keys(k.Account) {
		if err := k.Twin.RemoveKey(k.Account, key.ID); err != nil {
			k.t.Fatal(err)
		}
	}
	p, second := k.somebody(), k.somebody()
	time.Sleep(time.Hour)
	if n := k.told(p) + k.told(second); n != 0 {
		k.t.Fatalf("%d documents without a credential", n)
	}
	k.expectParked("disconnected", p, second)
	asked := k.Twin.Calls(k.Account)
	time.Sleep(6 * time.Hour)
	if after := k.Twin.Calls(k.Account); after != asked {
		k.t.Errorf("Lever was asked %d times without a credential", after-asked)
	}
	if n := strings.Count(k.Types(""), "connection.disconnected"); n != 1 {
		k.t.Errorf("the partner was told %d times", n)
	}
	k.reconnect()
	k.retry()
	k.expectTold(p)
	k.expectTold(second)
}

// reconnect gives the connection a new credential, as connecting again does.
func (k kit) reconnect() {
	k.t.Helper()
	const secret = "a new key of the customer's for the same account"
	k.Do(k.Twin.CreateKey(k.Account, desk.NewKey{Name: "new", Secret: secret}))
	ctx := k.t.Context()
	c, err := k.Table.Connection(ctx, k.C.ID)
	if err != nil {
		k.t.Fatal(err)
	}
	old, err := k.Table.Credential(ctx, k.C.ID)
	if err != nil {
		k.t.Fatal(err)
	}
	c.LostAt, c.LostBecause, old.Secret = 0, "", store.Secret{APIKey: secret}
	k.Do(nil, k.Table.PutCredential(ctx, old, 0))
	k.Do(nil, k.Table.PutConnection(ctx, c))
}

// expectParked fails unless an event about each is parked for the reason.
func (k kit) expectParked(reason string, people ...Person) {
	k.t.Helper()
	for _, p := range people {
		got := k.Ended(p.OpportunityID)
		if !strings.Contains(strings.Join(got, ", "), string(store.Parked)+" "+reason) {
			k.t.Errorf("events ended %q, want one parked: %s", got, reason)
		}
	}
}

// retry has everything that is parked worked off again.
func (k kit) retry() {
	k.t.Helper()
	page, err := k.Table.Parked(k.t.Context(), k.C.ID, "", store.Paging{})
	if err != nil {
		k.t.Fatal(err)
	}
	for _, parked := range page.Items {
		if parked.Event != "" {
			k.Do(k.Table.RetryEvent(k.t.Context(), k.C.ID, parked.Event))
		} else {
			k.Do(k.Table.RetryDelivery(k.t.Context(), k.C.ID, parked.Delivery))
		}
	}
	time.Sleep(time.Hour)
}

// parked has Lever refuse what the partner needs to know.
func (k kit) parked() {
	k.Do(nil, k.Twin.Inject(api.Fault{Match: "GET /v1/*", Account: k.Account, Status: 403, Times: -1}))
	p := k.somebody()
	time.Sleep(time.Hour)
	if n := k.told(p); n != 0 {
		k.t.Fatalf("%d documents of what Lever refuses", n)
	}
	k.expectParked("lever_forbids", p)
	k.Twin.Heal()
	k.retry()
	k.expectTold(p)
}

// away has the partner's endpoint fail for hours.
func (k kit) away() {
	k.Sandbox.Inject(sandbox.Fault{Status: 503, Times: 1000})
	p := k.somebody()
	time.Sleep(4 * time.Hour)
	if n := k.told(p); n != 0 {
		k.t.Fatalf("%d documents arrived at an endpoint that is away", n)
	}
	k.HealPartner()
	time.Sleep(6 * time.Hour)
	k.expectTold(p)
}
