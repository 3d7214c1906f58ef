package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/lever"
)

// MaxAPIKeys is how many valid keys a partner may have: the one in use, and during
// a rotation the next one.
const MaxAPIKeys = 2

// ErrAPIKeys says that a partner has MaxAPIKeys valid keys already.
var ErrAPIKeys = errors.New("the partner has two valid keys; revoke one first")

// APIKey is a key of a partner's: its hash, never the key. See package apikey.
type APIKey struct {
	ID        string     `dynamodbav:"id"`
	Hash      string     `dynamodbav:"hash"` // SHA-256 in hex
	CreatedAt lever.Time `dynamodbav:"createdAt"`
	// RevokedAt is zero while the key is valid. A revoked one is kept for
	// Retention, so that its use can be told from that of an unknown key.
	RevokedAt lever.Time `dynamodbav:"revokedAt"`
}

// apiKeys are all keys of one partner, in one item, so that their number can be
// bounded and a look-up is one read.
type apiKeys struct {
	Key
	Partner string   `dynamodbav:"partner"`
	Version int64    `dynamodbav:"version"`
	Keys    []APIKey `dynamodbav:"keys"`
}

// APIKeys are a partner's keys, the oldest first; none where it has none.
func (t *Table) APIKeys(ctx context.Context, partner string) ([]APIKey, error) {
	all, err := t.apiKeys(ctx, partner)
	return all.Keys, err
}

func (t *Table) apiKeys(ctx context.Context, partner string) (apiKeys, error) {
	k := Key{PK: "APIKEYS", SK: partner}
	all, err := read[apiKeys](ctx, t, k)
	if errors.Is(err, ErrNotFound) {
		return apiKeys{Key: k, Partner: partner}, nil
	}
	if err != nil {
		return all, fmt.Errorf("API keys: %w", err)
	}
	return all, nil
}

// AddAPIKey adds a key, which is valid from now on. One that is there already
// stays as it is. It fails with ErrAPIKeys.
func (t *Table) AddAPIKey(ctx context.Context, partner string, k APIKey) error {
	return t.changeAPIKeys(ctx, partner, func(keys []APIKey) ([]APIKey, error) {
		if slices.ContainsFunc(keys, func(old APIKey) bool { return old.Hash == k.Hash }) {
			return keys, nil
		}
		valid := 0
		for _, old := range keys {
			if old.RevokedAt == 0 {
				valid++
			}
		}
		if valid >= MaxAPIKeys {
			return nil, ErrAPIKeys
		}
		k.CreatedAt, k.RevokedAt = t.now(), 0
		return append(keys, k), nil
	})
}

// RevokeAPIKey ends a key for good. It fails with ErrNotFound; one that was revoked
// before stays as it is.
func (t *Table) RevokeAPIKey(ctx context.Context, partner, id string) error {
	return t.changeAPIKeys(ctx, partner, func(keys []APIKey) ([]APIKey, error) {
		i := slices.IndexFunc(keys, func(k APIKey) bool { return k.ID == id })
		if i < 0 {
			return nil, ErrNotFound
		}
		if keys[i].RevokedAt == 0 {
			keys[i].RevokedAt = t.now()
		}
		return keys, nil
	})
}

// changeAPIKeys writes what change makes of a partner's keys, unless somebody else
// was quicker: then it fails with ErrMoved. What was revoked long ago drops out.
func (t *Table) changeAPIKeys(ctx context.Context, partner string, change func([]APIKey) ([]APIKey, error)) error {
	all, err := t.apiKeys(ctx, partner)
	if err != nil {
		return err
	}
	old := t.now() - millis(Retention)
	kept := slices.DeleteFunc(slices.Clone(all.Keys), func(k APIKey) bool { return k.RevokedAt != 0 && k.RevokedAt < old })
	changed, err := change(kept)
	if err != nil || slices.Equal(changed, all.Keys) {
		return err
	}
	values, err := encode(map[string]any{":before": all.Version})
	if err != nil {
		return err
	}
	all.Keys, all.Version = changed, all.Version+1
	item, err := encode(all)
	if err != nil {
		return err
	}
	_, err = t.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name, Item: item, ExpressionAttributeValues: values,
		ConditionExpression: aws.String("attribute_not_exists(pk) OR version = :before"),
	})
	return t.appliedAPIKeys(ctx, all, err)
}

// appliedAPIKeys tells a condition that failed because the SDK repeated a call
// whose answer was lost from one that failed because somebody else was quicker.
func (t *Table) appliedAPIKeys(ctx context.Context, want apiKeys, err error) error {
	var moved *types.ConditionalCheckFailedException
	if !errors.As(err, &moved) {
		return err
	}
	now, err := t.apiKeys(ctx, want.Partner)
	if err != nil {
		return err
	}
	if now.Version != want.Version || !slices.Equal(now.Keys, want.Keys) {
		return ErrMoved
	}
	return nil
}
