package connect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fulcrum/shared/definition"
	"fulcrum/shared/lever"
	"fulcrum/shared/oauth"
	"fulcrum/shared/store"
)

// consentLife is how long a consent may be under way.
const consentLife = 10 * time.Minute

// Why a consent did not lead to a connection.
var (
	errForeign  = errors.New("the consent was begun elsewhere")
	errRepeated = errors.New("the consent was used before")
	errExpired  = errors.New("the consent's time is over")
	errDenied   = errors.New("access was denied in lever")
	errNoCode   = errors.New("lever sent neither a code nor a denial")
)

// missingScopes says which permissions a consent does not give.
type missingScopes []string

func (m missingScopes) Error() string { return fmt.Sprintf("%d scopes are missing", len(m)) }

// callback is where Lever sends the browser back to. Each environment has its own,
// so that an answer of one cannot be passed off as another's.
func callback(base, environment string) string { return base + "/connect/callback/" + environment }

// begin is the address at Lever where consent is given. State and verifier count
// once, for ten minutes, in the browser and for the link of whoever began.
func (s *Setup) begin(ctx context.Context, l store.Link, secret, base string, confidential bool) (string, error) {
	d, err := s.Definitions(l.Partner)
	if err != nil {
		return "", err
	}
	scopes := slices.Clone(d.Connect.Scopes)
	if confidential {
		scopes = append(scopes, more(d)...)
	}
	client, err := s.Apps.Client(ctx, l.Partner, l.Environment, callback(base, l.Environment), scopes)
	if err != nil {
		return "", err
	}
	state, verifier := s.Random()+s.Random(), oauth.NewVerifier()
	err = s.Table.PutConsent(ctx, store.Consent{
		ID: digest(state), Link: l.ID, Browser: l.Browser, Environment: l.Environment, Scopes: scopes,
		ExpiresAt: lever.At(s.Now().Add(consentLife)), Secret: store.ConsentSecret{Verifier: verifier, Link: secret},
	})
	return client.AuthorizeURL(state, verifier), err
}

// more are the scopes that a customer can give beyond those that are needed.
func more(d definition.Definition) []string {
	var all []string
	for _, setting := range d.Settings {
		if setting.Scope != "" && !slices.Contains(all, setting.Scope) {
			all = append(all, setting.Scope)
		}
	}
	return all
}

// back is what the browser brings back from Lever.
type back struct{ Environment, State, Code, Error, Browser, Base string }

// finish turns what a browser brings back into a connection. It gives the secret of
// the link to go on with, wherever that is known to be this browser's.
func (s *Setup) finish(ctx context.Context, b back) (secret string, err error) {
	consent, err := s.Table.Consent(ctx, digest(b.State))
	if errors.Is(err, store.ErrNotFound) || err == nil && (consent.Browser != b.Browser || consent.Environment != b.Environment) {
		return "", errForeign
	}
	if err != nil {
		return "", err
	}
	// From here on it is this browser's consent, and it counts once.
	used, err := s.Table.UseConsent(ctx, consent.ID)
	if errors.Is(err, store.ErrMoved) {
		return "", s.whyUsed(ctx, consent.ID)
	}
	if err != nil {
		return "", err
	}
	secret = used.Secret.Link
	l, err := s.link(ctx, secret, b.Browser)
	switch {
	case err != nil:
		return "", err
	case b.Error == "access_denied":
		return secret, errDenied
	case b.Code == "":
		return secret, errNoCode
	}
	return secret, s.exchange(ctx, l, used, b)
}

func (s *Setup) whyUsed(ctx context.Context, id string) error {
	consent, err := s.Table.Consent(ctx, id)
	if err == nil && consent.UsedAt == 0 {
		return errExpired
	}
	return errors.Join(errRepeated, err)
}

func (s *Setup) exchange(ctx context.Context, l store.Link, used store.Consent, b back) error {
	d, err := s.Definitions(l.Partner)
	if err != nil {
		return err
	}
	client, err := s.Apps.Client(ctx, l.Partner, l.Environment, callback(b.Base, l.Environment), used.Scopes)
	if err != nil {
		return err
	}
	tokens, err := client.Exchange(ctx, b.Code, used.Secret.Verifier)
	if errors.Is(err, oauth.ErrGone) {
		return errExpired
	}
	if err != nil {
		return err
	}
	if missing := oauth.Missing(d.Connect.Scopes, tokens.Scopes); len(missing) > 0 || tokens.Refresh == "" {
		return missingScopes(missing)
	}
	lever, err := s.stranger(l.Environment, bearer(tokens.Access))
	if err != nil {
		return err
	}
	return s.join(ctx, l, lever, granted{
		secret: store.Secret{Access: tokens.Access, Refresh: tokens.Refresh}, expiresAt: tokens.ExpiresAt,
		account: tokens.Account, scopes: tokens.Scopes,
	})
}
