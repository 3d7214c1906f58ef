// Package ticket makes the secret part of links that stand in mails: whoever has
// the link may see one thing, for a while. A ticket is sealed under the keyset of
// the table (package vault), so nobody can make one, change one, or read from it
// what it opens; it is not kept anywhere, and so it cannot be used up or taken back
// before its time.
package ticket

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/secret"
	"fulcrum/shared/vault"
)

// Ticket is what one opens.
type Ticket struct {
	Connection string `json:"connection"`
	// About is the id of the thing.
	About string `json:"about"`
	// Until is when it ends.
	Until lever.Time `json:"until"`
}

// ErrInvalid says that a text is no ticket, or one that has ended.
var ErrInvalid = errors.New("no valid ticket")

// purpose is what the sealed tickets are bound to: nothing of the table can be
// passed off as one.
const purpose = "ticket"

// maxTicket is longer than any ticket, in characters.
const maxTicket = 1000

// Office issues tickets and reads them. It is safe for concurrent use.
type Office struct {
	vault *vault.Vault
	now   func() time.Time
}

// New makes an Office. now is the clock.
func New(v *vault.Vault, now func() time.Time) *Office { return &Office{vault: v, now: now} }

// FromEnv makes an Office from VAULT_SECRET, the secret with the keyset.
func FromEnv(env *boot.Env) *Office {
	secrets := secret.New(env.AWS("SECRETS_MANAGER", boot.Working))
	keyset := env.Need("VAULT_SECRET")
	return New(vault.New(func(ctx context.Context) (string, error) { return secrets.Value(ctx, keyset) }, time.Now), time.Now)
}

// Issue makes a ticket for a thing of a connection's that is valid for life. It
// consists of letters, digits, - and _.
func (o *Office) Issue(ctx context.Context, connectionID, about string, life time.Duration) (string, error) {
	text, err := json.Marshal(Ticket{Connection: connectionID, About: about, Until: lever.At(o.now().Add(life))})
	if err != nil {
		return "", fmt.Errorf("issue ticket: %w", err)
	}
	sealed, err := o.vault.Seal(ctx, text, purpose)
	if err != nil {
		return "", fmt.Errorf("issue ticket: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Read gives what a ticket opens. It fails with ErrInvalid.
func (o *Office) Read(ctx context.Context, text string) (Ticket, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(text) > maxTicket {
		return Ticket{}, ErrInvalid
	}
	plain, err := o.vault.Open(ctx, sealed, purpose)
	if errors.Is(err, vault.ErrSealed) {
		return Ticket{}, ErrInvalid
	}
	if err != nil {
		return Ticket{}, fmt.Errorf("read ticket: %w", err)
	}
	var t Ticket
	if err := json.Unmarshal(plain, &t); err != nil || t.Until <= lever.At(o.now()) {
		return Ticket{}, ErrInvalid
	}
	return t, nil
}
