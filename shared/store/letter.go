package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
)

const (
	// MaxClaims is how often a mail is given to the post at most: once, and again where
	// nobody knows whether it went out.
	MaxClaims = 3
	// claimLife is longer than any function runs: a claim that is older and has no
	// proof belongs to one that died, or whose answer was lost.
	claimLife = 2 * time.Minute
	dueLetter = "DUE#letter"
)

// Letter is the intent of a mail. It is written in the transaction of the state
// that it comes from, so none is forgotten; who gets it is decided when it is due,
// and each of them has a copy of their own. It has no address and no text.
//
// Mail cannot be sent exactly once: SES knows no idempotency. A copy is claimed
// before it is sent and marked after; where the mark is missing it is sent again, two
// minutes later. So a crash costs one repeated copy at most, and a copy is lost only
// where MaxClaims in a row end without an answer.
type Letter struct {
	Key
	Connection string `dynamodbav:"connection"`
	Partner    string `dynamodbav:"partner"`
	// About is the id of what the letter is about, Name which letter it is. One
	// name about one thing is one letter.
	About string `dynamodbav:"about"`
	Name  string `dynamodbav:"name"`
	// Number tells a letter from an earlier one of the same name about the same
	// thing, which it takes the place of.
	Number int64      `dynamodbav:"number"`
	DueAt  lever.Time `dynamodbav:"dueAt"`
	// EndedAt is when nobody had to look at it any more, Outcome what became of it.
	EndedAt lever.Time   `dynamodbav:"endedAt"`
	Outcome fault.Reason `dynamodbav:"outcome,omitempty"`
	// Copies are those that were begun, by a key that names the recipient without
	// an address; see mail.Key.
	Copies map[string]Copy `dynamodbav:"copies"`
	DPK    string          `dynamodbav:"dpk,omitempty"`
	DSK    string          `dynamodbav:"dsk,omitempty"`
	TTL    int64           `dynamodbav:"ttl,omitempty"`
}

// Copy is one recipient's of a letter.
type Copy struct {
	Claims    int        `dynamodbav:"claims"`
	Claim     string     `dynamodbav:"claim"`
	ClaimedAt lever.Time `dynamodbav:"claimedAt"`
	// MessageID is the post's proof that it took the copy.
	MessageID string `dynamodbav:"messageId,omitempty"`
	// Refused says that the copy cannot be sent to this recipient.
	Refused bool `dynamodbav:"refused,omitempty"`
}

// Ended reports whether the copy is not sent any more as of a time.
func (c Copy) Ended(now lever.Time) bool {
	return c.MessageID != "" || c.Refused || c.Claims >= MaxClaims && c.stale(now)
}

func (c Copy) stale(now lever.Time) bool { return c.ClaimedAt+millis(claimLife) < now }

func letterKey(l Letter) Key { return ofConnection(l.Connection, "LETTER#"+l.About+"#"+l.Name) }

// Letters are a connection's letters, or those about one thing where about is not
// empty.
func (t *Table) Letters(ctx context.Context, connectionID, about string, p Paging) (Listed[Letter], error) {
	prefix := "LETTER#"
	if about != "" {
		prefix += about + "#"
	}
	return list[Letter](ctx, t, "C#"+connectionID, prefix, p)
}

// Letter reads a letter again. It fails with ErrNotFound.
func (t *Table) Letter(ctx context.Context, l Letter) (Letter, error) {
	now, err := read[Letter](ctx, t, letterKey(l))
	if err != nil {
		return now, fmt.Errorf("letter: %w", err)
	}
	return now, nil
}

// putLetter is the write of a new letter, in the place of an earlier one.
func (t *Table) putLetter(l Letter) (*types.Put, error) {
	l.Key, l.EndedAt, l.Outcome, l.Copies, l.TTL = letterKey(l), 0, "", map[string]Copy{}, 0
	l.DPK, l.DSK = dueLetter, stamp(l.DueAt)+"#"+l.Partner
	item, err := encode(l)
	if err != nil {
		return nil, err
	}
	return &types.Put{TableName: &t.name, Item: item}, nil
}

// AddLetter writes a letter that comes from no state of an object, unless there is
// one of the same number.
func (t *Table) AddLetter(ctx context.Context, l Letter) error {
	put, err := t.putLetter(l)
	if err != nil {
		return err
	}
	values, err := encode(map[string]any{":number": l.Number})
	if err != nil {
		return err
	}
	_, err = t.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: put.TableName, Item: put.Item, ExpressionAttributeValues: values,
		ConditionExpression: aws.String("attribute_not_exists(pk) OR #number <> :number"), ExpressionAttributeNames: map[string]string{"#number": "number"},
	})
	return unless[*types.ConditionalCheckFailedException](err, "add letter")
}

