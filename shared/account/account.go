// Package account gives a function the Lever account of a connection: the
// client, with the connection's own credential and nobody else's.
package account

import (
	"context"
	"errors"
	"net/http"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// Credentials reads a connection's credential; see store.Table.
type Credentials interface {
	Credential(ctx context.Context, connectionID string) (store.Credential, error)
}

// Accounts makes clients. It is safe for concurrent use.
type Accounts struct {
	credentials Credentials
	transport   http.RoundTripper
}

// New makes Accounts whose calls go through transport.
func New(credentials Credentials, transport http.RoundTripper) *Accounts {
	return &Accounts{credentials: credentials, transport: transport}
}

// Client is the client of a connection's account. A connection without a
// credential is one that was disconnected: its work is parked.
func (a *Accounts) Client(ctx context.Context, c store.Connection) (*lever.Client, error) {
	credential, err := a.credentials.Credential(ctx, c.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fault.Permanent("disconnected", err)
	}
	if err != nil {
		return nil, err
	}
	return lever.New(lever.Options{BaseURL: c.LeverURL, Auth: lever.APIKey(credential.APIKey), Transport: a.transport})
}
