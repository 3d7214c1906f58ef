// Package connect is how a customer's Lever account comes to a partner, and how it
// leaves: connect links, consent or an API key, webhooks that are really on,
// settings, rotation, and the end. The partner's backend drives it by /v1, the
// customer's Super Admin by the pages under /connect; both do the same things.
//
// A connection's id is made of partner, environment and the partner's reference of
// the customer, so whoever connects the same customer again, or at the same
// moment, comes to the same connection. Nothing is kept before Lever has given a
// credential; from then on each step can be repeated, and the next visit goes on
// where the last one ended.
package connect

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"fulcrum/shared/alert"
	"fulcrum/shared/backfill"
	"fulcrum/shared/catalog"
	"fulcrum/shared/definition"
	"fulcrum/shared/frame"
	"fulcrum/shared/lever"
	"fulcrum/shared/oauth"
	"fulcrum/shared/rate"
	"fulcrum/shared/recovery"
	"fulcrum/shared/status"
	"fulcrum/shared/store"
	"fulcrum/shared/subscribe"
)

// Definitions gives a partner's definition.
type Definitions func(partner string) (definition.Definition, error)

// Clients makes the Lever client of a connection; see account.Accounts.
type Clients interface {
	Client(ctx context.Context, c store.Connection, class rate.Class) (*lever.Client, error)
}

// Apps are the partners' apps at Lever; see oauth.Apps.
type Apps interface {
	Client(ctx context.Context, partner, environment, callback string, scopes []string) (*oauth.Client, error)
}

// Keys writes signing tokens that nobody waits for; see signing.Writer.
type Keys interface {
	Sweep(ctx context.Context) error
}

// Parts are what a Setup is made of. All are needed but LeverURL and Public.
type Parts struct {
	Definitions Definitions
	Table       *store.Table
	Apps        Apps
	Clients     Clients
	Webhooks    *subscribe.Keeper
	Keys        Keys
	Recovery    *recovery.Runner
	Alerts      *alert.Alerts
	Imports     *backfill.Starter
	Returns     Returns
	Pages       *frame.Pages
	// LeverURL is the address of a Lever twin, empty for Lever itself; Transport is
	// what calls to it go through.
	LeverURL  string
	Transport http.RoundTripper
	// Public is the address under which Lever and browsers reach the gateway, with
	// no slash at its end. Where it is empty it is the one that was called.
	Public string
	// Now is the clock; Random makes a text that nobody can guess.
	Now    func() time.Time
	Random func() string
}

// Setup connects customers. It is safe for concurrent use.
type Setup struct {
	Parts
	// known are the customers' postings, which a page that is sent back needs again.
	known *catalog.Catalog
}

// New makes a Setup.
func New(p Parts) *Setup { return &Setup{Parts: p, known: catalog.New(p.Now)} }

// ConnectionID is the id of the connection of a customer, who is reference at the
// partner, in one of Lever's environments.
func ConnectionID(partner, environment, reference string) string {
	return "con_" + name(fmt.Sprintf("%q %q %q", partner, environment, reference))
}

// name is a short name of a text that says nothing of it.
func name(of string) string {
	sum := sha256.Sum256([]byte(of))
	return strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// digest is a secret as the table knows it.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// bearer makes requests those of a consent that is not kept yet.
type bearer string

func (b bearer) Authorize(_ context.Context, req *http.Request) error {
	req.Header.Set("Authorization", "Bearer "+string(b))
	return nil
}

func (bearer) Refused(context.Context, *http.Request) error { return errRefused }

// stranger is a client with a credential that belongs to no connection yet.
func (s *Setup) stranger(environment string, auth lever.Auth) (*lever.Client, error) {
	env, err := lever.EnvironmentOf(environment, s.LeverURL)
	if err != nil {
		return nil, err
	}
	return lever.New(lever.Options{BaseURL: env.API, Auth: auth, Transport: s.Transport})
}

// client is the client of a connection for what somebody waits for.
func (s *Setup) client(ctx context.Context, c store.Connection) (*lever.Client, error) {
	return s.Clients.Client(ctx, c, rate.Interactive)
}

// status derives how a connection is.
func (s *Setup) status(ctx context.Context, c store.Connection) (status.Status, error) {
	d, err := s.Definitions(c.Partner)
	if err != nil {
		return status.Status{}, err
	}
	return status.Read(ctx, s.Table, d, c)
}
