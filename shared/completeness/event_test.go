package completeness_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/notice"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// of runs f in virtual time with a partner's customer, whose settings are those.
func of(t *testing.T, partner, settings string, f func(o office)) {
	t.Helper()
	rig.Some(t)
	synctest.Test(t, func(t *testing.T) {
		l := rig.NewLive(t, aws.Options{})
		o := office{l, t, l.Connection(t, partner)}
		_, err := l.Twin.AddUser(o.c.Account, desk.Person{Name: "Omar Haddad", Email: "omar@acme.example"})
		o.must(err)
		if settings != "" {
			_, err := l.Table.PutSettings(t.Context(), store.Settings{Connection: o.c.ID, Values: json.RawMessage(settings)})
			o.must(err)
		}
		f(o)
	})
}

// add adds a candidate; one of interviewing.io's comes by its interview.
func (o office) add(c desk.Candidate) string {
	o.t.Helper()
	if o.c.Partner == "interviewing-io" {
		return o.reveal(c)
	}
	added, err := o.Twin.AddCandidate(o.c.Account, c)
	o.must(err)
	return added.OpportunityID
}

// reveal has interviewing.io tell of somebody, and gives the opportunity in Lever.
func (o office) reveal(c desk.Candidate) (opportunity string) {
	o.t.Helper()
	id := fmt.Sprint("iv-", time.Now().UnixMilli())
	o.Reveal(o.t, o.c, id, c.Name, c.Email)
	time.Sleep(time.Minute)
	_, answer := o.Ask(o.t, o.c.PartnerAPIKey, http.MethodGet, "/v1/interviewing-io/connections/"+o.c.ID+"/interviews/"+id, nil)
	var made struct {
		Profile struct{ OpportunityID string }
	}
	if err := json.Unmarshal(answer, &made); err != nil || made.Profile.OpportunityID == "" {
		o.t.Fatalf("no profile was made: %s", answer)
	}
	return made.Profile.OpportunityID
}

// do fails unless an act in the twin was done.
func (o office) do(_ desk.Added, err error) {
	o.t.Helper()
	o.must(err)
}

// look has an opportunity looked at anew.
func (o office) look(opportunity string) {
	o.t.Helper()
	env := o.Env(o.t, "HubReconcile")
	queues := queue.NewSender(env.AWS("SQS", boot.Working)).Partners(env.Need("PARTNER_QUEUE_URL"))
	now := lever.At(time.Now())
	o.must(queues.Send(context.Background(), o.c.Partner, queue.Event{
		ID: fmt.Sprintf("look-%d", now), Connection: o.c.ID, Event: lever.CandidateStageChange, IDs: lever.IDs{Opportunity: opportunity},
		TriggeredAt: now, ReceivedAt: now, Origin: string(store.FromReplay),
	}))
	time.Sleep(time.Minute)
}

// types are the types of the documents that name something.
func (o office) types(naming string) string {
	var all []string
	for _, d := range o.Sandbox.Deliveries(o.c.Partner, o.c.ID) {
		if strings.Contains(string(d.Body), naming) {
			all = append(all, d.Type)
		}
	}
	return strings.Join(all, " ")
}

// converges fails unless something new has arrived of an opportunity since there
// was before, and another look brings nothing more.
func (o office) converges(opportunity, before string) {
	o.t.Helper()
	after := o.types(opportunity)
	if after == before {
		o.t.Errorf("nothing more than %q has arrived", before)
	}
	if o.look(opportunity); o.types(opportunity) != after {
		o.t.Errorf("after %q, another look brings more: %q", after, o.types(opportunity))
	}
}

// nextWindow is until when the next window has been compared, and a quarter of an
// hour has passed.
const nextWindow = 17*time.Minute + 15*time.Minute

