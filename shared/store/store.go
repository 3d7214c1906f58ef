// Package store is the bundle's table in DynamoDB. Every item has a partition
// key pk and a sort key sk; n stands for a connection's id.
//
//	item        pk         sk                      written by           lives
//	connection  C#n        CONNECTION              connect              until erased
//	credential  C#n        CREDENTIAL              connect, refresh     until disconnected
//	settings    C#n        SETTINGS                connect              until disconnected
//	webhook     C#n        WEBHOOK#event           connect, sync        until disconnected
//	hold        C#n        HOLD#webhooks           connect              a minute
//	ending      C#n        ENDING                  connect, console     until disconnected
//	event       C#n        EVENT#id                sync, deliver        35 days
//	object      C#n        OBJECT#kind#lever id    sync                 until erased
//	delivery    C#n        DELIVERY#id             sync, deliver        35 days after its end
//	action      C#n        ACTION#id               partner's api, sync  35 days after its end
//	idempotency C#n        IDEMPOTENCY#hash        partner's api        30 days
//	import      C#n        IMPORT#id               sync                 until erased
//	attention   C#n        ATTENTION#id            whoever finds it     35 days after it is mended
//	window      C#n        WINDOW                  reconcile            until disconnected
//	report      C#n        REPORT#number           reconcile            35 days
//	mail        C#n        MAIL#key                whoever sends mail   400 days
//	letter      C#n        LETTER#about#name       sync                 35 days after its end
//	erasure     C#n        ERASURE#id              sync, reconcile      30 days after its end
//	tombstone   C#n        TOMBSTONE#hash          sync                 until erased
//	audit       C#n        AUDIT#time#id           connect              until erased
//	recovery    C#n        RECOVERY#id             connect, reconcile   35 days
//	rate        C#n        RATE                    whoever calls Lever  35 days
//	link        LINK#id    LINK                    connect              a day after its end
//	consent     CONSENT#id CONSENT                 connect              a day after its end
//	alert       ALERTS     reason#connection       reconcile            until it is over
//	sign-in     SIGNIN#id  SIGNIN                  console, a partner's api  a day after its end
//	session     SESSION#id SESSION                 console, a partner's api  half a day
//	figures     FIGURES    partner, connection     console              until counted anew
//	endpoint    ENDPOINTS  partner                 operator, deliver    until changed
//	API keys    APIKEYS    partner                 operator             until changed
//	shard       SHARDS     number                  connect              for good
//	change      SHARD#m    CHANGE#number           connect, sync        until made, and a day
//
// Two indexes, both KEYS_ONLY and sparse, so that a change of an item's state
// costs them nothing:
//
//	timeline    tpk, tsk   a connection's events (C#n#EVENT), deliveries
//	                       (C#n#DELIVERY) and actions (C#n#ACTION) by time, and
//	                       a partner's connections (CONNECTIONS#partner)
//	due         dpk, dsk   what somebody has to look at by a time: events that
//	                       have not ended (DUE#event#shard), deliveries that have
//	                       not arrived (DUE#delivery#partner), actions
//	                       (DUE#action), imports (DUE#import), windows
//	                       (DUE#window#shard), letters (DUE#letter), credentials
//	                       (DUE#credential), lost connections whose contacts are
//	                       not told (DUE#untold), connections that are to be
//	                       disconnected (DUE#ending), recoveries (DUE#recovery),
//	                       erasures (DUE#erasure); and what is parked, by its
//	                       reason (PARKED#n)
//
// Personal data and secrets are in attributes named sealed, encrypted by the
// function before they are written (package vault), with the item's key as
// additional data. Expiry by ttl is a broom, never a rule: whoever reads an item
// whose time is over finds none.
package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/lever"
	"fulcrum/shared/vault"
)

// Retention is how long events and deliveries are kept.
const Retention = 35 * 24 * time.Hour

var (
	// ErrNotFound says that the table has no such item.
	ErrNotFound = errors.New("not in the table")
	// ErrMoved says that an item is no longer as it was read: somebody else was
	// quicker. What was read before must be read again.
	ErrMoved = errors.New("item changed meanwhile")
)

