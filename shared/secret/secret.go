// Package secret reaches the secrets in Secrets Manager and keeps what they parse
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
	"golang.org/x/sync/semaphore"
)

// MaxAge is when a value that was read is due to be read again.
const MaxAge = 5 * time.Minute

// pause is the least time between two reads by Fresh, so that a secret store
// that is away does not cost every event a time-out.
const pause = 30 * time.Second

// Manager reads and writes secrets.
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
	// reading is held by who reads. It is no mutex: whoever waits for it stops
	// waiting with its context.
	reading *semaphore.Weighted

	mu sync.Mutex
	is state[T]
}

type state[T any] struct {
	value    T
	readAt   time.Time // zero until a value is there
	triedAt  time.Time
	forcedAt time.Time
}

// NewCached caches what parse makes of the secret's value. now is the clock;
// time.Now outside of tests.
func NewCached[T any](read func(context.Context) (string, error), parse func(string) (T, error), now func() time.Time) *Cached[T] {
	return &Cached[T]{read: read, parse: parse, now: now, reading: semaphore.NewWeighted(1)}
}

func (c *Cached[T]) state() state[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.is
}

// Value is the cached value, however old; it is read where there is none.
func (c *Cached[T]) Value(ctx context.Context) (T, error) {
	is, err := c.unless(ctx, func(is state[T]) bool { return !is.readAt.IsZero() })
	return is.value, err
}

// Fresh is the value, read again where it is older than MaxAge. When reading
// fails the old value serves on: a secret store that is away must not stop work
// that needs nothing new from it.
func (c *Cached[T]) Fresh(ctx context.Context) (T, error) {
	is, err := c.unless(ctx, func(is state[T]) bool {
		return !is.readAt.IsZero() && (c.now().Sub(is.readAt) < MaxAge || c.now().Sub(is.triedAt) < pause)
	})
	if !is.readAt.IsZero() {
		err = nil
	}
	return is.value, err
}

// Stale reports whether the value is older than MaxAge, or not there.
func (c *Cached[T]) Stale() bool { return c.now().Sub(c.state().readAt) >= MaxAge }

// Reread reads the value again, however young it is, unless Reread did so within
// the last every. It reports whether it read.
func (c *Cached[T]) Reread(ctx context.Context, every time.Duration) (T, bool, error) {
	if err := c.reading.Acquire(ctx, 1); err != nil {
		return c.state().value, false, err
	}
	defer c.reading.Release(1)
	if is := c.state(); !is.forcedAt.IsZero() && c.now().Sub(is.forcedAt) < every {
		return is.value, false, nil
	}
	c.set(func(is *state[T]) { is.forcedAt = c.now() })
	err := c.load(ctx)
	return c.state().value, err == nil, err
}

// unless reads the value unless good says that it need not be, now or once those
// who read have done so.
func (c *Cached[T]) unless(ctx context.Context, good func(state[T]) bool) (state[T], error) {
	if is := c.state(); good(is) {
		return is, nil
	}
	if err := c.reading.Acquire(ctx, 1); err != nil {
		return c.state(), err
	}
	defer c.reading.Release(1)
	if is := c.state(); good(is) {
		return is, nil
	}
	err := c.load(ctx)
	return c.state(), err
}

func (c *Cached[T]) set(change func(*state[T])) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.is)
}

func (c *Cached[T]) load(ctx context.Context) error {
	c.set(func(is *state[T]) { is.triedAt = c.now() })
	raw, err := c.read(ctx)
	if err != nil {
		return err
	}
	value, err := c.parse(raw)
	if err != nil {
		return err
	}
	c.set(func(is *state[T]) { is.value, is.readAt = value, c.now() })
	return nil
}
