package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Connection is one customer of one partner, linked to one Lever account.
type Connection struct {
	Key
	ID        string    `dynamodbav:"id"`
	Partner   string    `dynamodbav:"partner"`
	Account   string    `dynamodbav:"account"`
	State     string    `dynamodbav:"state"`
	LeverURL  string    `dynamodbav:"leverUrl"`
	CreatedAt time.Time `dynamodbav:"createdAt"`
}

// Connection reads a connection. It fails with ErrNotFound.
func (t *Table) Connection(ctx context.Context, id string) (Connection, error) {
	c, err := read[Connection](ctx, t, ofConnection(id, "CONNECTION"))
	if err != nil {
		return c, fmt.Errorf("connection: %w", err)
	}
	return c, nil
}

// PutConnection writes a connection.
func (t *Table) PutConnection(ctx context.Context, c Connection) error {
	c.Key = ofConnection(c.ID, "CONNECTION")
	return t.put(ctx, c)
}

// Credential is what a connection calls Lever with.
type Credential struct {
	APIKey string `json:"apiKey,omitempty"`
}

type credentialItem struct {
	Key
	Version int64  `dynamodbav:"version"`
	Sealed  []byte `dynamodbav:"sealed"`
}

// Credential reads a connection's credential. It fails with ErrNotFound.
func (t *Table) Credential(ctx context.Context, connectionID string) (Credential, error) {
	var c Credential
	item, err := read[credentialItem](ctx, t, ofConnection(connectionID, "CREDENTIAL"))
	if err != nil {
		return c, fmt.Errorf("credential: %w", err)
	}
	return c, t.open(ctx, item.Sealed, item.about(item.Version), &c)
}

// PutCredential writes a connection's credential.
func (t *Table) PutCredential(ctx context.Context, connectionID string, c Credential) error {
	item := credentialItem{Key: ofConnection(connectionID, "CREDENTIAL"), Version: 1}
	var err error
	if item.Sealed, err = t.seal(ctx, c, item.about(item.Version)); err != nil {
		return err
	}
	return t.put(ctx, item)
}

// Endpoint is where a partner's deliveries go.
type Endpoint struct {
	URL string
	// Secrets sign the deliveries, newest first, each in the form whsec_….
	Secrets []string
}

type endpointItem struct {
	Key
	URL    string `dynamodbav:"url"`
	Sealed []byte `dynamodbav:"sealed"`
}

// Endpoint reads a partner's endpoint. It fails with ErrNotFound.
func (t *Table) Endpoint(ctx context.Context, partner string) (Endpoint, error) {
	item, err := read[endpointItem](ctx, t, Key{PK: "P#" + partner, SK: "ENDPOINT"})
	if err != nil {
		return Endpoint{}, fmt.Errorf("endpoint: %w", err)
	}
	e := Endpoint{URL: item.URL}
	return e, t.open(ctx, item.Sealed, item.about(0), &e.Secrets)
}

// PutEndpoint writes a partner's endpoint.
func (t *Table) PutEndpoint(ctx context.Context, partner string, e Endpoint) error {
	item := endpointItem{Key: Key{PK: "P#" + partner, SK: "ENDPOINT"}, URL: e.URL}
	var err error
	if item.Sealed, err = t.seal(ctx, e.Secrets, item.about(0)); err != nil {
		return err
	}
	return t.put(ctx, item)
}

func (t *Table) seal(ctx context.Context, v any, about string) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode what is to be sealed: %w", err)
	}
	return t.vault.Seal(ctx, plain, about)
}

func (t *Table) open(ctx context.Context, sealed []byte, about string, v any) error {
	plain, err := t.vault.Open(ctx, sealed, about)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("decode what was sealed: %w", err)
	}
	return nil
}
