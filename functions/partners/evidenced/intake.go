package evidenced

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"fulcrum/shared/action"
	"fulcrum/shared/api"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// Decision is what has become of a decision, as Evidenced sees it.
type Decision struct {
	ID          string `json:"id"`
	Version     int    `json:"version"`
	CandidacyID string `json:"candidacyId"`
	InterviewID string `json:"interviewId,omitempty"`
	// State is planned, posting or ambiguous while the newest version is on its way,
	// and done or parked when it has ended, for the Reason.
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
	// Lever is what stands in Lever; of an earlier version, where the newest is on its
	// way.
	Lever      *Standing `json:"lever,omitempty"`
	AcceptedAt string    `json:"acceptedAt"` // RFC 3339, UTC
	EndedAt    string    `json:"endedAt,omitempty"`
}

// Standing is a decision in Lever.
type Standing struct {
	// As is feedback or note.
	As      string `json:"as"`
	ID      string `json:"id"`
	Version int    `json:"version"`
}

// intake takes decisions in.
type intake struct {
	table   *store.Table
	actions *action.Intake
}

// problems of decisions.
func gone() error {
	return &api.Problem{Status: http.StatusGone, Detail: "The candidate was erased in Lever."}
}

// take takes a decision in: the same version again, and a later one that says the
// same, lead to nothing new.
func (n intake) take(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	var v Verdict
	if err := api.Decode(r, &v); err != nil {
		return nil, err
	}
	if err := v.check(); err != nil {
		return nil, err
	}
	hash, err := v.hash()
	if err != nil {
		return nil, err
	}
	var s decisionState
	if err := n.state(ctx, c.ID, decisionKind, v.ID, &s); err != nil {
		return nil, err
	}
	known, err := s.judge(&v, hash)
	if err != nil {
		return nil, err
	}
	if err := n.candidacy(ctx, c.ID, v.CandidacyID); err != nil {
		return nil, err
	}
	own := store.ActionID(c.ID, c.Partner, decisionAction, asked{ID: v.ID, Version: v.Version}.ref())
	if known == "" || known == own {
		if err := n.accept(ctx, r, c, &v, hash); err != nil {
			return nil, err
		}
	}
	d, err := n.decision(ctx, c.ID, v.ID)
	if err != nil {
		return nil, err
	}
	return api.Accepted("/v1/evidenced/connections/"+c.ID+"/decisions/"+v.ID, d)
}

// judge gives the action of a decision that says what was said before, empty for
// one that is new.
func (s decisionState) judge(v *Verdict, hash string) (action string, err error) {
	if s.Gone != "" {
		return "", gone()
	}
	same, there := s.version(v.Version)
	switch latest := s.latest(); {
	case there && same.Hash == hash:
		return same.Action, nil
	case there:
		return "", api.Conflict("This version of the decision says something else.")
	case v.Version < latest.Version:
		return "", api.Conflict("There is a newer version of the decision.")
	case latest.Version > 0 && s.CandidacyID != v.CandidacyID:
		return "", api.Conflict("The decision is about another candidacy.")
	case latest.Version > 0 && latest.Hash == hash:
		return latest.Action, nil
	}
	return "", nil
}

// candidacy fails unless there is one to write to.
func (n intake) candidacy(ctx context.Context, connectionID, id string) error {
	var s candidacyState
	if err := n.state(ctx, connectionID, candidacyKind, id, &s); err != nil {
		return err
	}
	switch {
	case s.Gone != "":
		return gone()
	case !s.known():
		return api.Invalid("candidacyId", "is none that Lever has")
	}
	return nil
}

// accept notes the action, and then what it is about: whichever of the two is
// missing after a crash comes with the request's repetition.
func (n intake) accept(ctx context.Context, r *api.Request, c store.Connection, v *Verdict, hash string) error {
	request := asked{ID: v.ID, Version: v.Version, Hash: hash}
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	key, err := api.IdempotencyKey(r)
	if err != nil {
		return err
	}
	a, err := n.actions.Accept(ctx, action.Request{Connection: c, Kind: decisionAction, Ref: request.ref(), Key: key, Body: body})
	if errors.Is(err, store.ErrOtherRequest) {
		return api.Conflict("This version of the decision says something else.")
	}
	if err != nil {
		return err
	}
	return partner.Change(ctx, n.table, nil, c, func(w *partner.Work) error {
		return noteVersion(ctx, w, v, versionState{Version: v.Version, Action: a.ID, Hash: hash, Verdict: v})
	})
}

// noteVersion notes a version of a decision, with the decision and with its
// candidacy.
func noteVersion(ctx context.Context, w *partner.Work, v *Verdict, version versionState) error {
	var of candidacyState
	candidacy, err := w.Object(ctx, candidacyKind, v.CandidacyID, &of)
	if err != nil {
		return err
	}
	var s decisionState
	decision, err := w.Object(ctx, decisionKind, v.ID, &s)
	if err != nil {
		return err
	}
	if of.Gone != "" || s.Gone != "" {
		return gone()
	}
	if _, there := s.version(v.Version); there {
		return nil
	}
	s.CandidacyID, s.InterviewID = v.CandidacyID, v.InterviewID
	s.Versions = append(slices.Clone(s.Versions), version)
	slices.SortFunc(s.Versions, func(a, b versionState) int { return a.Version - b.Version })
	if !slices.Contains(of.Decisions, v.ID) {
		of.Decisions = append(slices.Clone(of.Decisions), v.ID)
	}
	return errors.Join(w.Put(decision, 0, s), w.Put(candidacy, candidacy.UpdatedAt, of))
}

// show shows what has become of a decision.
func (n intake) show(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	d, err := n.decision(ctx, c.ID, r.Path("d"))
	if err != nil {
		return nil, err
	}
	return api.OK(d)
}

func (n intake) decision(ctx context.Context, connectionID, id string) (*Decision, error) {
	var s decisionState
	if err := n.state(ctx, connectionID, decisionKind, id, &s); err != nil {
		return nil, err
	}
	latest := s.latest()
	switch {
	case s.Gone != "":
		return nil, gone()
	case latest.Version == 0:
		return nil, api.NotFound("There is no such decision.")
	}
	a, err := n.table.Action(ctx, connectionID, latest.Action)
	if err != nil {
		return nil, err
	}
	d := &Decision{
		ID: id, Version: latest.Version, CandidacyID: s.CandidacyID, InterviewID: s.InterviewID, State: string(a.State), Reason: string(a.Reason),
		AcceptedAt: stamp(a.CreatedAt), EndedAt: stamp(a.EndedAt),
	}
	if w := s.Written; w != nil {
		d.Lever = &Standing{As: w.Step, ID: w.LeverID, Version: w.Version}
	}
	return d, nil
}

// state reads the state of an object; it stays as it is where there is none.
func (n intake) state(ctx context.Context, connectionID, kind, id string, state any) error {
	o, err := n.table.Object(ctx, connectionID, kind, id)
	if err != nil {
		return err
	}
	return o.Read(state)
}
