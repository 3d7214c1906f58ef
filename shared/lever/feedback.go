package lever

import (
	"context"
	"iter"
	"net/http"
)

// FeedbackTemplate is a form for feedback. It has exactly one field of type
// score-system.
type FeedbackTemplate struct {
	ID     string  `json:"id"`
	Text   string  `json:"text"`
	Fields []Field `json:"fields"`
}

// FeedbackTemplates lists the account's templates.
func (c *Client) FeedbackTemplates(ctx context.Context) iter.Seq2[FeedbackTemplate, error] {
	return each(pages[FeedbackTemplate](ctx, c, nil, "feedback_templates"))
}

// CreateFeedbackTemplate makes a template. Repeating the call makes a second one.
func (c *Client) CreateFeedbackTemplate(ctx context.Context, t NewTemplate) (*FeedbackTemplate, error) {
	return create[FeedbackTemplate](ctx, c, "", t, "feedback_templates")
}

// Feedback is a filled form on an opportunity. Lever gives one that was deleted
// with its DeletedAt.
type Feedback struct {
	ID             string  `json:"id"`
	Type           string  `json:"type"`
	Text           string  `json:"text"`
	Fields         []Field `json:"fields"`
	BaseTemplateID string  `json:"baseTemplateId"`
	Interview      string  `json:"interview"`
	Panel          string  `json:"panel"`
	User           string  `json:"user"`
	CreatedAt      Time    `json:"createdAt"`
	CompletedAt    Time    `json:"completedAt"`
	UpdatedAt      Time    `json:"updatedAt"`
	DeletedAt      Time    `json:"deletedAt"`
}

// Feedbacks lists an opportunity's feedback forms.
func (c *Client) Feedbacks(ctx context.Context, opportunityID string) iter.Seq2[Feedback, error] {
	return each(pages[Feedback](ctx, c, nil, "opportunities", opportunityID, "feedback"))
}

// Feedback reads one feedback form.
func (c *Client) Feedback(ctx context.Context, opportunityID, id string) (*Feedback, error) {
	return get[Feedback](ctx, c, nil, "opportunities", opportunityID, "feedback", id)
}

// NewFeedback is what a feedback form is made of. Panel and Interview come both
// or not at all.
type NewFeedback struct {
	BaseTemplateID string       `json:"baseTemplateId"`
	Panel          string       `json:"panel,omitempty"`
	Interview      string       `json:"interview,omitempty"`
	FieldValues    []FieldValue `json:"fieldValues"`
	CompletedAt    Time         `json:"completedAt,omitempty"`
}

// CreateFeedback fills in a form in a user's name. Repeating the call makes a
// second one.
func (c *Client) CreateFeedback(ctx context.Context, userID, opportunityID string, f NewFeedback) (*Feedback, error) {
	return create[Feedback](ctx, c, userID, f, "opportunities", opportunityID, "feedback")
}

// UpdateFeedback changes the values of a form that the API made. What Lever
// answers is a document of another form, so nothing of it is given.
func (c *Client) UpdateFeedback(ctx context.Context, userID, opportunityID, id string, values []FieldValue) error {
	in := map[string]any{"fieldValues": values}
	return c.do(ctx, http.MethodPut, performAs(userID), in, nil, "opportunities", opportunityID, "feedback", id)
}

// DeleteFeedback deletes a form that the API made.
func (c *Client) DeleteFeedback(ctx context.Context, userID, opportunityID, id string) error {
	return c.do(ctx, http.MethodDelete, performAs(userID), nil, nil, "opportunities", opportunityID, "feedback", id)
}