// Each event of each partner that Lever's lists show is switched off: what it would
// have told of arrives all the same, and the reports name exactly that.
func TestEachEventCanBeSwitchedOff(t *testing.T) {
	acts := map[lever.Event]func(o office, opportunity string) (desk.Added, error){
		lever.ApplicationCreated: func(o office, id string) (desk.Added, error) {
			return o.Twin.Apply(o.c.Account, id, "Backend Engineer")
		},
		lever.CandidateStageChange:   func(o office, id string) (desk.Added, error) { return o.Twin.Move(o.c.Account, id, "Offer") },
		lever.CandidateArchiveChange: func(o office, id string) (desk.Added, error) { return o.Twin.Archive(o.c.Account, id, "Withdrew") },
		lever.CandidateHired:         func(o office, id string) (desk.Added, error) { return o.Twin.Hire(o.c.Account, id, "") },
		lever.CandidateDeleted:       func(o office, id string) (desk.Added, error) { return o.Twin.Delete(o.c.Account, id) },
	}
	tests := map[string]string{ // the partner's settings
		"joinedly":        "",
		"justworks":       "",
		"evidenced":       "",
		"brainner":        `{"autoGenerateJobs":true,"autoImportCandidates":true}`,
		"interviewing-io": `{"enabled":true,"performAs":"omar@acme.example","defaultStage":"lead-new"}`,
	}
	for name, settings := range tests {
		t.Run(name, func(t *testing.T) {
			rig.Some(t)
			of(t, name, settings, func(o office) {
				for _, hook := range o.c.Webhooks {
					act, ok := acts[hook.Event]
					if !ok {
						continue // Lever has no list that shows interviews
					}
					c := desk.Candidate{Name: "Ada", Email: "ada@example.com", Posting: "Backend Engineer"}
					if hook.Event == lever.ApplicationCreated {
						c.Posting = ""
					}
					opportunity := o.add(c)
					time.Sleep(nextWindow)
					before, named := o.types(opportunity), o.missed()
					o.switched(hook.Event, false)
					o.do(act(o, opportunity))
					time.Sleep(nextWindow)
					o.switched(hook.Event, true)
					o.converges(opportunity, before)
					if got := o.since(named); len(got) != 1 || got[0] != fmt.Sprint(hook.Event, " ", opportunity) {
						o.t.Errorf("with %s off the reports name %q", hook.Event, got)
					}
				}
			})
		})
	}
}

func (o office) switched(e lever.Event, on bool) {
	o.t.Helper()
	_, err := o.Twin.Switch(o.c.Account, map[string]bool{string(e): on})
	o.must(err)
}

// since are the changes that reports name and did not before.
func (o office) since(before map[string]int) []string {
	after := o.missed()
	maps.DeleteFunc(after, func(named string, n int) bool { return n == before[named] })
	return slices.Sorted(maps.Keys(after))
}

// Justworks has the webhook of hires and no other. What undoes a hire, and who is
// erased, is found by the windows.
func TestWhatHasNoWebhookIsFound(t *testing.T) {
	tests := map[string]struct {
		after time.Duration
		act   func(o office, id string) (desk.Added, error)
		told  string
	}{
		"un-hired": {time.Hour, func(o office, id string) (desk.Added, error) { return o.Twin.Unarchive(o.c.Account, id) }, "pending_hire.withdrawn"},
		// The webhook of the hire is no proof of what was done shortly after.
		"un-hired at once": {time.Minute, func(o office, id string) (desk.Added, error) { return o.Twin.Unarchive(o.c.Account, id) }, "pending_hire.withdrawn"},
		"deleted":          {time.Hour, func(o office, id string) (desk.Added, error) { return o.Twin.Delete(o.c.Account, id) }, "pending_hire.erased"},
		"deleted at once":  {time.Minute, func(o office, id string) (desk.Added, error) { return o.Twin.Delete(o.c.Account, id) }, "pending_hire.erased"},
		"anonymized":       {time.Hour, func(o office, id string) (desk.Added, error) { return o.Twin.Anonymize(o.c.Account, id) }, "pending_hire.erased"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			of(t, "justworks", "", func(o office) {
				opportunity := o.hire("Ada")
				time.Sleep(tt.after)
				if got := o.types(opportunity); got != "pending_hire.created" {
					o.t.Fatalf("told %q", got)
				}
				o.do(tt.act(o, opportunity))
				time.Sleep(nextWindow)
				if got := o.types(opportunity); got != "pending_hire.created "+tt.told {
					o.t.Errorf("told %q", got)
				}
			})
		})
	}
}

// Lever's lists cannot be read for hours: somebody is told, nothing is lost, and the
// item closes with the first window that is compared.
func TestAReconciliationThatIsBehindIsTold(t *testing.T) {
	of(t, "joinedly", "", func(o office) {
		o.switched(lever.CandidateHired, false)
		opportunity := o.hire("Ada")
		o.must(o.Twin.Inject(api.Fault{Match: "GET /v1/opportunities", Account: o.c.Account, Status: 500, Times: -1}))
		time.Sleep(50 * time.Minute)
		if about := o.open(string(notice.Behind)); about != "" {
			o.t.Errorf("told after 50 minutes: %q", about)
		}
		time.Sleep(2 * time.Hour)
		if about := o.open(string(notice.Behind)); about == "" {
			o.t.Error("no item says it")
		}
		if got := o.types(string(notice.Behind)); got != "connection.alert" {
			o.t.Errorf("the partner is told %q", got)
		}
		o.Twin.Heal()
		time.Sleep(nextWindow)
		if about := o.open(string(notice.Behind)); about != "" {
			o.t.Errorf("still told: %q", about)
		}
		if got := o.types(opportunity); got != "joiner.hired" {
			o.t.Errorf("told %q", got)
		}
	})
}
