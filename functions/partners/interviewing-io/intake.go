package interviewingio

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"fulcrum/shared/action"
	"fulcrum/shared/api"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// Interview is what has become of an interview's result, as interviewing.io sees
// it.
type Interview struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	// State is waiting while there is no feedback; planned, posting or ambiguous
	// while the newest version is on its way; and done or parked when it has ended,
	// for the Reason.
	State  string `json:"state"`
	Reason string `json:"reason"`
	// Profile is where it stands in Lever; that of an earlier version, where the
	// newest is on its way.
	Profile    *Profile `json:"profile"`
	AcceptedAt string   `json:"acceptedAt"` // RFC 3339, UTC
	EndedAt    string   `json:"endedAt"`
}

// Profile is an opportunity in Lever that was made of an interview.
type Profile struct {
	OpportunityID string `json:"opportunityId"`
	NoteID        string `json:"noteId"`
	// Revealed says that it has the candidate's identity, and not the pseudonym.
	Revealed bool `json:"revealed"`
	// PerformedAs is Lever's id of the user in whose name it was written.
	PerformedAs string `json:"performedAs"`
	// Version is that of the result that stands there.
	Version int `json:"version"`
	// Stage and Outcome are how far the candidate has come.
	Stage   Stage  `json:"stage"`
	Outcome string `json:"outcome"`
}

// waiting is the state of an interview without feedback.
const waiting = "waiting"

// intake takes results in.
type intake struct {
	table   *store.Table
	actions *action.Intake
}

// problems of results.
func gone() error {
	return &api.Problem{Status: http.StatusGone, Detail: "The candidate was erased in Lever."}
}

func otherVersion() error { return api.Conflict("This version of the result says something else.") }

