package brainner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"fulcrum/shared/action"
	"fulcrum/shared/api"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// Result is what the screening of a candidate came to.
type Result struct {
	// ID is Brainner's own id of the result. A later result is another.
	ID string `json:"id"`
	// OpportunityID is the candidate's in Lever.
	OpportunityID string `json:"opportunityId"`
	// Evaluation is the candidate's evaluation that this is the result of.
	Evaluation int `json:"evaluation"`
	// Score is 0 to 100.
	Score    *float64    `json:"score"`
	Criteria []Criterion `json:"criteria"`
	// CriteriaVersion and Model say what it was screened by.
	CriteriaVersion string `json:"criteriaVersion"`
	Model           string `json:"model"`
	// ReportURL is where people read more.
	ReportURL string `json:"reportUrl"`
	// RequestedBy is in whose name it is written; else the user of the settings.
	RequestedBy *Actor `json:"requestedBy,omitempty"`
}

// Criterion is what one of the recruiter's criteria came to.
type Criterion struct {
	Name string `json:"name"`
	// Outcome is met, partly, not_met or neutral.
	Outcome string `json:"outcome"`
	Reason  string `json:"reason"`
}

// Actor is a person in whose name is written: by Lever's id of the user, or by
// e-mail.
type Actor struct {
	UserID string `json:"userId,omitempty"`
	Email  string `json:"email,omitempty"`
}

func (a *Actor) named() bool { return a != nil && (a.UserID != "" || a.Email != "") }

// Bounds of a result, in bytes and in number.
const (
	maxRef      = 128
	maxText     = 2000
	maxCriteria = 50
)

func (q Result) check() error {
	var wrong []api.Wrong
	need := func(ok bool, field, detail string) {
		if !ok {
			wrong = append(wrong, api.Wrong{Field: field, Detail: detail})
		}
	}
	need(q.ID != "" && len(q.ID) <= maxRef, "id", "has to be 1 to 128 bytes")
	need(lever.ValidID(q.OpportunityID), "opportunityId", "has to be the opportunity of a candidate")
	need(q.Evaluation >= 1, "evaluation", "has to be the candidate's evaluation")
	need(q.Score != nil && *q.Score >= 0 && *q.Score <= 100, "score", "has to be 0 to 100")
	need(len(q.Criteria) <= maxCriteria, "criteria", "has to be at most 50")
	need(len(q.CriteriaVersion) <= maxRef, "criteriaVersion", "has to be at most 128 bytes")
	need(len(q.Model) <= maxRef, "model", "has to be at most 128 bytes")
	need(q.RequestedBy == nil || q.RequestedBy.named(), "requestedBy", "has to name a user by userId or email")
	u, err := url.Parse(q.ReportURL)
	need(q.ReportURL == "" || err == nil && u.Scheme == "https" && u.Host != "" && len(q.ReportURL) <= maxText, "reportUrl", "has to be an address that begins with https://")
	for i, c := range q.Criteria {
		need(c.valid(), fmt.Sprintf("criteria[%d]", i), "has to have a name, an outcome of met, partly, not_met and neutral, and texts of at most 2000 bytes")
	}
	if len(wrong) > 0 {
		return api.InvalidAll(wrong...)
	}
	return nil
}

func (c Criterion) valid() bool {
	switch c.Outcome {
	case "met", "partly", "not_met", "neutral":
		return c.Name != "" && len(c.Name) <= maxText && len(c.Reason) <= maxText
	}
	return false
}

// hash tells results apart by what people see of them.
func (q Result) hash() (string, error) {
	q.ID, q.RequestedBy = "", nil
	text, err := json.Marshal(q)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}

// postResult takes a result that is to be shown in Lever.
func (a *API) postResult(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	var q Result
	if err := api.Decode(r, &q); err != nil {
		return nil, err
	}
	if err := q.check(); err != nil {
		return nil, err
	}
	if err := a.mayPost(ctx, c, q); err != nil {
		return nil, err
	}
	same, err := a.current(ctx, c, q)
	if err != nil {
		return nil, err
	}
	if same != nil {
		return accepted(*same)
	}
	return a.accept(ctx, r, c, resultAction, q.ID, q)
}

// mayPost refuses what is not to be written.
func (a *API) mayPost(ctx context.Context, c store.Connection, q Result) error {
	s, err := settings(ctx, a.work(c))
	switch {
	case err != nil:
		return err
	case !s.Applied:
		return &api.Problem{Type: "settings-not-applied", Title: "Settings not applied", Status: http.StatusConflict, Detail: "Nobody has applied the settings of this connection yet."}
	case s.PostResults == PostOff:
		return &api.Problem{Type: "results-off", Title: "Results are off", Status: http.StatusConflict, Detail: "The settings say that results are not posted."}
	}
	candidate, err := a.candidate(ctx, c, q.OpportunityID)
	if err != nil {
		return err
	}
	return scorable(*candidate.Candidate, q)
}

// scorable refuses a score that nothing was read for.
func scorable(c Candidate, q Result) error {
	switch {
	case !c.Resume.Readable:
		return &api.Problem{Type: "no-readable-resume", Title: "No readable résumé", Status: http.StatusConflict, Detail: "The candidate has no readable résumé: " + string(c.Resume.Problem) + "."}
	case q.Evaluation != c.Evaluation:
		return &api.Problem{Type: "other-evaluation", Title: "Another evaluation", Status: http.StatusConflict, Detail: fmt.Sprintf("The candidate's evaluation is %d.", c.Evaluation)}
	}
	return nil
}

// current is the action that wrote this very result, nil where Lever shows another.
func (a *API) current(ctx context.Context, c store.Connection, q Result) (*store.Action, error) {
	var is resultState
	if _, err := a.work(c).Object(ctx, resultKind, q.OpportunityID, &is); err != nil {
		return nil, err
	}
	hash, err := q.hash()
	if err != nil || is.Hash != hash {
		return nil, err
	}
	done, err := a.table.Action(ctx, c.ID, is.Action)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return &done, err
}

// accept takes an action in. A repeat gives it as far as it has come.
func (a *API) accept(ctx context.Context, r *api.Request, c store.Connection, kind, ref string, request any) (*api.Answer, error) {
	key, err := api.IdempotencyKey(r)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	is, err := a.intake.Accept(ctx, action.Request{Connection: c, Kind: kind, Ref: ref, Key: key, Body: body})
	switch {
	case errors.Is(err, store.ErrOtherRequest):
		return nil, &api.Problem{Type: "id-reused", Title: "Id reused", Status: http.StatusConflict, Detail: "This id came with another request. Use a new one."}
	case err != nil:
		return nil, err
	}
	return accepted(is)
}

func accepted(is store.Action) (*api.Answer, error) {
	return api.Accepted("/v1/brainner/connections/"+is.Connection+"/actions/"+is.ID, action.OutcomeOf(is))
}

// showAction shows what has become of a result or an action.
func (a *API) showAction(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	id := r.Path("a")
	if !lever.ValidID(id) || !strings.HasPrefix(id, "act_") {
		return nil, api.NotFound("There is no such action.")
	}
	is, err := a.table.Action(ctx, c.ID, id)
	if err != nil {
		return nil, err
	}
	return api.OK(action.OutcomeOf(is))
}
