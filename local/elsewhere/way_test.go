package elsewhere_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"fulcrum/functions/partners"
	engine "fulcrum/local/aws"
	"fulcrum/local/seed"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
)

// posting is one of every demo account.
const posting = "Backend Engineer"

// The bundle as it is deployed, on another AWS than the embedded one.
func TestTheBundleRunsElsewhere(t *testing.T) {
	b := up(t)
	b.part("what happens in Lever arrives at Joinedly", bundle.joiner)
	b.part("what happens in Lever arrives at Justworks", bundle.pendingHire)
	b.part("what happens in Lever arrives at interviewing.io", bundle.exported)
	b.part("what happens in Lever arrives at Evidenced", bundle.copied)
	b.part("what happens in Lever arrives at Brainner", bundle.received)
	b.part("a forged signature is refused, a repeated delivery has no effect", bundle.forged)
	b.part("the keyset is rotated", bundle.rotated)
	b.part("connections are made, given new signing tokens, and removed", bundle.connections)
	b.part("the ledger balances", bundle.balances)
	b.part("dead letters are sent back", bundle.redriven)
}

func (b bundle) joiner() {
	c := b.customer("joinedly")
	b.call(c, http.MethodPut, "/v1/joinedly/connections/{c}/directory", http.StatusOK, map[string]any{
		"offices": []any{map[string]string{"id": "office-1", "name": "Lisbon"}}, "teams": []any{},
	}, nil)
	b.hire(c, "joiner.hired")
}

func (b bundle) pendingHire() {
	c := b.customer("justworks")
	b.call(c, http.MethodPut, "/v1/justworks/connections/{c}/roster", http.StatusOK, map[string]any{
		"admins":  []any{map[string]any{"id": "adm_1", "name": "Grace Hopper", "email": "grace@example.com", "manageEmployees": true}},
		"offices": []any{}, "departments": []any{}, "members": []any{},
	}, nil)
	b.hire(c, "pending_hire.created")
}

func (b bundle) hire(c seed.Connection, typ string) {
	b.Helper()
	id := b.person(c, desk.Candidate{Posting: posting})
	_, err := b.Twin.Hire(c.Account, id, "")
	b.must(err)
	b.arrives(c, typ, id)
}

// exported has interviewing.io export somebody to Lever, who gets on there.
func (b bundle) exported() {
	c := b.customer("interviewing-io")
	_, err := b.Twin.AddUser(c.Account, desk.Person{Name: "Omar Haddad", Email: "omar@acme.example"})
	b.must(err)
	b.settings(c, map[string]any{"enabled": true, "performAs": "omar@acme.example", "defaultStage": "lead-new"})
	b.call(c, http.MethodPost, "/v1/interviewing-io/connections/{c}/interviews", http.StatusAccepted, map[string]any{
		"interviewId": "iv-1", "version": 1, "outcome": "yes", "candidateConsents": true, "interviewedAt": "2026-11-20T15:00:00Z",
		"candidate": map[string]string{"name": "Ada Lovelace", "email": "ada@example.com"},
		"feedback":  map[string]any{"technical": 4, "communication": 3, "problemSolving": 4, "text": "Saw the race at once."},
	}, nil)
	var interview struct {
		State   string
		Profile struct{ OpportunityID string }
	}
	b.within("the interview is in Lever", func() bool {
		b.call(c, http.MethodGet, "/v1/interviewing-io/connections/{c}/interviews/iv-1", http.StatusOK, nil, &interview)
		return interview.State == "done" && interview.Profile.OpportunityID != ""
	})
	_, err = b.Twin.Move(c.Account, interview.Profile.OpportunityID, "Offer")
	b.must(err)
	b.arrives(c, "candidate.stage_changed", interview.Profile.OpportunityID)
}

// copied has Evidenced be told of an applicant, and of the hire.
func (b bundle) copied() {
	c := b.customer("evidenced")
	id := b.person(c, desk.Candidate{})
	_, err := b.Twin.Apply(c.Account, id, posting)
	b.must(err)
	b.arrives(c, "candidate.created", id)
	_, err = b.Twin.Hire(c.Account, id, "")
	b.must(err)
	b.arrives(c, "candidate.hired", id)
}

func (b bundle) received() {
	c := b.customer("brainner")
	b.settings(c, map[string]any{"autoGenerateJobs": true, "autoImportCandidates": true})
	id := b.person(c, desk.Candidate{Origin: "sourced"})
	_, err := b.Twin.Apply(c.Account, id, posting)
	b.must(err)
	b.arrives(c, "candidate.received", id)
}

