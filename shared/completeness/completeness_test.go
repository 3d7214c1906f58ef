package completeness_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/seed"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/completeness"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// office is a live stack and its Joinedly customer.
type office struct {
	*rig.Live
	t *testing.T
	c seed.Connection
}

func in(t *testing.T, f func(o office)) {
	t.Helper()
	rig.Some(t)
	synctest.Test(t, func(t *testing.T) {
		l := rig.NewLive(t, aws.Options{})
		f(office{l, t, l.Connection(t, "joinedly")})
	})
}

func (o office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o office) hire(name string) string {
	o.t.Helper()
	added, err := o.Twin.AddCandidate(o.c.Account, desk.Candidate{Name: name, Email: strings.ToLower(name) + "@example.com"})
	o.must(err)
	_, err = o.Twin.Hire(o.c.Account, added.OpportunityID, "")
	o.must(err)
	return added.OpportunityID
}

// arrived counts the documents of an opportunity.
func (o office) arrived(opportunity string) (n int) {
	for _, d := range o.Sandbox.Deliveries("joinedly", o.c.ID) {
		if strings.Contains(string(d.Body), opportunity) {
			n++
		}
	}
	return n
}

func (o office) reports() []store.Report {
	o.t.Helper()
	var all []store.Report
	o.must(o.Table.EachReport(o.t.Context(), o.c.ID, func(r store.Report) bool {
		all = append(all, r)
		return true
	}))
	return all
}

// missed are the changes that reports name as missed.
func (o office) missed() map[string]int {
	all := map[string]int{}
	for _, r := range o.reports() {
		for _, m := range r.Missed {
			all[string(m.Event)+" "+m.Opportunity]++
		}
	}
	return all
}

// open are the open attention items of a reason, by what they are about.
func (o office) open(reason string) string {
	o.t.Helper()
	list, err := o.Table.Attentions(o.t.Context(), o.c.ID, store.Paging{})
	o.must(err)
	var about []string
	for _, a := range list.Items {
		if string(a.Reason) == reason && a.ClearedAt == 0 {
			about = append(about, a.About)
		}
	}
	return strings.Join(about, " ")
}

// Every webhook of six hours is lost, Lever's retries with it. Everything arrives
// within a quarter of an hour after the next window, and the reports name exactly
// what was repaired.
func TestWhatNoWebhookToldIsRepaired(t *testing.T) {
	in(t, func(o office) {
		front := o.Hosts["gateway.test"]
		o.Hosts["gateway.test"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/webhooks/") {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			front.ServeHTTP(w, r)
		})
		var all []string
		for i := range 12 {
			all = append(all, o.hire(fmt.Sprintf("Person%d", i)))
			time.Sleep(30 * time.Minute)
		}
		o.Hosts["gateway.test"] = front
		time.Sleep(30 * time.Minute)
		missed := o.missed()
		for _, opportunity := range all {
			if n := o.arrived(opportunity); n != 1 {
				o.t.Errorf("%d documents of a hire", n)
			}
			if missed[string(lever.CandidateHired)+" "+opportunity] != 1 {
				o.t.Errorf("the reports do not name the hire once: %v", missed)
			}
		}
		if about := o.open(string(completeness.SwitchedOff)); !strings.Contains(about, string(lever.CandidateHired)) {
			o.t.Errorf("nobody is told that no webhook comes: %q", about)
		}
		o.hire("Back")
		time.Sleep(time.Hour)
		if about := o.open(string(completeness.SwitchedOff)); strings.Contains(about, string(lever.CandidateHired)) {
			o.t.Errorf("an event came, and still it counts as switched off: %q", about)
		}
	})
}

func TestWhatItsWebhookToldIsAccounted(t *testing.T) {
	in(t, func(o office) {
		opportunity := o.hire("Ada")
		time.Sleep(time.Hour)
		if missed := o.missed(); len(missed) != 0 {
			o.t.Errorf("missed: %v", missed)
		}
		accounted, changes := 0, 0
		for _, r := range o.reports() {
			accounted, changes = accounted+r.Accounted, changes+r.Changes
		}
		if accounted == 0 || changes == 0 {
			o.t.Errorf("%d changes, %d of them accounted", changes, accounted)
		}
		if n := o.arrived(opportunity); n != 1 {
			o.t.Errorf("%d documents", n)
		}
	})
}

