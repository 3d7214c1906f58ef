package action

import (
	"bytes"
	"context"
	"slices"

	"fulcrum/shared/lever"
)

// Feedback is a filled feedback form on the opportunity. Lever wants a user in
// whose name it is.
type Feedback struct {
	Form lever.NewFeedback
	// Reference is the template's id of the text field that takes the mark, behind
	// what Form has for it.
	Reference string
	// Instead is Lever's id of the feedback of ours whose values are changed to
	// these; where it is gone, a new one is made.
	Instead string
}

func (f Feedback) kind() kind { return ofFeedback }

func (f Feedback) write(ctx context.Context, s site) (string, error) {
	form := f.Form
	form.FieldValues = withMark(form.FieldValues, f.Reference, s.mark)
	if f.Instead != "" {
		old, err := s.lever.Feedback(ctx, s.opportunity, f.Instead)
		if unless(lever.NotFound, err) != nil {
			return "", unwritten{err}
		}
		if err == nil && old.DeletedAt == 0 {
			return f.Instead, s.lever.UpdateFeedback(ctx, s.as, s.opportunity, f.Instead, form.FieldValues)
		}
	}
	made, err := s.lever.CreateFeedback(ctx, s.as, s.opportunity, form)
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

func findFeedback(ctx context.Context, s site) ([]string, error) {
	forms, err := lever.Collect(s.lever.Feedbacks(ctx, s.opportunity))
	return marked(forms, err, func(f lever.Feedback) (found, bool) {
		return found{f.ID, f.CreatedAt}, f.DeletedAt == 0 && carry(f.Fields, s.mark)
	})
}

func removeFeedback(ctx context.Context, s site, id string) error {
	return unless(lever.NotFound, s.lever.DeleteFeedback(ctx, s.as, s.opportunity, id))
}

// Form is a filled form on the opportunity's profile. Lever's API can neither
// change nor remove one.
type Form struct {
	Form lever.NewForm
	// Reference is the template's id of the text field that takes the mark, behind
	// what Form has for it.
	Reference string
}

func (f Form) kind() kind { return ofForm }

func (f Form) write(ctx context.Context, s site) (string, error) {
	form := f.Form
	form.FieldValues = withMark(form.FieldValues, f.Reference, s.mark)
	made, err := s.lever.CreateForm(ctx, s.as, s.opportunity, form)
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

func findForms(ctx context.Context, s site) ([]string, error) {
	forms, err := lever.Collect(s.lever.Forms(ctx, s.opportunity))
	return marked(forms, err, func(f lever.Form) (found, bool) {
		return found{f.ID, f.CreatedAt}, f.DeletedAt == 0 && carry(f.Fields, s.mark)
	})
}

// withMark are the values with the mark in the field, behind the text that it has.
func withMark(values []lever.FieldValue, field, mark string) []lever.FieldValue {
	values = slices.Clone(values)
	at := slices.IndexFunc(values, func(v lever.FieldValue) bool { return v.ID == field })
	if at < 0 {
		return append(values, lever.FieldValue{ID: field, Value: mark})
	}
	if text, ok := values[at].Value.(string); ok && text != "" {
		mark = text + " " + mark
	}
	values[at].Value = mark
	return values
}

func carry(fields []lever.Field, mark string) bool {
	return slices.ContainsFunc(fields, func(f lever.Field) bool { return bytes.Contains(f.Value, []byte(mark)) })
}
