package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/lever"
)

// rateItem is a token bucket as one number: the time until which the calls that
// were let pass use up the rate. A bucket that is full has a time that is over.
type rateItem struct {
	Key
	UsedUntil lever.Time `dynamodbav:"usedUntil"`
	TTL       int64      `dynamodbav:"ttl"`
}

func rateKey(connectionID string) Key { return ofConnection(connectionID, "RATE") }

// rateLife is how long the item of a connection is kept that makes no calls: an
// absent one is a full bucket.
const rateLife = Retention

// usedOn is the attribute that sums up, in milliseconds, what of the rate was used
// on a day in UTC.
func usedOn(at lever.Time) string { return usedPrefix + at.Time().UTC().Format(time.DateOnly) }

const usedPrefix = "used "

// Used is what of a connection's rate was used, by day in UTC ("2026-11-21").
func (t *Table) Used(ctx context.Context, connectionID string) (map[string]time.Duration, error) {
	item, err := read[map[string]any](ctx, t, rateKey(connectionID))
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("rate: %w", err)
	}
	days := map[string]time.Duration{}
	for name, value := range item {
		day, ok := strings.CutPrefix(name, usedPrefix)
		if ms, isNumber := value.(float64); ok && isNumber {
			days[day] = time.Duration(ms) * time.Millisecond
		}
	}
	return days, nil
}

// Use takes d of a connection's rate, if no more than ahead of it is used then. It
// gives the time until which the rate is used, and whether it was taken. known is
// that time as it was last given, zero where it was not: it saves a refusal, which
// costs as much as a write.
func (t *Table) Use(ctx context.Context, connectionID string, d, ahead time.Duration, known lever.Time) (until lever.Time, taken bool, err error) {
	now := t.now()
	used := known // a refusal tells what is so
	for range 8 {
		after, taken, err := t.use(ctx, connectionID, now, d, ahead, used <= now)
		if err != nil || taken {
			return after, taken, err
		}
		if used = after; used > now && used+millis(d) > now+millis(ahead) {
			break
		}
	}
	return used, false, nil
}

func millis(d time.Duration) lever.Time { return lever.Time(d.Milliseconds()) }

// use makes one update: of a full bucket, whose use begins now, or of one in use,
// which goes on. Where that is refused it gives what is used.
func (t *Table) use(ctx context.Context, connectionID string, now lever.Time, d, ahead time.Duration, full bool) (lever.Time, bool, error) {
	update, condition := "SET usedUntil = usedUntil + :d, #ttl = :ttl", "usedUntil > :now AND usedUntil <= :limit"
	values := map[string]any{":d": millis(d), ":now": now, ":limit": now + millis(ahead) - millis(d), ":ttl": t.expiry(rateLife)}
	if full {
		update, condition = "SET usedUntil = :until, #ttl = :ttl", "attribute_not_exists(pk) OR usedUntil <= :now"
		values = map[string]any{":until": now + millis(d), ":now": now, ":ttl": t.expiry(rateLife)}
	}
	// Counting costs nothing here: the item is written anyway.
	update, values[":used"] = update+" REMOVE #old ADD #today :used", millis(d)
	attributes, err := encode(values)
	if err != nil {
		return 0, false, err
	}
	out, err := t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: rateKey(connectionID).attributes(),
		UpdateExpression: aws.String(update), ConditionExpression: aws.String(condition),
		ExpressionAttributeNames:  map[string]string{"#ttl": "ttl", "#today": usedOn(now), "#old": usedOn(now - millis(Retention+24*time.Hour))},
		ExpressionAttributeValues: attributes,
		ReturnValues:              types.ReturnValueAllNew, ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) {
		there, err := decode[rateItem](refused.Item)
		return there.UsedUntil, false, err
	}
	if err != nil {
		return 0, false, fmt.Errorf("use rate: %w", err)
	}
	there, err := decode[rateItem](out.Attributes)
	return there.UsedUntil, true, err
}

// Slow has all calls of a connection wait until the time, at least.
func (t *Table) Slow(ctx context.Context, connectionID string, until lever.Time) error {
	values, err := encode(map[string]any{":until": until, ":ttl": t.expiry(rateLife)})
	if err != nil {
		return err
	}
	_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: rateKey(connectionID).attributes(),
		UpdateExpression:          aws.String("SET usedUntil = :until, #ttl = :ttl"),
		ConditionExpression:       aws.String("attribute_not_exists(pk) OR usedUntil < :until"),
		ExpressionAttributeNames:  map[string]string{"#ttl": "ttl"},
		ExpressionAttributeValues: values,
	})
	var refused *types.ConditionalCheckFailedException
	if err != nil && !errors.As(err, &refused) {
		return fmt.Errorf("slow down: %w", err)
	}
	return nil
}
