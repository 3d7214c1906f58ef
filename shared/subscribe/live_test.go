package subscribe_test

import (
	"net/http"
	"path"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
	"fulcrum/shared/subscribe"
)

// live is a customer who connects to a stack that runs.
type live struct {
	*rig.Live
	t        *testing.T
	account  string
	client   *lever.Client
	webhooks *subscribe.Webhooks
}

const customer = "con_customer"

func onLive(t *testing.T, f func(t *testing.T, l live)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := live{Live: rig.NewLive(t, engine.Options{}), t: t}
		key := strings.Repeat("k", 48)
		made, err := l.Twin.CreateAccount(desk.NewAccount{Name: "Customer", APIKey: key})
		l.must(err)
		l.account = made.Account
		c := store.Connection{ID: customer, Partner: "joinedly", Account: made.Account, Environment: lever.Production}
		l.must(l.Table.PutConnection(t.Context(), c))
		l.must(l.Table.PutCredential(t.Context(), store.Credential{Connection: c.ID, Secret: store.Secret{APIKey: key}}, 0))
		l.client, err = lever.New(lever.Options{BaseURL: rig.Lever + "/v1", Auth: lever.APIKey(key), Transport: l})
		l.must(err)
		l.webhooks = subscribe.FromEnv(l.Env(t, "WebhookCandidateHired"), l.Table).Of(c, l.client, rig.Gateway)
		f(t, l)
	})
}

func (l live) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// hire marks somebody as hired and gives the documents that arrive of it.
func (l live) hire(name string) int {
	l.t.Helper()
	added, err := l.Twin.AddCandidate(l.account, desk.Candidate{Name: name, Email: name + "@example.com"})
	l.must(err)
	_, err = l.Twin.Hire(l.account, added.OpportunityID, "")
	l.must(err)
	time.Sleep(5 * time.Minute)
	n := 0
	for _, d := range l.Sandbox.Deliveries("joinedly", customer) {
		if strings.Contains(string(d.Body), added.OpportunityID) {
			n++
		}
	}
	return n
}

// A customer connects to functions that are warm and know nothing of them; the
// address changes twice, and no hire is lost or doubled.
func TestHiresArriveFromConnectingToDisconnecting(t *testing.T) {
	onLive(t, func(t *testing.T, l live) {
		expect := func(when string, want int) {
			t.Helper()
			if got := l.hire(strings.ReplaceAll(when, " ", "-")); got != want {
				t.Errorf("%s: %d documents of a hire, want %d", when, got, want)
			}
		}
		_, err := l.webhooks.Ensure(t.Context(), hired)
		l.must(err)
		expect("before the event is switched on", 0)
		_, err = l.Twin.Switch(l.account, map[string]bool{string(hired): true})
		l.must(err)
		expect("connected", 1)
		row, err := l.webhooks.Rotate(t.Context(), hired)
		l.must(err)
		expect("while rotating", 1)
		l.must(subscribe.Finish(t.Context(), l.Table, l.client, row, row.Next.Hook))
		expect("rotated", 1)
		_, err = l.webhooks.Revoke(t.Context(), hired)
		l.must(err)
		expect("after a breach", 1)
		l.verify()
		left, err := l.webhooks.Remove(t.Context())
		if err != nil || len(left) != 0 {
			t.Errorf("left %+v, %v", left, err)
		}
		expect("disconnected", 0)
	})
}

// verify presses Verify connection in Lever.
func (l live) verify() {
	l.t.Helper()
	all, err := l.Twin.Webhooks(l.account)
	l.must(err)
	if len(all) != 1 {
		l.t.Fatalf("%d webhooks", len(all))
	}
	attempt, err := l.Twin.Verify(l.t.Context(), l.account, all[0].ID)
	if err != nil || attempt.Status != http.StatusOK {
		l.t.Errorf("Lever's test of %s: %d, %v", path.Base(all[0].URL), attempt.Status, err)
	}
}
