package interviewingio_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	interviewingio "fulcrum/functions/partners/interviewing-io"
	"fulcrum/local/partnertest"
	"fulcrum/local/rig"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/action"
	"fulcrum/shared/credential"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

const base = "/v1/interviewing-io/connections/{c}/"

// scene is a customer whose settings are enabled, with two users: Rita, who asks for
// exports, and Omar, who stands in.
type scene struct {
	*partnertest.Stage
	t          *testing.T
	rita, omar account.User
}

// on runs f in virtual time on a scene.
func on(t *testing.T, f func(t *testing.T, s scene)) {
	t.Helper()
	partnertest.On(t, "interviewing-io", func(t *testing.T, stage *partnertest.Stage) {
		s := scene{Stage: stage, t: t}
		s.rita = must(s.Twin.AddUser(s.Account, desk.Person{Name: "Rita Recruiter", Email: "rita@acme.example"}))(t)
		s.omar = must(s.Twin.AddUser(s.Account, desk.Person{Name: "Omar Haddad", Email: "omar@acme.example"}))(t)
		s.choose(nil)
		f(t, s)
	})
}

// must is a result whose error ends the test.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// quiet waits until what was begun has ended.
func quiet() { time.Sleep(2 * time.Minute) }

// defaultStage is the text of the stage that is chosen.
const defaultStage = "Technical Screen"

// stage is the id of a stage, which is made if need be.
func (s scene) stage(text string) string {
	s.t.Helper()
	for _, x := range must(s.Twin.Summary(s.Account))(s.t).Stages {
		if x.Text == text {
			return x.ID
		}
	}
	return must(s.Twin.AddStage(s.Account, text, ""))(s.t).ID
}

// choose applies settings: enabled, Omar, the default stage, and what else is given.
func (s scene) choose(more map[string]any) {
	s.t.Helper()
	text := must(json.Marshal(s.choice(more)))(s.t)
	was := must(s.Table.Settings(context.Background(), s.C.ID))(s.t)
	was.Connection, was.Values = s.C.ID, text
	if err := s.put(was); err != nil {
		s.t.Fatal(err)
	}
}

// save is the customer's Save Changes.
func (s scene) save(more map[string]any) {
	s.t.Helper()
	was := must(s.Table.Settings(context.Background(), s.C.ID))(s.t)
	body := map[string]any{"version": was.Version, "values": s.choice(more)}
	if status := s.Call(http.MethodPut, "/v1/connections/"+s.C.ID+"/settings", body, nil); status != http.StatusOK {
		s.t.Fatalf("settings are answered %d", status)
	}
}

// choice is the customer's settings: the usual ones, and more.
func (s scene) choice(more map[string]any) map[string]any {
	values := map[string]any{"enabled": true, "performAs": "omar@acme.example", "defaultStage": s.stage(defaultStage), "tags": []string{"interviewing.io"}}
	for name, value := range more {
		values[name] = value
	}
	return values
}

// passed is the result of somebody who is revealed, in Rita's name.
func (s scene) passed(id string) interviewingio.Result {
	return interviewingio.Result{
		InterviewID: id, Version: 1, Outcome: "yes", Consents: true, Requester: "rita@acme.example", InterviewedAt: "2026-11-20T15:00:00Z",
		Candidate:   &interviewingio.Candidate{Name: "Ada Lovelace", Email: "ada@example.com", Phone: "+44 20 7946 0958", LinkedIn: "https://www.linkedin.com/in/adalove"},
		Feedback:    &interviewingio.Feedback{Technical: 4, Communication: 3, ProblemSolving: 4, Text: "Saw the race at once."},
		Interviewer: interviewingio.Interviewer{Name: "Grace Hopper"}, RecordingURL: "https://interviewing.io/recordings/7",
	}
}

// failed is the result of somebody who is not, with all that must not leave.
func (s scene) failed(id string) interviewingio.Result {
	r := s.passed(id)
	r.Outcome, r.Consents, r.Pseudonym, r.Candidate.Employer = "no", false, "Quiet Falcon", "Analytical Engines"
	r.Feedback.Text = "Ada (ada@example.com) of Analytical  engines, see linkedin.com/in/adalove, call 020 7946 0958. LOVELACE's heap was slow; Adagio is music."
	return r
}

// send gives a result, which has to be answered so.
func (s scene) send(r interviewingio.Result, want int) {
	s.t.Helper()
	if status := s.Call(http.MethodPost, base+"interviews", r, nil); status != want {
		s.t.Fatalf("%s version %d: status %d, want %d", r.InterviewID, r.Version, status, want)
	}
}

// sent gives a result and waits until it has ended.
func (s scene) sent(r interviewingio.Result) interviewingio.Interview {
	s.t.Helper()
	s.send(r, http.StatusAccepted)
	quiet()
	return s.standing(r.InterviewID)
}