// EndLetter notes that a letter needs no more looking after. One that has taken its
// place meanwhile stays.
func (t *Table) EndLetter(ctx context.Context, l Letter, outcome fault.Reason) error {
	return t.changeLetter(ctx, l, "SET endedAt = :now, outcome = :outcome, #ttl = :ttl REMOVE dpk, dsk", map[string]any{
		":now": t.now(), ":outcome": outcome, ":ttl": t.expiry(Retention),
	}, map[string]string{"#ttl": "ttl"})
}

// RestLetter has a letter wait until something happens: the clock does not ask for
// it any more.
func (t *Table) RestLetter(ctx context.Context, l Letter) error {
	return t.changeLetter(ctx, l, "REMOVE dpk, dsk", map[string]any{}, map[string]string{})
}

func (t *Table) changeLetter(ctx context.Context, l Letter, update string, values map[string]any, names map[string]string) error {
	values[":number"], values[":due"], names["#number"] = l.Number, l.DueAt, "number"
	attributes, err := encode(values)
	if err != nil {
		return err
	}
	_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: letterKey(l).attributes(), UpdateExpression: &update,
		ConditionExpression: aws.String("#number = :number AND dueAt = :due"), ExpressionAttributeNames: names, ExpressionAttributeValues: attributes,
	})
	return unless[*types.ConditionalCheckFailedException](err, "change letter")
}

// DueLetter is a letter that is due and was not sent by whoever wrote it.
type DueLetter struct {
	Due
	Partner, About string
}

// DueLetters are letters that are due by a time, at most limit.
func (t *Table) DueLetters(ctx context.Context, by lever.Time, limit int) ([]DueLetter, error) {
	due, err := t.due(ctx, dueLetter, by, limit)
	if err != nil {
		return nil, err
	}
	var all []DueLetter
	for _, d := range due {
		_, partner, _ := strings.Cut(d.DSK, "#")
		about := strings.Split(d.SK, "#")[1]
		all = append(all, DueLetter{Due: d, Partner: partner, About: about})
	}
	return all, nil
}

// Copies notes the copies of one letter, as package mail wants its Ledger.
type Copies struct {
	table  *Table
	letter Letter
}

// Copies is the ledger of a letter as it was read.
func (t *Table) Copies(l Letter) *Copies { return &Copies{table: t, letter: l} }

// Claim notes that a copy is about to be sent. It is false where it has been, or
// somebody else is about to.
func (c *Copies) Claim(ctx context.Context, key string) (bool, error) {
	before, begun := c.letter.Copies[key]
	if begun && (before.Ended(c.table.now()) || !before.stale(c.table.now())) {
		return false, nil
	}
	claimed := Copy{Claims: before.Claims + 1, Claim: rand.Text(), ClaimedAt: c.table.now()}
	condition, values := "attribute_not_exists(copies.#key)", map[string]any{":copy": claimed}
	if begun {
		condition, values[":before"] = "copies.#key.claim = :before", before.Claim
	}
	err := c.update(ctx, key, "SET copies.#key = :copy", condition, values)
	var refused *types.ConditionalCheckFailedException
	if !errors.As(err, &refused) {
		return err == nil, err
	}
	// The SDK repeats an update whose answer was lost: the claim may be this one.
	there, err := decode[Letter](refused.Item)
	return there.Copies[key].Claim == claimed.Claim, err
}

// Sent adds the post's id of the copy.
func (c *Copies) Sent(ctx context.Context, key, id string) error {
	return c.update(ctx, key, "SET copies.#key.messageId = :id", "attribute_exists(copies.#key)", map[string]any{":id": id})
}

// Release takes the last claim back, of a copy that the post has certainly not
// taken.
func (c *Copies) Release(ctx context.Context, key string) error {
	return c.update(ctx, key, "SET copies.#key.claimedAt = :never, copies.#key.claims = copies.#key.claims - :one",
		"attribute_exists(copies.#key)", map[string]any{":never": 0, ":one": 1})
}

// Refuse notes that the copy cannot be sent to its recipient.
func (c *Copies) Refuse(ctx context.Context, key string) error {
	return c.update(ctx, key, "SET copies.#key = :copy", "attribute_exists(pk)", map[string]any{":copy": Copy{Refused: true, ClaimedAt: c.table.now()}})
}

func (c *Copies) update(ctx context.Context, key, update, condition string, values map[string]any) error {
	values[":number"] = c.letter.Number
	attributes, err := encode(values)
	if err != nil {
		return err
	}
	_, err = c.table.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &c.table.name, Key: letterKey(c.letter).attributes(), UpdateExpression: &update,
		ConditionExpression:       aws.String("#number = :number AND " + condition),
		ExpressionAttributeNames:  map[string]string{"#number": "number", "#key": key},
		ExpressionAttributeValues: attributes, ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if err != nil {
		return fmt.Errorf("note copy: %w", err)
	}
	return nil
}