// forged sends each customer's last delivery again: as it was, changed, and to an
// address that is none.
func (b bundle) forged() {
	for _, c := range b.Connections {
		attempts, err := b.Twin.Deliveries(c.Account)
		b.must(err)
		if len(attempts) == 0 {
			b.Fatalf("nothing was sent to %s", c.Partner)
		}
		last := attempts[len(attempts)-1]
		before := len(b.Sandbox.Deliveries(c.Partner, c.ID))
		for _, tt := range []struct {
			what, address, body string
			want                int
		}{
			{"another time", last.URL, strings.Replace(last.Body, `"triggeredAt":1`, `"triggeredAt":2`, 1), http.StatusUnauthorized},
			{"another address", last.URL[:len(last.URL)-4] + "AAAA", last.Body, http.StatusUnauthorized},
			{"the same again", last.URL, last.Body, http.StatusOK},
		} {
			if got := b.post(tt.address, tt.body); got != tt.want {
				b.Errorf("%s: %s is answered %d, want %d", c.Partner, tt.what, got, tt.want)
			}
		}
		b.quiet(c)
		if after := len(b.Sandbox.Deliveries(c.Partner, c.ID)); after != before {
			b.Errorf("%s: %d documents of nothing", c.Partner, after-before)
		}
	}
}

// quiet waits until every event of a connection has ended.
func (b bundle) quiet(c seed.Connection) {
	b.Helper()
	b.within("every event has ended", func() bool {
		var list struct{ Items []struct{ State string } }
		b.call(c, http.MethodGet, "/v1/connections/{c}/events?limit=100", http.StatusOK, nil, &list)
		return !slices.ContainsFunc(list.Items, func(e struct{ State string }) bool {
			return !slices.Contains([]string{"delivered", "unchanged", "ignored", "parked"}, e.State)
		})
	})
}

// connections are one of each partner, side by side: what each writes into the secret
// of signing tokens waits for the one before, 15 seconds.
func (b bundle) connections() {
	all, err := partners.All()
	b.must(err)
	for _, d := range all {
		b.part(d.Name, func(b bundle) {
			b.Parallel()
			b.connection(d)
		})
	}
}

// signed is a delivery that is signed with a webhook's token.
func signed(h desk.Webhook) string {
	token, at := strings.Repeat("n", 48), time.Now().UnixMilli()
	return fmt.Sprintf(`{"triggeredAt":%d,"event":%q,"data":{},"signature":%q,"token":%q}`, at, h.Event, seed.Signature(h.SignatureToken, token, at), token)
}

// rotated adds a version to the keyset under which the table is sealed, and seals all
// anew under it.
func (b bundle) rotated() {
	env := boot.NewEnv(func(name string) string {
		return map[string]string{"AWS_REGION": engine.Region, "AWS_ACCESS_KEY_ID": "operator", "AWS_SECRET_ACCESS_KEY": "local",
			"AWS_ENDPOINT_URL": os.Getenv("AWS_ENDPOINT_URL"), "AWS_ENDPOINT_URL_SECRETS_MANAGER": os.Getenv("AWS_ENDPOINT_URL_SECRETS_MANAGER")}[name]
	})
	secrets := secretsmanager.NewFromConfig(env.AWS("SECRETS_MANAGER", boot.Patience{Attempt: patience, Attempts: 1}))
	var id *string
	for _, f := range b.Wiring.Functions {
		if name := f.Environment["VAULT_SECRET"]; name != "" {
			id = &name
		}
	}
	now, err := secrets.GetSecretValue(b.Context(), &secretsmanager.GetSecretValueInput{SecretId: id})
	b.must(err)
	keys := map[string]string{}
	b.must(json.Unmarshal([]byte(*now.SecretString), &keys))
	keys["2"], keys["primary"] = strings.Repeat("another key ", 4), "2"
	text, err := json.Marshal(keys)
	b.must(err)
	_, err = secrets.PutSecretValue(b.Context(), &secretsmanager.PutSecretValueInput{SecretId: id, SecretString: aws.String(string(text))})
	b.must(err)
	if failed := b.task("reseal"); failed != "" {
		b.Errorf("reseal: %s", failed)
	}
	b.hire(b.customer("justworks"), "pending_hire.created")
}

// balances proves that no event was forgotten, by the bundle's own proof and by
// asking for what has not ended.
func (b bundle) balances() {
	for _, c := range b.Connections {
		b.quiet(c)
	}
	for _, task := range []string{"due", "ledger"} {
		if failed := b.task(task); failed != "" {
			b.Errorf("%s: %s", task, failed)
		}
	}
	if v := b.Twin.Violations(); len(v) > 0 {
		b.Errorf("another account was asked for: %v", v)
	}
}

func (b bundle) redriven() {
	b.unlessOtherwise("redrive", b.task("redrive"))
}

// events are Lever's names of a definition's events.
func events(all []lever.Event) map[string]bool {
	on := map[string]bool{}
	for _, e := range all {
		on[string(e)] = true
	}
	return on
}
