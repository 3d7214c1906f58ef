package brainner

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"fulcrum/shared/api"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// Decision is what a recruiter has decided on one candidate or many.
type Decision struct {
	// ID is Brainner's own id of the decision.
	ID string `json:"id"`
	// Type is advance to a stage, or archive with a reason.
	Type            string `json:"type"`
	ToStageID       string `json:"toStageId,omitempty"`
	ArchiveReasonID string `json:"archiveReasonId,omitempty"`
	// RequestedBy is the person who has decided. Nothing is decided without one.
	RequestedBy *Actor    `json:"requestedBy"`
	Candidates  []Decided `json:"candidates"`
}

// Decided is a candidate who is decided on.
type Decided struct {
	OpportunityID string `json:"opportunityId"`
	// StageID is the stage in which who decided has seen the candidate. Where Lever
	// has another by then, the candidate is left alone: somebody was quicker.
	StageID string `json:"stageId"`
}

// The kinds of Brainner's actions.
const (
	resultAction  = "result"
	advanceAction = "advance"
	archiveAction = "archive"
)

// maxDecided is how many candidates one decision may be about.
const maxDecided = 100

func (q Decision) check() error {
	var wrong []api.Wrong
	need := func(ok bool, field, detail string) {
		if !ok {
			wrong = append(wrong, api.Wrong{Field: field, Detail: detail})
		}
	}
	advances, archives := q.Type == advanceAction, q.Type == archiveAction
	need(q.ID != "" && len(q.ID) <= maxRef, "id", "has to be 1 to 128 bytes")
	need(advances || archives, "type", "has to be advance or archive")
	need(q.RequestedBy.named(), "requestedBy", "has to name the person who decided, by userId or email")
	need(advances == lever.ValidID(q.ToStageID), "toStageId", "has to be the id of a stage, to advance")
	need(archives == lever.ValidID(q.ArchiveReasonID), "archiveReasonId", "has to be the id of an archive reason, to archive")
	need(len(q.Candidates) > 0 && len(q.Candidates) <= maxDecided, "candidates", "has to be 1 to 100")
	seen := map[string]bool{}
	for i, c := range q.Candidates {
		need(lever.ValidID(c.OpportunityID) && !seen[c.OpportunityID], fmt.Sprintf("candidates[%d].opportunityId", i), "has to be the opportunity of a candidate, and no other's here")
		need(lever.ValidID(c.StageID), fmt.Sprintf("candidates[%d].stageId", i), "has to be the stage in which the candidate was seen")
		seen[c.OpportunityID] = true
	}
	if len(wrong) > 0 {
		return api.InvalidAll(wrong...)
	}
	return nil
}

// postAction takes a decision that is to be done in Lever.
func (a *API) postAction(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	var q Decision
	if err := api.Decode(r, &q); err != nil {
		return nil, err
	}
	if err := q.check(); err != nil {
		return nil, err
	}
	for i, d := range q.Candidates {
		if _, err := a.candidate(ctx, c, d.OpportunityID); err != nil {
			return nil, noCandidate(err, i)
		}
	}
	if err := a.offered(ctx, c, q); err != nil {
		return nil, err
	}
	return a.accept(ctx, r, c, q.Type, q.ID, q)
}

// noCandidate says which of a decision's candidates is none.
func noCandidate(err error, at int) error {
	var p *api.Problem
	if errors.As(err, &p) && p.Status == http.StatusNotFound {
		return api.Invalid(fmt.Sprintf("candidates[%d].opportunityId", at), "is no candidate's")
	}
	return err
}

// offered refuses a stage or an archive reason that Lever does not have now, with
// those that it has. Where Lever does not answer the decision is kept: it is asked
// again before anything is written.
func (a *API) offered(ctx context.Context, c store.Connection, q Decision) error {
	account, err := a.account(ctx, c)
	if err != nil {
		return unlessAway(err)
	}
	field, id, list := "toStageId", q.ToStageID, stages
	if q.Type == archiveAction {
		field, id, list = "archiveReasonId", q.ArchiveReasonID, reasons
	}
	account = account.Since(a.now())
	choices, err := list(ctx, account)
	if err != nil {
		return unlessAway(err)
	}
	if among(choices, id) {
		return nil
	}
	p := api.Invalid(field, "is none that Lever has, or that may be used")
	p.Choices = choices
	return p
}
