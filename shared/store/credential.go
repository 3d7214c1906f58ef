package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/lever"
)

// Credential is what a connection calls Lever with: an API key, or the tokens of a
// consent.
type Credential struct {
	Key
	Connection string `dynamodbav:"connection"`
	// Version counts what was written; a renewal names the version it renews.
	Version int64 `dynamodbav:"version"`
	// ExpiresAt is when the access token ends, zero for an API key.
	ExpiresAt lever.Time `dynamodbav:"expiresAt"`
	// GrantedAt is when consent was given, RenewedAt when tokens were last new.
	GrantedAt lever.Time `dynamodbav:"grantedAt"`
	RenewedAt lever.Time `dynamodbav:"renewedAt"`
	// WarnedAt is when the partner was told that the consent is about to end.
	WarnedAt lever.Time `dynamodbav:"warnedAt"`
	// Holder may renew the tokens until HeldUntil; WrittenBy wrote this version.
	Holder    string     `dynamodbav:"holder,omitempty"`
	HeldUntil lever.Time `dynamodbav:"heldUntil"`
	WrittenBy string     `dynamodbav:"writtenBy,omitempty"`
	Sealed    []byte     `dynamodbav:"sealed"`
	DPK       string     `dynamodbav:"dpk,omitempty"`
	DSK       string     `dynamodbav:"dsk,omitempty"`

	Secret Secret `dynamodbav:"-"`
}

// Secret is what is sealed of a credential.
type Secret struct {
	APIKey  string `json:"apiKey,omitempty"`
	Access  string `json:"access,omitempty"`
	Refresh string `json:"refresh,omitempty"`
}

// dueCredentials is the partition of the index due that has the credentials by
// when somebody has to look at them.
const dueCredentials = "DUE#credential"

func credentialKey(connectionID string) Key { return ofConnection(connectionID, "CREDENTIAL") }

// Credential reads a connection's credential. It fails with ErrNotFound.
func (t *Table) Credential(ctx context.Context, connectionID string) (Credential, error) {
	c, err := read[Credential](ctx, t, credentialKey(connectionID))
	if err != nil {
		return c, fmt.Errorf("credential: %w", err)
	}
	return c, t.openCredential(ctx, &c)
}

func (t *Table) openCredential(ctx context.Context, c *Credential) error {
	if err := t.open(ctx, c.Sealed, c.about(c.Version), &c.Secret); err != nil {
		return fmt.Errorf("credential: %w", err)
	}
	return nil
}

// PutCredential writes a connection's credential in the place of c.Version, zero
// for none. due is when somebody has to look at it, zero for never. It fails with
// ErrMoved when another version is there, and succeeds when that is this very
// write, whose answer was lost.
func (t *Table) PutCredential(ctx context.Context, c Credential, due lever.Time) error {
	put, err := t.putCredential(ctx, c, due)
	if err != nil {
		return err
	}
	_, err = t.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: put.TableName, Item: put.Item,
		ConditionExpression: put.ConditionExpression, ExpressionAttributeValues: put.ExpressionAttributeValues,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	c.Version++
	return t.unlessOurs(err, c)
}

// putCredential is the write of a credential in the place of c.Version.
func (t *Table) putCredential(ctx context.Context, c Credential, due lever.Time) (*types.Put, error) {
	before := c.Version
	c.Key, c.Version = credentialKey(c.Connection), before+1
	c.Holder, c.HeldUntil = "", 0
	c.DPK, c.DSK = "", ""
	if due != 0 {
		c.DPK, c.DSK = dueCredentials, stamp(due)+"#"+c.Connection
	}
	var err error
	if c.Sealed, err = t.seal(ctx, c.Secret, c.about(c.Version)); err != nil {
		return nil, err
	}
	return t.onto(c, "version", before)
}

// unlessOurs is ErrMoved for a refused write, and nil where the refusal is of a
// repeat of this very write.
func (t *Table) unlessOurs(err error, c Credential) error {
	var refused *types.ConditionalCheckFailedException
	if !errors.As(err, &refused) {
		if err != nil {
			return fmt.Errorf("write credential: %w", err)
		}
		return nil
	}
	there, err := decode[Credential](refused.Item)
	if err == nil && there.Version == c.Version && there.WrittenBy == c.WrittenBy && c.WrittenBy != "" {
		return nil
	}
	return ErrMoved
}

// HoldCredential gives holder the right to renew the credential for a while, and
// the credential as it is at that moment. It fails with ErrMoved when it is no
// longer of that version, or when another holds it.
func (t *Table) HoldCredential(ctx context.Context, c Credential, holder string, d time.Duration) (Credential, error) {
	now := t.now()
	values, err := encode(map[string]any{":version": c.Version, ":holder": holder, ":until": now + lever.Time(d.Milliseconds()), ":now": now})
	if err != nil {
		return c, err
	}
	out, err := t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: credentialKey(c.Connection).attributes(),
		UpdateExpression:          aws.String("SET holder = :holder, heldUntil = :until"),
		ConditionExpression:       aws.String("version = :version AND (heldUntil < :now OR holder = :holder)"),
		ExpressionAttributeValues: values,
		ReturnValues:              types.ReturnValueAllNew,
	})
	var refused *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &refused):
		return c, ErrMoved
	case err != nil:
		return c, fmt.Errorf("hold credential: %w", err)
	}
	held, err := decode[Credential](out.Attributes)
	if err != nil {
		return c, err
	}
	return held, t.openCredential(ctx, &held)
}

// DueCredentials are the connections at whose credential somebody has to look by
// now, the longest due first.
func (t *Table) DueCredentials(ctx context.Context) ([]string, error) {
	values, err := encode(map[string]any{":due": dueCredentials, ":now": stamp(t.now()) + "$"})
	if err != nil {
		return nil, err
	}
	var ids []string
	pages := dynamodb.NewQueryPaginator(t.db, &dynamodb.QueryInput{
		TableName: &t.name, IndexName: aws.String("due"),
		KeyConditionExpression: aws.String("dpk = :due AND dsk < :now"), ExpressionAttributeValues: values,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("due credentials: %w", err)
		}
		for _, item := range page.Items {
			k, err := decode[Key](item)
			if err != nil {
				return nil, err
			}
			ids = append(ids, k.connection())
		}
	}
	return ids, nil
}