// take takes a result in: the same version again, and a later one that says the
// same, lead to nothing new. One that was parked is gone on with: who sends it again
// asks for it. What a result of somebody who is not revealed says of the person ends
// here.
func (n intake) take(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	var in Result
	if err := api.Decode(r, &in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	result := in.kept()
	hash, err := result.hash()
	if err != nil {
		return nil, err
	}
	var s interviewState
	if err := n.state(ctx, c.ID, interviewKind, result.InterviewID, &s); err != nil {
		return nil, err
	}
	known, err := s.judge(result, hash)
	if err != nil {
		return nil, err
	}
	if err := n.note(ctx, r, c, result, known, hash); err != nil {
		return nil, err
	}
	i, err := n.interview(ctx, c.ID, result.InterviewID)
	if err != nil {
		return nil, err
	}
	return api.Accepted("/v1/interviewing-io/connections/"+c.ID+"/interviews/"+result.InterviewID, i)
}

// judge gives the version that says what was said before, zero for a new one.
func (s *interviewState) judge(r *Result, hash string) (version int, err error) {
	if s.Gone != "" {
		return 0, gone()
	}
	if r.Feedback == nil {
		return 0, nil
	}
	same := s.version(r.Version)
	switch latest := s.latest(); {
	case same != nil && same.Hash == hash:
		return same.Version, nil
	case same != nil:
		return 0, otherVersion()
	case r.Version < latest.Version:
		return 0, api.Conflict("There is a newer version of the result.")
	case latest.Version > 0 && latest.Hash == hash:
		return latest.Version, nil
	}
	return 0, nil
}

// note notes the result, as the known version where it says the same.
func (n intake) note(ctx context.Context, r *api.Request, c store.Connection, result *Result, known int, hash string) error {
	if result.Feedback == nil {
		return partner.Change(ctx, n.table, nil, c, func(w *partner.Work) error { return wait(ctx, w, result.InterviewID) })
	}
	if known != 0 {
		result.Version = known
	}
	a, err := n.accept(ctx, r, c, result, hash)
	if err != nil {
		return err
	}
	err = partner.Change(ctx, n.table, nil, c, func(w *partner.Work) error {
		return noteVersion(ctx, w, result.InterviewID, a, versionState{Version: result.Version, Action: a.ID, Hash: hash, Result: result})
	})
	if err != nil || a.State != store.ActionParked {
		return err
	}
	_, err = n.actions.Resume(ctx, c.ID, a.ID)
	return err
}

// accept notes the action; what it is about follows it. Whichever of the two is
// missing after a crash comes with the request's repetition.
func (n intake) accept(ctx context.Context, r *api.Request, c store.Connection, result *Result, hash string) (store.Action, error) {
	request := asked{ID: result.InterviewID, Version: result.Version, Hash: hash}
	body, err := json.Marshal(request)
	if err != nil {
		return store.Action{}, err
	}
	key, err := api.IdempotencyKey(r)
	if err != nil {
		return store.Action{}, err
	}
	a, err := n.actions.Accept(ctx, action.Request{Connection: c, Kind: export, Ref: request.ref(), Key: key, Body: body})
	if errors.Is(err, store.ErrOtherRequest) {
		return a, otherVersion()
	}
	return a, err
}

// wait notes that an interview has no feedback yet.
func wait(ctx context.Context, w *partner.Work, id string) error {
	var s interviewState
	o, err := w.Object(ctx, interviewKind, id, &s)
	if err != nil || s.Gone != "" || len(s.Versions) > 0 {
		return err
	}
	return w.Put(o, 0, interviewState{Waiting: true})
}

// noteVersion notes a version of a result with its interview. What it says is kept
// until its action has ended.
func noteVersion(ctx context.Context, w *partner.Work, id string, a store.Action, v versionState) error {
	var s interviewState
	o, err := w.Object(ctx, interviewKind, id, &s)
	if err != nil {
		return err
	}
	if s.Gone != "" {
		return gone()
	}
	if s.version(v.Version) != nil && a.State != store.ActionParked {
		return nil
	}
	s.Waiting = false
	s.note(v)
	return w.Put(o, 0, s)
}

// show shows what has become of an interview's result.
func (n intake) show(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	i, err := n.interview(ctx, c.ID, r.Path("i"))
	if err != nil {
		return nil, err
	}
	return api.OK(i)
}

func (n intake) interview(ctx context.Context, connectionID, id string) (*Interview, error) {
	var s interviewState
	if err := n.state(ctx, connectionID, interviewKind, id, &s); err != nil {
		return nil, err
	}
	latest := s.latest()
	i := &Interview{ID: id, Version: latest.Version, State: waiting}
	switch {
	case s.Gone != "":
		return nil, gone()
	case latest.Version == 0 && s.Waiting:
		return i, nil
	case latest.Version == 0:
		return nil, api.NotFound("There is no such interview.")
	}
	a, err := n.table.Action(ctx, connectionID, latest.Action)
	if err != nil {
		return nil, err
	}
	i.State, i.Reason, i.AcceptedAt, i.EndedAt = string(a.State), string(a.Reason), stamp(a.CreatedAt), stamp(a.EndedAt)
	i.Profile, err = n.profile(ctx, connectionID, s.Profile)
	return i, err
}

// profile is where an interview stands in Lever, nil where it does not.
func (n intake) profile(ctx context.Context, connectionID string, p *profileState) (*Profile, error) {
	if p == nil {
		return nil, nil
	}
	var s candidacyState
	if err := n.state(ctx, connectionID, candidacyKind, p.OpportunityID, &s); err != nil {
		return nil, err
	}
	return &Profile{
		OpportunityID: p.OpportunityID, NoteID: p.NoteID, Revealed: p.Revealed, PerformedAs: p.As, Version: p.Version,
		Stage: s.Progress.Stage, Outcome: s.Progress.Outcome,
	}, nil
}

// state reads the state of an object; it stays as it is where there is none.
func (n intake) state(ctx context.Context, connectionID, kind, id string, state any) error {
	o, err := n.table.Object(ctx, connectionID, kind, id)
	if err != nil {
		return err
	}
	return o.Read(state)
}
