// Package secret reads secrets from Secrets Manager and keeps what they parse
// to in memory. A secret that is read on every event would cost more than
// everything else an event needs.
package secret

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// MaxAge is when a value that was read is due to be read again.
const MaxAge = 5 * time.Minute

// pause is the least time between two reads by Fresh, so that a secret store
// that is away does not cost every event a time-out.
const pause = 30 * time.Second

// Manager reads secrets.
type Manager struct {
	client *secretsmanager.Client
}

// New makes a Manager for the account of the configuration.
func New(cfg aws.Config) *Manager {
	return &Manager{client: secretsmanager.NewFromConfig(cfg)}
}

// Value is the current value of the secret with that name or ARN. An error
// names the secret, never its value.
func (m *Manager) Value(ctx context.Context, id string) (string, error) {
	out, err := m.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(id)})
	if err != nil {
		return "", fmt.Errorf("read secret %s: %w", id, err)
	}
	return aws.ToString(out.SecretString), nil
}

// Cached is what one secret parses to, read at most once at a time. It is safe
// for concurrent use.
type Cached[T any] struct {
	read  func(context.Context) (string, error)
	parse func(string) (T, error)
	now   func() time.Time

	mu       sync.Mutex
	value    T
	readAt   time.Time // zero until a value is there
	triedAt  time.Time
	forcedAt time.Time
}

// NewCached caches what parse makes of the secret's value. now is the clock;
// time.Now outside of tests.
func NewCached[T any](read func(context.Context) (string, error), parse func(string) (T, error), now func() time.Time) *Cached[T] {
	return &Cached[T]{read: read, parse: parse, now: now}
}

// Value is the cached value, however old; it is read where there is none.
func (c *Cached[T]) Value(ctx context.Context) (T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.readAt.IsZero() {
		return c.value, nil
	}
	return c.value, c.load(ctx)
}

// Fresh is the value, read again where it is older than MaxAge. When reading
// fails the old value serves on: a secret store that is away must not stop work
// that needs nothing new from it.
func (c *Cached[T]) Fresh(ctx context.Context) (T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	had := !c.readAt.IsZero()
	if had && (c.now().Sub(c.readAt) < MaxAge || c.now().Sub(c.triedAt) < pause) {
		return c.value, nil
	}
	if err := c.load(ctx); err != nil && !had {
		return c.value, err
	}
	return c.value, nil
}

// Stale reports whether the value is older than MaxAge, or not there.
func (c *Cached[T]) Stale() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now().Sub(c.readAt) >= MaxAge
}

// Reread reads the value again, however young it is, unless Reread did so within
// the last every. It reports whether it read.
func (c *Cached[T]) Reread(ctx context.Context, every time.Duration) (T, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.forcedAt.IsZero() && c.now().Sub(c.forcedAt) < every {
		return c.value, false, nil
	}
	c.forcedAt = c.now()
	err := c.load(ctx)
	return c.value, err == nil, err
}

func (c *Cached[T]) load(ctx context.Context) error {
	c.triedAt = c.now()
	raw, err := c.read(ctx)
	if err != nil {
		return err
	}
	value, err := c.parse(raw)
	if err != nil {
		return err
	}
	c.value, c.readAt = value, c.now()
	return nil
}
