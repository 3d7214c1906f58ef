package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/lever"
)

// mailLife is longer than anything waits of which a mail tells.
const mailLife = 400 * 24 * time.Hour

// ErrClaimed says that somebody is about to send a mail: whether they did is not known
// yet. Ask again in a few minutes.
var ErrClaimed = errors.New("somebody is about to send the mail")

// mailItem notes that a mail was sent, or is about to be. It has nothing of what
// the mail says, or to whom.
type mailItem struct {
	Key
	// Claim is a random word of whoever is about to send; absent after a release.
	// Claims is how many there were that nobody has released.
	Claim     string     `dynamodbav:"claim,omitempty"`
	Claims    int        `dynamodbav:"claims"`
	ClaimedAt lever.Time `dynamodbav:"claimedAt"`
	// MessageID is SES's. A claim without it, some minutes old, is of a mail of
	// which nobody knows whether it was sent.
	MessageID string `dynamodbav:"messageId,omitempty"`
	TTL       int64  `dynamodbav:"ttl"`
}

// Mails notes the mails of one connection, as package mail wants its Ledger. As with a
// letter's copies, one of which nobody knows whether it was sent is sent again.
type Mails struct {
	table      *Table
	connection string
}

// Mails is the ledger of a connection's mails.
func (t *Table) Mails(connectionID string) *Mails { return &Mails{table: t, connection: connectionID} }

func (m *Mails) key(key string) Key { return ofConnection(m.connection, "MAIL#"+key) }

// Claim notes that the mail of that key is about to be sent. It is false where it was
// sent, or was claimed as often as may be. It fails with ErrClaimed while somebody else
// may be sending it.
func (m *Mails) Claim(ctx context.Context, key string) (bool, error) {
	claim, now := rand.Text(), m.table.now()
	err := m.update(ctx, key, "SET claim = :claim, claimedAt = :now, #ttl = :ttl ADD claims :one",
		"attribute_not_exists(claim) OR (attribute_not_exists(messageId) AND claims < :most AND claimedAt < :stale)",
		map[string]any{":claim": claim, ":now": now, ":ttl": m.table.expiry(mailLife), ":one": 1, ":most": MaxClaims, ":stale": now - millis(claimLife)})
	var refused *types.ConditionalCheckFailedException
	if !errors.As(err, &refused) {
		return err == nil, err
	}
	there, err := decode[mailItem](refused.Item)
	switch {
	case err != nil || there.Claim == claim: // the SDK repeats an update whose answer was lost
		return err == nil, err
	case there.MessageID == "" && there.ClaimedAt >= now-millis(claimLife):
		return false, ErrClaimed
	}
	return false, nil
}

// Sent adds SES's id of the mail.
func (m *Mails) Sent(ctx context.Context, key, id string) error {
	return m.update(ctx, key, "SET messageId = :id, #ttl = :ttl", "attribute_exists(claim)",
		map[string]any{":id": id, ":ttl": m.table.expiry(mailLife)})
}

// Release takes a claim back. That of a mail that was sent stays.
func (m *Mails) Release(ctx context.Context, key string) error {
	err := m.update(ctx, key, "REMOVE claim SET #ttl = :ttl ADD claims :back", "attribute_exists(claim) AND attribute_not_exists(messageId)",
		map[string]any{":ttl": m.table.expiry(mailLife), ":back": -1})
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) {
		return nil
	}
	return err
}

func (m *Mails) update(ctx context.Context, key, update, condition string, values map[string]any) error {
	attributes, err := encode(values)
	if err != nil {
		return err
	}
	_, err = m.table.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &m.table.name, Key: m.key(key).attributes(),
		UpdateExpression: aws.String(update), ConditionExpression: aws.String(condition),
		ExpressionAttributeNames: map[string]string{"#ttl": "ttl"}, ExpressionAttributeValues: attributes,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if err != nil {
		return fmt.Errorf("note mail: %w", err)
	}
	return nil
}
