// Package secretsmanager is the Secrets Manager of the embedded AWS: secrets with
// versions and staging labels, idempotency by request token, and deletion with a
// recovery window. Nothing is encrypted; a KMS key id is only remembered. There
// is no rotation, replication or resource policy.
package secretsmanager

import (
	"context"
	"net/http"
	"sync"
	"time"

	"fulcrum/local/aws/wire"
	"fulcrum/local/keep"
)

// Options are what a Service needs; all must be set.
type Options struct {
	Region, Account string
	Now             func() time.Time
	Store           *keep.Store
}

// Service answers the calls to Secrets Manager. It is safe for concurrent use.
type Service struct {
	options Options
	actions map[string]action

	mu      sync.Mutex
	secrets map[string]*secret // by name
}

type action func(c *wire.Call) (any, error)

// New loads the secrets that the store has.
func New(o Options) (*Service, error) {
	s := &Service{options: o, secrets: map[string]*secret{}}
	s.actions = map[string]action{
		"CreateSecret":             within(s, (*tx).create),
		"ListSecrets":              within(s, (*tx).list),
		"BatchGetSecretValue":      within(s, (*tx).batchValue),
		"DeleteSecret":             within(s, (*tx).remove),
		"GetSecretValue":           onSecret(s, (*tx).value),
		"PutSecretValue":           onSecret(s, (*tx).putValue),
		"UpdateSecret":             onSecret(s, (*tx).update),
		"UpdateSecretVersionStage": onSecret(s, (*tx).moveStage),
		"DescribeSecret":           onSecret(s, (*tx).describe),
		"RestoreSecret":            onSecret(s, (*tx).restore),
		"TagResource":              onSecret(s, (*tx).tag),
	}
	return s, s.load()
}

// Do applies one call.
func (s *Service) Do(_ context.Context, c *wire.Call) (any, error) {
	act, ok := s.actions[c.Action]
	if !ok {
		return nil, wire.NotSupported("Secrets Manager " + c.Action)
	}
	return act(c)
}

// tx is one hold of the service: nobody else acts while it lasts, and what it
// changes is saved in one piece before anybody hears of it.
type tx struct {
	*Service
	call    *wire.Call
	now     time.Time
	changes []keep.Change
	err     error // of encoding a change
}

func (s *Service) hold(c *wire.Call, f func(*tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &tx{Service: s, call: c, now: s.options.Now()}
	t.expire()
	err := f(t)
	if t.err == nil {
		t.err = s.options.Store.Save(t.changes...)
	}
	if t.err != nil {
		return &wire.Error{Code: "InternalServiceError", Message: t.err.Error(), Status: http.StatusInternalServerError}
	}
	return err
}

// within is the action that reads its input and runs f in a tx.
func within[In any](s *Service, f func(*tx, In) (any, error)) action {
	return func(c *wire.Call) (answer any, err error) {
		var in In
		if err := c.Input(&in); err != nil {
			return nil, err
		}
		err = s.hold(c, func(t *tx) (err error) {
			answer, err = f(t, in)
			return err
		})
		return answer, err
	}
}

// target is the part of an input that names the secret: by its name, its ARN, or
// its ARN without the six characters at the end.
type target struct {
	SecretID string `json:"SecretId"`
}

func (t target) id() string { return t.SecretID }

// onSecret is within for an action on one secret, which may be marked for
// deletion.
func onSecret[In interface{ id() string }](s *Service, f func(*tx, *secret, In) (any, error)) action {
	return within(s, func(t *tx, in In) (any, error) {
		found := t.find(in.id())
		if found == nil {
			return nil, notFound("Secrets Manager can't find the specified secret.")
		}
		t.call.Resource = found.ARN
		return f(t, found, in)
	})
}

func notFound(format string, args ...any) error {
	return wire.Errorf("ResourceNotFoundException", format, args...)
}

func invalidParameter(format string, args ...any) error {
	return wire.Errorf("InvalidParameterException", format, args...)
}

func invalidRequest(format string, args ...any) error {
	return wire.Errorf("InvalidRequestException", format, args...)
}

// invalidMember is the answer of the check that comes before the service: a
// member is too long, too short, or of the wrong characters.
func invalidMember(format string, args ...any) error {
	return wire.Errorf("ValidationException", format, args...)
}
