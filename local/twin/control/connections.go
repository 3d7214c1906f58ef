package control

import (
	"net/http"

	"fulcrum/local/twin/desk"
	"fulcrum/local/twin/oauth"
)

// app names an app; empty is all.
type app struct {
	ClientID string `json:"clientId"`
}

// past names a past delivery; empty is the last one.
type past struct {
	Delivery string `json:"delivery"`
}

// connections are the calls about keys, apps and webhooks.
func (c *Control) connections() map[string]handler {
	d := c.desk
	const hook = "/{account}/webhooks/{id}"
	return map[string]handler{
		"POST /apps": with(func(_ *http.Request, in oauth.App) (any, error) { return made(d.RegisterApp(in)) }),
		"GET /apps":  func(*http.Request) (any, error) { return list(d.Apps()), nil },
		"POST /{account}/keys": with(
			func(r *http.Request, in desk.NewKey) (any, error) { return made(d.CreateKey(acc(r), in)) },
		),
		"DELETE /{account}/keys/{id}": func(r *http.Request) (any, error) { return nil, d.RemoveKey(acc(r), id(r)) },
		"POST /{account}/revoke": with(func(r *http.Request, in app) (any, error) {
			n, err := d.Revoke(acc(r), in.ClientID)
			return map[string]int{"revoked": n}, err
		}),
		"POST /{account}/expire-tokens": func(r *http.Request) (any, error) { return nil, d.ExpireTokens(acc(r)) },
		"POST /{account}/settings": with(
			func(r *http.Request, in desk.Settings) (any, error) { return nil, d.Set(acc(r), in) },
		),
		"POST /{account}/switches": with(
			func(r *http.Request, in map[string]bool) (any, error) { return plain(d.Switch(acc(r), in)) },
		),
		"GET /{account}/webhooks": func(r *http.Request) (any, error) { return plain(d.Webhooks(acc(r))) },
		"POST /{account}/webhooks": with(
			func(r *http.Request, in desk.NewWebhook) (any, error) { return made(d.AddWebhook(acc(r), in)) },
		),
		"DELETE " + hook:               func(r *http.Request) (any, error) { return nil, d.RemoveWebhook(acc(r), id(r)) },
		"POST " + hook + "/verify":     func(r *http.Request) (any, error) { return plain(d.Verify(r.Context(), acc(r), id(r))) },
		"POST " + hook + "/regenerate": func(r *http.Request) (any, error) { return plain(d.Regenerate(acc(r), id(r))) },
		"POST " + hook + "/rerun": with(func(r *http.Request, in past) (any, error) {
			return plain(d.Rerun(r.Context(), acc(r), id(r), in.Delivery))
		}),
	}
}
