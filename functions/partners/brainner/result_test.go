package brainner_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/functions/partners/brainner"
	"fulcrum/local/partnertest"
	"fulcrum/local/rig"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/action"
	"fulcrum/shared/store"
)

func result(id string, c brainner.Candidate, score float64) brainner.Result {
	return brainner.Result{
		ID: id, OpportunityID: c.OpportunityID, Evaluation: max(c.Evaluation, 1), Score: &score,
		Criteria: []brainner.Criterion{
			{Name: "Go", Outcome: "met", Reason: "four years of it"}, {Name: "German", Outcome: "not_met"},
		},
		CriteriaVersion: "7", Model: "screen-2", ReportURL: "https://brainner.example/r/1",
	}
}

// screened is somebody whose candidate waits for a result.
func (b bench) screened() (partnertest.Person, brainner.Candidate) {
	b.Helper()
	p := b.applicant(job)
	quiet()
	c, ok := b.candidate(p)
	if !ok {
		b.Fatal("there is no candidate")
	}
	return p, c
}

// shown are the answers of somebody's forms in Lever, oldest first, and the texts of
// the notes.
func (b bench) shown(p partnertest.Person) (forms []map[string]any, notes []string) {
	b.Helper()
	profile, err := b.Twin.Profile(b.Account, p.OpportunityID)
	b.Do(profile, err)
	key := base64.StdEncoding.EncodeToString([]byte(b.C.LeverAPIKey + ":"))
	a := b.request("GET", rig.Lever+"/v1/opportunities/"+p.OpportunityID+"/forms", nil, http.Header{"Authorization": {"Basic " + key}})
	var list struct{ Data []account.Form }
	b.Do(nil, json.Unmarshal(a.body, &list))
	for _, f := range list.Data {
		answers := map[string]any{}
		for _, x := range f.Fields {
			answers[x.Text] = x.Value
		}
		forms = append(forms, answers)
	}
	for _, n := range profile.Notes {
		notes = append(notes, n.Fields[0].Value)
	}
	return forms, notes
}

func TestAB8AResultIsOneForm(t *testing.T) {
	on(t, both, func(b bench) {
		p, c := b.screened()
		first := b.acts("results", result("res-1", c, 82.5))
		forms, notes := b.shown(p)
		if first.State != "done" || len(forms) != 1 || len(notes) != 0 {
			b.Fatalf("%+v: %d forms, %d notes", first, len(forms), len(notes))
		}
		want := map[string]string{
			"Overall score": "82.5 of 100", "Criteria": "Go: met – four years of it\nGerman: not met", "Criteria version": "7",
			"Model": "screen-2", "Report": "https://brainner.example/r/1", "Standing": "Current: evaluation 1",
		}
		for field, text := range want {
			if forms[0][field] != text {
				b.Errorf("%s is %q", field, forms[0][field])
			}
		}
		b.expect(first.ID, "action.done")

		for _, id := range []string{"res-1", "res-2"} {
			if same := b.acts("results", result(id, c, 82.5)); same.ID != first.ID {
				b.Errorf("the same result under %s is another action", id)
			}
		}
		if forms, _ = b.shown(p); len(forms) != 1 {
			b.Errorf("%d forms of the same result", len(forms))
		}

		b.acts("results", result("res-3", c, 40))
		if forms, _ = b.shown(p); len(forms) != 2 || forms[1]["Overall score"] != "40 of 100" ||
			!strings.Contains(forms[1]["Standing"].(string), "Takes the place of all screenings from before") {
			b.Errorf("forms %+v", forms)
		}
		if status := b.Call("POST", base+"results", result("res-3", c, 41), nil); status != http.StatusConflict {
			b.Errorf("another result under the same id: %d", status)
		}
	})
}

// templates is how many templates were made.
func (b bench) templates() (n int) {
	b.Helper()
	requests, err := b.Twin.Requests(b.Account)
	b.Do(requests, err)
	for _, r := range requests {
		if r.Method == "POST" && r.Path == "/v1/form_templates" && r.Status/100 == 2 {
			n++
		}
	}
	return n
}

