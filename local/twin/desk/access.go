package desk

import (
	"context"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/hook"
	"fulcrum/local/twin/oauth"
	"fulcrum/local/twin/tenant"
)

// NewKey is an API key to create.
type NewKey struct {
	Name string `json:"name"`
	// Secret is the key itself; it is made up unless it is given.
	Secret string `json:"apiKey"`
	// Rights are endpoints as tenant.Key has them; none is all.
	Rights []string `json:"rights"`
	// Confidential gives access to confidential objects.
	Confidential bool `json:"confidential"`
}

// CreateKey makes an API key.
func (d *Desk) CreateKey(accountID string, k NewKey) (tenant.Key, error) {
	user, err := in(d, accountID, func(a *account.Account) (string, error) { return a.SuperAdmin(), nil })
	if err != nil {
		return tenant.Key{}, err
	}
	return d.tenants.AddKey(
		tenant.Key{Account: accountID, Name: k.Name, Secret: k.Secret, Rights: k.Rights, Confidential: k.Confidential, User: user},
	)
}

// Keys are the API keys of an account.
func (d *Desk) Keys(accountID string) []tenant.Key { return d.tenants.Keys(accountID) }

// RemoveKey ends an API key.
func (d *Desk) RemoveKey(accountID, keyID string) error { return d.tenants.RemoveKey(accountID, keyID) }

// RegisterApp registers a partner's app, as Lever's staff does.
func (d *Desk) RegisterApp(a oauth.App) (oauth.App, error) { return d.oauth.Register(a) }

// Apps are the registered apps.
func (d *Desk) Apps() []oauth.App { return d.oauth.Apps() }

// Revoke is Revoke access under Authorized apps. An empty client id is all apps;
// the answer is how many there were.
func (d *Desk) Revoke(accountID, clientID string) (int, error) {
	if _, err := d.tenants.Find(accountID); err != nil {
		return 0, err
	}
	return d.oauth.Revoke(accountID, clientID)
}

// ExpireTokens ends all access tokens of an account as if their hour were over.
func (d *Desk) ExpireTokens(accountID string) error {
	if _, err := d.tenants.Find(accountID); err != nil {
		return err
	}
	return d.oauth.ExpireAccess(accountID)
}

// Settings are how the twin treats an account where Lever's way is not known;
// nil and empty members stay as they are.
type Settings struct {
	// Refresh says what becomes of used refresh tokens: strict or grace.
	Refresh oauth.Rotation `json:"refresh"`
	// EventIDs says whether deliveries carry an id.
	EventIDs *bool `json:"eventIds"`
}

// Set changes settings of an account.
func (d *Desk) Set(accountID string, s Settings) error {
	t, err := d.tenants.Find(accountID)
	if err != nil {
		return err
	}
	if s.Refresh != "" {
		if err := d.oauth.SetRotation(accountID, s.Refresh); err != nil {
			return err
		}
	}
	if s.EventIDs != nil {
		return t.Hooks.SendIDs(*s.EventIDs)
	}
	return nil
}

// Webhook is a webhook as the webhooks page shows it.
type Webhook struct {
	ID             string   `json:"id"`
	Event          string   `json:"event"`
	URL            string   `json:"url"`
	Origins        []string `json:"origins"`
	SignatureToken string   `json:"signatureToken"`
	// MadeByAPI tells those made through the API from those made on the page.
	MadeByAPI bool `json:"madeByApi"`
	// Verified is null before the first connection test.
	Verified *bool `json:"verified"`
}

func webhook(w hook.Webhook) Webhook {
	return Webhook{
		ID: w.ID, Event: w.Event, URL: w.URL, Origins: w.Origins, SignatureToken: w.SignatureToken, MadeByAPI: w.ByAPI,
		Verified: w.Verified,
	}
}

func webhooks(h *hook.Hooks) []Webhook {
	list := []Webhook{}
	for _, w := range h.List() {
		list = append(list, webhook(w))
	}
	return list
}

// NewWebhook is a webhook to add on the webhooks page. Without origins it wants
// them all.
type NewWebhook struct {
	Event   string    `json:"event"`
	URL     string    `json:"url"`
	Origins *[]string `json:"origins"`
}

// AddWebhook adds a webhook as a person does. It cannot be changed through the
// API.
func (d *Desk) AddWebhook(accountID string, n NewWebhook) (Webhook, error) {
	t, err := d.tenants.Find(accountID)
	if err != nil {
		return Webhook{}, err
	}
	w, err := t.Hooks.Create(hook.Fields{Event: &n.Event, URL: &n.URL, Origins: n.Origins}, false)
	if err != nil {
		return Webhook{}, err
	}
	return webhook(w), nil
}

// Webhooks are the account's webhooks, oldest first.
func (d *Desk) Webhooks(accountID string) ([]Webhook, error) {
	t, err := d.tenants.Find(accountID)
	if err != nil {
		return nil, err
	}
	return webhooks(t.Hooks), nil
}

// RemoveWebhook removes a webhook.
func (d *Desk) RemoveWebhook(accountID, webhookID string) error {
	t, err := d.tenants.Find(accountID)
	if err != nil {
		return err
	}
	return t.Hooks.Delete(webhookID, false)
}

// Switch turns events on or off.
func (d *Desk) Switch(accountID string, events map[string]bool) (map[string]bool, error) {
	t, err := d.tenants.Find(accountID)
	if err != nil {
		return nil, err
	}
	if err := t.Hooks.Switch(events); err != nil {
		return nil, err
	}
	return t.Hooks.Switches(), nil
}

// Verify is Verify connection; it waits for the answer.
func (d *Desk) Verify(ctx context.Context, accountID, webhookID string) (hook.Attempt, error) {
	t, err := d.tenants.Find(accountID)
	if err != nil {
		return hook.Attempt{}, err
	}
	return t.Hooks.Verify(ctx, webhookID)
}

// Regenerate is Generate token: the webhook gets another signing key.
func (d *Desk) Regenerate(accountID, webhookID string) (Webhook, error) {
	t, err := d.tenants.Find(accountID)
	if err != nil {
		return Webhook{}, err
	}
	w, err := t.Hooks.Regenerate(webhookID)
	if err != nil {
		return Webhook{}, err
	}
	return webhook(w), nil
}

// Rerun sends a past delivery again; empty is the webhook's last one.
func (d *Desk) Rerun(ctx context.Context, accountID, webhookID, deliveryID string) (hook.Attempt, error) {
	t, err := d.tenants.Find(accountID)
	if err != nil {
		return hook.Attempt{}, err
	}
	return t.Hooks.Rerun(ctx, webhookID, deliveryID)
}
