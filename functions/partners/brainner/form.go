package brainner

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"fulcrum/shared/action"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
)

// The template of the forms, which is made once in an account, and its fields.
const (
	templateText    = "Brainner screening"
	fieldScore      = "Overall score"
	fieldCriteria   = "Criteria"
	fieldVersion    = "Criteria version"
	fieldModel      = "Model"
	fieldReport     = "Report"
	fieldStanding   = "Standing"
	fieldReference  = "Reference"
	templateObject  = "screening"
	templateSettles = 5 * time.Minute
	// templateWindow is how long after it was noted the template's request may be
	// sent.
	templateWindow = 15 * time.Second
)

func templateFields() []lever.Field {
	var fields []lever.Field
	for _, text := range []string{fieldScore, fieldCriteria, fieldVersion, fieldModel, fieldReport, fieldStanding, fieldReference} {
		kind := "text"
		if text == fieldCriteria {
			kind = "textarea"
		}
		fields = append(fields, lever.Field{Type: kind, Text: text})
	}
	return fields
}

// template is the account's template of our forms.
type template struct{ lever.FormTemplate }

// id is Lever's id of a field, empty where the template has none.
func (t template) id(text string) string {
	for _, f := range t.Fields {
		if f.Text == text {
			return f.ID
		}
	}
	return ""
}

// ours reports whether a template is one that we have made, and that nobody has
// taken a field from.
func (t template) ours() bool {
	if t.Text != templateText {
		return false
	}
	for _, f := range templateFields() {
		if t.id(f.Text) == "" {
			return false
		}
	}
	return true
}

// templateState is what is known of the template: Lever's id, or when it was last
// asked for.
type templateState struct {
	ID      string     `json:"id,omitempty"`
	AskedAt lever.Time `json:"askedAt,omitempty"`
}

// errTemplate has a result wait until it is certain whether the template was made.
var errTemplate = errors.New("the form's template is being made")

// template finds the template in Lever, or has it made. Lever would make a second
// one of a request that is repeated, so that a request is noted before it is sent,
// and not repeated before the one noted would be seen.
func (x *Writer) template(ctx context.Context, w *action.Work) (template, error) {
	var is templateState
	if _, err := w.Object(ctx, templateKind, templateObject, &is); err != nil {
		return template{}, err
	}
	var found []template
	for t, err := range w.Lever.FormTemplates(ctx) {
		if err != nil {
			return template{}, fmt.Errorf("read form templates: %w", err)
		}
		if t := (template{t}); t.ours() {
			found = append(found, t)
		}
	}
	for _, t := range found {
		if t.ID == is.ID {
			return t, nil
		}
	}
	if len(found) > 0 {
		return found[0], x.note(ctx, w, is, templateState{ID: found[0].ID})
	}
	now := lever.At(x.now())
	if now < is.AskedAt+lever.Time(templateSettles.Milliseconds()) {
		return template{}, errTemplate
	}
	return x.make(ctx, w, is, templateState{AskedAt: now})
}

// make has the template made, unless another is quicker.
func (x *Writer) make(ctx context.Context, w *action.Work, was, asked templateState) (template, error) {
	if err := x.note(ctx, w, was, asked); err != nil {
		return template{}, err
	}
	until := asked.AskedAt.Time().Add(templateWindow)
	timed, stop := context.WithDeadline(lever.NotAfter(ctx, until, x.now), until)
	made, err := w.Lever.CreateFormTemplate(timed, lever.NewTemplate{Text: templateText, Fields: templateFields()})
	stop()
	if lever.NotApplied(err) {
		return template{}, errors.Join(err, x.note(ctx, w, asked, templateState{}))
	}
	if err != nil {
		return template{}, fmt.Errorf("make form template: %w", err)
	}
	t := template{*made}
	if !t.ours() {
		// What Lever answers to a write may be less than what it has.
		return template{}, errTemplate
	}
	return t, x.note(ctx, w, asked, templateState{ID: t.ID})
}

// note notes what is known of the template. It fails with errTemplate where it is no
// longer as it was read.
func (x *Writer) note(ctx context.Context, w *action.Work, was, now templateState) error {
	return partner.Change(ctx, x.table, x.deliveries, w.Connection, func(change *partner.Work) error {
		var is templateState
		object, err := change.Object(ctx, templateKind, templateObject, &is)
		if err != nil {
			return err
		}
		if is != was {
			return errTemplate
		}
		return change.Put(object, 0, now)
	})
}

// fill is the form of a result. Lever wants a value for every field of the template,
// also for those that somebody has added.
func (t template) fill(q Result, was resultState) lever.NewForm {
	values := map[string]string{
		fieldScore: scoreText(q), fieldCriteria: criteriaText(q.Criteria), fieldVersion: q.CriteriaVersion, fieldModel: q.Model,
		fieldReport: q.ReportURL, fieldStanding: standing(q, was),
	}
	form := lever.NewForm{BaseTemplateID: t.ID}
	for _, f := range t.Fields {
		v := lever.FieldValue{ID: f.ID}
		if text := values[f.Text]; text != "" {
			v.Value = text
		}
		form.FieldValues = append(form.FieldValues, v)
	}
	return form
}

func scoreText(q Result) string {
	return strconv.FormatFloat(*q.Score, 'f', -1, 64) + " of 100"
}

// standing says which of several results counts: Lever's API can neither change nor
// remove a form.
func standing(q Result, was resultState) string {
	text := fmt.Sprintf("Current: evaluation %d", q.Evaluation)
	if was.Action != "" {
		text += fmt.Sprintf(". Takes the place of all screenings from before, the last one of %s.", was.AcceptedAt.Time().UTC().Format(time.DateOnly))
	}
	return text
}

func criteriaText(all []Criterion) string {
	words := map[string]string{"met": "met", "partly": "partly met", "not_met": "not met", "neutral": "not counted"}
	var lines []string
	for _, c := range all {
		line := c.Name + ": " + words[c.Outcome]
		if c.Reason != "" {
			line += " – " + c.Reason
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// noteText is the note of a result. Lever keeps notes when it anonymizes, so it has
// no more than the verdict and where to read on.
func noteText(q Result, was resultState) string {
	lines := []string{"Brainner screening: " + scoreText(q), fmt.Sprintf("Evaluation %d", q.Evaluation)}
	if q.CriteriaVersion != "" {
		lines[1] += ", criteria " + q.CriteriaVersion
	}
	if q.ReportURL != "" {
		lines = append(lines, q.ReportURL)
	}
	if was.Kind == PostForm {
		lines = append(lines, "Takes the place of the screening in the Forms tab.")
	}
	return strings.Join(lines, "\n")
}
