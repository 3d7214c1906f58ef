package brainner_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/functions/partners/brainner"
	"fulcrum/local/partnertest"
	"fulcrum/local/rig"
	leverapi "fulcrum/local/twin/api"
	"fulcrum/shared/api"
)

// decision is a user's on candidates as they were seen.
func decision(id, user string, candidates ...brainner.Candidate) brainner.Decision {
	d := brainner.Decision{ID: id, Type: "archive", RequestedBy: &brainner.Actor{UserID: user}}
	for _, c := range candidates {
		d.Candidates = append(d.Candidates, brainner.Decided{OpportunityID: c.OpportunityID, StageID: c.Stage.ID})
	}
	return d
}

// answered is an answer of the gateway's.
type answered struct {
	status int
	header http.Header
	body   []byte
}

// request makes a request with headers of its own; path is the gateway's or whole.
func (b bench) request(method, path string, body any, header http.Header) answered {
	b.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		b.Fatal(err)
	}
	if !strings.HasPrefix(path, "http") {
		path = rig.Gateway + strings.Replace(path, "{c}", b.C.ID, 1)
		header = header.Clone()
		header.Set("Authorization", "Bearer "+b.C.PartnerAPIKey)
		header.Set("Content-Type", "application/json")
	}
	req, err := http.NewRequestWithContext(b.Context(), method, path, bytes.NewReader(text))
	if err != nil {
		b.Fatal(err)
	}
	if req.Header = header; method == http.MethodGet {
		req.Body, req.ContentLength = nil, 0
	}
	res, err := (&http.Client{Transport: b}).Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	return answered{res.StatusCode, res.Header, all}
}

// choice is the id of one of Lever's stages or archive reasons, by its text.
func (b bench) choice(route, text string) string {
	b.Helper()
	all := list[api.Choice](b, route)
	i := slices.IndexFunc(all, func(c api.Choice) bool { return c.Text == text })
	if i < 0 {
		b.Fatalf("%s is none of %+v", text, all)
	}
	return all[i].ID
}

func TestAB9ManyAreArchivedWhoAreStillThere(t *testing.T) {
	on(t, both, func(b bench) {
		var people []partnertest.Person
		var seen []brainner.Candidate
		for range 30 {
			people = append(people, b.applicant(job))
		}
		time.Sleep(10 * time.Minute)
		for _, p := range people {
			c, _ := b.candidate(p)
			seen = append(seen, c)
		}
		recruiter := users(b)[1]
		underqualified := b.choice("archive-reasons", "Underqualified")
		b.Do(b.Twin.Hire(b.Account, people[3].OpportunityID, ""))
		b.Do(b.Twin.Archive(b.Account, people[4].OpportunityID, "Withdrew"))
		b.Do(b.Twin.Move(b.Account, people[5].OpportunityID, "offer"))
		d := decision("dec-1", "", seen...)
		d.ArchiveReasonID, d.RequestedBy = underqualified, &brainner.Actor{Email: recruiter.Email}
		o := b.acts("actions", d)
		if o.State != "done" || len(o.Steps) != 30 {
			b.Fatalf("%+v", o)
		}
		for i, s := range o.Steps {
			state, reason := "done", ""
			switch i {
			case 3, 4:
				state, reason = "superseded", "archived_meanwhile"
			case 5:
				state, reason = "superseded", "moved_meanwhile"
			}
			is := b.opportunity(people[i]).Archived
			if s.State != state || s.Reason != reason || s.Opportunity != people[i].OpportunityID || (is != nil && is.Reason == underqualified) != (state == "done") {
				b.Errorf("%d: %+v, in Lever %+v", i, s, is)
			}
			if state == "done" && s.As != recruiter.ID {
				b.Errorf("archived as %q, want %q", s.As, recruiter.ID)
			}
		}
		b.expect(o.ID, "action.done")
		time.Sleep(10 * time.Minute)
		for i, p := range people {
			c, _ := b.candidate(p)
			if i == 5 && (c.Archived || c.Stage.ID != "offer") || i != 5 && !c.Archived {
				b.Errorf("Brainner was not told of %d: %+v", i, c.Stage)
			}
		}
		requests, err := b.Twin.Requests(b.Account)
		b.Do(requests, err)
		for _, r := range requests {
			if r.Status == http.StatusTooManyRequests {
				b.Error("Lever's rate was exceeded")
				break
			}
		}
	})
}

func TestOneIsAdvanced(t *testing.T) {
	on(t, both, func(b bench) {
		p, c := b.screened()
		screen := b.choice("stages", "Recruiter screen")
		d := decision("dec-1", users(b)[1].ID, c)
		d.Type, d.ToStageID = "advance", screen
		for range 2 {
			if o := b.acts("actions", d); o.State != "done" || o.Steps[0].State != "done" {
				b.Errorf("%+v", o)
			}
		}
		quiet()
		changes := b.opportunity(p).StageChanges
		if last := changes[len(changes)-1]; len(changes) != 2 || last.ToStageID != screen || last.UserID != users(b)[1].ID {
			b.Errorf("stage changes %+v", changes)
		}
		if c, _ = b.candidate(p); c.Stage.ID != screen || c.Stage.Text != "Recruiter screen" {
			b.Errorf("candidate in %+v", c.Stage)
		}
		b.expect(p.OpportunityID, "candidate.received action.done candidate.updated")
	})
}

