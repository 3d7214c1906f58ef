package lever

import (
	"context"
	"iter"
)

// Interview is one conversation of a panel.
type Interview struct {
	ID           string        `json:"id"`
	Panel        string        `json:"panel"`
	Subject      string        `json:"subject"`
	Note         string        `json:"note"`
	Interviewers []Interviewer `json:"interviewers"`
	Timezone     string        `json:"timezone"`
	CreatedAt    Time          `json:"createdAt"`
	Date         Time          `json:"date"`
	Duration     int           `json:"duration"` // minutes
	Location     string        `json:"location"`
	// FeedbackTemplate is empty where the panel names none.
	FeedbackTemplate string     `json:"feedbackTemplate"`
	FeedbackForms    []string   `json:"feedbackForms"`
	User             Ref[User]  `json:"user"`
	Stage            Ref[Stage] `json:"stage"`
	// CanceledAt is zero while the interview is to take place.
	CanceledAt    Time     `json:"canceledAt"`
	Postings      []string `json:"postings"`
	OpportunityID string   `json:"opportunityId"`
}

// Interviewer is a user who interviews.
type Interviewer struct {
	ID               string `json:"id"`
	Name             string `json:"name"`
	Email            string `json:"email"`
	FeedbackTemplate string `json:"feedbackTemplate"`
	ResponseStatus   string `json:"responseStatus"`
}

// Interview reads one interview of an opportunity.
func (c *Client) Interview(ctx context.Context, opportunityID, id string) (*Interview, error) {
	return get[Interview](ctx, c, nil, "opportunities", opportunityID, "interviews", id)
}

// Interviews lists an opportunity's interviews.
func (c *Client) Interviews(ctx context.Context, opportunityID string) iter.Seq2[Interview, error] {
	return each(pages[Interview](ctx, c, nil, "opportunities", opportunityID, "interviews"))
}

// Panel is a set of interviews.
type Panel struct {
	ID                string      `json:"id"`
	Applications      []string    `json:"applications"`
	Start             Time        `json:"start"`
	End               Time        `json:"end"`
	Timezone          string      `json:"timezone"`
	Stage             Ref[Stage]  `json:"stage"`
	Note              string      `json:"note"`
	ExternallyManaged bool        `json:"externallyManaged"`
	CanceledAt        Time        `json:"canceledAt"`
	Interviews        []Interview `json:"interviews"`
}

// Panels lists an opportunity's panels.
func (c *Client) Panels(ctx context.Context, opportunityID string) iter.Seq2[Panel, error] {
	return each(pages[Panel](ctx, c, nil, "opportunities", opportunityID, "panels"))
}
