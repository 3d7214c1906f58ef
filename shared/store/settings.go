package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/lever"
)

// Settings are what a customer chose, as one typed document of the partner's.
type Settings struct {
	Key
	Connection string `dynamodbav:"connection"`
	// Version counts what was applied, zero is nothing yet.
	Version   int64      `dynamodbav:"version"`
	ChangedAt lever.Time `dynamodbav:"changedAt"`
	// ChangedBy is who applied them: an actor of the audit trail.
	ChangedBy string `dynamodbav:"changedBy"`
	Sealed    []byte `dynamodbav:"sealed"`

	// Values is the document as JSON. It is sealed: it may name people.
	Values json.RawMessage `dynamodbav:"-"`
}

func settingsKey(connectionID string) Key { return ofConnection(connectionID, "SETTINGS") }

// Settings reads a connection's settings. Those that were never applied have
// version zero and no values.
func (t *Table) Settings(ctx context.Context, connectionID string) (Settings, error) {
	s, err := read[Settings](ctx, t, settingsKey(connectionID))
	if errors.Is(err, ErrNotFound) {
		return Settings{Connection: connectionID}, nil
	}
	if err != nil {
		return s, fmt.Errorf("settings: %w", err)
	}
	s.Values, err = t.vault.Open(ctx, s.Sealed, s.about(s.Version))
	return s, err
}

// PutSettings applies settings as a whole, with the version that was read. It
// gives them with their new version, or ErrMoved when somebody else has applied
// some meanwhile.
func (t *Table) PutSettings(ctx context.Context, s Settings) (Settings, error) {
	put, s, err := t.putSettings(ctx, s)
	if err != nil {
		return s, err
	}
	_, err = t.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: put.TableName, Item: put.Item,
		ConditionExpression: put.ConditionExpression, ExpressionAttributeValues: put.ExpressionAttributeValues,
	})
	var moved *types.ConditionalCheckFailedException
	if errors.As(err, &moved) {
		return s, t.appliedBefore(ctx, s)
	}
	return s, err
}

// putSettings is the write of settings in the place of s.Version, and the settings
// as they are then.
func (t *Table) putSettings(ctx context.Context, s Settings) (*types.Put, Settings, error) {
	before := s.Version
	s.Key, s.Version, s.ChangedAt = settingsKey(s.Connection), before+1, t.now()
	var err error
	if s.Sealed, err = t.vault.Seal(ctx, s.Values, s.about(s.Version)); err != nil {
		return nil, s, err
	}
	put, err := t.onto(s, "version", before)
	return put, s, err
}

// appliedBefore tells a condition that failed because the SDK repeated a call
// whose answer was lost from one that failed because somebody else was quicker.
func (t *Table) appliedBefore(ctx context.Context, s Settings) error {
	now, err := t.Settings(ctx, s.Connection)
	if err != nil {
		return err
	}
	if now.Version == s.Version && now.ChangedBy == s.ChangedBy && string(now.Values) == string(s.Values) {
		return nil
	}
	return ErrMoved
}