func TestAB10AReasonOrStageThatIsGoneIsRefused(t *testing.T) {
	on(t, both, func(b bench) {
		p, c := b.screened()
		d := decision("dec-1", users(b)[1].ID, c)
		d.ArchiveReasonID = b.choice("archive-reasons", "Timing")
		b.Do(b.Twin.ChangeReason(b.Account, d.ArchiveReasonID, "", "inactive"))
		time.Sleep(time.Second)
		a := b.request("POST", base+"actions", d, http.Header{})
		var problem api.Problem
		if err := json.Unmarshal(a.body, &problem); err != nil || a.status != 422 || len(problem.Errors) != 1 || problem.Errors[0].Field != "archiveReasonId" {
			b.Fatalf("%d %s", a.status, a.body)
		}
		if len(problem.Choices) != 4 || slices.ContainsFunc(problem.Choices, func(c api.Choice) bool { return c.Text == "Timing" || c.Text == "Hired" }) {
			b.Errorf("choices %+v", problem.Choices)
		}
		stage := b.choice("stages", "Background check")
		b.Do(nil, b.Twin.RemoveStage(b.Account, stage, "offer"))
		time.Sleep(time.Second)
		d.Type, d.ArchiveReasonID, d.ToStageID = "advance", "", stage
		if a := b.request("POST", base+"actions", d, http.Header{}); a.status != 422 {
			b.Errorf("%d %s", a.status, a.body)
		}
		if o := b.opportunity(p); o.Archived != nil || o.Stage != c.Stage.ID {
			b.Errorf("%+v in %s", o.Archived, o.Stage)
		}
	})
	t.Run("also when it goes after it was asked for", func(t *testing.T) {
		on(t, both, func(b bench) {
			p, c := b.screened()
			d := decision("dec-1", users(b)[1].ID, c)
			d.ArchiveReasonID = b.choice("archive-reasons", "Timing")
			time.Sleep(time.Minute)
			b.Do(nil, b.Twin.Inject(leverapi.Fault{Match: "GET /v1/archive_reasons*", Account: b.Account, Status: 503, Times: -1}))
			var o struct{ ID string }
			if status := b.Call("POST", base+"actions", d, &o); status != 202 {
				b.Fatalf("a decision is lost while Lever is away: %d", status)
			}
			b.Do(b.Twin.ChangeReason(b.Account, d.ArchiveReasonID, "", "inactive"))
			b.Twin.Heal()
			if ended := b.ended(o.ID); ended.State != "parked" || ended.Reason != "archive_reason_inactive" {
				b.Errorf("%+v", ended)
			}
			if b.opportunity(p).Archived != nil {
				b.Error("archived with another reason")
			}
		})
	})
}

func TestAB11NothingIsDecidedWithoutAPerson(t *testing.T) {
	on(t, both, func(b bench) {
		p, c := b.screened()
		d := decision("dec-1", "", c)
		d.ArchiveReasonID = b.choice("archive-reasons", "Timing")
		for name, by := range map[string]*brainner.Actor{"nobody": nil, "nobody named": {}} {
			d.RequestedBy = by
			if status := b.Call("POST", base+"actions", d, nil); status != http.StatusUnprocessableEntity {
				b.Errorf("%s: %d", name, status)
			}
		}
		d.RequestedBy = &brainner.Actor{Email: "stranger@example.com"}
		if o := b.acts("actions", d); o.State != "parked" || o.Reason != "no_active_user" {
			b.Errorf("a stranger: %+v", o)
		}
		if b.opportunity(p).Archived != nil {
			b.Error("archived without a person")
		}
		apply(b.T, b.Stage, strings.Replace(both, "{", `{"performAs":"`+users(b)[0].Email+`",`, 1))
		d.ID = "dec-2"
		if o := b.acts("actions", d); o.State != "done" || o.Steps[0].As != users(b)[0].ID {
			b.Errorf("in the name of the settings' user: %+v", o)
		}
	})
}

func TestDecisionsThatAreRefused(t *testing.T) {
	on(t, both, func(b bench) {
		_, c := b.screened()
		reason := b.choice("archive-reasons", "Timing")
		for name, change := range map[string]func(*brainner.Decision){
			"without an id":                      func(d *brainner.Decision) { d.ID = "" },
			"of another type":                    func(d *brainner.Decision) { d.Type = "hire" },
			"with a stage and a reason":          func(d *brainner.Decision) { d.ToStageID = "offer" },
			"without candidates":                 func(d *brainner.Decision) { d.Candidates = nil },
			"with a candidate twice":             func(d *brainner.Decision) { d.Candidates = append(d.Candidates, d.Candidates[0]) },
			"without the stage that was seen":    func(d *brainner.Decision) { d.Candidates[0].StageID = "" },
			"about somebody who is no candidate": func(d *brainner.Decision) { d.Candidates[0].OpportunityID = "22222222-2222-4222-8222-222222222222" },
		} {
			d := decision("dec-1", users(b)[1].ID, c)
			d.ArchiveReasonID = reason
			change(&d)
			if status := b.Call("POST", base+"actions", d, nil); status != http.StatusUnprocessableEntity {
				b.Errorf("%s: %d", name, status)
			}
		}
		for _, id := range []string{"act_unknown", "unknown"} {
			if status := b.Call("GET", base+"actions/"+id, nil, nil); status != http.StatusNotFound {
				b.Errorf("%s: %d", id, status)
			}
		}
	})
}
