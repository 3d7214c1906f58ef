package api

import (
	"net/http"
	"slices"
	"strings"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/oauth"
	"fulcrum/local/twin/tenant"
)

// credential is who calls: an API key, or an app with an account's consent.
type credential struct {
	// id names it in records, bucket is whose rate it uses.
	id, bucket   string
	account      string
	confidential bool
	// may reports whether an endpoint with this right and scope may be called.
	may func(right, scope string) bool
}

func unauthorized() *account.Error {
	return &account.Error{
		Status: http.StatusUnauthorized, Code: "UnauthorizedError", Message: "The request requires authentication.",
	}
}

// identify reads the Authorization header: Basic with the API key as user and
// an empty password, or a bearer token.
func (a *API) identify(r *http.Request) (credential, error) {
	if secret, password, ok := r.BasicAuth(); ok {
		return a.byKey(secret, password)
	}
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return credential{}, unauthorized()
	}
	access, ok, foreign := a.cfg.OAuth.Authenticate(token)
	switch {
	case foreign:
		return credential{}, account.Forbidden("Unable to find a signing key that matches the token.")
	case !ok:
		return credential{}, unauthorized()
	}
	return byToken(access), nil
}

func (a *API) byKey(secret, password string) (credential, error) {
	key, ok := a.cfg.Tenants.Key(secret)
	if !ok || password != "" {
		return credential{}, unauthorized()
	}
	return keyCredential(key), nil
}

func keyCredential(k tenant.Key) credential {
	return credential{
		id: k.ID, bucket: k.ID, account: k.Account, confidential: k.Confidential,
		may: func(right, _ string) bool { return k.May(right) },
	}
}

func byToken(t oauth.Access) credential {
	return credential{
		id: t.ClientID, bucket: t.Account + " " + t.ClientID, account: t.Account,
		confidential: slices.Contains(t.Scopes, "confidential:access:admin"),
		may:          func(_, scope string) bool { return oauth.Allows(t.Scopes, scope) },
	}
}