// Table reads and writes the items. It is safe for concurrent use.
type Table struct {
	db    *dynamodb.Client
	name  string
	vault *vault.Vault
	clock func() time.Time
}

// New makes a Table over the table with that name. now is the clock.
func New(cfg aws.Config, name string, v *vault.Vault, now func() time.Time) *Table {
	return &Table{db: dynamodb.NewFromConfig(cfg), name: name, vault: v, clock: now}
}

// Key is an item's place. Items embed it.
type Key struct {
	PK string `dynamodbav:"pk"`
	SK string `dynamodbav:"sk"`
}

func (k Key) attributes() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: k.PK},
		"sk": &types.AttributeValueMemberS{Value: k.SK},
	}
}

// about is what a sealed attribute of the item is bound to.
func (k Key) about(version int64) string { return fmt.Sprintf("%s/%s/%d", k.PK, k.SK, version) }

// connection is the id of the connection that the item belongs to.
func (k Key) connection() string { return strings.TrimPrefix(k.PK, "C#") }

func ofConnection(id, sk string) Key { return Key{PK: "C#" + id, SK: sk} }

// now is the time as items have it: in Unix milliseconds, as Lever's times are,
// so that conditions compare numbers.
func (t *Table) now() lever.Time { return lever.At(t.clock()) }

// expiry is the ttl of an item that ends being of use after d.
func (t *Table) expiry(d time.Duration) int64 { return t.clock().Add(d).Unix() }

// read gets one item, as it is now and not as it was some moments ago.
func read[T any](ctx context.Context, t *Table, k Key) (T, error) {
	var item T
	out, err := t.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.name, Key: k.attributes(), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return item, fmt.Errorf("read item: %w", err)
	}
	if out.Item == nil || t.over(out.Item) {
		return item, ErrNotFound
	}
	return decode[T](out.Item)
}

// over reports whether an item's time is over. DynamoDB takes such items away days
// later (AWS: "How TTL works"); until then nobody sees them.
func (t *Table) over(item map[string]types.AttributeValue) bool {
	n, ok := item["ttl"].(*types.AttributeValueMemberN)
	if !ok {
		return false
	}
	ttl, err := strconv.ParseInt(n.Value, 10, 64)
	return err == nil && ttl <= t.clock().Unix()
}

func decode[T any](attributes map[string]types.AttributeValue) (T, error) {
	var item T
	if err := attributevalue.UnmarshalMap(attributes, &item); err != nil {
		return item, fmt.Errorf("decode item: %w", err)
	}
	return item, nil
}

func encode(item any) (map[string]types.AttributeValue, error) {
	attributes, err := attributevalue.MarshalMap(item)
	if err != nil {
		return nil, fmt.Errorf("encode item: %w", err)
	}
	return attributes, nil
}

// put writes an item whatever was there.
func (t *Table) put(ctx context.Context, item any) error {
	attributes, err := encode(item)
	if err != nil {
		return err
	}
	_, err = t.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &t.name, Item: attributes})
	if err != nil {
		return fmt.Errorf("write item: %w", err)
	}
	return nil
}

// first writes an item, in a transaction, that nobody may have written before.
func (t *Table) first(item any) (*types.Put, error) {
	attributes, err := encode(item)
	return &types.Put{TableName: &t.name, Item: attributes, ConditionExpression: aws.String("attribute_not_exists(pk)")}, err
}

// onto writes an item, in a transaction, whose counter has to be as it was before;
// zero is that there was none.
func (t *Table) onto(item any, counter string, before int64) (*types.Put, error) {
	put, err := t.first(item)
	if err == nil && before > 0 {
		put.ConditionExpression = aws.String(counter + " = :before")
		put.ExpressionAttributeValues, err = encode(map[string]any{":before": before})
	}
	return put, err
}

// unless is nil for an error of type E, and names the step of any other.
func unless[E error](err error, step string) error {
	var expected E
	if err == nil || errors.As(err, &expected) {
		return nil
	}
	return fmt.Errorf("%s: %w", step, err)
}
