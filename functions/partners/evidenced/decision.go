package evidenced

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"fulcrum/shared/action"
	"fulcrum/shared/api"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// decisionAction is the kind of the action that writes a decision in Lever.
const decisionAction = "decision"

// Verdict is an interviewer's decision about a candidacy, as Evidenced sends it.
type Verdict struct {
	// ID is Evidenced's own. A later version of the same decision takes the place of
	// what was written of an earlier one.
	ID      string `json:"id"`
	Version int    `json:"version"`
	// CandidacyID is Lever's id of the opportunity, InterviewID of the interview that
	// the decision is about; it may be empty.
	CandidacyID string `json:"candidacyId"`
	InterviewID string `json:"interviewId"`
	Interviewer Judge  `json:"interviewer"`
	// Decision is yes or no.
	Decision string `json:"decision"`
	Reason   string `json:"reason"`
	// EvidenceURL is where the evidence is, empty for nowhere.
	EvidenceURL string `json:"evidenceUrl"`
	DecidedAt   string `json:"decidedAt"` // RFC 3339
}

// Judge is the interviewer who decided: a user of Lever's by id or e-mail, and the
// name to be shown where they are none.
type Judge struct {
	Name   string `json:"name"`
	UserID string `json:"userId"`
	Email  string `json:"email"`
}

const (
	yes = "yes"
	no  = "no"
	// longest is the longest reason in bytes.
	longest = 10_000
)

// check says what is wrong with a verdict.
func (v *Verdict) check() error {
	var wrong []api.Wrong
	must := func(ok bool, field, detail string) {
		if !ok {
			wrong = append(wrong, api.Wrong{Field: field, Detail: detail})
		}
	}
	must(lever.ValidID(v.ID), "id", "has to be 1 to 64 letters, digits, hyphens and underscores")
	must(v.Version >= 1, "version", "has to be 1 or more")
	must(lever.ValidID(v.CandidacyID), "candidacyId", "has to be the id of a candidacy")
	must(v.InterviewID == "" || lever.ValidID(v.InterviewID), "interviewId", "has to be the id of an interview, or empty")
	must(strings.TrimSpace(v.Interviewer.Name) != "", "interviewer.name", "has to be there")
	must(v.Interviewer.UserID == "" || lever.ValidID(v.Interviewer.UserID), "interviewer.userId", "has to be the id of a user, or empty")
	must(v.Decision == yes || v.Decision == no, "decision", "has to be yes or no")
	must(len(v.Reason) <= longest, "reason", "has to be "+strconv.Itoa(longest)+" bytes at most")
	must(v.EvidenceURL == "" || isLink(v.EvidenceURL), "evidenceUrl", "has to be an https address, or empty")
	_, err := v.decidedAt()
	must(err == nil, "decidedAt", "has to be a time such as 2026-11-21T12:00:00Z, or empty")
	if wrong == nil {
		return nil
	}
	return api.InvalidAll(wrong...)
}

func isLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}

func (v *Verdict) decidedAt() (lever.Time, error) {
	if v.DecidedAt == "" {
		return 0, nil
	}
	at, err := time.Parse(time.RFC3339, v.DecidedAt)
	return lever.At(at), err
}

