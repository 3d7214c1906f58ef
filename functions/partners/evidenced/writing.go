package evidenced

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fulcrum/shared/action"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// patience is how long a decision waits for an interview that Lever does not have:
// it may be about to be scheduled.
const patience = 15 * time.Minute

// errNotScheduled says that a decision waits for its interview.
var errNotScheduled = errors.New("the interview is not in Lever yet")

// writing is a decision on its way into Lever.
type writing struct {
	*action.Work
	decisions *Decisions
	verdict   *Verdict
	// before is what a version before has written, nil where none has.
	before *written
}

// step is the one write that the decision is.
func (p *writing) step(ctx context.Context) (action.Step, error) {
	s, err := settings(ctx, p.Own())
	if err != nil {
		return action.Step{}, err
	}
	judge := action.Person{ID: p.verdict.Interviewer.UserID}
	if judge.ID == "" {
		judge.Email = p.verdict.Interviewer.Email
	}
	as, own, err := p.User(ctx, judge, action.Person{Email: s.PerformAs})
	if err != nil {
		return action.Step{}, err
	}
	kind := p.begun()
	if kind == note || kind == "" && (s.WriteMode == WriteNote || !own) {
		return p.note(as), nil
	}
	f, err := p.form(ctx)
	if err != nil || f == nil {
		return p.note(as), err
	}
	return p.feedback(as, f), nil
}

// begun is the step that may have been written already, or that a version before
// has written: it does not become another.
func (p *writing) begun() string {
	for _, s := range p.Action.Steps {
		if s.State != store.ActionPlanned || s.Unsure > 0 {
			return s.Name
		}
	}
	if p.before != nil {
		return p.before.Step
	}
	return ""
}

// instead is Lever's id of what the step takes the place of.
func (p *writing) instead(step string) string {
	if p.before == nil || p.before.Step != step {
		return ""
	}
	return p.before.LeverID
}

func (p *writing) feedback(as string, f *filled) action.Step {
	return action.Step{Name: feedback, On: p.verdict.CandidacyID, As: as, Write: action.Feedback{
		Form: f.form, Reference: f.reference, Instead: p.instead(feedback),
	}}
}

// note is a decision as a note. It says who decided: the note is not theirs.
func (p *writing) note(as string) action.Step {
	v := p.verdict
	lines := []string{fmt.Sprintf("Evidenced: %s decided %s.", strings.TrimSpace(v.Interviewer.Name), v.Decision)}
	if v.Reason != "" {
		lines = append(lines, "Reason: "+v.Reason)
	}
	if v.EvidenceURL != "" {
		lines = append(lines, "Evidence: "+v.EvidenceURL)
	}
	return action.Step{Name: note, On: v.CandidacyID, As: as, Write: action.Note{Text: strings.Join(lines, "\n"), Instead: p.instead(note)}}
}

// filled is a filled form of feedback, and its field that takes the mark.
type filled struct {
	form      lever.NewFeedback
	reference string
}

// form is the decision as feedback on its interview, or with the fields that what a
// version before has written has; nil where it cannot be.
func (p *writing) form(ctx context.Context) (*filled, error) {
	if id := p.instead(feedback); id != "" {
		old, err := p.Lever.Feedback(ctx, p.verdict.CandidacyID, id)
		switch {
		case err == nil && old.DeletedAt == 0:
			return p.fill(old.BaseTemplateID, old.Fields)
		case err != nil && !lever.NotFound(err):
			return nil, fmt.Errorf("read feedback: %w", err)
		}
	}
	i, err := p.interview(ctx)
	if err != nil || i == nil {
		return nil, err
	}
	t, err := p.template(ctx)
	if err != nil || t == nil {
		return nil, err
	}
	f, err := p.fill(t.ID, t.Fields)
	if err != nil {
		return nil, err
	}
	f.form.Panel, f.form.Interview = i.Panel, i.ID
	return f, nil
}

// interview is the decision's interview in Lever. Where it has none the decision
// waits a while, unless it is known that the interview is gone.
func (p *writing) interview(ctx context.Context) (*lever.Interview, error) {
	id := p.verdict.InterviewID
	if id == "" {
		return nil, nil
	}
	i, err := p.Lever.Interview(ctx, p.verdict.CandidacyID, id)
	if err == nil {
		return i, nil
	}
	if !lever.NotFound(err) {
		return nil, fmt.Errorf("read interview: %w", err)
	}
	var known interviewState
	if _, err := p.Object(ctx, interviewKind, id, &known); err != nil {
		return nil, err
	}
	if known.Gone == "" && p.decisions.now().Sub(p.Action.CreatedAt.Time()) < patience {
		return nil, errNotScheduled
	}
	return nil, nil
}

