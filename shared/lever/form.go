package lever

import (
	"context"
	"iter"
)

// FormTemplate is a template of the forms on a candidate's profile.
type FormTemplate struct {
	ID     string  `json:"id"`
	Text   string  `json:"text"`
	Fields []Field `json:"fields"`
}

// FormTemplates lists the account's templates of profile forms.
func (c *Client) FormTemplates(ctx context.Context) iter.Seq2[FormTemplate, error] {
	return each(pages[FormTemplate](ctx, c, nil, "form_templates"))
}

// CreateFormTemplate makes a template. Repeating the call makes a second one.
func (c *Client) CreateFormTemplate(ctx context.Context, t NewTemplate) (*FormTemplate, error) {
	return create[FormTemplate](ctx, c, "", t, "form_templates")
}

// Form is a filled form on an opportunity's profile.
type Form struct {
	ID             string  `json:"id"`
	Text           string  `json:"text"`
	Fields         []Field `json:"fields"`
	BaseTemplateID string  `json:"baseTemplateId"`
	User           string  `json:"user"`
	CreatedAt      Time    `json:"createdAt"`
	CompletedAt    Time    `json:"completedAt"`
	DeletedAt      Time    `json:"deletedAt"`
}

// Forms lists an opportunity's profile forms.
func (c *Client) Forms(ctx context.Context, opportunityID string) iter.Seq2[Form, error] {
	return each(pages[Form](ctx, c, nil, "opportunities", opportunityID, "forms"))
}

// NewForm is what a profile form is made of: a value for every field of the
// template, nil for one that stays empty.
type NewForm struct {
	BaseTemplateID string       `json:"baseTemplateId"`
	FieldValues    []FieldValue `json:"fieldValues"`
}

// CreateForm fills in a profile form, in a user's name where userID is not empty.
// Repeating the call makes a second one.
func (c *Client) CreateForm(ctx context.Context, userID, opportunityID string, f NewForm) (*Form, error) {
	return create[Form](ctx, c, userID, f, "opportunities", opportunityID, "forms")
}