func TestLostAnswersLeaveOneFormAndOneTemplate(t *testing.T) {
	for _, match := range []string{"POST /v1/form_templates", "POST /v1/opportunities/*/forms"} {
		t.Run(match, func(t *testing.T) {
			on(t, both, func(b bench) {
				p, c := b.screened()
				b.Do(nil, b.Twin.Inject(api.Fault{Match: match, Account: b.Account, DropAnswer: true, Times: 1}))
				o := b.acts("results", result("res-1", c, 82))
				if forms, _ := b.shown(p); o.State != "done" || len(forms) != 1 || b.templates() != 1 {
					b.Errorf("%+v, %d forms, %d templates", o, len(forms), b.templates())
				}
			})
		})
	}
}

func TestAResultIsANoteWhereItIsNoForm(t *testing.T) {
	note := strings.Replace(both, "{", `{"postResults":"note",`, 1)
	t.Run("because the customer wants it", func(t *testing.T) {
		on(t, note, func(b bench) {
			p, c := b.screened()
			b.acts("results", result("res-1", c, 82))
			b.acts("results", result("res-2", c, 40))
			forms, notes := b.shown(p)
			if len(forms) != 0 || len(notes) != 1 || !strings.HasPrefix(notes[0], "Brainner screening: 40 of 100\n") || strings.Contains(notes[0], "four years") {
				b.Errorf("%d forms, notes %q", len(forms), notes)
			}
		})
	})
	t.Run("because Lever does not allow forms", func(t *testing.T) {
		on(t, both, func(b bench) {
			p, c := b.screened()
			b.Do(nil, b.Twin.Inject(api.Fault{Match: "GET /v1/form_templates", Account: b.Account, Status: 403, Times: -1}))
			o := b.acts("results", result("res-1", c, 82))
			if _, notes := b.shown(p); o.State != "done" || len(notes) != 1 {
				b.Errorf("%+v, notes %q", o, notes)
			}
		})
	})
	t.Run("and nothing where results are off", func(t *testing.T) {
		on(t, strings.Replace(note, "note", "off", 1), func(b bench) {
			_, c := b.screened()
			if status := b.Call("POST", base+"results", result("res-1", c, 82), nil); status != http.StatusConflict {
				b.Errorf("%d", status)
			}
		})
	})
}

func TestResultsThatAreRefused(t *testing.T) {
	on(t, both, func(b bench) {
		_, c := b.screened()
		for name, change := range map[string]func(*brainner.Result){
			"without an id":                 func(r *brainner.Result) { r.ID = "" },
			"without a score":               func(r *brainner.Result) { r.Score = nil },
			"with a score beyond 100":       func(r *brainner.Result) { *r.Score = 101 },
			"with an outcome of its own":    func(r *brainner.Result) { r.Criteria[0].Outcome = "maybe" },
			"with a report that is no page": func(r *brainner.Result) { r.ReportURL = "javascript:alert(1)" },
			"of an actor without a name":    func(r *brainner.Result) { r.RequestedBy = &brainner.Actor{} },
		} {
			r := result("res-1", c, 50)
			change(&r)
			if status := b.Call("POST", base+"results", r, nil); status != http.StatusUnprocessableEntity {
				b.Errorf("%s: %d", name, status)
			}
		}
		for name, want := range map[string]int{"another evaluation": http.StatusConflict, "a stranger": http.StatusNotFound} {
			r := result("res-1", c, 50)
			if name == "a stranger" {
				r.OpportunityID = "22222222-2222-4222-8222-222222222222"
			} else {
				r.Evaluation = 2
			}
			if status := b.Call("POST", base+"results", r, nil); status != want {
				b.Errorf("%s: %d", name, status)
			}
		}
	})
}

