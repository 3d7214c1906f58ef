package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/lever"
)

// Link is a connect link: for whom a partner's backend made it, and which browser
// has opened it. ID is a digest of the secret in its address.
type Link struct {
	Key
	ID         string `dynamodbav:"id"`
	Partner    string `dynamodbav:"partner"`
	Connection string `dynamodbav:"connection"`
	// Customer is the customer's name, Reference the partner's id of them.
	Customer    string `dynamodbav:"customer"`
	Reference   string `dynamodbav:"reference"`
	Environment string `dynamodbav:"environment"`
	// ReturnTo is where the browser goes at the end, empty for nowhere.
	ReturnTo  string     `dynamodbav:"returnTo,omitempty"`
	CreatedAt lever.Time `dynamodbav:"createdAt"`
	ExpiresAt lever.Time `dynamodbav:"expiresAt"`
	// Browser is a digest of the cookie of the browser that opened the link, empty
	// before.
	Browser  string     `dynamodbav:"browser,omitempty"`
	OpenedAt lever.Time `dynamodbav:"openedAt"`
	TTL      int64      `dynamodbav:"ttl"`
}

// Consent is a consent that is under way: what its state stands for. ID is a
// digest of the state.
type Consent struct {
	Key
	ID          string     `dynamodbav:"id"`
	Link        string     `dynamodbav:"link"`
	Browser     string     `dynamodbav:"browser"`
	Environment string     `dynamodbav:"environment"`
	Scopes      []string   `dynamodbav:"scopes"`
	ExpiresAt   lever.Time `dynamodbav:"expiresAt"`
	// UsedAt is when the browser came back with it, zero before.
	UsedAt lever.Time `dynamodbav:"usedAt"`
	Sealed []byte     `dynamodbav:"sealed"`
	TTL    int64      `dynamodbav:"ttl"`

	Secret ConsentSecret `dynamodbav:"-"`
}

// ConsentSecret is what is sealed of a consent: PKCE's verifier, and the secret of
// the link that the browser goes back to.
type ConsentSecret struct {
	Verifier string `json:"verifier"`
	Link     string `json:"link"`
}

// LinkLife is how long a connect link lives.
const LinkLife = 24 * time.Hour

// LinkID is the id of the link with that secret in its address.
func LinkID(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// keptAfter is how long links and consents are kept after their end, so that a
// page can say what became of them.
const keptAfter = 24 * time.Hour

func linkKey(id string) Key    { return Key{PK: "LINK#" + id, SK: "LINK"} }
func consentKey(id string) Key { return Key{PK: "CONSENT#" + id, SK: "CONSENT"} }

// PutLink writes a new link, with what the trail says of it.
func (t *Table) PutLink(ctx context.Context, l Link, a Audit) error {
	l.Key, l.CreatedAt = linkKey(l.ID), t.now()
	l.TTL = l.ExpiresAt.Time().Add(keptAfter).Unix()
	return t.begin(ctx, l, a)
}

// Link reads a link. It fails with ErrNotFound.
func (t *Table) Link(ctx context.Context, id string) (Link, error) {
	return read[Link](ctx, t, linkKey(id))
}

// OpenLink binds a link to a browser, with what the trail says of it. It fails
// with ErrMoved where another browser has opened it or its time is over; for the
// same browser it succeeds again.
func (t *Table) OpenLink(ctx context.Context, id, browser string, a Audit) error {
	values, err := encode(map[string]any{":browser": browser, ":now": t.now()})
	if err != nil {
		return err
	}
	step, err := t.audit(ctx, a)
	if err != nil {
		return err
	}
	return t.transact(ctx, step, types.TransactWriteItem{Update: &types.Update{
		TableName: &t.name, Key: linkKey(id).attributes(),
		UpdateExpression:          aws.String("SET browser = :browser, openedAt = :now"),
		ConditionExpression:       aws.String("attribute_exists(pk) AND expiresAt > :now AND (attribute_not_exists(browser) OR browser = :browser)"),
		ExpressionAttributeValues: values,
	}})
}

// PutConsent writes a new consent.
func (t *Table) PutConsent(ctx context.Context, c Consent) error {
	c.Key = consentKey(c.ID)
	c.TTL = c.ExpiresAt.Time().Add(keptAfter).Unix()
	var err error
	if c.Sealed, err = t.seal(ctx, c.Secret, c.about(0)); err != nil {
		return err
	}
	return t.put(ctx, c)
}

// Consent reads a consent. It fails with ErrNotFound.
func (t *Table) Consent(ctx context.Context, id string) (Consent, error) {
	return read[Consent](ctx, t, consentKey(id))
}

// UseConsent takes a consent for the one time that it counts, and gives it with
// its secret. It fails with ErrMoved where it was used or its time is over.
func (t *Table) UseConsent(ctx context.Context, id string) (Consent, error) {
	values, err := encode(map[string]any{":zero": 0, ":now": t.now()})
	if err != nil {
		return Consent{}, err
	}
	out, err := t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: consentKey(id).attributes(), UpdateExpression: aws.String("SET usedAt = :now"),
		ConditionExpression:       aws.String("usedAt = :zero AND expiresAt > :now"),
		ExpressionAttributeValues: values, ReturnValues: types.ReturnValueAllNew,
	})
	var refused *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &refused):
		return Consent{}, ErrMoved
	case err != nil:
		return Consent{}, fmt.Errorf("use consent: %w", err)
	}
	c, err := decode[Consent](out.Attributes)
	if err != nil {
		return c, err
	}
	return c, t.open(ctx, c.Sealed, c.about(0), &c.Secret)
}
