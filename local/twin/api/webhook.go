package api

import (
	"net/http"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/hook"
)

func webhookRoutes() []route {
	const read, write = "webhooks:read:admin", "webhooks:write:admin"
	return []route{
		{"GET", "/webhooks", read, optional, listWebhooks},
		{"POST", "/webhooks", write, optional, createWebhook},
		{"PUT", "/webhooks", write, optional, putWebhooks},
		{"DELETE", "/webhooks/:webhook", write, optional, deleteWebhook},
	}
}

// webhook is a webhook in Lever's shape. Nothing in it says whether its event is
// switched on.
type webhook struct {
	ID            string        `json:"id"`
	Event         string        `json:"event"`
	URL           string        `json:"url"`
	Configuration configuration `json:"configuration"`
	CreatedAt     int64         `json:"createdAt"`
	UpdatedAt     int64         `json:"updatedAt"`
}

type configuration struct {
	Conditions *conditions `json:"conditions,omitempty"`
	// SignatureToken is in the answer to the creation only.
	SignatureToken string `json:"signatureToken,omitempty"`
}

type conditions struct {
	Origins []string `json:"origins"`
}

func webhookView(w hook.Webhook, withToken bool) webhook {
	v := webhook{ID: w.ID, Event: w.Event, URL: w.URL, CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt}
	if w.Origins != nil {
		v.Configuration.Conditions = &conditions{w.Origins}
	}
	if withToken {
		v.Configuration.SignatureToken = w.SignatureToken
	}
	return v
}

// webhookBody is a webhook on its way in.
type webhookBody struct {
	ID            string  `json:"id"`
	Event         *string `json:"event"`
	URL           *string `json:"url"`
	Configuration struct {
		Conditions struct {
			Origins *[]string `json:"origins"`
		} `json:"conditions"`
		VerifyConnection bool `json:"verifyConnection"`
	} `json:"configuration"`
}

func (b webhookBody) fields() hook.Fields {
	return hook.Fields{Event: b.Event, URL: b.URL, Origins: b.Configuration.Conditions.Origins}
}

// listWebhooks has no paging members.
func listWebhooks(c *call) (answer, error) {
	list := []webhook{}
	for _, w := range c.tenant.Hooks.List() {
		list = append(list, webhookView(w, false))
	}
	return data(http.StatusOK, list)
}

func createWebhook(c *call) (answer, error) {
	var body webhookBody
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	w, err := c.tenant.Hooks.Create(body.fields(), true)
	if err != nil {
		return answer{}, err
	}
	c.verify(body, w.ID)
	return data(http.StatusCreated, webhookView(w, true))
}

// verify sends a connection test if the body asks for one. What Lever does with
// the result is not known; the webhook is saved either way.
func (c *call) verify(body webhookBody, id string) {
	if body.Configuration.VerifyConnection {
		c.tenant.Hooks.Probe(id)
	}
}

func putWebhooks(c *call) (answer, error) {
	var body struct {
		Data []webhookBody `json:"data"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	if len(body.Data) == 0 {
		return answer{}, account.Invalid("data is a list of webhooks with their ids")
	}
	changes := make([]hook.Change, len(body.Data))
	for i, b := range body.Data {
		changes[i] = hook.Change{ID: b.ID, Fields: b.fields()}
	}
	changed, err := c.tenant.Hooks.Update(changes, true)
	if err != nil {
		return answer{}, err
	}
	list := []webhook{}
	for i, w := range changed {
		c.verify(body.Data[i], w.ID)
		list = append(list, webhookView(w, false))
	}
	return data(http.StatusOK, list)
}

func deleteWebhook(c *call) (answer, error) {
	return nothing(c.tenant.Hooks.Delete(c.path["webhook"], true))
}