func TestAB14ResultsAreKeptWhileAccessIsLost(t *testing.T) {
	on(t, both, func(b bench) {
		p, c := b.screened()
		for _, key := range b.Twin.Keys(b.Account) {
			b.Do(nil, b.Twin.RemoveKey(b.Account, key.ID))
		}
		parked := b.acts("results", result("res-1", c, 82))
		if parked.State != string(store.ActionParked) || parked.Reason != "disconnected" {
			b.Fatalf("%+v", parked)
		}
		b.expect(parked.ID, "action.parked")
		stage := decision("dec-1", users(b)[0].ID, c)
		stage.Type, stage.ToStageID = "advance", "offer"
		held := b.acts("actions", stage)
		if held.State != string(store.ActionParked) {
			b.Fatalf("%+v", held)
		}
		time.Sleep(6 * time.Hour)
		b.reconnect()
		intake := action.IntakeFromEnv(b.Env(b.T, "PartnerBrainnerApi"), b.Table)
		for _, id := range []string{parked.ID, held.ID} {
			b.Do(intake.Resume(context.Background(), b.C.ID, id))
			if o := b.ended(id); o.State != "done" {
				b.Errorf("%+v", o)
			}
		}
		if forms, _ := b.shown(p); len(forms) != 1 || b.stage(p) != "offer" {
			b.Errorf("%d forms, stage %s", len(forms), b.stage(p))
		}
	})
}

// reconnect gives the connection a new credential, as connecting again does.
func (b bench) reconnect() {
	b.Helper()
	const secret = "a new key of the customer's for the same account"
	ctx := context.Background()
	b.Do(b.Twin.CreateKey(b.Account, desk.NewKey{Name: "new", Secret: secret}))
	c, err := b.Table.Connection(ctx, b.C.ID)
	b.Do(c, err)
	old, err := b.Table.Credential(ctx, b.C.ID)
	b.Do(old, err)
	b.C.LeverAPIKey = secret
	c.LostAt, c.LostBecause, old.Secret = 0, "", store.Secret{APIKey: secret}
	b.Do(nil, b.Table.PutCredential(ctx, old, 0))
	b.Do(nil, b.Table.PutConnection(ctx, c))
}

// stage is the id of the stage in which Lever has somebody.
func (b bench) stage(p partnertest.Person) string { return b.opportunity(p).Stage }

func (b bench) opportunity(p partnertest.Person) account.OpportunityView {
	b.Helper()
	o, err := b.Twin.Opportunity(b.Account, p.OpportunityID)
	b.Do(o, err)
	return o
}

func TestAnIdempotencyKeyIsOneRequest(t *testing.T) {
	on(t, both, func(b bench) {
		_, c := b.screened()
		first, status := b.keyed("results", "key-1", result("res-1", c, 82))
		again, repeated := b.keyed("results", "key-1", result("res-1", c, 82))
		_, other := b.keyed("results", "key-1", result("res-2", c, 40))
		if status != 202 || repeated != 202 || first != again || other != 422 {
			b.Errorf("%d %q, %d %q, %d", status, first, repeated, again, other)
		}
		posting := b.posting(job)
		q := brainner.ImportRequest{Kind: "candidates", PostingID: posting.ID, ReEvaluate: true}
		for range 3 {
			if _, status := b.keyed("imports", "key-2", q); status != 202 {
				b.Errorf("import: %d", status)
			}
			time.Sleep(10 * time.Minute)
		}
		if n := b.count("candidate.reevaluation_requested"); n != 1 {
			b.Errorf("one request asked for %d evaluations", n)
		}
		q.ReEvaluate = false
		if _, status := b.keyed("imports", "key-2", q); status != 422 {
			b.Errorf("another import under the same key: %d", status)
		}
	})
}

// keyed posts under an Idempotency-Key and gives the id of what it made.
func (b bench) keyed(route, key string, body any) (id string, status int) {
	b.Helper()
	res := b.request("POST", base+route, body, http.Header{"Idempotency-Key": {key}})
	var made struct{ ID string }
	if err := json.Unmarshal(res.body, &made); err != nil {
		b.Fatal(err)
	}
	return made.ID, res.status
}

func users(b bench) []account.User {
	s, err := b.Twin.Summary(b.Account)
	b.Do(s, err)
	return slices.Clone(s.Users)
}