// hash tells whether two versions say the same.
func (v *Verdict) hash() (string, error) {
	same := *v
	same.Version = 0
	text, err := json.Marshal(same)
	if err != nil {
		return "", fmt.Errorf("decision: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// decisionState is what is known of a decision. What it says is forgotten when it
// is written, and with the candidacy.
type decisionState struct {
	Gone        string         `json:"gone,omitempty"`
	CandidacyID string         `json:"candidacyId,omitempty"`
	InterviewID string         `json:"interviewId,omitempty"`
	Versions    []versionState `json:"versions,omitempty"`
	// Written is what stands in Lever.
	Written *written `json:"written,omitempty"`
}

// versionState is a version of a decision that was asked for.
type versionState struct {
	Version int    `json:"version"`
	Action  string `json:"action"`
	Hash    string `json:"hash"`
	// Verdict is nil once it is written.
	Verdict *Verdict `json:"verdict,omitempty"`
}

// written is what was written of a decision: feedback or a note.
type written struct {
	Version int    `json:"version"`
	Step    string `json:"step"`
	LeverID string `json:"leverId"`
}

func (s decisionState) version(n int) (versionState, bool) {
	i := slices.IndexFunc(s.Versions, func(v versionState) bool { return v.Version == n })
	if i < 0 {
		return versionState{}, false
	}
	return s.Versions[i], true
}

func (s decisionState) latest() versionState {
	if len(s.Versions) == 0 {
		return versionState{}
	}
	return s.Versions[len(s.Versions)-1]
}

// asked is the request of a decision's action: what it says is in the decision.
type asked struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Hash    string `json:"hash"`
}

func (a asked) ref() string { return a.ID + "/" + strconv.Itoa(a.Version) }

// Decisions writes decisions in Lever. It is safe for concurrent use.
type Decisions struct {
	table *store.Table
	now   func() time.Time
}

// NewDecisions makes the Actor of Evidenced's actions. now is the clock.
func NewDecisions(table *store.Table, now func() time.Time) *Decisions {
	return &Decisions{table: table, now: now}
}

// Name is evidenced.
func (*Decisions) Name() string { return name }

// The steps of a decision: one of them.
const (
	feedback = "feedback"
	note     = "note"
)

var (
	errNotNoted = errors.New("the decision is not noted yet")
	errEarlier  = errors.New("an earlier version of the decision has not ended")
)

// Plan writes a decision as feedback on its interview, or as a note where that
// cannot be. What a version before has written is changed.
func (d *Decisions) Plan(ctx context.Context, w *action.Work) ([]action.Step, error) {
	var a asked
	if err := w.Request(&a); err != nil {
		return nil, err
	}
	var s decisionState
	if _, err := w.Object(ctx, decisionKind, a.ID, &s); err != nil {
		return nil, err
	}
	v, there := s.version(a.Version)
	switch {
	case s.Gone != "":
		return nil, fault.Permanent("candidate_erased", errors.New("the candidate is gone"))
	case !there:
		return nil, errNotNoted
	case v.Verdict == nil || s.Written != nil && s.Written.Version > a.Version:
		return nil, fault.Permanent("newer_version_written", errors.New("a newer version of the decision is written"))
	}
	if err := d.earlier(ctx, w, s, a.Version); err != nil {
		return nil, err
	}
	p := &writing{Work: w, decisions: d, verdict: v.Verdict, before: s.Written}
	step, err := p.step(ctx)
	if err != nil {
		return nil, err
	}
	return []action.Step{step}, nil
}

// earlier fails while a version before has not ended: versions are written in their
// order.
func (d *Decisions) earlier(ctx context.Context, w *action.Work, s decisionState, version int) error {
	for _, v := range s.Versions {
		if v.Version >= version || v.Verdict == nil {
			continue
		}
		a, err := d.table.Action(ctx, w.Connection.ID, v.Action)
		if errors.Is(err, store.ErrNotFound) || err == nil && a.State.Ended() {
			continue
		}
		if err != nil {
			return err
		}
		return errEarlier
	}
	return nil
}

// Keep notes what was written of a decision, and forgets what it says.
func (d *Decisions) Keep(ctx context.Context, w *action.Work) ([]store.Object, error) {
	step := made(w.Action)
	if w.Action.State != store.ActionDone || step == nil {
		return nil, nil
	}
	var a asked
	if err := w.Request(&a); err != nil {
		return nil, err
	}
	var s decisionState
	o, err := w.Object(ctx, decisionKind, a.ID, &s)
	if err != nil || s.Gone != "" {
		return nil, err
	}
	s.Written = &written{Version: a.Version, Step: step.Name, LeverID: step.LeverID}
	s.Versions = slices.Clone(s.Versions)
	for i := range s.Versions {
		if s.Versions[i].Version <= a.Version {
			s.Versions[i].Verdict = nil
		}
	}
	p := w.Own()
	if err := p.Put(o, 0, s); err != nil {
		return nil, err
	}
	return p.Commit(store.Event{}).Objects, nil
}

func made(a store.Action) *store.ActionStep {
	for i, s := range a.Steps {
		if s.State == store.ActionDone {
			return &a.Steps[i]
		}
	}
	return nil
}