// fill fills in the fields.
func (p *writing) fill(templateID string, fields []lever.Field) (*filled, error) {
	at, err := p.verdict.decidedAt()
	if err != nil {
		return nil, err
	}
	v := p.verdict
	f := &filled{form: lever.NewFeedback{BaseTemplateID: templateID, CompletedAt: at}}
	for _, field := range fields {
		value := lever.FieldValue{ID: field.ID}
		switch field.Text {
		case ratingField:
			value.Value = rating(field, v.Decision)
		case decisionField:
			value.Value = v.Decision
		case reasonField:
			value.Value = v.Reason
		case evidenceField:
			value.Value = v.EvidenceURL
		case referenceField:
			f.reference = field.ID
			continue
		default:
			continue
		}
		f.form.FieldValues = append(f.form.FieldValues, value)
	}
	return f, nil
}

// rating is the answer of the template's own scale that is the decision: 3 of 4 is
// a hire, 2 of 4 is none.
func rating(field lever.Field, decision string) any {
	digit := "2"
	if decision == yes {
		digit = "3"
	}
	for _, o := range field.Options {
		if strings.HasPrefix(o.Text, digit) {
			return o.Text
		}
	}
	return nil
}

// The template's name, and the names of its fields. Lever wants exactly one field
// of type score-system.
const (
	templateName   = "Evidenced decision"
	ratingField    = "Rating"
	decisionField  = "Hire"
	reasonField    = "Hiring reason"
	evidenceField  = "Evidence"
	referenceField = "Reference"
)

func newTemplate() lever.NewTemplate {
	return lever.NewTemplate{
		Text: templateName, Instructions: "Filled in by Evidenced.",
		Fields: []lever.Field{
			{Type: "score-system", Text: ratingField}, {Type: "yes-no", Text: decisionField}, {Type: "textarea", Text: reasonField},
			{Type: "text", Text: evidenceField}, {Type: "text", Text: referenceField},
		},
	}
}

// isOurs reports whether a template is one that decisions can be written with.
func isOurs(t lever.FeedbackTemplate) bool {
	return t.Text == templateName && !slices.ContainsFunc(newTemplate().Fields, func(f lever.Field) bool {
		return !slices.ContainsFunc(t.Fields, func(g lever.Field) bool { return f.Text == g.Text && f.Type == g.Type })
	})
}

// templateState is when somebody may make the template next.
type templateState struct {
	Until lever.Time `json:"until"`
}

// making is how long a template may be on its way.
const making = 2 * time.Minute

// errTemplate says that somebody makes the template at the moment.
var errTemplate = errors.New("the feedback template is being made")

// template is the account's template of decisions, which is made where there is
// none; nil where the credential may not. Lever has no way to make it only once, so
// only one worker at a time makes it, and looks whether it is there first.
func (p *writing) template(ctx context.Context) (*lever.FeedbackTemplate, error) {
	all, err := lever.Collect(p.Lever.FeedbackTemplates(ctx))
	if err != nil {
		return nil, mayNot(err)
	}
	if i := slices.IndexFunc(all, isOurs); i >= 0 {
		return &all[i], nil
	}
	var s templateState
	o, err := p.Object(ctx, templateKind, decisionKind, &s)
	if err != nil {
		return nil, err
	}
	now := p.decisions.now()
	if s.Until > lever.At(now) {
		return nil, errTemplate
	}
	w := p.Own()
	if err := w.Put(o, 0, templateState{Until: lever.At(now.Add(making))}); err != nil {
		return nil, err
	}
	if err := p.decisions.table.Commit(ctx, w.Commit(store.Event{})); err != nil {
		return nil, err
	}
	t, err := p.Lever.CreateFeedbackTemplate(ctx, newTemplate())
	return t, mayNot(err)
}

// mayNot is nil for what the credential may not do.
func mayNot(err error) error {
	if lever.Forbidden(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("feedback template: %w", err)
	}
	return nil
}
