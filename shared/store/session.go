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

// SignIn is a one-time link that lets a person sign in. ID is a digest of the
// secret in its address.
type SignIn struct {
	Key
	ID string `dynamodbav:"id"`
	Visitor
	ExpiresAt lever.Time `dynamodbav:"expiresAt"`
	// UsedAt is when somebody signed in with it, zero before.
	UsedAt lever.Time `dynamodbav:"usedAt"`
	TTL    int64      `dynamodbav:"ttl"`
}

// Session is a browser in which somebody is signed in. ID is a digest of its
// cookie.
type Session struct {
	Key
	ID string `dynamodbav:"id"`
	Visitor
	CreatedAt lever.Time `dynamodbav:"createdAt"`
	// IdleAt is when it ends unless something is done before, EndsAt when it ends
	// whatever is done.
	IdleAt lever.Time `dynamodbav:"idleAt"`
	EndsAt lever.Time `dynamodbav:"endsAt"`
	TTL    int64      `dynamodbav:"ttl"`
}

// Visitor is who signs in, as the partner's backend says, and to what.
type Visitor struct {
	// For names the pages that it opens: console or review.
	For     string `dynamodbav:"pages"`
	Partner string `dynamodbav:"partner"`
	// Connection is the only one that is shown, empty for all of the partner's.
	Connection string `dynamodbav:"connection,omitempty"`
	// Person is the name or the id that the trail has; Role is what they may do.
	Person string `dynamodbav:"person"`
	Role   string `dynamodbav:"role"`
}

func signInKey(id string) Key  { return Key{PK: "SIGNIN#" + id, SK: "SIGNIN"} }
func sessionKey(id string) Key { return Key{PK: "SESSION#" + id, SK: "SESSION"} }

// Trail is where the trail is of what is done to a partner as a whole: Audits and
// Audit take it in the place of a connection's id.
func Trail(partner string) string { return "partner:" + partner }

// PutSignIn writes a new link, with what the trail says of it.
func (t *Table) PutSignIn(ctx context.Context, s SignIn, a Audit) error {
	s.Key, s.TTL = signInKey(s.ID), s.ExpiresAt.Time().Add(keptAfter).Unix()
	return t.begin(ctx, s, a)
}

// SignIn reads a link. It fails with ErrNotFound.
func (t *Table) SignIn(ctx context.Context, id string) (SignIn, error) {
	return read[SignIn](ctx, t, signInKey(id))
}

// Enter takes a link for the one time that it counts, and writes the session that
// comes of it, with what the trail says. It fails with ErrMoved where the link was
// used or its time is over.
func (t *Table) Enter(ctx context.Context, signInID string, s Session, a Audit) error {
	s.Key, s.CreatedAt, s.TTL = sessionKey(s.ID), t.now(), s.EndsAt.Time().Unix()
	session, err := t.first(s)
	if err != nil {
		return err
	}
	values, err := encode(map[string]any{":zero": 0, ":now": t.now()})
	if err != nil {
		return err
	}
	step, err := t.audit(ctx, a)
	if err != nil {
		return err
	}
	return t.transact(ctx, step,
		types.TransactWriteItem{Put: session},
		types.TransactWriteItem{Update: &types.Update{
			TableName: &t.name, Key: signInKey(signInID).attributes(), UpdateExpression: aws.String("SET usedAt = :now"),
			ConditionExpression: aws.String("usedAt = :zero AND expiresAt > :now"), ExpressionAttributeValues: values,
		}})
}

// Session reads a session. It fails with ErrNotFound; whether it has ended is for
// the caller to compare.
func (t *Table) Session(ctx context.Context, id string) (Session, error) {
	return read[Session](ctx, t, sessionKey(id))
}

// KeepSession puts off the end of an idle session by d. One that was ended
// meanwhile stays so.
func (t *Table) KeepSession(ctx context.Context, id string, d time.Duration) error {
	values, err := encode(map[string]any{":idle": t.now() + millis(d)})
	if err != nil {
		return err
	}
	_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: sessionKey(id).attributes(), UpdateExpression: aws.String("SET idleAt = :idle"),
		ConditionExpression: aws.String("attribute_exists(pk)"), ExpressionAttributeValues: values,
	})
	var gone *types.ConditionalCheckFailedException
	if errors.As(err, &gone) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("keep session: %w", err)
	}
	return nil
}

// EndSession ends a session. One that is not there is ended.
func (t *Table) EndSession(ctx context.Context, id string) error {
	_, err := t.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &t.name, Key: sessionKey(id).attributes()})
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}