// done gives a result, which has to come to stand in Lever.
func (s scene) done(r interviewingio.Result) interviewingio.Interview {
	s.t.Helper()
	i := s.sent(r)
	if i.State != "done" || i.Profile == nil {
		s.t.Fatalf("%+v", i)
	}
	return i
}

// standing is what has become of an interview.
func (s scene) standing(id string) interviewingio.Interview {
	s.t.Helper()
	var i interviewingio.Interview
	if status := s.Call(http.MethodGet, base+"interviews/"+id, nil, &i); status != http.StatusOK {
		s.t.Fatalf("interview %s: status %d", id, status)
	}
	return i
}

func (s scene) client() *lever.Client {
	return must(lever.New(lever.Options{BaseURL: rig.Lever + "/v1", Auth: lever.APIKey(s.C.LeverAPIKey), Transport: s}))(s.t)
}

func (s scene) opportunity(id string) *lever.Opportunity {
	s.t.Helper()
	return must(s.client().Opportunity(context.Background(), id))(s.t)
}

func (s scene) opportunities() []lever.Opportunity {
	s.t.Helper()
	return must(lever.Collect(s.client().Opportunities(context.Background(), lever.OpportunityFilter{})))(s.t)
}

// ours are the opportunities that came of interviews.
func (s scene) ours() []lever.Opportunity {
	s.t.Helper()
	return slices.DeleteFunc(s.opportunities(), func(o lever.Opportunity) bool { return !slices.Contains(o.Sources, "interviewing.io") })
}

// notes are the notes on an opportunity.
func (s scene) notes(opportunity string) []lever.Note {
	s.t.Helper()
	all := must(lever.Collect(s.client().Notes(context.Background(), opportunity)))(s.t)
	return slices.DeleteFunc(all, func(n lever.Note) bool { return n.DeletedAt != 0 })
}

// writes are the bodies of the calls that wrote something in Lever, with who is
// named as their author.
func (s scene) writes() []string {
	s.t.Helper()
	var all []string
	for _, r := range must(s.Twin.Requests(s.Account))(s.t) {
		if r.Method != http.MethodGet && !strings.Contains(r.Path, "/webhooks") {
			all = append(all, r.Method+" "+r.Path+"?"+r.Query+" "+r.Body)
		}
	}
	return all
}

func (s scene) expectEnd(id, state, reason string) {
	s.t.Helper()
	if i := s.standing(id); i.State != state || i.Reason != reason {
		s.t.Errorf("%s is %s %s, want %s %s", id, i.State, i.Reason, state, reason)
	}
}

// changes are the stages that the partner was told of, with the outcome.
func (s scene) changes(opportunity string) []string {
	s.t.Helper()
	var all []string
	for _, d := range s.Arrived(opportunity) {
		var c interviewingio.StageChange
		if d.Type == "candidate.stage_changed" {
			if err := json.Unmarshal(d.Data, &c); err != nil {
				s.t.Fatal(err)
			}
			all = append(all, strings.TrimSpace(c.From.Text+" > "+c.Stage.Text+" "+c.Outcome))
		}
	}
	return all
}

// deactivated is a change of a user.
func deactivated(yes bool) desk.Person { return desk.Person{Deactivated: &yes} }

// keyed gives a result under an Idempotency-Key.
func (s scene) keyed(key string, r interviewingio.Result) int {
	s.t.Helper()
	status, _ := s.Ask(s.t, s.C.PartnerAPIKey, http.MethodPost, strings.Replace(base, "{c}", s.C.ID, 1)+"interviews", r, "Idempotency-Key", key)
	return status
}

// newKey is the API key that the customer issues after the first was revoked.
const newKey = "another key of the customer's"

// renew gives the connection a new key, as the set-up does, with what waited for it.
func (s scene) renew() {
	s.t.Helper()
	s.Do(s.Twin.CreateKey(s.Account, desk.NewKey{Name: "new", Secret: newKey}))
	c := must(s.Table.Connection(context.Background(), s.C.ID))(s.t)
	was := must(s.Table.Credential(context.Background(), s.C.ID))(s.t)
	c.LostAt, c.LostBecause, was.Secret = 0, "", store.Secret{APIKey: newKey}
	s.Do(nil, s.Table.PutCredential(context.Background(), was, 0))
	s.Do(nil, s.Table.PutConnection(context.Background(), c))
	s.C.LeverAPIKey = newKey
	intake := action.IntakeFromEnv(s.Env(s.t, "PartnerInterviewingIoSync"), s.Table)
	parked := must(s.Table.ActionsParked(context.Background(), s.C.ID, credential.Lost))(s.t)
	if len(parked) != 1 {
		s.t.Errorf("%d actions waited for a key", len(parked))
	}
	for _, a := range parked {
		must(intake.Resume(context.Background(), s.C.ID, a.ID))(s.t)
	}
}

func (s scene) put(v store.Settings) error {
	_, err := s.Table.PutSettings(context.Background(), v)
	return err
}
