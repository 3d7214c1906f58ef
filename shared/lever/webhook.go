package lever

import (
	"context"
	"iter"
	"net/http"
)

// Webhook is a webhook of the account. Whether its event is switched on no API
// shows.
type Webhook struct {
	ID            string               `json:"id,omitempty"`
	Event         Event                `json:"event,omitempty"`
	URL           string               `json:"url,omitempty"`
	Configuration WebhookConfiguration `json:"configuration,omitzero"`
	CreatedAt     Time                 `json:"createdAt,omitempty"`
	UpdatedAt     Time                 `json:"updatedAt,omitempty"`
}

// WebhookConfiguration narrows a webhook and holds its key.
type WebhookConfiguration struct {
	Conditions *WebhookConditions `json:"conditions,omitempty"`
	// SignatureToken is in the answer to a creation and nowhere else.
	SignatureToken string `json:"signatureToken,omitempty"`
}

// WebhookConditions name the origins whose events are sent. Only the events of
// candidates and applications take them.
type WebhookConditions struct {
	Origins []string `json:"origins,omitempty"`
}

// Webhooks lists the account's webhooks.
func (c *Client) Webhooks(ctx context.Context) iter.Seq2[Webhook, error] {
	return each(pages[Webhook](ctx, c, nil, "webhooks"))
}

// CreateWebhook makes a webhook and gives it with its signing token. Repeating
// the call makes a second one with another token.
func (c *Client) CreateWebhook(ctx context.Context, event Event, address string) (*Webhook, error) {
	return create[Webhook](ctx, c, "", Webhook{Event: event, URL: address}, "webhooks")
}

// UpdateWebhooks changes webhooks that the API made, each by its id. Members that
// are empty stay as they are.
func (c *Client) UpdateWebhooks(ctx context.Context, webhooks ...Webhook) error {
	in := map[string][]Webhook{"data": webhooks}
	return c.do(ctx, http.MethodPut, nil, in, nil, "webhooks")
}

// DeleteWebhook deletes a webhook that the API made.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, nil, nil, nil, "webhooks", id)
}