func TestAnEventThatIsSwitchedOffIsInferred(t *testing.T) {
	in(t, func(o office) {
		_, err := o.Twin.Switch(o.c.Account, map[string]bool{string(lever.CandidateHired): false})
		o.must(err)
		for i := range 3 {
			opportunity := o.hire(fmt.Sprintf("Person%d", i))
			time.Sleep(35 * time.Minute)
			if n := o.arrived(opportunity); n != 1 {
				o.t.Errorf("%d documents while the event is off", n)
			}
			if about := o.open(string(completeness.SwitchedOff)); (about != "") != (i == 2) {
				o.t.Errorf("after %d windows: %q", i+1, about)
			}
		}
	})
}

func TestAWebhookThatIsGoneIsTold(t *testing.T) {
	in(t, func(o office) {
		client, err := lever.New(lever.Options{BaseURL: rig.Lever + "/v1", Auth: lever.APIKey(o.c.LeverAPIKey), Transport: o})
		o.must(err)
		hooks, err := lever.Collect(client.Webhooks(o.t.Context()))
		o.must(err)
		for _, h := range hooks {
			o.must(client.DeleteWebhook(o.t.Context(), h.ID))
		}
		time.Sleep(5 * time.Hour)
		if about := o.open(string(completeness.WebhookGone)); !strings.Contains(about, string(lever.CandidateHired)) {
			o.t.Errorf("told of %q", about)
		}
		gone := hooks[0]
		row, err := o.Table.Webhook(o.t.Context(), o.c.ID, gone.Event)
		o.must(err)
		made, err := client.CreateWebhook(o.t.Context(), gone.Event, gone.URL)
		o.must(err)
		row.Current.LeverID = made.ID
		_, err = o.Table.PutWebhook(o.t.Context(), row)
		o.must(err)
		time.Sleep(20 * time.Minute)
		if about := o.open(string(completeness.WebhookGone)); strings.Contains(about, string(gone.Event)) {
			o.t.Errorf("told of %q, which is there again", about)
		}
	})
}

// A webhook that Lever makes after nobody waits for it any more posts what nobody can
// verify, for good.
func TestAWebhookThatIsMadeTooLateIsDeleted(t *testing.T) {
	in(t, func(o office) {
		client, err := lever.New(lever.Options{BaseURL: rig.Lever + "/v1", Auth: lever.APIKey(o.c.LeverAPIKey), Transport: o})
		o.must(err)
		before, err := lever.Collect(client.Webhooks(o.t.Context()))
		o.must(err)
		_, err = client.CreateWebhook(o.t.Context(), before[0].Event, before[0].URL)
		o.must(err)
		time.Sleep(5 * time.Hour)
		after, err := lever.Collect(client.Webhooks(o.t.Context()))
		o.must(err)
		same := func(a, b lever.Webhook) bool { return a.ID == b.ID }
		if !slices.EqualFunc(before, after, same) {
			o.t.Errorf("%d webhooks, %d before: %+v", len(after), len(before), after)
		}
	})
}

// A report that is changed or taken out later shows.
func TestReportsAreAChain(t *testing.T) {
	in(t, func(o office) {
		o.hire("Ada")
		time.Sleep(3 * time.Hour)
		reports := o.reports()
		if len(reports) < 10 {
			o.t.Fatalf("%d reports in three hours", len(reports))
		}
		for i, r := range reports {
			again, err := r.Sealed()
			o.must(err)
			if again.Hash != r.Hash || i > 0 && reports[i-1].Previous != r.Hash {
				text, _ := json.Marshal(r)
				o.t.Fatalf("report %d breaks the chain: %s", r.Number, text)
			}
			if i > 0 && reports[i-1].From > r.Until {
				o.t.Errorf("there is a gap between %v and %v", r.Until.Time(), reports[i-1].From.Time())
			}
		}
		forged := reports[3]
		forged.Changes++
		if again, err := forged.Sealed(); err != nil || again.Hash == reports[3].Hash {
			o.t.Error("a changed report has the same hash")
		}
	})
}

func TestAQuietConnectionCostsLittle(t *testing.T) {
	in(t, func(o office) {
		hours := 24
		if testing.Short() {
			hours = 4
		}
		before := o.Twin.Calls(o.c.Account)
		time.Sleep(time.Duration(hours) * time.Hour)
		n := o.Twin.Calls(o.c.Account) - before
		if n < 4*hours || n > 12*hours {
			o.t.Errorf("%d calls of Lever's API in %d hours", n, hours)
		}
		o.t.Logf("%d calls of Lever's API in %d quiet hours", n, hours)
	})
}
